foreach(name test-fault test-fault-words)
  vg_unit(${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c LINKS vigie_core)
endforeach()
