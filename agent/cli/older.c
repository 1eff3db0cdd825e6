/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/older.h"

#include <string.h>

#include "cli/cli.h"
#include "vigie/merge.h"

void older_note(struct older *older, const struct vg_merge_row *row)
{
        if (!*row->volume || *row->seen)
                return;
        for (size_t i = 0; i < older->n; i++)
                if (strcmp(older->names[i], row->appliance) == 0)
                        return;
        if (older->n < OLDER_MAX)
                older->names[older->n++] = row->appliance;
}

void older_tell(struct cli *cli, const struct older *older)
{
        for (size_t i = 0; i < older->n; i++)
                cli_progress(
                        cli,
                        N_("%s : relevé d'une version antérieure, qui ne dit pas quand chaque "
                           "volume "
                           "était là. Un volume que voient plusieurs hôtes peut y porter un autre "
                           "nom et compter deux fois : mettre l'appareil à jour, et vérifier le "
                           "stockage de ces heures."),
                        older->names[i]);
}

void older_write(struct vg_json *j, const struct older *older)
{
        vg_json_array(j, "older");
        for (size_t i = 0; i < older->n; i++)
                cli_json_text(j, NULL, older->names[i]);
        vg_json_end_array(j);
}
