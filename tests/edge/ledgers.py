# SPDX-License-Identifier: Apache-2.0
"""Ledgers for the tests of the command: written through the real store, read by the real program."""

import datetime
import hashlib
import json
import os
import pathlib
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[2]
HOUR = 3600
UUID = "00000000-0000-4000-8000-{:012x}"
BOOT = "11111111-2222-4333-8444-555555555555"


def programs():
    return pathlib.Path(os.environ.get("VIGIE_BUILD", SOURCE / "build")) / "bin"


def utc(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


def contract_text(now, **members):
    """The demonstration contract around `now`, without what costs nothing; members replace whole
    top-level parts."""
    day = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).date()
    text = (SOURCE / "config/demo/contract.json.in").read_text()
    for name, days in {"SIGNED": -60, "START": -40, "EXIT": 50, "END": 75, "TODAY": 0}.items():
        text = text.replace(f"@{name}@", str(day + datetime.timedelta(days=days)))
    contract = json.loads(text)
    contract["metering"]["interval_seconds"] = HOUR
    contract["price_list"] = [row for row in contract["price_list"] if row["price"] != "0"]
    contract.update(members)
    return json.dumps(contract, ensure_ascii=False)


class Ledger:
    """Collects what the keeper would record, then writes it at once."""

    def __init__(self, folder, appliance="vigie-demo-01"):
        self.folder, self.appliance, self.lines = pathlib.Path(folder), appliance, []
        for name in ("state", "run"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.key = self.folder / "key.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.key],
                       check=True, capture_output=True)
        self.key.chmod(0o600)
        self.config = self.folder / "vigie.conf"
        self.config.write_text(
            f"[appliance]\nid = {appliance}\n[keeper]\nsigning_key = {self.key}\n"
            f"[paths]\nstate_dir = {self.folder}/state\nrun_dir = {self.folder}/run\n")

    def record(self, type_, body, at, log="client"):
        self.lines.append({"do": "append", "log": log, "type": type_, "utc_ns": int(at * 10**9),
                           "body": body})

    def contract(self, text, at):
        parsed = json.loads(text)
        self.record("contract", {"contract_id": parsed["identifiers"]["contract_id"],
                                 "digest": hashlib.sha256(text.encode()).hexdigest(),
                                 "revision": parsed["revision"], "text": text}, at)

    def usage(self, start, tenant, amounts, quality="whole", part=0, domains=(), bases=None):
        """amounts: micro-units by resource. bases: the same in base units, where domains have them."""
        self.record("usage", {
            "appliance": self.appliance, "clock": "ok", "contract": "", "domains": list(domains),
            "interval_s": HOUR, "part": part, "start": utc(start), "tenant": tenant,
            "resources": {resource: {"base": str((bases or {}).get(resource, 0)), "micro": micro,
                                     "quality": quality}
                          for resource, micro in amounts.items()}}, start + HOUR + 90)

    def interval(self, start, covered=HOUR, gaps=()):
        self.record("interval", {
            "appliance": self.appliance, "clock": "ok", "covered_s": covered, "interval_s": HOUR,
            "start": utc(start),
            "gaps": [{"cause": cause, "from": utc(a), "to": utc(b), "scope": "all"}
                     for a, b, cause in gaps]}, start + HOUR + 90)

    def alert(self, code, at, severity, text_fr, text_en, event="fired", key="k", change=1):
        self.record("alert", {
            "at": utc(at), "change": change, "code": code, "event": event,
            "key": f"{code}/CS-DEMO-0001/{key}", "params": {}, "severity": severity,
            "text_en": text_en, "text_fr": text_fr}, at)

    def open_usage(self, at, rows):
        start = int(at) // HOUR * HOUR
        self.lines.append({"do": "open", "at_s": int(at), "rows": [
            {"start_s": start, "tenant": tenant, "resource": resource, "micro": micro}
            for tenant, amounts in rows.items() for resource, micro in amounts.items()]})

    def observation(self, kind, body, at, seq):
        self.lines.append({"do": "inbox", "line": {
            "v": 1, "kind": kind, "source": "hypervisor", "instance": "0" * 32, "seq": seq,
            "boot_id": BOOT, "at_boot_ns": seq * 10**9, "at_utc_ns": int(at * 10**9),
            "body": body}})

    def domain(self, name, number, at, seq, hints=None, vcpus=1):
        self.observation("facts", {
            "scope": "domain", "why": "event", "uuid": UUID.format(number), "name": name,
            "state": "running", "run": f"{number}:1", "vcpus": vcpus, "memory_kib": 1 << 20,
            "hints": hints or {}, "disks": [], "nics": []}, at, seq)

    def checkpoint(self, at):
        self.lines.append({"do": "checkpoint", "utc_ns": int(at * 10**9)})

    def write(self):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self.lines)
        subprocess.run([programs() / "make-ledger", self.folder / "state", self.appliance,
                        self.key], input=text.encode(), check=True)
        self.lines = []

    def vigie(self, *words, lang="fr", **options):
        """Runs the command; 99 from a sanitizer is told apart from every exit code of ours."""
        environment = dict(os.environ, LC_ALL="C.UTF-8", TZ="Pacific/Auckland",
                           ASAN_OPTIONS="exitcode=99", UBSAN_OPTIONS="exitcode=99:halt_on_error=1")
        environment.update(options.pop("env", {}))
        return subprocess.run(
            [programs() / "vigie", "--config", self.config, "--lang", lang, *words],
            capture_output=True, text=True, env=environment, timeout=60, **options)
