vg_unit(test-contract SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-contract.c LINKS vigie_core vigie_os)
vg_unit(test-contract-values SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-contract-values.c
        LINKS vigie_core vigie_os)
