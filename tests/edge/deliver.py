# SPDX-License-Identifier: Apache-2.0
"""A real deliverer beside a real keeper, and a TLS server that takes what it is given, or not."""
import base64
import hashlib
import hmac
import json
import os
import signal
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from vigied import RUNNING, Keeper, contract, program, wait_for

SECRET = b"une cle de soixante-quatre octets, pas une de plus, pas une de moins"


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


class Authority:
    """Certificates of a test, below its folder."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.ca = folder / "ca.pem"
        run("openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout",
            folder / "ca.key", "-out", self.ca, "-days", "3", "-subj", "/CN=essai")

    def issue(self, name, names="DNS:localhost,IP:127.0.0.1", days=2):
        """(certificate, key)"""
        key, request, crt = (self.folder / f"{name}.{e}" for e in ("key", "csr", "pem"))
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={names}\n")
        run("openssl", "req", "-newkey", "ed25519", "-nodes", "-keyout", key, "-out", request,
            "-subj", f"/CN={name}")
        run("openssl", "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey",
            self.folder / "ca.key", "-out", crt, "-days", str(days), "-extfile", extensions)
        return crt, key


class Hook:
    """An HTTPS server. answer(handler) may be replaced; what is accepted is kept, in order."""

    def __init__(self, authority, client_ca=None, host="127.0.0.1", port=0, certificate=None):
        self.received, self.attempts, self.lock = [], [], threading.Lock()
        self.answer = lambda handler: handler.accept()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.body = self.rfile.read(int(self.headers["Content-Length"]))
                with hook.lock:
                    hook.attempts.append((time.monotonic(), self.path, self.headers["webhook-id"]))
                hook.answer(self)

            def accept(self):
                with hook.lock:
                    hook.received.append((dict(self.headers.items()), self.body))
                self.say(204)

            def say(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        crt, key = certificate or authority.issue("hook")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(crt, key)
        if client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(client_ca)
        self.server = ThreadingHTTPServer((host, port), Handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def told(self):
        with self.lock:
            return [json.loads(body) for _, body in self.received]

    def events(self, kind=None):
        """Of records; kind: their type."""
        records = [e for e in self.told() if e["datacontenttype"] == "application/json"]
        return [e for e in records if kind in (None, e["data"]["type"])]

    def heartbeats(self):
        return [e for e in self.told() if e["type"] == "ca.vigie.heartbeat.v1"]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def check_signature(headers, body, secret=SECRET):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"


class Deliverer:
    """vigie-deliver beside a keeper. egress, deliver: rows of those sections."""

    def __init__(self, keeper, egress, deliver, release=False):
        self.keeper = keeper
        self.binary = program("vigie-deliver", release)
        self.state = keeper.folder / "deliver"
        self.keys = keeper.folder / "keys"
        self.log = keeper.folder / "deliver.log"
        self.process = None
        for folder in (self.state, self.keys):
            folder.mkdir(exist_ok=True)
        rows = {"egress": egress,
                "deliver": {"state_dir": self.state, "credentials": self.keys, **deliver}}
        keeper.add_settings("".join(
            f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())
            for section, values in rows.items()))

    def start(self, wrapper=()):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*wrapper, self.binary, "--config", self.keeper.config], stdout=log, stderr=log,
                env={**os.environ, "LC_ALL": "C.UTF-8"})
        RUNNING.add(self.process)
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        text = self.log.read_text(errors="replace")
        assert status == 0, text
        assert "Sanitizer" not in text and "runtime error" not in text, text

    def wait_word(self, word, seconds=20.0):
        def look():
            assert self.process.poll() is None, self.log.read_text()
            return word in self.log.read_text(errors="replace")
        wait_for(f"« {word} » of the deliverer", look, seconds)


def recipient(name="r-ti", role="client_it", **members):
    return {"id": name, "role": role, "lang": "fr", "channels": ["webhook"],
            "min_severity": "info", **members}


def keeper_with(folder, recipients, more="", **settings):
    """A keeper with a contract in force that names these recipients. more: lines of its settings."""
    if all(r["role"] != "contract_manager" for r in recipients):
        recipients = [*recipients, recipient("r-contrat", "contract_manager", channels=["bundle"])]
    keeper = Keeper(folder, **settings)
    with open(keeper.config, "a", encoding="utf-8") as config:
        config.write(more)
    keeper.start()
    answer = keeper.client(source="cli").act("contract.load", text=contract(recipients=recipients))
    assert answer["ok"], answer
    return keeper


def approve(keeper, endpoint, **members):
    answer = keeper.client(source="cli").act("egress.approve", endpoint=endpoint, **members)
    assert answer["ok"], answer
