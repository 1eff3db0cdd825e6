# SPDX-License-Identifier: Apache-2.0
set(sim ${CMAKE_CURRENT_LIST_DIR})
vg_unit(test-year SOURCES ${sim}/tally.c ${sim}/teller.c ${sim}/test-year.c ${sim}/world.c
        LINKS vigie_core)
