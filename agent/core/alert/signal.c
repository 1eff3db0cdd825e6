/* SPDX-License-Identifier: Apache-2.0 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigie/alert.h"
#include "vigie/text.h"

void vg_signals_done(struct vg_signals *signals)
{
        free(signals->list);
        *signals = (struct vg_signals){ 0 };
}

static bool begins_with(const char *text, const char *prefix)
{
        const size_t n = strlen(prefix);

        return strncmp(text, prefix, n) == 0;
}

static bool is_listed(const char *const *covers, const struct vg_alert *alert, const char *key)
{
        for (; covers && *covers; covers++) {
                if (!begins_with(*covers, alert->code))
                        continue;

                const char *rest = *covers + strlen(alert->code);
                if (!*rest || (*rest == '/' && begins_with(key, rest + 1)))
                        return true;
        }
        return false;
}

bool vg_signals_cover(const struct vg_signals *signals, const struct vg_alert *alert,
                      const char *key)
{
        return (signals->view && vg_watch_covers(signals->view, alert, key)) ||
               is_listed(signals->covers, alert, key);
}

struct vg_signal *vg_signal_add(struct vg_signals *signals, const char *code, const char *key,
                                bool active, enum vg_severity severity, const struct vg_zone *zone)
{
        const struct vg_alert *alert = vg_alert_find(code);

        assert(alert && severity >= alert->least && severity <= alert->most);
        if (signals->n == signals->size) {
                size_t size = signals->size ? 2 * signals->size : 16;
                void *list = reallocarray(signals->list, size, sizeof(*signals->list));
                if (!list)
                        return NULL;
                signals->list = list;
                signals->size = size;
        }

        struct vg_signal *signal = &signals->list[signals->n++];
        *signal = (struct vg_signal){
                .alert = alert,
                .active = active,
                .severity = severity,
                .params.zone = zone,
        };
        vg_text_clean(key, strlen(key), signal->key, sizeof(signal->key));
        return signal;
}

static struct vg_alert_param *add_param(struct vg_signal *signal, const char *name,
                                        enum vg_param_kind kind)
{
        assert(signal->params.n < VG_ALERT_PARAMS);

        struct vg_alert_param *param = &signal->params.list[signal->params.n++];

        param->name = name;
        param->kind = kind;
        return param;
}

void vg_signal_both(struct vg_signal *signal, const char *name, const char *fr, const char *en)
{
        struct vg_alert_param *param = add_param(signal, name, VG_PARAM_TEXT);

        vg_text_clean(fr, strlen(fr), param->text[0], sizeof(param->text[0]));
        vg_text_clean(en, strlen(en), param->text[1], sizeof(param->text[1]));
}

void vg_signal_text(struct vg_signal *signal, const char *name, const char *text)
{
        vg_signal_both(signal, name, text, text);
}

void vg_signal_resource(struct vg_signal *signal, const char *name, const char *id)
{
        vg_signal_text(signal, name, id);
        signal->params.list[signal->params.n - 1].kind = VG_PARAM_RESOURCE;
}

void vg_signal_number(struct vg_signal *signal, const char *name, enum vg_param_kind kind,
                      vg_i128 number)
{
        add_param(signal, name, kind)->number = number;
}
