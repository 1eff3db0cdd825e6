# The contract. The schemas of config/ are built in: the files are the law, one for each version.
function(embed_schema version file)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/contract-schema-${version}.c)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DIN=${CMAKE_SOURCE_DIR}/config/${file} -DOUT=${out}
            -DVERSION=${version} -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/embed.cmake
    DEPENDS ${CMAKE_SOURCE_DIR}/config/${file} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/embed.cmake)
  set(CORE_SOURCES ${CORE_SOURCES} ${out} PARENT_SCOPE)
endfunction()
embed_schema(1 contract-1.schema.json)
embed_schema(2 contract.schema.json)
foreach(name amend build check-life check-people check-prices check-term contract fact fact-merge fact-order
        holiday indexes inventory merge merge-record merge-rows parts parts-life parts-lists pattern read refusal remark schema schema-values
        share succession total where words)
  list(APPEND CORE_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c)
endforeach()
# What turns a contract into money.
file(GLOB contract_rate CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/price*.c
     ${CMAKE_CURRENT_LIST_DIR}/rate*.c)
list(APPEND CORE_SOURCES ${contract_rate})
