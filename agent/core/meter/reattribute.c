/* SPDX-License-Identifier: Apache-2.0 */

/* reattribute: an act of the operator dated in the past moves what the ledger holds, by pairs. */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "vigie/book.h"
#include "vigie/err.h"
#include "vigie/mem.h"

/* Only what the new row decides: other lines stay where they were put. */
static bool moves(const struct vg_usage_entry *part, const struct vg_usage_line *line,
                  const struct vg_tenant_rules *rules, const struct vg_tenant_row *row)
{
        const struct vg_identity who = { line->uuid, line->name, line->hints };

        return vg_tenant_moves(&who, rules, row, part->start_s, part->start_s + part->interval_s,
                               part->tenant);
}

static int compare_lines(const void *pa, const void *pb)
{
        const struct vg_usage_line *a = pa, *b = pb;
        int order = strcmp(a->uuid, b->uuid);

        return order ? order : strcmp(a->name, b->name);
}

/* One line for each domain, all parts together; lines that come to nothing go. */
static size_t join_lines(struct vg_usage_line *lines, size_t n, struct vg_disk_seen *disks)
{
        size_t kept = 0;

        qsort(lines, n, sizeof(*lines), compare_lines);
        for (size_t i = 0; i < n; i++) {
                /* In this order the disks of a domain's lines lie side by side. */
                if (lines[i].n_disks)
                        memcpy(disks, lines[i].disks, lines[i].n_disks * sizeof(*disks));
                lines[i].disks = disks;
                disks += lines[i].n_disks;
                if (kept && compare_lines(&lines[kept - 1], &lines[i]) == 0) {
                        lines[kept - 1].present |= lines[i].present;
                        lines[kept - 1].n_disks += lines[i].n_disks;
                        for (int r = 0; r < VG_N_RESOURCES; r++)
                                lines[kept - 1].base[r] += lines[i].base[r];
                        continue;
                }
                lines[kept++] = lines[i];
        }
        n = kept;
        kept = 0;
        for (size_t i = 0; i < n; i++) {
                bool any = false;
                for (int r = 0; r < VG_N_RESOURCES; r++)
                        any |= lines[i].base[r] != 0;
                if (any)
                        lines[kept++] = lines[i];
        }
        return kept;
}

/* Both sides carry the same micro-units: all there are where all of the base moves, else the moved
 * base's own, half up, and never more than there are. */
static int64_t micro_of(enum vg_resource resource, vg_i128 moved,
                        const struct vg_usage_total *whole)
{
        vg_i128 carry = 0;
        int64_t micro;

        if (moved == whole->base)
                return whole->micro;
        micro = vg_resource_micro(resource, moved, &carry);
        return micro > whole->micro && whole->micro >= 0 ? whole->micro : micro;
}

struct moved { /* lines and their disks */
        struct vg_usage_line *lines;
        struct vg_disk_seen *disks;
        size_t n_disks;
};

static void negate(const struct moved *moved, size_t n_lines)
{
        for (size_t i = 0; i < n_lines; i++)
                for (int r = 0; r < VG_N_RESOURCES; r++)
                        moved->lines[i].base[r] = -moved->lines[i].base[r];
        for (size_t i = 0; i < moved->n_disks; i++)
                moved->disks[i].kib = -moved->disks[i].kib;
}

static int emit(const struct vg_usage_entry *pattern, const char *tenant, bool negative,
                const struct moved *moved, const struct vg_book_sink *sink, struct vg_err *err)
{
        struct vg_usage_entry entry = *pattern;

        entry.tenant = tenant;
        for (int r = 0; negative && r < VG_N_RESOURCES; r++) {
                entry.total[r].base = -entry.total[r].base;
                entry.total[r].micro = -entry.total[r].micro;
        }
        if (negative)
                negate(moved, entry.n_lines);
        entry.lines = moved->lines;

        int r = sink->usage(sink->user, &entry, err);
        if (negative)
                negate(moved, entry.n_lines);
        return r;
}

static int check_parts(const struct vg_usage_entry *parts, size_t n, struct vg_err *err)
{
        for (size_t i = 1; i < n; i++)
                if (parts[i].start_s != parts[0].start_s ||
                    strcmp(parts[i].tenant, parts[0].tenant) != 0)
                        return vg_err_set(err, -EINVAL,
                                          "les parties ne sont pas du même intervalle et abonné");
        return 0;
}

int vg_reattribute(const struct vg_usage_entry *parts, size_t n_parts,
                   const struct vg_tenant_rules *rules, size_t row, const struct vg_book_sink *sink,
                   struct vg_err *err)
{
        int r = check_parts(parts, n_parts, err);
        if (r < 0 || n_parts == 0 || parts[0].start_s < rules->rows[row].from_utc_s)
                return r;

        struct vg_usage_total whole[VG_N_RESOURCES] = { 0 };
        struct vg_usage_entry moved = { .start_s = parts[0].start_s,
                                        .interval_s = parts[0].interval_s,
                                        .late = true };
        size_t most = 1, n = 0, n_disks = 0;

        for (size_t i = 0; i < n_parts; i++) {
                most += parts[i].n_lines;
                for (size_t k = 0; k < parts[i].n_lines; k++)
                        n_disks += parts[i].lines[k].n_disks;
        }
        _cleanup_free_ struct vg_usage_line *lines = malloc(most * sizeof(*lines));
        _cleanup_free_ struct vg_disk_seen *disks = calloc(n_disks + 1, sizeof(*disks));
        if (!lines || !disks)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        for (size_t i = 0; i < n_parts; i++) {
                moved.clock = parts[i].clock > moved.clock ? parts[i].clock : moved.clock;
                for (int k = 0; k < VG_N_RESOURCES; k++) {
                        whole[k].base += parts[i].total[k].base;
                        whole[k].micro += parts[i].total[k].micro;
                        if (parts[i].total[k].quality > whole[k].quality)
                                whole[k].quality = parts[i].total[k].quality;
                }
                for (size_t k = 0; k < parts[i].n_lines; k++)
                        if (moves(&parts[i], &parts[i].lines[k], rules, &rules->rows[row]))
                                lines[n++] = parts[i].lines[k];
        }
        moved.n_lines = join_lines(lines, n, disks);
        if (moved.n_lines == 0)
                return 0;

        for (size_t i = 0; i < moved.n_lines; i++)
                moved.present |= lines[i].present;
        for (int k = 0; k < VG_N_RESOURCES; k++) {
                for (size_t i = 0; i < moved.n_lines; i++)
                        moved.total[k].base += lines[i].base[k];
                moved.total[k].quality = whole[k].quality;
                moved.total[k].micro =
                        micro_of((enum vg_resource)k, moved.total[k].base, &whole[k]);
        }
        const struct moved all = { lines, disks, n_disks };
        r = emit(&moved, parts[0].tenant, true, &all, sink, err);
        return r < 0 ? r : emit(&moved, rules->rows[row].tenant, false, &all, sink, err);
}
