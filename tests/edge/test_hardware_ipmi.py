# SPDX-License-Identifier: Apache-2.0
"""IPMI: a real BMC (ipmi_sim) over the network with FreeIPMI's tools, and in band with an ipmitool
that hangs, as it does on a BMC that is dead."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import pytest
from hardware import Hardware, faults, rounds, vigie
from vigied import wait_for


# ---- a real BMC over LAN ----


@pytest.fixture
def ipmi(tmp_path):
    if not shutil.which("ipmi_sim") or not shutil.which("ipmi-sensors"):
        pytest.skip("ipmi_sim (openipmi) and FreeIPMI's tools are not here")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    data = pathlib.Path(__file__).parent.parent / "data" / "ipmi"
    state = tmp_path / "state"
    (state / "ipmi_sim" / "vigie").mkdir(parents=True)
    subprocess.run(["sdrcomp", "-o", state / "ipmi_sim/vigie/sdr.20.main", data / "bmc.sdrs"],
                   check=True, capture_output=True)
    conf = tmp_path / "lan.conf"
    conf.write_text((data / "lan.conf").read_text().replace("PORT", str(port)))
    process = subprocess.Popen(["ipmi_sim", "-c", conf, "-f", data / "bmc.emu", "-s", state],
                               stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, text=True)
    process.port = port
    yield process
    process.kill()
    process.wait()


def test_ipmi_over_lan(keeper, ipmi, tmp_path):
    password = tmp_path / "password"
    password.write_text("essai")
    hardware = Hardware(keeper.socket.parent, "ipmi", ipmi_address=f"127.0.0.1:{ipmi.port}",
                        bmc_user="vigie", bmc_password_file=password, ipmi_interval="1s",
                        ipmi_workarounds="opensesspriv").start()
    time.sleep(8)
    assert not faults(keeper), hardware.text()

    def say(line):
        ipmi.stdin.write(line + "\n")
        ipmi.stdin.flush()

    say("sensor_set_bit 0x20 0 2 1 1 1")  # PSU 1: failure detected
    (fault,) = wait_for("the power supply", lambda: faults(keeper), 60)
    assert fault["component"]["class"] == "psu"
    say("sensor_set_bit 0x20 0 2 1 0 1")
    wait_for("its end", lambda: not faults(keeper), 60)
    hardware.stop()
    assert "essai" not in hardware.text()


def test_what_ended_is_told_as_ended(recorder, ipmi, tmp_path):
    """An event of the log and its end: FreeIPMI says which is which only when it is asked to."""
    time.sleep(2)  # it starts
    for bit in (1, 0):
        ipmi.stdin.write(f"sensor_set_bit 0x20 0 2 1 {bit} 1\n")
        ipmi.stdin.flush()
        time.sleep(1)
    (tmp_path / "password").write_text("essai")
    hardware = Hardware(recorder.path.parent, "ipmi", ipmi_address=f"127.0.0.1:{ipmi.port}",
                        bmc_user="vigie", bmc_password_file=tmp_path / "password",
                        ipmi_workarounds="opensesspriv").start()
    (seen,) = wait_for("the round", lambda: rounds(recorder, "ipmi"), 60)
    hardware.stop()
    entries = [s for s in seen["sightings"] if s["kind"] == "log" and s["code"].startswith("psu.")]
    assert [e["health"] for e in entries] == ["critical", "ok"], seen


def test_a_bmc_that_hangs_over_ipmi(keeper, ipmi, tmp_path):
    """Its own silence: four polls without an answer, at once after one another, are a fault of the
    BMC and an alert of the source, within a minute of the poll that first stayed without one (which
    comes within half a minute); both end when it answers."""
    password = tmp_path / "password"
    password.write_text("essai")
    hardware = Hardware(keeper.socket.parent, "ipmi", ipmi_address=f"127.0.0.1:{ipmi.port}",
                        bmc_user="vigie", bmc_password_file=password, ipmi_interval="5s",
                        ipmi_workarounds="opensesspriv").start()
    time.sleep(8)
    assert not faults(keeper), hardware.text()
    os.kill(ipmi.pid, signal.SIGSTOP)
    (fault,) = wait_for("the fault", lambda: faults(keeper), 5 + 60)
    assert fault["code"] == "bmc.unreachable" and "VIG-H-003" in vigie(keeper, "alerts")
    os.kill(ipmi.pid, signal.SIGCONT)
    wait_for("its end", lambda: not faults(keeper), 60)
    wait_for("the word", lambda: "VIG-H-003" not in vigie(keeper, "alerts"), 60)
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
    """At the worst moment, just after a poll, and with the settings as delivered: each call is killed
    in time, and four of them tell of the BMC within its budget of 90 seconds."""
    tool = tmp_path / "ipmitool"
    tool.write_text(IPMITOOL)
    tool.chmod(0o755)
    hardware = Hardware(keeper.socket.parent, "ipmi", f"{tmp_path}:{os.environ['PATH']}").start()
    started = lambda: (tmp_path / "started").read_text().splitlines()
    wait_for("a whole poll", lambda: (tmp_path / "started").exists() and len(started()) == 3 and
             not is_alive(started()[-1].split()[0]))
    began, before = time.monotonic(), len(started())
    (tmp_path / "hangs").touch()
    (fault,) = wait_for("the fault", lambda: faults(keeper), 90)
    print(f"told after {time.monotonic() - began:.1f} s")
    assert fault["code"] == "bmc.unreachable"
    calls = started()[before:]
    assert len(calls) == 4 and all(call.split()[1:] == ["sel", "info"] for call in calls)
    assert not any(is_alive(call.split()[0]) for call in calls), "they were killed"
    (tmp_path / "hangs").unlink()
    wait_for("its end", lambda: not faults(keeper), 70)
    hardware.stop()
