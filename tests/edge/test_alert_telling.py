# SPDX-License-Identifier: Apache-2.0
"""Who is told of an alert, and when: observation, silence, reminders, kills and steps of the clock."""

import collections
import datetime
import json
import os
import random
import subprocess
import time

import pytest

from test_keeper_life import WallClock
from vigied import SECOND, Keeper, contract, program, today, wait_for

DAY = 86400


@pytest.fixture
def keeper(tmp_path):
    keeper = Keeper(tmp_path, interval="300s").start()
    yield keeper
    keeper.stop()
    keeper.verify()


def act(keeper, verb, **body):
    return keeper.client(source="cli").act(verb, **body)


def load(keeper, **changes):
    answer = act(keeper, "contract.load", text=contract(**changes))
    assert answer["ok"], answer


def day(offset):
    return str(today() + datetime.timedelta(days=offset))


def ending(days):
    """A contract whose end is near: VIG-T-001 to T-004 are up from its first look."""
    return {"term__end_date": day(days), "alerts__term_days_before_end": [45, 30, 25],
            "term__exit_transition": {
        "complete_by": day(days - 5), "lead_days": 90, "parallel_days": 80}}


def story(keeper, code):
    return [(a["event"], a["notify"]) for a in keeper.alerts(code)]


def stepped(keeper):
    """A clock that a reader says was stepped: VIG-D-002."""
    keeper.client().ask("condition", {"subject": "clock", "state": "stepped",
                                      "offset_ns": 7200 * SECOND})
    wait_for("VIG-D-002", lambda: keeper.alerts("VIG-D-002"))


def instant(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def vigie(keeper, *words):
    return subprocess.run([program("vigie"), "--config", keeper.config, "--lang", "fr", *words],
                          capture_output=True, text=True, timeout=60,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})


def test_observed_until_go_live_then_told_what_is_still_so(keeper):
    stepped(keeper)
    [alert] = keeper.alerts("VIG-D-002")
    assert (alert["event"], alert["notify"]) == ("fired", "observed")
    assert alert["audience"] == ["client_it"] and alert["group"] == "VIG-D-002/vigie-t1"
    assert "head" not in alert and "tenant" not in alert
    for words in (["status"], ["alerts"]):
        assert "Période d'observation" in " ".join(vigie(keeper, *words).stdout.split())
    assert json.loads(vigie(keeper, "alerts", "--json").stdout)["observation"]["until"]
    done = vigie(keeper, "go-live")
    assert done.returncode == 0, done.stdout + done.stderr
    wait_for("what is still so", lambda: len(story(keeper, "VIG-D-002")) == 2)
    assert story(keeper, "VIG-D-002")[1] == ("reminded", "now")
    [record] = [r for r in keeper.records("act") if r["body"]["verb"] == "go-live"]
    assert record["body"]["author"]["user"]
    assert "observation" not in vigie(keeper, "alerts").stdout
    assert json.loads(vigie(keeper, "alerts", "--json").stdout)["observation"] is None
    assert act(keeper, "go-live")["result"] == {"unchanged": 1}
    keeper.kill()
    keeper.start()
    time.sleep(3)
    assert len(story(keeper, "VIG-D-002")) == 2


def test_silence_needs_a_reason_and_an_end(keeper):
    key = "VIG-D-002/vigie-t1/clock"
    for body, code in (
            ({"key": key, "until": instant(60)}, "bad-body"),
            ({"key": key, "reason": "", "until": instant(60)}, "bad-body"),
            ({"key": key, "reason": " \t ", "until": instant(60)}, "bad-body"),
            ({"key": key, "reason": "travaux"}, "bad-body"),
            ({"key": key, "reason": "travaux", "until": "demain"}, "bad-body"),
            ({"key": key, "reason": "travaux", "until": instant(-60)}, "in-the-past"),
            ({"key": key, "reason": "travaux", "until": instant(400 * DAY)}, "too-long"),
            ({"key": "VIG-C-001/CS-DEMO-0001/*", "reason": "travaux",
              "until": instant(31 * DAY)}, "too-long"),
            ({"key": "VIG-T-001/*", "reason": "travaux", "until": instant(31 * DAY)}, "too-long"),
            ({"key": "*", "reason": "travaux", "until": instant(60)}, "no-such-alert"),
            ({"key": "VIG-X-001/a/b", "reason": "travaux", "until": instant(60)},
             "no-such-alert")):
        answer = act(keeper, "alert.silence", **body)
        assert not answer["ok"] and answer["code"] == code, (body, answer)
    assert keeper.sql("SELECT count(*) FROM silence") == [(0,)]
    assert vigie(keeper, "alerts", "silence", key, "--reason", "x").returncode == 2
    assert act(keeper, "alert.unsilence", key=key)["code"] == "no-such-silence"


def test_silenced_then_told_when_the_silence_ends(keeper):
    assert act(keeper, "go-live")["ok"]
    done = vigie(keeper, "alerts", "silence", "VIG-D-002/*", "--reason", "Remplacement du NTP",
                 "--until", day(2))
    assert done.returncode == 0, done.stdout + done.stderr
    stepped(keeper)
    assert story(keeper, "VIG-D-002") == [("fired", "silenced")]
    shown = " ".join(vigie(keeper, "alerts").stdout.split())
    assert "rien n'est envoyé" in shown and "Remplacement du NTP" in shown
    listed = json.loads(vigie(keeper, "alerts", "--json").stdout)
    assert listed["alerts"][0]["silent_until"] == listed["silences"][0]["until"]
    keeper.kill()
    keeper.start()
    keeper.client().ask("condition", {"subject": "clock", "state": "unsynchronised",
                                      "offset_ns": 0})
    time.sleep(2)
    assert story(keeper, "VIG-D-002") == [("fired", "silenced")]
    assert vigie(keeper, "alerts", "unsilence", "VIG-D-002/*").returncode == 0
    wait_for("it is told at last",
             lambda: story(keeper, "VIG-D-002") == [("fired", "silenced"), ("reminded", "now")])


def test_the_gravest_says_it_for_all(keeper):
    assert act(keeper, "go-live")["ok"]
    load(keeper, **ending(20))
    told = {a["key"].rsplit("/", 1)[1]: a for a in keeper.alerts("VIG-T-001")}
    heads = [key for key, a in told.items() if a["notify"] in ("now", "digest")]
    assert len(heads) == 1 and len(told) > 1, told
    for key, alert in told.items():
        if key not in heads:
            assert alert["notify"] == "grouped"
            assert alert["head"] == told[heads[0]]["key"]
    assert min(told, key=lambda key: int(key[4:-1])) == heads[0]


def test_reminded_by_the_calendar_and_never_twice(tmp_path):
    wall = WallClock(tmp_path)
    keeper = Keeper(tmp_path, interval="300s").start(env=wall.env())
    assert act(keeper, "go-live")["ok"]
    load(keeper, **ending(60))
    key = wait_for("VIG-T-003", lambda: keeper.alerts("VIG-T-003"))[0]["key"]
    assert story(keeper, "VIG-T-003") == [("fired", "now")]

    def restart(offset_s):
        keeper.kill()
        wall.set(offset_s)
        keeper.start(env=wall.env())
        time.sleep(3)

    restart(23 * 3600)
    assert len(story(keeper, "VIG-T-003")) == 1
    restart(25 * 3600)
    assert story(keeper, "VIG-T-003")[1:] == [("reminded", "now")]
    for offset_s in (25, 27, 25, 23, 25):  # two hours on, back, and back again
        wall.set(offset_s * 3600)
        keeper.client().ask("condition", {"subject": "clock", "state": "ok", "offset_ns": 0})
        time.sleep(2)
    restart(25 * 3600)
    assert len(story(keeper, "VIG-T-003")) == 2, "a step of the clock repeated it"
    assert act(keeper, "alert.ack", key=key)["ok"]
    restart(60 * 3600)
    assert story(keeper, "VIG-T-003")[2:] == [("acknowledged", "none")]
    keeper.stop()
    keeper.verify()


def test_killed_at_any_time_each_change_is_recorded_once(tmp_path):
    """One contract after another: each raises alerts and ends those of the one before, while the
    keeper is killed in the middle of it."""
    seed = int(os.environ.get("VIGIE_SEED", time.time_ns() % 10**6))
    print("seed", seed)
    dice = random.Random(seed)
    keeper = Keeper(tmp_path, interval="300s").start()
    assert act(keeper, "go-live")["ok"]
    for n in range(12):
        client = keeper.client(source="cli")
        text = contract(identifiers={"contract_id": f"CS-{n}", "framework_agreement_id": "EC-DEMO",
                                     "previous_contract_id": f"CS-{n - 1}"},
                        **ending(15 + n))
        _, line = client.line("act", {"verb": "contract.load", "text": text})
        client.connect()
        client.socket.sendall(line)
        time.sleep(dice.uniform(0, 0.4))
        keeper.kill()
        keeper.start()
        keeper.client(source="cli").act("contract.load", text=text)  # or told that it holds it
        time.sleep(0.5)
    keeper.stop()
    changes = collections.defaultdict(list)
    for alert in keeper.alerts():
        changes[alert["key"]].append((alert["change"], alert["event"]))
    assert len(changes) >= 4
    for key, story_ in changes.items():
        assert [n for n, _ in story_] == list(range(1, len(story_) + 1)), (key, story_)
        events = [event for _, event in story_ if event in ("fired", "cleared")]
        assert events == ["fired", "cleared"] * (len(events) // 2) + ["fired"] * (
            len(events) % 2), (key, story_)
    keeper.verify()
