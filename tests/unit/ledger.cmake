vg_unit(test-ledger SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-ledger.c LINKS vigie_store vigie_os)
vg_unit(test-ledger-kill SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-ledger-kill.c
        LINKS vigie_store vigie_os)
vg_unit(test-rebuild SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-rebuild.c
        LINKS vigie_store vigie_os PkgConfig::SQLITE)
vg_unit(test-store SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-store.c LINKS vigie_store vigie_os)
vg_unit(test-telling SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-telling.c
        LINKS vigie_store vigie_os PkgConfig::SQLITE)
vg_unit(test-verify SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-verify.c
        LINKS vigie_store vigie_os PkgConfig::SQLITE)
find_package(Python3 3.9 COMPONENTS Interpreter)
if(Python3_FOUND)
  add_test(NAME golden COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/check-golden
           ${CMAKE_SOURCE_DIR}/tests/data/ledger/golden)
endif()
# Not a test: makes ledgers for those of tests/edge.
add_executable(make-history ${CMAKE_CURRENT_LIST_DIR}/make-history.c)
target_link_libraries(make-history PRIVATE vg_flags vigie_store vigie_os PkgConfig::CMOCKA)
