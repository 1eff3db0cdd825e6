vg_unit(test-sources SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-sources.c LINKS vigie_hardware)
