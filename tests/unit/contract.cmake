vg_unit(test-contract SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-contract.c LINKS vigie_core vigie_os)
vg_unit(test-contract-values SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-contract-values.c
        LINKS vigie_core vigie_os)
vg_unit(test-holiday SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-holiday.c LINKS vigie_core)
vg_unit(test-succession SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-succession.c LINKS vigie_core vigie_os)
vg_unit(test-fact SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-fact.c LINKS vigie_core vigie_os)
vg_unit(test-inventory SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-inventory.c LINKS vigie_core vigie_os)
vg_unit(test-merge SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-merge.c LINKS vigie_core)
