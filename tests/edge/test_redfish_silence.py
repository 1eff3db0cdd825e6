# SPDX-License-Identifier: Apache-2.0
"""A BMC over Redfish that goes silent is told within 90 seconds, with the settings as delivered and at
the worst moment, just after a poll; one that takes 22 seconds for each answer is only slow."""

import threading
import time

import pytest
from bmc import PASSWORD, USER, Bmc
from hardware import Hardware, rounds
from recorder import Recorder
from vigied import wait_for

BUDGET = 90
FAILED_POLLS = 4  # more than three: the keeper calls the BMC unreachable


class Watch:
    """A BMC, the program that watches it, and what it tells."""

    def __init__(self, folder):
        folder.mkdir()
        self.bmc = Bmc(folder)
        self.recorder = Recorder(folder / "keeper.sock")
        self.recorder.start()
        (folder / "password").write_text(PASSWORD)
        self.hardware = Hardware(folder, "redfish", bmc_interval="60s", bmc_full_interval="10m",
                                 bmc_address=self.bmc.address, bmc_user=USER, bmc_pin=self.bmc.pin,
                                 bmc_password_file=folder / "password").start()
        self.may_answer = threading.Event()

    def say_no_more_than_the_root(self):
        for path in self.bmc.tree.keys() - {"/redfish/v1"}:
            self.bmc.overrides[path] = lambda h: self.may_answer.wait()

    def failed(self):
        return [line for line in self.recorder.all("sightings") if line["body"]["status"] == "failed"]

    def told(self):
        """The round that makes it a fault."""
        failed = self.failed()
        return failed[FAILED_POLLS - 1] if len(failed) >= FAILED_POLLS else None


@pytest.fixture
def watches(tmp_path):
    made = {how: Watch(tmp_path / how)
            for how in ("hangs", "drips", "refuses", "says its root", "is slow")}
    yield made
    for watch in made.values():
        watch.may_answer.set()
        watch.bmc.stop()
        watch.bmc.drips = False
        watch.hardware.kill()
        watch.recorder.stop()


def test_silence_within_the_budget(watches):
    """The times are the agent's own: a busy machine takes longer to hear of them."""
    for watch in watches.values():
        wait_for("the first poll", lambda w=watch: rounds(w.recorder, "redfish"), BUDGET)
    began = time.clock_gettime(time.CLOCK_BOOTTIME)
    watches["hangs"].bmc.answers.clear()
    watches["says its root"].say_no_more_than_the_root()
    watches["drips"].bmc.drips = True
    watches["refuses"].bmc.stop()
    slow = watches["is slow"]
    slow.bmc.latency = 22
    lines = {how: wait_for(how, watch.told, 3 * BUDGET)
             for how, watch in watches.items() if watch is not slow}
    told = {how: line["at_boot_ns"] / 1e9 - began for how, line in lines.items()}
    print({how: f"{seconds:.1f} s" for how, seconds in told.items()})
    for line in lines.values():
        silence = line["body"]["silence"]
        assert silence["code"] == "bmc.unreachable" and silence["component"]["class"] == "bmc"
    assert max(told.values()) <= BUDGET
    asked = slow.bmc.count()
    wait_for("answers of the slow one", lambda: slow.bmc.count() > asked + 1, 3 * BUDGET)
    assert not slow.failed() and "cannot be read" not in slow.hardware.text()
