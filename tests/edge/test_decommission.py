# SPDX-License-Identifier: Apache-2.0
"""A server that leaves: two people erase the client's log and the keys, once the evidence was verified
elsewhere and not before; and what was signed can still be proved."""

import json
import os
import pathlib
import subprocess
import tempfile

import pytest

from test_hand_over import answer, day, hand_over, load, measure, verify, vigie
from test_keeper_hostile import as_user, envelope
from vigied import Guests, Keeper, contract, program, stamp_aligned, wait_for

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
CONTRACT = "CS-DEMO-0001"


@pytest.fixture
def keeper(tmp_path, scratch):
    """Where another user may connect to it."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=scratch))
    folder.chmod(0o755)
    keeper = Keeper(folder, interval="300s", admin_group="daemon")
    with open(keeper.config, "a") as config:
        config.write(f"[access]\nauthority = {tmp_path}/authority\n"
                     f"[deliver]\ncredentials = {tmp_path}/credentials\n")
    (tmp_path / "credentials").mkdir()
    for name in ("client.key", "client.pem", "webhook-siem"):
        (tmp_path / "credentials" / name).write_text("secret")
    keeper.start()
    yield keeper
    if keeper.process.poll() is None:
        keeper.kill()


def asks(keeper, uid=4242, **more):
    line = envelope(1, kind="act", source="cli", body={
        "verb": "decommission", "contract_id": CONTRACT, "reason": "fin du bail", **more})
    [told] = as_user(keeper, uid, [1], line)
    return told.get("code") or told["result"]


def performs(keeper, *words):
    return answer(keeper, "decommission", CONTRACT, "--reason", "fin du bail", *words)


def handed_over(keeper, folder):
    """Once the months that are over have their statements: those would be evidence that followed."""
    wait_for("the first statement", lambda: keeper.records("statement"), 90)
    path = hand_over(keeper, folder / "out")
    assert verify(path, folder / "receipt.json")[0] == 0
    assert answer(keeper, "contract", "hand-over", "receipt", folder / "receipt.json")[0] == 0
    return path


def test_two_people_and_the_receipt(keeper, tmp_path):
    load(keeper, 60)
    measure(keeper)
    assert answer(keeper, "access", "grant", "client_it", "--out", tmp_path / "a")[0] == 0
    public = answer(keeper, "key", "show")[1]
    assert asks(keeper) == "no-receipt"
    handed = handed_over(keeper, tmp_path)

    assert asks(keeper) == {"asked": 1}
    assert asks(keeper) == "second-person"
    assert asks(keeper, uid=4343) == "keys-stay", "who cannot erase the keys does not erase the log"
    status, said = performs(keeper)
    assert status == 0, said
    assert said["asked_by"] == "4242" and said["erased"] > 5 and said["keys_left"] == []
    assert said["keys_wiped"][:2] == [str(keeper.key), f"{tmp_path}/authority/authority.key"]
    assert sorted(p.name for p in (tmp_path / "credentials").iterdir()) == ["client.pem"]
    assert not keeper.key.exists() and not (tmp_path / "authority" / "authority.key").exists()
    assert said["digest"] == json.loads((tmp_path / "receipt.json").read_text())["digest"]
    assert keeper.process.wait(30) == 4, keeper.log.read_text()

    # what went, and what is still there
    for name in ("ledger.db", "ledger.db-wal"):
        content = (keeper.folder / "state" / name).read_bytes()
        for secret in (b"qualified_components", b"Gabarit", b"t-0", b"vm-0", b"vcpu_hour"):
            assert secret not in content, (name, secret)
    status, found = answer(keeper, "ledger", "verify", "--key", public["fingerprint"], "--checkpoint",
                           handed / "ledger" / "client.checkpoint")
    assert status == 0 and found["fine"], found
    [client] = [log for log in found["logs"] if log["log"] == "client"]
    assert client["redacted"] == said["erased"] and client["outside"] == 1
    assert keeper.records(log="shared"), "both parties' log stays"
    assert keeper.sql("SELECT count(*) FROM inbox UNION ALL SELECT count(*) FROM snapshot"
                      " UNION ALL SELECT count(*) FROM memory") == [(0,), (0,), (0,)]

    # the last heads, with openssl alone
    (tmp_path / "key.pem").write_text(public["public_key"])
    for log, note in said["checkpoints"].items():
        (tmp_path / "note").write_text(note)
        recipe = r"""sed '/^$/,$d' note > text; sed -n 's/^— [^ ]* //p' note | head -n 1 |
          openssl base64 -d -A | tail -c +5 > signature
          openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text -sigfile signature"""
        subprocess.run(["bash", "-euc", recipe], cwd=tmp_path, check=True, capture_output=True)

    # closed for good, even where somebody kept the key
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", keeper.key], check=True,
                   capture_output=True)
    keeper.start(wait=False)
    assert keeper.process.wait(60) == 1, "another key is none"


def test_closed_though_the_key_was_kept(keeper, tmp_path):
    load(keeper, 60)
    kept = keeper.key.read_bytes()
    handed_over(keeper, tmp_path)
    assert asks(keeper) == {"asked": 1}
    out = tmp_path / "certificate.txt"
    done = vigie(keeper, "decommission", CONTRACT, "--reason", "fin du bail", "--out", out, lang="fr")
    assert done.returncode == 0, done.stderr
    text = out.read_text()
    assert "CERTIFICAT DE MISE HORS SERVICE" in text and "Ce qui reste prouvable" in text
    assert "vigie/vigie-t1/client/" in text and "4242" in text
    assert keeper.process.wait(30) == 4
    keeper.key.write_bytes(kept)
    keeper.start(wait=False)
    assert keeper.process.wait(60) == 4
    assert "clos" in keeper.log.read_text().splitlines()[-1]


def test_evidence_that_followed_the_hand_over(keeper, tmp_path):
    load(keeper, 60)
    handed_over(keeper, tmp_path)
    guests = Guests(keeper.client(), stamp_aligned(7200, 300))
    guests.begin()
    for _ in range(45):
        guests.step(20)
    guests.client.drain()
    wait_for("usage records", lambda: keeper.records("usage"))
    assert asks(keeper) == "evidence-since"
    (tmp_path / "again").mkdir()
    handed_over(keeper, tmp_path / "again")
    assert asks(keeper) == {"asked": 1}


def test_what_else_is_refused(keeper, tmp_path):
    load(keeper, 60)
    status, said = performs(keeper)
    assert status == 3 and said["error"]["code"] == "no-receipt"
    assert answer(keeper, "decommission", CONTRACT)[0] == 2
    assert answer(keeper, "decommission", "CS-NONE", "--reason", "x")[1]["error"]["code"] == \
        "no-such-contract"
    text = json.loads(contract(term__start_date=day(61), term__signed_on=day(-3), term__end_date=day(300),
                               term__exit_transition={"complete_by": day(290), "lead_days": 3,
                                                      "parallel_days": 2}))
    text["identifiers"]["contract_id"] = "CS-NEXT"
    told = keeper.client(source="cli").act("contract.load", text=json.dumps(text))
    assert told["ok"], told
    handed_over(keeper, tmp_path)
    assert asks(keeper) == "other-contract"
    assert keeper.key.exists() and program("vigied").exists()
