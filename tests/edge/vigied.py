# SPDX-License-Identifier: Apache-2.0
"""A real keeper in a scratch folder, a sender that resends what is unanswered, a reader with known
totals, and a second, plain reading of the ledger that shares no code with the first."""

import atexit
import base64
import collections
import contextlib
import datetime
import hashlib
import json
import os
import pathlib
import secrets
import signal
import socket
import sqlite3
import subprocess
import time
import zoneinfo

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECOND = 1_000_000_000
BOOT_ID = "00000000-0000-4000-8000-000000000001"


def program(name, release=False):
    variable = "VIGIE_BUILD_RELEASE" if release else "VIGIE_BUILD"
    build = os.environ.get(variable) or os.environ.get("VIGIE_BUILD") or ROOT / "build"
    return pathlib.Path(build) / "bin" / name


def wait_for(what, condition, seconds=20.0, step=0.05):
    """The first true value of condition(), or an assertion that says what was awaited."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {seconds} s in vain for {what}"
        time.sleep(step)


def free_port():
    """For a server that comes later, or goes and comes back. Out of the range in which the kernel gives
    ports to others meanwhile, and in a part of its own for each worker of these tests."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 8
    while True:
        port = 16000 + 2000 * worker + secrets.randbelow(2000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


RUNNING = set()


@atexit.register
def leave_nothing_behind():
    """Keepers of tests that failed half-way."""
    for process in RUNNING:
        if process.poll() is None:
            process.kill()
            process.wait()


class Keeper:
    """vigied in a folder of its own. settings: rows of [keeper]."""

    def __init__(self, folder, appliance="vigie-t1", release=False, **settings):
        self.folder = pathlib.Path(folder)
        self.binary = program("vigied", release)
        self.appliance = appliance
        self.socket = self.folder / "run" / "keeper.sock"
        self.ledger = self.folder / "state" / "ledger.db"
        self.log = self.folder / "keeper.log"
        self.process = None
        for name in ("run", "state"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.key = self.folder / "key.pem"
        if not self.key.exists():
            subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.key],
                           check=True, capture_output=True)
        self.configure(**{"interval": "60s", "close_grace": "1s", "checkpoint_interval": "2s",
                          **settings})

    def configure(self, **settings):
        rows = "".join(f"{key} = {value}\n" for key, value in settings.items())
        self.config = self.folder / "vigie.conf"
        self.config.write_text(
            f"[appliance]\nid = {self.appliance}\n"
            f"[paths]\nrun_dir = {self.folder}/run\nstate_dir = {self.folder}/state\n"
            f"[keeper]\nsigning_key = {self.key}\n{rows}")

    def add_settings(self, text):
        """More rows, which a running keeper reads at once, as at `systemctl reload vigied`."""
        self.config.write_text(self.config.read_text() + text)
        if self.process and self.process.poll() is None:
            n_read = self.log.read_text().count("réglages relus")
            self.process.send_signal(signal.SIGHUP)
            wait_for("settings read again",
                     lambda: self.log.read_text().count("réglages relus") > n_read)

    def start(self, wait=True, env=None, wrapper=()):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*wrapper, self.binary, "--config", self.config], stdout=log, stderr=log,
                env={**os.environ, **(env or {})})
        RUNNING.add(self.process)
        if wait:
            wait_for("the keeper's socket", self.is_up, 60)
        return self

    def is_up(self):
        """It answers: the socket alone is there before the start is in the ledger."""
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as s:
            s.settimeout(5)
            s.connect(os.fspath(self.socket))
            s.sendall(b"{}\n")
            return bool(s.recv(1))
        return False

    def wait_word(self, word, seconds=20.0):
        """In its journal."""
        def look():
            text = self.log.read_text(errors="replace")
            assert self.process.poll() is None, f"ended {self.process.returncode}: {text}"
            return word in text
        wait_for(f"« {word} » of the keeper", look, seconds)

    def wait_records(self, kind, seconds=60.0):
        wait_for(f"a record of {kind}", lambda: self.records(kind), seconds, 0.5)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """As systemd would, and insists that it ended well."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        text = self.log.read_text(errors="replace")
        assert status == 0, text
        assert "Sanitizer" not in text and "runtime error" not in text, text

    def client(self, **options):
        return Client(self.socket, **options)

    # ---- what the ledger says, read plainly ----

    def sql(self, query, *arguments):
        db = sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True, timeout=10)
        try:
            return db.execute(query, arguments).fetchall()
        finally:
            db.close()

    def records(self, kind=None, log="client"):
        first = {"shared": 0, "client": 1 << 48}[log]
        rows = self.sql("SELECT bytes FROM records WHERE id >= ? AND id < ? ORDER BY id", first,
                        first + (1 << 48))
        records = [json.loads(row[0]) for row in rows]
        return [r for r in records if kind in (None, r["type"])]

    def totals(self):
        """{(tenant, resource): base units}, all parts of all intervals added up."""
        totals = collections.Counter()
        for record in self.records("usage"):
            body = record["body"]
            for resource, amount in body["resources"].items():
                totals[body["tenant"], resource] += int(amount["base"])
        return dict(totals)

    def closed_until(self):
        import datetime
        ends = [datetime.datetime.fromisoformat(r["body"]["start"].replace("Z", "+00:00"))
                .timestamp() + r["body"]["interval_s"] for r in self.records("interval")]
        return max(ends, default=0)

    def alerts(self, code=None, log=None):
        logs = [log] if log else ["client", "shared"]
        return [r["body"] for name in logs for r in self.records("alert", name)
                if code in (None, r["body"]["code"])]

    def verify(self):
        """The Merkle roots by RFC 6962, against the last signed heads; then vigie's own verdict."""
        for number, log in enumerate(("shared", "client")):
            rows = self.sql("SELECT id, bytes FROM records WHERE id >= ? AND id < ? ORDER BY id",
                            number << 48, (number + 1) << 48)
            assert [row[0] & ((1 << 48) - 1) for row in rows] == list(range(len(rows)))
            leaves = [hashlib.sha256(b"\0" + bytes(row[1])).digest() for row in rows]
            heads = self.sql("SELECT size, note FROM checkpoints WHERE log = ? ORDER BY size",
                             number)
            for size, note in heads[-3:]:
                lines = note.split("\n")
                assert int(lines[1]) == size and size <= len(leaves)
                assert base64.b64decode(lines[2]) == merkle_root(leaves[:size]), (log, size)
        vigie = program("vigie")
        if vigie.exists():
            done = subprocess.run([vigie, "ledger", "verify", "--config", self.config, "--json"],
                                  capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, done.stdout + done.stderr


def merkle_root(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + merkle_root(leaves[:k]) + merkle_root(leaves[k:])).digest()


class Client:
    """A sender as the protocol wants it: at most 32 unanswered, and those again after a break."""

    def __init__(self, path, source="hypervisor", window=32):
        self.path, self.source, self.window = os.fspath(path), source, window
        self.instance = secrets.token_hex(16)
        self.seq = 0
        self.unanswered = collections.deque()  # lines, oldest first
        self.answers = {}                      # seq: answer
        self.socket, self.buffer = None, b""
        self.n_resent = 0

    def connect(self, seconds=60):
        self.close()

        def attempt():
            s = socket.socket(socket.AF_UNIX)
            try:
                s.connect(self.path)
            except OSError:
                s.close()
                return None
            return s

        self.socket = wait_for("a connection", attempt, seconds, 0.02)
        self.buffer = b""
        for _, line in self.unanswered:
            self.socket.sendall(line)
            self.n_resent += 1

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def line(self, kind, body, boot_ns=None, utc_ns=None):
        self.seq += 1
        now_boot, now_utc = time.clock_gettime_ns(time.CLOCK_BOOTTIME), time.time_ns()
        envelope = {"v": 1, "kind": kind, "source": self.source, "instance": self.instance,
                    "seq": self.seq, "boot_id": BOOT_ID,
                    "at_boot_ns": now_boot if boot_ns is None else boot_ns,
                    "at_utc_ns": now_utc if utc_ns is None else utc_ns, "body": body}
        return self.seq, json.dumps(envelope).encode() + b"\n"

    def send(self, kind, body, **stamps):
        """Queues and sends; reads answers only when the window is full."""
        self.unanswered.append(self.line(kind, body, **stamps))
        self.persist(lambda: self.socket.sendall(self.unanswered[-1][1]))
        while len(self.unanswered) >= self.window:
            self.persist(self.read_answer)
        return self.seq

    def persist(self, action):
        while True:
            try:
                if self.socket is None:
                    self.connect()
                    if action != self.read_answer:
                        return  # connecting has sent all that is unanswered
                return action()
            except (OSError, EOFError):
                self.close()

    def read_answer(self):
        while b"\n" not in self.buffer:
            got = self.socket.recv(65536)
            if not got:
                raise EOFError
            self.buffer += got
        line, self.buffer = self.buffer.split(b"\n", 1)
        answer = json.loads(line)
        seq, _ = self.unanswered[0]
        assert answer["seq"] == seq, (answer, seq)
        if not answer["ok"] and answer.get("retry"):
            time.sleep(0.1)
            raise EOFError  # the same lines again, on a fresh connection
        self.unanswered.popleft()
        self.answers[seq] = answer
        return answer

    def drain(self):
        while self.unanswered:
            self.persist(self.read_answer)

    def ask(self, kind, body, **stamps):
        seq = self.send(kind, body, **stamps)
        self.drain()
        return self.answers[seq]

    def act(self, verb, **members):
        return self.ask("act", {"verb": verb, **members})


class Guests:
    """What a reader would say of some domains, on a clock of its own, and what it must come to.
    Domain i belongs to tenant t-<i % n_tenants>."""

    def __init__(self, client, start_utc_ns, n_domains=3, n_tenants=2):
        self.client, self.n_domains, self.n_tenants = client, n_domains, n_tenants
        self.utc_ns = start_utc_ns
        self.start_utc_ns = start_utc_ns
        self.boot_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - (time.time_ns() - start_utc_ns)
        self.boot_ns = max(self.boot_ns, SECOND)
        self.counters = [collections.Counter() for _ in range(n_domains)]
        self.first = [None] * n_domains
        self.steps = 0

    def stamps(self):
        return {"boot_ns": self.boot_ns, "utc_ns": self.utc_ns}

    def uuid(self, i):
        return f"00000000-0000-4000-8000-{i:012x}"

    def tenant(self, i):
        return f"t-{i % self.n_tenants}"

    def facts(self, i, state="running"):
        return {"scope": "domain", "why": "pass", "uuid": self.uuid(i), "name": f"vm-{i}",
                "state": state, "run": f"{i + 1}:1" if state == "running" else "",
                "vcpus": i % 4 + 1, "memory_kib": 1 << 20, "hints": {"metadata": self.tenant(i)},
                "disks": [{"key": f"/d/{i}", "target": "vda", "capacity_kib": 10 << 20,
                           "writable": 1}],
                "nics": [{"mac": "52:54:00:00:00:01", "target": f"vnet{i}"}]}

    def digest(self):
        uuids = sorted(self.uuid(i) for i in range(self.n_domains))
        return hashlib.sha256("".join(u + "\n" for u in uuids).encode()).hexdigest()

    def do_pass(self):
        for i in range(self.n_domains):
            self.client.send("facts", self.facts(i), **self.stamps())
        self.client.send("facts-end", {"scope": "domain", "count": self.n_domains,
                                       "digest": self.digest()}, **self.stamps())

    def read(self):
        domains = []
        for i in range(self.n_domains):
            counters = dict(self.counters[i])
            if self.first[i] is None:
                self.first[i] = counters
            domains.append({"uuid": self.uuid(i), "run": f"{i + 1}:1", "counters": {
                "cpu_ns": counters.get("cpu_ns", 0), "rss_kib": 500000,
                f"rx:vnet{i}": counters.get("rx", 0), f"tx:vnet{i}": counters.get("tx", 0)}})
        self.client.send("readings", {"tier": "kernel", "domains": domains}, **self.stamps())

    def heartbeat(self):
        self.client.send("heartbeat", {"libvirt": "ok", "clock": "synchronised",
                                       "domains": self.n_domains}, **self.stamps())

    def begin(self):
        self.do_pass()
        self.read()
        self.heartbeat()

    def step(self, seconds=10):
        """Time passes, counters grow by amounts that no rounding hides, and it is told."""
        self.utc_ns += seconds * SECOND
        self.boot_ns += seconds * SECOND
        self.steps += 1
        for i, counters in enumerate(self.counters):
            counters["cpu_ns"] += 1_234_567_891 + 7 * i + self.steps % 13
            counters["rx"] += 1_000_003 * (i + 1) + self.steps % 7
            counters["tx"] += 2_000_003 * (i + 1) + self.steps % 11
        self.read()
        self.heartbeat()

    def wanted(self):
        """{(tenant, resource): base units} of all that was told."""
        wanted = collections.Counter()
        elapsed_ms = (self.utc_ns - self.start_utc_ns) // 1_000_000
        for i, counters in enumerate(self.counters):
            tenant = self.tenant(i)
            wanted[tenant, "vcpu"] += (i % 4 + 1) * elapsed_ms
            wanted[tenant, "vm"] += elapsed_ms
            wanted[tenant, "ram_gib"] += (1 << 20) * elapsed_ms
            wanted[tenant, "block_tb"] += (10 << 20) * (elapsed_ms // 1000)
            for counter, resource in (("cpu_ns", "cpu_used"), ("rx", "net_rx_gb"),
                                      ("tx", "net_tx_gb")):
                wanted[tenant, resource] += counters[counter] - self.first[i].get(counter, 0)
        return dict(wanted)


def stamp_aligned(seconds_ago, step=60):
    """An instant of the past that begins an interval."""
    return (int(time.time()) - seconds_ago) // step * step * SECOND


def today():
    """The contract's day, which is not that of UTC in the evening."""
    return datetime.datetime.now(zoneinfo.ZoneInfo("America/Toronto")).date()


def amendment(**changes):
    """What a revision may change of what was signed; in force in every zone by now."""
    day = str(today() - datetime.timedelta(days=1))
    return [{"id": "AV-1", "signed_on": day, "effective_on": day, "changes": changes}]


def contract(appliance="vigie-t1", **changes):
    """The demonstration contract around today. changes: dotted paths to values ("term.end_date":…)
    with dots written as two underscores."""
    now = today()
    days = {"SIGNED": -40, "START": -35, "END": 200, "EXIT": 190}
    text = (ROOT / "config" / "demo" / "contract.json.in").read_text()
    for word, offset in days.items():
        text = text.replace(f"@{word}@", str(now + datetime.timedelta(days=offset)))
    tree = json.loads(text)
    tree["solution"]["sites"][0]["appliances"] = [appliance]
    tree["tenants"] = [{"id": f"t-{i}", "name_fr": f"Abonné {i}", "name_en": f"Tenant {i}"}
                       for i in range(2)]
    tree["quotas"] = []
    tree["alerts"]["amount_thresholds_pct"] = ["20", "50", "75", "90", "100"]
    for sku, resource, unit, price in (("VCPU", "vcpu", "vcpu_hour", "60.00"),
                                       ("RAM", "ram_gib", "gib_hour", "90.00"),
                                       ("BLK", "block_tb", "tb_month", "41.75")):
        row = next(row for row in tree["price_list"] if row["resource"] == resource)
        row.update(sku=sku, unit=unit, price=price, per=1)
    priced = ("vcpu", "ram_gib", "block_tb")
    tree["price_list"] = [row for row in tree["price_list"] if row["resource"] in priced]
    tree["minimum_commitments"], tree["recurring"] = [], []
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = tree
        for name in parents:
            place = place[name]
        place[last] = value
    return json.dumps(tree, ensure_ascii=False, indent=1)
