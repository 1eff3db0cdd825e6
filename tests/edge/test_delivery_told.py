# SPDX-License-Identifier: Apache-2.0
"""What the deliverer tells the keeper: what is recorded of it, the alerts that follow, heartbeats, and
tests that are asked for."""

import base64
import datetime
import json
import os
import subprocess

import pytest

from vigied import Keeper, contract, program, wait_for


def at(seconds_ago=0):
    now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def destination(name="r-ti/webhook", state="ok", pending=0, oldest="", **more):
    return {"name": name, "sink": name.split("/")[1], "role": "client_it", "state": state,
            "pending": pending, "oldest": oldest, "success": at(60), "why": "", "set_aside": [],
            **more}


@pytest.fixture
def keeper(tmp_path):
    keeper = Keeper(tmp_path).start()
    yield keeper
    keeper.stop()
    keeper.verify()


def tell(keeper, *destinations):
    answer = keeper.client(source="vigie-deliver").ask("delivery",
                                                       {"destinations": list(destinations)})
    assert answer["ok"], answer


def recorded(keeper):
    return [(r["body"]["destination"]["name"], r["body"]["destination"]["state"])
            for r in keeper.records("delivery")]


def vigie(keeper, *words):
    done = subprocess.run([program("vigie"), *words, "--config", keeper.config],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_only_changes_are_recorded(keeper):
    tell(keeper, destination())
    tell(keeper, destination(pending=3, oldest=at(5), state="waiting", why="a"))
    tell(keeper, destination(pending=9, oldest=at(800), state="waiting", why="b"))
    assert recorded(keeper) == [("r-ti/webhook", "ok")], "a short wait is none"
    long = {"pending": 9, "oldest": at(1000), "state": "waiting"}
    tell(keeper, destination(why="connexion refusée", **long))
    tell(keeper, destination(why="connexion refusée après 3 s", **long))
    aside = [{"log": "client", "seq": 7, "why": "413"}]
    tell(keeper, destination(why="x", set_aside=aside, **long))
    tell(keeper, destination(set_aside=aside, receipt={"size": 12, "signature": "s"}))
    tell(keeper, destination("r-contrat/mail"))
    tell(keeper, destination("r-contrat/mail"))
    assert recorded(keeper) == [
        ("r-ti/webhook", "ok"), ("r-ti/webhook", "waiting"), ("r-ti/webhook", "waiting"),
        ("r-ti/webhook", "ok"), ("r-ti/webhook", "gone"), ("r-contrat/mail", "ok")]
    last = keeper.records("delivery")
    assert last[2]["body"]["destination"]["set_aside"] == aside
    assert last[3]["body"]["destination"]["receipt"] == {"signature": "s", "size": 12}
    assert all("pending" not in r["body"]["destination"] for r in last)


def test_what_the_tables_say_is_what_a_rebuild_makes(keeper):
    tell(keeper, destination(), destination("r-four/supplier", state="refused", why="certificat"))
    tell(keeper, destination(receipt={"size": 4}))
    rows = keeper.sql("SELECT * FROM delivery ORDER BY name")
    assert len(rows) == 2
    keeper.stop()
    vigie(keeper, "ledger", "rebuild")
    assert keeper.sql("SELECT * FROM delivery ORDER BY name") == rows
    keeper.start()


@pytest.mark.parametrize("body", [
    {}, {"destinations": {}}, {"destinations": [{"name": "a/b"}]},
    {"destinations": [destination(state="fine")]}, {"destinations": [destination(pending=-1)]},
    {"destinations": [destination(oldest="hier")]}, {"destinations": [destination(receipt=[])]},
    {"destinations": [destination(certificate={"subject": "CN=a"})]},
    {"destinations": [destination(name="x" * 200 + "/mail")]},
    {"destinations": [destination() for _ in range(300)]},
])
def test_what_is_malformed_is_refused_and_leaves_nothing(keeper, body):
    answer = keeper.client(source="vigie-deliver").ask("delivery", body)
    assert not answer["ok"] and not answer["retry"], answer
    assert keeper.records("delivery") == []


def test_what_waits_alerts_and_ends_with_a_success(keeper):
    tell(keeper, destination("r-ti/mail", pending=2, oldest=at(9000)))  # a digest, for its hour
    assert keeper.alerts("VIG-D-006") == []
    tell(keeper, destination(pending=2, oldest=at(1000), state="waiting", why="délai"))
    wait_for("D-006", lambda: keeper.alerts("VIG-D-006"))
    fired = keeper.alerts("VIG-D-006")[0]
    assert fired["severity"] == "warning" and fired["params"]["destination"] == "r-ti/webhook"
    assert fired["params"]["count"] == "2"
    assert fired["audience"] == ["client_it"]

    tell(keeper, destination(pending=2, oldest=at(73 * 3600), state="waiting", why="délai"))
    wait_for("it is raised", lambda: [a["event"] for a in keeper.alerts("VIG-D-006")][-1:] ==
             ["raised"])
    assert keeper.alerts("VIG-D-006")[-1]["severity"] == "major"

    keeper.kill()
    keeper.start()  # nobody tells anything: what waited still does
    assert [a["event"] for a in keeper.alerts("VIG-D-006")] == ["fired", "raised"]
    tell(keeper, destination())
    wait_for("its end", lambda: keeper.alerts("VIG-D-006")[-1]["event"] == "cleared")


def test_a_log_that_nobody_countersigns_any_more_alerts(keeper):
    def receipt(days, size=1):
        return {"receipt": {"key": "", "note": "", "size": size, "time": at(days * 86400)}}

    tell(keeper, destination("r-ti/webhook"), destination("r-four/supplier", **receipt(6)))
    assert keeper.alerts("VIG-L-002") == []
    tell(keeper, destination("r-four/supplier", **receipt(9, 1 << 40)))  # it holds all there is
    assert keeper.alerts("VIG-L-002") == []
    tell(keeper, destination("r-four/supplier", **receipt(9)))
    wait_for("L-002", lambda: keeper.alerts("VIG-L-002"))
    fired = keeper.alerts("VIG-L-002")[0]
    assert fired["params"]["ledger"] == "shared" and fired["params"]["days"].startswith("9"), fired
    tell(keeper, destination("r-four/supplier", **receipt(0, 2)))
    wait_for("its end", lambda: keeper.alerts("VIG-L-002")[-1]["event"] == "cleared")


def test_certificates_near_their_end_alert(keeper):
    def certificate(days):
        return {"certificate": {"subject": "CN=vigie-t1", "until": at(-days * 86400)}}

    tell(keeper, destination("r-four/supplier", **certificate(45)))
    assert keeper.alerts("VIG-A-001") == []
    tell(keeper, destination("r-four/supplier", **certificate(20)))
    wait_for("A-001", lambda: keeper.alerts("VIG-A-001"))
    tell(keeper, destination("r-four/supplier", **certificate(5)))
    tell(keeper, destination("r-four/supplier", **certificate(365)))
    assert [(a["event"], a["severity"]) for a in keeper.alerts("VIG-A-001")] == [
        ("fired", "warning"), ("raised", "major"), ("cleared", "major")]


def test_heartbeats_are_signed_for_each_audience(tmp_path):
    keeper = Keeper(tmp_path)
    keeper.config.write_text(keeper.config.read_text() + "[deliver]\nheartbeat_interval = 1s\n")
    keeper.start()

    def note(name):
        rows = keeper.sql("SELECT bytes FROM memory WHERE name = ?", name)
        return rows[0][0].decode() if rows else ""

    first = wait_for("a heartbeat", lambda: note("heartbeat"))
    wait_for("the next", lambda: note("heartbeat") != first)
    keeper.kill()
    dead = note("heartbeat")
    lines, shared = dead.split("\n"), note("heartbeat-shared").split("\n")
    origin = keeper.records(log="shared")[0]["body"]["origin"]
    assert lines[0] == shared[0] == origin.replace("/shared/", "/heartbeat/")
    assert [line.split()[0] for line in lines[2:4]] == ["client", "shared"]
    assert [line.split()[0] for line in shared[2:-3]] == ["shared"], "the supplier sees its log"
    check_with_openssl(tmp_path, keeper, dead)
    assert keeper.records(log="client")[-1]["type"] != "heartbeat", "it is no record"
    keeper.start()
    keeper.stop()


def check_with_openssl(folder, keeper, note):
    text, signature = note.rsplit("\n\n", 1)
    (folder / "text").write_text(text + "\n")
    (folder / "sig").write_bytes(base64.b64decode(signature.split()[2])[4:])
    (folder / "pub.pem").write_bytes(subprocess.run(
        ["openssl", "pkey", "-in", keeper.key, "-pubout"], check=True,
        capture_output=True).stdout)
    subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", folder / "pub.pem",
                    "-rawin", "-in", folder / "text", "-sigfile", folder / "sig"], check=True,
                   capture_output=True)


def test_a_test_is_an_act_and_a_record_for_its_recipient(keeper):
    recipients = [
        {"id": "r-ti", "role": "client_it", "name": "TI", "lang": "fr", "email": "ti@regie.example",
         "channels": ["email"], "min_severity": "info"},
        {"id": "r-four", "role": "supplier_maintenance", "name": "Boréal", "lang": "en",
         "webhook": "https://noc.boreal.example/v1", "channels": ["webhook"],
         "min_severity": "warning", "classes": ["failure"]},
        {"id": "r-papier", "role": "contract_manager", "name": "Contrats", "lang": "fr",
         "email": "c@regie.example", "channels": ["bundle"], "min_severity": "warning"}]
    keeper.add_settings("[egress]\nmode = listed\n")
    client = keeper.client(source="cli")
    assert client.act("deliver.test", recipient="r-ti")["code"] == "no-such-recipient"
    answer = client.act("contract.load", text=contract(recipients=recipients))
    assert answer["ok"], answer
    assert client.act("deliver.test", recipient="r-nul")["code"] == "no-such-recipient"
    assert client.act("deliver.test", recipient="r-papier")["code"] == "nothing-is-sent"
    for recipient in ("r-ti", "r-four"):
        assert client.act("deliver.test", recipient=recipient)["ok"]
    assert [r["body"]["recipient"] for r in keeper.records("test")] == ["r-ti"]
    assert [r["body"]["recipient"] for r in keeper.records("test", "shared")] == ["r-four"]
    acts = [r["body"] for r in keeper.records("act") if r["body"]["verb"] == "deliver.test"]
    assert [json.loads(json.dumps(a["detail"]))["recipient"] for a in acts] == ["r-ti", "r-four"]


def test_the_command_tells_what_was_told(keeper):
    def deliver(*words, status=0):
        done = subprocess.run([program("vigie"), "deliver", *words, "--config", keeper.config],
                              capture_output=True, text=True, timeout=120,
                              env={**os.environ, "LC_ALL": "C.UTF-8"})
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    assert "rien dit" in deliver()
    assert json.loads(deliver("--json")) == {"destinations": [], "silent": False, "told_at": None}
    receipt = {"key": "", "note": "vigie-t1\n1234\nroot\n\n— noc.boreal.example c2ln\n", "size": 1234,
               "time": "2026-11-05T15:04:00Z"}
    tell(keeper, destination(receipt=receipt),
         destination("r-x\x1b[31m/mail", set_aside=[{"log": "client", "seq": 7, "why": "413"}]))
    text = deliver()
    assert "r-ti/webhook" in text and "à jour" in text and "n° 7 (413)" in text.replace("\u00a0", " ")
    said = " ".join(text.split())
    assert ("r-ti/webhook : reçu de « noc.boreal.example » pour les 1 234 premières inscriptions"
            in said and "le 2026-11-05 à" in said), text
    assert "\x1b[31m" not in text
    tell(keeper, destination(state="refused", why="certificat périmé", pending=3, oldest=at(50)))
    assert "certificat périmé" in deliver(status=1)
    told = json.loads(deliver("--json", status=1))
    assert told["destinations"][0]["pending"] == 3 and not told["silent"]
    tell(keeper, destination(receipt={"size": 1}))  # less than we write: no word is made up
    assert "reçu de « ? »" in " ".join(deliver().split())
