# The house keeps its own rules: walls between rooms, a pure core, every text in both languages,
# units that are as closed as we say.
find_package(Python3 3.9 COMPONENTS Interpreter)
if(Python3_FOUND)
  set(here ${CMAKE_CURRENT_LIST_DIR})

  # What each room really links, for check-walls.
  get_property(rooms GLOBAL PROPERTY VIGIE_ROOMS)
  set(walls "")
  foreach(room ${rooms})
    get_target_property(links ${room} LINK_LIBRARIES)
    string(APPEND walls "${room}: ${links}\n")
  endforeach()
  file(WRITE ${CMAKE_BINARY_DIR}/walls.txt "${walls}")

  add_test(NAME walls COMMAND Python3::Interpreter ${here}/check-walls
           ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/walls.txt)
  add_test(NAME locales COMMAND Python3::Interpreter ${here}/check-locales ${CMAKE_SOURCE_DIR})
  add_test(NAME tables COMMAND Python3::Interpreter ${here}/check-tables ${CMAKE_SOURCE_DIR})
  set(checks walls locales tables)
  if(TARGET vigied AND TARGET vigie-hypervisor)
    add_test(NAME units COMMAND Python3::Interpreter ${here}/check-units ${CMAKE_BINARY_DIR})
    list(APPEND checks units)
  endif()
  # A sanitizer adds symbols of its own, so purity is read on a plain build.
  if(TARGET vigie_core AND NOT VIGIE_SANITIZE)
    add_test(NAME purity COMMAND Python3::Interpreter ${here}/check-purity ${CMAKE_NM}
             $<TARGET_FILE:vigie_core> $<TARGET_FILE:vigie_base>)
    list(APPEND checks purity)
  endif()
  set_tests_properties(${checks} PROPERTIES SKIP_RETURN_CODE 77)
endif()
