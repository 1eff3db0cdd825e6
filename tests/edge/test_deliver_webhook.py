# SPDX-License-Identifier: Apache-2.0
"""Webhooks: signed, in order, each event known by its leaf hash for ever, through refusals, a killed
sender and a killed receiver; and nothing to whom it is not for."""
import hashlib
import json
import time

import pytest

from deliver import (SECRET, Authority, Deliverer, Hook, approve, check_signature, keeper_with,
                     recipient)
from vigied import wait_for


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "ca")


@pytest.fixture
def hook(authority):
    hook = Hook(authority)
    yield hook
    hook.close()


def make(tmp_path, authority, hook, recipients=None, host="localhost", **deliver):
    address = f"https://{host}:{hook.port}/vigie?x=1"
    keeper = keeper_with(tmp_path, recipients or [recipient(webhook=address)])
    deliverer = Deliverer(keeper, {"mode": "listed", "hosts": f"{host}:{hook.port}",
                                   "networks": "127.0.0.0/8 ::1"},
                          {"ca": authority.ca, **deliver})
    (deliverer.keys / "webhook-r-ti").write_bytes(SECRET + b"\n")
    return keeper, deliverer


def acts(keeper, n, first=0):
    client = keeper.client(source="cli")
    for i in range(first, first + n):
        assert client.act("bundle.export", **{"for": "client"}, digest=f"{i:064x}",
                          name=f"paquet-{i}.tar")["ok"]


def ids_of(keeper):
    """Of all that client_it may have: every record of both logs, but alerts that are not told."""
    rows = keeper.sql("SELECT type, bytes FROM records ORDER BY id")
    return {hashlib.sha256(b"\0" + bytes(row)).hexdigest() for kind, row in rows if kind != "alert"}


def test_signed_events_through_a_kill(tmp_path, authority, hook):
    keeper, deliverer = make(tmp_path, authority, hook)
    approve(keeper, f"localhost:{hook.port}")
    deliverer.start()
    wait_for("the contract", lambda: hook.events("contract"))
    for headers, body in hook.received:
        check_signature(headers, body)
        event = json.loads(body)
        if event["type"] == "ca.vigie.heartbeat.v1":
            continue
        record = json.dumps(event["data"], ensure_ascii=False, separators=(",", ":"),
                            sort_keys=True).encode()
        assert event["id"] == hashlib.sha256(b"\0" + record).hexdigest()
        assert event["id"] == headers["Idempotency-Key"] == headers["webhook-id"]
        assert headers["Content-Type"].startswith("application/cloudevents+json")
        assert event["specversion"] == "1.0" and event["type"].startswith("ca.vigie.")
        assert event["source"].startswith("urn:vigie:") and event["source"].endswith(":vigie-t1")

    for round_ in range(5):
        deliverer.kill()
        acts(keeper, 10, 10 * round_)
        deliverer.start()
        wait_for("some of them", lambda n=10 * round_ + 3: len(hook.events("act")) > n)
    acts(keeper, 1, 50)
    wait_for("all of it", lambda: ids_of(keeper) == {e["id"] for e in hook.events()})
    for log in ("client", "shared"):
        seqs = [e["ledgerseq"] for e in hook.events() if e["ledgerlog"] == log]
        seen = list(dict.fromkeys(seqs))
        assert seen == sorted(seen), "out of order"
        assert len(seqs) - len(seen) <= 6, "sent again more than a kill explains"
    deliverer.stop()
    keeper.stop()


def test_the_keepers_heartbeat_is_carried(tmp_path, authority, hook):
    """One a period, as the keeper signed it, and none once it is dead."""
    address = f"https://localhost:{hook.port}/"
    keeper = keeper_with(tmp_path, [recipient(webhook=address)], "[deliver]\nheartbeat_interval = 2s\n")
    deliverer = Deliverer(keeper, {"mode": "listed", "hosts": f"localhost:{hook.port}",
                                   "networks": "127.0.0.0/8 ::1"}, {"ca": authority.ca})
    (deliverer.keys / "webhook-r-ti").write_bytes(SECRET)
    approve(keeper, f"localhost:{hook.port}")
    deliverer.start()
    wait_for("three", lambda: len(hook.heartbeats()) > 2)
    keeper.kill()
    time.sleep(3)
    beats = hook.heartbeats()
    time.sleep(5)
    assert hook.heartbeats() == beats
    assert len({e["id"] for e in beats}) == len(beats), "one was carried twice"
    for event in beats:
        lines = event["data"].split("\n")
        assert lines[0].startswith("vigie/vigie-t1/heartbeat/") and lines[1] == event["time"]
        assert event["id"] == hashlib.sha256(event["data"].encode()).hexdigest()
    deliverer.stop()


def test_refusals_and_their_ends(tmp_path, authority, hook):
    """500, 429 with Retry-After, and a refusal of one event for what it is."""
    keeper, deliverer = make(tmp_path, authority, hook, retry_longest="3s")
    approve(keeper, f"localhost:{hook.port}")
    deliverer.start()
    wait_for("the contract", lambda: hook.events("contract"))

    hook.answer = lambda handler: handler.say(500)
    acts(keeper, 1)
    deliverer.wait_word("réponse HTTP 500")
    n = len(hook.received)
    hook.answer = lambda handler: handler.say(429, Retry_After="9")
    wait_for("the second try", lambda: len(hook.attempts) > n + 1, 30)
    at = time.monotonic()
    hook.answer = lambda handler: handler.accept()
    wait_for("the third", lambda: len(hook.received) > n, 40)
    assert hook.attempts[-1][0] - at > 8, "Retry-After was not honoured"

    poisoned = f"{7:064x}"
    hook.answer = lambda handler: handler.say(422) if poisoned.encode() in handler.body \
        else handler.accept()
    acts(keeper, 3, 6)
    deliverer.wait_word("mis de côté", 60)
    wait_for("those that follow", lambda: any(f"{8:064x}" in json.dumps(e)
                                              for e in hook.events("act")), 20)
    assert not any(poisoned in json.dumps(e) for e in hook.events("act"))
    deliverer.stop()
    keeper.stop()


def test_mutual_tls_without_a_key(tmp_path, authority):
    hook = Hook(authority, client_ca=authority.ca)
    keeper, deliverer = make(tmp_path, authority, hook)
    approve(keeper, f"localhost:{hook.port}")
    (deliverer.keys / "webhook-r-ti").unlink()
    deliverer.start()
    deliverer.wait_word("webhook-r-ti")
    deliverer.stop()
    crt, key = authority.issue("vigie-t1", "DNS:vigie-t1")
    (deliverer.keys / "client.pem").write_bytes(crt.read_bytes())
    (deliverer.keys / "client.key").write_bytes(key.read_bytes())
    deliverer.start()
    wait_for("the contract", lambda: hook.events("contract"), 30)
    assert "webhook-signature" not in hook.received[0][0]
    deliverer.stop()
    keeper.stop()
    hook.close()


def test_nothing_goes_before_all_three_agree(tmp_path, authority, hook):
    """Settings, act and contract; and an approval that is taken back stops what follows."""
    keeper, deliverer = make(tmp_path, authority, hook)
    deliverer.start()
    time.sleep(3)
    assert not hook.attempts
    approve(keeper, f"LOCALHOST:{hook.port}", public_cloud=1)
    time.sleep(3)
    assert not hook.attempts, "the contract forbids public clouds"
    approve(keeper, f"localhost:{hook.port}")
    wait_for("the contract", lambda: hook.events("contract"))
    acts(keeper, 1)
    wait_for("one more", lambda: hook.events("act"))
    assert keeper.client(source="cli").act("egress.revoke", endpoint=f"localhost:{hook.port}")["ok"]
    time.sleep(2)
    n = len(hook.attempts)
    acts(keeper, 2, 1)
    time.sleep(3)
    assert len(hook.attempts) == n
    deliverer.stop()
    keeper.stop()


def test_each_role_hears_its_own(tmp_path, authority, hook):
    """A tenant's owner and a contract manager beside the operator: three paths, three audiences."""
    base = f"https://localhost:{hook.port}"
    people = [recipient(webhook=f"{base}/ti"),
              recipient("r-gest", "contract_manager", webhook=f"{base}/gest"),
              recipient("r-ab", "tenant_owner", tenant="t-0", webhook=f"{base}/ab")]
    keeper, deliverer = make(tmp_path, authority, hook, people)
    for name in ("r-gest", "r-ab"):
        (deliverer.keys / f"webhook-{name}").write_bytes(SECRET)
    paths = {}

    def keep(handler):
        event = json.loads(handler.body)
        paths.setdefault(handler.path, []).append(
            event["data"]["type"] if isinstance(event["data"], dict) else "heartbeat")
        handler.accept()

    hook.answer = keep
    approve(keeper, f"localhost:{hook.port}")
    acts(keeper, 2)
    deliverer.start()
    wait_for("the operator's", lambda: paths.get("/ti", []).count("act") >= 3)
    wait_for("the manager's", lambda: "contract" in paths.get("/gest", []))
    time.sleep(2)
    assert "act" not in paths["/gest"] and "life" not in paths["/gest"]
    assert {"life", "origin", "heartbeat"} <= set(paths["/ti"])
    assert "/ab" not in paths
    deliverer.stop()
    keeper.stop()


def test_a_delivery_that_fails_is_told_by_another_way(tmp_path, authority, hook):
    """To whoever could mend it, whatever else he asked to be told of (VIG-D-006)."""
    manager = recipient("r-contrat", "contract_manager", min_severity="critical", classes=["contract"],
                        webhook=f"https://localhost:{hook.port}/")
    keeper, deliverer = make(tmp_path, authority, hook,
                             [recipient(webhook="https://ailleurs.example/"), manager])
    (deliverer.keys / "webhook-r-contrat").write_bytes(SECRET + b"\n")
    approve(keeper, f"localhost:{hook.port}")
    assert keeper.client(source="cli").act("go-live")["ok"]
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1000))
    stuck = {"name": "r-ti/webhook", "sink": "webhook", "role": "client_it", "state": "waiting",
             "pending": 2, "oldest": since, "success": "", "why": "délai", "set_aside": []}
    assert keeper.client(source="vigie-deliver").ask("delivery", {"destinations": [stuck]})["ok"]
    wait_for("D-006", lambda: keeper.alerts("VIG-D-006"))
    deliverer.start()
    wait_for("it by the other way", lambda: [e for e in hook.events("alert")
                                             if e["data"]["body"]["code"] == "VIG-D-006"])
    codes = {e["data"]["body"]["code"] for e in hook.events("alert")}
    assert codes == {"VIG-D-006"}, "of the rest he wants the critical ones of the contract alone"
    deliverer.stop()
    keeper.stop()
