# SPDX-License-Identifier: Apache-2.0
"""The FOCUS export, column by column: names, types, nulls, allowed values, and the arithmetic."""

import csv
import decimal
import io
import json
import re

import pytest

from months import CONTRACT, EVIL, contract, ledger, local, month_back, month_text, use
from ledgers import Ledger
from test_months import closed_by_now, keep, statements
from vigied import wait_for

MANDATORY = {  # of Cost and Usage 1.2
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd",
    "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost",
    "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ServiceCategory",
    "ServiceName"}
CONDITIONAL = {
    "ChargeFrequency", "ConsumedQuantity", "ConsumedUnit", "ContractedUnitPrice", "InvoiceId",
    "ListUnitPrice", "PricingCategory", "ServiceSubcategory", "SkuId", "SkuMeter", "SkuPriceId",
    "SubAccountId", "SubAccountName"}
COLUMNS = {
    "1.2": MANDATORY | CONDITIONAL,
    "1.3": MANDATORY | CONDITIONAL | {"ServiceProviderName", "HostProviderName", "ContractApplied"},
    "1.4": (MANDATORY | CONDITIONAL | {"ServiceProviderName", "HostProviderName",
                                       "ContractApplied"}) - {"ProviderName", "PublisherName"},
}
NEVER_NULL = MANDATORY - {"ChargeClass", "PricingQuantity", "PricingUnit"}
DATE = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
CATEGORIES = {"Compute", "Storage", "Networking", "Databases", "Security",
              "Management and Governance", "Other"}
NUMERIC = {"BilledCost", "EffectiveCost", "ContractedCost", "ListCost", "ContractedUnitPrice",
           "ListUnitPrice", "PricingQuantity", "ConsumedQuantity"}


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    book = ledger(tmp_path_factory.mktemp("focus"))
    book.write()
    keeper = keep(book).start()
    wait_for("the months to close", lambda: len(statements(keeper)) == len(closed_by_now(4)), 60)
    keeper.stop()
    book.closed = statements(keeper)
    return book


def export(book, version="1.2", *more, lang="fr"):
    done = book.vigie("focus", "--focus", version, *more, lang=lang)
    assert done.returncode == 0, done.stderr
    # The command's own newlines, which text mode would hide.
    assert done.stdout
    return list(csv.DictReader(io.StringIO(done.stdout), strict=True))


@pytest.mark.parametrize("version", ["1.2", "1.3", "1.4"])
def test_every_column(closed, version):
    rows = export(closed, version)
    assert len(rows) > 30
    with decimal.localcontext(prec=80):
        for row in rows:
            check_row(row, version)
    kinds = {(row["ChargeCategory"], row["ChargeFrequency"]) for row in rows}
    assert kinds == {("Usage", "Usage-Based"), ("Purchase", "Recurring"), ("Purchase", "One-Time"),
                     ("Adjustment", "One-Time")}


def check_row(row, version):
    assert set(row) == COLUMNS[version], set(row) ^ COLUMNS[version]
    for name in COLUMNS[version] & NEVER_NULL:
        assert row[name] != "", (name, row)
    for name, value in row.items():
        assert value not in ("N/A", "null", "NULL"), name
        if name in NUMERIC and value:
            assert NUMBER.fullmatch(value), (name, value)
        if name.endswith(("PeriodStart", "PeriodEnd")):
            assert DATE.fullmatch(value), (name, value)
    assert row["BillingPeriodStart"] < row["BillingPeriodEnd"]
    assert row["ChargePeriodStart"] < row["ChargePeriodEnd"]
    assert row["BillingCurrency"] == "CAD" and row["BillingAccountId"] == CONTRACT
    assert row["ServiceCategory"] in CATEGORIES and row["InvoiceId"] == ""
    assert row["ChargeClass"] in ("", "Correction")
    assert (row["SubAccountId"] == "") == (row["SubAccountName"] == "")
    assert row["BilledCost"] == row["EffectiveCost"]
    assert re.fullmatch(r"-?\d+\.\d\d", row["BilledCost"])
    check_money(row)
    check_category(row)
    if version != "1.2":
        check_applied(row)


def check_money(row):
    """ContractedUnitPrice x PricingQuantity is ContractedCost, to the last digit."""
    priced = row["PricingQuantity"] != ""
    for name in ("PricingUnit", "ContractedUnitPrice", "ListUnitPrice", "SkuPriceId"):
        assert (row[name] != "") == priced, (name, row)
    cost = decimal.Decimal(row["ContractedCost"])
    assert row["ListCost"] == row["ContractedCost"]
    if priced:
        assert (decimal.Decimal(row["ContractedUnitPrice"]) *
                decimal.Decimal(row["PricingQuantity"])) == cost
        # and is what was billed, but for the rounding of the line and of the quantity
        assert abs(cost - decimal.Decimal(row["BilledCost"])) < decimal.Decimal("0.02")
    else:
        assert cost == decimal.Decimal(row["BilledCost"])


def check_category(row):
    category, consumed = row["ChargeCategory"], row["ConsumedQuantity"] != ""
    assert category in ("Usage", "Purchase", "Adjustment")
    assert consumed == (row["ConsumedUnit"] != "")
    assert consumed == (category == "Usage" and row["ChargeClass"] == "")
    assert row["ChargeFrequency"] in {"Usage": ("Usage-Based",), "Adjustment": ("One-Time",),
                                      "Purchase": ("One-Time", "Recurring")}[category]
    if category in ("Usage", "Purchase") and row["ChargeClass"] == "":
        assert row["PricingCategory"] == "Standard" and row["SkuId"] and row["SkuPriceId"]
    if row["PricingUnit"] == "TB-Months":
        assert row["ConsumedUnit"] in ("TB-Hours", "")


def check_applied(row):
    if row["ChargeCategory"] == "Adjustment":
        element = json.loads(row["ContractApplied"])["Elements"][0]
        assert element["ContractId"] == CONTRACT and element["ContractCommitmentId"]
    else:
        assert row["ContractApplied"] == ""


def test_sums_are_the_statements(closed):
    rows = export(closed)
    for statement in closed.closed:
        start = "%d-%02d-01T" % tuple(map(int, statement["month"].split("-")))
        total = sum(decimal.Decimal(row["BilledCost"]) for row in rows
                    if row["BillingPeriodStart"].startswith(start))
        assert total == decimal.Decimal(statement["total"])
    only = export(closed, "1.2", "--from", closed.closed[-1]["month"],
                  "--to", closed.closed[-1]["month"])
    assert {row["BillingPeriodStart"][:7] for row in only} == {closed.closed[-1]["month"]}


def test_rfc_4180_and_spreadsheets(tmp_path):
    first = month_back(1)
    tree = json.loads(contract(first))
    tree["tenants"][0]["name_fr"] = '=cmd|"/c calc"!A1\n,' + EVIL
    book = Ledger(tmp_path)
    book.contract(json.dumps(tree, ensure_ascii=False), local(*first) - 86400)
    use(book, local(*first), until=local(*first) + 86400)
    book.write()
    import os
    import subprocess
    from ledgers import programs
    raw = subprocess.run([programs() / "vigie", "--config", book.config, "--lang", "fr", "focus"],
                         capture_output=True, env=dict(os.environ)).stdout
    assert raw.endswith(b"\r\n") and raw.count(b"\n") == raw.count(b"\r\n")
    names = {row["SubAccountName"] for row in csv.DictReader(io.StringIO(raw.decode()), strict=True)}
    assert any(name.startswith("'=cmd") for name in names), names


def test_commitments_and_periods(closed):
    rows = export(closed, "1.3", "--dataset", "contract-commitment")
    assert [row["ContractCommitmentId"] for row in rows] == ["MIN-MOIS", "MIN-VCPU"]
    assert len(rows[0]) == 13 and rows[0]["ContractCommitmentCost"] == "9000.000000"
    assert rows[0]["ContractCommitmentQuantity"] == "" and rows[1]["ContractCommitmentCost"] == ""
    periods = export(closed, "1.4", "--dataset", "billing-period")
    states = [row["BillingPeriodStatus"] for row in periods]
    n = len(closed.closed)
    assert states == ["Closed"] * n + ["Open"] * (5 - n)
    assert closed.vigie("focus", "--dataset", "billing-period").returncode == 2


def test_a_correction_is_one(tmp_path):
    """What was used in a closed month and known later is a Correction of the open one."""
    import time
    book = ledger(tmp_path)
    book.write()
    keeper = keep(book).start()
    wanted = closed_by_now(4)
    wait_for("the months to close", lambda: len(statements(keeper)) == len(wanted), 60)
    keeper.stop()
    year, month = map(int, wanted[-1].split("-"))
    book.lines = []
    book.usage(local(year, month, 20), "t-sante", {"vcpu": 5_000_000_000}, part=9)
    book.lines[0]["utc_ns"] = int(time.time() * 10**9)
    book.write()
    rows = [row for row in export(book, "1.2") if row["ChargeClass"]]
    assert len(rows) == 1
    assert rows[0]["BillingPeriodStart"][:7] == month_text(4 - len(wanted))
    assert rows[0]["ChargePeriodStart"][:7] == wanted[-1]
    check_row(rows[0], "1.2")
