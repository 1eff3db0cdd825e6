/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* contract: a specific contract as values. Pure: the bytes of the file come in, and so does the
 * function that finds a zone's data; nothing else of the world is asked.
 *
 * Text members point into the contract and live as long as it does; what the file leaves out is
 * NULL. Days are local days of the contract's zone; instants (_s) are seconds UTC. An instant after
 * the last day is the next local midnight, so that every interval is [from, until). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigie/civil.h"
#include "vigie/num.h"

struct vg_err;

enum {
        VG_CONTRACT_BYTES_MAX = 2 << 20, /* a larger file is refused unread: C001 */
        VG_CONTRACT_REFUSED = 1,         /* positive outcome of vg_contract_parse */
        VG_REFUSALS_MAX = 100,           /* kept; what is more is counted */
};

/* ---- words ---- */

enum vg_charge { VG_CHARGE_USAGE, VG_CHARGE_RECURRING, VG_CHARGE_PURCHASE, VG_CHARGE_N };
enum vg_unit {
        VG_UNIT_VCPU_HOUR,
        VG_UNIT_VM_HOUR,
        VG_UNIT_GIB_HOUR,
        VG_UNIT_TB_MONTH, /* quantities are TB-hours; divided by the hours of the local month */
        VG_UNIT_GB,
        VG_UNIT_SERVER_MONTH,
        VG_UNIT_LICENSE_MONTH,
        VG_UNIT_EACH,
        VG_UNIT_N,
};
enum vg_metric {
        VG_METRIC_INTERVAL_QUANTITY,
        VG_METRIC_MONTH_QUANTITY,
        VG_METRIC_MONTH_AMOUNT,
        VG_METRIC_N,
};
enum vg_basis {
        VG_BASIS_AMOUNT_MONTH,
        VG_BASIS_QUANTITY_MONTH,
        VG_BASIS_AMOUNT_CONTRACT,
        VG_BASIS_N,
};
enum vg_role {
        VG_ROLE_CONTRACT_MANAGER,
        VG_ROLE_CLIENT_IT,
        VG_ROLE_TENANT_OWNER,
        VG_ROLE_SUPPLIER_MAINTENANCE,
        VG_ROLE_BROKER,
        VG_ROLE_N,
};
enum vg_severity {
        VG_SEVERITY_INFO,
        VG_SEVERITY_WARNING,
        VG_SEVERITY_MAJOR,
        VG_SEVERITY_CRITICAL,
        VG_SEVERITY_N,
};
enum vg_alert_class {
        VG_CLASS_CONTRACT,
        VG_CLASS_TERM,
        VG_CLASS_TENANT,
        VG_CLASS_FAILURE,
        VG_CLASS_ISOLATION,
        VG_CLASS_DATA,
        VG_CLASS_LEDGER,
        VG_CLASS_INVENTORY,
        VG_CLASS_SUPPLIER,
        VG_CLASS_ACCESS,
        VG_CLASS_N,
};
enum vg_channel { VG_CHANNEL_EMAIL, VG_CHANNEL_WEBHOOK, VG_CHANNEL_BUNDLE, VG_CHANNEL_N };
enum vg_component_kind {
        VG_KIND_SERVER,
        VG_KIND_STORAGE,
        VG_KIND_NETWORK,
        VG_KIND_SOFTWARE,
        VG_KIND_SUPPORT,
        VG_KIND_ENTRY_ACTIVITY,
        VG_KIND_EXIT_ACTIVITY,
        VG_KIND_PAAS,
        VG_KIND_N,
};
enum vg_exit_decision {
        VG_EXIT_UNDECIDED, /* also where the file says nothing */
        VG_EXIT_SAME_SUPPLIER,
        VG_EXIT_NEW_SUPPLIER,
        VG_EXIT_NONE_NEEDED,
        VG_EXIT_N,
};

enum vg_termination_reason {
        VG_TERMINATION_NOT_SAID,
        VG_TERMINATION_CLIENT_DECISION,
        VG_TERMINATION_AGREEMENT,
        VG_TERMINATION_SUPPLIER_DEFAULT,
        VG_TERMINATION_LOST_COMPLIANCE, /* removed from the catalogue (FAQ) */
        VG_TERMINATION_N,
};

/* The words of the file ("usage", "vcpu_hour", …). */
const char *vg_charge_name(enum vg_charge charge);
const char *vg_unit_name(enum vg_unit unit);
const char *vg_metric_name(enum vg_metric metric);
const char *vg_basis_name(enum vg_basis basis);
const char *vg_role_name(enum vg_role role);
int vg_role_find(const char *word); /* enum vg_role, or -ENOENT */
const char *vg_severity_name(enum vg_severity severity);
const char *vg_class_name(enum vg_alert_class alert_class);
const char *vg_channel_name(enum vg_channel channel);
const char *vg_kind_name(enum vg_component_kind kind);
const char *vg_exit_name(enum vg_exit_decision decision);
const char *vg_termination_name(enum vg_termination_reason reason);

/* ---- values that amendments change ---- */

/* What counts from an instant on. Lists are in order of from_s, never empty, and where several
 * begin at one instant the last is the one in force. The first holds from the contract's start:
 * its from_s is the start (a price added by an amendment: that amendment's instant). */
struct vg_dated {
        int64_t from_s;
        struct vg_date from; /* its local day */
        const char *source;  /* amendment or renewal id; NULL: the contract itself */
        int64_t value;
};
/* The value in force at an instant; before the first one, the first. */
const struct vg_dated *vg_dated_at(const struct vg_dated *list, size_t n, int64_t utc_s);

struct vg_price_segment {
        int64_t from_s;
        struct vg_date from;
        const char *source;
        int64_t price_cad_micro;
        const char *written; /* the price as the file has it */
        int64_t per;         /* 1, 10, … 1000000 */
};

/* ---- parts ---- */

struct vg_party {
        const char *name_fr, *name_en, *neq, *email, *verify_key;
        bool is_rcti_subject;
};

struct vg_site {
        const char *id, *name;
        const char **appliances;
        size_t n_appliances;
};

struct vg_renewal {
        const char *id;
        struct vg_date exercise_by, new_end;
        bool is_exercised;
        struct vg_date exercised_on; /* where it is */
};

struct vg_exit {
        struct vg_date complete_by;
        int lead_days, parallel_days;
        enum vg_exit_decision decision;
        bool has_started, has_completed;
        struct vg_date planning_started_on, completed_on; /* where they have */
};

struct vg_price {
        const char *sku, *component_ref, *resource, *name_fr, *name_en;
        const char *focus_category;
        enum vg_unit unit;
        enum vg_charge charge;
        const char *added_by;              /* amendment id; NULL: priced from the start */
        struct vg_price_segment *segments; /* in order of from_s; at least one */
        size_t n_segments;
};

struct vg_recurring {
        const char *id, *sku, *tenant; /* tenant: "*" for the whole contract */
        int64_t quantity_micro;
        struct vg_date from;
        bool has_to;
        struct vg_date to; /* inclusive, where there is one */
};

/* Within the contract, without an amendment: so many of a SKU in service between two days. A
 * recurring SKU is charged by the days in service, a purchase once, on the first of them. */
struct vg_order {
        const char *id, *sku, *tenant; /* tenant: "*" for the whole contract */
        const char *reference;         /* of the purchase order; NULL: not said */
        const char *site;              /* NULL: not said */
        int64_t quantity_micro;
        struct vg_date ordered_on, in_service_on;
        bool has_end;
        struct vg_date out_of_service_on; /* last day in service, where there is one */
        const char **serials;             /* of what was delivered, where they are said */
        size_t n_serials;
        bool is_recorded; /* by an act (fact.h), at known_s; else it stands in the file */
        int64_t known_s;
};

/* The contract ends before its term: a letter, due to the broker at once. From the day of the
 * letter on, the end in force (ends) is the eve of effective_on. */
struct vg_termination {
        const char *id, *note_fr, *note_en;
        enum vg_termination_reason reason;
        struct vg_date letter_on;
        struct vg_date effective_on; /* first day on which the contract no longer holds */
        bool has_broker_copy;
        struct vg_date broker_copy_sent_on; /* where it was */
};

/* What the broker must have a copy of: within five business days, a letter of termination at once. */
enum vg_document_kind {
        VG_DOCUMENT_CONTRACT,
        VG_DOCUMENT_AMENDMENT,
        VG_DOCUMENT_EVALUATION,
        VG_DOCUMENT_TERMINATION,
};
struct vg_document {
        enum vg_document_kind kind;
        const char *id; /* the contract's, amendment's, evaluation's or letter's */
        struct vg_date signed_on;
        bool has_broker_copy;
        struct vg_date broker_copy_sent_on; /* where it was */
};

/* Hours of the week, in the contract's zone. */
struct vg_period {
        unsigned days;  /* bit 1u << day: 0 Monday … 6 Sunday; those on which it begins */
        unsigned weeks; /* bit 1u << n: the n-th such day of the month, 1 … 5; 0: all of them */
        int from_min;   /* minutes after midnight, 0 … 1439 */
        int to_min;     /* exclusive, 0 … 1440; not above from_min: of the next day */
};
struct vg_window {
        const char *id;
        bool on_holidays; /* else it is shut on holidays */
        struct vg_period *periods;
        size_t n_periods;
};

/* What was agreed for faults of one severity. Without a time there is nothing to hold the supplier
 * to: say "no agreed time" and fire nothing. */
struct vg_service_level {
        enum vg_severity severity;
        int respond_min, repair_min;      /* 0: no agreed time */
        const struct vg_window *coverage; /* the clock runs within it; NULL: at all hours */
};

struct vg_qualified {
        const char *ref, *manufacturer, *model, *part_number;
        const char *added_by; /* amendment id; NULL: qualified from the start */
        enum vg_component_kind kind;
        int64_t max_quantity; /* 0: not limited */
        struct vg_date qualified_on;
        bool is_withdrawn;
        struct vg_date withdrawn_on; /* where it is */
};

struct vg_tenant {
        const char *id, *name_fr, *name_en, *cost_centre;
};

struct vg_quota {
        const char *id, *tenant, *resource; /* tenant: "*" for the whole contract */
        enum vg_metric metric;
        struct vg_dated *limits; /* value: micro-units, or micro-CAD for month_amount */
        size_t n_limits;
        int64_t *thresholds_pct_micro; /* rising */
        size_t n_thresholds;
};

struct vg_commitment {
        const char *id;
        const char *sku; /* quantity_month only, else NULL */
        enum vg_basis basis;
        struct vg_dated *values; /* value: micro-units of the SKU, or micro-CAD */
        size_t n_values;
};

struct vg_recipient {
        const char *id, *name, *tenant, *email, *webhook;
        enum vg_role role;
        enum vg_severity min_severity;
        bool french, english;
        unsigned channels; /* bit 1u << enum vg_channel */
        unsigned classes;  /* bit 1u << enum vg_alert_class; 0: every class that the role may see */
};

struct vg_amendment {
        const char *id, *note_fr, *note_en;
        struct vg_date signed_on, effective_on;
        int64_t effective_s;
        bool has_broker_copy;
        struct vg_date broker_copy_sent_on; /* where it was */
        /* What it changes; the lists above hold the values. */
        bool changes_amount, changes_end;
        size_t n_prices, n_added_prices, n_added_components, n_quotas, n_commitments;
};

struct vg_contract_index; /* private */

struct vg_contract {
        int schema_version; /* 1: what came with version 2 is empty */
        const char *id, *framework_id, *seao_notice, *legal_basis, *previous_id, *successor_id;
        const char *improves_id; /* it only adds components to the solution of that contract */
        int64_t revision;
        struct vg_party client, supplier, broker;

        const char *offer_id, *solution_fr, *solution_en, *mode, *minimum_configuration;
        bool has_sheet_date;
        struct vg_date sheet_date;
        bool public_cloud_allowed;
        struct vg_site *sites;
        size_t n_sites;
        const char *reporting_appliance; /* NULL: not said; vg_contract_reporting_appliance() */

        struct vg_date signed_on, start, end; /* as first signed; vg_contract_end_at() for now */
        int64_t start_s, end_s;               /* end_s: exclusive */
        const char *zone_name;                /* as written */
        struct vg_zone *zone;
        struct vg_dated *ends; /* value: the exclusive instant of the end */
        size_t n_ends;
        struct vg_renewal *renewals;
        size_t n_renewals;
        struct vg_exit exit;

        struct vg_dated *amounts; /* value: authorised cents */
        size_t n_amounts;
        int64_t increase_notice_pct_micro; /* 10 % where the file says nothing */

        int interval_s, close_after_hours;
        bool heartbeat_required;

        struct vg_price *prices; /* in the order of the file, then of the amendments */
        size_t n_prices;
        struct vg_recurring *recurring;
        size_t n_recurring;
        struct vg_order *orders;
        size_t n_orders;
        struct vg_qualified *components; /* in the order of the file, then of the amendments */
        size_t n_components;
        struct vg_tenant *tenants;
        size_t n_tenants;
        struct vg_quota *quotas;
        size_t n_quotas;
        struct vg_commitment *commitments;
        size_t n_commitments;

        int64_t *amount_thresholds_pct_micro; /* rising */
        size_t n_amount_thresholds;
        int *term_days_before_end; /* falling, whatever the order of the file */
        size_t n_term_days;
        bool forecast_enabled;
        int forecast_confidence_pct, forecast_min_history_days; /* 80 and 28 where not said */
        int renotify_hours[VG_SEVERITY_N]; /* 0: never again; -1: not said, the catalogue's */

        struct vg_recipient *recipients;
        size_t n_recipients;
        bool has_attestation;
        struct vg_date last_attested_on;
        int attestation_interval_days;
        int retention_years;
        struct vg_amendment *amendments;
        size_t n_amendments;
        const struct vg_termination *termination; /* NULL: there is none */

        struct vg_service_level *service_levels; /* at most one a severity */
        size_t n_service_levels;
        struct vg_window *coverage_windows, *maintenance_windows;
        size_t n_coverage_windows, n_maintenance_windows;

        struct vg_document *documents; /* the contract first, amendments, then the others */
        size_t n_documents;
        bool has_handed_over; /* the evidence, off the servers (fact.h) */
        struct vg_date handed_over_on;

        struct vg_contract_index *index;
};

/* ---- refusals ---- */

enum vg_refusal_reason {
#define VG_REFUSAL(reason, code, fr, en) VG_REFUSAL_##reason,
#include "vigie/refusals.def"
#undef VG_REFUSAL
        VG_REFUSAL_N,
};

enum { VG_REFUSAL_ARGS = 3, VG_REFUSAL_TEXT = 1536 };

/* One thing that is wrong. Texts are cleaned: safe for a terminal and for the ledger. */
struct vg_refusal {
        enum vg_refusal_reason reason;
        int line;       /* in the file, from 1; 0: not known */
        char path[160]; /* "price_list[2].sku"; "" for the file as a whole */
        char arg[VG_REFUSAL_ARGS][256];
};

struct vg_refusals {             /* zero-initialised is empty; vg_refusals_done() after use */
        struct vg_refusal *list; /* lowest code first, then in the order of the file */
        size_t n;
        size_t n_more; /* found, but over VG_REFUSALS_MAX and not kept */
};
void vg_refusals_done(struct vg_refusals *refusals);

const char *vg_refusal_code(const struct vg_refusal *refusal); /* "C040-duplicate-id" */
/* What is wrong and what to do, as sentences. Returns buf; VG_REFUSAL_TEXT bytes suffice. */
char *vg_refusal_text(const struct vg_refusal *refusal, bool french, char *buf, size_t size);

/* ---- the contract ---- */

/* Finds a zone's data (os has one: vg_file_zone). The zone then belongs to the contract. */
typedef int vg_zone_source_fn(const char *name, struct vg_zone **ret_zone, struct vg_err *err);

/* Reads a contract file. 0: *ret_contract is the contract. VG_CONTRACT_REFUSED: *refusals (empty
 * before) tells all that is wrong, and there is no contract. -ENOMEM, or what zone_source returned:
 * *err. ret_contract and zone_source may both be NULL to check only. */
int vg_contract_parse(const char *bytes, size_t n, vg_zone_source_fn *zone_source,
                      struct vg_contract **ret_contract, struct vg_refusals *refusals,
                      struct vg_err *err);
/* What is lawful in a contract (facts included, where it was read with some), and still worth a second
 * look: *remarks (empty before), in the form of refusals. bytes are those of its file, for the lines;
 * "" where nobody has them. 0 or -ENOMEM. */
int vg_contract_remarks(const struct vg_contract *contract, const char *bytes, size_t n,
                        struct vg_refusals *remarks);
/* The refusal of a file that nobody read because it is too large (-EFBIG). 0 or -ENOMEM. */
int vg_contract_refuse_size(struct vg_refusals *refusals);
void vg_contract_free(struct vg_contract *contract);
static inline void vg_contract_freep(struct vg_contract **contract)
{
        vg_contract_free(*contract);
}

/* The end in force at an instant: exercised renewals and amendments that had taken effect by then.
 * value is the exclusive instant, from/source tell since when and by what. */
const struct vg_dated *vg_contract_end_at(const struct vg_contract *contract, int64_t utc_s);
struct vg_date vg_contract_last_day_at(const struct vg_contract *contract, int64_t utc_s);
/* The authorised amount in force, in cents. */
int64_t vg_contract_amount_at(const struct vg_contract *contract, int64_t utc_s);
/* Until when its evidence is kept (guide, 4.13): the first instant at which it may be purged, by the
 * end in force at as_of_s. */
int64_t vg_contract_kept_until(const struct vg_contract *contract, int64_t as_of_s);
/* start <= instant < the end in force at as_of_s. */
bool vg_contract_covers(const struct vg_contract *contract, int64_t utc_s, int64_t as_of_s);

/* Until when an access that was granted until then holds, as of an instant: the supplier's never
 * outlives the end in force, and without a contract (NULL) there is none. */
int64_t vg_contract_access_until(const struct vg_contract *contract, enum vg_role role,
                                 int64_t until_s, int64_t as_of_s);

/* NULL where there is none. */
const struct vg_tenant *vg_contract_tenant(const struct vg_contract *contract, const char *id);
const struct vg_price *vg_contract_price(const struct vg_contract *contract, const char *sku);
/* The price by which measured or imported quantities of a resource are rated (charges usage and
 * purchase; a contract never has two for one resource). */
const struct vg_price *vg_contract_price_of(const struct vg_contract *contract,
                                            const char *resource);
const struct vg_qualified *vg_contract_component(const struct vg_contract *contract,
                                                 const char *ref);
const struct vg_site *vg_contract_site_of(const struct vg_contract *contract,
                                          const char *appliance);
/* The one appliance that rates the contract and raises its alerts: as the file says, else the first
 * that it lists; NULL where it lists none. */
const char *vg_contract_reporting_appliance(const struct vg_contract *contract);
size_t vg_contract_n_appliances(const struct vg_contract *contract);
/* NULL: no level of that severity was agreed. */
const struct vg_service_level *vg_contract_service_level(const struct vg_contract *contract,
                                                         enum vg_severity severity);
/* The price in force; NULL before the first one (the start, or the amendment that added it). */
const struct vg_price_segment *vg_price_at(const struct vg_price *price, int64_t utc_s);

enum { VG_CONTRACT_VERSION = 2 }; /* the newest that is read; older ones are as well */

/* The JSON Schema that files of version 1 … VG_CONTRACT_VERSION are held against, as bytes; the
 * newest one is config/contract.schema.json. */
const char *vg_contract_schema_of(int version, size_t *ret_n);
