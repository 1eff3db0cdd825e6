# SPDX-License-Identifier: Apache-2.0
"""The whole of isolation as it runs: a keeper, and the two readers beside the private host."""

import json
import os
import pathlib
import signal
import subprocess

from vigied import Keeper, program, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Watch:
    """A keeper and its readers; vigie-inspect lives in the namespaces of the private host, as it would
    on a hypervisor."""

    def __init__(self, folder, host, uri=None, **settings):
        self.host = host
        self.keeper = Keeper(folder)
        self.wanted = self.keeper.folder / "wanted.json"
        with open(self.keeper.config, "a") as config:
            config.write(f"[hypervisor]\nuri = {uri or host.uri}\nkernel_interval = 5\n"
                         f"[inspect]\nwanted = {self.wanted}\n")
            for key, value in settings.items():
                config.write(f"{key} = {value}\n")
        self.log = self.keeper.folder / "readers.log"
        self.processes = {}

    def start(self, *names):
        if self.keeper.process is None or self.keeper.process.poll() is not None:
            self.keeper.start()
        for name in names or ("hypervisor", "inspect"):
            command = [program(f"vigie-{name}"), "--config", self.keeper.config]
            if name == "inspect" and self.host:
                command = [ROOT / "config/demo/private-libvirtd", "enter", self.host.folder,
                           *command]
            with open(self.log, "ab") as log:
                self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log)
        return self

    def pid(self, name):
        """The reader itself, which nsenter started as its child."""
        pid = self.processes[name].pid
        if name == "inspect" and self.host:
            pid = int(wait_for("the reader", lambda: pathlib.Path(
                f"/proc/{pid}/task/{pid}/children").read_text().split()[:1])[0])
        return pid

    def stop(self, *names):
        for name in names or list(self.processes):
            os.kill(self.pid(name), signal.SIGTERM)
            assert self.processes.pop(name).wait(30) == 0, self.log.read_text()
        text = self.log.read_text()
        assert "Sanitizer" not in text and "runtime error" not in text, text

    def close(self):
        self.stop()
        self.keeper.stop()

    def vigie(self, *arguments):
        return subprocess.run([program("vigie"), "--config", self.keeper.config, *arguments],
                              text=True, capture_output=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8"})

    def state(self, *arguments):
        done = self.vigie("isolation", *arguments, "--json")
        assert done.returncode in (0, 1), done.stderr + done.stdout
        return json.loads(done.stdout)

    def findings(self, check):
        """{domain names of a finding: the finding}"""
        return {tuple(sorted(d["name"] for d in f["domains"])): f
                for f in self.state()["findings"] if f["check"] == check}

    def wait_open(self, check, *names, seconds=30):
        return wait_for(f"{check} of {names}",
                        lambda: self.findings(check).get(tuple(sorted(names))), seconds)

    def wait_closed(self, check, *names, seconds=30):
        wait_for(f"the end of {check} of {names}",
                 lambda: tuple(sorted(names)) not in self.findings(check), seconds)
