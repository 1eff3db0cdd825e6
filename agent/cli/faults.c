/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/faults.h"

#include <stdio.h>
#include <string.h>

#include "vigie/civil.h"
#include "vigie/fault.h"

const char *fault_text(const json_t *object, const char *key)
{
        const char *text = "";

        (void)vg_json_get_string(object, key, &text);
        return text;
}

char *fault_where(const json_t *component, char buf[CLI_TEXT])
{
        const char *location = fault_text(component, "location");

        snprintf(buf, CLI_TEXT, "%s%s%s", fault_text(component, "class"), *location ? "/" : "",
                 location);
        return buf;
}

char *fault_what(const struct cli *cli, const json_t *component, char buf[CLI_TEXT])
{
        const struct vg_class *row = vg_class_find(fault_text(component, "class"));
        const char *maker = fault_text(component, "manufacturer");
        const char *model = fault_text(component, "model");

        if (*maker || *model)
                snprintf(buf, CLI_TEXT, "%s%s%s", maker, *maker && *model ? " " : "", model);
        else
                snprintf(buf, CLI_TEXT, "%s", row ? row->title[!cli->french] : "");
        return buf;
}

const char *fault_title(const struct cli *cli, const char *code)
{
        const struct vg_fault_code *row = vg_fault_code_find(code);

        return row ? row->title[!cli->french] : code;
}

static const struct {
        const char *word, *text;
} states[] = {
        { "cleared", N_("terminée") },
        { "degraded", N_("dégradé") },
        { "failed", N_("en panne") },
        { "recovering", N_("se rétablit") },
        { "replaced", N_("remplacé") },
        { "suspect", N_("suspect") },
        { "unobservable", N_("inobservable") },
}, ends[] = {
        { "absorbed", N_("expliquée par une autre défaillance") },
        { "ack", N_("prise en charge") },
        { "deasserted", N_("fin annoncée par le matériel") },
        { "quiet", N_("plus d'erreurs") },
        { "readings", N_("mesures redevenues normales") },
        { "replaced", N_("composant remplacé") },
        { "resolved", N_("marquée résolue par le matériel") },
        { "returned", N_("composant revenu") },
        { "state", N_("état redevenu normal") },
};

const char *fault_state_text(const char *state)
{
        for (size_t i = 0; i < ELEMENTSOF(states); i++)
                if (strcmp(states[i].word, state) == 0)
                        return _(states[i].text);
        return state;
}

const char *fault_how_text(const char *how)
{
        for (size_t i = 0; i < ELEMENTSOF(ends); i++)
                if (strcmp(ends[i].word, how) == 0)
                        return _(ends[i].text);
        return how;
}

enum cli_style fault_style(const char *severity, const char *state)
{
        if (strcmp(state, "cleared") == 0 || strcmp(state, "replaced") == 0)
                return CLI_DIM;
        return strcmp(severity, "critical") == 0 ? CLI_BAD : CLI_WARN;
}

/* ---- for programs ---- */

static void put_members(struct vg_json *j, const char *key, const json_t *object,
                        const char *const *members, size_t n)
{
        vg_json_object(j, key);
        for (size_t i = 0; i < n; i++)
                cli_json_text(j, members[i], fault_text(object, members[i]));
        vg_json_end_object(j);
}

static void put_time(struct vg_json *j, const char *key, const json_t *body, const char *member)
{
        int64_t at_s = 0;

        (void)vg_json_get_int(body, member, &at_s);
        if (at_s)
                cli_json_time(j, key, at_s);
        else
                cli_json_null(j, key);
}

void fault_write_json(struct vg_json *j, const json_t *body)
{
        static const char *const component[] = { "class",    "device",       "firmware",
                                                 "location", "manufacturer", "model",
                                                 "odata",    "part",         "serial" };
        static const char *const evidence[] = { "path", "source", "text", "threshold", "value" };
        const json_t *item;
        int64_t count = 0, episode = 0;
        size_t i;

        (void)vg_json_get_int(body, "count", &count);
        (void)vg_json_get_int(body, "episode", &episode);
        vg_json_object(j, NULL);
        put_time(j, "acknowledged", body, "acknowledged_s");
        cli_json_text(j, "code", fault_text(body, "code"));
        put_members(j, "component", json_object_get(body, "component"), component,
                    ELEMENTSOF(component));
        vg_json_int(j, "count", count);
        put_time(j, "ended", body, "ended_s");
        vg_json_int(j, "episode", episode);
        vg_json_array(j, "evidence");
        json_array_foreach (json_object_get(body, "evidence"), i, item) {
                put_members(j, NULL, item, evidence, ELEMENTSOF(evidence));
        }
        vg_json_end_array(j);
        put_time(j, "first_seen", body, "first_s");
        cli_json_text(j, "how", fault_text(body, "how"));
        cli_json_text(j, "id", fault_text(body, "id"));
        put_time(j, "last_seen", body, "last_s");
        put_time(j, "on_site", body, "on_site_s");
        cli_json_text(j, "severity", fault_text(body, "severity"));
        cli_json_text(j, "state", fault_text(body, "state"));
        vg_json_end_object(j);
}
