vg_unit(test-image SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-image.c LINKS vigie_inspect)
vg_unit(test-evidence SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-evidence.c LINKS vigie_os)
vg_unit(test-guard SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-guard.c LINKS vigie_inspect)
vg_unit(test-filters SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-filters.c LINKS vigie_inspect)
