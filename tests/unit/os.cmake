vg_unit(test-os SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-os.c LINKS vigie_os)
