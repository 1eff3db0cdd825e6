# SPDX-License-Identifier: Apache-2.0
add_executable(bench-isolation ${CMAKE_CURRENT_LIST_DIR}/bench-isolation.c)
target_link_libraries(bench-isolation PRIVATE vg_flags vigie_core vigie_os_xml)
