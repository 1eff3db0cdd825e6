/* SPDX-License-Identifier: Apache-2.0 */

#include "os/settings.h"

#include <assert.h>
#include <errno.h>
#include <glob.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/files.h"
#include "vigie/err.h"
#include "vigie/mem.h"
#include "vigie/num.h"
#include "vigie/text.h"

enum { SETTINGS_MAX = 1 << 20, LINE_MAX_BYTES = 198, LIST_MAX = 8192 };

const struct vg_setting_row vg_setting_rows[VG_N_SETTINGS] = {
#define VG_SETTING(section, key, type, member, value, fr, en) \
        { #section, #key, VG_SETTING_##type, offsetof(struct vg_settings, member), value, fr, en },
#include "os/settings.def"
#undef VG_SETTING
};

#define N_(text) (text)
static const char *const expectations[] = {
        [VG_SETTING_STRING] = N_("un texte d'au plus 200 caractères"),
        [VG_SETTING_PATH] = N_("un chemin absolu"),
        [VG_SETTING_SECONDS] = N_("une durée de 1s à 365d (s, m, h ou d)"),
        [VG_SETTING_NUMBER] = N_("un nombre entier"),
        [VG_SETTING_LANGUAGE] = N_("fr ou en"),
        [VG_SETTING_LIST] = N_("une liste d'au plus 8192 caractères en tout"),
};

static int set_text(char **member, const char *value)
{
        char *copy = strdup(value);

        if (!copy)
                return -ENOMEM;
        free(*member);
        *member = copy;
        return 0;
}

/* "90", "90s", "5m", "1h", "2d" */
static int parse_seconds(const char *value, uint32_t *ret)
{
        static const struct {
                char unit;
                uint32_t seconds;
        } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
        char digits[16];
        size_t n = strspn(value, "0123456789");
        uint64_t count;
        uint32_t factor = 0;

        if (!n || n >= sizeof(digits))
                return -EINVAL;
        memcpy(digits, value, n);
        digits[n] = '\0';
        if (!value[n])
                factor = 1;
        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (value[n] == units[i].unit && !value[n + 1])
                        factor = units[i].seconds;
        if (!factor || vg_u64_parse(digits, &count) < 0 || !count || count > 31536000 / factor)
                return -EINVAL;
        *ret = (uint32_t)count * factor;
        return 0;
}

/* Lines of a list add up, as systemd's do; an empty one begins it anew. */
static int add_text(char **member, const char *value)
{
        _cleanup_free_ char *longer = NULL;

        if (!*value || !*member || !**member)
                return set_text(member, value);
        if (strlen(*member) + strlen(value) >= LIST_MAX)
                return -EINVAL;
        if (asprintf(&longer, "%s %s", *member, value) < 0) {
                longer = NULL;
                return -ENOMEM;
        }
        return set_text(member, longer);
}

static int set_value(struct vg_settings *s, const struct vg_setting_row *row, const char *value)
{
        void *member = (char *)s + row->offset;
        uint64_t number;

        switch (row->type) {
        case VG_SETTING_STRING:
                return strlen(value) > 200 ? -EINVAL : set_text(member, value);
        case VG_SETTING_PATH:
                return *value && *value != '/' ? -EINVAL : set_text(member, value);
        case VG_SETTING_LANGUAGE:
                return strcmp(value, "fr") != 0 && strcmp(value, "en") != 0
                               ? -EINVAL
                               : set_text(member, value);
        case VG_SETTING_LIST:
                return add_text(member, value);
        case VG_SETTING_SECONDS:
                return parse_seconds(value, member);
        case VG_SETTING_NUMBER:
                if (vg_u64_parse(value, &number) < 0 || number > INT32_MAX)
                        return -EINVAL;
                *(uint32_t *)member = (uint32_t)number;
                return 0;
        }
        assert(false);
        return -EINVAL;
}

struct reading {
        struct vg_settings *settings;
        const char *file;
        int failed; /* the first failure; inih gives its line when parsing ends */
        struct vg_err *err;
};

static void fail(struct reading *r, int code, const struct vg_setting_row *row, const char *section,
                 const char *key, const char *value)
{
        if (r->failed)
                return;
        r->failed = code;
        if (!row)
                vg_err_set(r->err, code, "réglage inconnu [%s] %s; voir « vigie config »", section,
                           key);
        else if (code == -ENOMEM)
                vg_err_set(r->err, code, "mémoire épuisée");
        else
                vg_err_set(r->err, code, "[%s] %s = %s : il faut %s", section, key, value,
                           vg_translate(expectations[row->type]));
}

/* For inih: 1 is a good line, 0 a wrong one. */
static int on_line(void *user, const char *section, const char *key, const char *value)
{
        struct reading *r = user;
        const struct vg_setting_row *row = NULL;
        int code = -EINVAL;

        for (size_t i = 0; i < VG_N_SETTINGS && !row; i++)
                if (strcmp(vg_setting_rows[i].section, section) == 0 &&
                    strcmp(vg_setting_rows[i].key, key) == 0)
                        row = &vg_setting_rows[i];
        if (row && vg_utf8_valid(value, strlen(value), NULL))
                code = set_value(r->settings, row, value);
        if (code == 0)
                code = set_text(&r->settings->origin[row - vg_setting_rows], r->file);
        if (code < 0)
                fail(r, code, row, section, key, value);
        return code == 0;
}

/* inih would take the rest of a longer line for another. The number of the first, or 0. */
static int find_long_line(const char *text)
{
        int line = 1;

        for (size_t n; *text; text += n + (text[n] == '\n'), line++) {
                n = strcspn(text, "\n");
                if (n > LINE_MAX_BYTES)
                        return line;
        }
        return 0;
}

static int load_file(struct vg_settings *s, const char *file, struct vg_err *err)
{
        struct reading reading = { .settings = s, .file = file, .err = err };

        _cleanup_free_ char *text = NULL;
        struct stat st;
        size_t n;

        /* A device or a pipe could go on for ever. */
        if (stat(file, &st) == 0 && !S_ISREG(st.st_mode))
                return vg_err_set(err, -EINVAL, "réglages %s : ce n'est pas un fichier", file);
        int r = vg_file_read(file, SETTINGS_MAX, &text, &n, err);
        if (r < 0)
                return vg_err_wrap(err, r, "réglages");

        int line = find_long_line(text);
        if (line)
                return vg_err_set(err, -EINVAL, "%s, ligne %d : plus de %d octets", file, line,
                                  LINE_MAX_BYTES);
        line = ini_parse_string(text, on_line, &reading);
        if (line == 0)
                return 0;
        if (!reading.failed)
                return vg_err_set(err, -EINVAL, "%s, ligne %d : ni [section], ni clé = valeur",
                                  file, line);
        return vg_err_wrap(err, reading.failed, "%s, ligne %d", file, line);
}

static int load_drop_ins(struct vg_settings *s, struct vg_err *err)
{
        const char *slash = strrchr(s->file, '/');
        _cleanup_free_ char *pattern = NULL;
        glob_t found = { 0 };
        int r = 0;

        if (asprintf(&pattern, "%.*s/vigie.conf.d/*.conf", slash ? (int)(slash - s->file) : 1,
                     slash ? s->file : ".") < 0)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (glob(pattern, 0, NULL, &found) == 0)
                for (size_t i = 0; i < found.gl_pathc && r == 0; i++)
                        r = load_file(s, found.gl_pathv[i], err);
        globfree(&found);
        return r;
}

int vg_settings_load(const char *file, struct vg_settings *ret_settings, struct vg_err *err)
{
        _cleanup_(vg_settings_done) struct vg_settings s = { 0 };
        const char *environment = getenv("VIGIE_CONFIG");
        const char *named = file ? file : environment && *environment ? environment : NULL;

        for (size_t i = 0; i < VG_N_SETTINGS; i++) {
                int r = set_value(&s, &vg_setting_rows[i], vg_setting_rows[i].value);
                if (r < 0)
                        return vg_err_set(err, r, "mémoire épuisée");
        }
        s.file = strdup(named ? named : "/etc/vigie/vigie.conf");
        if (!s.file)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (named || access(s.file, F_OK) == 0) {
                int r = load_file(&s, s.file, err);
                if (r < 0)
                        return r;
        }

        int r = load_drop_ins(&s, err);
        if (r < 0)
                return r;
        *ret_settings = s;
        s = (struct vg_settings){ 0 };
        return 0;
}

void vg_settings_done(struct vg_settings *s)
{
        for (size_t i = 0; i < VG_N_SETTINGS; i++) {
                const struct vg_setting_row *row = &vg_setting_rows[i];
                void *member = (char *)s + row->offset;
                if (row->type != VG_SETTING_SECONDS && row->type != VG_SETTING_NUMBER)
                        free(*(char **)member);
                free(s->origin[i]);
        }
        free(s->file);
        *s = (struct vg_settings){ 0 };
}

char *vg_setting_format(const struct vg_settings *s, size_t i, char *buf, size_t size)
{
        const struct vg_setting_row *row = &vg_setting_rows[i];
        const void *member = (const char *)s + row->offset;

        if (row->type == VG_SETTING_SECONDS)
                snprintf(buf, size, "%us", *(const uint32_t *)member);
        else if (row->type == VG_SETTING_NUMBER)
                snprintf(buf, size, "%u", *(const uint32_t *)member);
        else
                snprintf(buf, size, "%s", *(char *const *)member);
        return buf;
}

static char *joined(const char *dir, const char *name)
{
        char *path;

        return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

char *vg_settings_ledger_path(const struct vg_settings *s)
{
        return joined(s->state_dir, "ledger.db");
}

char *vg_settings_socket_path(const struct vg_settings *s)
{
        return joined(s->run_dir, "keeper.sock");
}
