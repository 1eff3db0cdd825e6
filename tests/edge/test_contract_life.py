# SPDX-License-Identifier: Apache-2.0
"""The life of a contract: facts recorded as acts, revisions that follow one another, an appliance
that belongs to one contract at a time."""

import datetime
import hashlib
import json
import os
import subprocess
import time
from zoneinfo import ZoneInfo

import pytest

from test_keeper_hostile import as_user, envelope
from test_keeper_life import WallClock
from vigied import Guests, Keeper, contract, program, stamp_aligned, today, wait_for

TODAY = today()


def day(offset):
    return str(TODAY + datetime.timedelta(days=offset))


@pytest.fixture
def keeper(tmp_path):
    keeper = Keeper(tmp_path, interval="300s").start()
    yield keeper
    keeper.stop()
    keeper.verify()


def vigie(keeper, *words, lang="fr"):
    done = subprocess.run([program("vigie"), *words, "--config", keeper.config, "--lang", lang],
                          capture_output=True, timeout=60, env={**os.environ, "TZ": "Asia/Tokyo"})
    assert b"Sanitizer" not in done.stderr and b"runtime error" not in done.stderr, done.stderr
    return done


def answer(keeper, *words):
    done = vigie(keeper, *words, "--json")
    return done.returncode, json.loads(done.stdout)


def load(keeper, **changes):
    return keeper.client(source="cli").act("contract.load", text=contract(**changes))


def run(keeper):
    """A quarter of an hour of two tenants, two hours ago."""
    guests = Guests(keeper.client(), stamp_aligned(7200, 300))
    guests.begin()
    for _ in range(45):
        guests.step(20)
    guests.client.drain()


def rebuilt_is_equal(keeper):
    """What the projections say is what a rebuild would make; and the facts are among them."""
    keeper.stop()
    before = keeper.sql("SELECT * FROM contract_fact ORDER BY seq")
    done = vigie(keeper, "ledger", "rebuild")
    assert done.returncode == 0, done.stderr
    assert keeper.sql("SELECT * FROM contract_fact ORDER BY seq") == before
    done = vigie(keeper, "ledger", "verify")
    assert done.returncode == 0, done.stdout
    keeper.start()


def test_a_fact_is_an_act_with_its_author_and_its_document(keeper, tmp_path):
    assert load(keeper)["ok"]
    letter = tmp_path / "avis.pdf"
    letter.write_bytes(b"%PDF-1.7 avis")
    code, said = answer(keeper, "contract", "record", "sent-to-broker", "CS-DEMO-0001", "--on",
                        day(-3), "--document", str(letter), "--on-behalf", "Direction des contrats",
                        "--note", "par courriel")
    assert (code, said) == (0, {"ok": True})
    code, said = answer(keeper, "contract", "facts")
    [fact] = said["facts"]
    assert code == 0 and fact["author"]["uid"] == os.geteuid() and fact["seq"] > 0
    assert fact["detail"] == {
        "contract_id": "CS-DEMO-0001", "fact": "sent-to-broker", "note": "par courriel",
        "on": day(-3), "on_behalf": "Direction des contrats", "target": "CS-DEMO-0001", "values": {},
        "document": {"name": "avis.pdf", "size": 13,
                     "sha256": hashlib.sha256(letter.read_bytes()).hexdigest()}}
    [act] = [r["body"] for r in keeper.records("act") if r["body"]["verb"] == "contract.record"]
    assert act["detail"] == fact["detail"]
    again, said = answer(keeper, "contract", "record", "sent-to-broker", "CS-DEMO-0001", "--on",
                         day(-3), "--document", str(letter), "--on-behalf",
                         "Direction des contrats", "--note", "par courriel")
    assert again == 3 and said["error"]["code"] == "already-recorded"
    for lang, words in (("fr", "document transmis au Courtier"), ("en", "document sent to the")):
        assert words in vigie(keeper, "contract", "facts", lang=lang).stdout.decode()
    rebuilt_is_equal(keeper)


REFUSED = {
    "a renewal that there is not": (["renewal", "R9"], 3, "C093-fact-of-nothing"),
    "tomorrow": (["exit-started", "--on", day(2)], 3, "fact-ahead"),
    "an order of nothing": (["order", "O1", "--sku", "X", "--quantity", "1", "--from", day(0)], 3,
                            "C055-unknown-target"),
    "an order without a quantity": (["order", "O1", "--sku", "VCPU", "--from", day(0)], 3,
                                    "bad-fact"),
    "a wedding": (["wedding"], 2, "usage"),
    "a quantity of a letter": (["exit-done", "--quantity", "3"], 2, "usage"),
    "no such file": (["exit-done", "--document", "/nonexistent"], 3, "file"),
    "a dispute settled that was never opened": (["dispute", "D-1", "--state", "settled"], 3,
                                                "fact-out-of-order"),
    "an exit complete that never began": (["exit-done"], 3, "fact-out-of-order"),
    "a note of two lines": (["exit-started", "--note", "un\ndeux"], 3, "unsafe-text"),
    "a note that moves the cursor": (["exit-started", "--note", "\x1b[2J"], 3, "unsafe-text"),
    "an author that reads backwards": (["exit-started", "--on-behalf", "\u202eabc"], 3,
                                       "unsafe-text"),
    "a letter that reaches back": (["termination", "T1", "--on", day(0), "--from", day(-1)], 3,
                                   "C080-termination-retroactive"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_fact_that_does_not_go_with_the_contract(keeper, what):
    assert load(keeper)["ok"]
    words, code, error = REFUSED[what]
    found, said = answer(keeper, "contract", "record", *words)
    assert (found, said["error"]["code"]) == (code, error)
    assert answer(keeper, "contract", "facts")[1] == {"facts": []}


@pytest.mark.parametrize("words, option", [
    (["order", "O1"], "--from"), (["order", "O1", "--from", "2026-01-01"], "--quantity"),
    (["termination", "T1"], "--from"), (["dispute", "D1"], "--state")], ids=str)
def test_what_a_fact_needs_is_asked_for_by_the_name_of_the_option(keeper, words, option):
    done = vigie(keeper, "contract", "record", *words)
    assert done.returncode == 3 and option in done.stderr.decode()


def test_a_table_that_tells_all_of_a_fact(keeper, tmp_path):
    assert load(keeper)["ok"]
    bill = tmp_path / "facture.pdf"
    bill.write_bytes(b"%PDF-1.7 facture")
    month = str(TODAY)[:7]
    for words in (["invoice", "F-1", "--amount", "-1234.50", "--month", month, "--document",
                   str(bill), "--on-behalf", "Direction des contrats"],
                  ["dispute", "D-1", "--state", "opened", "--note", "la facture F-1"],
                  ["dispute", "D-1", "--state", "settled"]):
        assert answer(keeper, "contract", "record", *words) == (0, {"ok": True})
    page = vigie(keeper, "contract", "facts").stdout.decode()
    for text in ("-1\u202f234,50\u00a0$", f"mois {month}", "au nom de Direction des contrats",
                 "facture.pdf", f"SHA-256 {hashlib.sha256(bill.read_bytes()).hexdigest()}",
                 "état ouvert", "note\u00a0: la facture F-1", "état réglé"):
        assert text in page.replace("\u2212", "-"), (text, page)
    page = vigie(keeper, "contract", "facts", lang="en").stdout.decode()
    assert "on behalf of Direction des contrats" in page and "state settled" in page


def test_an_end_before_the_exit_is_told(keeper, tmp_path):
    """Lawful, and yet nobody meant it."""
    file = tmp_path / "c.json"
    amended = [{"id": "AV-1", "signed_on": day(-9), "effective_on": day(-8),
                "changes": {"end_date": day(30)}}]
    file.write_text(contract(amendments=amended))
    for words in (["check", str(file)], ["load", str(file)], ["show"]):
        done = vigie(keeper, "contract", *words)
        assert done.returncode == 0 and "W026" in done.stdout.decode(), done
    for words in (["check", str(file)], ["load", str(file)]):
        code, said = answer(keeper, "contract", *words)
        [remark] = said["remarks"]
        assert code == 0 and remark["code"] == "W026-exit-after-end" and remark["line"] >= 1
        assert remark["path"] == "term.exit_transition.complete_by"
    file.write_text(contract())
    assert answer(keeper, "contract", "check", str(file))[1]["remarks"] == []
    done = vigie(keeper, "contract", "record", "termination", "RES-1", "--on", day(-1), "--from",
                 day(2))
    assert done.returncode == 0 and "RES-1" in done.stdout.decode().split("W026")[0], done


def test_without_a_contract(keeper):
    code, said = answer(keeper, "contract", "record", "exit-started")
    assert code == 3 and said["error"]["code"] == "no-contract"


def test_a_letter_ends_the_contract_and_what_follows_is_not_priced(keeper):
    assert load(keeper)["ok"]
    run(keeper)
    wait_for("lines", lambda: keeper.sql("SELECT count(*) FROM line")[0][0] > 0)
    code, said = answer(keeper, "contract", "record", "termination", "RES-1", "--on", day(-2),
                        "--from", day(-1), "--reason", "client_decision")
    assert (code, said) == (0, {"ok": True})
    assert keeper.sql("SELECT count(*) FROM line") == [(0,)]
    wait_for("the end told", lambda: keeper.alerts("VIG-T-006"))
    shown = json.loads(vigie(keeper, "contract", "show", "--json").stdout)
    assert shown["in_force"]["last_day"] == day(-2)
    rebuilt_is_equal(keeper)
    assert keeper.sql("SELECT count(*) FROM line") == [(0,)]


def test_an_order_is_charged(keeper):
    node = {"sku": "NODE", "component_ref": None, "resource": "node", "unit": "server_month",
            "charge": "recurring", "price": "3100.00", "per": 1, "name_fr": "x", "name_en": "x"}
    tree = json.loads(contract())
    node["component_ref"] = tree["qualified_components"][0]["ref"]
    assert load(keeper, price_list=tree["price_list"] + [node])["ok"]
    code, said = answer(keeper, "contract", "record", "order", "O-1", "--on", day(-20), "--sku",
                        "NODE", "--quantity", "2", "--from", day(-20), "--reference", "BC-1")
    assert (code, said) == (0, {"ok": True})
    consumed = json.loads(vigie(keeper, "status", "--json").stdout)["contract"]["consumed_cad"]
    assert float(consumed) > 2 * 3100 * 15 / 31


# ---- revisions ----

def test_only_a_lawful_successor_is_accepted_and_names_the_one_before(keeper):
    first = load(keeper)["result"]["digest"]
    edited = load(keeper, revision=2, money__authorised_amount="50.01")
    assert not edited["ok"] and edited["code"] == "C100-changed-without-amendment"
    assert edited["result"]["all"][0]["path"] == "money.authorised_amount"
    second = load(keeper, revision=2, retention__years_after_end=9)["result"]["digest"]
    shorter = load(keeper, revision=3, retention__years_after_end=8)
    assert not shorter["ok"] and shorter["code"] == "C103-retention-shorter"
    records = [r["body"] for r in keeper.records("contract")]
    assert [(r["digest"], r["previous"]) for r in records] == [(first, ""), (second, first)]
    assert len(keeper.records("contract-refused")) == 2


def test_a_revision_must_go_with_the_facts_recorded_since(keeper):
    amended = [{"id": "AV-1", "signed_on": day(-9), "effective_on": day(-8),
                "changes": {"authorised_amount": "60000.00"}}]
    assert load(keeper, amendments=amended)["ok"]
    assert answer(keeper, "contract", "record", "sent-to-broker", "AV-1", "--on", day(-8))[0] == 0
    assert load(keeper, revision=2, amendments=amended, retention__years_after_end=8)["ok"]
    assert keeper.sql("SELECT revision FROM contract WHERE current") == [(2,)]


# ---- several contracts ----

def qualified(since):
    return [{**row, "qualified_on": since}
            for row in json.loads(contract())["qualified_components"]]


def other(**changes):
    ids = {"contract_id": "CS-DEMO-0002", "framework_agreement_id": "EC-DEMO"}
    return {"identifiers": {**ids, **changes.pop("ids", {})}, **changes}


def in_force(keeper):
    return json.loads(vigie(keeper, "contract", "show", "--json").stdout)["contract"]["identifiers"][
        "contract_id"]


def test_an_appliance_belongs_to_one_contract_at_a_time(keeper):
    assert load(keeper)["ok"]
    rival = load(keeper, **other())
    assert not rival["ok"] and rival["code"] == "appliance-in-two-contracts"
    assert in_force(keeper) == "CS-DEMO-0001"
    assert load(keeper, **other(ids={"previous_contract_id": "CS-DEMO-0001"}))["ok"]
    assert in_force(keeper) == "CS-DEMO-0002"


def events(keeper, key):
    return [a["event"] for a in keeper.alerts() if a["key"].startswith(key)]


def test_what_is_left_to_do_of_the_contract_before(keeper, tmp_path):
    """Its amounts and its term are told no more; copies for the broker are, until they are recorded."""
    assert load(keeper)["ok"]
    assert events(keeper, "VIG-T-007/CS-DEMO-0001/") == ["fired"]
    file = tmp_path / "next.json"
    file.write_text(contract(**other(ids={"previous_contract_id": "CS-DEMO-0001"})))
    page = " ".join(vigie(keeper, "contract", "load", str(file)).stdout.decode().split())
    for left in ("copie au Courtier de CS-DEMO-0001", "évaluation du rendement", "remise des preuves"):
        assert f"Reste à faire du contrat CS-DEMO-0001 : {left}" in page, page
    of_it = ("--contract-id", "CS-DEMO-0001")
    for words in (["evaluation", "EV-1"], ["sent-to-broker", "EV-1"]):
        assert answer(keeper, "contract", "record", *words, *of_it) == (0, {"ok": True})
        code, said = answer(keeper, "contract", "record", *words, "--contract-id", "CS-9")
        assert code == 3 and said["error"]["code"] == "no-such-contract"
    copies = ("VIG-T-007/CS-DEMO-0001/CS-DEMO-0001", "VIG-T-007/CS-DEMO-0001/EV-1")
    assert [events(keeper, key) for key in copies] == [["fired"], ["fired", "cleared"]]
    assert answer(keeper, "contract", "record", "sent-to-broker", "CS-DEMO-0001", *of_it)[0] == 0
    assert events(keeper, copies[0]) == ["fired", "cleared"]
    assert events(keeper, "VIG-T-007/CS-DEMO-0002/") == ["fired"]
    keeper.kill()
    keeper.start()
    assert events(keeper, copies[0]) == ["fired", "cleared"]
    assert "EV-1" in vigie(keeper, "contract", "facts", *of_it).stdout.decode()
    assert "EV-1" not in vigie(keeper, "contract", "facts").stdout.decode()


def test_the_next_contract_waits_for_its_first_day(keeper):
    assert load(keeper, term__end_date=day(30), term__exit_transition={
        "complete_by": day(20), "lead_days": 3, "parallel_days": 2})["ok"]
    assert load(keeper, **other(
        term__signed_on=day(-5), term__start_date=day(31), term__end_date=day(300),
        term__exit_transition={"complete_by": day(290), "lead_days": 3, "parallel_days": 2}))["ok"]
    assert in_force(keeper) == "CS-DEMO-0001"
    assert keeper.sql("SELECT count(*) FROM contract WHERE current") == [(2,)]


def test_a_contract_that_only_adds_prices_what_the_first_does_not(keeper):
    tree = json.loads(contract())
    first = [row for row in tree["price_list"] if row["resource"] != "ram_gib"]
    added = [row for row in tree["price_list"] if row["resource"] == "ram_gib"]
    assert load(keeper, price_list=first)["ok"]
    assert load(keeper, **other(ids={"improves_contract_id": "CS-DEMO-0001"}, price_list=added,
                                schema="vigie-contract/2", orders=[], termination=None,
                                service_levels=None, reporting_appliance=None,
                                quotas=[]))["ok"], "an add-on"
    assert in_force(keeper) == "CS-DEMO-0001"
    run(keeper)
    assert answer(keeper, "contract", "show", "--contract-id", "CS-DEMO-0002")[1]["contract"][
        "identifiers"]["contract_id"] == "CS-DEMO-0002"
    assert answer(keeper, "contract", "show", "--contract-id", "CS-9")[1]["error"][
        "code"] == "no-such-contract"
    wait_for("lines of both", lambda: {("CS-DEMO-0001", "VCPU"), ("CS-DEMO-0002", "RAM")} <= set(
        keeper.sql("SELECT DISTINCT contract_id, sku FROM line")))
    assert not set(keeper.sql("SELECT contract_id, sku FROM line WHERE sku = 'RAM'"
                              " AND contract_id = 'CS-DEMO-0001'"))
    wait_for("use without a price", lambda: keeper.alerts("VIG-Q-001"))
    assert "ram_gib" not in {a["key"].rsplit("/", 1)[1] for a in keeper.alerts("VIG-Q-001")}
    said = answer(keeper, "statement", "--contract-id", "CS-DEMO-0002")[1]
    assert said["contract"] == "CS-DEMO-0002"
    [current] = keeper.sql("SELECT digest FROM contract WHERE current AND contract_id ="
                           " 'CS-DEMO-0002'")
    assert said["contract_digest"] == current[0]


def test_the_months_of_one_that_only_adds_are_closed_too(keeper):
    """It lists no appliance: the one that reports for the first closes its months as well."""
    sites = [{"id": "S", "name": "Salle", "appliances": []}]
    days = {"signed_on": day(-110), "start_date": day(-100), "end_date": day(200),
            "timezone": "America/Toronto", "renewals": [],
            "exit_transition": {"complete_by": day(190), "lead_days": 30, "parallel_days": 10}}
    assert load(keeper, term=days, qualified_components=qualified(days["signed_on"]))["ok"]
    node = {"sku": "NODE", "component_ref": "DEMO-SRV", "resource": "node", "unit": "server_month",
            "charge": "recurring", "price": "3100.00", "per": 1, "name_fr": "x", "name_en": "x"}
    order = {"id": "O-1", "ordered_on": day(-100), "sku": "NODE", "tenant": "t-0", "quantity": "1",
             "in_service_on": day(-100), "out_of_service_on": None}
    assert load(keeper, **other(ids={"improves_contract_id": "CS-DEMO-0001"}, price_list=[node],
                                term=days, qualified_components=qualified(days["signed_on"]),
                                money__authorised_amount="1000.00", solution__sites=sites, schema="vigie-contract/2", orders=[order],
                                termination=None, service_levels=None, reporting_appliance=None,
                                quotas=[]))["ok"]
    def of(contract_id):
        return [r["body"] for r in keeper.records("statement")
                if r["body"]["contract"] == contract_id]
    wait_for("the months of both", lambda: len(of("CS-DEMO-0001")) > 1 and
             len(of("CS-DEMO-0001")) == len(of("CS-DEMO-0002")), 60)
    assert of("CS-DEMO-0002")[1]["total"] == "3100.00"
    assert events(keeper, "VIG-C-002/CS-DEMO-0002/") == ["fired"], "its own amount"
    for contract_id in ("CS-DEMO-0001", "CS-DEMO-0002"):
        wait_for("its closings", lambda: len(events(keeper, f"VIG-C-010/{contract_id}/")) ==
                 min(len(of(contract_id)), 3), 90)
    assert events(keeper, "VIG-C-002/CS-DEMO-0001/") == []
    keeper.kill()
    keeper.start()
    done = load(keeper, identifiers={"contract_id": "CS-DEMO-0003", "framework_agreement_id": "E",
                                     "previous_contract_id": "CS-DEMO-0001"})
    assert done["ok"], done
    assert events(keeper, "VIG-C-002/CS-DEMO-0002/") == ["fired", "cleared"]


# ---- retention ----

def kept_until(years=7):
    """The first instant at which the demonstration contract may be purged."""
    end = TODAY + datetime.timedelta(days=201)
    leaps = (end.month, end.day) == (2, 29)  # 1 March, seven years on
    after = datetime.date(end.year + years, 3, 1) if leaps else end.replace(year=end.year + years)
    return datetime.datetime(after.year, after.month, after.day,
                             tzinfo=ZoneInfo("America/Toronto")).timestamp()


def purge(keeper, uid):
    line = envelope(1, kind="act", source="cli", body={
        "verb": "ledger.purge", "contract_id": "CS-DEMO-0001", "reason": "conservation finie"})
    [told] = as_user(keeper, uid, [1], line)
    return told.get("code") or told["result"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_purged_by_two_people_and_not_a_second_too_early(tmp_path):
    wall_clock = WallClock(tmp_path)
    keeper = Keeper(tmp_path, interval="3600s", admin_group="daemon").start(env=wall_clock.env())
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == "root" and folder != folder.parent:
            folder.chmod(folder.stat().st_mode | 0o011)
    assert load(keeper)["ok"]
    assert answer(keeper, "contract", "record", "exit-started", "--on", day(-1))[0] == 0
    assert keeper.client(source="vigie-hardware").ask("sightings", {
        "source": "redfish", "status": "complete", "at_s": int(time.time()), "sightings": [
            {"kind": "state", "health": "critical", "code": "drive.failed", "text": "FAILED",
             "component": {"class": "drive", "location": "Bay 3", "serial": "D3"}}]})["ok"]
    wall_clock.set(int(kept_until() - time.time() - 8))
    assert purge(keeper, 4242) == "retention"
    while time.time() + wall_clock.offset_s < kept_until() - 1:
        time.sleep(0.1)
    assert purge(keeper, 4242) == "retention", "a second before"
    while time.time() + wall_clock.offset_s < kept_until():
        time.sleep(0.1)
    assert purge(keeper, 4242) == {"asked": 1, "purged": 0}
    assert purge(keeper, 4242) == "second-person"
    done = purge(keeper, 4343)
    assert done["asked"] == 0 and done["purged"] >= 4
    wait_for("tables made again", lambda: keeper.sql("SELECT count(*) FROM contract") == [(0,)])
    shared = dict(keeper.sql("SELECT type, count(*) FROM records WHERE id < ? AND bytes IS NULL"
                             " GROUP BY type", 1 << 48))
    assert "fault" in shared and not {"inventory", "life", "origin"} & set(shared), shared
    acts = [json.loads(row[0]) for row in keeper.sql(
        "SELECT detail FROM act WHERE verb = 'ledger.purge' ORDER BY seq")]
    assert [a["step"] for a in acts] == ["asked", "done"]
    assert purge(keeper, 4343) == "no-such-contract"
    keeper.stop()
    done = vigie(keeper, "ledger", "verify", "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 0, said
    assert next(log["redacted"] for log in said["logs"] if log["log"] == "client") >= 4, said
    assert b"Gabarit" not in keeper.ledger.read_bytes() and \
        b"qualified_components" not in keeper.ledger.read_bytes()


# ---- several appliances ----

def test_several_appliances_are_merged_and_rated_as_one(tmp_path):
    """Two appliances under one contract: the one that does not report says so and raises nothing;
    their exports, however often they come, are rated as one."""
    sites = [{"id": "S1", "name": "Salle", "appliances": ["vigie-t1", "vigie-t2"]}]
    text = contract(solution__sites=sites, money__authorised_amount="20.00",
                    metering__interval_seconds=300)
    exports = []
    for n in (1, 2):
        keeper = Keeper(tmp_path / f"k{n}", appliance=f"vigie-t{n}", interval="300s").start()
        assert keeper.client(source="cli").act("contract.load", text=text)["ok"]
        run(keeper)
        wait_for("closing", lambda: len(keeper.records("usage")) >= 4)
        wait_for("an alert", lambda: keeper.alerts("VIG-Q-001"))
        if n == 1:
            wait_for("amounts", lambda: keeper.alerts("VIG-C-002"))
        assert bool(keeper.alerts("VIG-C-002")) == (n == 1)
        assert bool(keeper.alerts("VIG-T-007")) == (n == 1)
        status = json.loads(vigie(keeper, "status", "--json").stdout)["contract"]
        assert (status["appliances"], status["partial"], status["reporting_appliance"]) == (
            2, True, "vigie-t1")
        assert b"1 of 2 appliances: partial" in vigie(keeper, "status", lang="en").stdout
        assert b"1 de 2 appareils" in vigie(keeper, "usage").stdout
        exports.append(tmp_path / f"export{n}.csv")
        done = vigie(keeper, "usage", "export")
        assert done.returncode == 0, done.stderr
        exports[-1].write_bytes(done.stdout)
        keeper.stop()
    one = answer(keeper, "usage", "merge", str(exports[0]))[1]
    code, both = answer(keeper, "usage", "merge", *map(str, exports), str(exports[1]))
    assert code == 0 and both["appliances"] == 2 and both["conflicts"] == []
    assert both["duplicates_ignored"] == exports[1].read_text().count("\n") - 1
    disks, others = ([[row for row in rows if (row["resource"] == "block_tb") == of_disks]
                      for rows in (one["rows"], both["rows"])] for of_disks in (True, False))
    assert len(others[1]) == 2 * len(others[0])
    assert len(disks[1]) < 2 * len(disks[0]) and both["shared_volumes"], "the same domains on both"
    merged, file = tmp_path / "merged.csv", tmp_path / "contract.json"
    done = vigie(keeper, "usage", "merge", *map(str, exports))
    merged.write_bytes(done.stdout)
    file.write_text(text)
    as_of = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:00:00Z")
    rated = [json.loads(vigie(keeper, "contract", "rate", "--contract", str(file), "--usage",
                              str(path), "--as-of", as_of, "--json").stdout)
             for path in (merged,)]
    assert rated[0]["rows_rated"] > 0 and not [
        r for r in rated[0]["refused"] if r["reason"] != "unpriced_resource"]
    torn = tmp_path / "torn.csv"
    torn.write_text(exports[0].read_text().replace(",0.", ",1.", 1))
    code, said = answer(keeper, "usage", "merge", str(exports[0]), str(torn))
    assert code == 1 and len(said["conflicts"]) == 1 and said["rows"] == one["rows"]
