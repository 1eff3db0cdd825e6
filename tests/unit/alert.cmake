vg_unit(test-alert SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-alert.c LINKS vigie_core vigie_os)
