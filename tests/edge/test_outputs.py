# SPDX-License-Identifier: Apache-2.0
"""What else is made from statements: reconciliation, simulation, the public summary."""

import datetime
import fractions
import json
import time

import pytest

from ledgers import HOUR, Ledger
from months import CONTRACT, ZONE, contract, ledger, local, month_back, month_text, use
from test_months import cents, closed_by_now, keep, statements
from vigied import wait_for


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    book = ledger(tmp_path_factory.mktemp("outputs"))
    book.write()
    keeper = keep(book).start()
    wait_for("the months to close", lambda: len(statements(keeper)) == len(closed_by_now(4)), 60)
    keeper.stop()
    book.closed = statements(keeper)
    return book


def money(value):
    return f"{value // 100}.{value % 100:02d}" if value >= 0 else f"-{money(-value)}"


def invoice(tmp_path, statement, change=lambda rows: rows, separator=","):
    rows = [[line.get("sku", ""), line["tenant"], line.get("ref", ""), line["amount"]]
            for line in statement["lines"]]
    text = separator.join(["sku", "tenant", "ref", "amount"]) + "\r\n"
    text += "".join(separator.join(row) + "\r\n" for row in change(rows))
    path = tmp_path / "invoice.csv"
    path.write_text("\ufeff" + text)
    return str(path)


def reconcile(book, statement, *words):
    done = book.vigie("contract", "reconcile", statement["month"], *words, "--json")
    return done.returncode, json.loads(done.stdout)


def test_an_invoice_that_agrees(closed, tmp_path):
    statement = closed.closed[-1]
    for separator in ",;":
        code, answer = reconcile(closed, statement, "--invoice",
                                 invoice(tmp_path, statement, separator=separator))
        assert code == 0 and answer["agrees"] and answer["differences"] == []
    assert reconcile(closed, statement, "--total", statement["total"])[0] == 0
    french = statement["total"][:-6] + "\u00a0" + statement["total"][-6:].replace(".", ",") + " $"
    assert reconcile(closed, statement, "--total", french)[0] == 0


def test_one_cent_is_shown_with_its_line(closed, tmp_path):
    statement = closed.closed[-1]

    def more(rows):
        rows[3][3] = money(cents(rows[3][3]) + 1)
        return rows
    code, answer = reconcile(closed, statement, "--invoice", invoice(tmp_path, statement, more))
    assert code == 1 and not answer["agrees"] and answer["difference"] == "0.01"
    line = statement["lines"][3]
    assert [(d["kind"], d["sku"], d["tenant"], d["difference"]) for d in answer["differences"]] == [
        ("amount", line["sku"], line["tenant"], "0.01")]
    shown = closed.vigie("contract", "reconcile", statement["month"], "--invoice",
                         invoice(tmp_path, statement, more))
    assert shown.returncode == 1 and "0,01\u00a0$" in shown.stdout


def test_lines_that_only_one_of_them_has(closed, tmp_path):
    statement = closed.closed[-1]
    code, answer = reconcile(closed, statement, "--invoice", invoice(
        tmp_path, statement, lambda rows: rows[1:] + [["GHOST", "*", "", "12.00"]]))
    kinds = sorted((d["kind"], d["sku"]) for d in answer["differences"])
    assert code == 1 and kinds == [("foreign", "GHOST"), ("missing", statement["lines"][0]["sku"])]


def test_a_total_is_explained(closed):
    statement = closed.closed[-1]
    total = cents(statement["total"])
    line = max(statement["lines"], key=lambda line: cents(line["amount"]))
    code, answer = reconcile(closed, statement, "--total", money(total - cents(line["amount"])))
    assert code == 1 and answer["differences"][0]["kind"] == "one-line"
    assert answer["differences"][0]["sku"] == line.get("sku", "")
    exact = sum(fractions.Fraction(int(x["exact_num"]), int(x["exact_den"]))
                for x in statement["lines"]) / 10**10
    once = int(exact + fractions.Fraction(1, 2))
    if once != total:
        code, answer = reconcile(closed, statement, "--total", money(once))
        assert answer["differences"][0]["kind"] == "rounding"
    code, answer = reconcile(closed, statement, "--total", money(total + 123_456_789))
    assert answer["differences"][0]["kind"] == "unknown"


def test_many_lines_of_one_amount_explain_little(tmp_path):
    """A few are told, and how many more there are; a program is told them all."""
    first = month_back(1)
    tree = json.loads(contract(first, minimum_commitments=[]))
    tree["tenants"] += [{"id": f"t-{n:02}", "name_fr": f"Abonné {n}", "name_en": f"Tenant {n}"}
                        for n in range(12)]
    book = Ledger(tmp_path)
    book.contract(json.dumps(tree), local(*first) - 86400)
    for n in range(12):
        book.usage(local(*first) + HOUR, f"t-{n:02}", {"vcpu": 100_000_000})
    book.write()
    month = month_text(1)
    total = cents(json.loads(book.vigie("statement", month, "--json").stdout)["total"])
    words = ["contract", "reconcile", month, "--total", money(total + 213)]
    told = book.vigie(*words, lang="en")
    assert told.returncode == 1 and "And 7 more lines of this amount" in told.stdout
    answer = json.loads(book.vigie(*words, "--json").stdout)
    assert [d["kind"] for d in answer["differences"]] == ["one-line"] * 12


def test_wrong_invoices(closed, tmp_path):
    path = tmp_path / "wrong.csv"
    for text, where in (("sku,price\nA,1\n", 1), ("sku,amount\nA,twelve\n", 2),
                        ("sku,amount\nA,1.234\n", 2)):
        path.write_text(text)
        done = closed.vigie("contract", "reconcile", closed.closed[0]["month"], "--invoice",
                            str(path), "--json")
        assert done.returncode == 3, done.stdout
        assert json.loads(done.stdout)["error"]["line"] == where
    assert closed.vigie("contract", "reconcile", closed.closed[0]["month"]).returncode == 2


def simulate(book, *words):
    done = book.vigie("contract", "simulate", *words, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_the_past_is_what_the_statements_say(closed):
    answer = simulate(closed)
    months = {m["month"]: m for m in answer["months"]}
    for statement in closed.closed:
        assert months[statement["month"]] == {"month": statement["month"], "state": "closed",
                                              "total": statement["total"]}
    assert sum(cents(m["total"]) for m in answer["months"]) == cents(answer["total_at_end"])
    assert cents(answer["authorised"]) - cents(answer["total_at_end"]) == cents(
        answer["remaining_at_end"])
    assert len(months) == 25 and months[month_text(-2)]["state"] == "planned"


def test_the_present_month_is_what_the_status_says(tmp_path):
    """The interval that is open counts: what was used a minute ago is no more 0.00 in the simulation
    than on the screen."""
    book = ledger(tmp_path, months=1, text=contract(month_back(1), minimum_commitments=[]))
    book.open_usage(time.time(), {"t-sante": {"vcpu": 400_000_000}})
    book.write()
    answer = simulate(book)
    status = json.loads(book.vigie("status", "--json").stdout)["contract"]
    assert answer["consumed_now"] == status["consumed_cad"]
    present = {m["month"]: cents(m["total"]) for m in answer["months"]}[month_text(0)]
    assert present >= 852  # 400 at 0.0213


def test_a_plan_costs_what_it_must(closed, tmp_path):
    """Ten vCPU for the whole of two months to come, through a change of hour or not."""
    first, second = month_back(-2), month_back(-3)
    last = datetime.date(second[0] + second[1] // 12, second[1] % 12 + 1, 1) - datetime.timedelta(1)
    plan = tmp_path / "plan.csv"
    plan.write_text("resource;quantity;tenant;from;to\n"
                    f"vcpu;10;t-sante;{datetime.date(*first, 1)};{last}\n")
    with_plan, without = simulate(closed, "--plan", str(plan)), simulate(closed)
    for month in (first, second):
        text = "%04d-%02d" % month
        after = (month[0] + month[1] // 12, month[1] % 12 + 1)
        hours = (local(*after) - local(*month)) // 3600
        price = fractions.Fraction("0.0213") * 10 * hours * 100
        a, b = ({m["month"]: cents(m["total"]) for m in x["months"]}[text]
                for x in (with_plan, without))
        # The month's minimum swallows what it covers; what is above it is charged to the cent.
        assert 0 <= a - b <= price + 1
    a_half = []
    for quantity in ("2.5", '"2,5"'):
        plan.write_text(f"resource,quantity,tenant\nvcpu,{quantity},t-sante\n")
        a_half.append(simulate(closed, "--plan", str(plan)))
    assert a_half[0] == a_half[1]
    plan.write_text(f"resource,quantity,tenant,from,to\nvcpu,1,t-sante,{last},"
                    f"{datetime.date(*first, 1)}\n")
    done = closed.vigie("contract", "simulate", "--plan", str(plan))
    assert done.returncode == 3 and "précède" in done.stderr
    plan.write_text("resource,quantity,tenant\nfoo,10,t-sante\n")
    done = closed.vigie("contract", "simulate", "--plan", str(plan), "--json")
    assert done.returncode == 3 and json.loads(done.stdout)["error"]["line"] == 2


def test_a_planned_amendment(closed, tmp_path):
    """Under a contract whose nodes cost more from a day to come, only months to come change."""
    tree = json.loads(contract(month_back(4), revision=2))
    day = datetime.date(*month_back(-2), 1)
    tree["amendments"] = [{
        "id": "AV-1", "signed_on": str(datetime.datetime.now(ZONE).date()),
        "effective_on": str(day), "broker_copy_sent_on": None,
        "changes": {"prices": [{"sku": "NODE", "price": "2875.00", "per": 1}]}}]
    path = tmp_path / "amended.json"
    path.write_text(json.dumps(tree))
    before, after = simulate(closed), simulate(closed, str(path))
    for a, b in zip(before["months"], after["months"]):
        gap = cents(b["total"]) - cents(a["total"])
        if a["month"] < str(day)[:7]:
            assert gap == 0
    assert cents(after["total_at_end"]) > cents(before["total_at_end"])


def test_public_summary(closed):
    """Six facts and nothing else: no price, no amount, no tenant, no id."""
    done = closed.vigie("summary", "--public", "--json")
    answer = json.loads(done.stdout)
    first = month_back(4)
    assert answer == {
        "approximate_size": "100k-1M", "body": "Organisme public fictif (démonstration)",
        "duration_months": 25, "solution": "Nuage privé de démonstration",
        "start": "%04d-%02d-01" % first, "supplier": "Fournisseur fictif inc. (démonstration)"}
    shown = closed.vigie("summary", "--public").stdout
    for secret in ("t-sante", "250", CONTRACT, "NODE", "EC-DEMO", "SEAO"):
        assert secret not in shown.replace("\u202f", "")
    assert closed.vigie("summary").returncode == 2


def two_contracts(folder):
    """One of two whole months, then the next with the same supplier; every month measured."""
    first, second = month_back(4), month_back(2)
    last = str((datetime.datetime.fromtimestamp(local(*second), ZONE) -
                datetime.timedelta(days=1)).date())
    book = Ledger(folder)
    book.contract(contract(first, term__end_date=last, term__exit_transition={
        "complete_by": last, "lead_days": 10, "parallel_days": 5}), local(*first) - 86400)
    ids = {"contract_id": "CS-DEMO-0002", "framework_agreement_id": "EC-DEMO",
           "seao_notice": "SEAO-0002", "previous_contract_id": CONTRACT}
    book.contract(contract(second, identifiers=ids), local(*second) - 86400)
    use(book, local(*first), until=time.time() - 2 * HOUR)
    book.lines.sort(key=lambda line: line.get("utc_ns", 0))
    book.checkpoint(time.time() - 3600)
    book.write()
    return book


def test_contracts_follow_one_another_and_their_totals_stay_apart(tmp_path):
    """The sum of a contract that is over, with its last month closed, is the amount to publish."""
    book = two_contracts(tmp_path)
    before = json.loads(book.vigie("contract", "list", "--json").stdout)["contracts"]
    assert [(c["contract_id"], c["state"], c["closed_months"], c["final"]) for c in before] == [
        (CONTRACT, "over", 0, False), ("CS-DEMO-0002", "running", 0, False)]
    keeper = keep(book).start()
    wait_for("the months to close", lambda: len(statements(keeper)) == len(closed_by_now(4)), 60)
    keeper.stop()
    closed = statements(keeper)
    done = book.vigie("contract", "list", "--json")
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)["contracts"]
    for told, name in ((first, CONTRACT), (second, "CS-DEMO-0002")):
        own = [s for s in closed if s["contract"] == name]
        assert told["contract_id"] == name and told["closed_months"] == len(own)
        assert cents(told["closed_cad"]) == sum(cents(s["total"]) for s in own)
        for entry, statement in zip(told["entries"], own):
            record = json.loads(book.vigie("ledger", "log", entry.split()[1], "--json").stdout)
            assert statement["digest"] in json.dumps(record)
    assert (first["months"], first["final"], first["next"], first["previous"]) == (
        2, True, "CS-DEMO-0002", None)
    assert (second["final"], second["next"], second["previous"], second["seao_notice"]) == (
        False, None, CONTRACT, "SEAO-0002")
    for lang, words in (("fr", ["Montant final", "Suivi de", "provisoire"]),
                        ("en", ["Final amount", "Followed by", "provisional"])):
        text = book.vigie("contract", "list", lang=lang).stdout
        for word in words:
            assert word in text, text


def test_without_any_contract(tmp_path):
    book = Ledger(tmp_path)
    book.interval(int(time.time()) // HOUR * HOUR - HOUR)
    book.write()
    done = book.vigie("contract", "list")
    assert done.returncode == 0 and "Aucun contrat" in done.stdout
    assert json.loads(book.vigie("contract", "list", "--json").stdout) == {
        "contracts": [], "unreadable": 0}

