/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/mem.h"

static size_t hash(const char *text)
{
        uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */

        for (; *text; text++)
                h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
        return (size_t)(h ^ h >> 29);
}

static size_t slot_of(const struct cli_names *names, const char *text)
{
        size_t at = hash(text) & (names->n_slots - 1);

        while (names->slots[at] && strcmp(names->texts[names->slots[at] - 1], text) != 0)
                at = (at + 1) & (names->n_slots - 1);
        return at;
}

static int grow(struct cli_names *names)
{
        const size_t n_slots = names->n_slots ? 2 * names->n_slots : 64;
        uint32_t *slots = calloc(n_slots, sizeof(*slots));
        char **texts = reallocarray(names->texts, n_slots / 2, sizeof(*texts));

        if (texts)
                names->texts = texts;
        if (!slots || !texts) {
                free(slots);
                return -ENOMEM;
        }
        free(names->slots);
        names->slots = slots;
        names->n_slots = n_slots;
        for (size_t i = 0; i < names->n; i++)
                slots[slot_of(names, names->texts[i])] = (uint32_t)i + 1;
        return 0;
}

int cli_names_add(struct cli_names *names, const char *text, uint32_t *ret_number)
{
        if (names->n + 1 > names->n_slots / 2) {
                int r = grow(names);
                if (r < 0)
                        return r;
        }

        const size_t at = slot_of(names, text);
        if (!names->slots[at]) {
                names->texts[names->n] = strdup(text);
                if (!names->texts[names->n])
                        return -ENOMEM;
                names->slots[at] = (uint32_t)++names->n;
        }
        *ret_number = names->slots[at] - 1;
        return 0;
}

struct numbered {
        char *text;
        uint32_t old;
};

static int compare(const void *a, const void *b)
{
        const struct numbered *x = a, *y = b;

        return strcmp(x->text, y->text);
}

int cli_names_sort(struct cli_names *names, uint32_t **ret_moved)
{
        _cleanup_free_ struct numbered *sorted = calloc(names->n + 1, sizeof(*sorted));
        uint32_t *moved = calloc(names->n + 1, sizeof(*moved));

        if (!sorted || !moved) {
                free(moved);
                return -ENOMEM;
        }
        for (uint32_t i = 0; i < names->n; i++)
                sorted[i] = (struct numbered){ names->texts[i], i };
        qsort(sorted, names->n, sizeof(*sorted), compare);
        for (uint32_t i = 0; i < names->n; i++) {
                names->texts[i] = sorted[i].text;
                moved[sorted[i].old] = i;
        }
        *ret_moved = moved;
        return 0;
}

void cli_names_done(struct cli_names *names)
{
        for (size_t i = 0; i < names->n; i++)
                free(names->texts[i]);
        free(names->texts);
        free(names->slots);
        *names = (struct cli_names){ 0 };
}
