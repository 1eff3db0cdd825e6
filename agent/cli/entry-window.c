/* SPDX-License-Identifier: Apache-2.0 */

/* Windows of a contract file (hours of coverage, of maintenance) from a table of periods: rows of one
 * identifier that follow each other are one window. */

#include "cli/entry.h"

#include <string.h>

/* Of ENTRY_WINDOW_COLUMNS. */
enum { ID, DAYS, FROM, TO, WEEKS, ON_HOLIDAYS };

static const char *const days[7][2] = {
        { "lun", "mon" }, { "mar", "tue" }, { "mer", "wed" }, { "jeu", "thu" },
        { "ven", "fri" }, { "sam", "sat" }, { "dim", "sun" },
};

/* 7: no day's name. */
static size_t day_of(const char *text, size_t n)
{
        for (size_t i = 0; n == 3 && i < ELEMENTSOF(days); i++)
                if (strncmp(text, days[i][0], n) == 0 || strncmp(text, days[i][1], n) == 0)
                        return i;
        return ELEMENTSOF(days);
}

/* "lun-ven", "sat, sun"; what is no day stays as it is, and the rules say what is expected. */
static json_t *days_of(const char *cell)
{
        json_t *list = json_array();

        for (const char *at = cell; list && *(at += strspn(at, " ,")); at += strcspn(at, " ,")) {
                const size_t n = strcspn(at, " ,"), n_first = strcspn(at, "- ,");
                const size_t first = day_of(at, n_first);
                const size_t last = n_first < n ? day_of(at + n_first + 1, n - n_first - 1) : first;
                if (first == ELEMENTSOF(days) || last == ELEMENTSOF(days)) {
                        json_array_append_new(list, json_stringn(at, n));
                        continue;
                }
                for (size_t day = first;; day = (day + 1) % ELEMENTSOF(days)) {
                        json_array_append_new(list, json_string(days[day][1]));
                        if (day == last)
                                break;
                }
        }
        return list;
}

static json_t *period_of(const struct sheet_row *row)
{
        json_t *period = json_object();

        json_object_set_new(period, "days", days_of(row->cell[DAYS]));
        json_object_set_new(period, "from", json_string(row->cell[FROM]));
        json_object_set_new(period, "to", json_string(row->cell[TO]));
        if (*row->cell[WEEKS])
                json_object_set_new(period, "weeks", entry_items(row->cell[WEEKS], ENTRY_COUNTS));
        return period;
}

static bool says_yes(const char *cell)
{
        static const char *const words[] = { "oui", "yes", "true", "1" };

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (strcmp(cell, words[i]) == 0)
                        return true;
        return false;
}

static bool continues(const struct sheet *sheet, size_t i)
{
        return i > 0 && strcmp(sheet->rows[i].cell[ID], sheet->rows[i - 1].cell[ID]) == 0;
}

json_t *entry_windows(const struct sheet *sheet)
{
        json_t *list = json_array(), *window = NULL;

        for (size_t i = 0; list && i < sheet->n; i++) {
                const struct sheet_row *row = &sheet->rows[i];
                if (!continues(sheet, i)) {
                        window = json_object();
                        json_array_append_new(list, window);
                        json_object_set_new(window, "id", json_string(row->cell[ID]));
                        json_object_set_new(window, "on_holidays",
                                            json_boolean(says_yes(row->cell[ON_HOLIDAYS])));
                        json_object_set_new(window, "periods", json_array());
                }
                json_array_append_new(json_object_get(window, "periods"), period_of(row));
        }
        return list;
}

size_t entry_window_row(const struct sheet *sheet, size_t window, size_t period)
{
        size_t at = 0;

        for (size_t i = 0; i < sheet->n; i++) {
                at += i > 0 && !continues(sheet, i);
                if (at == window)
                        return i + period;
        }
        return SIZE_MAX;
}
