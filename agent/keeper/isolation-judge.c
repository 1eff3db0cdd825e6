/* SPDX-License-Identifier: Apache-2.0 */

/* From verdict to records. A finding opens when it is first seen, changes when what it says does, and
 * closes when something is known again of all that it was about: what is merely unseen stays open. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/isolation-record.h"
#include "keeper/isolation.h"
#include "keeper/keeper.h"
#include "os/log.h"
#include "store/store.h"
#include "vigie/civil.h"
#include "vigie/err.h"
#include "vigie/isolation.h"
#include "vigie/json.h"
#include "vigie/mem.h"

struct seen { /* a failure of this verdict */
        char key[ISO_KEY_SIZE];
        const struct vg_finding *finding;
};

struct judging {
        struct records records;
        const struct vg_verdict *verdict;
        char at[32], host[2 * PIECE_DIGEST + 1];
        struct seen *seen; /* by key, each once */
        size_t n_seen;
        size_t n_written;
};

/* Of one key the gravest first, and the domains in their order. */
static int by_key(const void *a, const void *b)
{
        const struct seen *x = a, *y = b;
        const struct vg_finding *f = x->finding, *g = y->finding;
        int order = strcmp(x->key, y->key);

        if (order == 0)
                order = (f->severity < g->severity) - (f->severity > g->severity);
        if (order == 0 && f->n_domains && g->n_domains)
                order = (f->domains[0] > g->domains[0]) - (f->domains[0] < g->domains[0]);
        return order;
}

/* Two findings may share a resource's name and not the domains: neither hides the other. */
static void part_keys(struct judging *j)
{
        for (size_t from = 0, to; from < j->n_seen; from = to)
                for (to = from + 1;
                     to < j->n_seen && strcmp(j->seen[to].key, j->seen[from].key) == 0; to++)
                        if (j->seen[to].finding->n_domains > 1)
                                iso_key_apart(j->verdict, j->seen[to].finding, j->seen[to].key);
        qsort(j->seen, j->n_seen, sizeof(*j->seen), by_key);
}

static int gather(struct judging *j, struct vg_err *err)
{
        size_t kept = 0;

        j->seen = calloc(j->verdict->n_findings + 1, sizeof(*j->seen));
        if (!j->seen)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        for (size_t i = 0; i < j->verdict->n_findings; i++) {
                const struct vg_finding *finding = &j->verdict->findings[i];
                if (finding->status != VG_ISO_FAIL)
                        continue;
                j->seen[j->n_seen].finding = finding;
                iso_key(j->verdict, finding, j->seen[j->n_seen++].key);
        }
        qsort(j->seen, j->n_seen, sizeof(*j->seen), by_key);
        part_keys(j);
        for (size_t i = 0; i < j->n_seen; i++)
                if (!kept || strcmp(j->seen[kept - 1].key, j->seen[i].key) != 0)
                        j->seen[kept++] = j->seen[i];
        j->n_seen = kept;
        return 0;
}

/* ---- records ---- */

static int digest_of(const struct vg_json *content, char hex[65], struct vg_err *err)
{
        const struct vg_bytes part = { content->buf.data, content->buf.n };
        struct vg_hash hash;
        int r = content->buf.failed ? -ENOMEM
                                    : store_hasher.sha256(store_hasher.ctx, &part, 1, &hash);

        if (r < 0)
                return vg_err_set(err, r, "condensat impossible");
        vg_hex_format(hash.bytes, sizeof(hash.bytes), hex);
        return 0;
}

struct more { /* members of a finding's record beside its content */
        const char *check, *digest, *key, *since;
};

/* content, an object, and what says when and what happened to it. */
static int append(struct judging *j, const char *type, const char *content, const char *event,
                  const struct more *more, struct vg_err *err)
{
        _cleanup_(vg_json_decrefp) json_t *tree = NULL;
        struct vg_json body = { 0 };
        int r = vg_json_parse(content, strlen(content), &tree, NULL, NULL, err);

        if (r < 0)
                return r;
        json_object_set_new(tree, "at", json_string(j->at));
        json_object_set_new(tree, "event", json_string(event));
        json_object_set_new(tree, "host", json_string(j->host));
        if (more) {
                json_object_set_new(tree, "check", json_string(more->check));
                json_object_set_new(tree, "digest", json_string(more->digest));
                json_object_set_new(tree, "key", json_string(more->key));
                json_object_set_new(tree, "since", json_string(more->since));
        }
        r = vg_json_canonical(tree, &body.buf, err);
        if (r < 0) {
                vg_json_done(&body);
                return r;
        }
        j->n_written++;
        return records_append(&j->records, VG_LOG_CLIENT, type, &body, err);
}

static int record_seen(struct judging *j, const struct seen *seen, const char *event,
                       int64_t since_s, const char *digest, const char *content, struct vg_err *err)
{
        char since[32];
        const struct more more = {
                .check = seen->finding->check->id,
                .digest = digest,
                .key = seen->key,
                .since = vg_utc_format(since_s, since),
        };

        return append(j, "finding", content, event, &more, err);
}

static int record_closed(struct judging *j, const struct iso_open *open, struct vg_err *err)
{
        struct vg_json body = { 0 };
        char since[32];

        vg_json_object(&body, NULL);
        vg_json_string(&body, "at", j->at);
        vg_json_string(&body, "check", open->check);
        vg_json_string(&body, "digest", open->digest);
        vg_json_string(&body, "event", "closed");
        vg_json_string(&body, "host", j->host);
        vg_json_string(&body, "key", open->key);
        vg_json_string(&body, "resource", open->resource);
        vg_json_string(&body, "severity", open->severity);
        vg_json_string(&body, "since", vg_utc_format(open->since_s, since));
        vg_json_end_object(&body);
        j->n_written++;
        return records_append(&j->records, VG_LOG_CLIENT, "finding", &body, err);
}

/* Where it says something else than the last one. */
static int record_verdict(struct judging *j, struct vg_err *err)
{
        struct isolation *iso = &j->records.keeper->isolation;
        _cleanup_(vg_json_done) struct vg_json matrix = { 0 };

        iso_matrix(j->verdict, &matrix);
        char *text = vg_buf_take(&matrix.buf);
        if (!text)
                return vg_err_set(err, -ENOMEM, "mémoire épuisée");
        if (iso->verdict && strcmp(iso->verdict, text) == 0) {
                free(text);
                return 0;
        }
        free(iso->verdict);
        iso->verdict = text;
        return append(j, "isolation", text, "verdict", NULL, err);
}

/* ---- what has changed ---- */

static size_t find_domain(const struct vg_verdict *v, const char *uuid)
{
        size_t i = 0;

        while (i < v->n_domains && strcmp(v->domains[i].uuid, uuid) != 0)
                i++;
        return i;
}

/* Whether the verdict knows of all that the finding was about. A domain that is gone is known. */
static bool is_over(const struct vg_verdict *v, const struct iso_open *open)
{
        size_t n_checks;
        const struct vg_check *checks = vg_check_rows(&n_checks),
                              *check = vg_check_find(open->check);

        if (!check)
                return true; /* no rule of this version */
        const size_t c = (size_t)(check - checks);
        if (!open->uuids[0])
                return vg_verdict_of(v, c, v->n_domains) != VG_ISO_UNKNOWN;
        for (char **uuid = open->uuids; *uuid; uuid++) {
                const size_t d = find_domain(v, *uuid);
                if (d < v->n_domains && vg_verdict_of(v, c, d) == VG_ISO_UNKNOWN)
                        return false;
        }
        return true;
}

static int settle(struct judging *j, const struct seen *seen, const struct iso_open *open,
                  struct vg_err *err)
{
        _cleanup_(vg_json_done) struct vg_json content = { 0 };
        char digest[65];

        if (!seen)
                return is_over(j->verdict, open) ? record_closed(j, open, err) : 0;
        iso_content(j->verdict, seen->finding, &content);
        int r = digest_of(&content, digest, err);
        if (r < 0)
                return r;
        if (!open)
                return record_seen(j, seen, "opened", vg_floor_div(j->records.utc_ns, VG_NS_PER_S),
                                   digest, content.buf.data, err);
        return strcmp(open->digest, digest) == 0 ? 0
                                                 : record_seen(j, seen, "changed", open->since_s,
                                                               digest, content.buf.data, err);
}

/* Both lists are in order of key. */
static int compare(struct judging *j, struct vg_err *err)
{
        const struct isolation *iso = &j->records.keeper->isolation;
        size_t s = 0, o = 0;
        int r = 0;

        while (r == 0 && (s < j->n_seen || o < iso->n_open)) {
                const int c = s == j->n_seen     ? 1
                              : o == iso->n_open ? -1
                                                 : strcmp(j->seen[s].key, iso->open[o].key);
                r = settle(j, c <= 0 ? &j->seen[s] : NULL, c >= 0 ? &iso->open[o] : NULL, err);
                s += c <= 0;
                o += c >= 0;
        }
        return r;
}

static int record_all(struct judging *j, struct vg_err *err)
{
        struct keeper *k = j->records.keeper;
        int r = store_begin(k->store, err);

        if (r < 0)
                return r;
        r = compare(j, err);
        if (r == 0)
                r = record_verdict(j, err);
        r = keeper_finish(k, r, err);
        if (r < 0) {
                free(k->isolation.verdict); /* it may say what was undone */
                k->isolation.verdict = NULL;
        }
        return r;
}

static void digest_host(const struct isolation *iso, char hex[2 * PIECE_DIGEST + 1])
{
        uint8_t digest[PIECE_DIGEST] = { 0 };

        for (int i = 0; i < ISO_N_SOURCES; i++)
                for (size_t b = 0; b < PIECE_DIGEST; b++)
                        digest[b] ^= iso->readers[i].pieces.digest[b];
        vg_hex_format(digest, sizeof(digest), hex);
}

static int judge(struct keeper *k, struct vg_err *err)
{
        _cleanup_(vg_verdict_freep) struct vg_verdict *verdict = NULL;
        struct judging j = { .records = { .keeper = k, .utc_ns = vg_clock_now().at_utc_ns } };
        int r = vg_isolation_judge(k->isolation.host, &verdict, err);

        if (r < 0)
                return r;
        j.verdict = verdict;
        vg_utc_format(vg_floor_div(j.records.utc_ns, VG_NS_PER_S), j.at);
        digest_host(&k->isolation, j.host);
        r = gather(&j, err);
        if (r == 0)
                r = record_all(&j, err);
        free(j.seen);
        if (r == 0 && j.n_written) {
                k->isolation.must_tell = true;
                r = isolation_open_load(k, err);
        }
        return r;
}

/* A verdict on many domains takes its time: the next one waits five times as long, so that whatever
 * changes without end leaves the keeper to others. */
static bool is_time(const struct isolation *iso, uint64_t now_boot_ns)
{
        return iso->wanted && iso->readers[ISO_HYPERVISOR].is_observed &&
               now_boot_ns >= iso->judged_boot_ns + 5 * iso->took_ns;
}

void isolation_judge(struct keeper *k)
{
        struct isolation *iso = &k->isolation;
        const uint64_t begun = vg_clock_now().at_boot_ns;
        struct vg_err err = { 0 };

        isolation_observe(k);
        if (!is_time(iso, begun))
                return;
        iso->wanted = false;
        int r = judge(k, &err);
        iso->judged_boot_ns = vg_clock_now().at_boot_ns;
        iso->took_ns = iso->judged_boot_ns - begun;
        if (r < 0) {
                iso->wanted = true;
                if (!iso->judge_fails)
                        vg_log(LOG_ERR, "cloisonnement impossible à juger : %s", vg_err_text(&err));
        }
        iso->judge_fails = r < 0;
        if (iso->must_tell)
                isolation_tell(k, vg_clock_now().at_utc_ns);
}
