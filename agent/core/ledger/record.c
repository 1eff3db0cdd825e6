/* SPDX-License-Identifier: Apache-2.0 */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "vigie/err.h"
#include "vigie/ledger.h"

static const char *const log_names[VG_LOG_N] = {
        [VG_LOG_SHARED] = "shared",
        [VG_LOG_CLIENT] = "client",
};

const char *vg_log_name(enum vg_log log)
{
        assert(log < VG_LOG_N);
        return log_names[log];
}

int vg_log_parse(const char *name, enum vg_log *ret_log)
{
        for (unsigned i = 0; i < VG_LOG_N; i++)
                if (strcmp(name, log_names[i]) == 0) {
                        *ret_log = (enum vg_log)i;
                        return 0;
                }
        return -EINVAL;
}

static bool is_type_char(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

bool vg_record_type_valid(const char *type)
{
        size_t n = 0;

        while (type[n] && n < VG_TYPE_SIZE && is_type_char(type[n]))
                n++;
        return n > 0 && n < VG_TYPE_SIZE && !type[n];
}

int vg_record_format(const struct vg_record *record, struct vg_buf *buf, struct vg_err *err)
{
        char salt[2 * VG_SALT_SIZE + 1];

        if (!vg_record_type_valid(record->type))
                return vg_err_set(err, -EINVAL, "type d'inscription mal formé");
        if (record->n_body < 2 || record->body[0] != '{' || record->body[record->n_body - 1] != '}')
                return vg_err_set(err, -EINVAL, "le corps d'une inscription est un objet");
        if (record->seq > INT64_MAX)
                return vg_err_set(err, -ERANGE, "numéro d'inscription hors bornes");

        vg_buf_puts(buf, "{\"body\":");
        vg_buf_append(buf, record->body, record->n_body);
        vg_buf_printf(buf,
                      ",\"log\":\"%s\",\"salt\":\"%s\",\"seq\":%" PRIu64
                      ",\"type\":\"%s\",\"utc_ns\":%" PRId64 ",\"v\":1}",
                      vg_log_name(record->log), vg_hex_format(record->salt, VG_SALT_SIZE, salt),
                      record->seq, record->type, record->utc_ns);
        return buf->failed ? vg_err_set(err, -ENOMEM, "mémoire épuisée") : 0;
}

/* The envelope is taken off from its end, where every length but that of three fields is fixed: no
 * body, whatever it holds, can imitate it. Each taker shortens *n by what it took. */
static bool take_text(const char *bytes, size_t *n, const char *text)
{
        const size_t length = strlen(text);

        if (*n < length || memcmp(bytes + *n - length, text, length) != 0)
                return false;
        *n -= length;
        return true;
}

static bool take_digits(const char *bytes, size_t *n, uint64_t *ret_value)
{
        uint64_t value = 0, scale = 1;
        size_t end = *n;

        while (*n > 0 && bytes[*n - 1] >= '0' && bytes[*n - 1] <= '9' && end - *n < 20)
                (*n)--;
        if (*n == end || (bytes[*n] == '0' && end - *n > 1))
                return false;
        for (size_t i = end; i > *n; i--) {
                uint64_t part;
                if (__builtin_mul_overflow((uint64_t)(bytes[i - 1] - '0'), scale, &part) ||
                    __builtin_add_overflow(value, part, &value))
                        return false;
                if (i - 1 > *n && __builtin_mul_overflow(scale, (uint64_t)10, &scale))
                        return false;
        }
        *ret_value = value;
        return true;
}

static bool take_int(const char *bytes, size_t *n, int64_t *ret_value)
{
        uint64_t magnitude;

        if (!take_digits(bytes, n, &magnitude) || magnitude > INT64_MAX)
                return false;
        const bool negative = *n > 0 && bytes[*n - 1] == '-';
        if (negative && magnitude == 0)
                return false;
        *n -= negative;
        *ret_value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
        return true;
}

static bool take_type(const char *bytes, size_t *n, char ret_type[VG_TYPE_SIZE])
{
        size_t end = *n;

        while (*n > 0 && is_type_char(bytes[*n - 1]) && end - *n < VG_TYPE_SIZE)
                (*n)--;
        if (*n == end || end - *n >= VG_TYPE_SIZE)
                return false;
        memcpy(ret_type, bytes + *n, end - *n);
        ret_type[end - *n] = '\0';
        return true;
}

static bool take_salt(const char *bytes, size_t *n, uint8_t ret_salt[VG_SALT_SIZE])
{
        char hex[2 * VG_SALT_SIZE + 1] = { 0 };

        if (*n < 2 * VG_SALT_SIZE)
                return false;
        *n -= 2 * VG_SALT_SIZE;
        memcpy(hex, bytes + *n, 2 * VG_SALT_SIZE);
        return vg_hex_parse(hex, ret_salt, VG_SALT_SIZE) == 0;
}

static bool take_log(const char *bytes, size_t *n, enum vg_log *ret_log)
{
        for (unsigned i = 0; i < VG_LOG_N; i++)
                if (take_text(bytes, n, log_names[i])) {
                        *ret_log = (enum vg_log)i;
                        return true;
                }
        return false;
}

int vg_record_split(const char *bytes, size_t n, struct vg_record *ret_record)
{
        static const char head[] = "{\"body\":";
        const size_t n_head = sizeof(head) - 1;
        struct vg_record record = { 0 };

        if (!take_text(bytes, &n, ",\"v\":1}") || !take_int(bytes, &n, &record.utc_ns) ||
            !take_text(bytes, &n, "\",\"utc_ns\":") || !take_type(bytes, &n, record.type) ||
            !take_text(bytes, &n, ",\"type\":\"") || !take_digits(bytes, &n, &record.seq) ||
            !take_text(bytes, &n, "\",\"seq\":") || !take_salt(bytes, &n, record.salt) ||
            !take_text(bytes, &n, "\",\"salt\":\"") || !take_log(bytes, &n, &record.log) ||
            !take_text(bytes, &n, ",\"log\":\""))
                return -EINVAL;
        if (n < n_head + 2 || memcmp(bytes, head, n_head) != 0 || bytes[n_head] != '{' ||
            bytes[n - 1] != '}' || record.seq > INT64_MAX)
                return -EINVAL;
        record.body = bytes + n_head;
        record.n_body = n - n_head;
        *ret_record = record;
        return 0;
}
