# SPDX-License-Identifier: Apache-2.0
"""A folder that stands for / with the disks of a kernel in its /sys, and a smartctl that knows which
of them sleep and counts whom it wakes."""

import json
import os
import shutil

PCI = "devices/pci0000:00/0000:00:1f.2"
WHERE = {"sata": f"{PCI}/ata{{n}}/host{{n}}/target{{n}}:0:0",
         "sas": f"{PCI}/host{{n}}/port-{{n}}:0/end_device-{{n}}:0/target{{n}}:0:0",
         "usb": "devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host{n}/target{n}:0:0",
         "iscsi": "devices/platform/host{n}/session1/target{n}:0:0"}

SMARTCTL = """#!/bin/sh
# -n standby, as smartctl obeys it: a disk that sleeps is left so, and the answer is exit status 2.
folder=$(dirname "$0")
case "$*" in
*--scan*) cat "$folder/scan"; exit ;;
esac
for word in "$@"; do case $word in /dev/*) name=$(basename "$word") ;; esac; done
echo "$name $*" >> "$folder/asked"
if [ -e "$folder/$name.asleep" ]; then
        case " $* " in
        *" -n standby "*) cat "$folder/$name.asleep"; exit 2 ;;
        esac
        rm "$folder/$name.asleep"
        echo "$name" >> "$folder/woken"
fi
cat "$folder/$name.json"
"""


def page_80(serial):
    return b"\0\x80\0" + bytes([len(serial)]) + serial.encode()


def page_89(model, serial, firmware):
    """ATA information: IDENTIFY DEVICE from byte 60, two characters a word, the first one high."""
    identify = bytearray(512)
    for word, n, text in ((10, 10, serial), (23, 4, firmware), (27, 20, model)):
        padded = text.ljust(2 * n).encode()
        for i in range(n):
            identify[2 * (word + i)], identify[2 * (word + i) + 1] = padded[2 * i + 1], padded[2 * i]
    return b"\0\x89\x02\x38" + bytes(56) + bytes(identify)


class Disks:
    def __init__(self, folder):
        self.root, self.tools, self.n, self.shown = folder / "root", folder / "tools", 0, {}
        self.tools.mkdir(parents=True)
        for name in ("sys/block", "sys/class/block"):
            (self.root / name).mkdir(parents=True)
        script = self.tools / "smartctl"
        script.write_text(SMARTCTL)
        script.chmod(0o755)
        self.scan()

    @property
    def path(self):
        return f"{self.tools}:{os.environ['PATH']}"

    def scan(self):
        kinds = {"sata": "sat", "usb": "sat"}
        (self.tools / "scan").write_text(json.dumps({"devices": [
            {"name": f"/dev/{name}", "type": kinds.get(bus, "scsi")}
            for name, (bus, _) in self.shown.items()]}))

    def add(self, name, serial, bus="sata", model="D-1000 of forty characters, or nearly so", removable=0):
        self.n += 1
        place = WHERE[bus].format(n=self.n)
        device = self.root / "sys" / place / f"{self.n}:0:0:0"
        block = device / "block" / name
        block.mkdir(parents=True)
        files = {"vendor": "ATA     " if bus == "sata" else "ACME    ", "model": model[:16],
                 "rev": "1.2a", "state": "running\n"}
        for file, text in files.items():
            (device / file).write_text(text)
        (device / "vpd_pg80").write_bytes(page_80(serial.rjust(20)))
        if bus == "sata":
            (device / "vpd_pg89").write_bytes(page_89(model, serial, "1.2abcde"))
        (block / "removable").write_text(f"{removable}\n")
        (block / "device").symlink_to("../../../" + device.name)
        for link in ("sys/block", "sys/class/block"):
            to = self.root / link / name
            to.symlink_to(os.path.relpath(block, to.parent))
        self.shown[name] = bus, device
        (self.tools / f"{name}.json").write_text(json.dumps({
            "smartctl": {"exit_status": 0}, "model_name": model, "serial_number": serial,
            "device": {"name": f"/dev/{name}", "type": "sat", "protocol": "ATA"},
            "firmware_version": "1.2abcde", "smart_status": {"passed": True}}))
        self.scan()

    def remove(self, name):
        for link in ("sys/block", "sys/class/block"):
            (self.root / link / name).unlink()
        shutil.rmtree(self.shown.pop(name)[1])
        self.scan()

    def sleep(self, name):
        (self.tools / f"{name}.asleep").write_text(json.dumps({
            "smartctl": {"exit_status": 2, "messages": [
                {"string": "Device is in STANDBY mode, exit(2)", "severity": "information"}]},
            "device": {"name": f"/dev/{name}", "type": "sat", "protocol": "ATA"}}))

    def lines(self, name):
        file = self.tools / name
        return file.read_text().splitlines() if file.exists() else []
