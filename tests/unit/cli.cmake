vg_unit(test-cli SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-cli.c LINKS vigie_cli)

# What the edge tests of the command make their ledgers with.
add_executable(make-ledger ${CMAKE_CURRENT_LIST_DIR}/../edge/make-ledger.c)
target_link_libraries(make-ledger PRIVATE vg_flags vigie_store vigie_os)
