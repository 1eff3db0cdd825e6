# SPDX-License-Identifier: Apache-2.0
foreach(source book claim judge rollup round round-json save settle shapes show silence slot unit words)
  list(APPEND CORE_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${source}.c)
endforeach()
