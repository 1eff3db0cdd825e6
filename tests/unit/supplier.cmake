vg_unit(test-cosignature SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-cosignature.c LINKS vigie_store)
