# SPDX-License-Identifier: Apache-2.0
foreach(source address arena backing catalogue check-console check-cpu check-dev check-dir check-host check-id
        check-label check-mem check-mgt check-net check-open check-proc check-sec check-sto check-vf
        cluster conf cpu device document doubt filter host judge label objects path port read-piece regex
        register register-check storage tree verdict vf wants)
  list(APPEND CORE_SOURCES ${CMAKE_CURRENT_LIST_DIR}/${source}.c)
endforeach()
