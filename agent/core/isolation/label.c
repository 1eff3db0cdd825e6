/* SPDX-License-Identifier: Apache-2.0 */

#include "label.h"

#include <stdlib.h>
#include <string.h>

static void add_category(struct label *label, unsigned long c)
{
        uint64_t *word = &label->categories[c / 64];

        label->n_categories += !(*word >> (c % 64) & 1);
        *word |= UINT64_C(1) << (c % 64);
}

/* "c1,c5.c9" */
static void read_categories(struct label *label, const char *at)
{
        while (*at == 'c') {
                char *end;
                unsigned long from = strtoull(at + 1, &end, 10), to = from;
                if (*end == '.' && end[1] == 'c')
                        to = strtoull(end + 2, &end, 10);
                for (unsigned long c = from; c <= to && c < CATEGORIES; c++)
                        add_category(label, c);
                at = *end == ',' ? end + 1 : end;
        }
}

/* user:role:type:low[:categories][-high[:categories]] */
static bool read_selinux(struct arena *arena, const char *text, struct label *label)
{
        const char *role = strchr(text, ':'), *type = role ? strchr(role + 1, ':') : NULL;
        const char *level = type ? strchr(type + 1, ':') : NULL;
        const char *high = level ? strchr(level, '-') : NULL;
        const char *categories = level ? strchr((high ? high : level) + 1, ':') : NULL;

        if (!type)
                return false;
        label->is_selinux = true;
        label->type = arena_text_n(arena, type + 1, strcspn(type + 1, ":"));
        if (categories)
                read_categories(label, categories + 1);
        return true;
}

bool label_read(struct arena *arena, const char *model, const char *text, struct label *ret_label)
{
        const char *colon = strchr(text, ':');

        *ret_label = (struct label){ .profile = "", .type = "" };
        if (model ? strcmp(model, "selinux") == 0 : colon && strchr(colon + 1, ':'))
                return read_selinux(arena, text, ret_label);
        if (!*text || (model && strcmp(model, "apparmor") != 0))
                return false;
        ret_label->profile = arena_text_n(arena, text, strcspn(text, " \n"));
        return true;
}

bool label_dominates(const struct label *a, const struct label *b)
{
        for (size_t i = 0; i < CATEGORIES / 64; i++)
                if (b->categories[i] & ~a->categories[i])
                        return false;
        return true;
}

const struct node *label_of(const struct domain *domain)
{
        NODE_EACH(seclabel, domain->xml, "seclabel")
        if (!node_attr_is(seclabel, "model", "dac"))
                return seclabel;
        return NULL;
}

bool label_is_root(const char *text)
{
        if (!text)
                return false;
        text += *text == '+';
        return strcmp(text, "0") == 0 || strncmp(text, "0:", 2) == 0 || strcmp(text, "root") == 0 ||
               strncmp(text, "root:", 5) == 0;
}
