# SPDX-License-Identifier: Apache-2.0
"""vigie-hardware in a folder of its own, telling a recorder or a keeper."""

import json
import os
import pathlib
import signal
import subprocess

from vigied import RUNNING, program, wait_for


class Hardware:
    def __init__(self, run_dir, sources, path=None, root="", wrapper=(), **settings):
        self.run_dir = pathlib.Path(run_dir)
        self.state = self.run_dir / "hardware"
        self.state.mkdir(parents=True, exist_ok=True)
        self.log = self.run_dir / "hardware.log"
        self.environment = {**os.environ, **({"PATH": path} if path else {})}
        self.process, self.root, self.wrapper = None, os.fspath(root), wrapper
        values = {"sources": sources, "state_dir": self.state, "bmc_interval": "1s",
                  "bmc_full_interval": "1h", **settings}
        rows = "".join(f"{key} = {value}\n" for key, value in values.items())
        self.config = self.run_dir / "hardware.conf"
        self.config.write_text(f"[appliance]\nid = essai\n[general]\nlanguage = en\n[paths]\n"
                               f"run_dir = {self.run_dir}\n[hardware]\n{rows}")

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, program("vigie-hardware"), "--config", self.config, "--root", self.root, "--debug"],
                stdout=log, stderr=log, env=self.environment)
        RUNNING.add(self.process)
        return self

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, self.text()
        assert "Sanitizer" not in self.text() and "runtime error" not in self.text(), self.text()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def text(self):
        return self.log.read_text(errors="replace")

    def says(self, part, seconds=20):
        wait_for(f"“{part}” in {self.log}", lambda: part in self.text(), seconds)


def rounds(recorder, source):
    """The rounds of a source so far, in order."""
    return [line["body"] for line in list(recorder.lines)
            if line["kind"] == "sightings" and line["body"]["source"] == source]


# ---- what the ledger says ----


def vigie(keeper, *words, status=(0, 1)):
    done = subprocess.run([program("vigie"), *words, "--config", keeper.config, "--lang", "en"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode in status, done.stdout + done.stderr
    return done.stdout


def faults(keeper, *more):
    return json.loads(vigie(keeper, "faults", "--json", *more))["faults"]


def inventory(keeper):
    return json.loads(vigie(keeper, "inventory", "--json"))["components"]


def records(keeper, kind, log="shared"):
    return [record["body"] for record in keeper.records(kind, log)]
