/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/err.h"

#include <string.h>

#include "vigie/text.h"

/* The one global of this library besides the log level: which language errors speak. It is set
 * before threads start and never again. */
static vg_translate_fn *translate_hook;

void vg_err_translate_with(vg_translate_fn *fn)
{
        translate_hook = fn;
}

const char *vg_translate(const char *msgid)
{
        return translate_hook ? translate_hook(msgid) : msgid;
}

static void format_clean(char *out, size_t size, const char *format, va_list ap)
        __attribute__((format(printf, 3, 0)));

static void format_clean(char *out, size_t size, const char *format, va_list ap)
{
        char raw[1024];
        int n = vsnprintf(raw, sizeof(raw), vg_translate(format), ap);

        if (n < 0)
                n = 0;
        if ((size_t)n >= sizeof(raw))
                n = (int)sizeof(raw) - 1;
        vg_text_clean(raw, (size_t)n, out, size);
}

int vg_err_set(struct vg_err *err, int code, const char *format, ...)
{
        if (!err)
                return code;

        va_list ap;
        va_start(ap, format);
        format_clean(err->text, sizeof(err->text), format, ap);
        va_end(ap);
        err->code = code;
        return code;
}

int vg_err_wrap(struct vg_err *err, int code, const char *format, ...)
{
        if (!err)
                return code;

        char context[sizeof(err->text)], both[2 * sizeof(err->text) + 2];
        va_list ap;
        va_start(ap, format);
        format_clean(context, sizeof(context), format, ap);
        va_end(ap);

        int n = snprintf(both, sizeof(both), "%s: %s", context,
                         err->text[0] ? err->text : strerror(-code));
        vg_text_clean(both, n > 0 ? (size_t)n : 0, err->text, sizeof(err->text));
        err->code = code;
        return code;
}

const char *vg_err_text(const struct vg_err *err)
{
        return err->text[0] ? err->text : strerror(-err->code);
}
