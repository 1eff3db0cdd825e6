# SPDX-License-Identifier: Apache-2.0
"""Servers as nobody wishes them, each a way to fail; healed, each is a passage to a good one."""

import contextlib
import json
import socket
import ssl
import struct
import subprocess
import threading
import time

from vigied import free_port


def read_request(s):
    data = b""
    while b"\r\n\r\n" not in data:
        part = s.recv(65536)
        if not part:
            return b""
        data += part
    head, body = data.split(b"\r\n\r\n", 1)
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                   if line.lower().startswith(b"content-length:")), 0)
    if b"100-continue" in head.lower():
        s.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    while len(body) < length:
        part = s.recv(65536)
        if not part:
            return b""
        body += part
    return body


def say(s, status, body=b"", *headers):
    lines = [f"HTTP/1.1 {status} x".encode(), b"Content-Length: %d" % len(body),
             b"Connection: close", *headers]
    s.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)


class Bad:
    """One address. kind: a name of KINDS. certificate: of the good server; wrong, expired: others."""

    def __init__(self, kind, certificate, client_ca=None):
        self.kind, self.requests, self.connections = kind, [], 0
        self.passage = None
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*map(str, certificate))
        if client_ca:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(client_ca)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.port = free_port()
        self.socket.bind(("127.0.0.1", self.port))
        if kind in ("refused", "tls-1.1"):
            self.socket.close()  # free, or old_tls()'s
        elif kind == "black-hole":
            self.socket.listen(1)  # nobody ever takes a call
        else:
            self.serve()

    def serve(self):
        self.socket.listen(32)
        threading.Thread(target=self.loop, args=(self.socket,), daemon=True).start()

    def loop(self, listening):
        while True:
            try:
                s, _ = listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.handle, args=(s,), daemon=True).start()

    def handle(self, s):
        with contextlib.suppress(OSError, ssl.SSLError, ValueError):
            if self.passage:
                return self.pass_on(s)
            with self.context.wrap_socket(s, server_side=True) as tls:
                body = read_request(tls)
                if body:
                    self.requests.append(body)
                getattr(self, "do_" + self.kind.replace("-", "_"))(tls, body)

    def heal(self, port):
        """From now on it leads to that port."""
        self.passage = port
        if self.kind in ("refused", "black-hole", "tls-1.1"):
            with contextlib.suppress(OSError):
                self.socket.close()
            self.socket = socket.socket()
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind(("127.0.0.1", self.port))
            self.serve()

    def pass_on(self, s):
        other = socket.create_connection(("127.0.0.1", self.passage))

        def copy(source, target):
            with contextlib.suppress(OSError):
                while part := source.recv(65536):
                    target.sendall(part)
                target.shutdown(socket.SHUT_WR)

        back = threading.Thread(target=copy, args=(other, s), daemon=True)
        back.start()
        copy(s, other)
        back.join()
        s.close()
        other.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    # ---- the ways ----

    def do_error(self, s, body):
        say(s, 500)

    def do_busy(self, s, body):
        say(s, 429, b"", b"Retry-After: 7")

    def do_drip(self, s, body):
        s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            s.sendall(b" ")
            time.sleep(1)

    def do_half_close(self, s, body):
        s.unwrap().shutdown(socket.SHUT_WR)
        time.sleep(1)

    def do_reset(self, s, body):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        raw = s.detach()
        socket.close(raw)

    def do_redirect(self, s, body):
        say(s, 307, b"", f"Location: https://localhost:{self.elsewhere}/v1/batch".encode())

    def do_endless(self, s, body):
        s.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{")
        while True:
            s.sendall(b'"a":"' + b"a" * 65536)

    def do_false_receipt(self, s, body):
        """200, the right numbers, and a cosignature of something else."""
        if body[:1] != b"{":
            return say(s, 200, b"{}")
        batch = json.loads(body)
        answer = {**self.receipt, "next": batch["events"][-1]["ledgerseq"] + 1,
                  "received": len(batch["events"])}
        return say(s, 200, json.dumps(answer).encode())

    def do_empty(self, s, body):
        say(s, 200, b"")

    def do_expired(self, s, body):
        say(s, 200, b"{}")

    do_wrong_name = do_expired


KINDS = ("refused", "black-hole", "error", "busy", "drip", "half-close", "reset", "redirect",
         "endless", "false-receipt", "empty", "expired", "wrong-name", "tls-1.1")


def old_tls(port, certificate):
    """A server that speaks no TLS above 1.1, as openssl plays it."""
    return subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
                             str(certificate[0]), "-key", str(certificate[1]), "-tls1_1", "-quiet",
                             "-cipher", "ALL:@SECLEVEL=0"], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
