# SPDX-License-Identifier: Apache-2.0
"""Captures of our own, in the real formats, and what must be found in each: "code location"."""
import json

from hardware_drives import DRIVES
from hardware_ipmi import IPMI
from hardware_kernel import KERNEL
from hardware_redfish import REDFISH
from hardware_vendors import VENDORS

ROOT = "/redfish/v1"


def resource(uri, kind, **members):
    return {"@odata.id": ROOT + uri, "@odata.type": f"#{kind}.v1_5_0.{kind}", **members}


def status(health, state="Enabled"):
    return {"State": state, "Health": health}


def tree(*resources):
    return {"redfish/v1" + r["@odata.id"][len(ROOT):].rstrip("/") + "/index.json": json.dumps(r)
            for r in resources}


def log(*entries):
    return resource("/Systems/1/LogServices/Log/Entries", "LogEntryCollection", Members=[
        resource(f"/Systems/1/LogServices/Log/Entries/{i}", "LogEntry", Id=str(i), **e)
        for i, e in enumerate(entries)])


def smart(name="/dev/sda", kind="sat", protocol="ATA", exit_status=0, passed=True, **members):
    return json.dumps({"smartctl": {"exit_status": exit_status}, "serial_number": "S1",
                       "device": {"name": name, "type": kind, "protocol": protocol},
                       "smart_status": {"passed": passed}, **members})


def attribute(number, name, raw, value=100, thresh=0, prefail=False, when=""):
    return {"id": number, "name": name, "value": value, "thresh": thresh, "when_failed": when,
            "flags": {"prefailure": prefail}, "raw": {"value": raw}}


PSU = dict(Manufacturer="ACME", SerialNumber="P1", Model="800W")
BAD_DRIVE = resource("/Systems/1/Storage/1/Drives/3", "Drive", Id="3", SerialNumber="D3",
                     PhysicalLocation={"PartLocation": {"ServiceLabel": "Box 2:Bay 5"}},
                     Status=status("Critical"))

CASES = {
    # -- Redfish
    "a drive, its storage, chassis and system: one fault": (tree(
        resource("/Systems/1", "ComputerSystem", Id="1", Status={"Health": "Critical",
                                                                 "HealthRollup": "Critical"}),
        resource("/Chassis/1", "Chassis", Id="1", Status=status("Critical")),
        resource("/Systems/1/Storage/1", "Storage", Id="1", Status={"HealthRollup": "Critical"}),
        BAD_DRIVE), {"drive.failed drive/Box 2:Bay 5"}),
    "a roll-up that nothing explains": (tree(
        resource("/Systems/1", "ComputerSystem", Id="1", Status=status("Warning")),
        resource("/Systems/1/Storage/1/Drives/3", "Drive", Id="3", Status=status("OK"))),
        {"system.health system/system"}),
    "a healthy roll-up hides no bad leaf": (tree(
        resource("/Systems/1", "ComputerSystem", Id="1", Status={"Health": "OK",
                                                                 "HealthRollup": "OK"}),
        resource("/Chassis/1/ThermalSubsystem/LeakDetection/LeakDetectors/2", "LeakDetector",
                 Id="2", Name="Leak 2", DetectorState="Critical", Status={"State": "Enabled"})),
        {"leak.detected leak/Leak 2"}),
    "absent and disabled things have no health": (tree(
        resource("/Chassis/1/PowerSubsystem/PowerSupplies/1", "PowerSupply", Id="1",
                 Status=status("Warning", "Absent")),
        resource("/Systems/1/Memory/2", "Memory", Id="2", Status=status("Critical", "Disabled"))),
        set()),
    "an empty bay that is called Warning": (tree(
        resource("/Chassis/1/Power", "Power", PowerSupplies=[
            {"MemberId": "0", "Name": "PSU1", "Status": status("OK"), **PSU},
            {"MemberId": "1", "Name": "PSU2", "Model": None, "SerialNumber": None,
             "PowerCapacityWatts": 0, "Status": status("Warning")}])), set()),
    "no health is unknown": (tree(
        resource("/Systems/1/Processors/1", "Processor", Id="1", Socket="CPU 1",
                 Status={"State": "Enabled", "Health": None})), set()),
    "power supply without input, mixed case and slashes": ({
        "redfish/v1/chassis/a/power.json": json.dumps({
            "@odata.id": "/redfish/v1/Chassis/A/Power/", "PowerSupplies": [
                {"@odata.id": "/redfish/v1/Chassis/A/Power/#/PowerSupplies/0", "MemberId": "0",
                 "Name": "PSU 1", "LineInputStatus": "LossOfInput", "Status": status("Critical"),
                 **PSU}]})}, {"psu.input-lost psu/PSU 1"}),
    "a sensor by its thresholds where the health is silent; zero is missing": (tree(
        resource("/Chassis/1/Thermal", "Thermal", Temperatures=[
            {"Name": "Inlet", "ReadingCelsius": 47, "UpperThresholdNonCritical": 42,
             "UpperThresholdCritical": 46, "Status": {"State": "Enabled"}},
            {"Name": "Outlet", "ReadingCelsius": 0, "LowerThresholdCritical": 3,
             "Status": {"State": "Enabled"}}])), {"temperature.critical temperature/Inlet"}),
    "old and new views of one fan": (tree(
        resource("/Chassis/1/Thermal", "Thermal", Fans=[
            {"MemberId": "0", "Name": "Fan 1", "Status": status("Critical")}]),
        resource("/Chassis/1/ThermalSubsystem/Fans/F1", "Fan", Id="F1",
                 Status=status("Critical"))), {"fan.failed fan/F1"}),
    "a fan as the first version names it": (tree(
        resource("/Chassis/1/Thermal", "Thermal", Fans=[
            {"MemberId": "0", "FanName": "FAN1", "Reading": 0, "Units": "RPM",
             "Status": status("Critical")},
            {"MemberId": "1", "FanName": "FAN2", "Status": {"State": "Absent"}}])),
        {"fan.failed fan/FAN1"}),
    "redundancy lost, explained by a supply or alone": (tree(
        resource("/Chassis/1/Power", "Power", Redundancy=[{"Status": status("Warning")}],
                 PowerSupplies=[{"MemberId": "0", "Name": "PSU 1", "Status": status("OK"), **PSU}]),
        ), {"psu.redundancy psu/redundancy"}),
    "ports that are down, not their adapter": (tree(
        resource("/Chassis/1/NetworkAdapters/1", "NetworkAdapter", Id="1", Name="NIC",
                 Status=status("Warning")),
        resource("/Chassis/1/NetworkAdapters/1/Ports/2", "Port", Id="2", LinkStatus="LinkDown",
                 Status=status("Warning"))),
        {"link.down link//redfish/v1/Chassis/1/NetworkAdapters/1/Ports/2"}),
    "an unplugged port that is well": (tree(
        resource("/Systems/1/EthernetInterfaces/2", "EthernetInterface", Id="2",
                 LinkStatus="LinkDown", Status=status("OK"))), set()),
    "predicted failure with health OK": (tree(
        resource("/Systems/1/Storage/1/Drives/1", "Drive", Id="Disk.Bay.1", FailurePredicted=True,
                 Status=status("OK"))), {"drive.predicted drive/Disk.Bay.1"}),
    "log: asserted alone": (tree(log(
        {"Created": "2026-01-05T10:00:00Z", "Severity": "Critical", "EntryCode": "Assert",
         "SensorType": "Power Supply / Converter",
         "Message": "PS2 Status, Power Supply Failure detected"})), {"psu.failed psu/PS2"}),
    "log: a dash before the words of a place": (tree(log(
        {"Created": "2026-01-05T10:00:00Z", "Severity": "Critical", "EntryCode": "Assert",
         "Message": "PS2 Status, -Power Supply Failure detected"})), {"psu.failed psu/PS2"}),
    "log: asserted, deasserted": (tree(log(
        {"Created": "2026-01-05T10:00:00Z", "Severity": "Critical", "EntryCode": "Assert",
         "Message": "PS2 Status, Power Supply Failure detected"},
        {"Created": "2026-01-05T11:00:00Z", "Severity": "OK", "EntryCode": "Deassert",
         "Message": "PS2 Status, Power Supply Failure detected"})), set()),
    "log: a live state contradicts": (tree(log(
        {"Created": "2026-01-05T10:00:00Z", "Severity": "Critical", "EntryCode": "Assert",
         "Message": "PS2 Status, Power Supply Failure detected"}),
        resource("/Chassis/1/PowerSubsystem/PowerSupplies/1", "PowerSupply", Id="1", Name="PSU 1",
                 Status=status("OK"), **PSU)), set()),
    "log: repaired": (tree(log(
        {"Created": "2026-01-05T10:00:00Z", "Severity": "OK",
         "Message": "System Power Supply: Input Power Loss (Power Supply 1)",
         "Oem": {"Hpe": {"Repaired": True, "Severity": "Repaired",
                         "Updated": "2026-01-05T10:10:00Z"}}})), set()),
    "log: what is no hardware": (tree(log(
        {"Created": "2026-01-05T10:00:00Z", "Severity": "Critical",
         "Message": "The requested SecureBoot Certificate Export operation cannot be completed."},
        {"Created": "2026-01-05T10:00:00Z", "Severity": "Warning",
         "Message": "User root login failed"})), set()),
    "HTML instead of JSON, an error, a deep one": ({
        "redfish/v1/index.json": "<html>502</html>",
        "redfish/v1/x/index.json": '{"error":{"message":"no"}}',
        "redfish/v1/y/index.json": '{"a":' * 300 + "1" + "}" * 300}, set()),
    "log: pairs in another vendor's words": (tree(log(
        {"Created": "2026-01-05T10:00:00Z", "Severity": "Critical",
         "Message": "The power input for power supply 2 is lost."},
        {"Created": "2026-01-05T10:05:00Z", "Severity": "OK",
         "Message": "The input power for power supply 2 has been restored."},
        {"Created": "2026-01-05T11:00:00Z", "Severity": "Critical",
         "Message": "Fan 1A RPM is less than the lower critical threshold."},
        {"Created": "2026-01-05T11:05:00Z", "Severity": "OK",
         "Message": "Fan 1A RPM is within range."},
        {"Created": "2026-01-05T12:00:00Z", "Severity": "Critical",
         "Message": "Fault detected on drive 3 in disk drive bay 1."})),
        {"drive.failed drive/drive 3"}),
    # -- SMART
    "SMART: failing": ({"smartctl/sda.json": smart(exit_status=8, passed=False)},
                       {"drive.failed drive/sda"}),
    "SMART: an exit code is no verdict": ({"smartctl/sda.json": smart(exit_status=4 + 64)}, set()),
    "SMART: pending sectors; reallocated ones alone": ({
        "smartctl/sda.json": smart(ata_smart_attributes={"table": [
            attribute(197, "Current_Pending_Sector", 8)]}),
        "smartctl/sdb.json": smart("/dev/sdb", ata_smart_attributes={"table": [
            attribute(5, "Reallocated_Sector_Ct", 12)]}).replace("S1", "S2")},
        {"drive.media drive/sda"}),
    "SMART: a pre-failure attribute at its threshold": ({
        "smartctl/sda.json": smart(exit_status=16, ata_smart_attributes={"table": [
            attribute(5, "Reallocated_Sector_Ct", 4000, 5, 36, True, "now")]})},
        {"drive.failed drive/sda"}),
    "SMART: NVMe worn, hot, without spare; none to count": ({
        "smartctl/a.json": smart("/dev/nvme0", "nvme", "NVMe", nvme_smart_health_information_log={
            "critical_warning": 0, "percentage_used": 104, "available_spare": 100,
            "available_spare_threshold": 10}),
        "smartctl/b.json": smart("/dev/nvme1", "nvme", "NVMe", 8, False,
                                 nvme_smart_health_information_log={
                                     "critical_warning": 2, "available_spare": 0,
                                     "available_spare_threshold": 0}).replace("S1", "S2"),
        "smartctl/c.json": smart("/dev/nvme2", "nvme", "NVMe", 8, False,
                                 nvme_smart_health_information_log={
                                     "critical_warning": 1, "available_spare": 4,
                                     "available_spare_threshold": 10}).replace("S1", "S3")},
        {"drive.wear drive/nvme0", "drive.temperature drive/nvme1", "drive.failed drive/nvme2"}),
    "SMART: SAS behind a controller foretells its end": ({
        "smartctl/8.json": json.dumps({
            "smartctl": {"exit_status": 8}, "serial_number": "Z9",
            "device": {"name": "/dev/bus/0", "type": "megaraid,8", "protocol": "SCSI"},
            "smart_status": {"passed": False, "scsi": {"asc": 93, "ascq": 16,
                                                       "ie_string": "FAILURE PREDICTION"}}})},
        {"drive.failed drive/megaraid,8"}),
    # -- IPMI
    "IPMI: sensors of ipmitool": ({
        "ipmi/sdr.txt": "CPU Temp         | 01h | ucr |  3.1 | 97 degrees C\n"
                        "Fan1             | 03h | ok  | 29.1 | 5400 RPM\n"
                        "PSU2 Status      | 07h | ok  | 10.2 | Presence detected, Failure detected\n"
                        "Fan9             | ns\n"},
        {"temperature.critical temperature/CPU Temp", "psu.failed psu/PSU2 Status"}),
    "IPMI: sdr of three columns": ({
        "ipmi/sdr.txt": "FAN 2            | 0 RPM             | cr\n"
                        "12V              | 12.05 Volts       | ok\n"
                        "Temp             | 44 degrees C      | ok\n"}, {"fan.failed fan/FAN 2"}),
    "IPMI: what discrete sensors say when all is well": ({
        "ipmi/sdr.txt": "PS Redundancy    | 77h | ok  |  7.1 | Fully Redundant\n"
                        "Intrusion        | 73h | ok  |  7.1 | \n"
                        "Drive 0          | a0h | ok  | 26.1 | Drive Present\n"
                        "Drive 1 Pred     | a1h | ok  | 26.2 | Predictive Failure Deasserted\n"
                        "CMOS Battery     | 15h | ok  |  7.1 | \n"
                        "VCORE PG         | 25h | ok  |  3.1 | State Deasserted\n"
                        "SEL              | 72h | ns  |  7.1 | No Reading\n"}, set()),
    "IPMI: ipmitool sensor": ({
        "ipmi/sensor.txt": "Inlet Temp       | 44.000     | degrees C  | unc   | na | na | na "
                           "| 38.000 | 46.000 | 50.000\n"
                           "PS1 Status       | 0x9        | discrete   | 0x0980| na | na | na "
                           "| na | na | na\n"},
        {"temperature.warning temperature/Inlet Temp", "psu.input-lost psu/PS1 Status"}),
    "IPMI: FreeIPMI sensors": ({
        "ipmi/ipmi-sensors.txt":
        "ID  | Name        | Type         | State    | Reading    | Units | Event\n"
        "1   | Ambient     | Temperature  | Nominal  | 24.00      | C     | 'OK'\n"
        "9   | FAN1        | Fan          | Critical | 0.00       | RPM   | 'At or Below (<=) "
        "Lower Critical Threshold'\n"
        "12  | PS Status 2 | Power Supply | Critical | N/A        | N/A   | 'Presence detected' "
        "'Power Supply Failure detected'\n"}, {"fan.failed fan/FAN1", "psu.failed psu/PS Status 2"}),
    "IPMI: an event log in pairs": ({
        "ipmi/sel.txt": "   1 | 02/03/26 | 10:11:12 UTC | Power Supply PSU1 Status | Failure "
                        "detected | Asserted\n"
                        "   2 | 02/03/26 | 10:15:12 UTC | Power Supply PSU1 Status | Failure "
                        "detected | Deasserted\n"
                        "   3 |  Pre-Init  |0000000012| Fan #0x30 | Lower Critical going low  | "
                        "Asserted | Reading 0 < Threshold 600 RPM\n"
                        "   4 | 02/03/26 | 10:16:00 UTC | Memory #0x53 | Correctable ECC | "
                        "Asserted\n"
                        "   5 | 02/03/26 | 10:17:00 UTC | Event Logging Disabled #0x07 | Log area "
                        "reset/cleared | Asserted\n"
                        "   6 | 02/03/26 | 10:18:00 UTC | System ACPI Power State #0x08 | S0/G0: "
                        "working | Asserted\n"}, {"fan.failed fan/#0x30"}),
    "IPMI: ipmi-sel as CSV": ({
        "ipmi/sel.csv": "ID,Date,Time,Name,Type,State,Event\n"
                        "4,Oct-07-2025,11:12:13,DIMM 3,Memory,Critical,Uncorrectable memory error\n"
                        "5,Oct-07-2025,11:12:14,OS Boot,OS Boot,Nominal,C: boot completed\n"},
        {"dimm.uncorrected dimm/DIMM 3"}),
    # -- the kernel
    "kernel: ten corrected errors in a day": ({
        "kernel.log": "".join(
            f"[Mon Jan  5 1{i}:27:15 2026] EDAC MC0: 2 CE memory read error on CPU0_DIMM_A1 "
            f"(channel:0 slot:0 page:0x{i} offset:0x0 grain:32 syndrome:0x0)\n"
            for i in range(5))}, {"dimm.corrected dimm/CPU0_DIMM_A1"}),
    "kernel: ten corrected errors in ten days": ({
        "kernel.log": "".join(
            f"2026-01-{10 + i}T10:00:00+00:00 host kernel: EDAC MC0: 1 CE memory read error on "
            f"DIMM_B1 (channel:0 slot:0 page:0x{i} offset:0x0 grain:32)\n"
            for i in range(10))}, set()),
    "kernel: two on one page": ({
        "kernel.log": "Jan  5 10:00:00 host kernel: EDAC MC1: 1 CE memory scrubbing error on DIMM_C "
                      "(channel:0 slot:0 page:0x77 offset:0x0 grain:32)\n" * 2},
        {"dimm.page dimm/DIMM_C"}),
    "kernel: drives": ({
        "kernel.log": "[  10.5] blk_update_request: critical medium error, dev sdb, sector 5120\n"
                      "[  11.5] sd 1:0:0:0: [sdc] tag#3 Sense Key : Medium Error [current]\n"
                      "[  12.5] ata3.00: exception Emask 0x0 SAct 0xf SErr 0x0 action 0x0\n"
                      "[  12.6] ata3.00: error: { UNC }\n"
                      "[  13.5] nvme nvme4: Removing after probe failure status: -19\n"
                      "[  14.5] md/raid1:md0: Disk failure on sdd1, disabling device.\n"
                      "[  15.5] mpt3sas_cm0: log_info(0x31110d00): originator(PL)\n"
                      "[  16.5] I/O error, dev loop0, sector 0 op 0x0:(READ)\n"},
        {"drive.media drive/sdb", "drive.media drive/sdc", "drive.media drive/ata3.00",
         "drive.failed drive/nvme4", "drive.failed drive/sdd"}),
    "kernel: what the firmware reports, and the page given up for it": ({
        "kernel.log": "[ 1.0] {2}[Hardware Error]: Hardware error from APEI Generic Hardware Error "
                      "Source: 0\n"
                      "[ 1.0] {2}[Hardware Error]: event severity: recoverable\n"
                      "[ 1.0] {2}[Hardware Error]:  fru_text: P1-DIMMA1\n"
                      "[ 1.0] {2}[Hardware Error]:   section_type: memory error\n"
                      "[ 1.1] Memory failure: 0x12346: recovery action for clean LRU page: "
                      "Recovered\n"}, {"dimm.uncorrected dimm/P1-DIMMA1"}),
    "kernel: words that only look alike; an error that ended the last boot": ({
        "kernel.log": "[ 0.5] nvme nvme0: Shutdown timeout set to 8 seconds\n"
                      "[ 0.6] foo: hotplug data: disabled\n"
                      "[ 0.7] EXT4-fs (sda2): re-mounted. Opts: errors=remount-ro\n"
                      "[ 1.0] BERT: Error records from previous boot:\n"
                      "[ 1.0] [Hardware Error]: event severity: fatal\n"
                      "[ 1.0] [Hardware Error]:  Error 0, type: fatal\n"
                      "[ 1.0] [Hardware Error]:  fru_text: B1\n"
                      "[ 1.0] [Hardware Error]:   section_type: memory error\n"
                      "[ 1.1] next\n"}, {"dimm.uncorrected dimm/B1"}),
    "kernel: buses": ({
        "kernel.log": "[ 1.0] pcieport 0000:00:03.0: PCIe Bus Error: severity=Uncorrected "
                      "(Non-Fatal), type=Transaction Layer\n"
                      "[ 2.0] pcieport 0000:00:04.0: AER: device recovery failed\n"
                      "[ 3.0] alx 0000:07:00.0: AER: PCIe Bus Error: severity=Corrected, type=Data "
                      "Link Layer\n"},
        {"pcie.nonfatal pcie/0000:00:03.0", "pcie.fatal pcie/0000:00:04.0"}),
    "kernel: heat, over again; file systems": ({
        "kernel.log": "[ 1.0] CPU3: Core temperature above threshold, cpu clock throttled (total "
                      "events = 1)\n"
                      "[ 2.0] CPU3: Core temperature/speed normal\n"
                      "[ 3.0] EXT4-fs error (device sda1): ext4_find_entry:1455: inode #2: comm x\n"
                      "[ 4.0] XFS (dm-3): Corruption of in-memory data detected.  Shutting down "
                      "filesystem\n"
                      "[ 5.0] XFS (sdb1): Ending clean mount\n"},
        {"filesystem.error filesystem/sda1", "filesystem.shutdown filesystem/dm-3"}),
    "kernel: machine checks, and another program's words": ({
        "kernel.log": "Jan  5 10:00:00 h kernel: mce: [Hardware Error]: CPU 2: Machine Check "
                      "Exception: 5 Bank 4: be00000000800400\n"
                      "Jan  5 10:00:01 h app[12]: I/O error, dev sda, sector 4\n"},
        {"cpu.uncorrected cpu/logical CPU 2"}),
    "the journal as JSON": ({
        "kernel.log": '{"_TRANSPORT":"kernel","__REALTIME_TIMESTAMP":"1770000000000000",'
                      '"MESSAGE":"critical medium error, dev sdb, sector 5120"}\n'},
        {"drive.media drive/sdb"}),
    # -- RAID
    "RAID: storcli": ({
        "raid/c0.json": json.dumps({"Controllers": [{
            "Command Status": {"Controller": 0, "Status": "Success"},
            "Response Data": {
                "Status": {"Controller Status": "Needs Attention"},
                "PD LIST": [{"EID:Slt": "252:0", "State": "Onln", "Model": "X"},
                            {"EID:Slt": "252:1", "State": "Failed", "Model": "X"}],
                "VD LIST": [{"DG/VD": "0/0", "State": "Dgrd"}],
                "BBU_Info": [{"Model": "BBU", "State": "Failed"}]}}]})},
        {"drive.failed drive/c0 252:1", "volume.degraded volume/c0 0/0",
         "battery.failed battery/c0 battery"}),
    "RAID: storcli's tables": ({
        "raid/storcli.txt": "CLI Version = 007.1\nController = 0\nStatus = Success\n\n"
                            "VD LIST :\nDG/VD TYPE  State Access Consist Cache Size Name\n"
                            "0/0   RAID5 Dgrd  RW     Yes     RWBD  1 TB x\n\n"
                            "EID:Slt DID State DG Size Intf Med SED PI SeSz Model Sp\n"
                            "252:0     8 Onln   0 1 TB SATA HDD N   N  512B X  U\n"
                            "252:1     9 UBad   - 1 TB SATA HDD N   N  512B X  U\n"},
        {"volume.degraded volume/c0 0/0", "drive.failed drive/c0 252:1"}),
    "RAID: MegaCli": ({
        "raid/megacli.txt": "Adapter #0\n\nVirtual Drive: 0 (Target Id: 0)\nState               : "
                            "Degraded\n\nPD: 0 Information\nEnclosure Device ID: 32\nSlot Number: 4"
                            "\nMedia Error Count: 0\nPredictive Failure Count: 3\nFirmware state: "
                            "Online, Spun Up\n\nBBU status for Adapter: 0\nBattery State: Optimal\n"
                            "  Battery Replacement required            : Yes\n"},
        {"volume.degraded volume/0", "drive.predicted drive/32:4", "battery.failed battery/0"}),
    "RAID: ssacli": ({
        "raid/ssacli.txt": "Smart Array P408i-a in Slot 0 (Embedded)\n   Controller Status: OK\n"
                           "   Cache Status: OK\n   Battery/Capacitor Status: Failed (Replace "
                           "Batteries)\n\n      physicaldrive 1I:1:1 (port 1I:box 1:bay 1, SAS HDD, "
                           "1 TB, OK)\n      physicaldrive 1I:1:2 (port 1I:box 1:bay 2, SAS HDD, 1 "
                           "TB, Predictive Failure)\n      logicaldrive 1 (1 TB, RAID 1, Interim "
                           "Recovery Mode)\n"},
        {"battery.failed battery/Slot 0", "drive.predicted drive/1I:1:2",
         "volume.degraded volume/1"}),
    "RAID: arcconf": ({
        "raid/arcconf.txt": "Logical device number 0\n   Status of logical device                 : "
                            "Degraded\n      Device #1\n         State                              "
                            ": Failed\n         Reported Location                  : Connector 0, "
                            "Device 1\n         S.M.A.R.T. warnings                : 0\n"},
        {"volume.degraded volume/0", "drive.failed drive/1"}),
    "RAID: ZFS": ({
        "raid/zpool.txt": "  pool: tank\n state: DEGRADED\nconfig:\n\n"
                          "\tNAME        STATE     READ WRITE CKSUM\n"
                          "\ttank        DEGRADED     0     0     0\n"
                          "\t  mirror-0  DEGRADED     0     0     0\n"
                          "\t    sda     ONLINE       0     0     0\n"
                          "\t    sdb     FAULTED      3     0     0  too many errors\n\n"
                          "errors: No known data errors\n"},
        {"volume.degraded volume/tank", "drive.failed drive/sdb"}),
    "RAID: md": ({
        "raid/mdstat": "Personalities : [raid1]\nmd0 : active raid1 sdb[2](F) sda[0]\n      261120 "
                       "blocks super 1.2 [2/1] [U_]\n\nmd1 : active raid1 sdd[1] sdc[0]\n      "
                       "261120 blocks [2/2] [UU]\n\nunused devices: <none>\n"},
        {"volume.degraded volume/md0", "drive.failed drive/sdb"}),
    # -- sysfs
    "sysfs": ({
        "sys/devices/system/edac/mc/mc0/dimm0/dimm_ue_count": "1\n",
        "sys/devices/system/edac/mc/mc0/dimm0/dimm_ce_count": "7\n",
        "sys/devices/system/edac/mc/mc0/dimm0/dimm_label": "DIMM_A1\n",
        "sys/devices/system/edac/mc/mc0/ue_count": "1\n",
        "sys/bus/pci/devices/0000:00:04.0/aer_dev_fatal": "DLP 1\nTOTAL_ERR_FATAL 1\n",
        "sys/block/md0/md/degraded": "1\n", "sys/block/md0/md/array_state": "clean\n",
        "sys/class/net/eth0/carrier": "0\n", "sys/class/net/eth1/carrier": "1\n",
        "sys/class/net/eth2/carrier": "0\n",
        "sys/class/net/bond0/bonding/slaves": "eth0 eth1\n",
        "sys/class/hwmon/hwmon0/name": "coretemp\n",
        "sys/class/hwmon/hwmon0/temp1_input": "101000\n",
        "sys/class/hwmon/hwmon0/temp1_crit": "100000\n",
        "sys/class/hwmon/hwmon0/temp2_input": "0\n"},
        {"dimm.uncorrected dimm/DIMM_A1", "pcie.fatal pcie/0000:00:04.0",
         "volume.degraded volume/md0", "link.down link/eth0",
         "temperature.critical temperature/coretemp temp1"}),
    # -- together
    "one drive, in band and through the BMC": ({
        **tree(BAD_DRIVE), "smartctl/sda.json": smart(exit_status=8, passed=False)
        .replace("S1", "D3"),
        "kernel.log": "[  10.5] critical medium error, dev sda, sector 5120\n"},
        {"drive.failed drive/Box 2:Bay 5"}),
}

# The corpus, by folder or file below it; read by eye once.
CASES.update(DRIVES)
CASES.update(VENDORS)
CASES.update(IPMI)
CASES.update(KERNEL)
CASES.update(REDFISH)

CORPUS = {
    "redfish/dell-r750-idrac9-6.00": set(),
    "redfish/dell-xr8620t-idrac9-partial": {"nic.degraded nic/BlueField DPU Adapter"},
    "redfish/dmtf-public-rackmount1": {"drive.degraded drive/SATA Bay 2",
                                       "psu.degraded psu/Power Supply Bay 0"},
    "redfish/hpe-cray-ex235a": set(),
    "redfish/hpe-dl325gen10plus-ilo5": {"link.down link/mgmt1", "link.down link/mgmt3"},
    "redfish/hpe-dl360gen10plus-ilo5": set(),
    "redfish/intel-s2600bpb": set(),
    "redfish/openbmc-stock": set(),
    "redfish/supermicro-sys821ge": set(),
    "redfish/supermicro-x10sdv-redfish1.0": {"dimm.corrected dimm/DIMMB1"},
    "redfish/fragments/bmclib/*": set(),
    "redfish/fragments/bmclib/*/*": set(),
    "redfish/fragments/bmclib/smc_1.14.0_systems_1.json": {"system.health system/system"},
    "redfish/fragments/bmclib/systems_1.json": {"system.health system/system"},
    "redfish/fragments/jenningsloy318/*": set(),
    "redfish/fragments/lambdalabs-gb300/*": set(),
    "redfish/fragments/lambdalabs-gb300/leak_detector_leak.json": {
        "leak.detected leak/Chassis_0_LeakDetector_1_Manifold"},
    "redfish/fragments/sushy/*": set(),
    "redfish/fragments/sushy/simple_storage.json": {"drive.failed drive/SATA Bay 2"},
    "redfish/fragments/telegraf/*": set(),
    "redfish/fragments/telegraf/*/*": set(),
    "redfish/fragments/telegraf/hp/*/*": set(),
    "redfish/fragments/telegraf/hp/power_subsys/hp_power_subsys_metrics.json": {
        "system.health system/system"},
    "redfish/fragments/telegraf/hp/power_subsys/hp_power_subsys_psu_1.json": {
        "psu.degraded psu/PSU 1"},
    "redfish/fragments/lambdalabs-gb300/gb300_happypath": {"gpu.degraded gpu/GPU_1"},
    "redfish/fragments/lambdalabs-gb300/powershelf_delta": set(),
    "smartctl/ironlib": set(),
    "smartctl/netdata": set(),
    "smartctl/scrutiny": set(),
    "smartctl/smartctl_exporter/MB0500EBNCR_13.json": {"drive.media drive/sdb"},
    "smartctl/smartctl_exporter/MB0500EBNCR_14.json": {"drive.media drive/sda"},
    "smartctl/smartctl_exporter/*": set(),
    "kernel-log/endlessm-linux-548.log": set(),
    "kernel-log/grondo-edac-utils-10.log": set(),
    "kernel-log/linux-nvme-nvme-cli-151.log": {"drive.failed drive/nvme2",
                                               "drive.failed drive/nvme3"},
    "kernel-log/openebs-1433.log": {"drive.media drive/sdb"},
    "kernel-log/openzfs-zfs-1814.log": {"drive.media drive/ata3.00"},
    "kernel-log/radiasoft-devops-134.log": set(),
    "ipmi/*": set(),
    "raid/netdata-adaptec/*": set(),
    "raid/netdata-megacli/*": set(),
    "raid/netdata-ssacli/*": set(),
    "raid/netdata-storcli/*": set(),
    "raid/netdata-zfs/zpool-list-vdev.txt": set(),
    "raid/netdata-zfs/zpool-list.txt": {"volume.failed volume/zion"},
    "sysfs/mdstat": {
        "volume.failed volume/md4", "volume.degraded volume/md6", "volume.degraded volume/md7",
        "drive.failed drive/sda", "drive.failed drive/sdb", "drive.failed drive/sdc",
        "drive.failed drive/sde", "drive.failed drive/sdf"},
}
