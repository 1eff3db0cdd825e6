# SPDX-License-Identifier: Apache-2.0
foreach(source hours service)
  list(APPEND CORE_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${source}.c)
endforeach()
