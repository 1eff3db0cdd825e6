/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as two exports, cut at a line of "---": merged or refused, never anything else. What is
 * sent twice changes nothing, neither does the order of the files where nothing contradicts, and what is
 * written out again merges to the same. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/mem.h"
#include "vigie/merge.h"
#include "vigie/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct file {
        const char *bytes;
        size_t n;
};

static void expect(bool is_so)
{
        if (!is_so)
                abort();
}

/* NULL: refused. */
static struct vg_merge *merge(const struct file *files, size_t n,
                              const struct vg_merge_result **ret_result)
{
        struct vg_merge *merge = NULL;
        int r = vg_merge_new(&merge, NULL);

        for (size_t i = 0; i < n && r == 0; i++)
                r = vg_merge_add(merge, "x", files[i].bytes, files[i].n, NULL);
        if (r == 0)
                r = vg_merge_finish(merge, ret_result, NULL);
        if (r == 0)
                return merge;
        expect(r < 0);
        vg_merge_free(merge);
        return NULL;
}

static void expect_equal(const struct vg_merge_result *a, const struct vg_merge_result *b)
{
        expect(a->n_rows == b->n_rows && a->n_shared == b->n_shared);
        for (size_t i = 0; i < a->n_rows; i++)
                expect(a->rows[i].start_s == b->rows[i].start_s &&
                       a->rows[i].micro == b->rows[i].micro &&
                       strcmp(a->rows[i].tenant, b->rows[i].tenant) == 0 &&
                       strcmp(a->rows[i].resource, b->rows[i].resource) == 0 &&
                       strcmp(a->rows[i].appliance, b->rows[i].appliance) == 0);
}

static void expect_same(const struct file *files, size_t n, const struct vg_merge_result *want)
{
        const struct vg_merge_result *result = NULL;
        _cleanup_(vg_merge_freep) struct vg_merge *again = merge(files, n, &result);

        expect(again);
        expect_equal(result, want);
}

static void write_again(const struct vg_merge_result *result)
{
        _cleanup_(vg_buf_done) struct vg_buf text = { 0 };

        vg_buf_puts(&text, VG_MERGE_HEADER "\n");
        for (size_t i = 0; i < result->n_told; i++)
                vg_merge_row_write(&text, &result->told[i]);
        expect_same(&(struct file){ text.data, text.n }, 1, result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char mark[] = "---\n";
        _cleanup_free_ char *bytes = calloc(size + 1, 1); /* with a NUL behind, as a file is read */
        expect(bytes);
        memcpy(bytes, data, size);
        const char *cut = memmem(bytes, size, mark, strlen(mark));
        struct file files[4] = { { bytes, cut ? (size_t)(cut - bytes) : size } };
        const struct vg_merge_result *result = NULL;
        size_t n = 1;

        if (cut)
                files[n++] = (struct file){ cut + strlen(mark),
                                            size - (size_t)(cut - bytes) - strlen(mark) };
        _cleanup_(vg_merge_freep) struct vg_merge *once = merge(files, n, &result);
        if (!once)
                return 0;
        write_again(result);
        memcpy(files + n, files, n * sizeof(*files));
        expect_same(files, 2 * n, result);
        if (n == 2 && !result->n_conflicts)
                expect_same((struct file[]){ files[1], files[0] }, 2, result);
        return 0;
}
