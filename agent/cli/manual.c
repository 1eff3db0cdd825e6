/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/manual.h"

#include <string.h>

#include "cli/rows.h"
#include "os/settings.h"

/* Text as roff shows it literally: a backslash and a leading dot or quote mean something to it, and
 * a bare hyphen may be printed as a typographic one that nobody can paste. */
static void put(struct cli *cli, const char *text)
{
        if (*text == '.' || *text == '\'')
                fputs("\\&", cli->out);
        for (; *text; text++)
                if (*text == '\\')
                        fputs("\\e", cli->out);
                else if (*text == '-')
                        fputs("\\-", cli->out);
                else
                        fputc(*text, cli->out);
}

static void paragraph(struct cli *cli, const char *text)
{
        fputs(".PP\n", cli->out);
        put(cli, text);
        fputc('\n', cli->out);
}

static void heading(struct cli *cli, const char *macro, const char *text)
{
        fprintf(cli->out, "%s \"", macro);
        put(cli, text);
        fputs("\"\n", cli->out);
}

/* A heading of roff's own, in capitals as manuals have them. Only ASCII and the letters of our
 * titles: the catalogue gives the capitals themselves. */
static void chapter(struct cli *cli, const char *title)
{
        heading(cli, ".SH", title);
}

static void entry(struct cli *cli, const char *term, const char *rest, const char *text)
{
        fputs(".TP\n\\fB", cli->out);
        put(cli, term);
        fputs("\\fR", cli->out);
        if (*rest) {
                fputs(" \\fI", cli->out);
                put(cli, rest);
                fputs("\\fR", cli->out);
        }
        fputc('\n', cli->out);
        put(cli, text);
        fputc('\n', cli->out);
}

static void begin(struct cli *cli, const char *page, const char *section, const char *what)
{
        fprintf(cli->out, ".\\\" %s\n.TH %s %s \"\" \"vigie %s\" \"%s\"\n",
                _("Écrit par vigie à partir de ses tables."), page, section, VIGIE_VERSION,
                _("Manuel de vigie"));
        chapter(cli, _("NOM"));
        put(cli, what);
        fputc('\n', cli->out);
}

static void describe_verb(struct cli *cli, const struct cli_verb *verb)
{
        _cleanup_(vg_buf_done) struct vg_buf args = { 0 };
        const char *rest = verb->options, *name;
        size_t n;

        cli_args_local(cli, verb->args, &args);
        entry(cli, verb->words, args.data ? args.data : "", cli_pick(cli, verb->fr, verb->en));
        for (size_t i = 0; i < cli_n_notes; i++)
                if (strcmp(cli_notes[i].words, verb->words) == 0) {
                        fputs(".IP\n", cli->out);
                        put(cli, cli_pick(cli, cli_notes[i].fr, cli_notes[i].en));
                        fputc('\n', cli->out);
                }
        if (!*verb->options)
                return;
        fputs(".RS\n", cli->out);
        while ((name = cli_next_word(&rest, &n))) {
                _cleanup_(vg_buf_done) struct vg_buf term = { 0 }, value = { 0 };
                int row = cli_option_index(name, n);
                if (row < 0)
                        continue;
                vg_buf_printf(&term, "--%s", cli_options[row].name);
                cli_args_local(cli, cli_options[row].value, &value);
                entry(cli, term.data ? term.data : "", value.data ? value.data : "",
                      cli_pick(cli, cli_options[row].fr, cli_options[row].en));
        }
        fputs(".RE\n", cli->out);
}

static void common_options(struct cli *cli)
{
        for (size_t i = 0; i < cli_n_options; i++) {
                _cleanup_(vg_buf_done) struct vg_buf term = { 0 }, value = { 0 };
                if (!cli_option_is_common(cli_options[i].name))
                        continue;
                vg_buf_printf(&term, "--%s", cli_options[i].name);
                cli_args_local(cli, cli_options[i].value, &value);
                entry(cli, term.data ? term.data : "", value.data ? value.data : "",
                      cli_pick(cli, cli_options[i].fr, cli_options[i].en));
        }
}

static void exit_codes(struct cli *cli)
{
        static const struct {
                const char *code, *text;
        } codes[] = {
                { "0", N_("Tout va bien; ce qui est inconnu est compté, sans être un échec.") },
                { "1",
                  N_("Quelque chose a été trouvé : alerte, écart, échec d'une vérification.") },
                { "2", N_("Commande mal employée.") },
                { "3", N_("Donnée refusée ou illisible.") },
                { "4", N_("Le gardien (vigied) ne peut pas être joint.") },
        };

        for (size_t i = 0; i < ELEMENTSOF(codes); i++)
                entry(cli, codes[i].code, "", _(codes[i].text));
}

int cli_manual_vigie(struct cli *cli)
{
        begin(cli, "VIGIE", "1",
              _("vigie - consommation, matériel et cloisonnement face au contrat spécifique"));
        chapter(cli, _("SYNOPSIS"));
        fprintf(cli->out, "\\fBvigie\\fR \\fI%s\\fR [\\fI%s\\fR]\n", _("verbe"), _("options"));
        chapter(cli, _("DESCRIPTION"));
        paragraph(cli,
                  _("vigie lit le registre de l'appareil, même quand les services sont arrêtés, "
                    "et demande au gardien (vigied) d'inscrire les actes : charger un contrat, "
                    "associer un domaine à un abonné, prendre acte d'une alerte."));
        for (int section = CLI_LOOK; section < CLI_HIDDEN; section++) {
                bool any = false;
                for (size_t i = 0; i < cli_n_verbs; i++) {
                        if (cli_verbs[i].section != (enum cli_section)section)
                                continue;
                        if (!any)
                                heading(cli, ".SS", cli_section_title((enum cli_section)section));
                        any = true;
                        describe_verb(cli, &cli_verbs[i]);
                }
        }
        chapter(cli, _("OPTIONS COMMUNES"));
        common_options(cli);
        chapter(cli, _("LANGUE"));
        paragraph(cli,
                  _("Celle de --lang, sinon celle de LC_ALL, LC_MESSAGES ou LANG : l'anglais si "
                    "elle commence par « en », le français dans tous les autres cas."));
        chapter(cli, _("CODES DE RETOUR"));
        exit_codes(cli);
        chapter(cli, _("FICHIERS"));
        paragraph(cli, "/etc/vigie/vigie.conf, /etc/vigie/vigie.conf.d/*.conf, "
                       "/var/lib/vigie/ledger.db, /run/vigie/keeper.sock");
        chapter(cli, _("VOIR AUSSI"));
        fputs("\\fBvigie.conf\\fR(5)\n", cli->out);
        return CLI_FINE;
}

static void describe_setting(struct cli *cli, const struct vg_setting_row *row)
{
        _cleanup_(vg_buf_done) struct vg_buf value = { 0 };

        vg_buf_printf(&value, "= %s", *row->value ? row->value : _("(vide)"));
        entry(cli, row->key, value.data ? value.data : "",
              cli_pick(cli, row->text_fr, row->text_en));
}

int cli_manual_settings(struct cli *cli)
{
        const char *section = "";

        begin(cli, "VIGIE.CONF", "5", _("vigie.conf - réglages des programmes de vigie"));
        chapter(cli, _("DESCRIPTION"));
        paragraph(cli,
                  _("Lignes « clé = valeur » sous « [section] ». Les fichiers *.conf du dossier "
                    "vigie.conf.d, à côté, sont lus ensuite dans l'ordre de leurs noms; la "
                    "dernière ligne l'emporte. Les durées s'écrivent avec s, m, h ou d. Chaque "
                    "réglage est montré avec sa valeur par défaut; « vigie config » montre les "
                    "valeurs en vigueur et le fichier d'où chacune vient."));
        for (size_t i = 0; i < VG_N_SETTINGS; i++) {
                const struct vg_setting_row *row = &vg_setting_rows[i];
                if (strcmp(row->section, section) != 0) {
                        char title[64];
                        snprintf(title, sizeof(title), "[%s]", row->section);
                        heading(cli, ".SH", title);
                        section = row->section;
                }
                describe_setting(cli, row);
        }
        chapter(cli, _("VOIR AUSSI"));
        fputs("\\fBvigie\\fR(1)\n", cli->out);
        return CLI_FINE;
}
