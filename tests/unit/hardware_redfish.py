# SPDX-License-Identifier: Apache-2.0
"""Redfish as other vendors serve it, and what must be found in each. Messages of logs are worded as
each vendor words them, with components of our own."""
import json

ROOT = "/redfish/v1"


def resource(uri, kind, **members):
    return {"@odata.id": ROOT + uri, "@odata.type": f"#{kind}.v1_5_0.{kind}", **members}


def tree(*resources):
    return {"redfish/v1" + r["@odata.id"][len(ROOT):].rstrip("/") + "/index.json": json.dumps(r)
            for r in resources}


def logged(*messages, severity="Critical", **more):
    return tree(resource("/Systems/1/LogServices/Log/Entries", "LogEntryCollection", Members=[
        resource(f"/Systems/1/LogServices/Log/Entries/{i}", "LogEntry", Id=str(i), Message=message,
                 Severity=severity, Created=f"2026-01-05T10:{i:02}:00Z", **more)
        for i, message in enumerate(messages)]))


SUPPLY = resource("/Chassis/1/PowerSubsystem/PowerSupplies/2", "PowerSupply", Id="PSU2",
                  SerialNumber="P2", Model="800W", Status={"State": "Enabled", "Health": "OK"})


def condition(uri, severity="Critical"):
    return {"Status": {"State": "Enabled", "Health": "OK", "HealthRollup": severity, "Conditions": [
        {"MessageId": "x", "Message": "Power supply failed", "Severity": severity,
         "OriginOfCondition": {"@odata.id": ROOT + uri}}]}}


REDFISH = {
    "Redfish: a condition names the component that needs attention": (tree(
        SUPPLY, resource("/Chassis/1", "Chassis", Id="1",
                         **condition("/Chassis/1/PowerSubsystem/PowerSupplies/2")),
        resource("/Systems/1", "ComputerSystem", Id="1",
                 **condition("/Chassis/1/PowerSubsystem/PowerSupplies/2"))),
        {"psu.failed psu/PSU2"}),
    "Redfish: a condition of something that is not there": (tree(
        SUPPLY, resource("/Systems/1", "ComputerSystem", Id="1", **condition("/Cables/7",
                                                                             "Warning"))),
        {"system.health system/system"}),
    "Redfish: conditions that are well, or of a disabled part": (tree(
        {**SUPPLY, "Status": {"State": "Disabled"}},
        resource("/Chassis/1", "Chassis", Id="1", Status={"State": "Enabled", "Conditions": [
            {"Severity": "Critical", "OriginOfCondition": {"@odata.id": SUPPLY["@odata.id"]}},
            {"Severity": "OK", "Message": "fine"}]})), set()),
    "Redfish: codes as lists, asserted and over": (tree(
        resource("/Managers/1/Logs/Sel", "LogEntryCollection", Members=[
            resource(f"/Managers/1/Logs/Sel/{i}", "LogEntry", Id=str(i), Severity=severity,
                     Created=f"2026-01-05T10:0{i}:00-05:00", EntryCode=[{"Member": code}],
                     SensorType=[{"Member": "Power Supply / Converter"}],
                     Message="Power supply 1 is absent.")
            for i, (code, severity) in enumerate((("Assert", "Critical"), ("Deassert", "OK")))])),
        set()),
    "log: Lenovo": (logged(
        "Power Supply 2 has lost input.", "Sensor Fan 3 Tach has transitioned to critical from a "
        "less severe state.", "Numeric sensor Ambient Temp going high (upper critical) has "
        "asserted.", "The Drive 4 has been disabled due to a detected fault.", "Memory Logging "
        "Limit Reached for DIMM 5 on Subsystem System Board.", "Array Drive Bay 3 is in critical "
        "condition.", "CPU 1 has failed with IERR."),
        {"psu.input-lost psu/Power Supply 2", "fan.failed fan/Fan 3", "drive.failed drive/Drive 4",
         "temperature.critical temperature/Ambient Temp", "dimm.corrected dimm/DIMM 5",
         "volume.degraded volume/unnamed", "cpu.uncorrected cpu/CPU 1"}),
    "log: Huawei": (logged(
        "PSU 2 is not present or has lost power input.", "Failure on disk HDD3.", "DIMM000 "
        "triggered an uncorrectable error, Error code: 0x0", "Fan 3 front status abnormal.",
        "RAID controller card BBU is faulty or not in position.", "CPU 1 CATERR."),
        {"psu.input-lost psu/PSU 2", "drive.failed drive/disk HDD3", "dimm.uncorrected "
         "dimm/DIMM000", "fan.degraded fan/Fan 3", "battery.failed battery/unnamed",
         "cpu.uncorrected cpu/CPU 1"}),
    "log: Fujitsu and Cisco": (logged(
        "'PSU1': Power supply failed", "'FAN3 SYS': Fan failed", "'DIMM-2B': Too many correctable "
        "memory errors", "'Ambient': Temperature high critical", "'HDD5': HDD fault",
        "HDD3_STATUS: Drive Slot sensor, Drive Fault was asserted", "DDR4_P1_A1_ECC: Memory "
        "sensor, Uncorrectable ECC was asserted"),
        {"psu.failed psu/PSU1", "fan.failed fan/FAN3", "dimm.corrected dimm/DIMM-2B",
         "temperature.critical temperature/Ambient", "drive.failed drive/HDD5", "drive.failed "
         "drive/HDD3_STATUS", "dimm.uncorrected dimm/DDR4_P1_A1_ECC"}),
    "log: OpenBMC and AMI": (logged(
        "Sensor 'Fan_1' reading of 0 (rpm) is below the 500 lower critical threshold.", "Power "
        "supply PSU1 AC lost.", "CPU0_TEMP : Upper Critical - going high; reading 98",
        "CPU0_DIMM_A0 : Uncorrectable ECC"),
        {"fan.failed fan/Fan_1", "psu.input-lost psu/Power supply PSU1", "temperature.critical "
         "temperature/CPU0_TEMP", "dimm.uncorrected dimm/CPU0_DIMM_A0"}),
    "log: Dell and HPE": (logged(
        "The power supply PSU2 is not receiving input power because of issues in PSU or cable "
        "connections.", "Multi-bit memory errors detected on a memory device at location(s) "
        "DIMM_A3.", "System board Inlet temperature is greater than the upper critical threshold.",
        "System Power Supply: General Failure (Power Supply 1)", "Corrected Memory Error threshold "
        "exceeded (Processor 1, Memory Module 4)", "Internal Storage Enclosure Device Failure (Bay "
        "3, Box 1, Port 1I, Slot 0)", "POST Error: 1783-Slot 0 Drive Array - Controller Failure"),
        {"psu.input-lost psu/power supply PSU2", "dimm.uncorrected dimm/DIMM_A3", "temperature.critical "
         "temperature/System board Inlet", "psu.failed psu/Power Supply 1", "dimm.corrected "
         "dimm/Processor 1 Memory Module 4", "drive.failed drive/Bay 3", "controller.failed "
         "controller/unnamed"}),
    "log: asserted and deasserted in words": (logged(
        "Numeric sensor Ambient Temp going high (upper critical) has asserted.",
        "Numeric sensor Ambient Temp going high (upper critical) has deasserted."), set()),
    "log: what is no hardware, in anybody's words": (logged(
        "A firmware update has failed", "Failed to update the password of user admin", "The network"
        " connection of the management port is down.", "NTP server is unreachable", "License has "
        "expired", "Unable to mount the virtual disk image", "Boot failure: no bootable device was "
        "found", "SNMP trap sending failed", "Backup of the BIOS settings failed", "Login failed "
        "from 10.0.0.1 by user disk", "The SD card is absent", "ASR Detected by System ROM",
        severity="Warning"), set()),
}
