# SPDX-License-Identifier: Apache-2.0
"""Alerts over their life: fired, raised, cleared, acknowledged, and kept across restarts."""

import datetime
import hashlib
import os
import sqlite3
import time

import pytest

from test_keeper_hostile import as_user, envelope
from vigied import SECOND, Guests, Keeper, amendment, contract, stamp_aligned, today, wait_for


def make(tmp_path, **settings):
    return Keeper(tmp_path, **{"interval": "300s", **settings}).start()


@pytest.fixture
def keeper(tmp_path):
    keeper = make(tmp_path)
    yield keeper
    keeper.stop()
    keeper.verify()


def load(keeper, **changes):
    answer = keeper.client(source="cli").act("contract.load", text=contract(**changes))
    assert answer["ok"], answer


def run(keeper, minutes=30, client=None, **shape):
    """So many minutes of two tenants, two hours ago, in intervals that then close."""
    guests = Guests(client or keeper.client(), stamp_aligned(7200, 300), **shape)
    guests.begin()
    more(keeper, guests, minutes)
    return guests


def more(keeper, guests, minutes):
    for _ in range(minutes * 3):
        guests.step(20)
    guests.client.drain()
    wait_for("the intervals to close",
             lambda: keeper.closed_until() >= guests.utc_ns // SECOND, 60)


def events(keeper, code):
    return [(a["key"].split("/", 2)[2], a["event"]) for a in keeper.alerts(code)]


def wait_events(keeper, code, wanted):
    wait_for(f"{code}: {wanted}", lambda: events(keeper, code) == wanted, 45)


def day(offset):
    return str(today() + datetime.timedelta(days=offset))


def test_amounts_fire_rise_and_end_with_a_higher_amount(keeper):
    """Three domains cost some 50 $ in five minutes; 200 $ are authorised."""
    load(keeper, money__authorised_amount="200.00")
    guests = run(keeper, 5)
    wait_events(keeper, "VIG-C-001", [("amount-20", "fired")])
    more(keeper, guests, 25)
    wait_events(keeper, "VIG-C-002", [("amount-exceeded", "fired")])
    fired = events(keeper, "VIG-C-001")
    assert sorted(fired) == sorted((f"amount-{n}", "fired") for n in (20, 50, 75, 90, 100))
    severities = {a["key"].rsplit("-", 1)[1]: a["severity"] for a in keeper.alerts("VIG-C-001")}
    assert severities == {"20": "warning", "50": "warning", "75": "warning", "90": "major",
                          "100": "critical"}

    keeper.kill()
    keeper.start()
    time.sleep(3)
    assert events(keeper, "VIG-C-001") == fired, "a restart told again what was told"

    load(keeper, revision=2, money__authorised_amount="200.00",
         amendments=amendment(authorised_amount="100000.00"))
    assert events(keeper, "VIG-C-002") == [("amount-exceeded", "fired"),
                                           ("amount-exceeded", "cleared")]
    ended = [key for key, event in events(keeper, "VIG-C-001") if event == "cleared"]
    assert sorted(ended) == sorted(key for key, _ in fired)
    for alert in keeper.alerts("VIG-C-001"):
        assert alert["params"]["contract"] == "CS-DEMO-0001" and alert["text_fr"] != alert["text_en"]
        assert "{" not in alert["text_fr"] + alert["text_en"]


def test_strangers_unpriced_use_and_quotas(keeper):
    quota = [{"id": "Q-0", "tenant": "t-0", "resource": "vcpu", "metric": "interval_quantity",
              "limit": "0.1", "thresholds_pct": ["80", "100"]}]
    load(keeper, money__authorised_amount="100000.00", quotas=quota,
         tenants=[{"id": "t-0", "name_fr": "Zéro", "name_en": "Zero"}])
    run(keeper, 20)
    wait_for("VIG-N-001", lambda: len(keeper.alerts("VIG-N-001")) >= 2)
    assert ("t-1", "fired") in events(keeper, "VIG-N-002")
    unpriced = {key for key, event in events(keeper, "VIG-Q-001") if event == "fired"}
    assert {"cpu_used", "net_rx_gb", "net_tx_gb"} <= unpriced and "vcpu" not in unpriced
    assert {log for log in ("client", "shared") if keeper.alerts("VIG-Q-001", log)} == {"shared"}
    assert ("quota-Q-0-80", "fired") in events(keeper, "VIG-N-001")
    assert ("quota-Q-0-100", "fired") in events(keeper, "VIG-N-001")


def test_an_interval_is_looked_at_though_the_keeper_was_killed_or_stopped_before(tmp_path):
    """The quota is passed in the last interval that anybody used; the keeper ends between its record
    and the look at its alerts, a second later."""
    quota = [{"id": "Q-0", "tenant": "t-0", "resource": "vcpu", "metric": "interval_quantity",
              "limit": "0.1", "thresholds_pct": ["100"]}]
    for end in ("kill", "stop"):
        keeper = make(tmp_path / end)
        load(keeper, money__authorised_amount="100000.00", quotas=quota)
        guests = Guests(keeper.client(), stamp_aligned(7200, 300))
        guests.begin()
        for _ in range(16):
            guests.step(20)
        guests.client.drain()
        assert keeper.alerts("VIG-N-001") == []
        wait_for("the interval's record", lambda: keeper.records("interval"), 60, 0.01)
        if end == "kill":
            keeper.kill()
            assert keeper.alerts("VIG-N-001") == [], "the look was quicker than the kill"
            keeper.start()
            wait_for("VIG-N-001", lambda: keeper.alerts("VIG-N-001"))
        keeper.stop()
        assert events(keeper, "VIG-N-001")[:1] == [("quota-Q-0-100", "fired")]
        keeper.start()
        time.sleep(3)
        keeper.stop()
        told = [event for _, event in events(keeper, "VIG-N-001")]
        assert told.count("fired") == 1, "told again"
        keeper.verify()


def test_the_term_and_what_follows_it(keeper):
    load(keeper, term__end_date=day(20), term__exit_transition={
        "complete_by": day(10), "lead_days": 3, "parallel_days": 2})
    keys = [key for key, event in events(keeper, "VIG-T-001") if event == "fired"]
    assert keys, "no announcement of the end"
    load(keeper, revision=2, term__end_date=day(20),
         term__exit_transition={"complete_by": day(-10), "lead_days": 3, "parallel_days": 2},
         amendments=[{"id": "AV-1", "signed_on": day(-4), "effective_on": day(-3),
                      "changes": {"end_date": day(-3)}}])
    assert [e for _, e in events(keeper, "VIG-T-006")] == ["fired"]
    run(keeper, 10)
    wait_for("use outside of the term", lambda: keeper.alerts("VIG-C-006"))
    assert keeper.sql("SELECT count(*) FROM line") == [(0,)]


def test_no_reader_ever(tmp_path):
    keeper = make(tmp_path, interval="2s")
    wait_for("VIG-D-001", lambda: [e for _, e in events(keeper, "VIG-D-001")] == ["fired"])
    [alert] = keeper.alerts("VIG-D-001")
    assert alert["severity"] == "warning" and alert["params"]["appliance"] == "vigie-t1"
    keeper.kill()
    keeper.start()
    reader = keeper.client()
    guests = Guests(reader, time.time_ns())
    guests.begin()
    end = time.monotonic() + 30
    while len(events(keeper, "VIG-D-001")) < 2 and time.monotonic() < end:
        time.sleep(0.5)
        guests.utc_ns = time.time_ns()
        guests.boot_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        guests.heartbeat()
    reader.drain()
    assert [e for _, e in events(keeper, "VIG-D-001")][:2] == ["fired", "cleared"]
    keeper.stop()
    keeper.verify()


def test_a_bad_clock_is_told_and_not_forgotten_at_once(keeper):
    reader = keeper.client()
    reader.ask("condition", {"subject": "clock", "state": "stepped", "offset_ns": 7200 * SECOND})
    wait_for("VIG-D-002", lambda: keeper.alerts("VIG-D-002"))
    [alert] = keeper.alerts("VIG-D-002")
    assert alert["severity"] == "major" and alert["event"] == "fired"
    reader.ask("condition", {"subject": "clock", "state": "ok", "offset_ns": 0})
    time.sleep(3)
    keeper.kill()
    keeper.start()
    keeper.client().ask("condition", {"subject": "clock", "state": "ok", "offset_ns": 0})
    time.sleep(3)
    assert [a["event"] for a in keeper.alerts("VIG-D-002")] == ["fired"], "it is quiet for an hour"


def test_acknowledged_once(keeper):
    load(keeper)
    run(keeper, 30)
    key = wait_for("VIG-C-002", lambda: keeper.alerts("VIG-C-002"))[0]["key"]
    operator = keeper.client(source="cli")
    assert operator.act("alert.ack", key=key)["result"] == {"unchanged": 0}
    assert operator.act("alert.ack", key=key)["result"] == {"unchanged": 1}
    assert events(keeper, "VIG-C-002") == [("amount-exceeded", "fired"),
                                           ("amount-exceeded", "acknowledged")]
    assert keeper.sql("SELECT active, acknowledged FROM alert WHERE key = ?", key) == [(1, 1)]
    keeper.kill()
    keeper.start()
    assert not operator.act("alert.ack", key="VIG-C-002/autre")["ok"]
    assert operator.act("alert.ack", key=key)["result"] == {"unchanged": 1}


def test_another_contract_ends_the_alerts_of_the_first(keeper):
    load(keeper)
    run(keeper, 30)
    wait_events(keeper, "VIG-C-002", [("amount-exceeded", "fired")])
    load(keeper, identifiers={"contract_id": "CS-DEMO-0002", "framework_agreement_id": "EC-DEMO",
                              "previous_contract_id": "CS-DEMO-0001"},
         money__authorised_amount="100000.00")
    active = keeper.sql("SELECT key FROM alert WHERE active AND key LIKE '%CS-DEMO-0001%'")
    assert active == [("VIG-T-007/CS-DEMO-0001/CS-DEMO-0001",)], "its copy for the broker is still due"
    assert events(keeper, "VIG-C-002")[-1] == ("amount-exceeded", "cleared")


def tamper(keeper, seq):
    """One byte of one record, as somebody with root could."""
    db = sqlite3.connect(keeper.ledger)
    [(blob,)] = db.execute("SELECT bytes FROM records WHERE id = ?", ((1 << 48) + seq,)).fetchall()
    changed = bytes(blob).replace(b'"covered_s":', b'"covered_S":', 1)
    assert changed != blob
    db.execute("UPDATE records SET bytes = ? WHERE id = ?", (changed, (1 << 48) + seq))
    db.commit()
    db.close()


ALTERED = {
    "a leaf": "UPDATE records SET leaf = zeroblob(32) WHERE id = (1 << 48) + 5",
    "a record taken out": "DELETE FROM records WHERE id = (1 << 48) + 5",
    "the last records cut off": "DELETE FROM records WHERE id > (1 << 48) + 5",
}


@pytest.mark.parametrize("what", ALTERED)
def test_a_tree_that_was_not_signed_is_never_continued(tmp_path, what):
    """Nothing is written over it, so it is the journal that hears of it."""
    keeper = make(tmp_path)
    run(keeper, 10)
    assert keeper.client(source="cli").act("ledger.checkpoint")["ok"]
    keeper.stop()
    db = sqlite3.connect(keeper.ledger)
    db.execute(ALTERED[what])
    db.commit()
    db.close()
    before = keeper.sql("SELECT max(id) FROM records")
    keeper.start(wait=False)
    assert keeper.process.wait(60) != 0
    assert "VIG-L-001" in keeper.log.read_text()
    assert keeper.sql("SELECT max(id) FROM records") == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_an_altered_entry_that_both_parties_have_settled(tmp_path):
    """Two people, one document: the entry is told no longer, and the audit goes on behind it. Another
    one that is altered is told as ever."""
    keeper = make(tmp_path, admin_group="daemon")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == "root" and folder != folder.parent:
            folder.chmod(folder.stat().st_mode | 0o011)
    run(keeper, 30)
    first, second, *_ = [r["seq"] for r in keeper.records("interval")]
    assert keeper.client(source="cli").act("ledger.checkpoint")["ok"]
    keeper.stop()
    tamper(keeper, first)
    keeper.start()
    wait_for("VIG-L-001", lambda: keeper.alerts("VIG-L-001"))

    def settle(uid, seq=first, document="a"):
        body = {"verb": "ledger.settle", "log": "client", "seq": seq, "reason": "entendus",
                "document": hashlib.sha256(document.encode()).hexdigest()}
        [told] = as_user(keeper, uid, [1], envelope(1, kind="act", source="cli", body=body))
        return told.get("code") or told["result"]["settled"]

    assert settle(4242, seq=first + 1) == "no-mismatch"
    assert settle(4242) == 0
    assert settle(4242) == "second-person"
    assert settle(4343, document="b") == 0, "another document settles nothing"
    assert [a["event"] for a in keeper.alerts("VIG-L-001")] == ["fired"]
    assert settle(4343) == 1
    wait_for("its end", lambda: [a["event"] for a in keeper.alerts("VIG-L-001")] == [
        "fired", "cleared"], 60)
    keeper.stop()
    tamper(keeper, second)
    keeper.start()
    wait_for("the other one", lambda: len(keeper.alerts("VIG-L-001")) == 3, 60)
    assert keeper.alerts("VIG-L-001")[-1]["params"]["seq"] == str(second)
    keeper.stop()


def test_an_altered_ledger_is_told_and_recording_goes_on(tmp_path):
    keeper = make(tmp_path)
    run(keeper, 30)
    seq = next(r["seq"] for r in keeper.records("interval"))
    assert keeper.client(source="cli").act("ledger.checkpoint")["ok"]
    keeper.stop()
    tamper(keeper, seq)
    keeper.start()
    wait_for("VIG-L-001", lambda: keeper.alerts("VIG-L-001"))
    [alert] = keeper.alerts("VIG-L-001")
    assert alert["event"] == "fired" and alert["severity"] == "critical"
    assert alert["params"]["seq"] == str(seq) and alert["params"]["ledger"] == "client"
    before = len(keeper.records())
    load(keeper)
    assert len(keeper.records()) > before
    keeper.kill()
    keeper.start()
    time.sleep(3)
    assert len(keeper.alerts("VIG-L-001")) == 1
    keeper.stop()
