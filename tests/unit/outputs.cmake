vg_unit(test-closed SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-closed.c LINKS vigie_core vigie_os)
vg_unit(test-unrecorded SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-unrecorded.c LINKS vigie_core)
