/* SPDX-License-Identifier: Apache-2.0 */

/* The readings body of observe.h. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/observe.h"
#include "hypervisor/outbox.h"
#include "os/log.h"

enum { LINE_FULL = 1 << 20 }; /* well below the protocol's 4 MiB */

static void open_body(struct readings *readings)
{
        readings->json = (struct vg_json){ 0 };
        readings->n_domains = 0;
        vg_json_object(&readings->json, NULL);
        vg_json_array(&readings->json, "domains");
}

static void close_body(struct readings *readings)
{
        struct vg_json *json = &readings->json;
        int64_t r = 0;

        vg_json_end_array(json);
        vg_json_string(json, "tier", readings->tier);
        vg_json_end_object(json);
        if (readings->n_domains && !json->buf.failed)
                r = outbox_send(readings->outbox, "readings", &readings->at, json->buf.data,
                                json->buf.n);
        if (r < 0 || json->buf.failed)
                vg_log(LOG_ERR, "observation « %s » perdue : %s", "readings", strerror(ENOMEM));
        vg_json_done(json);
}

void readings_begin(struct readings *readings, struct outbox *outbox, const struct vg_now *at,
                    const char *tier)
{
        readings->outbox = outbox;
        readings->at = *at;
        readings->tier = tier;
        readings->n_counters = 0;
        open_body(readings);
}

/* What does not fit is cut. Hundreds of names a look: printing them would cost more than reading the
 * counters does. */
static size_t put(char name[COUNTER_NAME], size_t at, const char *text)
{
        const size_t n = strnlen(text, COUNTER_NAME - 1 - at);

        memcpy(name + at, text, n);
        name[at + n] = '\0';
        return at + n;
}

static struct counter *add(struct readings *readings, uint64_t value)
{
        if (readings->n_counters == COUNTERS_MAX || value > INT64_MAX)
                return NULL;

        struct counter *counter = &readings->counters[readings->n_counters++];
        counter->value = value;
        return counter;
}

void readings_count(struct readings *readings, const char *name, uint64_t value)
{
        struct counter *counter = add(readings, value);

        if (counter)
                put(counter->name, 0, name);
}

void readings_count_device(struct readings *readings, const char *what, const char *target,
                           uint32_t generation, uint64_t value)
{
        struct counter *counter = add(readings, value);
        if (!counter)
                return;

        size_t at = put(counter->name, 0, what);
        at = put(counter->name, at, ":");
        at = put(counter->name, at, target);
        if (generation > 1)
                snprintf(counter->name + at, COUNTER_NAME - at, "#%" PRIu32, generation);
}

static int by_name(const void *a, const void *b)
{
        return strcmp(((const struct counter *)a)->name, ((const struct counter *)b)->name);
}

void readings_domain(struct readings *readings, const char *uuid, const char *run)
{
        struct vg_json *json = &readings->json;

        if (!readings->n_counters)
                return;
        qsort(readings->counters, readings->n_counters, sizeof(*readings->counters), by_name);
        vg_json_object(json, NULL);
        vg_json_object(json, "counters");
        for (size_t i = 0; i < readings->n_counters; i++) {
                const struct counter *counter = &readings->counters[i];
                /* Two devices of one name cannot be told apart: the first speaks. */
                if (i && strcmp(readings->counters[i - 1].name, counter->name) == 0)
                        continue;
                vg_json_int(json, counter->name, (int64_t)counter->value);
        }
        vg_json_end_object(json);
        vg_json_string(json, "run", run);
        vg_json_string(json, "uuid", uuid);
        vg_json_end_object(json);
        readings->n_counters = 0;
        readings->n_domains++;
        if (json->buf.n > LINE_FULL) {
                close_body(readings);
                open_body(readings);
        }
}

void readings_end(struct readings *readings)
{
        close_body(readings);
}
