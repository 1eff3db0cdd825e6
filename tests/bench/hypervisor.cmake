add_executable(bare-bulk ${CMAKE_CURRENT_LIST_DIR}/bare-bulk.c)
target_link_libraries(bare-bulk PRIVATE vg_flags PkgConfig::LIBVIRT)
