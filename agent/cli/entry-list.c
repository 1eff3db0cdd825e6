/* SPDX-License-Identifier: Apache-2.0 */

/* Tables of a contract file, from the CSV of a spreadsheet. */

#include "cli/entry.h"

#include <errno.h>
#include <string.h>

/* How a column of a table becomes a member; others are texts, and left out where empty. */
static json_t *cell_of(const char *name, const char *cell)
{
        static const char *const counts[] = { "per", "max_quantity", "respond_minutes",
                                              "repair_minutes" };
        static const char *const numbers[] = { "price", "quantity", "limit", "value" };
        static const char *const nullable[] = {
                "part_number", "max_quantity", "withdrawn_on",    "to_date",        "cost_centre",
                "coverage",    "exercised_on", "respond_minutes", "repair_minutes",
        };
        static const char *const words[] = { "channels", "classes" };
        char plain[64];

        for (size_t i = 0; !*cell && i < ELEMENTSOF(nullable); i++)
                if (strcmp(name, nullable[i]) == 0)
                        return json_null();
        for (size_t i = 0; i < ELEMENTSOF(counts); i++)
                if (strcmp(name, counts[i]) == 0)
                        return entry_count(*cell ? cell : "1");
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                if (strcmp(name, numbers[i]) == 0) {
                        sheet_number(cell, plain, sizeof(plain));
                        return json_string(plain);
                }
        for (size_t i = 0; *cell && i < ELEMENTSOF(words); i++)
                if (strcmp(name, words[i]) == 0)
                        return entry_items(cell, ENTRY_IDS);
        if (strcmp(name, "thresholds_pct") == 0)
                return entry_items(*cell ? cell : "80, 100", ENTRY_PERCENTS);
        return *cell ? json_string(cell) : NULL;
}

static json_t *row_of(const struct entry *entry, const char *columns, const struct sheet_row *row)
{
        json_t *object = json_object();
        int i = 0;

        for (const char *at = columns; object && *at; i++) {
                char name[64];
                at += strspn(at, " ?");
                const size_t n = strcspn(at, " ");
                snprintf(name, sizeof(name), "%.*s", (int)n, at);
                json_t *value = cell_of(name, row->cell[i]);
                if (!value && strcmp(name, "name_en") == 0)
                        value = json_incref(json_object_get(object, "name_fr"));
                if (!value && strcmp(name, "channels") == 0)
                        value = entry_items("email", ENTRY_IDS);
                if (!value && strcmp(name, "min_severity") == 0)
                        value = json_string("warning");
                if (!value && strcmp(name, "qualified_on") == 0)
                        value = json_incref(entry_at(entry->tree, "term.signed_on"));
                if (value)
                        json_object_set_new(object, name, value);
                at += n;
        }
        return object;
}

static json_t *rows_of(const struct entry *entry, const struct entry_list *table,
                       const struct sheet *sheet)
{
        if (table->windows)
                return entry_windows(sheet);

        json_t *list = json_array();
        if (list && table->adds)
                json_array_extend(list, entry_at(entry->tree, table->path));
        for (size_t i = 0; list && i < sheet->n; i++)
                if (json_array_append_new(list, row_of(entry, table->columns, &sheet->rows[i])) <
                    0) {
                        json_decref(list);
                        return NULL;
                }
        return list;
}

/* The rows at their place, in the object that holds them. */
static int put_rows(json_t *tree, const struct entry_list *list, json_t *rows)
{
        char holder[96];

        snprintf(holder, sizeof(holder), "%.*s", (int)strcspn(list->path, "."), list->path);
        if (list->frame && !json_is_object(entry_at(tree, holder)) &&
            entry_set(tree, holder, json_loads(list->frame, 0, NULL)) < 0) {
                json_decref(rows);
                return -ENOMEM;
        }
        return entry_set(tree, list->path, rows);
}

static int read_list(struct entry *entry, const struct entry_list *list, const char *path,
                     bool *ret_good)
{
        _cleanup_(sheet_done) struct sheet sheet = { 0 };
        _cleanup_(vg_json_decrefp) json_t *tree = json_deep_copy(entry->tree);
        int r = sheet_read(entry->setup.cli, path, list->columns, &sheet);

        *ret_good = false;
        if (r != CLI_FINE) /* said already; a person may name another file */
                return entry->setup.scripted ? r : CLI_FINE;
        if (!tree || put_rows(tree, list, rows_of(entry, list, &sheet)) < 0)
                return cli_failf(entry->setup.cli, CLI_REFUSED, "memory", "mémoire épuisée");
        r = entry_judge(entry, tree, list, &sheet, ret_good);
        if (r == CLI_FINE && *ret_good) {
                json_decref(entry->tree);
                entry->tree = TAKE_PTR(tree);
                cli_progress(entry->setup.cli,
                             sheet.n == 1 ? N_("  ✓ %zu ligne") : N_("  ✓ %zu lignes"), sheet.n);
        }
        return r;
}

int entry_list(struct entry *entry, const struct entry_list *list)
{
        for (;;) {
                _cleanup_free_ char *path = NULL;
                bool good = false;
                int r = entry_ask(entry, list->key, _(list->question), "", &path);
                if (r != CLI_FINE)
                        return r;
                if (*path)
                        r = read_list(entry, list, path, &good);
                else if (list->may_lack)
                        good = true;
                else
                        r = setup_again(&entry->setup, "un fichier CSV est attendu; colonnes : %s",
                                        list->columns);
                if (r != CLI_FINE)
                        return r;
                if (good) {
                        free(entry->given);
                        entry->given = TAKE_PTR(path);
                        return CLI_FINE;
                }
        }
}
