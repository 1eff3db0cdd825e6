# SPDX-License-Identifier: Apache-2.0
foreach(name test-book test-book-hostile test-meter test-tenant test-usage)
  vg_unit(${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c LINKS vigie_core)
endforeach()
