# SPDX-License-Identifier: Apache-2.0
"""What IPMI tools print, in the forms of their other options and versions, and what must be found in
each. The words of events are those of the IPMI specification, table 42-3."""


def events(*rows, end="Asserted"):
    return {"ipmi/sel.txt": "".join(f"{i:4x} | 02/03/26 | 10:11:12 UTC | {row} | {end}\n"
                                    for i, row in enumerate(rows, 1))}


ENTRY = """\
SEL Record ID          : {n:04x}
 Record Type           : 02
 Timestamp             : 11/23/26 20:4{n}:05 UTC
 Generator ID          : 0020
 EvM Revision          : 04
 Sensor Type           : Power Supply
 Sensor Number         : 65
 Event Type            : Sensor-specific Discrete
 Event Direction       : {direction} Event
 Event Data            : 01ffff
 Description           : {what}

"""

IPMI = {
    "IPMI: events that are no fault": (events(
        "Memory DIMM_A1 | Spare", "Memory DIMM_A1 | Presence Detected",
        "Processor CPU1 Status | Presence detected", "Power Unit Pwr Unit Status | Power off/down",
        "Drive Slot / Bay HDD3 | Hot Spare", "Drive Slot / Bay HDD3 | Rebuild In Progress",
        "Watchdog2 #0x03 | Timer expired", "OS Critical Stop #0x05 | Run-time critical stop",
        "System Firmware Progress #0x06 | Unspecified", "Button #0x09 | Power Button pressed",
        "Management Subsys Health AutoCfg Status | State Asserted",
        "Critical Interrupt #0x04 | NMI/Diag Interrupt", "Cable / Interconnect A | Connected",
        "Voltage VCORE PG | State Asserted"), set()),
    "IPMI: events that are faults": (events(
        "Memory DIMM_A1 | Parity", "Memory DIMM_B1 | Configuration Error",
        "Processor CPU1 Status | Disabled", "Temperature CPU2 Prochot | State Asserted",
        "Temperature P3 Therm Trip | State Asserted", "Drive Slot / Bay HDD3 | In Failed Array",
        "System Event #0x01 | Undetermined system hardware failure",
        "Critical Interrupt #0x04 | Bus Uncorrectable error", "Current PSU1 Curr | Upper Critical "
        "going high", "Slot / Connector PCIe 1 | Fault Status", "Fan FAN 3 | Transition to "
        "Non-recoverable", "Module / Board Riser | Transition to Critical from less severe",
        "Management Subsys Health #0x07 | Management controller off-line"),
        {"dimm.uncorrected dimm/DIMM_A1", "dimm.degraded dimm/DIMM_B1", "cpu.degraded cpu/CPU1 "
         "Status", "cpu.throttled cpu/CPU2 Prochot", "cpu.failed cpu/P3 Therm Trip",
         "volume.failed volume/HDD3", "system.hardware system/#0x01", "pcie.nonfatal pcie/#0x04",
         "power.critical power/PSU1 Curr", "pcie.failed pcie/PCIe 1", "fan.failed fan/FAN 3",
         "sensor.critical sensor/Riser", "bmc.degraded bmc/#0x07"}),
    "IPMI: a unit that was taken out": (events(
        "Drive Slot / Bay HDD3 | Drive Present", "Power Supply PS2 Status | Presence detected",
        end="Deasserted"), {"drive.missing drive/HDD3", "psu.missing psu/PS2 Status"}),
    "IPMI: a unit that was taken out and put back": ({
        "ipmi/sel.txt": "1 | 02/03/26 | 10:11:12 UTC | Drive Slot / Bay #0x50 | Drive Present | "
                        "Deasserted\n2 | 02/03/26 | 10:19:12 UTC | Drive Slot / Bay #0x50 | Drive "
                        "Present | Asserted\n"}, set()),
    "IPMI: sel list -v": ({
        "ipmi/sel-v.txt": ENTRY.format(n=1, direction="Assertion", what="Failure detected")},
        {"psu.failed psu/#0x65"}),
    "IPMI: sel list -v, asserted and over": ({
        "ipmi/sel-v.txt": ENTRY.format(n=1, direction="Assertion", what="Failure detected") +
        ENTRY.format(n=2, direction="Deassertion", what="Failure detected")}, set()),
    "IPMI: sensor get, sdr list -v": ({
        "ipmi/sensors-v.txt":
        "Sensor ID              : CPU Temp (0x1)\n Entity ID             : 3.1 (Processor)\n"
        " Sensor Type (Threshold)  : Temperature (0x01)\n Sensor Reading        : 95 (+/- 0) "
        "degrees C\n Status                : Upper Critical\n Lower critical        : na\n Upper "
        "non-critical    : 80.000\n Upper critical        : 90.000\n\n"
        "Sensor ID              : FAN 1 (0x30)\n Sensor Type (Threshold)  : Fan (0x04)\n"
        " Sensor Reading        : 5400 (+/- 0) RPM\n Status                : ok\n\n"
        "Sensor ID              : FAN 2 (0x31)\n Sensor Type (Threshold)  : Fan (0x04)\n"
        " Sensor Reading        : No Reading\n Status                : Not Available\n\n"
        "Sensor ID              : PSU2 Status (0x65)\n Sensor Type (Discrete): Power Supply (0x08)\n"
        " Sensor Reading        : 0h\n States Asserted       : Power Supply\n"
        "                         [Presence detected]\n                         [Failure detected]\n"
        " Assertions Enabled    : Power Supply\n                         [Power Supply AC lost]\n\n"
        "Sensor ID              : PSU1 Status (0x64)\n Sensor Type (Discrete): Power Supply (0x08)\n"
        " States Asserted       : Power Supply\n                         [Presence detected]\n"},
        {"temperature.critical temperature/CPU Temp", "psu.failed psu/PSU2 Status"}),
    "IPMI: fans in per cent": ({
        "ipmi/sdr.txt": "Fan 3            | 0 percent         | cr\nFan 4            | 29.40 percent "
                        "    | ok\n"}, {"fan.failed fan/Fan 3"}),
    "IPMI: ipmitool -c": ({
        "ipmi/sdr.csv": "CPU Temp,95,degrees C,ucr\nFAN 1,5400,RPM,ok\nFAN 2,,,ns\n12V,12.1,Volts,ok"
                        "\n",
        "ipmi/sel.csv": "1,11/23/26,20:45:05 UTC,Power Supply PSU1 Status,Failure detected,"
                        "Asserted\n"},
        {"temperature.critical temperature/CPU Temp", "psu.failed psu/PSU1 Status"}),
    "IPMI: the first ipmimonitoring": ({
        "ipmi/ipmimonitoring.txt":
        "Record ID | Sensor Name | Sensor Group | Monitoring Status| Sensor Units | Sensor Reading\n"
        "4 | System Temp | Temperature | Nominal | C | 25.000000\n"
        "9 | FAN 3 | Fan | Critical | RPM | 0.000000\n"
        "12 | PS Status | Power Supply | Critical | N/A | 'Power Supply Failure detected'\n"},
        {"fan.failed fan/FAN 3", "psu.failed psu/PS Status"}),
    "FreeIPMI's log with an unset clock, what began and what ended": ({
        "ipmi/sel.txt":
        "ID | Date        | Time     | Name         | Type         | State    | Event Direction   | "
        "Event\n"
        "1  | PostInit    | PostInit | PSU 1 Status | Power Supply | Critical | Assertion Event   | "
        "Power Supply Failure detected\n"
        "2  | PostInit    | PostInit | PSU 1 Status | Power Supply | Critical | Deassertion Event | "
        "Power Supply Failure detected\n"
        "3  | PreInit     | PreInit  | Drive 4      | Drive Slot   | Critical | Assertion Event   | "
        "Drive Fault\n"}, {"drive.failed drive/Drive 4"}),
    "ipmitool: what the log says of memory stands, though its sensor forgot": ({
        "ipmi/sel.txt": "1 | 02/03/26 | 10:11:12 UTC | Memory DIMM_B2 ECC | Uncorrectable ECC | "
                        "Asserted\n",
        "ipmi/sensors.txt": "DIMM_B2 ECC      | 8Ch | ok  | 32.2 | \n"},
        {"dimm.uncorrected dimm/DIMM_B2 ECC"}),
    "ipmitool: over where the log says so": ({
        "ipmi/sel.txt": "1 | 02/03/26 | 10:11:12 UTC | Memory DIMM_B2 ECC | Uncorrectable ECC | "
                        "Asserted\n2 | 02/03/26 | 10:19:12 UTC | Memory DIMM_B2 ECC | "
                        "Uncorrectable ECC | Deasserted\n",
        "ipmi/sensors.txt": "DIMM_B2 ECC      | 8Ch | ok  | 32.2 | \n"}, set()),
    "FreeIPMI: what the log says of memory stands, though its sensor forgot": ({
        "ipmi/sel.csv": "ID,Date,Time,Name,Type,State,Event\n"
                        "1,Feb-03-2026,10:11:12,DIMM_B2 ECC,Memory,Critical,Uncorrectable memory error\n",
        "ipmi/sensors.csv": "ID,Name,Type,State,Reading,Units,Event\n"
                            "5,DIMM_B2 ECC,Memory,Nominal,N/A,N/A,'OK'\n"},
        {"dimm.uncorrected dimm/DIMM_B2 ECC"}),
    "FreeIPMI: a power supply holds its state, which contradicts the log": ({
        "ipmi/sel.csv": "ID,Date,Time,Name,Type,State,Event\n"
                        "1,Feb-03-2026,10:11:12,PSU 2 Status,Power Supply,Critical,"
                        "Power Supply Failure detected\n",
        "ipmi/sensors.csv": "ID,Name,Type,State,Reading,Units,Event\n"
                            "6,PSU 2 Status,Power Supply,Nominal,N/A,N/A,'Presence detected'\n"}, set()),
    "ipmitool: one sensor for all modules, and the module in the event": (events(
        "Memory ECC Uncorr Err | Uncorrectable ECC (@DIMM7A (CPU2))",
        "Memory #0x01 | Uncorrectable ECC (@DIMMG1(CPU1))"),
        {"dimm.uncorrected dimm/DIMM7A (CPU2)", "dimm.uncorrected dimm/DIMMG1(CPU1)"}),
}
