# SPDX-License-Identifier: Apache-2.0
"""A BMC over Redfish that goes silent is told within 90 seconds, with the settings as delivered and at
the worst moment, just after a poll; one that takes 22 seconds for each answer is only slow."""

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
        self.began = None

    def failed(self):
        return [r for r in rounds(self.recorder, "redfish") if r["status"] == "failed"]

    def is_told(self):
        return len(self.failed()) >= FAILED_POLLS


@pytest.fixture
def watches(tmp_path):
    made = {how: Watch(tmp_path / how) for how in ("hangs", "drips", "refuses", "is slow")}
    yield made
    for watch in made.values():
        watch.bmc.stop()
        watch.bmc.drips = False
        watch.hardware.kill()
        watch.recorder.stop()


def test_silence_within_the_budget(watches):
    for watch in watches.values():
        wait_for("the first poll", lambda w=watch: rounds(w.recorder, "redfish"), 30)
    watches["hangs"].bmc.answers.clear()
    watches["drips"].bmc.drips = True
    watches["refuses"].bmc.stop()
    watches["is slow"].bmc.latency = 22
    began, told = time.monotonic(), {}
    while time.monotonic() < began + BUDGET:
        for how, watch in watches.items():
            if how not in told and watch.is_told():
                told[how] = time.monotonic() - began
        time.sleep(0.5)
    print({how: f"{seconds:.1f} s" for how, seconds in told.items()})
    assert set(told) == {"hangs", "drips", "refuses"}
    for how in told:
        silence = watches[how].failed()[-1]["silence"]
        assert silence["code"] == "bmc.unreachable" and silence["component"]["class"] == "bmc"
    slow = watches["is slow"]
    assert not slow.failed() and "cannot be read" not in slow.hardware.text()
    asked = slow.bmc.count()
    wait_for("its further answers", lambda: slow.bmc.count() > asked, 60)
    assert not slow.failed()
