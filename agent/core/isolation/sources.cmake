# SPDX-License-Identifier: Apache-2.0
foreach(source catalogue)
  list(APPEND CORE_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${source}.c)
endforeach()
