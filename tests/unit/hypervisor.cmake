vg_unit(test-domxml SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-domxml.c LINKS vigie_hypervisor)
vg_unit(test-kernel SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-kernel.c LINKS vigie_hypervisor)
vg_unit(test-devices SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-devices.c LINKS vigie_hypervisor)
vg_unit(test-pace SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-pace.c LINKS vigie_hypervisor)
