foreach(name test-alert test-alert-codes test-notify)
  vg_unit(${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c LINKS vigie_core vigie_os)
endforeach()
