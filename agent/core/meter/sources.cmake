# SPDX-License-Identifier: Apache-2.0
foreach(source
    apply.c book.c cell.c close.c confirm.c disk.c facts.c gap.c load.c map.c meter.c observation.c
    place.c reading.c reattribute.c resource.c save.c seen.c table.c tenant.c usage.c)
  list(APPEND CORE_SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/meter/${source})
endforeach()
