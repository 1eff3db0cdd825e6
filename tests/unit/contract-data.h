/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the tests of contracts share: files, and the example with something changed. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/files.h"
#include "vigie/contract.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

#define EXAMPLE VIGIE_SOURCE_DIR "/config/contract-example.json"
#define EXAMPLE_1 \
        VIGIE_SOURCE_DIR "/tests/data/contract/version-1.json" /* the same, in version 1 */
#define DATA VIGIE_SOURCE_DIR "/tests/data/contract"

static inline char *read_file(const char *path, size_t *ret_n)
{
        struct vg_err err = { 0 };
        char *bytes = NULL;

        if (vg_file_read(path, 8 << 20, &bytes, ret_n, &err) < 0)
                fail_msg("%s", vg_err_text(&err));
        return bytes;
}

static inline json_t *read_json(const char *path)
{
        _cleanup_free_ char *bytes = NULL;
        struct vg_err err = { 0 };
        json_t *tree = NULL;
        size_t n;

        bytes = read_file(path, &n);
        if (vg_json_parse(bytes, n, &tree, NULL, NULL, &err) < 0)
                fail_msg("%s: %s", path, vg_err_text(&err));
        return tree;
}

/* Sets the member or element that a path leads to ("quotas[1].limit"); [+] is a new element, NULL
 * removes. Takes the value. */
static inline void put(json_t *tree, const char *path, json_t *value)
{
        char text[256];

        snprintf(text, sizeof(text), "%s", path);
        for (char *at = text;;) {
                char *end = at + strcspn(at, ".[]");
                const char stop = *end;
                const bool is_last = stop == '\0' || (stop == ']' && end[1] == '\0');
                *end = '\0';
                const size_t index = (size_t)strtoull(at, NULL, 10);
                if (is_last && !json_is_array(tree))
                        value ? json_object_set_new(tree, at, value) : json_object_del(tree, at);
                else if (is_last && *at == '+')
                        json_array_append_new(tree, value);
                else if (is_last)
                        value ? json_array_set_new(tree, index, value)
                              : json_array_remove(tree, index);
                if (is_last)
                        return;
                tree = json_is_array(tree) ? json_array_get(tree, index)
                                           : json_object_get(tree, at);
                if (!tree)
                        fail_msg("no %s in %s", at, path);
                at = end + 1;
                at += *at == '.' || *at == '[';
        }
}

static inline struct vg_contract *load_tree(const json_t *tree)
{
        _cleanup_(vg_refusals_done) struct vg_refusals refusals = { 0 };
        _cleanup_free_ char *bytes = json_dumps(tree, 0);
        struct vg_contract *contract = NULL;
        struct vg_err err = { 0 };
        int r = vg_contract_parse(bytes, strlen(bytes), vg_file_zone, &contract, &refusals, &err);
        if (r < 0)
                fail_msg("%s", vg_err_text(&err));
        if (r > 0)
                fail_msg("%s %s", vg_refusal_code(&refusals.list[0]), refusals.list[0].path);
        return contract;
}

/* The example with some texts changed: path, text, path, text, …, NULL. */
static inline struct vg_contract *load_example(const char *const *edits)
{
        _cleanup_(vg_json_decrefp) json_t *tree = read_json(EXAMPLE);

        for (size_t i = 0; edits && edits[i]; i += 2)
                put(tree, edits[i], json_string(edits[i + 1]));
        return load_tree(tree);
}
