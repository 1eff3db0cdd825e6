# SPDX-License-Identifier: Apache-2.0
"""The signing key changes while the log goes on: the old key signs the new one, which the keeper takes
at its next start and not before. Every verifier follows from the key that was noted at first."""

import base64
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import tempfile

import pytest

from command import answer, vigie
from test_keeper_hostile import as_user, envelope
from vigied import Keeper, contract, wait_for


def fingerprint(keeper):
    return answer(keeper, "key", "show")[1]["fingerprint"]


def verdict(keeper, *words):
    status, said = answer(keeper, "ledger", "verify", *words)
    assert status == (0 if said["fine"] else 1)
    return {f["code"] for f in said["findings"]}


def changes(keeper, log="client"):
    return [r["body"]["event"] for r in keeper.records("key", log)]


def rotate(keeper):
    status, said = answer(keeper, "key", "rotate")
    assert status == 0, said
    return said["fingerprint"]


@pytest.fixture
def keeper(tmp_path):
    keeper = Keeper(tmp_path / "k", interval="300s").start()
    assert keeper.client(source="cli").act("contract.load", text=contract())["ok"]
    yield keeper
    if keeper.process.poll() is None:
        keeper.stop()
    keeper.verify()


@pytest.fixture(scope="module")
def turned(tmp_path_factory):
    """(keeper, which runs; its three keys' fingerprints, the first one noted at installation)."""
    folder = tmp_path_factory.mktemp("turned")
    keeper = Keeper(folder / "k", interval="300s").start()
    assert keeper.client(source="cli").act("contract.load", text=contract())["ok"]
    keys = [fingerprint(keeper)]
    for _ in range(2):
        keys.append(rotate(keeper))
        keeper.stop()
        keeper.start()
    yield keeper, keys
    keeper.stop()
    keeper.verify()


def test_taken_at_the_next_start_and_not_before(keeper):
    first, origins = fingerprint(keeper), keeper.sql("SELECT DISTINCT origin FROM epoch ORDER BY 1")
    new = rotate(keeper)
    assert fingerprint(keeper) == first != new, "not before"
    assert changes(keeper) == changes(keeper, "shared") == ["next"]
    assert keeper.key.stat().st_mode & 0o777 == 0o600 and not (keeper.folder / "key.pem.next").exists()
    assert answer(keeper, "ledger", "checkpoint", "--now")[0] == 0
    assert not verdict(keeper, "--key", first)
    [check] = [c for c in answer(keeper, "doctor")[1]["checks"] if "key.pem" in c["text"]]
    assert check["answer"] == "pass" and "next start" in check["text"], check

    keeper.stop()
    keeper.start()
    assert fingerprint(keeper) == new
    assert changes(keeper) == changes(keeper, "shared") == ["next", "taken"]
    assert keeper.sql("SELECT DISTINCT origin FROM epoch ORDER BY 1") == origins
    for trusted in (first, new):
        assert not verdict(keeper, "--key", trusted)
    assert verdict(keeper, "--key", "00" * 32) == {"key-unknown"}
    keeper.stop()
    before = keeper.sql("SELECT * FROM key_change")
    assert vigie(keeper, "ledger", "rebuild").returncode == 0
    assert keeper.sql("SELECT * FROM key_change") == before and len(before) == 4
    keeper.start()


def test_the_old_key_or_a_stranger_is_refused_after(keeper):
    old = keeper.key.read_bytes()
    rotate(keeper)
    keeper.stop()
    keeper.start()
    keeper.stop()
    new = keeper.key.read_bytes()
    stranger = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519"], capture_output=True).stdout
    for key in (old, stranger):
        keeper.key.write_bytes(key)
        keeper.start(wait=False)
        assert keeper.process.wait(60) == 1
        assert "clé de signature" in keeper.log.read_text().splitlines()[-1]
    keeper.key.write_bytes(new)
    keeper.start()


def test_cut_short_it_harms_nothing(keeper):
    """The record is there and the file is not: the old key goes on; and another one may follow."""
    old = keeper.key.read_bytes()
    first = fingerprint(keeper)
    rotate(keeper)
    keeper.key.write_bytes(old)
    keeper.stop()
    keeper.start()
    assert fingerprint(keeper) == first and not verdict(keeper, "--key", first)
    second = rotate(keeper)
    keeper.stop()
    keeper.start()
    assert fingerprint(keeper) == second and not verdict(keeper, "--key", first)
    assert changes(keeper) == ["next", "next", "taken"]
    # killed right after the act: as good as done
    third = rotate(keeper)
    keeper.kill()
    keeper.start()
    assert fingerprint(keeper) == third and not verdict(keeper, "--key", first)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_root_alone(scratch):
    folder = pathlib.Path(tempfile.mkdtemp(dir=scratch))
    folder.chmod(0o755)
    keeper = Keeper(folder, admin_group="daemon").start()
    line = envelope(1, kind="act", source="cli", body={
        "verb": "key.rotate", "public_key": base64.b64encode(b"k" * 32).decode()})
    [told] = as_user(keeper, 4242, [1], line)
    assert told["code"] == "forbidden"
    client = keeper.client(source="cli")
    assert client.act("key.rotate", public_key="AAAA")["code"] == "bad-body"
    own = keeper.sql("SELECT public_key FROM epoch LIMIT 1")[0][0]
    assert client.act("key.rotate", public_key=base64.b64encode(own).decode())["code"] == "same-key"
    assert changes(keeper) == []
    keeper.stop()


# ---- everybody follows ----

def bundle(keeper, folder, audience="client"):
    folder.mkdir()
    status, said = answer(keeper, "bundle", "export", folder, "--audience", audience)
    assert status == 0, said
    return said["path"]


def test_bundles_are_verified_from_the_first_key(turned, tmp_path):
    keeper, keys = turned
    for audience in ("client", "supplier"):
        path = bundle(keeper, tmp_path / audience, audience)
        for key in keys:
            status, said = answer(None, "bundle", "verify", path, "--key", key)
            assert status == 0 and said["fine"] and said["first_key"] == keys[0], said
            assert said["key"] == keys[2]
        assert answer(None, "bundle", "verify", path, "--key", "11" * 32)[0] == 1


def test_a_bundles_own_recipe_follows_too(turned, tmp_path):
    """openssl, sha256sum, tar, grep and cmp: the recipe, then the chain of keys."""
    keeper, keys = turned
    (tmp_path / "x").mkdir()
    subprocess.run(["tar", "-xf", bundle(keeper, tmp_path / "b"), "-C", tmp_path / "x"], check=True)
    [folder] = (tmp_path / "x").iterdir()
    text = (folder / "README.txt").read_text()
    recipe = re.search(r"(?ms)^    sha256sum.*?-sigfile signature$", text)[0]
    chain = re.search(r"(?ms)^    k=keys/000.pem.*?keys/public.pem$", text)[0]
    assert chain in (folder / "LISEZMOI.txt").read_text() and "keys/000.pem" in text.splitlines()[-1]

    def run(lines):
        return subprocess.run(["bash", "-euc", lines], cwd=folder, capture_output=True, text=True,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})

    done = run(recipe)
    assert done.returncode == 0 and done.stdout.endswith("Signature Verified Successfully\n"), done
    done = run(chain)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["Signature Verified Successfully", "=", "1"] * 2
    der = subprocess.run(["openssl", "pkey", "-pubin", "-in", folder / "keys/000.pem", "-outform", "DER"],
                         capture_output=True, check=True).stdout
    digest = subprocess.run(["sha256sum"], input=der[-32:], capture_output=True).stdout.decode()[:64]
    assert digest == keys[0].replace(" ", "")
    # and a key that was slipped in is not followed
    forged = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519"], capture_output=True).stdout
    public = subprocess.run(["openssl", "pkey", "-pubout"], input=forged, capture_output=True).stdout
    (folder / "keys/001.pem").write_bytes(public)
    assert run(chain).returncode != 0
    status, said = answer(None, "bundle", "verify", folder, "--key", keys[0])
    assert status == 1 and {c["check"] for c in said["checks"] if not c["fine"]} >= {"key", "sums"}


def test_a_proof_is_checked_with_the_first_key(turned, tmp_path):
    keeper, keys = turned
    first = tmp_path / "first.pem"
    raw = keeper.sql("SELECT public_key FROM epoch WHERE log = 1")[0][0]
    der = bytes.fromhex("302a300506032b6570032100") + raw
    first.write_bytes(subprocess.run(["openssl", "pkey", "-pubin", "-inform", "DER", "-pubout"], input=der,
                                     capture_output=True, check=True).stdout)
    assert answer(keeper, "ledger", "checkpoint", "--now")[0] == 0
    proof = json.loads(vigie(keeper, "ledger", "prove", "2").stdout)
    assert len(proof["keys"]) == 3 and proof["keys"][0]["signature"] == ""
    path = tmp_path / "proof.json"

    def checked(tree):
        path.write_text(json.dumps(tree))
        return vigie(None, "ledger", "check-proof", path, "--key", first).returncode

    assert checked(proof) == 0
    assert checked({k: v for k, v in proof.items() if k != "keys"}) == 1
    for at in (1, 2):
        broken = json.loads(json.dumps(proof))
        broken["keys"][at]["signature"] = base64.b64encode(b"s" * 64).decode()
        assert checked(broken) == 1
    assert checked({**proof, "keys": proof["keys"][1:]}) == 1, "the trusted key is not among them"


def test_a_hand_over_too(turned, tmp_path):
    keeper, keys = turned
    status, said = answer(keeper, "contract", "hand-over", "--to", tmp_path / "out")
    assert status == 0, said
    status, told = answer(None, "contract", "hand-over", "verify", said["path"], "--key", keys[0], "--out",
                          tmp_path / "receipt.json")
    assert status == 0 and told["fine"], told
    assert answer(keeper, "contract", "hand-over", "receipt", tmp_path / "receipt.json")[0] == 0


def test_a_forged_change_is_found(turned, tmp_path):
    """Who edits the records that change keys is found, whatever key he knows."""
    keeper, keys = turned
    for word, other in (("taken", "next"), ("public_key", "public_kex")):
        copy = tmp_path / f"{other}.db"
        assert answer(keeper, "backup", tmp_path / "b")[0] == 0
        shutil.move(tmp_path / "b" / "ledger.db", copy)
        with sqlite3.connect(copy) as db:
            db.execute("UPDATE records SET bytes = CAST(replace(CAST(bytes AS TEXT), ?, ?) AS BLOB)"
                       " WHERE type = 'key'", (word, other))
        status, said = answer(None, "ledger", "verify", copy, "--key", keys[0], "--records-only")
        assert status == 1 and {"record-altered", "origin-wrong"} <= {f["code"] for f in said["findings"]}


def test_a_restore_after_it_opens_a_new_origin(turned, tmp_path):
    keeper, keys = turned
    assert answer(keeper, "backup", tmp_path / "b")[0] == 0
    other = Keeper(tmp_path / "o", interval="300s")
    shutil.copy(keeper.key, other.key)
    assert vigie(other, "restore", tmp_path / "b").returncode == 0
    assert fingerprint(other) == keys[2]
    assert not verdict(other, "--key", keys[2])
    assert "key-unknown" in verdict(other, "--key", keys[0]), "an epoch stands for itself"
    other.start()
    assert wait_for("the keeper", lambda: changes(other)) == ["next", "taken"] * 2
    other.stop()
