/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* banned: functions that have hurt others. Included first everywhere by the build (-include). */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Some are macros where the library is fortified, and a macro cannot be poisoned. */
#undef strcpy
#undef strcat
#undef sprintf
#undef vsprintf
#undef gets
#undef strtok
#undef localtime
#undef gmtime
#undef ctime
#undef asctime
#undef atoi
#undef atol
#undef atoll
#undef atof
#undef mktemp
#undef tmpnam

#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok localtime gmtime ctime asctime atoi \
        atol atoll atof mktemp tmpnam
