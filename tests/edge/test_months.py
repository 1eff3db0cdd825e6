# SPDX-License-Identifier: Apache-2.0
"""Months close: each once, for good, whatever happens; what comes later is a correction."""

import datetime
import fractions
import hashlib
import json
import random
import subprocess
import time

import pytest

from ledgers import HOUR, Ledger, programs
from months import CONTRACT, ZONE, contract, ledger, local, month_back, month_text
from vigied import SECOND, Guests, Keeper, wait_for


def keep(book, **settings):
    """A keeper over a ledger that is there already."""
    keeper = Keeper(book.folder, appliance=book.appliance, **settings)
    return keeper


def statements(keeper):
    return [r["body"] for r in keeper.records("statement")]


def canonical(tree):
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def cents(text):
    return int(text.replace(".", ""))


def check(statement):
    """All of it by other means: the digest, each rounding, the sum."""
    bare = {key: value for key, value in statement.items() if key != "digest"}
    assert hashlib.sha256(canonical(bare)).hexdigest() == statement["digest"]
    for line in statement["lines"]:
        exact = fractions.Fraction(int(line["exact_num"]), int(line["exact_den"]))
        value = exact / 10**10
        half_up = abs(value) + fractions.Fraction(1, 2)
        rounded = int(half_up) * (1 if value >= 0 else -1)
        assert rounded == cents(line["amount"]), line
        if "price" in line and line["kind"] == "usage" and "measured" not in line:
            product = (fractions.Fraction(line["quantity"]) * fractions.Fraction(line["price"]) /
                       line["per"])
            assert product * 10**12 == exact, line
    assert sum(cents(line["amount"]) for line in statement["lines"]) == cents(statement["total"])


def closed_by_now(months):
    """Months of the contract whose 72 hours are over."""
    texts = []
    for back in range(months, 0, -1):
        year, month = month_back(back - 1)
        if time.time() >= local(year, month) + 72 * HOUR:
            texts.append(month_text(back))
    return texts


def verified(keeper):
    keeper.verify()
    done = subprocess.run([programs() / "vigie", "--config", keeper.config, "ledger", "verify",
                           "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_months_close_once_and_add_up(tmp_path):
    book = ledger(tmp_path)
    book.write()
    keeper = keep(book).start()
    wanted = closed_by_now(4)
    wait_for("the months to close", lambda: len(statements(keeper)) == len(wanted), 60)
    found = statements(keeper)
    assert [s["month"] for s in found] == wanted
    for statement in found:
        check(statement)
        assert statement["contract"] == CONTRACT and statement["tzdata"] != "unknown"
        assert statement["not_measured_s"] > 0 and statement["gaps"]
    kinds = {line["kind"] for s in found for line in s["lines"]}
    assert kinds == {"usage", "purchase", "recurring", "shortfall"}
    told = {a["key"].rsplit("/", 1)[1]: a for a in keeper.alerts("VIG-C-010")}
    assert set(told) >= {f"statement-{month}" for month in wanted[-3:]}
    assert found[-1]["digest"] in told[f"statement-{wanted[-1]}"]["text_fr"]
    time.sleep(3)
    assert statements(keeper) == found

    # What the sum of all statements comes to is what status calls consumed.
    status = json.loads(book.vigie("status", "--json").stdout)
    total = sum(cents(s["total"]) for s in found)
    answers = [json.loads(book.vigie("statement", month, "--json").stdout) for month in
               [month_text(n) for n in range(4, -1, -1)]]
    assert [a["total"] for a in answers[:len(found)]] == [s["total"] for s in found]
    opened = sum(cents(a["total"]) for a in answers[len(found):])
    assert total + opened == cents(status["contract"]["consumed_cad"])
    keeper.stop()
    verified(keeper)


def seconds(gap):
    ends = [datetime.datetime.fromisoformat(gap[name].replace("Z", "+00:00")).timestamp()
            for name in ("from", "to")]
    return int(ends[1] - ends[0])


def test_what_no_record_tells_of_was_not_measured(tmp_path):
    """A month before the first observation; one with a hole in it and an interval covered in part
    of which no gap says when; one that was measured whole; the open one up to what is due."""
    months = [month_back(n) for n in (3, 2, 1, 0)]
    starts = [local(*month) for month in months]
    now = int(time.time())
    book = Ledger(tmp_path)
    book.contract(contract(months[0]), starts[0] - 86400)
    hole = range(starts[1] + 5 * 86400, starts[1] + 6 * 86400)
    for at in range(starts[1], now - 2 * HOUR, HOUR):
        if at not in hole:
            book.interval(at, HOUR - 900 * (at == starts[1] + 9 * HOUR))
    book.write()
    answers = [json.loads(book.vigie("statement", "%04d-%02d" % month, "--json").stdout)
               for month in months]
    pages = [book.vigie("statement", "%04d-%02d" % month, "--format", "html").stdout
             for month in months]
    none = "chaque intervalle de la période a été mesuré"
    assert answers[0]["not_measured_s"] == starts[1] - starts[0]
    assert [(g["from"], g["to"], g["cause"], g["scope"]) for g in answers[0]["gaps"]] == [
        (answers[0]["from"], answers[0]["to"], "unrecorded", "all")]
    assert none not in pages[0] and "est inscrite au registre" in pages[0]
    assert answers[1]["not_measured_s"] == 86400 + 900
    assert [seconds(gap) for gap in answers[1]["gaps"]] == [86400]
    assert (answers[2]["not_measured_s"], answers[2]["gaps"]) == (0, []) and none in pages[2]
    assert sum(map(seconds, answers[3]["gaps"])) == answers[3]["not_measured_s"] <= 2 * HOUR

    keeper = keep(book).start()
    wait_for("the months to close", lambda: len(statements(keeper)) >= 2, 60)
    for closed, answer in zip(statements(keeper)[:3], answers):
        check(closed)
        assert (closed["gaps"], closed["not_measured_s"]) == (answer["gaps"],
                                                              answer["not_measured_s"])
    keeper.stop()
    dossier = json.loads(book.vigie("dossier", "--json").stdout)["availability"]
    lengths = [gap["seconds"] for gap in dossier["gaps"] if gap["cause"] == "unrecorded"]
    assert lengths[:2] == [starts[1] - starts[0], 86400]
    empty = book.vigie("dossier", "--from", "%04d-%02d" % months[0], "--to",
                       "%04d-%02d" % months[0])
    assert empty.returncode == 0 and "est inscrite au registre" in empty.stdout


def test_killed_while_closing(tmp_path):
    book = ledger(tmp_path, months=6)
    book.write()
    wanted = closed_by_now(6)
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    keeper = keep(book)
    for _ in range(12):
        keeper.start()
        time.sleep(chance.random() * 1.2)
        keeper.kill()
        months = [s["month"] for s in statements(keeper)]
        assert months == wanted[:len(months)]
    keeper.start()
    wait_for("the months to close", lambda: len(statements(keeper)) == len(wanted), 60)
    for statement in statements(keeper):
        check(statement)
    keys = [a["key"] for a in keeper.alerts("VIG-C-010")]
    assert len(keys) == len(set(keys))
    keeper.stop()
    verified(keeper)
    before = keeper.sql("SELECT * FROM statement ORDER BY month")
    lines = keeper.sql("SELECT * FROM line ORDER BY 1, 2, 3, 4, 5, 6, 7")
    done = book.vigie("ledger", "rebuild")
    assert done.returncode == 0, done.stderr
    assert keeper.sql("SELECT * FROM statement ORDER BY month") == before
    assert keeper.sql("SELECT * FROM line ORDER BY 1, 2, 3, 4, 5, 6, 7") == lines


def test_late_data_are_corrections(tmp_path):
    """A reader that catches up on a closed month changes the open statement, never the closed."""
    book = ledger(tmp_path)
    book.write()
    keeper = keep(book).start()
    wanted = closed_by_now(4)
    wait_for("the months to close", lambda: len(statements(keeper)) == len(wanted), 60)
    before = statements(keeper)

    year, month = map(int, wanted[-1].split("-"))
    late = local(year, month, 20) + HOUR
    rows = [{"do": "append", "log": "client", "type": "usage",
             "utc_ns": int(time.time() * SECOND), "body": {
                 "appliance": book.appliance, "clock": "ok", "contract": CONTRACT, "domains": [],
                 "interval_s": HOUR, "part": 9, "tenant": "t-sante",
                 "start": datetime.datetime.fromtimestamp(late, datetime.timezone.utc).strftime(
                     "%Y-%m-%dT%H:%M:%SZ"),
                 "resources": {"vcpu": {"base": "0", "micro": 100_000_000_000,
                                        "quality": "whole"}}}}]
    keeper.stop()
    book.lines = rows
    book.write()
    keeper.start()
    wait_for("late data to be told", lambda: keeper.alerts("VIG-D-003"), 60)
    assert wanted[-1] in keeper.alerts("VIG-D-003")[0]["key"]
    assert statements(keeper) == before
    answer = json.loads(book.vigie("statement", month_text(0), "--json").stdout)
    first_open = answer if len(wanted) == 4 else json.loads(
        book.vigie("statement", month_text(1), "--json").stdout)
    corrections = [line for line in first_open["lines"] if line["period"] == wanted[-1]]
    assert [(c["tenant"], c["sku"], c["amount"]) for c in corrections if "ref" not in c] == [
        ("t-sante", "VCPU", "2130.00")]
    # The closed month's top-ups are held against what is known now, and the difference given back.
    both = before[-1]["lines"] + corrections
    charged = sum(cents(line["amount"]) for line in both if line["kind"] in ("usage", "recurring"))
    due = {"MIN-VCPU": 0, "MIN-MOIS": max(0, 900000 - charged)}
    for ref, wants in due.items():
        top_ups = [cents(line["amount"]) for line in both if line.get("ref") == ref]
        assert len(top_ups) == 2 and top_ups[1] < 0 < top_ups[0] and sum(top_ups) == wants, ref
    page = book.vigie("statement", first_open["month"], "--format", "html").stdout
    assert "MIN-VCPU" in page and "MIN-MOIS" in page
    keeper.stop()
    verified(keeper)


def test_after_the_term_a_month_closes_only_where_a_correction_waits(tmp_path):
    """The contract ended long ago. What came late, months after, has its own statement, then closed;
    and what comes now, by an act, waits for the month of now, with what it gives back."""
    first, last, late = month_back(6), month_back(5), month_back(2)
    end = datetime.date(*month_back(4), 1) - datetime.timedelta(days=1)
    tree = json.loads(contract(first, term__end_date=str(end)))
    tree["term"]["exit_transition"] = {"complete_by": str(end), "lead_days": 10, "parallel_days": 0}
    tree["recurring"] = []
    start = local(*first)
    book = Ledger(tmp_path)
    book.contract(json.dumps(tree, ensure_ascii=False), start - 86400)
    book.usage(start + HOUR, "t-sante", {"vcpu": 100_000_000})
    book.interval(start + HOUR)
    book.usage(local(*last) + HOUR, "t-sante", {"vcpu": 1_000_000_000}, part=9)
    book.lines[-1]["utc_ns"] = local(*late, 10) * SECOND
    book.lines.sort(key=lambda line: line.get("utc_ns", 0))
    book.write()
    keeper = keep(book).start()
    months = [month_text(6), month_text(5)]
    if time.time() >= local(*month_back(1)) + 72 * HOUR:
        months.append(month_text(2))
    wait_for("the months to close", lambda: len(statements(keeper)) == len(months), 60)
    found = statements(keeper)
    assert [s["month"] for s in found] == months
    for statement in found:
        check(statement)
    if len(months) == 3:
        assert {(x["kind"], x.get("ref"), x["period"]) for x in found[2]["lines"]} == {
            ("usage", None, month_text(5)), ("shortfall", "MIN-VCPU", month_text(5))}
    path = tmp_path / "licence.csv"
    stamp = datetime.datetime.fromtimestamp(start, datetime.timezone.utc)
    path.write_text("timestamp,tenant,resource,quantity\n"
                    f"{stamp.strftime('%Y-%m-%dT%H:%M:%SZ')},t-sante,entry_activity,1\n")
    assert json.loads(book.vigie("usage", "import", str(path), "--json").stdout)["imported"] == 1
    time.sleep(3)
    assert statements(keeper) == found
    status = json.loads(book.vigie("status", "--json").stdout)
    assert cents(status["contract"]["consumed_cad"]) == 1240000 + sum(
        cents(s["total"]) for s in found) + (0 if len(months) == 3 else sum(
            cents(x["amount"]) for x in json.loads(
                book.vigie("statement", month_text(2), "--json").stdout)["lines"]))
    keeper.stop()
    verified(keeper)


def test_a_statement_that_corrects_an_earlier_month_says_so(tmp_path):
    """What was known after one month had closed, and before the next one did: VIG-C-011, once."""
    book = ledger(tmp_path)
    wanted = closed_by_now(4)
    year, month = map(int, wanted[-2].split("-"))
    book.usage(local(year, month, 20) + HOUR, "t-sante", {"vcpu": 1_000_000_000}, part=9)
    known = local(*map(int, wanted[-1].split("-")), 5)
    book.lines[-1]["utc_ns"] = known * SECOND
    book.lines.sort(key=lambda line: line.get("utc_ns", 0))
    book.write()
    keeper = keep(book).start()
    wait_for("the months to close", lambda: len(statements(keeper)) == len(wanted), 60)
    lines = [line for line in statements(keeper)[-1]["lines"] if line["period"] == wanted[-2]]
    assert ("t-sante", "VCPU", "21.30") in [(c["tenant"], c["sku"], c["amount"]) for c in lines]
    (told,) = wait_for("VIG-C-011", lambda: keeper.alerts("VIG-C-011"), 60)
    assert told["key"].endswith(f"/correction-{wanted[-1]}-{wanted[-2]}")
    assert cents(told["params"]["amount"]) == sum(cents(line["amount"]) for line in lines)
    keeper.kill()
    keeper.start()
    time.sleep(3)
    assert len(keeper.alerts("VIG-C-011")) == 1
    keeper.stop()
    verified(keeper)


def test_a_domain_given_to_another_tenant_in_a_closed_month(tmp_path):
    """The closed statement stays; the open one pays back to the one and charges the other."""
    book = ledger(tmp_path)
    wanted = closed_by_now(4)
    year, month = map(int, wanted[-1].split("-"))
    at = local(year, month, 12) + HOUR
    uuid = "00000000-0000-4000-8000-000000000007"
    book.usage(at, "t-finances", {"vcpu": 1_000_000_000}, part=7, bases={"vcpu": 3_600_000_000},
               domains=[{"amounts": {"vcpu": 3_600_000_000}, "name": "vm-7", "uuid": uuid}])
    book.lines.sort(key=lambda line: line.get("utc_ns", 0))
    book.write()
    keeper = keep(book).start()
    wait_for("the months to close", lambda: len(statements(keeper)) == len(wanted), 60)
    before = statements(keeper)
    answer = keeper.client(source="cli").act(
        "tenant.map", by="uuid", value=uuid, tenant="t-sante", reason="mal rattaché",
        **{"from": f"{wanted[-1]}-01T05:00:00Z"})
    assert answer["ok"] and answer["result"]["moved"] == 2, answer
    assert statements(keeper) == before
    opened = json.loads(book.vigie("statement", month_text(4 - len(wanted)), "--json").stdout)
    lines = [line for line in opened["lines"] if line["period"] == wanted[-1]]
    assert sorted((line["tenant"], line["sku"], line["amount"]) for line in lines) == [
        ("t-finances", "VCPU", "-21.30"), ("t-sante", "VCPU", "21.30")]
    keeper.stop()
    verified(keeper)


def test_an_order_entered_late_is_a_correction(tmp_path):
    """A node that was in service in months that are closed is charged in the open one."""
    first = month_back(4)
    book = ledger(tmp_path)
    book.write()
    keeper = keep(book).start()
    wanted = closed_by_now(4)
    wait_for("the months to close", lambda: len(statements(keeper)) == len(wanted), 60)
    before = statements(keeper)
    tree = json.loads(contract(first, revision=2))
    tree["recurring"].append({"id": "REC-9", "sku": "NODE", "tenant": "t-finances",
                              "quantity": "1", "from_date": str(datetime.date(*first, 1)),
                              "to_date": str(datetime.date(*first, 28))})
    answer = keeper.client(source="cli").act("contract.load", text=json.dumps(tree))
    assert answer["ok"], answer
    assert statements(keeper) == before
    opened = json.loads(book.vigie("statement", month_text(4 - len(wanted)), "--json").stdout)
    lines = [line for line in opened["lines"] if line.get("ref") == "REC-9"]
    days = (datetime.date(first[0] + first[1] // 12, first[1] % 12 + 1, 1) -
            datetime.date(*first, 1)).days
    share = int(fractions.Fraction(187500 * 28, days) + fractions.Fraction(1, 2))
    assert [(line["period"], cents(line["amount"])) for line in lines] == [(wanted[0], share)]
    keeper.stop()
    verified(keeper)


def correction_cents(quantity, old, new):
    """Of one line: less at the one price, more at the other, each rounded once."""
    def amount(price):
        return int(fractions.Fraction(quantity) * fractions.Fraction(price) * 100
                   + fractions.Fraction(1, 2))
    return {-amount(old), amount(new)}


def test_an_amendment_loaded_late_corrects_what_was_measured(tmp_path):
    """Its price holds from its day of effect, in closed months by a correction of the open one. A
    tenant who is named meanwhile changes nothing that was charged, nor does the next revision."""
    first = month_back(4)
    book = ledger(tmp_path, minimum_commitments=[])
    book.write()
    keeper = keep(book).start()
    wanted = closed_by_now(4)
    wait_for("the months to close", lambda: len(statements(keeper)) == len(wanted), 60)
    before = statements(keeper)

    def load(**members):
        text = contract(first, minimum_commitments=[], **members)
        answer = keeper.client(source="cli").act("contract.load", text=text)
        assert answer["ok"], answer
        opened = month_text(4 - len(wanted))
        lines = json.loads(book.vigie("statement", opened, "--json").stdout)["lines"]
        told = json.loads(book.vigie("status", "--json").stdout)["contract"]["consumed_cad"]
        assert statements(keeper) == before
        return cents(told), [line for line in lines if line["period"] in wanted]

    tenants = json.loads(contract(first))["tenants"]
    tenants.append({"id": "vm-perdue", "name_fr": "x", "name_en": "x"})
    consumed, corrections = load(revision=2, tenants=tenants)
    assert not corrections
    day = "%04d-%02d-01" % month_back(3)
    amendments = [{"id": "AV-1", "signed_on": day, "effective_on": day,
                   "changes": {"prices": [{"sku": "VCPU", "price": "0.0113", "per": 1}]}}]
    amended, corrections = load(revision=3, tenants=tenants, amendments=amendments)
    for statement in before[1:]:
        for line in statement["lines"]:
            if line.get("sku") != "VCPU":
                continue
            pair = {cents(c["amount"]) for c in corrections if c["period"] == statement["month"]
                    and c["tenant"] == line["tenant"]}
            assert pair == correction_cents(line["quantity"], "0.0213", "0.0113"), (line, pair)
    assert not [c for c in corrections if c["period"] == wanted[0] or c["sku"] != "VCPU"]
    assert amended <= consumed + sum(cents(c["amount"]) for c in corrections) < consumed
    assert load(revision=4, tenants=tenants, amendments=amendments,
                retention={"years_after_end": 8})[1] == corrections
    keeper.stop()
    verified(keeper)
    lines = keeper.sql("SELECT * FROM line ORDER BY 1, 2, 3, 4, 5, 6")
    assert book.vigie("ledger", "rebuild").returncode == 0
    assert keeper.sql("SELECT * FROM line ORDER BY 1, 2, 3, 4, 5, 6") == lines


def test_another_appliance_closes_nothing(tmp_path):
    book = ledger(tmp_path, solution__sites=[
        {"id": "DEMO", "appliances": ["vigie-other-01", "vigie-demo-01"]}])
    book.write()
    keeper = keep(book).start()
    time.sleep(5)
    assert statements(keeper) == []
    keeper.stop()
