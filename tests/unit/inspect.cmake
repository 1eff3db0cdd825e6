vg_unit(test-image SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-image.c LINKS vigie_inspect)
