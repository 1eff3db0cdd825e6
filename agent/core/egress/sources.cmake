# SPDX-License-Identifier: Apache-2.0
list(APPEND CORE_SOURCES ${CMAKE_CURRENT_LIST_DIR}/egress.c)
