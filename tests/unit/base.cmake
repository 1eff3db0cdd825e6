vg_unit(test-base SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-base.c LINKS vigie_base)
