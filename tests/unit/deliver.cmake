vg_unit(test-audience SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-audience.c LINKS vigie_deliver)
vg_unit(test-egress SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-egress.c LINKS vigie_deliver)
vg_unit(test-lane SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-lane.c LINKS vigie_deliver)
