/* SPDX-License-Identifier: Apache-2.0 */

#include "cli/month.h"

#include <errno.h>
#include <string.h>

#include "cli/bill.h"
#include "os/files.h"
#include "os/settings.h"
#include "store/statements.h"
#include "vigie/civil.h"
#include "vigie/statement.h"

void month_done(struct month *month)
{
        json_decref(month->body);
        free(month->lines);
        free(month->note);
        vg_contract_free(month->own_contract);
        *month = (struct month){ 0 };
}

/* ---- the object as values ---- */

static const char *text_of(const json_t *object, const char *key)
{
        const char *text = "";

        (void)vg_json_get_string(object, key, &text);
        return text;
}

/* "-1.500000" to micro-units; what is no such number is 0, for the record was checked before. */
static int64_t micro_of(const json_t *object, const char *key)
{
        const char *text = text_of(object, key);
        const bool is_negative = *text == '-';
        int64_t value = 0;

        (void)vg_decimal_parse(text + is_negative, 6, &value);
        return is_negative ? -value : value;
}

static int64_t utc_of(const json_t *object, const char *key)
{
        int64_t utc_s = 0;

        (void)vg_utc_parse(text_of(object, key), &utc_s);
        return utc_s;
}

static struct month_line line_of(const json_t *line, const char *month)
{
        struct month_line l = {
                .kind = text_of(line, "kind"),
                .tenant = text_of(line, "tenant"),
                .sku = text_of(line, "sku"),
                .ref = text_of(line, "ref"),
                .unit = text_of(line, "unit"),
                .price = text_of(line, "price"),
                .period = text_of(line, "period"),
                .exact = text_of(line, "exact"),
                .quantity_micro = micro_of(line, "quantity"),
                .measured_micro = micro_of(line, "measured"),
                .price_cad_micro = micro_of(line, "price"),
                .price_from_s = utc_of(line, "price_from"),
                .has_price = json_object_get(line, "price") != NULL,
                .per = 1,
        };

        (void)vg_json_get_int(line, "per", &l.per);
        (void)vg_statement_cents(text_of(line, "amount"), &l.cents);
        l.is_correction = strcmp(l.period, month) != 0;
        return l;
}

static int unpack(struct month *m, struct vg_err *err)
{
        const json_t *lines = json_object_get(m->body, "lines"), *line;
        const char *month = text_of(m->body, "month");
        size_t i;

        m->lines = calloc(json_array_size(lines) + 1, sizeof(*m->lines));
        if (!m->lines)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        json_array_foreach ((json_t *)lines, i, line)
                m->lines[m->n_lines++] = line_of(line, month);
        m->from_s = utc_of(m->body, "from");
        m->to_s = utc_of(m->body, "to");
        m->closes_s = utc_of(m->body, "closes_at");
        m->digest = text_of(m->body, "digest");
        (void)vg_json_get_int(m->body, "not_measured_s", &m->not_measured_s);
        (void)vg_statement_cents(text_of(m->body, "total"), &m->total_cents);
        return 0;
}

/* ---- where it comes from ---- */

static int take_record(void *ctx, const struct store_record *record)
{
        struct month *m = ctx;
        struct vg_record split;

        if (!record->bytes)
                return -ENODATA;
        if (vg_record_split(record->bytes, record->n, &split) < 0 ||
            vg_json_parse(split.body, split.n_body, &m->body, NULL, NULL, NULL) < 0)
                return -EBADMSG;
        vg_hex_format(record->leaf.bytes, VG_HASH_SIZE, m->leaf);
        m->closed_s = vg_floor_div(record->utc_ns, VG_NS_PER_S);
        return 0;
}

/* The newest head that covers the entry, if one does. */
static int take_note(const struct cli_view *view, struct month *m, struct vg_err *err)
{
        struct vg_note note;
        char *text = NULL;
        int r = store_checkpoint_get(view->store, VG_LOG_CLIENT, UINT64_MAX, NULL, &text, err);

        if (r != 0)
                return r < 0 ? r : 0;
        if (vg_note_parse(text, strlen(text), &note, err) == 0 && m->entry < note.checkpoint.size)
                m->note = TAKE_PTR(text);
        free(text);
        return 0;
}

struct finding {
        const char *contract_digest, *contract_id;
        struct month *month;
        char digest[65];
};

static int take_contract(void *ctx, const struct store_contract *row)
{
        struct finding *f = ctx;
        struct vg_refusals refusals = { 0 };
        struct vg_err err = { 0 };

        if (strcmp(row->digest, f->contract_digest) != 0 || f->month->own_contract)
                return 0;
        (void)vg_contract_parse(row->text, row->n_text, vg_file_zone, &f->month->own_contract,
                                &refusals, &err);
        vg_refusals_done(&refusals);
        return 0;
}

static int take_digest(void *ctx, const struct store_contract *row)
{
        struct finding *f = ctx;

        if (row->current && strcmp(row->contract_id, f->contract_id) == 0)
                snprintf(f->digest, sizeof(f->digest), "%s", row->digest);
        return 0;
}

static int read_closed(const struct cli_view *view, struct month *m, struct vg_err *err)
{
        const struct store_record_query query = { VG_LOG_CLIENT, m->entry, m->entry + 1, NULL };
        int r = store_record_each(view->store, &query, take_record, m, err);

        if (r == -ENODATA)
                return vg_err_set(err, r, "le relevé a été effacé du registre");
        if (r == 0 && !m->body)
                r = -EBADMSG;
        if (r == 0)
                r = take_note(view, m, err);
        if (r < 0)
                return r;
        struct finding f = { .contract_digest = text_of(m->body, "contract_digest"), .month = m };
        return store_contract_each(view->store, take_contract, &f, err);
}

static int write_open(const struct cli_view *view, const struct vg_bill *bill,
                      const struct vg_statement *s, struct month *m, struct vg_err *err)
{
        _cleanup_(vg_json_done) struct vg_json j = { 0 };
        struct finding f = { .contract_id = view->contract->id };
        char tzdata[32];
        int r = store_contract_each(view->store, take_digest, &f, err);
        const struct store_statement_write write = {
                .bill = bill,
                .statement = s,
                .appliance = view->settings->appliance_id,
                .contract_digest = f.digest,
                .tzdata = vg_file_tzdata(tzdata),
                .due_s = cli_due_s(view),
        };

        if (r >= 0)
                r = store_statement_write(view->store, &write, &j, err);
        if (r == 0)
                r = vg_json_parse(j.buf.data, j.buf.n, &m->body, NULL, NULL, err);
        return r;
}

/* ---- which month ---- */

struct closed {
        int32_t month; /* wanted */
        int32_t last;  /* closed; INT32_MIN: none */
        uint64_t entry;
        bool found;
};

static int look_at(void *ctx, const struct store_statement *statement)
{
        struct closed *closed = ctx;

        closed->last = statement->month;
        if (statement->month == closed->month) {
                closed->entry = statement->seq;
                closed->found = true;
        }
        return 0;
}

static void add_up(const struct vg_bill *bill, struct month *m)
{
        const struct vg_contract *c = bill->contract;
        int64_t end_s = vg_zone_month_start(c->zone, m->month + 1) - 1;

        if (end_s > bill->as_of_s)
                end_s = bill->as_of_s;
        m->authorised_cents = vg_contract_amount_at(c, end_s);
        for (size_t i = 0; i < bill->n_statements; i++)
                if (bill->statements[i].month <= m->month)
                        m->cumulative_cents += bill->statements[i].total_cents;
}

static int fill(const struct cli_view *view, const struct vg_bill *bill,
                const struct vg_statement *s, struct month *m, struct vg_err *err)
{
        struct closed closed = { .month = s->month, .last = INT32_MIN };
        int r = store_statement_each(view->store, view->contract->id, look_at, &closed, err);

        if (r < 0)
                return r;
        m->month = s->month;
        m->is_closed = closed.found;
        m->entry = closed.entry;
        r = closed.found ? read_closed(view, m, err) : write_open(view, bill, s, m, err);
        if (r == 0)
                r = unpack(m, err);
        m->is_overdue = !m->is_closed && m->closes_s <= view->now_s;
        m->contract = m->own_contract ? m->own_contract : view->contract;
        add_up(bill, m);
        return r;
}

static const struct vg_statement *choose(const struct vg_bill *bill, int32_t month)
{
        const struct vg_statement *last = NULL;

        for (size_t i = 0; i < bill->n_statements; i++) {
                const struct vg_statement *s = &bill->statements[i];
                if (month == INT32_MIN ? s->is_closed || !last : s->month == month)
                        last = s;
        }
        if (month == INT32_MIN && last && !last->is_closed) /* none is closed: the present one */
                last = &bill->statements[bill->n_statements - 1];
        return last;
}

static int need_contract(struct cli *cli, const struct cli_view *view)
{
        return view->contract
                       ? CLI_FINE
                       : cli_failf(cli, CLI_REFUSED, "no-contract",
                                   "aucun contrat n'est chargé; « vigie contract load FICHIER » en "
                                   "charge un");
}

int month_read(struct cli *cli, const struct cli_view *view, const char *text,
               struct month *ret_month)
{
        _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;
        struct vg_err err = { 0 };
        int32_t month = INT32_MIN;
        int r = need_contract(cli, view);

        if (r != CLI_FINE)
                return r;
        if (text && vg_statement_month(text, &month) < 0)
                return cli_failf(cli, CLI_USAGE, "usage", "« %s » : un mois AAAA-MM est attendu",
                                 text);
        if (cli_bill_read(view, true, &bill, &err) < 0)
                return cli_view_fail(cli, &err);
        const struct vg_statement *s = choose(bill, month);
        if (!s)
                return cli_failf(cli, CLI_REFUSED, "no-statement",
                                 "aucun relevé pour ce mois : le contrat n'y court pas encore, ou "
                                 "n'y court plus");
        return fill(view, bill, s, ret_month, &err) < 0 ? cli_view_fail(cli, &err) : CLI_FINE;
}

/* ---- several ---- */

void months_done(struct months_read *months)
{
        for (size_t i = 0; i < months->n; i++)
                month_done(&months->list[i]);
        free(months->list);
        *months = (struct months_read){ 0 };
}

static int month_option(struct cli *cli, const char *name, int32_t *ret_month)
{
        const char *text = cli_option(cli, name);
        struct vg_date day;
        int64_t at_s;
        char month[8];

        if (!text)
                return CLI_FINE;
        /* A day of it will do, or an instant, as bundle export takes them. */
        if (vg_date_parse(text, &day) == 0 || vg_utc_parse(text, &at_s) == 0) {
                snprintf(month, sizeof(month), "%s", text);
                text = month;
        }
        return vg_statement_month(text, ret_month) == 0
                       ? CLI_FINE
                       : cli_failf(cli, CLI_USAGE, "usage", "--%s : un mois AAAA-MM est attendu",
                                   name);
}

int months_read(struct cli *cli, const struct cli_view *view, struct months_read *ret_months)
{
        _cleanup_(vg_bill_freep) struct vg_bill *bill = NULL;
        int32_t from = INT32_MIN, to = INT32_MAX;
        struct vg_err err = { 0 };
        int r = need_contract(cli, view);

        if (r == CLI_FINE)
                r = month_option(cli, "from", &from);
        if (r == CLI_FINE)
                r = month_option(cli, "to", &to);
        if (r != CLI_FINE)
                return r;
        if (from > to)
                return cli_failf(cli, CLI_USAGE, "usage", "la période est vide");
        if (cli_bill_read(view, true, &bill, &err) < 0)
                return cli_view_fail(cli, &err);
        ret_months->list = calloc(bill->n_statements + 1, sizeof(*ret_months->list));
        if (!ret_months->list)
                return cli_failf(cli, CLI_REFUSED, "memory", "mémoire épuisée");
        for (size_t i = 0; i < bill->n_statements; i++) {
                const struct vg_statement *s = &bill->statements[i];
                if (s->month < from || s->month > to)
                        continue;
                if (fill(view, bill, s, &ret_months->list[ret_months->n++], &err) < 0)
                        return cli_view_fail(cli, &err);
        }
        return CLI_FINE;
}
