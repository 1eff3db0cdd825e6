# SPDX-License-Identifier: Apache-2.0
"""Hardware from the sources to the ledger: each fault once, named, cleared, on record; silence is
told; a source that hangs delays no other; repairs, replacements and log-ins are records."""

import json
import os
import pathlib
import subprocess
import time

import pytest
from bmc import PASSWORD, USER, Bmc, entry
from hardware import Hardware, faults, inventory, records, rounds, vigie
from vigied import program, wait_for


@pytest.fixture
def bmc(tmp_path):
    bmc = Bmc(tmp_path)
    yield bmc
    bmc.stop()


@pytest.fixture
def hardware(keeper, bmc, tmp_path):
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    hardware = Hardware(keeper.socket.parent, "redfish", bmc_address=bmc.address, bmc_user=USER,
                        bmc_password_file=password, bmc_pin=bmc.pin, bmc_timeout="2s").start()
    wait_for("the inventory", lambda: len(inventory(keeper)) > 30)
    yield hardware
    if hardware.process.poll() is None:
        hardware.stop()


def set_drive(bmc, health):
    bmc.find("/Drives/D3")["Status"]["Health"] = health
    for part in ("/Systems/S1", "/Storage/R1"):
        bmc.find(part)["Status"]["HealthRollup"] = health


def test_one_broken_drive_is_one_fault(keeper, bmc, hardware):
    set_drive(bmc, "Critical")
    (fault,) = wait_for("the fault", lambda: faults(keeper))
    assert fault["code"] == "drive.failed" and fault["severity"] == "critical"
    assert fault["component"]["serial"] == "DISK0003"
    assert "Bay 3" in fault["component"]["location"]
    assert fault["evidence"][0]["path"].endswith("/Drives/D3")
    assert "VIG-H-001" in vigie(keeper, "alerts") and "DISK0003" in vigie(keeper, "alerts")
    assert "1 fault" in vigie(keeper, "status", status=(0, 1, 2, 3))
    polls = bmc.count()
    wait_for("further polls, which say the same", lambda: bmc.count() > polls + 10)
    assert [r["event"] for r in records(keeper, "fault")] == ["opened"]

    set_drive(bmc, "OK")
    wait_for("the end", lambda: not faults(keeper))
    (old,) = faults(keeper, "--all")
    assert old["state"] == "cleared" and old["ended"] and old["how"] == "state"
    text = vigie(keeper, "fault", "show", old["id"])
    assert "found" in text and "over" in text and "Evidence" in text
    wait_for("its word", lambda: "VIG-H-002" in vigie(keeper, "alerts"))
    assert "VIG-H-001" not in vigie(keeper, "alerts")

    set_drive(bmc, "Critical")
    (again,) = wait_for("its return", lambda: faults(keeper))
    assert again["id"] == old["id"] and again["episode"] == 2
    vigie(keeper, "ledger", "verify", status=(0,))


def test_replacement_and_firmware(keeper, bmc, hardware):
    set_drive(bmc, "Critical")
    wait_for("the fault", lambda: faults(keeper))
    bmc.find("/Drives/D3").update(SerialNumber="NEUF0001")
    bmc.find("/Managers/M1")["FirmwareVersion"] = "1.0.1"
    set_drive(bmc, "OK")
    wait_for("the replacement", lambda: records(keeper, "replacement"))
    (record,) = records(keeper, "replacement")
    assert record["before"]["serial"] == "DISK0003"
    assert record["component"]["serial"] == "NEUF0001"
    assert faults(keeper, "--all")[0]["state"] == "replaced"
    (firmware,) = wait_for("the firmware", lambda: records(keeper, "firmware"))
    assert (firmware["before"]["firmware"], firmware["component"]["firmware"]) == ("1.0.0", "1.0.1")


def test_repair_acts(keeper, bmc, hardware):
    set_drive(bmc, "Critical")
    (fault,) = wait_for("the fault", lambda: faults(keeper))
    vigie(keeper, "fault", "ack", fault["id"], "--reason", "vu", status=(0,))
    vigie(keeper, "fault", "on-site", fault["id"], status=(0,))
    assert "already" in vigie(keeper, "fault", "on-site", fault["id"], "--json", status=(3,))
    assert "no-such-fault" in vigie(keeper, "fault", "ack", "0" * 16, "--json", status=(3,))
    (fault,) = faults(keeper)
    assert fault["acknowledged"] and fault["on_site"]
    vigie(keeper, "fault", "replaced", fault["id"], status=(0,))
    acts = [r["verb"] for r in records(keeper, "act", "client")]
    assert acts == ["fault.acknowledge", "fault.on-site", "fault.replaced"]
    events = [r["event"] for r in records(keeper, "fault")]
    assert events[:3] == ["opened", "acknowledged", "on-site"] and "replaced" in events


def test_states_survive(keeper, bmc, hardware):
    """A keeper that is killed knows its faults, tells none twice, and its tables can be made again."""
    set_drive(bmc, "Critical")
    wait_for("the fault", lambda: faults(keeper))
    keeper.kill()
    keeper.start()
    polls = bmc.count()
    wait_for("further polls", lambda: bmc.count() > polls + 10)
    assert len(faults(keeper)) == 1
    assert [r["event"] for r in records(keeper, "fault")] == ["opened"]
    set_drive(bmc, "OK")
    wait_for("the end", lambda: not faults(keeper))
    hardware.stop()
    keeper.stop()
    before = faults(keeper, "--all"), inventory(keeper)
    vigie(keeper, "ledger", "rebuild", status=(0,))
    assert (faults(keeper, "--all"), inventory(keeper)) == before
    vigie(keeper, "ledger", "verify", status=(0,))


def test_log_entry(keeper, bmc, hardware):
    """An entry of the machine's log opens a fault where no live state contradicts it, as that of the
    power supplies does."""
    entries = bmc.find("/Log/Entries")
    for number, text in ((41, "Power supply 2 has failed"), (42, "System board battery has failed")):
        entries["Members"].append(entry(entries["@odata.id"], number, "Critical", text))
    entries["Members@odata.count"] = 42
    (fault,) = wait_for("the entry", lambda: faults(keeper), 60)
    assert fault["component"]["class"] == "battery"
    assert "battery" in fault["evidence"][0]["text"]


def test_silence_is_told(keeper, bmc, hardware):
    bmc.stop()
    hardware.says("cannot be read")
    wait_for("the alert", lambda: "VIG-H-003" in vigie(keeper, "alerts"), 60)
    vigie(keeper, "faults")


def test_a_bmc_that_hangs(keeper, bmc, hardware):
    """It takes requests and answers none: four polls in a row say so, a fault of the BMC and a source
    that cannot be read; what it had told before is not observed, and both end when it answers."""
    set_drive(bmc, "Critical")
    wait_for("the fault", lambda: faults(keeper))
    bmc.answers.clear()
    found = wait_for("the BMC", lambda: [f for f in faults(keeper)
                                         if f["code"] == "bmc.unreachable"], 90)
    assert found[0]["component"]["class"] == "bmc" and found[0]["severity"] == "warning"
    assert "VIG-H-003" in vigie(keeper, "alerts")
    (drive,) = [f for f in faults(keeper) if f["code"] == "drive.failed"]
    assert drive["state"] == "unobservable"
    bmc.answers.set()
    wait_for("its return", lambda: [f["code"] for f in faults(keeper)] == ["drive.failed"], 60)
    wait_for("the word", lambda: "VIG-H-003" not in vigie(keeper, "alerts"), 60)


def test_a_bmc_that_refuses_is_there(keeper, bmc, tmp_path):
    """Whoever says no can be reached: the source cannot be read, and the BMC has no fault."""
    password = tmp_path / "password"
    password.write_text("faux")
    hardware = Hardware(keeper.socket.parent, "redfish", bmc_address=bmc.address, bmc_user=USER,
                        bmc_password_file=password, bmc_pin=bmc.pin).start()
    wait_for("the alert", lambda: "VIG-H-003" in vigie(keeper, "alerts"), 60)
    assert not faults(keeper)
    hardware.stop()


def test_nonsense_is_refused(keeper):
    """What is no round is refused for good, and leaves no trace."""
    client = keeper.client()
    answer = client.ask("sightings", {"source": 7, "sightings": "none"})
    assert not answer["ok"] and not answer["retry"] and not records(keeper, "fault")
    client.close()


# ---- tools that hang ----

SMARTCTL = """#!/bin/sh
case "$*" in
*--scan*) echo '{"devices":[{"name":"/dev/sda","type":"sat"},{"name":"/dev/nvme0","type":"nvme"}]}' ;;
*sda*) echo "$$" > PIDFILE; trap '' TERM; exec sleep 1000 ;;
*) echo "$*" >> ARGSFILE; cat DATA ;;
esac
"""
NVME = {"json_format_version": [1, 0], "smartctl": {"exit_status": 0},
        "device": {"name": "/dev/nvme0", "type": "nvme", "protocol": "NVMe"},
        "model_name": "Essai NVMe", "serial_number": "NVME1", "firmware_version": "1.0",
        "smart_status": {"passed": True, "nvme": {"value": 0}},
        "nvme_smart_health_information_log": {"critical_warning": 0, "temperature": 35,
                                              "available_spare": 100,
                                              "available_spare_threshold": 10,
                                              "percentage_used": 3, "media_errors": 0,
                                              "num_err_log_entries": 4}}


def test_notes_are_in_the_reader_s_language(tmp_path):
    """On the page; JSON, which programs read, keeps to English."""
    used = {**NVME["nvme_smart_health_information_log"], "percentage_used": 93}
    (tmp_path / "smartctl").mkdir()
    (tmp_path / "smartctl" / "nvme0.json").write_text(
        json.dumps({**NVME, "nvme_smart_health_information_log": used}))

    def check(*words):
        done = subprocess.run([program("vigie"), "hardware", "check", "--host", tmp_path, *words],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return " ".join(done.stdout.replace("\u00a0", " ").split())

    assert "93 % de son endurance utilisés" in check("--lang", "fr")
    assert "93 % of its endurance used" in check("--lang", "en")
    assert "93 % of its endurance used" in check("--lang", "fr", "--json")


@pytest.fixture
def tools(tmp_path):
    folder = tmp_path / "tools"
    folder.mkdir()
    (folder / "data").write_text(json.dumps(NVME))
    script = folder / "smartctl"
    script.write_text(SMARTCTL.replace("PIDFILE", str(folder / "pid"))
                      .replace("ARGSFILE", str(folder / "args"))
                      .replace("DATA", str(folder / "data")))
    script.chmod(0o755)
    return folder


def test_a_tool_that_hangs(recorder, tools):
    """The other sources go on at their pace; nothing is left running after the stop."""
    hardware = Hardware(recorder.path.parent, "smart drive", f"{tools}:{os.environ['PATH']}",
                        sysfs_interval="1s").start()
    wait_for("three looks", lambda: len(rounds(recorder, "drive")) >= 3, 40)
    pid = int(wait_for("the tool", lambda: (tools / "pid").exists() and (tools / "pid").read_text()))
    hardware.stop()
    wait_for("its end", lambda: not pathlib.Path(f"/proc/{pid}").exists()
             or "Z" in pathlib.Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3])


@pytest.mark.long
def test_a_tool_that_hangs_is_left_behind(recorder, tools):
    """At its deadline of a minute the disk is reported, and the next one is read."""
    hardware = Hardware(recorder.path.parent, "smart", f"{tools}:{os.environ['PATH']}").start()
    (seen,) = wait_for("the round", lambda: rounds(recorder, "smart"), 240)
    assert "/dev/sda" in json.dumps(seen["unread"])
    assert any(s["component"].get("serial") == "NVME1" for s in seen["sightings"])
    hardware.stop()


def test_no_disk_is_woken(recorder, tools):
    """Standby is asked for on every call, and no log page that a drive might not know."""
    script = tools / "smartctl"
    script.write_text(script.read_text().replace("*sda*)", "*nothing*)"))
    hardware = Hardware(recorder.path.parent, "smart", f"{tools}:{os.environ['PATH']}").start()
    wait_for("the round", lambda: rounds(recorder, "smart"))
    hardware.stop()
    for line in (tools / "args").read_text().splitlines():
        assert "-n standby" in line and "-x" not in line.split() and "-a" not in line.split()


# ---- what a kernel that died left behind ----


def test_a_kernel_that_died(recorder, tmp_path):
    """Its lines count once and from when it died, not from the boot after, when systemd put them
    together: a fault that was repaired in between would be one again."""
    died = 1764000000
    folder = tmp_path / "var/lib/systemd/pstore/7711471182758"
    folder.mkdir(parents=True)
    lines = ("<2>[  100.0] EDAC MC0: 1 UE memory read error on DIMM_A1 (channel:0 slot:0 page:0x0 "
             "offset:0x0 grain:32)\n<0>[  160.0] Kernel panic - not syncing: Fatal\n")
    record, whole = folder / "dmesg-erst-7711471182758805505", folder / "dmesg.txt"
    record.write_text("Panic#1 Part1\n" + lines)
    whole.write_text(f"{record.name}:\nPanic#1 Part1\n" + lines)
    os.utime(record, (died, died))
    os.utime(whole, (died + 75, died + 75))
    hardware = Hardware(recorder.path.parent, "kernel", root=tmp_path).start()
    seen = wait_for("the round", lambda: [s for r in rounds(recorder, "kernel")
                                          for s in r["sightings"] if s["code"] == "dimm.uncorrected"], 60)
    hardware.stop()
    assert [(s["at_s"], s["count"]) for s in seen] == [(died - 60, 1)], seen


# ---- log-ins, capture ----


def test_sessions(keeper):
    client = keeper.client()
    one = {"host": "10.0.0.9", "id": "7", "service": "sshd", "tty": "pts/0", "uid": 1000,
           "user": "fournisseur"}
    for open_now in ([one], [one], []):
        assert client.ask("sessions", {"sessions": open_now})["ok"]
    client.close()
    assert [(r["event"], r["user"], r["host"]) for r in records(keeper, "session")] == [
        ("opened", "fournisseur", "10.0.0.9"), ("closed", "fournisseur", "10.0.0.9")]


def test_capture(bmc, tmp_path):
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    config = tmp_path / "vigie.conf"
    config.write_text(f"[appliance]\nid = essai\n[hardware]\nsources = redfish drive dmi\n"
                      f"bmc_address = {bmc.address}\nbmc_user = {USER}\nbmc_pin = {bmc.pin}\n"
                      f"bmc_password_file = {password}\n")
    folder = tmp_path / "capture"
    subprocess.run([program("vigie"), "hardware", "capture", folder, "--config", config],
                   check=True, timeout=60)
    assert (folder / "capture.json").exists()
    root = json.loads((folder / "redfish/v1/index.json").read_text())
    assert root["RedfishVersion"] == "1.15.0"
    drive = folder / "redfish/v1/Systems/S1/Storage/R1/Drives/D3/index.json"
    assert json.loads(drive.read_text())["SerialNumber"] == "DISK0003"
    assert not bmc.sessions, "no session is left behind"
    done = subprocess.run([program("vigie"), "hardware", "capture", folder, "--config", config],
                          capture_output=True, timeout=60)
    assert done.returncode == 3, "a folder that holds something is left alone"
