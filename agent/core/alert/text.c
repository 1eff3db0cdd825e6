/* SPDX-License-Identifier: Apache-2.0 */

/* Sentences of the catalogue with their parameters, in French and in English: typographic spaces,
 * decimal comma, dates in words, agreement in number. */

#include <stdio.h>
#include <string.h>

#include "vigie/alert.h"
#include "vigie/civil.h"
#include "vigie/mem.h"
#include "vigie/text.h"

#define NBSP "\xc2\xa0"

struct words {
        const char *id, *fr, *en;
};

/* Resources within a sentence, behind « de »; sorted. Others stand as their id. */
static const struct words resources[] = {
        { "block_read_gb", "données lues sur disque", "data read from disk" },
        { "block_tb", "disque alloué", "allocated disk" },
        { "block_written_gb", "données écrites sur disque", "data written to disk" },
        { "cpu_used", "temps de processeur utilisé", "processor time used" },
        { "net_rx_gb", "données reçues du réseau", "data received from the network" },
        { "net_tx_gb", "données émises sur le réseau", "data sent to the network" },
        { "ram_gib", "mémoire allouée", "allocated memory" },
        { "ram_used_gib", "mémoire résidente", "resident memory" },
        { "vcpu", "vCPU alloués", "allocated vCPUs" },
        { "vm", "machines actives", "active machines" },
};

/* Units by enum vg_unit, then TB-hours and dollars: one, many; French, English. */
static const char *const units[][2][2] = {
        [VG_UNIT_VCPU_HOUR] = { { "vCPU-heure", "vCPU-heures" }, { "vCPU-hour", "vCPU-hours" } },
        [VG_UNIT_VM_HOUR] = { { "VM-heure", "VM-heures" }, { "VM-hour", "VM-hours" } },
        [VG_UNIT_GIB_HOUR] = { { "Gio-heure", "Gio-heures" }, { "GiB-hour", "GiB-hours" } },
        [VG_UNIT_TB_MONTH] = { { "To-mois", "To-mois" }, { "TB-month", "TB-months" } },
        [VG_UNIT_GB] = { { "Go", "Go" }, { "GB", "GB" } },
        [VG_UNIT_SERVER_MONTH] = { { "serveur-mois", "serveurs-mois" },
                                   { "server-month", "server-months" } },
        [VG_UNIT_LICENSE_MONTH] = { { "licence-mois", "licences-mois" },
                                    { "licence-month", "licence-months" } },
        [VG_UNIT_EACH] = { { "unité", "unités" }, { "unit", "units" } },
        [VG_PARAM_UNIT_TB_HOUR] = { { "To-heure", "To-heures" }, { "TB-hour", "TB-hours" } },
        [VG_PARAM_UNIT_CAD] = { { "$", "$" }, { "CAD", "CAD" } },
};

static const char *const months[2][12] = {
        { "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
          "octobre", "novembre", "décembre" },
        { "January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December" },
};

/* French: below two is one. `scale`: what one is. */
static bool is_many(vg_i128 number, vg_i128 scale, bool french)
{
        const vg_i128 size = number < 0 ? -number : number;

        return french ? size >= 2 * scale : size != scale;
}

/* Without zeros at the end: "110,6", "75". */
static char *short_decimal(vg_i128 value, unsigned decimals, unsigned shown, bool french, char *buf,
                           size_t size)
{
        char full[96];
        size_t n =
                strlen(vg_decimal_format_local(value, decimals, shown, french, full, sizeof(full)));

        if (shown > 0) {
                while (n > 0 && full[n - 1] == '0')
                        n--;
                if (n > 0 && (full[n - 1] == ',' || full[n - 1] == '.'))
                        n--;
        }
        snprintf(buf, size, "%.*s", (int)n, full);
        return buf;
}

static void write_date(struct vg_date date, bool french, char *buf, size_t size)
{
        const char *month = months[!french][date.month - 1];

        if (french)
                snprintf(buf, size, "%d%s" NBSP "%s" NBSP "%d", date.day, date.day == 1 ? "er" : "",
                         month, date.year);
        else
                snprintf(buf, size, "%s" NBSP "%d, %d", month, date.day, date.year);
}

static void write_instant(const struct vg_zone *zone, int64_t utc_s, bool french, char *buf,
                          size_t size)
{
        const int64_t local_s = utc_s + (zone ? vg_zone_offset_s(zone, utc_s) : 0);
        const int64_t days = vg_floor_div(local_s, VG_DAY_S);
        const int hour = (int)((local_s - days * VG_DAY_S) / VG_HOUR_S);
        const int minute = (int)(local_s - days * VG_DAY_S) / 60 % 60;
        char date[64], time[32];

        write_date(vg_civil_from_days(days), french, date, sizeof(date));
        if (!french)
                snprintf(time, sizeof(time), "%02d:%02d", hour, minute);
        else if (minute)
                snprintf(time, sizeof(time), "%d" NBSP "h" NBSP "%02d", hour, minute);
        else
                snprintf(time, sizeof(time), "%d" NBSP "h", hour);
        snprintf(buf, size, "%s %s %s%s", date, french ? "à" : "at", time, zone ? "" : " (UTC)");
}

static const char *resource_words(const char *id, bool french)
{
        for (size_t i = 0; i < ELEMENTSOF(resources); i++)
                if (strcmp(resources[i].id, id) == 0)
                        return french ? resources[i].fr : resources[i].en;
        return id;
}

/* A unit agrees with the quantity beside it. */
static const char *unit_words(const struct vg_alert_params *params, vg_i128 unit, bool french)
{
        bool many = true;

        if (unit < 0 || unit >= (vg_i128)ELEMENTSOF(units))
                unit = VG_UNIT_EACH;
        for (size_t i = 0; i < params->n; i++)
                if (params->list[i].kind == VG_PARAM_MICRO &&
                    strcmp(params->list[i].name, "limit") != 0)
                        many = is_many(params->list[i].number, 1000000, french);
        return units[unit][!french][many];
}

char *vg_alert_param_text(const struct vg_alert_params *params, size_t i, bool french, char *buf,
                          size_t size)
{
        const struct vg_alert_param *p = &params->list[i];
        const int64_t number = (int64_t)p->number;
        const int32_t month = (int32_t)p->number;

        switch (p->kind) {
        case VG_PARAM_TEXT:
                return vg_text_clean(p->text[!french], strlen(p->text[!french]), buf, size);
        case VG_PARAM_RESOURCE: {
                const char *words = resource_words(p->text[0], french);
                return vg_text_clean(words, strlen(words), buf, size);
        }
        case VG_PARAM_CENTS:
                snprintf(buf, size, "%s",
                         vg_decimal_format_local(p->number, 2, 2, french, (char[96]){ 0 }, 96));
                return buf;
        case VG_PARAM_MICRO:
                return short_decimal(p->number, 6, 6, french, buf, size);
        case VG_PARAM_PCT:
                /* Cut, not rounded: 99.996 % must not read as 100 %. */
                return short_decimal(p->number / 10000, 2, 2, french, buf, size);
        case VG_PARAM_SECONDS:
                return short_decimal(p->number, 9, 3, french, buf, size);
        case VG_PARAM_COUNT:
                return short_decimal(p->number, 0, 0, french, buf, size);
        case VG_PARAM_DATE:
                write_date(vg_civil_from_days(number), french, buf, size);
                return buf;
        case VG_PARAM_INSTANT:
                write_instant(params->zone, number, french, buf, size);
                return buf;
        case VG_PARAM_MONTH:
                snprintf(buf, size, "%s" NBSP "%d", months[!french][month % 12], month / 12);
                return buf;
        case VG_PARAM_UNIT:
                snprintf(buf, size, "%s", unit_words(params, p->number, french));
                return buf;
        }
        buf[0] = '\0';
        return buf;
}

char *vg_alert_param_plain(const struct vg_alert_params *params, size_t i, char *buf, size_t size)
{
        static const char *const plain_units[] = {
                [VG_PARAM_UNIT_TB_HOUR] = "tb_hour",
                [VG_PARAM_UNIT_CAD] = "cad",
        };
        const struct vg_alert_param *p = &params->list[i];
        const int64_t number = (int64_t)p->number;

        switch (p->kind) {
        case VG_PARAM_TEXT:
        case VG_PARAM_RESOURCE:
                return vg_text_clean(p->text[0], strlen(p->text[0]), buf, size);
        case VG_PARAM_CENTS:
                return vg_decimal_format(p->number, 2, buf, size);
        case VG_PARAM_MICRO:
        case VG_PARAM_PCT:
                return vg_decimal_format(p->number, 6, buf, size);
        case VG_PARAM_SECONDS:
                return vg_decimal_format(p->number, 9, buf, size);
        case VG_PARAM_COUNT:
                return vg_decimal_format(p->number, 0, buf, size);
        case VG_PARAM_DATE:
                snprintf(buf, size, "%s",
                         vg_date_format(vg_civil_from_days(number), (char[16]){ 0 }));
                return buf;
        case VG_PARAM_INSTANT:
                snprintf(buf, size, "%s", vg_utc_format(number, (char[32]){ 0 }));
                return buf;
        case VG_PARAM_MONTH:
                snprintf(buf, size, "%s", vg_month_format((int32_t)number, (char[16]){ 0 }));
                return buf;
        case VG_PARAM_UNIT:
                snprintf(buf, size, "%s",
                         number < VG_UNIT_N ? vg_unit_name((enum vg_unit)number)
                                            : plain_units[number]);
                return buf;
        }
        buf[0] = '\0';
        return buf;
}

/* ---- templates ---- */

struct sink { /* what does not fit is left out, on a character's boundary (vg_text_clean) */
        char *buf;
        size_t n, size;
};

static void put(struct sink *sink, const char *text, size_t n)
{
        if (n > sink->size - 1 - sink->n)
                n = sink->size - 1 - sink->n;
        memcpy(sink->buf + sink->n, text, n);
        sink->n += n;
        sink->buf[sink->n] = '\0';
}

/* Place of the parameter whose name is the n bytes at name; params->n: there is none. */
static size_t find_param(const struct vg_alert_params *params, const char *name, size_t n)
{
        size_t i = 0;

        while (i < params->n &&
               (strlen(params->list[i].name) != n || memcmp(params->list[i].name, name, n) != 0))
                i++;
        return i;
}

/* One {placeholder}, without its braces. */
static void put_placeholder(struct sink *sink, const struct vg_alert_params *params, bool french,
                            const char *at, size_t n)
{
        const size_t n_name = strcspn(at, ":?}");
        const size_t i = find_param(params, at, n_name);
        char value[256];

        if (i == params->n) { /* asserted by the tests of the rooms that raise alerts */
                put(sink, "?", 1);
                return;
        }
        if (at[n_name] != '?') {
                vg_alert_param_text(params, i, french, value, sizeof(value));
                put(sink, value, strlen(value));
        }
        if (n_name == n)
                return;

        const char *one = at + n_name + 1;
        const char *many = memchr(one, '|', n - n_name - 1);

        if (at[n_name] == ':')
                put(sink, NBSP, strlen(NBSP));
        if (is_many(params->list[i].number, 1, french))
                put(sink, many + 1, n - (size_t)(many + 1 - at));
        else
                put(sink, one, (size_t)(many - one));
}

char *vg_alert_text(const struct vg_alert *alert, const struct vg_alert_params *params, bool french,
                    char *buf, size_t size)
{
        const char *at = alert->text[!french];
        char raw[2 * VG_ALERT_TEXT_SIZE] = "";
        struct sink sink = { raw, 0, sizeof(raw) };

        while (*at) {
                const size_t plain = strcspn(at, "{");
                put(&sink, at, plain);
                at += plain;
                if (*at) {
                        const size_t n = strcspn(++at, "}");
                        put_placeholder(&sink, params, french, at, n);
                        at += n + 1;
                }
        }
        return vg_text_clean(raw, sink.n, buf, size);
}
