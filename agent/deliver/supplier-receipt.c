/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <string.h>

#include "deliver/supplier.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static int get_size(const json_t *tree, const char *key, uint64_t *ret)
{
        int64_t value;
        int r = vg_json_get_int(tree, key, &value);

        if (r == 0 && value < 0)
                return -EINVAL;
        if (r == 0)
                *ret = (uint64_t)value;
        return r;
}

/* Both or neither: a cosignature, and the key that made it. */
static int read_cosignature(const json_t *tree, struct supplier_claim *claim)
{
        const char *line, *key;
        size_t n;
        int r = vg_json_get_string(tree, "cosignature", &line);

        if (r == -ENOENT)
                return 0;
        if (r < 0 || strlen(line) >= sizeof(claim->line) || !*line ||
            vg_json_get_string(tree, "key", &key) < 0 ||
            vg_base64_parse(key, strlen(key), claim->key, sizeof(claim->key), &n) < 0 ||
            n != sizeof(claim->key))
                return -EINVAL;
        snprintf(claim->line, sizeof(claim->line), "%s", line);
        return 0;
}

int supplier_read_claim(const char *body, size_t n, struct supplier_claim *ret_claim)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        struct supplier_claim claim = { 0 };

        if (vg_json_parse(body, n, &tree, NULL, NULL, NULL) < 0 ||
            get_size(tree, "next", &claim.next) < 0)
                return -EINVAL;
        int r = get_size(tree, "size", &claim.size);
        claim.has_size = r == 0;
        if ((r < 0 && r != -ENOENT) || read_cosignature(tree, &claim) < 0)
                return -EINVAL;
        *ret_claim = claim;
        return 0;
}

char *supplier_read_message(const char *body, size_t n, char *buf, size_t size)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        const char *message = "";

        if (vg_json_parse(body, n, &tree, NULL, NULL, NULL) == 0)
                (void)vg_json_get_string(json_object_get(tree, "error"), "message", &message);
        return vg_text_clean(message, strlen(message), buf, size);
}

/* The head and the cosignature are a signed note: any tool that reads those can check it. */
static char *write_receipt(const struct supplier_claim *claim, const struct vg_checkpoint *head,
                           int64_t utc_s)
{
        _cleanup_(vg_buf_done) struct vg_buf note = { 0 };
        _cleanup_(vg_buf_done) struct vg_buf key = { 0 };
        struct vg_json j = { 0 };
        char time[32];

        vg_checkpoint_text(head, &note);
        vg_buf_printf(&note, "\n%s", claim->line);
        vg_base64_format(claim->key, sizeof(claim->key), &key);
        vg_json_object(&j, NULL);
        vg_json_string(&j, "key", key.data ? key.data : "");
        vg_json_string(&j, "note", note.data ? note.data : "");
        vg_json_int(&j, "size", (int64_t)head->size);
        vg_json_string(&j, "time", vg_utc_format(utc_s, time));
        vg_json_end_object(&j);
        j.buf.failed |= key.failed || note.failed;
        char *receipt = vg_buf_take(&j.buf);
        vg_json_done(&j);
        return receipt;
}

int supplier_check_claim(const struct supplier_claim *claim, const struct vg_checkpoint *head,
                         const uint8_t *key, char **ret_receipt)
{
        int64_t utc_s;

        *ret_receipt = NULL;
        if (!*claim->line)
                return key ? -EBADMSG : 0;
        if ((key && memcmp(key, claim->key, VG_PUBLIC_KEY_SIZE) != 0) ||
            vg_cosignature_check(head, claim->line, strlen(claim->line), &store_hasher, claim->key,
                                 store_check, NULL, &utc_s) < 0)
                return -EBADMSG;
        *ret_receipt = write_receipt(claim, head, utc_s);
        return *ret_receipt ? 0 : -ENOMEM;
}
