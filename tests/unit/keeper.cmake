vg_unit(test-keeper SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-keeper.c LINKS vigie_keeper)
