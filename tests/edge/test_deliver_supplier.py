# SPDX-License-Identifier: Apache-2.0
"""From the keeper's ledger to the supplier's disk, by the real deliverer and the real receiver: every
record of the shared log once, in order, byte for byte, with a receipt that openssl agrees with; past
bad servers, through kills of all three, and after a partition."""

import base64
import json
import os
import random
import sqlite3
import subprocess
import time

import pytest

from badserver import KINDS, Bad, old_tls
from deliver import Deliverer, Hook, approve, keeper_with, recipient
from supplier import Authority, Log, Receiver, openssl, verifies
from vigied import RUNNING, program, wait_for


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


def supplier(port, name="r-four", **members):
    return recipient(name, "supplier_maintenance", webhook=f"https://localhost:{port}/", **members)


class Chain:
    """Keeper, deliverer, and what they deliver to."""

    def __init__(self, folder, authority, recipients, release=False, **deliver):
        self.keeper = keeper_with(folder / "k", recipients, release=release,
                                  checkpoint_interval="1s")
        ports = [r["webhook"].split(":")[2].split("/")[0] for r in recipients if "webhook" in r]
        hosts = "\n ".join(f"localhost:{port}" for port in ports)
        self.deliverer = Deliverer(self.keeper, {"mode": "listed", "hosts": hosts,
                                                 "networks": "127.0.0.0/8 ::1"},
                                   {"ca": authority.pem, "heartbeat_interval": "2s", **deliver},
                                   release=release)
        pem, key = authority.issue(self.keeper.appliance)
        (self.deliverer.keys / "client.pem").write_bytes(pem.read_bytes())
        (self.deliverer.keys / "client.key").write_bytes(key.read_bytes())
        for port in ports:
            approve(self.keeper, f"localhost:{port}")
        self.n_faults = 0
        self.keeper_restarts = 0

    def faults(self, n):
        """So many drives fail, each by its own record."""
        client = self.keeper.client(source="vigie-hardware")
        for _ in range(n):
            self.n_faults += 1
            seen = {"kind": "state", "health": "critical", "code": "drive.failed", "text": "FAILED",
                    "component": {"class": "drive", "location": f"Bay {self.n_faults}",
                                  "serial": f"D{self.n_faults:06}"}}
            answer = client.ask("sightings", {"source": "redfish", "status": "partial",
                                              "sightings": [seen], "at_s": int(time.time())})
            assert answer["ok"], answer
        client.close()

    def shared(self):
        """The records of the shared log, to the byte."""
        return [bytes(row[0]) for row in self.keeper.sql(
            "SELECT bytes FROM records WHERE id < 1 << 48 ORDER BY id")]

    def origin(self):
        return json.loads(self.shared()[0])["body"]["origin"]

    def memory(self, query, *arguments):
        db = sqlite3.connect(f"file:{self.deliverer.state}/deliver.db?mode=ro", uri=True, timeout=10)
        try:
            return db.execute(query, arguments).fetchall()
        finally:
            db.close()

    def cursor(self, destination="r-four/supplier"):
        rows = self.memory("SELECT shared FROM stream WHERE destination = ? AND name = 'records'",
                           destination)
        return rows[0][0] if rows else 0

    def receipt(self, destination="r-four/supplier"):
        rows = self.memory("SELECT text FROM receipt WHERE destination = ?", destination)
        return json.loads(rows[0][0]) if rows else None

    def wait_held(self, receiver, seconds=40):
        def look():
            held, wanted = receiver.held(self.origin()), self.shared()
            assert held == wanted[:len(held)], "not the records of the log, in order, once"
            return held == wanted
        wait_for("all of the shared log at the supplier's", look, seconds)

    def check_receipt(self, destination="r-four/supplier"):
        """By openssl alone, over the head of our own records."""
        receipt = self.receipt(destination)
        log = Log.__new__(Log)
        log.origin, log.records = self.origin(), self.shared()
        text, line = receipt["note"].split("\n\n")
        assert text + "\n" == log.text(receipt["size"])
        blob = base64.b64decode(line.split(" ")[2])
        when = int.from_bytes(blob[4:12], "big")
        message = f"cosignature/v1\ntime {when}\n{text}\n".encode()
        assert verifies(base64.b64decode(receipt["key"]), message, blob[12:])
        return receipt

    def stop(self):
        self.deliverer.stop()
        self.keeper.stop()


@pytest.fixture
def receiver(tmp_path, authority):
    receiver = Receiver(tmp_path / "r", authority)
    receiver.start()
    yield receiver
    if receiver.process.poll() is None:
        receiver.stop()


def test_end_to_end(tmp_path, authority, receiver):
    chain = Chain(tmp_path, authority, [supplier(receiver.port)])
    chain.faults(3)
    chain.deliverer.start()
    chain.wait_held(receiver)
    wait_for("the receipt", lambda: chain.receipt() and
             chain.receipt()["size"] == len(chain.shared()))
    chain.check_receipt()
    assert {f["where"] for f in receiver.lines("fault")} == {f"drive/Bay {i}" for i in (1, 2, 3)}
    kinds = {json.loads(line)["type"] for line in receiver.held(chain.origin())}
    assert kinds <= {"origin", "life", "fault", "inventory", "session", "alert", "key"}, kinds
    assert all(json.loads(line)["log"] == "shared" for line in receiver.held(chain.origin()))
    chain.faults(2)
    chain.wait_held(receiver)
    heartbeat = receiver.dir / "vigie" / "vigie-t1" / "heartbeat"
    wait_for("a heartbeat", heartbeat.exists)
    assert "client" not in heartbeat.read_text(), "the client's log is none of the supplier's business"
    chain.stop()


def test_sender_and_receiver_that_forget(tmp_path, authority, receiver):
    """deliver.db is lost: nothing twice. The supplier's folder is lost: everything again."""
    chain = Chain(tmp_path, authority, [supplier(receiver.port)])
    chain.faults(5)
    chain.deliverer.start()
    chain.wait_held(receiver)
    chain.deliverer.stop()
    for path in chain.deliverer.state.iterdir():
        path.unlink()
    chain.faults(2)
    chain.deliverer.start()
    chain.wait_held(receiver)
    wait_for("the receipt again", chain.receipt)
    receiver.stop()
    (receiver.dir / chain.origin() / "records.jsonl").unlink()
    (receiver.dir / chain.origin() / "checkpoint").unlink()
    receiver.start()
    chain.faults(1)
    chain.wait_held(receiver, 60)
    chain.check_receipt()
    chain.stop()


def test_only_by_the_keys_let_in(tmp_path, authority, receiver):
    """From the first grant on, what the authority signed is not enough; a revocation is obeyed by the
    next push."""
    def access(verb, *words):
        done = subprocess.run([program("vigie"), "access", verb, "supplier_maintenance",
                               *map(str, words), "--config", chain.keeper.config, "--json"],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr

    chain = Chain(tmp_path, authority, [supplier(receiver.port)])
    chain.deliverer.start()
    chain.wait_held(receiver)
    access("grant", "--certificate", authority.issue("autre")[0])
    chain.faults(1)
    chain.deliverer.wait_word("does not match pinned public key")
    n = len(receiver.held(chain.origin()))
    assert n < len(chain.shared())
    access("grant", "--certificate", receiver.certificate[0])
    chain.wait_held(receiver, 60)
    access("revoke", "--reason", "fin d'essai")
    chain.deliverer.wait_word("aucun certificat du fournisseur n'est admis")
    n = len(receiver.held(chain.origin()))
    chain.faults(1)
    time.sleep(4)
    assert len(receiver.held(chain.origin())) == n < len(chain.shared())
    access("grant", "--certificate", receiver.certificate[0])
    chain.wait_held(receiver, 60)
    chain.stop()


def test_a_cosigner_that_was_named(tmp_path, authority, receiver):
    """Only that key's receipts count."""
    chain = Chain(tmp_path, authority, [supplier(receiver.port)], retry_longest="3s")
    named = chain.deliverer.keys / "cosigner-r-four"
    named.write_bytes(openssl("pkey", "-in", chain.keeper.key, "-pubout"))
    chain.deliverer.start()
    chain.deliverer.wait_word("accusé de réception invalide")
    assert chain.cursor() == 0 and chain.receipt() is None
    chain.deliverer.stop()
    named.write_bytes(openssl("pkey", "-in", receiver.dir / "cosign.pem", "-pubout"))
    chain.deliverer.start()
    wait_for("the receipt", chain.receipt, 40)
    chain.check_receipt()
    chain.wait_held(receiver)
    chain.stop()


def test_bad_servers(tmp_path, authority):
    """Fourteen bad ones at once beside two good: these are not delayed, nothing is taken for
    delivered that was not, nobody is led elsewhere; once each heals, all of it arrives once."""
    receiver = Receiver(tmp_path / "r", authority)
    receiver.start()
    good = receiver.certificate
    certificates = {"expired": authority.issue("localhost", "serverAuth", days=-1),
                    "wrong-name": authority.issue("ailleurs", "serverAuth", host="ailleurs.example")}
    bad = {kind: Bad(kind, certificates.get(kind, good)) for kind in KINDS}
    elsewhere = Bad("empty", good)
    bad["redirect"].elsewhere = elsewhere.port
    foreign = Log("autre")
    other = Receiver(tmp_path / "other", authority)
    other.start()
    bad["false-receipt"].receipt = other.send(foreign.batch(0))[1]
    other.stop()
    old = old_tls(bad["tls-1.1"].port, good)
    RUNNING.add(old)
    hook = Hook(authority, certificate=good)
    recipients = [supplier(b.port, f"r-{kind.replace('.', '-')}") for kind, b in bad.items()]
    recipients += [supplier(receiver.port), recipient(webhook=f"https://localhost:{hook.port}/h")]
    chain = Chain(tmp_path, authority, recipients, retry_longest="10s")
    chain.deliverer.start()
    chain.wait_held(receiver)
    slowest = 0
    for _ in range(12):
        started = time.monotonic()
        chain.faults(1)
        chain.wait_held(receiver, 8)
        wait_for("the webhook", lambda: len(hook.events("fault")) == chain.n_faults, 8)
        slowest = max(slowest, time.monotonic() - started)
        time.sleep(1)
    wait_for("every bad one to be tried", lambda: all(
        row[0] for row in chain.memory("SELECT failures FROM destination WHERE name NOT LIKE "
                                       "'r-four%' AND name NOT LIKE 'r-ti%'")), 80)
    for kind in KINDS:
        name = f"r-{kind.replace('.', '-')}/supplier"
        assert chain.cursor(name) == 0, f"{kind}: something was taken for delivered"
        assert chain.receipt(name) is None
        assert chain.memory("SELECT count(*) FROM aside WHERE destination = ?", name) == [(0,)]
    assert elsewhere.connections == 0, "it followed the redirection"
    assert not bad["expired"].requests and not bad["wrong-name"].requests, \
        "it spoke to a server that it could not know"
    assert bad["busy"].requests and bad["error"].requests
    old.kill()
    old.wait()
    for b in bad.values():
        b.heal(receiver.port)
    chain.faults(1)
    names = [f"r-{kind.replace('.', '-')}/supplier" for kind in KINDS]

    def all_caught_up():
        return all(chain.cursor(name) == len(chain.shared()) for name in names)
    wait_for("all that healed to catch up", all_caught_up, 150)
    assert receiver.held(chain.origin()) == chain.shared()
    for name in names:
        assert chain.receipt(name)
    chain.stop()
    receiver.stop()
    hook.close()
    print(f"slowest record past {len(KINDS)} bad servers: {slowest:.2f} s")


def kill_and_start(chain, receiver, which):
    if which == "receiver":
        receiver.kill()
        receiver.start(wait=False)
    elif which == "sender":
        chain.deliverer.kill()
        chain.deliverer.start()
    else:
        chain.keeper.kill()
        chain.keeper.start()


def test_kills_of_all_three(tmp_path, authority):
    """Sender, keeper and receiver die in turn while faults come in."""
    seed = random.randrange(1 << 32)
    rng = random.Random(seed)
    deaths = 200 if os.environ.get("VIGIE_LONG") == "1" else 20
    receiver = Receiver(tmp_path / "r", authority, release=True)
    receiver.start()
    chain = Chain(tmp_path, authority, [supplier(receiver.port)], release=True)
    chain.deliverer.start()
    for death in range(deaths):
        chain.faults(rng.randrange(1, 6))
        time.sleep(rng.uniform(0, 0.8))
        kill_and_start(chain, receiver, ("sender", "keeper", "receiver")[death % 3])
    wait_for("the receiver", receiver.is_up)
    chain.faults(1)
    chain.wait_held(receiver, 120)
    faults = [json.loads(r) for r in receiver.held(chain.origin())]
    opened = [r["body"]["component"]["location"] for r in faults
              if r["type"] == "fault" and r["body"]["event"] == "opened"]
    assert opened == [f"Bay {i + 1}" for i in range(chain.n_faults)], seed
    told = [f["where"] for f in receiver.lines("fault") if f["change"] == "opened"]
    assert len(told) == len(set(told)), "a fault was told twice"
    wait_for("the receipt", lambda: chain.receipt()["size"] == len(chain.shared()), 60)
    chain.check_receipt()
    chain.stop()
    receiver.stop()
    print(f"seed {seed}: {deaths} deaths, {len(faults)} records, {chain.n_faults} faults")


def test_partition(tmp_path, authority, receiver):
    """No link leads anywhere for a while (ten minutes with VIGIE_LONG=1), then all do."""
    front = Bad("black-hole", receiver.certificate)
    cut = Bad("reset", receiver.certificate)
    chain = Chain(tmp_path, authority, [supplier(front.port), supplier(cut.port, "r-autre")],
                  retry_longest="20s")
    chain.deliverer.start()
    end = time.monotonic() + (600 if os.environ.get("VIGIE_LONG") == "1" else 12)
    while time.monotonic() < end:
        chain.faults(2)
        time.sleep(1)
    assert chain.cursor() == 0 and not receiver.dir.joinpath("vigie").exists()
    front.heal(receiver.port)
    cut.heal(receiver.port)
    chain.faults(1)
    chain.wait_held(receiver, 120)
    for name in ("r-four/supplier", "r-autre/supplier"):
        wait_for(name, lambda n=name: chain.cursor(n) == len(chain.shared()), 120)
        chain.check_receipt(name)
    told = [f["where"] for f in receiver.lines("fault") if f["change"] == "opened"]
    assert sorted(told) == sorted(f"drive/Bay {i + 1}" for i in range(chain.n_faults))
    chain.stop()
