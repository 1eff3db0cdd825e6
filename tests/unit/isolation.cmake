# SPDX-License-Identifier: Apache-2.0
find_package(Python3 3.9 COMPONENTS Interpreter)
add_executable(read-isolation-corpus ${CMAKE_CURRENT_LIST_DIR}/read-isolation-corpus.c)
target_link_libraries(read-isolation-corpus PRIVATE vg_flags vigie_core vigie_os vigie_os_xml)
vg_unit(test-register SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-register.c LINKS vigie_core)
if(Python3_FOUND)
  if(TARGET vigie)
    foreach(check rows laws scenarios)
      add_test(NAME isolation-${check} COMMAND Python3::Interpreter -B
               ${CMAKE_CURRENT_LIST_DIR}/check-isolation-${check} $<TARGET_FILE:vigie>)
      set_tests_properties(isolation-${check} PROPERTIES SKIP_RETURN_CODE 77)
    endforeach()
  endif()
  add_test(NAME isolation-corpus COMMAND Python3::Interpreter
           ${CMAKE_CURRENT_LIST_DIR}/check-isolation-corpus $<TARGET_FILE:read-isolation-corpus>)
  set_tests_properties(isolation-corpus PROPERTIES SKIP_RETURN_CODE 77)
endif()
