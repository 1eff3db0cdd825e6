# SPDX-License-Identifier: Apache-2.0
add_executable(bench-rate ${CMAKE_CURRENT_LIST_DIR}/bench-rate.c)
target_link_libraries(bench-rate PRIVATE vg_flags vigie_core vigie_os)
target_compile_definitions(bench-rate PRIVATE VIGIE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
