vg_unit(test-closed SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-closed.c LINKS vigie_core vigie_os)
