/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* settings: vigie.conf and its drop-ins, read once at start. Every setting is a row of
 * settings.def. Lines are "key = value" under "[section]", as systemd writes them. */

#include <stddef.h>
#include <stdint.h>

struct vg_err;

enum vg_setting_type {
        VG_SETTING_STRING,
        VG_SETTING_PATH,
        VG_SETTING_SECONDS,
        VG_SETTING_NUMBER,
        VG_SETTING_LANGUAGE,
        VG_SETTING_LIST,
};

enum {
#define VG_SETTING(section, key, type, member, value, fr, en) VG_SETTING_##member,
#include "os/settings.def"
#undef VG_SETTING
        VG_N_SETTINGS
};

/* The C type of a member follows from the row's type: text, or a number of seconds. */
#define VG_MEMBER_STRING char *
#define VG_MEMBER_PATH char *
#define VG_MEMBER_SECONDS uint32_t
#define VG_MEMBER_NUMBER uint32_t
#define VG_MEMBER_LANGUAGE char *
#define VG_MEMBER_LIST char *

struct vg_settings {
#define VG_SETTING(section, key, type, member, value, fr, en) VG_MEMBER_##type member;
#include "os/settings.def"
#undef VG_SETTING
        char *file;                  /* the main file */
        char *origin[VG_N_SETTINGS]; /* file that set the row, NULL: the default holds */
};

/* One row as data, for the manual, `vigie config` and the tests. */
struct vg_setting_row {
        const char *section, *key;
        enum vg_setting_type type;
        size_t offset; /* of the member in struct vg_settings */
        const char *value;
        const char *text_fr, *text_en;
};
extern const struct vg_setting_row vg_setting_rows[VG_N_SETTINGS];

/* Reads `file` (NULL: $VIGIE_CONFIG where it names one, else /etc/vigie/vigie.conf), then every
 * *.conf of the folder vigie.conf.d beside it, in order of name; a later line wins. A missing
 * default file is no error: defaults hold. -ENOENT: a file that was named is missing. -EINVAL: *err
 * names file, line, and what is expected. Caller: vg_settings_done(). */
int vg_settings_load(const char *file, struct vg_settings *ret_settings, struct vg_err *err);
void vg_settings_done(struct vg_settings *settings);

/* The value of a row as text ("300s"), into buf. Returns buf. */
char *vg_setting_format(const struct vg_settings *settings, size_t row, char *buf, size_t size);

/* Paths made from the settings; caller frees. NULL: no memory. */
char *vg_settings_ledger_path(const struct vg_settings *settings); /* state_dir/ledger.db */
char *vg_settings_socket_path(const struct vg_settings *settings); /* run_dir/keeper.sock */
