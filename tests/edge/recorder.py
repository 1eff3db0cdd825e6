# SPDX-License-Identifier: Apache-2.0
"""A keeper that only writes down what it is told, and answers as the protocol says."""

import json
import os
import pathlib
import socket
import threading

from host import wait_for


class Recorder:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.lock = threading.Lock()
        self.seen = set()
        self.lines = []      # accepted observations, in order, each once
        self.answering = threading.Event()
        self.answering.set()
        self.clients = set()
        self.server = None

    def start(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.server.bind(os.fspath(self.path))
        self.server.listen()
        threading.Thread(target=self.accept, args=(self.server,), daemon=True).start()

    def stop(self):
        """As a keeper that dies: connections cut, socket gone."""
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        with self.lock:
            clients, self.clients = self.clients, set()
        for client in clients:
            client.shutdown(socket.SHUT_RDWR)
        self.path.unlink(missing_ok=True)

    def accept(self, server):
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with self.lock:
                self.clients.add(client)
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            for line in client.makefile("rb"):
                self.answering.wait()
                observation = json.loads(line)
                self.take(observation, len(line))
                client.sendall(json.dumps({"seq": observation["seq"], "ok": True,
                                           "result": {}}).encode() + b"\n")
        except OSError:
            pass

    def take(self, observation, size):
        assert size <= 4 << 20
        assert set(observation) == {"v", "kind", "source", "instance", "seq", "boot_id",
                                    "at_boot_ns", "at_utc_ns", "body"}
        key = (observation["source"], observation["instance"], observation["seq"])
        with self.lock:
            if key not in self.seen:
                self.seen.add(key)
                self.lines.append(observation)

    # -- what tests ask --------------------------------------------------------------------------

    def all(self, kind=None, since=0, **body):
        """Observations of a kind whose body has these values, from index `since` on."""
        with self.lock:
            lines = self.lines[since:]
        return [o for o in lines if (kind is None or o["kind"] == kind)
                and all(o["body"].get(k) == v for k, v in body.items())]

    def mark(self):
        with self.lock:
            return len(self.lines)

    def wait(self, kind, since=0, seconds=20.0, where=None, **body):
        """The first such observation, awaited."""
        def look():
            for o in self.all(kind, since, **body):
                if where is None or where(o["body"]):
                    return o
            return None
        return wait_for(f"{kind} {body}", look, seconds)

    def readings(self, uuid, tier=None, since=0):
        """(stamp, run, counters) of one domain, in order."""
        found = []
        for o in self.all("readings", since):
            if tier and o["body"]["tier"] != tier:
                continue
            for row in o["body"]["domains"]:
                if row["uuid"] == uuid:
                    found.append((o["at_boot_ns"], row["run"], row["counters"]))
        return found
