vg_unit(test-fault-words SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-fault-words.c LINKS vigie_core)
