# SPDX-License-Identifier: Apache-2.0
"""`vigie receive` with a caller of our own making: what it takes, what it answers, what it refuses
and why, and what it holds after a kill at any instant."""

import hashlib
import http.client
import json
import os
import random
import re
import socket
import ssl
import subprocess
import threading
import time

import pytest

from supplier import Authority, Log, Receiver, SigningKey, check_receipt
from vigied import ROOT, RUNNING, program, wait_for


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def receiver(tmp_path, authority):
    receiver = Receiver(tmp_path / "r", authority).start()
    yield receiver
    receiver.stop()


def filled(n=5, **options):
    log = Log(**options)
    for i in range(n):
        log.fault(i)
    return log


def test_first_batch_and_the_next(receiver):
    log = filled(5)
    status, answer = receiver.send(log.batch(0))
    assert status == 200, answer
    assert (answer["received"], answer["next"], answer["size"]) == (6, 6, 6)
    check_receipt(log, answer)
    assert receiver.held(log.origin) == log.records
    for i in range(5, 9):
        log.fault(i)
    status, answer = receiver.send(log.batch(6, held=6))
    assert status == 200 and answer["next"] == 10, answer
    check_receipt(log, answer)
    assert receiver.held(log.origin) == log.records
    faults = receiver.lines("fault")
    assert [f["fault"] for f in faults] == [f"{i:016x}" for i in [*range(5), *range(5, 9)]]
    assert faults[0]["where"] == "drive/Bay 3" and faults[0]["severity"] == "critical"


def test_a_head_far_beyond_what_is_sent(receiver):
    """The receipt covers what is held, not what was promised."""
    log = filled(40)
    for first in range(0, 41, 10):
        end = min(first + 10, 41)
        status, answer = receiver.send(log.batch(first, end, held=41 if first else 0))
        assert status == 200 and answer["next"] == end and answer["size"] == 41
        check_receipt(log, answer)
    assert receiver.held(log.origin) == log.records


def test_a_resend_is_held_once(receiver):
    log = filled(8)
    assert receiver.send(log.batch(0, 5))[0] == 200
    status, answer = receiver.send(log.batch(0, 5, held=9))
    assert status == 200 and answer["received"] == 0 and answer["next"] == 5
    check_receipt(log, answer)
    status, answer = receiver.send(log.batch(2, 9, held=9))
    assert status == 200 and answer["received"] == 4 and answer["next"] == 9
    assert receiver.held(log.origin) == log.records
    assert len(receiver.lines("fault")) == 8


def test_a_sender_that_lost_its_place(receiver):
    log = filled(8)
    assert receiver.send(log.batch(0, 4))[0] == 200
    status, answer = receiver.send(log.batch(6, 9, held=9))
    assert status == 409 and answer["error"]["code"] == "gap" and answer["next"] == 4
    log.fault(99)
    status, answer = receiver.send(log.batch(4, held=3))
    assert status == 409 and answer["error"]["code"] == "from" and answer["size"] == 9
    assert receiver.send(log.batch(answer["next"], held=answer["size"]))[0] == 200
    assert receiver.held(log.origin) == log.records


def changed(batch, path, value):
    copy = json.loads(json.dumps(batch))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return copy


def test_what_is_refused(receiver, authority):
    """Nothing of it is kept, and the next true batch is taken."""
    log, other = filled(6), filled(6, appliance="essai-2")
    good = log.batch(0)
    foreign = SigningKey()
    tampered = json.loads(json.dumps(good["events"][2]["data"]))
    tampered["body"]["severity"] = "warning"
    client = Log()
    client.append("usage", {"tenant": "t"}, log="client")
    cases = [
        ("checkpoint", 400, changed(good, ["checkpoint"], "x")),
        ("batch", 400, changed(good, ["proofs"], [])),
        ("batch", 400, {}),
        ("signature", 403, changed(good, ["checkpoint"], log.note(key=foreign))),
        ("key-unknown", 403, changed(good, ["keys"], [])),
        ("key-unknown", 403, changed(good, ["keys"], [other.opening.decode()])),
        ("id", 400, changed(good, ["events", 2, "data"], tampered)),
        ("record", 400, changed(good, ["events", 2, "data"], {"a": 1})),
        ("record", 400, client.batch(0)),
        ("inclusion", 422, changed(good, ["proofs", 2], good["proofs"][3])),
        ("inclusion", 422, changed(good, ["proofs", 2, 0], "00" * 32)),
        ("gap", 409, {**good, "events": good["events"][1:], "proofs": good["proofs"][1:]}),
        ("gap", 409, {**good, "events": good["events"][:2] + good["events"][3:],
                      "proofs": good["proofs"][:2] + good["proofs"][3:]}),
    ]
    for code, status, batch in cases:
        got, answer = receiver.send(batch)
        assert (got, answer["error"]["code"]) == (status, code), (code, got, answer)
    for origin in ("vigie/../shared/0123456789abcdef", "vigie/.x/shared/0123456789abcdef",
                   "vigie/essai-1/client/0123456789abcdef", "vigie/essai-1/shared/0123", "autre"):
        note = log.signed(f"{origin}\n7\n{log.text().splitlines()[2]}\n", name=origin)
        got, answer = receiver.send(changed(good, ["checkpoint"], note))
        assert (got, answer["error"]["code"]) == (403, "origin"), (origin, answer)
    assert receiver.held(log.origin) == []
    assert receiver.ask("/v1/batch", b"{" * 5000)[0] == 400
    assert receiver.ask("/v1/other", b"{}")[0] == 404
    assert receiver.ask("/v1/batch", None, method="GET")[0] == 405
    assert receiver.send(good)[0] == 200 and receiver.held(log.origin) == log.records
    told = receiver.lines("refused")
    assert len(told) == 1 and told[0]["peer"] == "essai-1", "a flood of refusals fills no screen"


def test_two_histories(receiver):
    """A log rewritten after its head was held: refused, told, kept as evidence."""
    log = filled(6)
    assert receiver.send(log.batch(0))[0] == 200
    fork = Log(key=log.key)
    fork.records = log.records[:3]
    for i in range(20, 26):
        fork.fault(i)
    status, answer = receiver.send(fork.batch(7, held=7))
    assert status == 422 and answer["error"]["code"] == "conflict"
    same = Log(key=log.key)
    same.records = log.records[:6]
    same.fault(77)
    assert receiver.send(same.batch(7))[1]["error"]["code"] == "conflict"
    shorter = Log(key=log.key)
    shorter.records = log.records[:4]
    assert receiver.send(shorter.batch(4))[1]["error"]["code"] == "older"
    assert receiver.held(log.origin) == log.records
    assert len(receiver.lines("conflict")) == 2
    assert (receiver.dir / log.origin / "conflict").read_text().startswith(f"{log.origin}\n9\n")
    log.fault(7)
    assert receiver.send(log.batch(7, held=7))[0] == 200


def test_a_new_epoch_is_another_log(receiver):
    """After a restore: a new origin, which its own record vouches for; all of it comes again."""
    log = filled(4)
    assert receiver.send(log.batch(0))[0] == 200
    again = Log(key=SigningKey(), nonce=bytes(range(16)), records=log.records[:3])
    again.fault(9)
    status, answer = receiver.send(again.batch(0))
    assert status == 200 and answer["next"] == 5, answer
    assert receiver.held(again.origin) == again.records and receiver.held(log.origin) == log.records
    assert len(receiver.lines("met")) == 2


def test_one_certificate_speaks_for_one_appliance(receiver, authority):
    log = filled(3)
    assert receiver.send(log.batch(0))[0] == 200
    thief = authority.issue("voleur")
    log.fault(5)
    status, answer = receiver.send(log.batch(4, held=4), identity=thief)
    assert status == 403 and answer["error"]["code"] == "peer", answer
    mine = filled(2, appliance="essai-1")
    assert receiver.send(mine.batch(0), identity=thief)[1]["error"]["code"] == "peer"
    renewed = authority.issue("essai-1")
    assert receiver.send(log.batch(4, held=4), identity=renewed)[0] == 200


def test_a_key_that_was_named(tmp_path, authority):
    log, other = filled(2), filled(2)
    fingerprint = hashlib.sha256(log.key.public).hexdigest()
    receiver = Receiver(tmp_path / "r", authority, key=fingerprint).start()
    assert receiver.send(other.batch(0))[1]["error"]["code"] == "key"
    assert receiver.send(log.batch(0))[0] == 200
    receiver.stop()


def test_who_may_not_even_ask(receiver, authority, tmp_path):
    log = filled(1)
    stranger = Authority(tmp_path / "other").issue("essai-1")
    old = authority.issue("essai-1", days=-1)
    server = authority.issue("essai-1", usage="serverAuth")
    for identity in (None, stranger, old, server):
        with pytest.raises((ssl.SSLError, ConnectionError, OSError)):
            receiver.send(log.batch(0), identity=identity)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        receiver.send(log.batch(0), maximum_version=ssl.TLSVersion.TLSv1_1,
                      minimum_version=ssl.TLSVersion.TLSv1)
    assert receiver.held(log.origin) == []
    wait_for("the reason", lambda: receiver.lines("refused"))
    assert receiver.lines("refused")[0]["peer"] == "TLS"
    assert receiver.send(log.batch(0), maximum_version=ssl.TLSVersion.TLSv1_2)[0] == 200


def test_rude_callers(receiver):
    """Malformed, oversized, endless, ambiguous: each is ended, and the next caller is served."""
    log = filled(2)
    body = json.dumps(log.batch(0)).encode()
    head = b"POST /v1/batch HTTP/1.1\r\nHost: x\r\n"
    cases = [
        (b"\0" * 4000, None),
        (b"GET\r\n\r\n", None),
        (head + b"Content-Length: 99999999999\r\n\r\n", b"413"),
        (head + b"Content-Length: -1\r\n\r\n", b"400"),
        (head + b"X: " + b"a" * 70000 + b"\r\n\r\n", None),
        (head + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", b"400"),
        (head + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", b"400"),
        (b"POST /v1/batch HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", b"400"),
        (b"POST http://y/v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", b"400"),
        (b"POST /v1/batch HTTP/1.1\r\nHost : x\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", b"400"),
        (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", b"501"),
    ]
    for said, wanted in cases:
        with receiver.connect() as s:
            s.settimeout(15)
            try:
                s.sendall(said)
                if wanted is None:
                    s.unwrap()
            except (ConnectionError, ssl.SSLError, OSError):
                pass
            answer = b""
            try:
                while wanted and (part := s.recv(4096)):
                    answer += part
            except (ConnectionError, ssl.SSLError, TimeoutError):
                pass
            if wanted:
                assert answer.split(b" ")[1:2] == [wanted], (said[:90], answer[:300])
    assert receiver.ask("/v1/batch", body)[0] == 200
    assert receiver.held(log.origin) == log.records


def test_a_crowd_without_certificates_locks_nobody_out(receiver):
    """More idle connections than there is room for: those without a certificate make room."""
    log = filled(2)
    crowd = [socket.create_connection(("127.0.0.1", receiver.port)) for _ in range(120)]
    try:
        started = time.monotonic()
        assert receiver.send(log.batch(0))[0] == 200
        assert time.monotonic() - started < 5
        held = os.listdir(f"/proc/{receiver.process.pid}/fd")
        assert len(held) < 60, "connections beyond the limit were kept"
    finally:
        for s in crowd:
            s.close()


def test_a_silent_handshake_ends(receiver):
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=20) as s:
        started = time.monotonic()
        assert s.recv(1) == b""
        assert 8 < time.monotonic() - started < 15


@pytest.mark.long
def test_a_dripping_request_ends(receiver):
    """One byte a second never idles; the deadline is absolute."""
    with receiver.connect() as s:
        started = time.monotonic()
        with pytest.raises((ssl.SSLError, ConnectionError, OSError)):
            s.sendall(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
            while time.monotonic() - started < 90:
                s.sendall(b" ")
                time.sleep(1)
            assert False, "it was let drip"
        assert 50 < time.monotonic() - started < 75


def test_what_it_says_to_people(tmp_path, authority):
    receiver = Receiver(tmp_path / "r", authority)
    log = filled(1)
    hostile = log.fault(5, location="\x1b]0;x\x07\n2027-01-01 forged ‮")
    assert hostile
    words = ["--listen", f"127.0.0.1:{receiver.port}", "--dir", str(receiver.dir), "--certificate",
             str(receiver.certificate[0]), "--private-key", str(receiver.certificate[1]),
             "--client-ca", str(authority.pem)]
    said = {}
    for lang in ("fr", "en"):
        process = subprocess.Popen([program("vigie"), "receive", "--lang", lang, "--config",
                                    "/dev/null", *words], stdout=subprocess.PIPE, text=True)
        receiver.process = process
        wait_for("the receiver", receiver.is_up)
        status, answer = receiver.send(log.batch(0 if lang == "fr" else 3, held=0 if lang == "fr" else 3))
        assert status == 200, answer
        log.fault(6)
        process.terminate()
        said[lang] = process.communicate(timeout=20)[0]
        assert process.returncode == 0
    for text in said.values():
        assert "\x1b" not in text and "\x07" not in text and "‮" not in text
        assert all(line[:2] == "20" for line in text.splitlines())
    assert "■ essai-1" in said["fr"] and "à comparer" in said["fr"]
    assert "Listening" in said["en"] and "■ essai-1" in said["en"]


def test_wrong_use(tmp_path, authority):
    receiver = Receiver(tmp_path / "r", authority)
    words = [program("vigie"), "receive", "--config", "/dev/null", "--lang", "en", "--dir",
             str(tmp_path / "d"), "--certificate", str(receiver.certificate[0]), "--private-key",
             str(receiver.certificate[1]), "--client-ca", str(authority.pem)]

    def run(*more):
        return subprocess.run([*words, *more], capture_output=True, text=True, timeout=20)

    assert run().returncode == 2 and "--listen" in run().stderr
    for address in ("nowhere", "127.0.0.1", "127.0.0.1:99999"):
        assert run("--listen", address).returncode == 3
    assert run("--listen", "127.0.0.1:0", "--private-key", str(authority.key)).returncode == 3
    assert run("--listen", "127.0.0.1:0", "--client-ca", "/dev/null").returncode == 3
    assert run("--listen", "127.0.0.1:0", "--silent-after", "soon").returncode == 2
    receiver.start()
    taken = run("--listen", "127.0.0.1:0", "--dir", str(receiver.dir))
    assert taken.returncode == 3 and "uses it" in taken.stderr, taken.stderr
    receiver.stop()


def test_silence(tmp_path, authority):
    receiver = Receiver(tmp_path / "r", authority, **{"silent-after": 2}).start()
    log = filled(1)
    assert receiver.send(log.batch(0))[0] == 200
    wait_for("the silence", lambda: receiver.lines("silent"), 10)
    assert receiver.lines("silent")[0]["appliance"] == "essai-1"
    log.fault(2)
    assert receiver.send(log.batch(2, held=2))[0] == 200
    wait_for("the news", lambda: receiver.lines("heard"), 10)
    receiver.stop()
    time.sleep(2.5)
    receiver.start()
    wait_for("the silence, over a stop", lambda: len(receiver.lines("silent")) == 2, 3)
    receiver.stop()


def heartbeat(log, at=None, root=None, name=None, **options):
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at or time.time()))
    _, size, own = log.text().splitlines()
    origin = name or log.origin.replace("/shared/", "/heartbeat/")
    return log.signed(f"{origin}\n{when}\nshared {size} {root or own}\n", name=origin, **options)


def test_heartbeats(receiver, authority):
    """Only those of a log that is known, by its key, from its certificate; an old one is no news."""
    log = filled(3)

    def beat(note, **options):
        return receiver.ask("/v1/heartbeat", note.encode(), **options)

    assert beat(heartbeat(log))[0] == 404
    assert receiver.send(log.batch(0))[0] == 200
    assert beat(heartbeat(log)) == (200, {})
    kept = receiver.dir / "vigie" / "essai-1" / "heartbeat"
    newest = heartbeat(log, time.time() + 60)
    assert beat(newest)[0] == 200 and kept.read_text() == newest
    assert beat(heartbeat(log, time.time() - 600))[0] == 200 and kept.read_text() == newest
    assert beat(heartbeat(log, key=SigningKey()))[1]["error"]["code"] == "signature"
    assert beat(heartbeat(log), identity=authority.issue("voleur"))[1]["error"]["code"] == "peer"
    assert beat("x")[0] == 400 and beat(log.note())[0] == 400
    lie = heartbeat(log, time.time() + 90, root="A" * 43 + "=")
    assert beat(lie)[1]["error"]["code"] == "conflict" and receiver.lines("conflict")
    assert (receiver.dir / log.origin / "conflict").read_text() == lie


@pytest.mark.parametrize("half, folder", [(0, "recu"), (1, "received")])
def test_the_readme(tmp_path, half, folder):
    """Its lines, in each language, run by a shell; an appliance of that name then delivers."""
    text = (ROOT / "README.md").read_text()
    recipes = re.findall(r"(?ms)^```sh\n(openssl req -x509.*?)^```$", text)
    assert len(recipes) == 2
    receiver = Receiver(tmp_path / "r")
    recipe = recipes[half].replace("127.0.0.1:8443", f"127.0.0.1:{receiver.port}")
    recipe = recipe.replace("vigie receive", "exec vigie receive")
    with open(receiver.log, "wb") as log:
        receiver.process = subprocess.Popen(
            ["bash", "-euc", recipe], cwd=tmp_path, stdout=log, stderr=log,
            env={"PATH": f"{program('vigie').parent}:/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                 "VIGIE_CONFIG": "/dev/null"})
    RUNNING.add(receiver.process)
    wait_for("the receiver", receiver.is_up)
    receiver.authority.pem = tmp_path / "ca.pem"
    receiver.own = tmp_path / "vigie-01.pem", tmp_path / "vigie-01.key"
    log = filled(2, appliance="vigie-01")
    assert receiver.send(log.batch(0))[0] == 200
    assert (tmp_path / folder / log.origin / "records.jsonl").read_bytes().splitlines() == log.records
    receiver.stop()


def test_a_kill_at_any_instant(tmp_path, authority):
    """The receiver dies again and again, at random; the caller resends what was not answered. Each
    record is held once, in order, and every receipt still speaks the truth."""
    seed = random.randrange(1 << 32)
    rng = random.Random(seed)
    deaths = 200 if os.environ.get("VIGIE_LONG") == "1" else 20
    receiver = Receiver(tmp_path / "r", authority, release=True).start()
    log, at, held, receipts = filled(2), 0, 3, []
    empty = log.batch(0, 0)
    started = time.monotonic()
    assert receiver.send(empty)[0] == 200
    lifetime = 3 * (time.monotonic() - started)
    for _ in range(deaths):
        for i in range(rng.randrange(1, 9)):
            log.fault(i)
        batch = log.batch(at, held=held)
        killer = threading.Timer(rng.uniform(0, lifetime), receiver.process.kill)
        killer.start()
        try:
            while True:
                status, answer = receiver.send(batch)
                assert status in (200, 409), answer
                receipts += [answer] if status == 200 else []
                at, held = answer["next"], answer["size"]
                batch = log.batch(at, held=held)
        except (OSError, http.client.HTTPException):
            pass
        killer.join()
        receiver.process.wait()
        whole = receiver.held(log.origin)[:-1]
        assert whole == log.records[:len(whole)] and len(whole) + 1 >= at, seed
        receiver.start()
    status, answer = receiver.send(log.batch(at, held=held))
    if status == 409:
        status, answer = receiver.send(log.batch(answer["next"], held=answer["size"]))
    assert status == 200 and receiver.held(log.origin) == log.records, seed
    for answer in receipts[-3:]:
        check_receipt(log, answer)
    assert len(receipts) > deaths // 10, "it never lived long enough to answer"
    receiver.stop()
    print(f"seed {seed}: {deaths} deaths, {len(log.records)} records, {len(receipts)} receipts")
