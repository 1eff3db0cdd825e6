# SPDX-License-Identifier: Apache-2.0
"""Servers of several makers, each with one thing broken as that maker tells of it, and what sounds
like a fault and is none. What must be found was written before it was looked for."""
import json

ROOT = "/redfish/v1"
OK = {"State": "Enabled", "Health": "OK"}


def health(word, state="Enabled", **more):
    return {"State": state, "Health": word, **more}


def tree(**resources):
    """Resources by their paths below the root, "/" written as "__"; the type comes first."""
    files = {}
    for path, (kind, members) in resources.items():
        uri = f"{ROOT}/{path.replace('__', '/')}"
        files[uri[1:] + "/index.json"] = json.dumps({
            "@odata.id": uri, "@odata.type": f"#{kind}.v1_9_0.{kind}",
            "Id": uri.rsplit("/", 1)[1], **members})
    return files


def system(word, **more):
    return "ComputerSystem", {"Status": health(word, HealthRollup=word), **more}


def log(path, *entries):
    return {path: ("LogEntryCollection", {"Members": [
        {"@odata.id": f"{ROOT}/{path.replace('__', '/')}/{i}",
         "@odata.type": "#LogEntry.v1_8_0.LogEntry", "Id": str(i), **entry}
        for i, entry in enumerate(entries, 1)]})}


def entry(severity, day, message, **more):
    return {"Severity": severity, "Created": f"2026-03-{day:02}T03:00:00Z", "Message": message, **more}


def hpe(**members):
    return {"Oem": {"Hpe": members}}


def ata(*rows, **more):
    """Attributes: number, name, value, threshold, when it failed, raw; below 3 and 5: pre-failure."""
    status = more.pop("exit", 0)
    return {"smartctl/sda.json": json.dumps({
        "smartctl": {"exit_status": status}, "serial_number": "Z1", "model_name": "ST8000NM",
        "device": {"name": "/dev/sda", "type": "sat", "protocol": "ATA"},
        "smart_status": {"passed": True}, **more,
        "ata_smart_attributes": {"table": [
            {"id": n, "name": name, "value": value, "worst": value, "thresh": threshold,
             "when_failed": when, "flags": {"prefailure": n in (1, 5, 177)}, "raw": {"value": raw}}
            for n, name, value, threshold, when, raw in rows]}})}


def scsi(**members):
    return {"smartctl/sdq.json": json.dumps({
        "smartctl": {"exit_status": 0}, "serial_number": "Z4F", "product": "ST4000NM0034",
        "device": {"name": "/dev/sdq", "type": "scsi", "protocol": "SCSI"}, **members})}


def kernel(*lines):
    return {"kernel.log": "".join(f"[ {i}.0] {line}\n" for i, line in enumerate(lines, 10))}


IDRAC = "Systems__System.Embedded.1__Storage__RAID.SL.3-1"
VENDORS = {
    "iDRAC: a drive that will fail, summed up five times": (tree(**{
        "Systems__System.Embedded.1": system("Warning", Oem={"Dell": {"DellSystem": {
            "StorageRollupStatus": "Degraded", "CurrentRollupStatus": "Degraded",
            "PSRollupStatus": "OK"}}}),
        IDRAC: ("Storage", {"Status": health("Warning", HealthRollup="Warning")}),
        f"{IDRAC}__Drives__Disk.Bay.4:Enclosure.Internal.0-1": ("Drive", {
            "SerialNumber": "S5XXNE0R", "FailurePredicted": True, "Status": health("Warning")}),
        f"{IDRAC}__Drives__Disk.Bay.5:Enclosure.Internal.0-1": ("Drive", {
            "SerialNumber": "S5XXNE0S", "FailurePredicted": False, "Status": OK})}),
        {"drive.predicted drive/Disk.Bay.4:Enclosure.Internal.0-1"}),
    "iDRAC: its log, what was restored and what was not": (tree(**log(
        "Managers__iDRAC.Embedded.1__LogServices__Sel__Entries",
        entry("Critical", 1, "The power input for power supply 1 is lost."),
        entry("OK", 2, "The input power for power supply 1 has been restored."),
        entry("Critical", 3, "Fault detected on drive 3 in disk drive bay 1."),
        entry("Critical", 4, "A fatal error was detected on a component at bus 23 device 0 function "
                             "0."))), {"drive.failed drive/drive 3",
                                       "pcie.fatal pcie/bus 23"}),
    "iLO: a power supply, and the summary of them in a member of that name": (tree(
        Systems__1=system("Critical", **hpe(AggregateHealthStatus={
            "PowerSupplyRedundancy": "NonRedundant", "Fans": {"Status": {"Health": "OK"}},
            "PowerSupplies": {"PowerSuppliesMismatch": False, "Status": {"Health": "Critical"}}})),
        Chassis__1__Power=("Power", {
            "PowerSupplies": [
                {"MemberId": str(bay - 1), "Name": "HpeServerPowerSupply", "SerialNumber": f"5WB{bay}",
                 "Status": status, **hpe(BayNumber=bay)}
                for bay, status in ((1, OK), (2, health("Critical", "UnavailableOffline")))],
            "Redundancy": [{"MemberId": "0", "Name": "PowerSupply Redundancy Group 1",
                            "Status": health("Warning")}]})), {"psu.failed psu/2"}),
    "iLO: entries that were repaired, and one that the supplies themselves deny": (tree(
        Chassis__1__Power=("Power", {"PowerSupplies": [
            {"MemberId": "1", "Name": "PS2", "SerialNumber": "B", "Status": OK, **hpe(BayNumber=2)}]}),
        **log("Systems__1__LogServices__IML__Entries",
              entry("Critical", 1, "System Power Supply: General Failure (Power Supply 2)"),
              entry("Critical", 2, "Fan 3 failed", **hpe(Repaired=True)),
              entry("Warning", 3, "Uncorrectable Memory Error Detected (Processor 1, Memory Module 3)",
                    **hpe(Repaired=False)))),
        {"dimm.uncorrected dimm/Processor 1 Memory Module 3"}),
    "Cray: an accelerator among well ones, a dry leak detector": (tree(
        Chassis__Enclosure__Sensors__LeakDetect0=("Sensor", {"Name": "Leak Detect", "Reading": 0,
                                                             "Status": OK}),
        Systems__Node0=system("OK"),
        Systems__Node0__Processors__GPU3=("Processor", {
            "ProcessorType": "GPU", "SerialNumber": "PCB1", "Status": health("Critical")}),
        Systems__Node0__Processors__GPU2=("Processor", {"ProcessorType": "GPU", "Status": OK})),
        {"gpu.failed gpu/GPU3"}),
    "Supermicro: a slow fan, a warm processor, headers without fans": (tree(
        Systems__1=system("OK"),
        Chassis__1__Thermal=("Thermal", {
            "Fans": [{"MemberId": str(i), "Name": f"FAN{i}", "Reading": rpm, "ReadingUnits": "RPM",
                      "LowerThresholdCritical": 420, "Status": status}
                     for i, rpm, status in ((1, 5600, OK), (2, 280, health("Critical")),
                                            (3, None, health(None, "Absent")))],
            "Temperatures": [{"MemberId": "0", "Name": "CPU1 Temp", "ReadingCelsius": 93,
                              "UpperThresholdNonCritical": 90, "UpperThresholdCritical": 95,
                              "Status": health("Warning")},
                             {"MemberId": "5", "Name": "NVMe_SSD Temp", "ReadingCelsius": 0,
                              "Status": {"State": "Absent"}}]})),
        {"fan.failed fan/FAN2", "temperature.warning temperature/CPU1 Temp"}),
    "OpenBMC: a module by its label; what is absent is well": (tree(
        Systems__system=("ComputerSystem", {"Status": health("Warning", HealthRollup="Critical")}),
        Systems__system__Memory__dimm0=("Memory", {
            "SerialNumber": "1A2B", "Status": health("Critical"),
            "Location": {"PartLocation": {"ServiceLabel": "P0-C12"}}}),
        Systems__system__Memory__dimm1=("Memory", {"Status": health("OK", "Absent")}),
        Systems__system__Processors__cpu1=("Processor", {"Status": health("OK", "Absent")})),
        {"dimm.failed dimm/P0-C12"}),
    "XCC: a drive and its volume; a bay that is disabled": (tree(
        Systems__1=system("Critical"),
        Systems__1__Storage__RAID=("Storage", {"Status": {"HealthRollup": "Critical"}}),
        Systems__1__Storage__RAID__Drives__3=("Drive", {"SerialNumber": "ZC1",
                                                        "Status": health("Critical", "Disabled")}),
        Systems__1__Storage__RAID__Drives__4=("Drive", {
            "SerialNumber": "ZC2", "Status": health("Critical"),
            "PhysicalLocation": {"PartLocation": {"ServiceLabel": "Drive 4"}}}),
        Systems__1__Storage__RAID__Volumes__1=("Volume", {"Name": "VD_0", "Status":
                                                          health("Warning")})),
        {"drive.failed drive/Drive 4", "volume.degraded volume/VD_0"}),
    "newer services: no input, a controller and its battery": (tree(
        Chassis__1__PowerSubsystem=("PowerSubsystem", {
            "Status": health("Critical"),
            "PowerSupplyRedundancy": [{"MinNeededInGroup": 1, "Status": health("Critical")}]}),
        Chassis__1__PowerSubsystem__PowerSupplies__Bay2=("PowerSupply", {
            "SerialNumber": "W1", "LineInputStatus": "LossOfInput", "Status": health("Critical")}),
        Systems__1__Storage__1=("Storage", {"Status": health("OK", HealthRollup="Critical")}),
        Systems__1__Storage__1__Controllers__C0=("StorageController", {
            "SerialNumber": "SG1", "Status": health("Critical")}),
        Chassis__1__Batteries__B1=("Battery", {"SerialNumber": "6WQ", "Status": health("Warning")})),
        {"psu.input-lost psu/Bay2", "controller.failed controller/C0",
         "battery.degraded battery/B1"}),
    "redundancy that is lost while each supply is well": (tree(
        Chassis__1__Power=("Power", {
            "PowerSupplies": [{"MemberId": "0", "Name": "PS1", "SerialNumber": "A", "Status": OK}],
            "Redundancy": [{"MemberId": "0", "Name": "PSU Redundancy", "MinNumNeeded": 2,
                            "Status": health("Warning")}]})), {"psu.redundancy psu/redundancy"}),
    "sensors without a health, against their thresholds": (tree(
        Chassis__1__Sensors__t1=("Sensor", {
            "Name": "CPU1 VR Temp", "Reading": 112, "ReadingType": "Temperature", "ReadingUnits": "Cel",
            "Thresholds": {"UpperCaution": {"Reading": 95}, "UpperCritical": {"Reading": 105}},
            "Status": {"State": "Enabled"}}),
        Chassis__1__Sensors__v1=("Sensor", {
            "Name": "P12V", "Reading": 11.98, "ReadingType": "Voltage", "ReadingUnits": "V",
            "Thresholds": {"LowerCritical": {"Reading": 10.8}}, "Status": OK})),
        {"temperature.critical temperature/CPU1 VR Temp"}),
    "ports and bays that nobody uses": (tree(
        Systems__1__EthernetInterfaces__2=("EthernetInterface", {"LinkStatus": "LinkDown",
                                                                 "Status": OK}),
        Chassis__1__NetworkAdapters__1__Ports__1=("Port", {"LinkStatus": "NoLink",
                                                           "Status": {"State": "Disabled"}}),
        Systems__1__Storage__1__Drives__9=("Drive", {"Name": "Empty", "CapacityBytes": None,
                                                     "Status": health("Critical", "Absent")})), set()),
    # -- smartctl
    "SMART: a self-test that failed is a matter of counters": (ata(
        (5, "Reallocated_Sector_Ct", 100, 10, "", 0), (197, "Current_Pending_Sector", 100, 0, "", 0),
        exit=128, ata_smart_self_test_log={"standard": {"table": [{
            "type": {"string": "Extended offline"}, "lba": 12345, "lifetime_hours": 31000,
            "status": {"value": 121, "string": "Completed: read failure", "passed": False}}]}}),
        set()),
    "SMART: pending sectors alone": (ata(
        (5, "Reallocated_Sector_Ct", 100, 10, "", 0), (197, "Current_Pending_Sector", 100, 0, "", 8)),
        {"drive.media drive/sda"}),
    "SMART: what failed once, and an exit status for it": (ata(
        (190, "Airflow_Temperature_Cel", 60, 45, "past", 40), exit=32), set()),
    "SMART: what could not be read is not failing": ({"smartctl/sda.json": json.dumps({
        "smartctl": {"exit_status": 4, "messages": [{"string": "Read SMART Data failed: scsi error"}]},
        "device": {"name": "/dev/sda", "type": "sat", "protocol": "ATA"},
        "smart_status": {"passed": True}})}, set()),
    "SMART: SAS that predicts its failure": (scsi(scsi_grown_defect_list=120, smart_status={
        "passed": False, "scsi": {"asc": 93, "ascq": 16, "ie_string": "FAILURE PREDICTION THRESHOLD "
                                  "EXCEEDED: HARDWARE IMPENDING FAILURE"}}),
        {"drive.failed drive/sdq"}),
    "SMART: SAS with a few grown defects": (scsi(scsi_grown_defect_list=3, smart_status={
        "passed": True}, temperature={"current": 30, "drive_trip": 60}), set()),
    # -- the kernel
    "kernel: a device and the port that could not bring it back": (kernel(
        "pcieport 0000:16:02.0: AER: Uncorrected (Non-Fatal) error received: 0000:17:00.0",
        "mlx5_core 0000:17:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction "
        "Layer, (Requester ID)", "mlx5_core 0000:17:00.0: AER: can't recover (no error_detected callback)",
        "pcieport 0000:16:02.0: AER: device recovery failed"), {"pcie.fatal pcie/0000:17:00.0"}),
    "kernel: an NVMe disk that is lost, with what was on it": (kernel(
        "nvme nvme0: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0xffff",
        "nvme nvme0: Removing after probe failure status: -19",
        "nvme0n1: detected capacity change from 3907029168 to 0",
        "XFS (nvme0n1p1): log I/O error -5",
        "XFS (nvme0n1p1): Filesystem has been shut down due to log error (0x2)."),
        {"drive.failed drive/nvme0", "filesystem.shutdown filesystem/nvme0n1p1"}),
    "kernel: a machine that starts well": (kernel(
        "ata5: SATA link down (SStatus 0 SControl 300)",
        "ata2: SError: { RecovComm PHYRdyChg CommWake DevExch }",
        "mce: CPU0: Thermal monitoring enabled (TM1)", "EDAC skx: ECC is disabled on imc 1",
        "md/raid1:md0: active with 2 out of 2 mirrors", "XFS (sdd1): Ending clean mount",
        "EXT4-fs (sda2): re-mounted. Opts: errors=remount-ro",
        "pcieport 0000:00:1c.0: AER: enabled with IRQ 122", "nvme nvme0: failed to set APST feature (2)",
        "I/O error, dev fd0, sector 0 op 0x0:(READ)", "Buffer I/O error on dev sr0, logical block 0",
        "critical target error, dev sdc, sector 0 op 0x3:(DISCARD) flags 0x800",
        "megaraid_sas 0000:18:00.0: 4242 (700000000s/0x0020/CRIT) - Enclosure PD 20 phy bad",
        "mpt3sas_cm0: log_info(0x31120302): originator(PL), code(0x12), sub_code(0x0302)"), set()),
}
