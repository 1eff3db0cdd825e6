/* SPDX-License-Identifier: Apache-2.0 */

#include "keeper/envelope.h"

#include <errno.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static bool is_source(const char *text)
{
        const size_t n = strlen(text);

        return n > 0 && n <= ENVELOPE_SOURCE_MAX &&
               strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static bool is_instance(const char *text)
{
        return strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32;
}

static int wrong(struct vg_err *err, const char *member)
{
        return vg_err_set(err, -EINVAL, "« %s » manque ou n'a pas la forme voulue", member);
}

static int read_members(const json_t *tree, struct envelope *e, const char **ret_code,
                        struct vg_err *err)
{
        const char *kind;
        int64_t v, number;

        *ret_code = "bad-envelope";
        if (!json_is_object(tree))
                return vg_err_set(err, -EINVAL, "un objet JSON par ligne est attendu");
        if (vg_json_get_int(tree, "seq", &number) < 0 || number < 1)
                return wrong(err, "seq");
        e->seq = (uint64_t)number;
        if (vg_json_get_int(tree, "v", &v) < 0 || v != 1)
                return vg_err_set(err, -EINVAL, "« v » : seule la version 1 est connue");
        if (vg_json_get_string(tree, "source", &e->source) < 0 || !is_source(e->source))
                return wrong(err, "source");
        if (vg_json_get_string(tree, "instance", &e->instance) < 0 || !is_instance(e->instance))
                return wrong(err, "instance");
        e->body = json_object_get(tree, "body");
        if (!json_is_object(e->body))
                return wrong(err, "body");
        e->has_stamp = vg_json_get_string(tree, "boot_id", &e->boot_id) == 0 &&
                       vg_json_get_int(tree, "at_boot_ns", &e->at_boot_ns) == 0 &&
                       vg_json_get_int(tree, "at_utc_ns", &e->at_utc_ns) == 0 && e->at_boot_ns >= 0;
        if (vg_json_get_string(tree, "kind", &kind) < 0)
                return wrong(err, "kind");
        *ret_code = "unknown-kind";
        if (kind_parse(kind, &e->kind) < 0)
                return vg_err_set(err, -EINVAL, "genre d'observation inconnu : %s", kind);
        return 0;
}

int envelope_parse(const char *line, size_t n, struct envelope *ret_envelope, const char **ret_code,
                   struct vg_err *err)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        struct envelope e = { 0 };
        int r = vg_json_parse(line, n, &tree, NULL, NULL, err);

        *ret_code = "not-json";
        if (r == 0)
                r = read_members(tree, &e, ret_code, err);
        if (r < 0) {
                *ret_envelope = (struct envelope){ .seq = e.seq };
                return r;
        }
        e.tree = TAKE_PTR(tree);
        *ret_envelope = e;
        return 0;
}

void envelope_done(struct envelope *e)
{
        json_decref(e->tree);
        *e = (struct envelope){ 0 };
}
