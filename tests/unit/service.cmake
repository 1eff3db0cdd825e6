vg_unit(test-service SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-service.c LINKS vigie_core vigie_os)
