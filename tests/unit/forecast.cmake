vg_unit(test-forecast SOURCES ${CMAKE_CURRENT_LIST_DIR}/test-forecast.c LINKS vigie_core vigie_os)

# How far off it is, on families of spending; a few series here, as many as wanted by hand:
# bin/backtest-forecast --series 40.
add_executable(backtest-forecast ${CMAKE_CURRENT_LIST_DIR}/../sim/backtest-forecast.c)
target_link_libraries(backtest-forecast PRIVATE vg_flags vigie_core m)
if(NOT VIGIE_SANITIZE) # ten thousand medians: on a plain build
  add_test(NAME forecast-backtest COMMAND backtest-forecast --series 6)
endif()
