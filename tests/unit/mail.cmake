vg_unit(test-heartbeat SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-heartbeat.c LINKS vigie_store)
