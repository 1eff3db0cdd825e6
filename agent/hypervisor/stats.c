/* SPDX-License-Identifier: Apache-2.0 */

#include "hypervisor/stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/look.h"

enum { BLOCKS_MAX = 4096 }; /* of one domain */

static enum domain_state state_from(int libvirt_state, bool is_on)
{
        if (!is_on)
                return DOMAIN_OFF;
        switch (libvirt_state) {
        case VIR_DOMAIN_NOSTATE:
        case VIR_DOMAIN_RUNNING:
        case VIR_DOMAIN_BLOCKED:
        case VIR_DOMAIN_SHUTDOWN: /* on its way out, still there */
                return DOMAIN_RUNNING;
        case VIR_DOMAIN_PAUSED:
        case VIR_DOMAIN_PMSUSPENDED:
                return DOMAIN_PAUSED;
        case VIR_DOMAIN_CRASHED:
                return DOMAIN_CRASHED;
        default:
                return DOMAIN_OFF;
        }
}

bool stats_number(const virTypedParameter *param, uint64_t *ret_value)
{
        long long value;

        switch (param->type) {
        case VIR_TYPED_PARAM_ULLONG:
                *ret_value = param->value.ul;
                return true;
        case VIR_TYPED_PARAM_UINT:
                *ret_value = param->value.ui;
                return true;
        case VIR_TYPED_PARAM_LLONG:
                value = param->value.l;
                break;
        case VIR_TYPED_PARAM_INT:
                value = param->value.i;
                break;
        default:
                return false;
        }
        *ret_value = value < 0 ? 0 : (uint64_t)value;
        return value >= 0;
}

const char *stats_row(const char *field, const char *prefix, size_t *ret_index)
{
        char *end;

        if (strncmp(field, prefix, strlen(prefix)) != 0)
                return NULL;
        const char *digits = field + strlen(prefix);
        if (*digits < '0' || *digits > '9')
                return NULL;
        *ret_index = strtoul(digits, &end, 10);
        return *end == '.' ? end + 1 : NULL;
}

static int reserve_blocks(struct sights *sights, size_t more)
{
        if (sights->n_blocks + more <= sights->size_blocks)
                return 0;

        size_t size = (sights->n_blocks + more) * 2;
        struct block *blocks = realloc(sights->blocks, size * sizeof(*blocks));
        if (!blocks)
                return -ENOMEM;
        sights->blocks = blocks;
        sights->size_blocks = size;
        return 0;
}

static void take_block_field(struct block *block, const char *field, const virTypedParameter *param)
{
        uint64_t value;

        if (strcmp(field, "name") == 0 && param->type == VIR_TYPED_PARAM_STRING) {
                if (strlen(param->value.s) < sizeof(block->target))
                        memcpy(block->target, param->value.s, strlen(param->value.s) + 1);
        } else if (!stats_number(param, &value)) {
                return;
        } else if (strcmp(field, "rd.bytes") == 0) {
                block->rd_bytes = value;
                block->has_counters = true;
        } else if (strcmp(field, "wr.bytes") == 0) {
                block->wr_bytes = value;
        } else if (strcmp(field, "capacity") == 0) {
                block->capacity_bytes = value;
                block->has_capacity = true;
        }
}

/* FNV-1a: tells one set of disks from another, and defends nothing. */
static uint64_t digest_more(uint64_t digest, const char *text)
{
        digest = digest ? digest : UINT64_C(0xcbf29ce484222325);
        for (; *text; text++)
                digest = (digest ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
        return (digest ^ '\n') * UINT64_C(0x100000001b3);
}

static bool tells_which(const char *field)
{
        return strcmp(field, "name") == 0 || strcmp(field, "path") == 0;
}

int stats_take_blocks(virDomainStatsRecordPtr record, struct sight *sight, struct sights *sights)
{
        uint64_t n = 0, value;

        for (int i = 0; i < record->nparams; i++) {
                const virTypedParameter *param = &record->params[i];
                if (strcmp(param->field, "block.count") == 0 && stats_number(param, &value))
                        n = value;
                if (strcmp(param->field, "balloon.current") == 0 && stats_number(param, &value))
                        sight->balloon_kib = value;
        }
        if (n > BLOCKS_MAX)
                n = BLOCKS_MAX;
        if (reserve_blocks(sights, n) < 0)
                return -ENOMEM;

        sight->first_block = sights->n_blocks;
        sight->n_blocks = n;
        sights->n_blocks += n;
        struct block *blocks = sights->blocks + sight->first_block;
        if (n)
                memset(blocks, 0, n * sizeof(*blocks));
        for (int i = 0; i < record->nparams; i++) {
                size_t index;
                const char *field = stats_row(record->params[i].field, "block.", &index);
                if (!field || index >= n)
                        continue;
                take_block_field(&blocks[index], field, &record->params[i]);
                if (tells_which(field) && record->params[i].type == VIR_TYPED_PARAM_STRING)
                        sight->blocks_digest =
                                digest_more(sight->blocks_digest, record->params[i].value.s);
        }
        /* A QEMU that another call is waiting for is skipped, and then its counters are missing. */
        sight->answered = n == 0;
        for (size_t i = 0; i < n; i++)
                sight->answered = sight->answered || blocks[i].has_counters;
        return 0;
}

static int by_uuid(const void *a, const void *b)
{
        return strcmp(((const struct sight *)a)->uuid, ((const struct sight *)b)->uuid);
}

static void take_state(virDomainStatsRecordPtr record, struct sight *sight)
{
        const unsigned id = virDomainGetID(record->dom);

        sight->libvirt_id = id == (unsigned)-1 ? -1 : (int)id;
        for (int i = 0; i < record->nparams; i++)
                if (strcmp(record->params[i].field, "state.state") == 0)
                        sight->state =
                                state_from(record->params[i].value.i, sight->libvirt_id >= 0);
}

int stats_take_all(virDomainStatsRecordPtr *records, size_t n, struct sights *sights,
                   bool with_blocks)
{
        sights->rows = calloc(n + 1, sizeof(*sights->rows));
        if (!sights->rows)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                struct sight *sight = &sights->rows[sights->n];
                if (virDomainGetUUIDString(records[i]->dom, sight->uuid) < 0)
                        continue;
                take_state(records[i], sight);
                int r = with_blocks ? stats_take_blocks(records[i], sight, sights) : 0;
                if (r == 0)
                        r = stats_take_told(records[i], sight, sights);
                if (r < 0)
                        return r;
                sights->n++;
        }
        qsort(sights->rows, sights->n, sizeof(*sights->rows), by_uuid);
        return 0;
}

void sights_done(struct sights *sights)
{
        for (size_t i = 0; i < sights->n; i++)
                facts_free(sights->rows[i].facts);
        free(sights->rows);
        free(sights->blocks);
        free(sights->links);
        *sights = (struct sights){ 0 };
}

struct sight *sights_find(const struct sights *sights, const char *uuid)
{
        struct sight wanted = { 0 };

        memcpy(wanted.uuid, uuid, UUID_TEXT);
        return sights->n ? bsearch(&wanted, sights->rows, sights->n, sizeof(*sights->rows), by_uuid)
                         : NULL;
}
