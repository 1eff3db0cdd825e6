# SPDX-License-Identifier: Apache-2.0
add_executable(bench-book ${CMAKE_CURRENT_LIST_DIR}/bench-book.c)
target_link_libraries(bench-book PRIVATE vg_flags vigie_core)
