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


TOOL = """#!/bin/sh
# The real one; the BMC stops as soon as it is asked what "hangs" names.
case "$0 $*" in *"$(cat {folder}/hangs 2>/dev/null)"*) kill -STOP {pid} ;; esac
exec {real} "$@"
"""


def stop_when_asked(ipmi, folder, what):
    (folder / "hangs").write_text(what)
    for name in ("ipmi-sel", "ipmi-sensors"):
        tool = folder / name
        tool.write_text(TOOL.format(folder=folder, pid=ipmi.pid, real=shutil.which(name)))
        tool.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@pytest.mark.parametrize("what", ["ipmi-sel --info", "ipmi-sensors", "ipmi-sel --verbose"])
def test_a_bmc_that_hangs_over_ipmi(keeper, ipmi, tmp_path, what):
    """Its own silence, whatever it was asked when it began: four questions without an answer are a
    fault of the BMC and an alert of the source, in its budget; both end when it answers."""
    password = tmp_path / "password"
    password.write_text("essai")
    hardware = Hardware(keeper.socket.parent, "ipmi", stop_when_asked(ipmi, tmp_path, what),
                        ipmi_address=f"127.0.0.1:{ipmi.port}", bmc_user="vigie",
                        bmc_password_file=password, ipmi_interval="5s",
                        ipmi_workarounds="opensesspriv").start()
    began = time.monotonic()
    (fault,) = wait_for("the fault", lambda: faults(keeper), 90)
    print(f"told after {time.monotonic() - began:.1f} s")
    assert fault["code"] == "bmc.unreachable" and "VIG-H-003" in vigie(keeper, "alerts")
    (tmp_path / "hangs").write_text("nothing")
    os.kill(ipmi.pid, signal.SIGCONT)
    wait_for("its end", lambda: not faults(keeper), 90)
    wait_for("the word", lambda: "VIG-H-003" not in vigie(keeper, "alerts"), 60)
    hardware.stop()


# ---- in band ----

IPMITOOL = """#!/bin/sh
folder=$(dirname "$0")
echo "$$ $*" >> "$folder/started"
[ -e "$folder/hangs" ] && { trap '' TERM; exec sleep 1000; }
[ "$*" = "$(cat "$folder/hangs-at" 2>/dev/null)" ] && { touch "$folder/hangs"; exec sleep 1000; }
[ "$*" = "$(cat "$folder/slow" 2>/dev/null)" ] && sleep 20
case "$*" in
"sel info") echo "Entries          : 0" ;;
"sdr elist all") echo "PSU1 Status      | C8h | ok  | 10.1 | Presence detected" ;;
esac
"""


def put_ipmitool(folder):
    tool = folder / "ipmitool"
    tool.write_text(IPMITOOL)
    tool.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def is_alive(pid):
    stat = pathlib.Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_tool_that_hangs_in_band(keeper, tmp_path):
    """At the worst moment, just after a poll, and with the settings as delivered: each call is killed
    in time, and four of them tell of the BMC within its budget of 90 seconds."""
    hardware = Hardware(keeper.socket.parent, "ipmi", put_ipmitool(tmp_path)).start()
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


@pytest.mark.parametrize("what", ["sdr elist all", "sel elist"])
def test_a_tool_that_hangs_in_the_middle_of_a_look(keeper, tmp_path, what):
    """A step may take minutes; that the BMC died under it is told in its budget all the same."""
    (tmp_path / "hangs-at").write_text(what)
    hardware = Hardware(keeper.socket.parent, "ipmi", put_ipmitool(tmp_path)).start()
    wait_for("the step", (tmp_path / "hangs").exists)
    began = time.monotonic()
    (fault,) = wait_for("the fault", lambda: faults(keeper), 90)
    print(f"told after {time.monotonic() - began:.1f} s")
    assert fault["code"] == "bmc.unreachable"
    started = (tmp_path / "started").read_text().splitlines()
    assert not any(is_alive(call.split()[0]) for call in started), "they were killed"
    hardware.stop()


def test_a_slow_step_is_no_silence(recorder, tmp_path):
    """Longer than it takes until the header is asked for beside it, which is answered."""
    (tmp_path / "slow").write_text("sdr elist all")
    hardware = Hardware(recorder.path.parent, "ipmi", put_ipmitool(tmp_path)).start()
    (seen,) = wait_for("the round", lambda: rounds(recorder, "ipmi"), 90)
    assert [s["component"]["location"] for s in seen["sightings"]] == ["PSU1 Status"], seen
    calls = [line.split()[1:] for line in (tmp_path / "started").read_text().splitlines()]
    assert calls == [["sel", "info"], ["sdr", "elist", "all"], ["sel", "info"], ["sel", "elist"]]
    hardware.stop()
