vg_unit(test-key-change SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-key-change.c
        LINKS vigie_store vigie_os)
