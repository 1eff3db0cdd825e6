# SPDX-License-Identifier: Apache-2.0
foreach(source errors forecast model shape spending stats)
  list(APPEND CORE_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${source}.c)
endforeach()
