# SPDX-License-Identifier: Apache-2.0
foreach(source alert notify signal state tell text turn watch watch-bill watch-deadlines
        watch-forecast watch-term watch-usage)
  list(APPEND CORE_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${source}.c)
endforeach()
