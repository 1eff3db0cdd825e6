# SPDX-License-Identifier: Apache-2.0
"""IPMI: a real BMC (ipmi_sim) over the network with FreeIPMI's tools, and in band with an ipmitool
that hangs, as it does on a BMC that is dead."""

import os
import pathlib
import signal

import pytest
from hardware import Hardware, faults, inventory, rounds, vigie
from vigied import wait_for

LONG = 270  # three times what a BMC that hangs may take


# ---- a real BMC over LAN ----


@pytest.fixture
def over_lan(ipmi, tmp_path):
    """over_lan(run_dir, **settings): vigie-hardware, with that BMC for its only source."""
    password = tmp_path / "password"
    password.write_text("essai")
    return lambda run_dir, **settings: Hardware(
        run_dir, "ipmi", ipmi_address=f"127.0.0.1:{ipmi.port}", bmc_user="vigie",
        bmc_password_file=password, ipmi_workarounds="opensesspriv", **settings).start()


def say(ipmi, line):
    ipmi.stdin.write(line + "\n")
    ipmi.stdin.flush()


def wait_for_a_look(keeper):
    wait_for("a whole look", lambda: inventory(keeper), LONG)


def test_ipmi_over_lan(keeper, ipmi, over_lan):
    hardware = over_lan(keeper.socket.parent, ipmi_interval="1s")
    wait_for_a_look(keeper)
    assert not faults(keeper), hardware.text()
    say(ipmi, "sensor_set_bit 0x20 0 2 1 1 1")  # PSU 1: failure detected
    (fault,) = wait_for("the power supply", lambda: faults(keeper), LONG)
    assert fault["component"]["class"] == "psu"
    say(ipmi, "sensor_set_bit 0x20 0 2 1 0 1")
    wait_for("its end", lambda: not faults(keeper), LONG)
    hardware.stop()
    assert "essai" not in hardware.text()


def test_what_ended_is_told_as_ended(recorder, ipmi, over_lan):
    """An event of the log and its end: FreeIPMI says which is which only when it is asked to."""
    for bit in (1, 0):
        say(ipmi, f"sensor_set_bit 0x20 0 2 1 {bit} 1")
    hardware = over_lan(recorder.path.parent, ipmi_interval="1s")
    told = lambda: [[s["health"] for s in r["sightings"]
                     if s["kind"] == "log" and s["code"].startswith("psu.")]
                    for r in rounds(recorder, "ipmi")]
    wait_for("both", lambda: ["critical", "ok"] in told(), LONG)
    hardware.stop()


def test_a_bmc_that_hangs_over_ipmi(keeper, ipmi, over_lan):
    """Its own silence: four polls without an answer, at once after one another, are a fault of the
    BMC and an alert of the source; both end when it answers. How soon: test_ipmi_silence.py."""
    hardware = over_lan(keeper.socket.parent, ipmi_interval="5s")
    wait_for_a_look(keeper)
    assert not faults(keeper), hardware.text()
    os.kill(ipmi.pid, signal.SIGSTOP)
    (fault,) = wait_for("the fault", lambda: faults(keeper), LONG)
    assert fault["code"] == "bmc.unreachable" and "VIG-H-003" in vigie(keeper, "alerts")
    os.kill(ipmi.pid, signal.SIGCONT)
    wait_for("its end", lambda: not faults(keeper), LONG)
    wait_for("the word", lambda: "VIG-H-003" not in vigie(keeper, "alerts"), LONG)
    hardware.stop()


# ---- in band ----

IPMITOOL = """#!/bin/sh
folder=$(dirname "$0")
echo "$$ $*" >> "$folder/started"
[ -e "$folder/hangs" ] && { trap '' TERM; exec sleep 1000; }
case "$*" in
"sel info") echo "Entries          : 0" ;;
"sdr elist all") echo "PSU1 Status      | C8h | ok  | 10.1 | Presence detected" ;;
esac
"""


def is_alive(pid):
    stat = pathlib.Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_tool_that_hangs_in_band(keeper, tmp_path):
    """With the settings as delivered, between two looks: each call is killed in time, and four of them
    tell of the BMC."""
    tool = tmp_path / "ipmitool"
    tool.write_text(IPMITOOL)
    tool.chmod(0o755)
    hardware = Hardware(keeper.socket.parent, "ipmi", f"{tmp_path}:{os.environ['PATH']}").start()
    started = lambda: (tmp_path / "started").read_text().splitlines()
    wait_for("a whole look", lambda: (tmp_path / "started").exists() and len(started()) == 3 and
             not is_alive(started()[-1].split()[0]), LONG)
    before = len(started())
    (tmp_path / "hangs").touch()
    (fault,) = wait_for("the fault", lambda: faults(keeper), LONG)
    assert fault["code"] == "bmc.unreachable"
    calls = [call.split() for call in started()[before:before + 4]]
    assert len(calls) == 4 and all(words == ["sel", "info"] for _, *words in calls)
    wait_for("their end", lambda: not any(is_alive(pid) for pid, *_ in calls), LONG)
    (tmp_path / "hangs").unlink()
    wait_for("its end", lambda: not faults(keeper), LONG)
    hardware.stop()
