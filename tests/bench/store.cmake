add_executable(bench-store ${CMAKE_CURRENT_LIST_DIR}/bench-store.c)
target_link_libraries(bench-store PRIVATE vg_flags vigie_store vigie_os PkgConfig::SQLITE)
