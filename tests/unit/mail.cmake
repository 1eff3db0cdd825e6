vg_unit(test-heartbeat SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-heartbeat.c LINKS vigie_store)
vg_unit(test-mail SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-mail.c LINKS vigie_deliver)
vg_unit(test-mail-streams SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-mail-streams.c LINKS vigie_deliver)
vg_unit(test-mime SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-mime.c LINKS vigie_deliver)
