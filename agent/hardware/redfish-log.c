/* SPDX-License-Identifier: Apache-2.0 */

#include "hardware/redfish-log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/mem.h"

enum {
        LOGS_MAX = 32,
        PAGES_MAX = 100,
        SINGLES_MAX = 50, /* entries asked for one by one, a look; the others wait */
        KNOWN_MAX = 30000,
        REREAD_EVERY = 20,
};

struct one { /* a log */
        char *link, *etag;
        unsigned looks;
};

struct redfish_log {
        struct one logs[LOGS_MAX];
        size_t n;
        struct one *now;              /* NULL: more logs than we look at */
        struct documents known, kept; /* keys of entries; paths of documents */

        char *wanted[SINGLES_MAX]; /* entries that the page names and does not hold */
        size_t n_wanted;
        char *page; /* NULL: the last one was read */
        unsigned n_pages;
        char *asked;      /* what is wanted now */
        json_t *fresh;    /* links to new entries */
        json_t *skeleton; /* the collection without its members */
};

int redfish_log_new(struct redfish_log **ret_log)
{
        *ret_log = calloc(1, sizeof(**ret_log));
        return *ret_log ? 0 : -ENOMEM;
}

static void drop_look(struct redfish_log *log)
{
        while (log->n_wanted)
                free(log->wanted[--log->n_wanted]);
        free(TAKE_PTR(log->page));
        free(TAKE_PTR(log->asked));
        json_decref(TAKE_PTR(log->fresh));
        json_decref(TAKE_PTR(log->skeleton));
        log->n_pages = 0;
        log->now = NULL;
}

void redfish_log_free(struct redfish_log *log)
{
        if (!log)
                return;
        drop_look(log);
        for (size_t i = 0; i < log->n; i++) {
                free(log->logs[i].link);
                free(log->logs[i].etag);
        }
        documents_done(&log->known);
        documents_done(&log->kept);
        free(log);
}

static struct one *find(struct redfish_log *log, const char *link)
{
        for (size_t i = 0; i < log->n; i++)
                if (strcmp(log->logs[i].link, link) == 0)
                        return &log->logs[i];
        if (log->n == LOGS_MAX)
                return NULL;

        char *copy = strdup(link);
        if (!copy)
                return NULL;
        log->logs[log->n] = (struct one){ .link = copy };
        return &log->logs[log->n++];
}

static bool is_known(const struct redfish_log *log, const char *link)
{
        char key[REDFISH_LINK_MAX];

        return redfish_link_key(link, key) < 0 || documents_find(&log->known, key);
}

const char *redfish_log_begin(struct redfish_log *log, const char *link)
{
        drop_look(log);
        log->now = find(log, link);
        log->fresh = json_array();
        if (!log->now)
                return NULL;
        if (log->known.n > KNOWN_MAX)
                documents_done(&log->known); /* the book knows them all the same */
        return log->now->looks++ % REREAD_EVERY ? log->now->etag : NULL;
}

static void keep_entry(struct redfish_log *log, const json_t *entry, redfish_resource_fn *keep,
                       void *user)
{
        const char *link = json_string_value(json_object_get(entry, "@odata.id"));
        char key[REDFISH_LINK_MAX], path[REDFISH_LINK_MAX + 16];

        if (!link || redfish_link_key(link, key) < 0 || redfish_link_path(link, path) < 0 ||
            keep(user, link, entry) != 0)
                return;
        documents_put(&log->known, key, "", 0);
        documents_put(&log->kept, path, "", 0);
        json_t *to = json_object();
        json_object_set(to, "@odata.id", json_object_get(entry, "@odata.id"));
        json_array_append_new(log->fresh, to);
}

static void want(struct redfish_log *log, const char *link)
{
        if (log->n_wanted < SINGLES_MAX)
                log->wanted[log->n_wanted] = strdup(link);
        if (log->n_wanted < SINGLES_MAX && log->wanted[log->n_wanted])
                log->n_wanted++;
}

/* Newest first or newest last, as far as two of its entries tell. */
static bool is_newest_first(const json_t *members)
{
        const size_t n = json_array_size(members);
        const char *first =
                json_string_value(json_object_get(json_array_get(members, 0), "Created"));
        const char *last = json_string_value(
                json_object_get(json_array_get(members, n ? n - 1 : 0), "Created"));

        return first && last && strcmp(first, last) > 0;
}

static void take_page(struct redfish_log *log, const json_t *page, redfish_resource_fn *keep,
                      void *user)
{
        const json_t *members = json_object_get(page, "Members");
        const char *more = json_string_value(json_object_get(page, "Members@odata.nextLink"));
        const bool whole = !log->now || log->now->looks % REREAD_EVERY == 1;
        bool met_known = false;

        /* From the end: where entries come one by one the latest are read first. */
        for (size_t i = json_array_size(members); i-- > 0;) {
                const json_t *entry = json_array_get(members, i);
                const char *link = json_string_value(json_object_get(entry, "@odata.id"));
                const bool known = link && is_known(log, link);

                met_known |= known;
                if (!link)
                        continue;
                if (json_object_size(entry) > 1 && (!known || whole))
                        keep_entry(log, entry, keep, user);
                else if (!known)
                        want(log, link);
        }
        free(TAKE_PTR(log->page));
        if (more && ++log->n_pages < PAGES_MAX &&
            (whole || !met_known || !is_newest_first(members)))
                log->page = strdup(more);
}

const char *redfish_log_take(struct redfish_log *log, const json_t *tree, const char *etag,
                             redfish_resource_fn *keep, void *user)
{
        const bool is_page = json_is_array(json_object_get(tree, "Members"));

        if (is_page && !log->skeleton) {
                log->skeleton = json_copy((json_t *)tree);
                if (log->now) {
                        free(log->now->etag);
                        log->now->etag = etag ? strdup(etag) : NULL;
                }
        }
        if (is_page)
                take_page(log, tree, keep, user);
        else if (tree)
                keep_entry(log, tree, keep, user);

        free(TAKE_PTR(log->asked));
        log->asked = log->n_wanted ? log->wanted[--log->n_wanted] : TAKE_PTR(log->page);
        return log->asked;
}

void redfish_log_end(struct redfish_log *log, redfish_resource_fn *keep, void *user)
{
        char path[REDFISH_LINK_MAX + 16];

        if (log->skeleton && log->now && json_array_size(log->fresh) > 0) {
                json_object_del(log->skeleton, "Members@odata.nextLink");
                json_object_set(log->skeleton, "Members", log->fresh);
                if (redfish_link_path(log->now->link, path) == 0 &&
                    keep(user, log->now->link, log->skeleton) == 0)
                        documents_put(&log->kept, path, "", 0);
        }
        drop_look(log);
}

void redfish_log_forget(struct redfish_log *log, struct documents *documents)
{
        for (size_t i = 0; i < log->kept.n; i++)
                documents_remove(documents, log->kept.rows[i].path);
        documents_done(&log->kept);
}
