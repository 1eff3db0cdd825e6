/* SPDX-License-Identifier: Apache-2.0 */

/* Reading a fact: one table says which values each kind has. */

#include "vigie/fact.h"

#include <errno.h>
#include <string.h>

#include "core/contract/pattern.h"
#include "vigie/err.h"
#include "vigie/json.h"
#include "vigie/mem.h"

static const struct vg_fact_row rows[VG_FACT_N] = {
#define VG_FACT(NAME, word, target, fr, en) [VG_FACT_##NAME] = { word, fr, en, VG_TARGET_##target },
#include "vigie/facts.def"
#undef VG_FACT
};

const struct vg_fact_row *vg_fact_row(enum vg_fact_kind kind)
{
        return &rows[kind];
}

int vg_fact_find(const char *word)
{
        for (int kind = 0; kind < VG_FACT_N; kind++)
                if (strcmp(rows[kind].word, word) == 0)
                        return kind;
        return -ENOENT;
}

/* ---- values ---- */

enum value { ID, TENANT, TEXT, DATE, MONTH, QUANTITY, MONEY, REASON, SERIALS, STATE };

static const struct member {
        enum vg_fact_kind kind;
        const char *name;
        enum value value;
        bool required;
} members[] = {
        { VG_FACT_DISPUTE, "state", STATE, true },
        { VG_FACT_INVOICE, "amount", MONEY, true },
        { VG_FACT_INVOICE, "month", MONTH, false },
        { VG_FACT_ORDER, "in_service_on", DATE, true },
        { VG_FACT_ORDER, "out_of_service_on", DATE, false },
        { VG_FACT_ORDER, "quantity", QUANTITY, true },
        { VG_FACT_ORDER, "reference", TEXT, false },
        { VG_FACT_ORDER, "serials", SERIALS, false },
        { VG_FACT_ORDER, "site", ID, false },
        { VG_FACT_ORDER, "sku", ID, true },
        { VG_FACT_ORDER, "tenant", TENANT, false },
        { VG_FACT_TERMINATION, "effective_on", DATE, true },
        { VG_FACT_TERMINATION, "reason", REASON, false },
};

static bool read_day(const char *text, struct vg_date *ret_date)
{
        return pattern_matches("^20[2-9][0-9]-[0-9]{2}-[0-9]{2}$", text) &&
               vg_date_parse(text, ret_date) == 0;
}

static bool is_day(const char *text)
{
        struct vg_date date;

        return read_day(text, &date);
}

static bool is_reason(const char *text)
{
        for (int i = VG_TERMINATION_NOT_SAID + 1; i < VG_TERMINATION_N; i++)
                if (strcmp(text, vg_termination_name((enum vg_termination_reason)i)) == 0)
                        return true;
        return false;
}

static bool is_decision(const char *text)
{
        for (int i = 0; i < VG_EXIT_N; i++)
                if (strcmp(text, vg_exit_name((enum vg_exit_decision)i)) == 0)
                        return true;
        return false;
}

/* Numbers without spaces, separated by commas, none empty and none too long. */
static bool are_serials(const char *text)
{
        for (size_t n;; text += n + 1) {
                n = strcspn(text, ",");
                if (n == 0 || n > 64 || strcspn(text, " \t\r\n\v\f") < n)
                        return false;
                if (!text[n])
                        return true;
        }
}

/* Forms are those of the contract's schema, but for a credit note, which is below zero. */
static bool is_good(enum value value, const char *text)
{
        static const char *const forms[] = {
                [ID] = "^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$",
                [MONEY] = "^-?(0|[1-9][0-9]{0,11})\\.[0-9]{2}$",
                [MONTH] = "^20[2-9][0-9]-(0[1-9]|1[0-2])$",
                [QUANTITY] = "^(0|[1-9][0-9]{0,12})(\\.[0-9]{1,6})?$",
                [STATE] = "^(opened|settled)$",
        };
        int64_t micro;

        switch (value) {
        case ID:
        case MONEY:
        case MONTH:
        case STATE:
                return pattern_matches(forms[value], text);
        case TENANT:
                return strcmp(text, "*") == 0 || pattern_matches(forms[ID], text);
        case TEXT:
                return *text && strlen(text) <= 80;
        case DATE:
                return is_day(text);
        case QUANTITY:
                return pattern_matches(forms[value], text) &&
                       vg_decimal_parse(text, 6, &micro) == 0;
        case REASON:
                return is_reason(text);
        case SERIALS:
                return are_serials(text);
        }
        return false;
}

static int refuse(enum value value, const char *name, struct vg_err *err)
{
        switch (value) {
        case ID:
        case TENANT:
                return vg_err_set(err, -EINVAL, "« %s » : identifiant attendu", name);
        case TEXT:
                return vg_err_set(err, -EINVAL, "« %s » : texte de 1 à 80 octets attendu", name);
        case DATE:
                return vg_err_set(err, -EINVAL, "« %s » : jour (AAAA-MM-JJ) attendu", name);
        case MONTH:
                return vg_err_set(err, -EINVAL, "« %s » : mois (AAAA-MM) attendu", name);
        case QUANTITY:
                return vg_err_set(err, -EINVAL,
                                  "« %s » : nombre attendu, sans signe, avec un point et six "
                                  "décimales au plus",
                                  name);
        case MONEY:
                return vg_err_set(err, -EINVAL,
                                  "« %s » : montant attendu, avec un point et deux décimales",
                                  name);
        case REASON:
                return vg_err_set(err, -EINVAL,
                                  "« %s » : client_decision, agreement, supplier_default ou "
                                  "lost_compliance attendu",
                                  name);
        case SERIALS:
                return vg_err_set(err, -EINVAL,
                                  "« %s » : numéros de série attendus, sans espace, séparés par "
                                  "des virgules",
                                  name);
        case STATE:
                return vg_err_set(err, -EINVAL, "« %s » : opened ou settled attendu", name);
        }
        return -EINVAL;
}

static const struct member *find_member(enum vg_fact_kind kind, const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(members); i++)
                if (members[i].kind == kind && strcmp(members[i].name, name) == 0)
                        return &members[i];
        return NULL;
}

bool vg_fact_needs(enum vg_fact_kind kind, const char *value)
{
        const struct member *member = find_member(kind, value);

        return member && member->required;
}

static int check_values(const struct vg_fact *fact, struct vg_err *err)
{
        const char *name;
        json_t *value;

        if (fact->values && !json_is_object(fact->values))
                return vg_err_set(err, -EINVAL, "« values » : objet attendu");
        json_object_foreach ((json_t *)fact->values, name, value) {
                const struct member *member = find_member(fact->kind, name);
                const char *text = json_string_value(value);
                if (!member)
                        return vg_err_set(err, -EINVAL, "« %s » : inconnu pour « %s »", name,
                                          rows[fact->kind].word);
                if (!text || !is_good(member->value, text))
                        return refuse(member->value, name, err);
        }
        for (size_t i = 0; i < ELEMENTSOF(members); i++)
                if (members[i].kind == fact->kind && members[i].required &&
                    !json_object_get(fact->values, members[i].name))
                        return vg_err_set(err, -EINVAL, "« %s » : nécessaire pour « %s »",
                                          members[i].name, rows[fact->kind].word);
        return 0;
}

static int check_target(const struct vg_fact *fact, struct vg_err *err)
{
        switch (rows[fact->kind].target) {
        case VG_TARGET_NONE:
                return *fact->target ? vg_err_set(err, -EINVAL, "« target » : rien à nommer ici")
                                     : 0;
        case VG_TARGET_SOME:
                return is_good(ID, fact->target)
                               ? 0
                               : vg_err_set(err, -EINVAL, "« target » : identifiant attendu");
        case VG_TARGET_DECISION:
                if (is_decision(fact->target))
                        return 0;
                return vg_err_set(err, -EINVAL,
                                  "« target » : same_supplier, new_supplier, none_needed ou "
                                  "undecided attendu");
        }
        return 0;
}

static int check_document(const json_t *detail, struct vg_err *err)
{
        static const char hex[] = "0123456789abcdef";
        const json_t *document = json_object_get(detail, "document");
        const char *digest = json_string_value(json_object_get(document, "sha256"));

        if (!document)
                return 0;
        if (!digest || strlen(digest) != 64 || strspn(digest, hex) != 64 ||
            !json_is_string(json_object_get(document, "name")) ||
            !json_is_integer(json_object_get(document, "size")))
                return vg_err_set(err, -EINVAL, "« document » : name, sha256 et size attendus");
        return 0;
}

static int take_text(const json_t *detail, const char *key, size_t max, const char **ret_text,
                     struct vg_err *err)
{
        const json_t *value = json_object_get(detail, key);

        *ret_text = value ? json_string_value(value) : "";
        return *ret_text && strlen(*ret_text) <= max
                       ? 0
                       : vg_err_set(err, -EINVAL, "« %s » : texte d'au plus %zu octets attendu",
                                    key, max);
}

int vg_fact_parse(const json_t *detail, int64_t known_s, struct vg_fact *ret_fact,
                  struct vg_err *err)
{
        struct vg_fact fact = { .values = json_object_get(detail, "values"), .known_s = known_s };
        const char *word = NULL, *on = NULL;
        int r = take_text(detail, "contract_id", 64, &fact.contract_id, err);

        if (r == 0)
                r = take_text(detail, "fact", 32, &word, err);
        if (r == 0)
                r = take_text(detail, "note", 1000, &fact.note, err);
        if (r == 0)
                r = take_text(detail, "on", 16, &on, err);
        if (r == 0)
                r = take_text(detail, "on_behalf", 200, &fact.on_behalf, err);
        if (r == 0)
                r = take_text(detail, "target", 64, &fact.target, err);
        if (r < 0)
                return r;

        const int kind = vg_fact_find(word);
        if (kind < 0)
                return vg_err_set(err, -EINVAL, "« fact » : « %s » est inconnu", word);
        fact.kind = (enum vg_fact_kind)kind;
        if (!read_day(on, &fact.on))
                return vg_err_set(err, -EINVAL, "« on » : jour (AAAA-MM-JJ) attendu");
        r = check_target(&fact, err);
        if (r == 0)
                r = check_values(&fact, err);
        if (r == 0)
                r = check_document(detail, err);
        if (r == 0)
                *ret_fact = fact;
        return r;
}
