list(APPEND CORE_SOURCES
  ${CMAKE_CURRENT_SOURCE_DIR}/ledger/base64.c
  ${CMAKE_CURRENT_SOURCE_DIR}/ledger/checkpoint.c
  ${CMAKE_CURRENT_SOURCE_DIR}/ledger/cosignature.c
  ${CMAKE_CURRENT_SOURCE_DIR}/ledger/heartbeat.c
  ${CMAKE_CURRENT_SOURCE_DIR}/ledger/key-text.c
  ${CMAKE_CURRENT_SOURCE_DIR}/ledger/proof.c
  ${CMAKE_CURRENT_SOURCE_DIR}/ledger/record.c
  ${CMAKE_CURRENT_SOURCE_DIR}/ledger/slice.c
  ${CMAKE_CURRENT_SOURCE_DIR}/ledger/tree.c)
