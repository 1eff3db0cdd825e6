# SPDX-License-Identifier: Apache-2.0
"""A receiver follows a log whose key changes, as far as the pinned key says so and no further."""

import base64
import subprocess

import pytest

from supplier import Authority, Log, Receiver, SigningKey, check_receipt


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def receiver(tmp_path, authority):
    receiver = Receiver(tmp_path / "r", authority).start()
    yield receiver
    receiver.stop()


def b64(data):
    return base64.b64encode(data).decode()


def let(log, new, signer=None):
    """The record by which the key lets another take over; signer: who really signs it."""
    text = f"vigie key\n{log.origin}\n{b64(new.public)}\n".encode()
    return log.append("key", {"appliance": log.appliance, "event": "next", "old": b64(log.key.public),
                              "origin": log.origin, "public_key": b64(new.public),
                              "signature": b64((signer or log.key).sign(text))}).decode()


def take(log, new):
    log.append("key", {"appliance": log.appliance, "event": "taken", "old": b64(log.key.public),
                       "origin": log.origin, "public_key": b64(new.public)})
    log.key = new


def batch(log, first, held, keys):
    return {**log.batch(first, held=held), "keys": keys}


def pinned(receiver, log):
    path = receiver.dir / log.origin / "key.pem"
    der = subprocess.run(["openssl", "pkey", "-pubin", "-in", path, "-outform", "DER"],
                         capture_output=True, check=True).stdout
    return der[-32:]


def test_it_follows(receiver):
    log = Log()
    log.fault(1)
    assert receiver.send(log.batch(0))[0] == 200
    keys = [log.opening.decode()]
    for _ in range(2):
        held, new, never = len(log.records), SigningKey(), SigningKey()
        keys.append(let(log, never))  # a rotation that came to nothing
        keys.append(let(log, new))
        take(log, new)
        log.fault(held)
        status, answer = receiver.send(batch(log, held, held, []))
        assert status == 403 and answer["error"]["code"] == "signature"
        assert pinned(receiver, log) != new.public
        status, answer = receiver.send(batch(log, held, held, keys))
        assert status == 200, answer
        check_receipt(log, answer)
        assert pinned(receiver, log) == new.public and receiver.held(log.origin) == log.records
    receiver.stop()
    receiver.start()
    held = len(log.records)
    log.fault(99)
    assert receiver.send(log.batch(held, held=held))[0] == 200


def test_it_follows_two_at_once(receiver):
    """It was away while the key changed twice."""
    log = Log()
    assert receiver.send(log.batch(0))[0] == 200
    keys = []
    for _ in range(2):
        new = SigningKey()
        keys.append(let(log, new))
        take(log, new)
    assert receiver.send(batch(log, 1, 1, keys))[0] == 200
    assert pinned(receiver, log) == log.key.public


def test_what_it_does_not_follow(receiver):
    log = Log()
    old = log.key
    assert receiver.send(log.batch(0))[0] == 200
    new, stranger = SigningKey(), SigningKey()
    forged = let(log, new, signer=stranger)
    other = let(Log(appliance="essai-2", key=old), new)
    take(log, new)
    for keys in ([forged], [other], ["{}"], [7], [forged, other]):
        status, answer = receiver.send(batch(log, 1, 1, keys))
        assert status == 403 and answer["error"]["code"] == "signature", keys
    assert pinned(receiver, log) == old.public


def test_killed_between_head_and_key(receiver):
    log = Log()
    assert receiver.send(log.batch(0))[0] == 200
    folder = receiver.dir / log.origin
    before = (folder / "key.pem").read_bytes()
    new = SigningKey()
    keys = [let(log, new)]
    take(log, new)
    assert receiver.send(batch(log, 1, 1, keys))[0] == 200
    receiver.stop()
    (folder / "key.pem").write_bytes(before)
    receiver.start()
    assert pinned(receiver, log) == new.public
    log.fault(5)
    assert receiver.send(log.batch(3, held=3))[0] == 200
