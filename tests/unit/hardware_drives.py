# SPDX-License-Identifier: Apache-2.0
"""Drives and sensors as other vendors and tools tell of them, and what must be found in each."""
import json


def smart(name="/dev/sda", protocol="ATA", exit_status=0, passed=True, serial="S1", **members):
    kinds = {"ATA": "sat", "SCSI": "scsi", "NVMe": "nvme"}
    return json.dumps({"smartctl": {"exit_status": exit_status}, "serial_number": serial,
                       "device": {"name": name, "type": kinds[protocol], "protocol": protocol},
                       "smart_status": passed if isinstance(passed, dict) else {"passed": passed},
                       **members})


def attribute(number, name, raw, value=100, thresh=0, prefail=False, when=""):
    return {"id": number, "name": name, "value": value, "thresh": thresh, "when_failed": when,
            "flags": {"prefailure": prefail}, "raw": {"value": raw}}


def table(*rows):
    return {"ata_smart_attributes": {"table": list(rows)}}


PAGE = """\
coretemp-isa-0000
Adapter: ISA adapter
Package id 0:  +95.0°C  (high = +84.0°C, crit = +100.0°C)
Core 0:        +43.0°C  (high = +84.0°C, crit = +100.0°C)
Core 1:       +101.0°C  (high = +84.0°C, crit = +100.0°C)  ALARM (CRIT)

nct6775-isa-0290
Adapter: ISA adapter
Vcore:         +0.87 V  (min =  +0.00 V, max =  +1.74 V)
+3.3V:         +3.34 V  (min =  +0.00 V, max =  +0.00 V)  ALARM
fan1:         1000 RPM  (min =    0 RPM)
fan2:            0 RPM  (min =  600 RPM)  ALARM
fan3:            0 RPM  (min =    0 RPM)
SYSTIN:        +33.0°C  (high =  +0.0°C, hyst =  +0.0°C)  ALARM  sensor = CPU diode
AUXTIN:       +127.0°C  (high = +80.0°C, hyst = +75.0°C)  FAULT
intrusion0:  ALARM
"""

DRIVES = {
    "SMART: raw values that hold several numbers": ({
        "smartctl/sda.json": smart(**table(
            attribute(1, "Raw_Read_Error_Rate", 212345678), attribute(7, "Seek_Error_Rate", 4 << 40),
            attribute(5, "Reallocated_Sector_Ct", 0), attribute(187, "Reported_Uncorrect", 0),
            attribute(188, "Command_Timeout", (3 << 32) + (2 << 16) + 1),
            attribute(197, "Current_Pending_Sector", 7 << 32)))}, set()),
    "SMART: numbers that this vendor gives to other things": ({
        "smartctl/sda.json": smart(**table(
            attribute(197, "Unknown_SSD_Attribute", 12345), attribute(198, "Total_Reads_GiB", 700),
            attribute(187, "Total_Erase_Count", 9)))}, set()),
    "SMART: hot, worn, foretold by attributes at their thresholds": ({
        "smartctl/sda.json": smart(**table(
            attribute(190, "Airflow_Temperature_Cel", 60, 40, 45, False, "now"))),
        "smartctl/sdb.json": smart("/dev/sdb", serial="S2", **table(
            attribute(233, "Media_Wearout_Indicator", 0, 1, 10, False, "now"))),
        "smartctl/sdc.json": smart("/dev/sdc", serial="S3", **table(
            attribute(3, "Spin_Up_Time", 0, 98, 21, True, "past")))},
        {"drive.temperature drive/sda", "drive.wear drive/sdb"}),
    "SMART: endurance and spare of a SATA flash drive": ({
        "smartctl/sda.json": smart(endurance_used={"current_percent": 103}),
        "smartctl/sdb.json": smart("/dev/sdb", serial="S2", spare_available={
            "current_percent": 3, "threshold_percent": 10})},
        {"drive.wear drive/sda", "drive.failed drive/sdb"}),
    "SMART: SAS that warns of heat is not failing": ({
        "smartctl/sda.json": smart(protocol="SCSI", exit_status=8, passed={
            "passed": False, "scsi": {"asc": 11, "ascq": 1, "ie_string": "WARNING - SPECIFIED "
                                      "TEMPERATURE EXCEEDED"}}),
        "smartctl/sdb.json": smart("/dev/sdb", "SCSI", serial="S2",
                                   temperature={"current": 71, "drive_trip": 68}),
        "smartctl/sdc.json": smart("/dev/sdc", "SCSI", serial="S3",
                                   temperature={"current": 31, "drive_trip": 0})},
        {"drive.temperature drive/sda", "drive.temperature drive/sdb"}),
    "SMART: SAS: grown defects are a note, pending ones are not": ({
        "smartctl/sda.json": smart(protocol="SCSI", scsi_grown_defect_list=22),
        "smartctl/sdb.json": smart("/dev/sdb", "SCSI", serial="S2",
                                   scsi_pending_defects={"count": 4})}, {"drive.media drive/sdb"}),
    "nvme-cli: well, as numbers, texts and bits": ({
        "smartctl/nvme0.json": json.dumps({"critical_warning": 0, "avail_spare": 100,
                                           "spare_thresh": 10, "percent_used": 2}),
        "smartctl/nvme1.json": json.dumps({"critical_warning": "0", "avail_spare": "100",
                                           "spare_thresh": "10", "percent_used": "2"}),
        "nvme2-smart-log.json": json.dumps({"critical_warning": {"value": 0, "available_spare": 0},
                                            "avail_spare": 100, "spare_thresh": 10})}, set()),
    "nvme-cli: worn, without spare, read only": ({
        "smartctl/nvme0.json": json.dumps({"critical_warning": 0, "avail_spare": 100,
                                           "spare_thresh": 10, "percent_used": 117}),
        "smartctl/nvme1.json": json.dumps({"critical_warning": "1", "avail_spare": "3",
                                           "spare_thresh": "10", "percent_used": "9"}),
        "nvme2-smart-log.json": json.dumps({"critical_warning": {"value": 8}, "avail_spare": 100,
                                            "spare_thresh": 10})},
        {"drive.wear drive/nvme0", "drive.failed drive/nvme1", "drive.failed drive/nvme2"}),
    "RAID: mdadm --detail": ({
        "raid/mdadm.txt": "/dev/md0:\n        Raid Level : raid1\n             State : clean, degraded"
                          " \n    Number   Major   Minor   RaidDevice State\n       0       8        "
                          "0        0      active sync   /dev/sda\n       -       0        0        "
                          "1      removed\n       1       8       16        -      faulty   "
                          "/dev/sdb\n"}, {"volume.degraded volume/md0", "drive.failed drive/sdb"}),
    "RAID: sas2ircu": ({
        "raid/sas2ircu.txt": "IR volume 1\n  Status of volume         : Optimal (OKY)\n" + "".join(
            f"Device is a Hard disk\n  Enclosure #              : 1\n  Slot #                   : "
            f"{n}\n  State                    : {state}\n  Serial No                : Z{n}\n"
            for n, state in enumerate(("Optimal (OPT)", "Failed (FLD)")))},
        {"drive.failed drive/1:1"}),
    "RAID: storcli's battery among its tables": ({
        "raid/storcli.txt": "CLI Version = 007.1\nController = 0\n\nBBU_Info :\n========\n\n-----\n"
                            "Model  State  RetentionTime Temp Mode MfgDate    Next Learn\n-----\n"
                            "CVPM02 Failed 0 hour(s)     28C  -    2016/03/05 2018/01/01\n-----\n\n"
                            "PD LIST :\n=======\n\nEID:Slt DID State DG Size Intf Med SED PI SeSz "
                            "Model Sp\n252:0     8 Onln   0 1 TB SATA HDD N   N  512B X  U\n"},
        {"battery.failed battery/c0 battery"}),
    "sysfs: a disk that the kernel gave up": ({
        "sys/block/sda/device/state": "running\n", "sys/block/sdb/device/state": "offline\n"},
        {"drive.failed drive/sdb"}),
    "sensors: its page": ({"sensors.txt": PAGE}, {
        "temperature.warning temperature/coretemp-isa-0000 Package id 0",
        "temperature.critical temperature/coretemp-isa-0000 Core 1",
        "fan.failed fan/nct6775-isa-0290 fan2"}),
    "sensors -u": ({"sensors.txt": "coretemp-isa-0000\nAdapter: ISA adapter\nPackage id 0:\n  "
                                   "temp1_input: 45.000\n  temp1_max: 84.000\n  temp1_crit: 100.000"
                                   "\nCore 0:\n  temp2_input: 101.000\n  temp2_max: 84.000\n  "
                                   "temp2_crit: 100.000\n"},
                   {"temperature.critical temperature/coretemp-isa-0000 Core 0"}),
    "sensors -j": ({"sensors.json": json.dumps({
        "coretemp-isa-0000": {"Adapter": "ISA adapter", "Core 0": {
            "temp2_input": 88.0, "temp2_max": 84.0, "temp2_crit": 100.0}},
        "drivetemp-scsi-0-0": {"Adapter": "SCSI adapter", "temp1": {
            "temp1_input": 33.0, "temp1_max": 55.0, "temp1_crit": 60.0}}})},
        {"temperature.warning temperature/coretemp-isa-0000 Core 0"}),
}
