foreach(name test-fault test-fault-words)
  vg_unit(${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c LINKS vigie_core)
endforeach()

# The rules over captures: our own, and the corpus where VIGIE_CORPUS names it.
find_package(Python3 3.9 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET vigie)
  foreach(which own corpus)
    add_test(NAME hardware-${which} COMMAND Python3::Interpreter
             ${CMAKE_CURRENT_LIST_DIR}/check-hardware $<TARGET_FILE:vigie> ${which})
    set_tests_properties(hardware-${which} PROPERTIES SKIP_RETURN_CODE 77)
  endforeach()
endif()
