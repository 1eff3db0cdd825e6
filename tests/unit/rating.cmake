vg_unit(test-rating SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-rating.c LINKS vigie_core vigie_os)
vg_unit(test-rate-csv SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-rate-csv.c LINKS vigie_core vigie_os)
# The rules a second time, in Python's fractions; cases reckoned by hand; the whole case of the corpus.
find_package(Python3 3.9 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET vigie)
  foreach(check cases corpus oracle)
    add_test(NAME rate-${check} COMMAND Python3::Interpreter
             ${CMAKE_CURRENT_LIST_DIR}/check-rate-${check} $<TARGET_FILE:vigie> ${CMAKE_SOURCE_DIR})
    set_tests_properties(rate-${check} PROPERTIES SKIP_RETURN_CODE 77)
  endforeach()
endif()
vg_unit(test-orders SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-orders.c LINKS vigie_core vigie_os)
vg_unit(test-late SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-late.c LINKS vigie_core vigie_os)
