# SPDX-License-Identifier: Apache-2.0
"""The FOCUS export, column by column: names, types, nulls, allowed values, and the arithmetic."""

import csv
import datetime
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
    "ListUnitPrice", "PricingCategory", "ServiceSubcategory", "SkuId", "SkuMeter",
    "SkuPriceDetails", "SkuPriceId",
    "SubAccountId", "SubAccountName"}
COLUMNS = {
    "1.2": MANDATORY | CONDITIONAL,
    "1.3": MANDATORY | CONDITIONAL | {"ServiceProviderName", "HostProviderName", "ContractApplied"},
    "1.4": (MANDATORY | CONDITIONAL | {"ServiceProviderName", "HostProviderName", "ContractApplied",
                                       "InvoiceDetailId"}) - {"ProviderName", "PublisherName"},
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
    assert list(rows[0]) == sorted(rows[0])
    # A service has one category, and each category of the solution is one service.
    pairs = {(row["ServiceName"], row["ServiceCategory"], row["ServiceSubcategory"])
             for row in rows}
    assert len(pairs) == len({name for name, _, _ in pairs}) == 3
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
        (element,) = json.loads(row["ContractApplied"], parse_float=decimal.Decimal)["Elements"]
        assert element["ContractId"] == CONTRACT
        assert element["ContractCommitmentId"] in (f"{CONTRACT}/MIN-MOIS", f"{CONTRACT}/MIN-VCPU")
        # 1.4: one or the other.
        if row["PricingQuantity"]:
            assert "ContractCommitmentAppliedCost" not in element
            assert (element["ContractCommitmentAppliedQuantity"] ==
                    decimal.Decimal(row["PricingQuantity"]))
            assert element["ContractCommitmentAppliedUnit"] == row["PricingUnit"] != ""
        else:
            assert element["ContractCommitmentAppliedCost"] == decimal.Decimal(row["BilledCost"])
            assert not {"ContractCommitmentAppliedQuantity",
                        "ContractCommitmentAppliedUnit"} & set(element)
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
    assert [row["ContractCommitmentId"] for row in rows] == [
        f"{CONTRACT}/MIN-MOIS", f"{CONTRACT}/MIN-VCPU"]
    assert rows[1]["ContractCommitmentUnit"] == "vCPU-Hours"
    assert len(rows[0]) == 13 and rows[0]["ContractCommitmentCost"] == "9000.000000"
    assert rows[0]["ContractCommitmentQuantity"] == "" and rows[1]["ContractCommitmentCost"] == ""
    periods = export(closed, "1.4", "--dataset", "billing-period")
    states = [row["BillingPeriodStatus"] for row in periods]
    n = len(closed.closed)
    assert states == ["Closed"] * n + ["Open"] * (5 - n)
    assert closed.vigie("focus", "--dataset", "billing-period").returncode == 2


COMMITMENT_1_4 = {  # every column that 1.4 asks for, and its allowed values; None: anything but null
    "BillingCurrency": {"CAD"}, "ContractCommitmentApplicability": None,
    "ContractCommitmentBenefitCategory": {"Discount", "Monetary Pool", "Availability", "Other"},
    "ContractCommitmentCategory": {"Spend", "Usage"}, "ContractCommitmentCost": {""},
    "ContractCommitmentCreated": None, "ContractCommitmentDescription": None,
    "ContractCommitmentDiscountPercentage": {""}, "ContractCommitmentDurationType": {"2 Years"},
    "ContractCommitmentFulfillmentInterval": {"Monthly", "Full Period"},
    "ContractCommitmentId": None, "ContractCommitmentLastUpdated": None,
    "ContractCommitmentLifecycleStatus": {"Active"},
    "ContractCommitmentModel": {"Continuous", "Discontinuous"},
    "ContractCommitmentOfferCategory": {"Public", "Negotiated"},
    "ContractCommitmentPaymentInterval": {"One-Time", "Monthly"},
    "ContractCommitmentPaymentModel": {"No Upfront"}, "ContractCommitmentPeriodEnd": None,
    "ContractCommitmentPeriodStart": None, "ContractCommitmentQuantity": {""},
    "ContractCommitmentType": None, "ContractCommitmentUnit": {""}, "ContractId": {CONTRACT},
    "ContractPeriodEnd": None, "ContractPeriodStart": None, "InvoiceIssuerName": None,
    "ServiceProviderName": None}


def test_commitments_of_1_4(tmp_path):
    """Two whole years, and all three kinds of commitment."""
    first = month_back(1)
    year, month = first[0] + 2, first[1]
    last = datetime.date(year, month, 1) - datetime.timedelta(days=1)
    tree = json.loads(contract(first, term__end_date=str(last)))
    tree["term"]["exit_transition"]["complete_by"] = str(last)
    tree["minimum_commitments"].append(
        {"id": "MIN-TOTAL", "basis": "amount_contract", "value": "90000"})
    book = Ledger(tmp_path)
    book.contract(json.dumps(tree), local(*first) - 86400)
    book.write()
    rows = export(book, "1.4", "--dataset", "contract-commitment")
    kinds = [(row["ContractCommitmentCategory"], row["ContractCommitmentFulfillmentInterval"],
              row["ContractCommitmentPaymentInterval"]) for row in rows]
    assert kinds == [("Spend", "Monthly", "Monthly"), ("Usage", "Monthly", "Monthly"),
                     ("Spend", "Full Period", "One-Time")]
    for row in rows:
        assert list(row) == sorted(COMMITMENT_1_4)
        scope = json.loads(row["ContractCommitmentApplicability"])
        assert scope.get("IsGlobalScope") == (row["ContractCommitmentCategory"] == "Spend" or None)
        assert row["ContractCommitmentCreated"] <= row["ContractCommitmentLastUpdated"]
        for name, allowed in COMMITMENT_1_4.items():
            if allowed is None:
                assert row[name], name
            elif name in ("ContractCommitmentCost", "ContractCommitmentQuantity",
                          "ContractCommitmentUnit"):
                spend = row["ContractCommitmentCategory"] == "Spend"
                assert (row[name] != "") == (spend == (name == "ContractCommitmentCost")), name
            else:
                assert row[name] in allowed, (name, row[name])


def test_the_invoice_of_a_month(tmp_path):
    """Null until it is recorded; none is named where there are two."""
    book = ledger(tmp_path, months=2)
    book.write()
    keeper = keep(book).start()

    def record(number, month, amount="9000.00"):
        done = book.vigie("contract", "record", "invoice", number, "--amount", amount, "--month",
                          month)
        assert done.returncode == 0, done.stderr

    def invoices():
        return {row["BillingPeriodStart"][:7]: row["InvoiceId"] for row in export(book, "1.4")}
    record("F-101", month_text(2), "8999.00")
    record("F-101", month_text(2))
    record("F-102", month_text(1))
    assert invoices() == {month_text(2): "F-101", month_text(1): "F-102", month_text(0): ""}
    record("F-103", month_text(1))
    assert invoices() == {month_text(2): "F-101", month_text(1): "", month_text(0): ""}
    keeper.stop()


def test_columns_that_are_asked_for(closed):
    """FOCUS 1.4: a selection of columns, with the values that they have in the whole."""
    for words, names in ((["--focus", "1.4"], ["BilledCost", "ServiceName"]),
                         (["--focus", "1.4", "--dataset", "billing-period"],
                          ["BillingPeriodStart", "BillingPeriodStatus"]),
                         (["--focus", "1.3", "--dataset", "contract-commitment"],
                          ["ContractCommitmentId", "ContractId"])):
        whole = export(closed, words[1], *words[2:], "--to", month_text(1))
        some = export(closed, words[1], *words[2:], "--to", month_text(1), "--columns",
                      ", ".join(reversed(names)))
        assert some == [{name: row[name] for name in names} for row in whole]
    for wrong in ("BilledCost,Nothing", "Billed", "BilledCostX", "", ","):
        assert closed.vigie("focus", "--columns", wrong).returncode == 2, wrong
    assert closed.vigie("focus", "--columns", "InvoiceDetailId").returncode == 2
    assert closed.vigie("focus", "--focus", "1.4", "--columns", "InvoiceDetailId").returncode == 0


def test_periods(closed):
    assert closed.vigie("focus", "--from", month_text(0), "--to", month_text(1)).returncode == 2
    assert closed.vigie("focus", "--from", f"{month_text(1)}-15").returncode == 0
    for wrong in ("2026-13", "2026-10-99", "2026-10abc", "", "\x1b[2J"):
        done = closed.vigie("focus", "--from", wrong)
        assert done.returncode == 2 and "\x1b" not in done.stderr


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
    # What it does to the month's commitments is given back with it.
    assert [row["ChargeCategory"] for row in rows] == ["Usage", "Adjustment"]
    assert rows[0]["BilledCost"] == "106.50" and rows[1]["BilledCost"] == "-106.50"
    for row in rows:
        assert row["BillingPeriodStart"][:7] == month_text(4 - len(wanted))
        assert row["ChargePeriodStart"][:7] == wanted[-1]
        check_row(row, "1.2")
