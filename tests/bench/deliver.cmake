add_executable(bench-deliver ${CMAKE_CURRENT_LIST_DIR}/bench-deliver.c)
target_link_libraries(bench-deliver PRIVATE vg_flags vigie_deliver)
