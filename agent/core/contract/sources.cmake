# The contract. config/contract.schema.json is built in: the file is the law, and there is one.
set(contract_schema ${CMAKE_SOURCE_DIR}/config/contract.schema.json)
set(contract_schema_c ${CMAKE_CURRENT_BINARY_DIR}/contract-schema.c)
add_custom_command(OUTPUT ${contract_schema_c}
  COMMAND ${CMAKE_COMMAND} -DIN=${contract_schema} -DOUT=${contract_schema_c}
          -P ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
  DEPENDS ${contract_schema} ${CMAKE_CURRENT_LIST_DIR}/embed.cmake)
list(APPEND CORE_SOURCES ${contract_schema_c})
foreach(name amend build check-people check-prices check-term contract indexes parts parts-lists
        pattern read refusal schema schema-values where words)
  list(APPEND CORE_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c)
endforeach()
# What turns a contract into money.
file(GLOB contract_rate CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/price*.c
     ${CMAKE_CURRENT_LIST_DIR}/rate*.c)
list(APPEND CORE_SOURCES ${contract_rate})
