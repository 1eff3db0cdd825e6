/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/entry.h"

#include <errno.h>
#include <string.h>

#include "vigie/civil.h"

void entry_done(struct entry *entry)
{
        setup_done(&entry->setup);
        json_decref(entry->tree);
        free(entry->given);
        entry->tree = NULL;
}

/* ---- places ---- */

/* One step of a path: "term" or "recipients[0]"; returns what is behind it. */
static const char *take_step(const char *path, char name[64], int *ret_index)
{
        const size_t n = strcspn(path, ".[");

        snprintf(name, 64, "%.*s", (int)n, path);
        *ret_index = -1;
        path += n;
        if (*path == '[') {
                *ret_index = (int)strtol(path + 1, NULL, 10);
                path += strcspn(path, "]") + 1;
        }
        return path + (*path == '.');
}

json_t *entry_at(json_t *tree, const char *path)
{
        char name[64];
        int index;

        while (tree && *path) {
                path = take_step(path, name, &index);
                tree = json_object_get(tree, name);
                if (tree && index >= 0)
                        tree = json_array_get(tree, (size_t)index);
        }
        return tree;
}

int entry_set(json_t *tree, const char *path, json_t *value)
{
        char name[64];
        int index;

        for (path = take_step(path, name, &index); *path; path = take_step(path, name, &index)) {
                json_t *next = json_object_get(tree, name);
                if (!next)
                        json_object_set_new(tree, name, next = json_object());
                tree = index >= 0 ? json_array_get(next, (size_t)index) : next;
        }
        return value && json_object_set_new(tree, name, value) == 0 ? 0 : -ENOMEM;
}

/* ---- answers ---- */

static json_t *money_of(const char *answer)
{
        char plain[64];

        sheet_number(answer, plain, sizeof(plain));
        if (!strchr(plain, '.') && strlen(plain) + 4 < sizeof(plain))
                strncat(plain, ".00", sizeof(plain) - strlen(plain) - 1);
        return json_string(plain);
}

json_t *entry_count(const char *answer)
{
        int64_t n;

        /* What is no number stays the text it is: the rules will say what is expected there. */
        return vg_i64_parse(answer, &n) == 0 ? json_integer(n) : json_string(answer);
}

json_t *entry_items(const char *answer, enum entry_kind kind)
{
        json_t *list = json_array();

        for (const char *at = answer; list && *at;) {
                char one[128];
                at += strspn(at, " ,;%");
                const size_t n = strcspn(at, " ;%") < strcspn(at, ", ") ? strcspn(at, " ;%")
                                                                        : strcspn(at, ", ");
                snprintf(one, sizeof(one), "%.*s", (int)n, at);
                if (*one && strcmp(one, "et") != 0 && strcmp(one, "and") != 0)
                        json_array_append_new(list, kind == ENTRY_COUNTS ? entry_count(one)
                                                                         : json_string(one));
                at += n;
        }
        return list;
}

static json_t *value_of(enum entry_kind kind, const char *answer)
{
        switch (kind) {
        case ENTRY_OPTIONAL:
                return *answer ? json_string(answer) : json_null();
        case ENTRY_MONEY:
                return money_of(answer);
        case ENTRY_COUNT:
                return entry_count(answer);
        case ENTRY_PERCENTS:
        case ENTRY_COUNTS:
        case ENTRY_IDS:
                return entry_items(answer, kind);
        default:
                return json_string(answer);
        }
}

/* ---- the rules, at once ---- */

/* The row of the sheet that a refusal speaks of; beyond its rows: none. */
static size_t row_of_refusal(const struct entry *entry, const struct entry_list *list,
                             const struct sheet *sheet, const char *path)
{
        static const char periods[] = "].periods[";
        const size_t n = strlen(list->path);
        const size_t before = list->adds ? json_array_size(entry_at(entry->tree, list->path)) : 0;
        char *rest;

        if (strncmp(path, list->path, n) != 0 || path[n] != '[')
                return SIZE_MAX;
        const size_t row = strtoul(path + n + 1, &rest, 10) - before;
        if (!list->windows)
                return row;
        return entry_window_row(sheet, row,
                                strncmp(rest, periods, strlen(periods)) == 0
                                        ? strtoul(rest + strlen(periods), NULL, 10)
                                        : 0);
}

/* CLI_FINE and *ret_good, or an exit code. list and sheet: where the answer was a table. */
int entry_judge(struct entry *entry, const json_t *tree, const struct entry_list *list,
                const struct sheet *sheet, bool *ret_good)
{
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        _cleanup_free_ char *text = json_dumps(tree, JSON_COMPACT);
        struct vg_err err = { 0 };
        char said[VG_REFUSAL_TEXT];

        *ret_good = true;
        if (!text || vg_contract_parse(text, strlen(text), NULL, NULL, &refusals, &err) < 0)
                return cli_failf(entry->setup.cli, CLI_REFUSED, "memory", "mémoire épuisée");
        for (size_t i = 0; i < refusals.n; i++) {
                const struct vg_refusal *one = &refusals.list[i];
                if (list && list->unready &&
                    strncmp(one->path, list->unready, strlen(list->unready)) == 0)
                        continue;
                vg_refusal_text(one, entry->setup.cli->french, said, sizeof(said));
                const size_t at = list ? row_of_refusal(entry, list, sheet, one->path) : SIZE_MAX;
                int r = list && at < sheet->n
                                ? setup_again(&entry->setup, "%s, ligne %d : %s [%.4s]",
                                              sheet->name, sheet->rows[at].line, said,
                                              vg_refusal_code(one))
                                : setup_again(&entry->setup, "%s [%.4s]", said,
                                              vg_refusal_code(one));
                if (r != CLI_FINE)
                        return r;
                *ret_good = false;
        }
        return CLI_FINE;
}

/* Days that were not asked for yet must not stand in the way of those that were. */
static int follow_days(json_t *tree, const char *path)
{
        struct vg_date day;
        char text[16];
        const char *answer = json_string_value(entry_at(tree, path));
        int r = 0;

        if (!answer || vg_date_parse(answer, &day) < 0)
                return 0; /* the rules will tell */
        if (strcmp(path, "term.signed_on") == 0) {
                r = entry_set(tree, "qualified_components[0].qualified_on", json_string(answer));
                day = vg_date_add_days(day, 30);
                if (r == 0)
                        r = entry_set(tree, "term.start_date",
                                      json_string(vg_date_format(day, text)));
                return r < 0 ? r : follow_days(tree, "term.start_date");
        }
        if (strcmp(path, "term.start_date") == 0) {
                day = vg_date_add_days(vg_date_add_years(day, 1), -1);
                r = entry_set(tree, "term.end_date", json_string(vg_date_format(day, text)));
                return r < 0 ? r : follow_days(tree, "term.end_date");
        }
        if (strncmp(path, "amendments[", 11) == 0 && strstr(path, "].signed_on")) {
                char effective[96];
                snprintf(effective, sizeof(effective), "%.*s.effective_on",
                         (int)(strlen(path) - strlen(".signed_on")), path);
                const char *stands = json_string_value(entry_at(tree, effective));
                if (stands && strcmp(stands, answer) < 0)
                        r = entry_set(tree, effective, json_string(answer));
        }
        if (strcmp(path, "term.end_date") == 0)
                r = entry_set(tree, "term.exit_transition.complete_by", json_string(answer));
        return r;
}

static const char *fallback_of(const struct entry *entry, const struct entry_field *field,
                               char buf[160])
{
        const char *fallback = field->fallback;
        const json_t *value;

        if (fallback && *fallback != '=')
                return fallback;
        value = entry_at(entry->tree, fallback ? fallback + 1 : field->path);
        if (json_is_integer(value)) {
                snprintf(buf, 160, "%lld", (long long)json_integer_value(value));
                return buf;
        }
        return json_is_string(value) ? json_string_value(value) : "";
}

int entry_ask(struct entry *entry, const char *key, const char *question, const char *fallback,
              char **ret_answer)
{
        _cleanup_free_ char *answer = NULL;
        int r = setup_ask(&entry->setup, key, question, entry->given ? entry->given : fallback,
                          &answer);

        if (r != CLI_FINE)
                return r;
        if (!entry->setup.scripted && strcmp(answer, "<") == 0)
                return ENTRY_BACK;
        if (!entry->setup.scripted && strcmp(answer, "-") == 0)
                *answer = '\0';
        *ret_answer = TAKE_PTR(answer);
        return CLI_FINE;
}

static int keep_answer(struct entry *entry, char **answer)
{
        free(entry->given);
        entry->given = TAKE_PTR(*answer);
        return CLI_FINE;
}

int entry_field(struct entry *entry, const struct entry_field *field)
{
        for (;;) {
                _cleanup_free_ char *answer = NULL;
                _cleanup_(vg_json_decrefp) json_t *tree = json_deep_copy(entry->tree);
                char buf[160];
                bool good;
                int r = entry_ask(entry, field->key, _(field->question),
                                  field->may_lack ? "" : fallback_of(entry, field, buf), &answer);
                if (r != CLI_FINE)
                        return r;
                if (field->may_lack && !*answer)
                        return keep_answer(entry, &answer);
                if (!tree || entry_set(tree, field->path, value_of(field->kind, answer)) < 0 ||
                    (field->kind == ENTRY_DAY && follow_days(tree, field->path) < 0))
                        return cli_failf(entry->setup.cli, CLI_REFUSED, "memory",
                                         "mémoire épuisée");
                r = entry_judge(entry, tree, NULL, NULL, &good);
                if (r != CLI_FINE)
                        return r;
                if (good) {
                        json_decref(entry->tree);
                        entry->tree = TAKE_PTR(tree);
                        return keep_answer(entry, &answer);
                }
        }
}
