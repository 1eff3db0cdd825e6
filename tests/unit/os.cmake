foreach(name test-os test-start)
  vg_unit(${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c LINKS vigie_os)
endforeach()
