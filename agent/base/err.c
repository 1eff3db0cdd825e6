/* SPDX-License-Identifier: Apache-2.0 */

#include "vigie/err.h"

#include <errno.h>
#include <string.h>

#include "vigie/mem.h"
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

/* What stands between a person and a file, most of the time; the C library says the rest, in English. */
static const struct {
        int error;
        const char *text;
} common[] = {
        { EACCES, N_("accès refusé à ce compte; en voir les droits, ou employer sudo") },
        { ECONNREFUSED, N_("personne ne répond là (connexion refusée)") },
        { EDQUOT, N_("le quota de ce compte est atteint; libérer de la place") },
        { EEXIST, N_("existe déjà, et n'est pas remplacé; choisir un autre nom") },
        { EIO, N_("erreur de lecture ou d'écriture; voir le journal du noyau") },
        { EISDIR, N_("c'est un dossier, et non un fichier") },
        { ELOOP, N_("c'est un lien symbolique; donner le chemin où il mène") },
        { ENAMETOOLONG, N_("chemin trop long") },
        { ENOENT, N_("introuvable") },
        { ENOMEM, N_("mémoire épuisée") },
        { ENOSPC, N_("le disque est plein; libérer de la place") },
        { ENOTDIR, N_("ce n'est pas un dossier") },
        { EPERM, N_("interdit à ce compte; employer sudo") },
        { EROFS, N_("le système de fichiers est en lecture seule; choisir un autre endroit") },
        { ETIMEDOUT, N_("pas de réponse dans le délai") },
};

const char *vg_errno_text(int error)
{
        for (size_t i = 0; i < ELEMENTSOF(common); i++)
                if (common[i].error == error)
                        return vg_translate(common[i].text);
        return strerror(error);
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
                         err->text[0] ? err->text : vg_errno_text(-code));
        vg_text_clean(both, n > 0 ? (size_t)n : 0, err->text, sizeof(err->text));
        err->code = code;
        return code;
}

const char *vg_err_text(const struct vg_err *err)
{
        return err->text[0] ? err->text : vg_errno_text(-err->code);
}
