/* SPDX-License-Identifier: Apache-2.0 */

/* bare-bulk URI CALLS [PAUSE_MS]: the yardstick. Opens a read-only connection and makes the plain bulk
 * call, and nothing else: prints the CPU time of this process per call, in microseconds. Without a
 * pause every cache is warm; with one, the call costs what it costs a process that sleeps between. */

#include <inttypes.h>
#include <libvirt/libvirt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t cpu_ns(void)
{
        struct timespec t;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int call(virConnectPtr conn)
{
        virDomainStatsRecordPtr *records = NULL;
        int n = virConnectGetAllDomainStats(conn, 63, &records,
                                            VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);

        if (n >= 0)
                virDomainStatsRecordListFree(records);
        return n;
}

int main(int argc, char **argv)
{
        virConnectPtr conn = argc >= 3 ? virConnectOpenReadOnly(argv[1]) : NULL;
        const long n_calls = argc >= 3 ? strtol(argv[2], NULL, 10) : 0;
        const long pause_ms = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
        const struct timespec pause = { pause_ms / 1000, pause_ms % 1000 * 1000000 };

        if (!conn || n_calls < 1)
                return 2;
        if (call(conn) < 0) /* the first one pays for what is set up once */
                return 1;

        int64_t before = cpu_ns();
        for (long i = 0; i < n_calls; i++) {
                if (pause_ms)
                        nanosleep(&pause, NULL);
                if (call(conn) < 0)
                        return 1;
        }
        printf("%" PRId64 "\n", (cpu_ns() - before) / n_calls / 1000);
        virConnectClose(conn);
        return 0;
}
