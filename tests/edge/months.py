# SPDX-License-Identifier: Apache-2.0
"""Months of a contract in a ledger, for the tests of statements and of what is made from them: a
contract that began some months ago, with every kind of line, and what was measured on time."""

import datetime
import json
import time
import zoneinfo

from ledgers import HOUR, Ledger

ZONE = zoneinfo.ZoneInfo("America/Toronto")
CONTRACT = "CS-DEMO-0001"
EVIL = '<script>alert(1)</script>&"\'</style>'


def local(year, month, day=1):
    """The instant of a local midnight."""
    return int(datetime.datetime(year, month, day, tzinfo=ZONE).timestamp())


def month_back(n, now=None):
    """(year, month) so many months before the present one."""
    today = datetime.datetime.fromtimestamp(now or time.time(), ZONE)
    index = today.year * 12 + today.month - 1 - n
    return index // 12, index % 12 + 1


def month_text(n, now=None):
    return "%04d-%02d" % month_back(n, now)


def contract(first, revision=1, appliance="vigie-demo-01", **members):
    """A contract from the first day of `first` = (year, month), of thirty months."""
    start = datetime.date(*first, 1)
    end = datetime.date(first[0] + 2, first[1], 15)
    signed = start - datetime.timedelta(days=40)
    price = {"per": 1, "charge": "usage"}
    tree = {
        "schema": "vigie-contract/1", "revision": revision,
        "identifiers": {"contract_id": CONTRACT, "framework_agreement_id": "EC-DEMO",
                        "seao_notice": "SEAO-0000"},
        "parties": {
            "client": {"name_fr": "Organisme public fictif (démonstration)",
                       "name_en": "Fictitious public body (demonstration)"},
            "supplier": {"name_fr": "Fournisseur fictif inc. (démonstration)",
                         "name_en": "Fictitious Supplier Inc. (demonstration)"},
            "broker": {"name_fr": "Courtier fictif (démonstration)",
                       "name_en": "Fictitious broker (demonstration)"}},
        "solution": {"offer_id": "DEMO", "name_fr": "Nuage privé de démonstration",
                     "name_en": "Demonstration private cloud", "mode": "mixed",
                     "public_cloud_link": "forbidden",
                     "sites": [{"id": "DEMO", "appliances": [appliance]}]},
        "term": {"signed_on": str(signed), "start_date": str(start), "end_date": str(end),
                 "timezone": "America/Toronto", "renewals": [],
                 "exit_transition": {"complete_by": str(end - datetime.timedelta(days=10)),
                                     "lead_days": 200, "parallel_days": 30}},
        "money": {"currency": "CAD", "authorised_amount": "250000.00", "taxes": "excluded",
                  "management_fee": "excluded", "rounding": "half_up_line_cents"},
        "metering": {"interval_seconds": 3600, "month_basis": "calendar", "close_after_hours": 72,
                     "heartbeat": "required"},
        "price_list": [
            {"sku": "VCPU", "component_ref": "SRV", "resource": "vcpu", "unit": "vcpu_hour",
             "price": "0.0213", "name_fr": "vCPU alloué, heure", "name_en": "Allocated vCPU, hour",
             "focus_service_category": "Compute", **price},
            {"sku": "RAM", "component_ref": "SRV", "resource": "ram_gib", "unit": "gib_hour",
             "price": "0.0035", "name_fr": "Mémoire allouée, Gio-heure",
             "name_en": "Allocated memory, GiB-hour", **price},
            {"sku": "BLK", "component_ref": "SAN", "resource": "block_tb", "unit": "tb_month",
             "price": "41.75", "name_fr": "Stockage bloc, To-mois",
             "name_en": "Block storage, TB-month", "focus_service_category": "Storage", **price},
            {"sku": "TX", "component_ref": "SRV", "resource": "net_tx_gb", "unit": "gb",
             "price": "1.15", "name_fr": "Données émises, 1000 Go",
             "name_en": "Data sent, 1000 GB", **{**price, "per": 1000}},
            {"sku": "NODE", "component_ref": "SRV", "resource": "node", "unit": "server_month",
             "price": "1875.00", "name_fr": "Nœud de calcul, location mensuelle",
             "name_en": "Compute node, monthly rental", "per": 1, "charge": "recurring"},
            {"sku": "ENTRY", "component_ref": "ACT", "resource": "entry_activity", "unit": "each",
             "price": "12400.00", "name_fr": "Activité d'entrée, forfait",
             "name_en": "Entry activity, fixed price", "per": 1, "charge": "purchase"}],
        "recurring": [
            {"id": "REC-1", "sku": "NODE", "tenant": "*", "quantity": "3",
             "from_date": str(start + datetime.timedelta(days=7)), "to_date": None},
            {"id": "REC-2", "sku": "NODE", "tenant": "t-sante", "quantity": "1",
             "from_date": str(start + datetime.timedelta(days=40)), "to_date": None}],
        "qualified_components": [
            {"ref": ref, "kind": kind, "manufacturer": "Exemple", "model": "M",
             "qualified_on": str(signed), "withdrawn_on": None}
            for ref, kind in (("SRV", "server"), ("SAN", "storage"), ("ACT", "entry_activity"))],
        "tenants": [
            {"id": "t-finances", "name_fr": "Direction des finances", "name_en": "Finance Branch",
             "cost_centre": "UA-2100"},
            {"id": "t-sante", "name_fr": "Données de santé", "name_en": "Health data"}],
        "quotas": [{"id": "Q-SANTE", "tenant": "t-sante", "resource": "vcpu",
                    "metric": "month_amount", "limit": "150", "thresholds_pct": ["80", "100"]}],
        "minimum_commitments": [{"id": "MIN-MOIS", "basis": "amount_month", "value": "9000"},
                                {"id": "MIN-VCPU", "basis": "quantity_month", "sku": "VCPU",
                                 "value": "20000"}],
        "alerts": {"amount_thresholds_pct": ["50", "75", "90", "100"],
                   "term_days_before_end": [90, 30, 7, 1], "forecast": {"enabled": False}},
        "recipients": [{"id": "r-contrat", "role": "contract_manager", "lang": "fr",
                        "email": "contrats@organisme.example", "channels": ["email"],
                        "min_severity": "warning"}],
        "retention": {"years_after_end": 7},
    }
    for path, value in members.items():
        *parents, last = path.split("__")
        place = tree
        for name in parents:
            place = place[name]
        place[last] = value
    return json.dumps(tree, ensure_ascii=False)


def use(book, start, every=6 * HOUR, until=None):
    """Hours of two tenants, and of somebody whom the contract does not know, on time."""
    at = start // HOUR * HOUR
    n = 0
    while at < until:
        n += 1
        book.usage(at, "t-finances", {"vcpu": 48_000_000 + n, "ram_gib": 256_000_001,
                                      "block_tb": 5_100_000, "net_tx_gb": 1_234_567 + 7 * n})
        book.usage(at, "t-sante", {"vcpu": 16_000_000, "ram_gib": 64_333_333, "block_tb": 1_000_003})
        if n % 50 == 0:
            book.usage(at, "vm-perdue", {"vcpu": 1_500_000})
        gap = [(at + 600, at + 1200, "reader-restart")] if n % 40 == 0 else []
        book.interval(at, HOUR - 600 * bool(gap), gap)
        at += every


def ledger(folder, months=4, text=None, until=None, appliance="vigie-demo-01", **members):
    """A ledger of a contract that began so many months ago, with its history up to now. `entry` is
    bought on the tenth day."""
    now = until or time.time()
    first = month_back(months, now)
    book = Ledger(folder, appliance)
    start = local(*first)
    book.contract(text or contract(first, **members), start - 86400)
    book.usage(start + 9 * 86400 // HOUR * HOUR, "_unassigned", {"entry_activity": 1_000_000})
    use(book, start, until=int(now) - 2 * HOUR)
    book.lines.sort(key=lambda line: line.get("utc_ns", 0))
    book.checkpoint(now - 3600)
    return book
