# SPDX-License-Identifier: Apache-2.0
"""The two ends of what goes to a supplier, for the tests: an authority of their own, a log made and
proved in plain Python (RFC 6962 and C2SP read once more, sharing no code with the first reading), a
sender of batches, and the real `vigie receive`."""

import base64
import hashlib
import http.client
import json
import os
import pathlib
import secrets
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time

from vigied import RUNNING, free_port, merkle_root, program, wait_for


def openssl(*words, text=None):
    return subprocess.run(["openssl", *map(str, words)], input=text, check=True,
                          capture_output=True).stdout


class Authority:
    """Signs certificates for the time of a test."""

    def __init__(self, folder, name="Autorité d'essai"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.pem, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.key, "-out", self.pem, "-days", 30, "-subj", f"/CN={name}", "-utf8",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, name, usage="clientAuth", days=20, host=None):
        """(certificate, key) of that common name. days < 0: expired already."""
        stem = self.folder / f"{name}-{secrets.token_hex(3)}"
        pem, key, request, extra = (stem.with_suffix(s) for s in (".pem", ".key", ".csr", ".ext"))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                key, "-out", request, "-subj", f"/CN={name}", "-utf8")
        names = f"subjectAltName=IP:127.0.0.1,DNS:{host or 'localhost'}\n"
        if host:
            names = f"subjectAltName=DNS:{host}\n"
        extra.write_text(f"basicConstraints=CA:FALSE\nextendedKeyUsage={usage}\n{names}")
        openssl("x509", "-req", "-in", request, "-CA", self.pem, "-CAkey", self.key, "-out", pem,
                "-days", days, "-extfile", extra, "-set_serial", secrets.randbits(60))
        return pem, key


# ---- a log ----

def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def leaf_hash(record):
    return hashlib.sha256(b"\0" + record).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def split_at(n):
    return 1 << ((n - 1).bit_length() - 1)


def inclusion(leaves, i):
    if len(leaves) == 1:
        return []
    k = split_at(len(leaves))
    if i < k:
        return inclusion(leaves[:k], i) + [merkle_root(leaves[k:])]
    return inclusion(leaves[k:], i - k) + [merkle_root(leaves[:k])]


def consistency(leaves, m, whole=True):
    """RFC 6962, 2.1.2: SUBPROOF(m, D[n], whole)."""
    if m == len(leaves):
        return [] if whole else [merkle_root(leaves)]
    k = split_at(len(leaves))
    if m <= k:
        return consistency(leaves[:k], m, whole) + [merkle_root(leaves[k:])]
    return consistency(leaves[k:], m - k, False) + [merkle_root(leaves[:k])]


class SigningKey:
    def __init__(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "k"
            self.pem = openssl("genpkey", "-algorithm", "ed25519")
            path.write_bytes(self.pem)
            self.public = openssl("pkey", "-in", path, "-pubout", "-outform", "DER")[-32:]

    def sign(self, message):
        with tempfile.TemporaryDirectory() as folder:
            key, text = pathlib.Path(folder) / "k", pathlib.Path(folder) / "m"
            key.write_bytes(self.pem)
            text.write_bytes(message)
            return openssl("pkeyutl", "-sign", "-inkey", key, "-rawin", "-in", text)


def verifies(public, message, signature):
    der = bytes.fromhex("302a300506032b6570032100") + public
    with tempfile.TemporaryDirectory() as folder:
        key, text, sig = (pathlib.Path(folder) / n for n in "kms")
        key.write_bytes(der)
        text.write_bytes(message)
        sig.write_bytes(signature)
        done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey",
                               key, "-rawin", "-in", text, "-sigfile", sig], capture_output=True)
        return done.returncode == 0


class Log:
    """The shared log of one appliance, as the keeper would write it."""

    def __init__(self, appliance="essai-1", key=None, nonce=None, records=()):
        self.appliance, self.key = appliance, key or SigningKey()
        identity = hashlib.sha256(self.key.public + (nonce or b"")).hexdigest()[:16]
        self.origin = f"vigie/{appliance}/shared/{identity}"
        self.records = list(records)
        body = {"appliance": appliance, "epoch": 2 if nonce else 1, "origin": self.origin,
                "public_key": base64.b64encode(self.key.public).decode(), "version": "0"}
        if nonce:
            body["nonce"] = nonce.hex()
        self.opening = self.append("epoch" if nonce else "origin", body)

    def append(self, kind, body, log="shared"):
        self.records.append(canonical({
            "body": body, "log": log, "salt": secrets.token_hex(16), "seq": len(self.records),
            "type": kind, "utc_ns": time.time_ns(), "v": 1}))
        return self.records[-1]

    def fault(self, number=1, event="opened", title="drive.failed", location="Bay 3"):
        return self.append("fault", {
            "at_s": int(time.time()), "code": title, "component": {
                "class": "drive", "location": location, "manufacturer": "Vigie", "model": "D-1000"},
            "count": 1, "episode": 1, "event": event, "evidence": [], "first_s": int(time.time()),
            "id": f"{number:016x}", "last_s": int(time.time()), "severity": "critical",
            "state": "failed" if event == "opened" else "cleared"})

    def leaves(self, size=None):
        return [leaf_hash(r) for r in self.records[:size]]

    def text(self, size=None):
        size = len(self.records) if size is None else size
        root = base64.b64encode(merkle_root(self.leaves(size))).decode()
        return f"{self.origin}\n{size}\n{root}\n"

    def signed(self, text, key=None, name=None):
        key, name = key or self.key, name or self.origin
        key_id = hashlib.sha256(name.encode() + b"\n\x01" + key.public).digest()[:4]
        blob = base64.b64encode(key_id + key.sign(text.encode())).decode()
        return f"{text}\n— {name} {blob}\n"

    def note(self, size=None, **options):
        return self.signed(self.text(size), **options)

    def event(self, i):
        record = self.records[i]
        return {"specversion": "1.0", "id": leaf_hash(record).hex(), "type": "ca.vigie.failure.v1",
                "source": f"urn:vigie:c:{self.appliance}", "time": "2027-04-01T13:00:00Z",
                "datacontenttype": "application/json", "ledgerlog": "shared", "ledgerseq": i,
                "data": json.loads(record)}

    def batch(self, first, end=None, held=0, size=None, note=None):
        size = len(self.records) if size is None else size
        end = size if end is None else end
        leaves = self.leaves(size)
        proof = consistency(leaves, held) if 0 < held < size else []
        return {"checkpoint": note or self.note(size),
                "consistency": {"from": held, "proof": [h.hex() for h in proof]},
                "events": [self.event(i) for i in range(first, end)],
                "keys": [self.opening.decode()],
                "proofs": [[h.hex() for h in inclusion(leaves, i)] for i in range(first, end)]}


def check_receipt(log, answer):
    """The cosignature is that of the key over the head of the first `next` records."""
    line = answer["cosignature"]
    assert line.startswith("— ") and line.endswith("\n")
    _, name, blob = line.split(" ")
    blob, public = base64.b64decode(blob), base64.b64decode(answer["key"])
    assert blob[:4] == hashlib.sha256(name.encode() + b"\n\x04" + public).digest()[:4]
    when, = struct.unpack(">Q", blob[4:12])
    assert abs(when - time.time()) < 60
    message = f"cosignature/v1\ntime {when}\n" + log.text(answer["next"])
    assert verifies(public, message.encode(), blob[12:])


# ---- the receiving end ----

class Receiver:
    """`vigie receive` in a folder of its own, and a caller with a certificate for it."""

    def __init__(self, folder, authority=None, release=False, **options):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.authority = authority or Authority(self.folder / "ca")
        self.dir, self.log = self.folder / "received", self.folder / "receive.log"
        self.port, self.options, self.process = free_port(), options, None
        self.certificate = self.authority.issue("fournisseur", "serverAuth")
        self.own = self.authority.issue("essai-1")
        self.binary = program("vigie", release)

    def start(self, wait=True):
        words = {"listen": f"127.0.0.1:{self.port}", "dir": self.dir,
                 "certificate": self.certificate[0], "private-key": self.certificate[1],
                 "client-ca": self.authority.pem, **self.options}
        given = [w for name, value in words.items() for w in (f"--{name}", str(value))]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "receive", "--json", "--lang", "en", "--config", "/dev/null", *given],
                stdout=log, stderr=log, env={**os.environ, "LC_ALL": "C.UTF-8"})
        RUNNING.add(self.process)
        if wait:
            wait_for("the receiver", self.is_up)
        return self

    def is_up(self):
        assert self.process.poll() is None, self.log.read_text()
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def lines(self, event=None):
        """What it said."""
        said = [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]
        return [line for line in said if event in (None, line.get("event"))]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(20)
        text = self.log.read_text(errors="replace")
        assert status == 0 and "Sanitizer" not in text and "runtime error" not in text, text

    def kill(self):
        self.process.kill()
        self.process.wait()

    def tls(self, identity="own", authority=None, **versions):
        context = ssl.create_default_context(cafile=str((authority or self.authority).pem))
        for name, value in versions.items():
            setattr(context, name, value)
        pair = self.own if identity == "own" else identity
        if pair:
            context.load_cert_chain(*map(str, pair))
        return context

    def connect(self, **options):
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        return self.tls(**options).wrap_socket(raw, server_hostname="127.0.0.1")

    def ask(self, path, body, method="POST", headers=None, **options):
        """(status, answer)."""
        caller = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20,
                                             context=self.tls(**options))
        caller.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
        answer = caller.getresponse()
        text = answer.read()
        caller.close()
        return answer.status, json.loads(text) if text[:1] == b"{" else text

    def send(self, batch, **options):
        return self.ask("/v1/batch", json.dumps(batch), **options)

    def held(self, origin):
        path = self.dir / origin / "records.jsonl"
        # Of a line that is being written there is no end yet.
        return path.read_bytes().split(b"\n")[:-1] if path.exists() else []
