# SPDX-License-Identifier: Apache-2.0
"""The ledger from outside: the verbs on a real file, and other people's tools on what they say."""

import base64
import contextlib
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess

import pytest

from host import ROOT, build_dir
from vigied import Keeper

BIN = build_dir() / "bin"
HOURS = 300


@pytest.fixture
def ledger(tmp_path):
    """A folder with state/ledger.db, its key, and a settings file."""
    state = tmp_path / "state"
    state.mkdir()
    subprocess.run([BIN / "make-history", state, str(HOURS)], check=True)
    (tmp_path / "vigie.conf").write_text(
        f"[paths]\nstate_dir = {state}\nrun_dir = {tmp_path}/run\n")
    return tmp_path


def vigie(folder, *words, want=0):
    done = subprocess.run([BIN / "vigie", "--config", folder / "vigie.conf", "--lang", "en",
                           *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == want, done.stdout + done.stderr
    return done.stdout


def verify(folder, *words, want=0):
    return json.loads(vigie(folder, "ledger", "verify", "--json", *words, want=want))


def codes(answer):
    return [finding["code"] for finding in answer["findings"]]


def fingerprint(folder):
    return json.loads(vigie(folder, "key", "show", "--json"))["fingerprint"]


def test_verify_and_its_keys(ledger):
    answer = verify(ledger)
    assert answer["fine"] and answer["appliance"] == "qc-test-01"
    client = answer["logs"][1]
    assert client["log"] == "client" and client["signed"] == client["records"] == 3 * HOURS + 8

    # The key from elsewhere: as a file, as its fingerprint, and another one.
    key = ledger / "state/signing-key.pem"
    assert verify(ledger, "--key", key)["fine"]
    assert verify(ledger, "--key", fingerprint(ledger))["fine"]
    other = ledger / "other.pem"
    vigie(ledger, "key", "new", str(other))
    assert oct(other.stat().st_mode & 0o777) == "0o600"
    assert codes(verify(ledger, "--key", other, want=1)) == ["key-unknown", "key-unknown"]
    vigie(ledger, "key", "new", str(other), want=3)  # never over a key that is there

    # A copy in a folder where nothing can be written.
    away = ledger / "away"
    vigie(ledger, "backup", str(away))
    away.chmod(0o555)
    assert verify(ledger, away / "ledger.db")["fine"]
    assert sorted(path.name for path in away.iterdir()) == ["ledger.db"]
    away.chmod(0o755)

    # What was there before is not written over; what is no ledger is said to be none.
    vigie(ledger, "backup", str(away), want=3)
    vigie(ledger, "ledger", "verify", str(key), want=3)
    vigie(ledger, "ledger", "verify", str(ledger / "nothing"), want=3)


def test_tampering_is_named(ledger):
    vigie(ledger, "backup", str(ledger / "away"))
    copy = ledger / "away/ledger.db"
    with sqlite3.connect(copy) as db:
        db.execute("UPDATE records SET bytes = CAST(replace(CAST(bytes AS TEXT), 't-dsi', 't-dsj')"
                   " AS BLOB) WHERE id = (1 << 48) + 99")
    db.close()
    answer = verify(ledger, copy, want=1)
    assert [(f["code"], f["log"], f["entry"]) for f in answer["findings"]] == \
        [("record-altered", "client", 99)]
    text = vigie(ledger, "ledger", "verify", str(copy), want=1)
    assert "client 99: record-altered" in text


def test_projections_are_compared_and_rebuilt(ledger):
    assert verify(ledger)["projections"] == "same"
    with sqlite3.connect(ledger / "state/ledger.db") as db:
        db.execute("UPDATE usage SET micro = 0 WHERE start_s = 1793595600")
    db.close()
    answer = verify(ledger, want=1)
    assert answer["n_findings"] == 0 and answer["projections"] == "different"
    vigie(ledger, "ledger", "rebuild")
    assert verify(ledger)["projections"] == "same"


def test_a_damaged_tree_is_named(ledger):
    """One bit in a page that holds no fact: a row's place, an index's key, a page's list of free room.
    Every record can still be read, and not every one is found."""
    vigie(ledger, "backup", str(ledger / "away"))
    path = ledger / "away/ledger.db"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        pages = {name: db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?",
                                  (name,)).fetchone()[0] for name in ("records", "interval_start")}
        size = db.execute("PRAGMA page_size").fetchone()[0]
    db.close()
    sound = path.read_bytes()

    def verified_with(offset, bit):
        changed = bytearray(sound)
        changed[offset] ^= bit
        path.write_bytes(changed)
        return verify(ledger, path, want=1)

    def leaf_of(page):  # down the first children
        at = (page - 1) * size
        if sound[at] in (2, 5):
            cell = int.from_bytes(sound[at + 12:at + 14], "big")
            return leaf_of(int.from_bytes(sound[at + cell:at + cell + 4], "big"))
        return at

    # Entry 100 of the client's log becomes one of the shared log: its id, 2^48 + 100, is seven bytes.
    id_100 = re.escape(bytes([0xc0, 0x80, 0x80, 0x80, 0x80, 0x80, 100]))
    row = next(at for at in (found.start() for found in re.finditer(id_100, sound))
               if sound[at // size * size] == 13)  # in a leaf
    assert codes(verified_with(row, 0x40))[0] == "file-damaged"
    # The last key of the tree's top, over the records: each is still read, one is not found.
    at = (pages["records"] - 1) * size
    last = at + 12 + 2 * (int.from_bytes(sound[at + 3:at + 5], "big") - 1)
    answer = verified_with(at + int.from_bytes(sound[last:last + 2], "big") + 4 + 6, 1)
    assert answer["n_findings"] == 0 and "out of order" in answer["damage"], answer
    # A key of an index: what is asked for by time lacks a row.
    at = leaf_of(pages["interval_start"])
    cell = at + int.from_bytes(sound[at + 8:at + 10], "big")
    answer = verified_with(cell + 6, 1)
    assert answer["n_findings"] == 0 and "interval_start" in answer["damage"], answer
    path.write_bytes(sound)
    assert verify(ledger, path)["damage"] == ""


def test_checkpoint_by_openssl_alone(ledger):
    """The recipe of the README, as it stands there, in both languages."""
    readme = (ROOT / "README.md").read_text()
    recipes = re.findall(r"```sh\n(vigie ledger checkpoint.*?)```", readme, re.S)
    assert len(recipes) == 2 and recipes[0] == recipes[1]
    ours, theirs = recipes[0].split("sed '/^$/", 1)
    theirs = "sed '/^$/" + theirs

    def run(script):
        return subprocess.run(["sh", "-ec", script], cwd=ledger, capture_output=True, text=True,
                              env={**os.environ, "VIGIE_CONFIG": str(ledger / "vigie.conf"),
                                   "PATH": f"{BIN}:{os.environ['PATH']}"})

    done = run(ours)
    assert done.returncode == 0, done.stderr
    done = run(theirs)
    assert done.returncode == 0, done.stderr
    # One digit of the size, one character of the origin, one bit of the root: no longer signed.
    note = (ledger / "note").read_text()
    origin, size, root = note.splitlines()[:3]
    flipped = base64.b64encode(bytes([base64.b64decode(root)[0] ^ 1]) +
                               base64.b64decode(root)[1:]).decode()
    for old, new in ((f"\n{size}\n", f"\n{int(size) + 1}\n"), (root, flipped),
                     (origin + "\n", origin.replace("test", "tent") + "\n")):
        (ledger / "note").write_text(note.replace(old, new, 1))
        assert run(theirs).returncode != 0


def test_proof_by_hand(ledger):
    """One entry, its path and the head, by hashlib."""
    vigie(ledger, "ledger", "prove", "5000", want=3)
    vigie(ledger, "ledger", "prove", "x", want=2)
    proof = json.loads(vigie(ledger, "ledger", "prove", "123"))
    origin, size, root = proof["checkpoint"].splitlines()[:3]
    at, last = proof["entry"], int(size) - 1
    assert json.loads(proof["record"])["seq"] == at == 123
    node = hashlib.sha256(b"\x00" + proof["record"].encode()).digest()
    for sibling in map(bytes.fromhex, proof["proof"]):
        while at % 2 == 0 and at == last:
            at, last = at // 2, last // 2
        pair = sibling + node if at % 2 else node + sibling
        node, at, last = hashlib.sha256(b"\x01" + pair).digest(), at // 2, last // 2
    assert base64.b64encode(node).decode() == root

    # And by ours, which believes nothing that was changed.
    pem = re.search(r"-----BEGIN.*END PUBLIC KEY-----\n", vigie(ledger, "key", "show"), re.S)[0]
    (ledger / "key.pem").write_text(pem)
    changes = [lambda p: None,
               lambda p: p.update(record=p["record"].replace("3600", "3601")),
               lambda p: p.update(entry=124),
               lambda p: p.update(log="shared"),
               lambda p: p["proof"].pop(),
               lambda p: p["proof"].reverse(),
               lambda p: p.update(checkpoint=p["checkpoint"].replace(f"\n{size}\n", "\n999\n"))]
    for number, change in enumerate(changes):
        claim = json.loads(json.dumps(proof))
        change(claim)
        (ledger / "proof").write_text(json.dumps(claim))
        vigie(ledger, "ledger", "check-proof", str(ledger / "proof"), "--key",
              str(ledger / "key.pem"), want=1 if number else 0)
    for text in ("", "[]", "{}", '{"proof":[1]}', "x" * 100000):
        (ledger / "proof").write_text(text)
        vigie(ledger, "ledger", "check-proof", str(ledger / "proof"), "--key",
              str(ledger / "key.pem"), want=3)


def test_a_ledger_cut_short_does_not_match(ledger):
    vigie(ledger, "backup", str(ledger / "copy"))
    whole = (ledger / "copy/ledger.db").read_bytes()
    for size in (4096, len(whole) // 2, len(whole) - 4096):
        (ledger / "short.db").write_bytes(whole[:size])
        answer = json.loads(vigie(ledger, "ledger", "verify", str(ledger / "short.db"), "--json",
                                  want=1))
        assert not answer["fine"]
        vigie(ledger, "ledger", "verify", str(ledger / "short.db"), want=1)
    (ledger / "short.db").write_bytes(b"")
    vigie(ledger, "ledger", "verify", str(ledger / "short.db"), want=3)


@contextlib.contextmanager
def small_disk(folder, size_kib):
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_kib}k", "tmpfs", folder]).returncode:
        pytest.skip("no file system of a bounded size can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_backup_is_whole_or_not_there(ledger):
    away = ledger / "away"
    away.mkdir()
    for number in range(12):
        process = subprocess.Popen([BIN / "vigie", "--config", ledger / "vigie.conf", "backup", away],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(number * 0.02)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if (away / "ledger.db").exists():
            assert verify(ledger, away / "ledger.db", "--records-only")["fine"]
            (away / "ledger.db").unlink()
    # What was left of them does not stand in the way, nor is it taken for a part of the next.
    for suffix in ("", "-journal", "-wal"):
        (away / f"ledger.db-part{suffix}").write_bytes(b"left behind" * 1000)
    vigie(ledger, "backup", str(away))
    assert [path.name for path in away.iterdir()] == ["ledger.db"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else, or mount")
@pytest.mark.parametrize("lang, denied, full", [("fr", "accès refusé", "le disque est plein"),
                                                ("en", "access denied", "the disk is full")])
def test_a_backup_that_cannot_be_made_says_why(ledger, lang, denied, full):
    """And what to do, in the reader's language."""
    for folder in (ledger, *ledger.parents[:-1]):
        folder.chmod(folder.stat().st_mode | 0o011)
    for path in ((ledger / "state"), *(ledger / "state").iterdir()):
        os.chown(path, 65534, 65534)

    def backup(to, **options):
        done = subprocess.run([BIN / "vigie", "--config", ledger / "vigie.conf", "--lang", lang, "backup", to],
                              capture_output=True, text=True, timeout=120, **options)
        assert done.returncode == 3, done.stdout
        return done.stderr.replace("\xa0", " ")

    said = backup(ledger / "away", user=65534, group=65534, extra_groups=[])
    assert str(ledger / "away") in said and denied in said and "sudo" in said, said
    with small_disk(ledger / "small", 256) as small:
        said = backup(small)
        assert str(small) in said and full in said, said
        assert not list(small.iterdir())


def put_aside(ledger):
    aside = ledger / "aside"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    for path in (ledger / "state").glob("ledger.db*"):
        path.rename(aside / path.name)


def test_restore_opens_an_epoch(ledger):
    vigie(ledger, "backup", str(ledger / "early"))
    early = sqlite3.connect(ledger / "early/ledger.db")
    # Go back a day, as an older backup would: the records, and the heads over them.
    early.execute("DELETE FROM checkpoints WHERE log = 1 AND size > 800")
    kept = early.execute("SELECT max(size) FROM checkpoints WHERE log = 1").fetchone()[0]
    early.execute("DELETE FROM records WHERE id >= (1 << 48) + ?", (kept,))
    early.commit()
    early.close()
    (ledger / "notes").write_text(vigie(ledger, "ledger", "checkpoint"))

    vigie(ledger, "restore", str(ledger / "early"), want=3)  # a ledger is there
    put_aside(ledger)

    # Restored without a word about the head that others hold: they will object.
    vigie(ledger, "restore", str(ledger / "early"))
    assert verify(ledger)["fine"]
    assert codes(verify(ledger, "--checkpoint", ledger / "notes", want=1)) == ["log-truncated"]
    put_aside(ledger)

    # Restored with it: the epoch names it, and everybody agrees on what was lost.
    vigie(ledger, "restore", str(ledger / "early"), "--checkpoint", str(ledger / "notes"))
    answer = verify(ledger, "--checkpoint", ledger / "notes")
    client = answer["logs"][1]
    assert client["lost_from"] < client["lost_to"]
    assert "lost from" in vigie(ledger, "ledger", "verify")
    assert answer["fine"] and client["epoch"] == 2 and client["records"] == kept + 1
    entry = json.loads(vigie(ledger, "ledger", "log", str(kept), "--json"))[0]
    body = json.loads(entry["record"])["body"]
    assert body["old"]["size"] == kept and body["origin"] == client["origin"]
    assert body["outside"].splitlines()[1] == str(3 * HOURS + 8)
    assert body["lost"]["from"] < body["lost"]["to"]

    # A head of the new epoch is outside now, and goes on being one of this ledger.
    (ledger / "later").write_text(vigie(ledger, "ledger", "checkpoint"))
    assert verify(ledger, "--checkpoint", ledger / "later")["fine"]

    # A second restore of the same backup is another history, under another name.
    put_aside(ledger)
    vigie(ledger, "restore", str(ledger / "early"), "--checkpoint", str(ledger / "notes"))
    assert verify(ledger)["logs"][1]["origin"] != client["origin"]
    assert codes(verify(ledger, "--checkpoint", ledger / "later", want=1)) == \
        ["checkpoint-foreign", "checkpoint-foreign"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
@pytest.mark.parametrize("part", [0.5, 1.2, 1.9])
def test_restore_on_a_full_disk_leaves_nothing(ledger, part):
    """Wherever it fills up: it takes twice the room of the ledger, and more."""
    vigie(ledger, "backup", str(ledger / "away"))
    size_kib = (ledger / "away/ledger.db").stat().st_size // 1024
    with small_disk(ledger / "small", int(size_kib * part)) as small:
        (ledger / "vigie.conf").write_text(
            f"[keeper]\nsigning_key = {ledger}/state/signing-key.pem\n"
            f"[paths]\nstate_dir = {small}\nrun_dir = {ledger}/run\n")
        said = json.loads(vigie(ledger, "restore", str(ledger / "away"), "--json", want=3))
        assert "the disk is full" in said["error"]["message"], said
        assert [path.name for path in small.iterdir() if path.stat().st_size] == []


def test_restore_beside_a_keeper_is_refused(tmp_path):
    """It would go on writing to what was put aside."""
    keeper = Keeper(tmp_path).start()
    vigie(tmp_path, "backup", str(tmp_path / "away"))
    put_aside(tmp_path)
    vigie(tmp_path, "restore", str(tmp_path / "away"), want=3)
    assert not keeper.ledger.exists()
    keeper.stop()
    vigie(tmp_path, "restore", str(tmp_path / "away"))
    assert verify(tmp_path)["fine"]


def test_restore_with_a_lost_key(ledger):
    vigie(ledger, "backup", str(ledger / "away"))
    put_aside(ledger)
    old = ledger / "state/signing-key.pem"
    old.rename(ledger / "lost.pem")
    vigie(ledger, "restore", str(ledger / "away"), want=3)  # no key at all
    vigie(ledger, "key", "new")
    vigie(ledger, "restore", str(ledger / "away"))
    assert verify(ledger)["fine"]
    # Who holds the old key only is told that another one signs now.
    assert set(codes(verify(ledger, "--key", ledger / "lost.pem", want=1))) == {"key-unknown"}
