# SPDX-License-Identifier: Apache-2.0
"""Logs of the kernel, and of the programs that tell of its machine checks, as other kernels, vendors
and tools write them; and what must be found in each."""

ATA = """\
[    1.00] scsi host0: ahci
[    1.01] scsi host1: ahci
[    1.02] scsi host2: ahci
[    1.03] ata1: SATA max UDMA/133 abar m2048@0xf7d16000 port 0xf7d16100 irq 27
[    1.03] ata2: SATA max UDMA/133 abar m2048@0xf7d16000 port 0xf7d16180 irq 27
[    1.03] ata3: SATA max UDMA/133 abar m2048@0xf7d16000 port 0xf7d16200 irq 27
[    2.00] sd 1:0:0:0: [sda] Attached SCSI disk
[    2.01] sd 2:0:0:0: [sdb] Attached SCSI disk
"""
MCELOG = """\
mcelog: failed to prefill DIMM database from DMI data
Hardware event. This is not a software error.
MCE {n}
CPU 8 BANK 7 TSC b98e63765d2
MISC 200005c280201086 ADDR 20b5cf8880
TIME {time} Tue Mar 30 00:39:12 2021
MCG status:
MCi status:
{words}
MCA: MEMORY CONTROLLER RD_CHANNEL0_ERR
Transaction: Memory read error
STATUS {status} MCGSTATUS 0
MCGCAP f000c14 APICID 0 SOCKETID 1
CPUID Vendor Intel Family 6 Model 85
"""
AMD = """\
[ {s}.1] mce: [Hardware Error]: Machine check events logged
[ {s}.1] [Hardware Error]: {words}
[ {s}.1] [Hardware Error]: CPU:2 (17:71:0) MC17_STATUS[{bits}]: 0x{status}
[ {s}.1] [Hardware Error]: Error Addr: 0x0000000319deb440
[ {s}.1] [Hardware Error]: IPID: 0x0000009600150f00, Syndrome: 0x01b0fff01
[ {s}.1] [Hardware Error]: {unit} Ext. Error Code: 0, {what}.
[ {s}.1] [Hardware Error]: cache level: L3/GEN, tx: GEN, mem-tx: RD
[ {s}.2] audit: next
"""
GHES = """\
[ 5.0] {{1}}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 4
[ 5.0] {{1}}[Hardware Error]: event severity: {severity}
[ 5.0] {{1}}[Hardware Error]:  Error 0, type: {severity}
{lines}
[ 5.1] next
"""

KERNEL = {
    "kernel: what programs make the audit log say": ({
        "kernel.log":
        '[   12.5] audit: type=1107 audit(1700000000.1:9): msg=\'nvme nvme9: I/O 1 QID 1 timeout, '
        "reset controller'\n"
        "[   12.6] audit: type=1400 audit(1700000000.2:10): EXT4-fs error (device sda1): open\n"},
        set()),
    "kernel: one SATA disk under its names, by the order of ports": ({
        "kernel.log": ATA +
        "[   12.5] ata3.00: exception Emask 0x0 SAct 0xf SErr 0x0 action 0x0\n"
        "[   12.6] ata3.00: error: { UNC }\n"
        "[   12.8] blk_update_request: I/O error, dev sdb, sector 12345 op 0x0:(READ)\n"},
        {"drive.media drive/sdb"}),
    "kernel: one SATA disk under its names, while its error is handled": ({
        "kernel.log":
        "[   12.5] ata6.00: exception Emask 0x0 SAct 0xf SErr 0x0 action 0x0\n"
        "[   12.6] ata6.00: error: { UNC }\n"
        "[   12.7] sd 5:0:0:0: [sde] tag#3 Sense Key : Medium Error [current] \n"
        "[   12.8] blk_update_request: I/O error, dev sde, sector 12345\n"
        "[   12.9] ata6: EH complete\n"}, {"drive.media drive/sde"}),
    "kernel: SATA: time out, cable; an optical drive": ({
        "kernel.log": ATA +
        "[   12.5] ata2.00: exception Emask 0x0 SAct 0x7 SErr 0x0 action 0x6 frozen\n"
        "[   12.5] ata2.00: failed command: READ FPDMA QUEUED\n"
        "[   12.5]          res 40/00:00:00:4f:c2/00:00:00:00:00/00 Emask 0x4 (timeout)\n"
        "[   12.6] ata2: EH complete\n"
        "[   13.5] ata3: SError: { UnrecovData 10B8B BadCRC }\n"
        "[   14.5] ata1.00: qc timeout (cmd 0xa0)\n"},
        {"drive.timeout drive/sda", "drive.cabling drive/sdb"}),
    "kernel: hot unplug is no time out": ({
        "kernel.log":
        "[ 12.5] ata2.00: exception Emask 0x10 SAct 0x0 SErr 0x4090000 action 0xe frozen\n"
        "[ 12.5] ata2: SError: { PHYRdyChg 10B8B DevExch }\n[ 12.6] ata2: SATA link down (SStatus "
        "0 SControl 300)\n"}, set()),
    "kernel: discards that a disk does not know, and other refusals": ({
        "kernel.log":
        "[ 1.0] sd 0:0:0:0: [sda] tag#0 Sense Key : Illegal Request [current]\n"
        "[ 1.0] blk_update_request: critical target error, dev sda, sector 2048 op 0x3:(DISCARD) "
        "flags 0x800\n"
        "[ 1.1] critical target error, dev sdb, sector 0 op 0x9:(WRITE_ZEROES) flags 0x8000800\n"
        "[ 1.2] blk_update_request: I/O error, dev sr0, sector 0 op 0x0:(READ)\n"
        "[ 1.3] nvme0n1: I/O Cmd(0x2) @ LBA 8, 8 blocks, I/O Error (sct 0x2 / sc 0x87) \n"
        "[ 1.4] critical nexus error, dev sdc, sector 0\n"}, set()),
    "kernel: a disk that foretells its end; one that is given up": ({
        "kernel.log":
        "[ 1.0] sd 0:0:4:0: [sde] tag#2 Add. Sense: Failure prediction threshold exceeded\n"
        "[ 2.0] sd 0:0:5:0: [sdf] Attached SCSI disk\n"
        "[ 3.0] sd 0:0:5:0: Device offlined - not ready after error recovery\n"},
        {"drive.predicted drive/sde", "drive.failed drive/sdf"}),
    "kernel: file systems without hardware": ({
        "kernel.log":
        "[ 1.0] EXT4-fs error (device loop0): ext4_lookup:1690: inode #2: comm ls\n"
        "[ 2.0] XFS (sdb1): User initiated shutdown received.\n"
        "[ 3.0] EXT4-fs (sdc1): VFS: Can't find ext4 filesystem\n"
        "[ 4.0] XFS (sda2): Unmounting Filesystem\n"
        "[ 5.0] EXT4-fs warning (device sda1): ext4_dx_add_entry:2461: Directory index full!\n"
        "[ 6.0] BTRFS error (device sdd): open_ctree failed\n"
        "[ 7.0] XFS (rbd0): metadata I/O error in \"xfs_read_agi\" at daddr 0x2\n"}, set()),
    "kernel: links that come and go without a bond; and other noise": ({
        "kernel.log":
        "[ 1.0] igb 0000:01:00.0 eth0: igb: eth0 NIC Link is Down\n"
        "[ 2.0] igb 0000:01:00.0 eth0: igb: eth0 NIC Link is Up 1000 Mbps Full Duplex\n"
        "[ 2.1] mce: [Hardware Error]: Machine check events logged\n"
        "[ 2.2] mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 9: 0000000000000000\n"
        "[ 2.3] GHES: APEI firmware first mode is enabled by APEI bit and WHEA _OSC.\n"
        "[ 2.4] HEST: Table parsing has been initialized.\n"
        "[ 2.5] EDAC MC: Ver: 3.0.0\n"
        "[ 2.6] EDAC MC0: Giving out device to module skx_edac controller Skylake Socket#0 IMC#0\n"
        "[ 2.7] pcieport 0000:00:1c.0: AER: Corrected error received: 0000:00:1c.0\n"
        "[ 2.8] NVRM: Xid (PCI:0000:3b:00): 31, pid=1234, name=python3, Ch 00000008\n"
        "[ 2.9] md/raid1:md0: active with 2 out of 2 mirrors\n"}, set()),
    "kernel: what a reader must not miss": ({
        "kernel.log":
        "[ 1.0] bond0: (slave eth0): link status definitely down, disabling slave\n"
        "[ 1.1] NETDEV WATCHDOG: eth4 (ixgbe): transmit queue 3 timed out\n"
        "[ 1.2] NVRM: Xid (PCI:0000:3b:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen "
        "off the bus.\n"
        "[ 1.3] NVRM: Xid (PCI:0000:af:00): 48, pid=22, An uncorrectable double bit error (DBE)\n"
        "[ 1.4] md/raid:md5: raid level 5 active with 2 out of 3 devices, algorithm 2\n"
        "[ 1.5] md/raid1:md0: active with 1 out of 2 mirrors\n"
        "[ 1.6] md/raid1:md0: active with 2 out of 2 mirrors\n"
        "[ 1.7] pcieport 10000:e0:03.0: PCIe Bus Error: severity=Uncorrectable (Fatal), type="
        "Transaction Layer, (Receiver ID)\n"
        "[ 1.8] thermal thermal_zone0: acpitz: critical temperature reached, shutting down\n"},
        {"link.down link/eth0", "nic.degraded nic/eth4", "gpu.failed gpu/0000:3b:00",
         "gpu.degraded gpu/0000:af:00", "volume.degraded volume/md5",
         "pcie.fatal pcie/10000:e0:03.0", "temperature.critical temperature/thermal_zone0"}),
    "kernel: arrays that cannot go on; memory that a program read in vain": ({
        "kernel.log":
        "[ 1.0] md/raid:md5: Cannot continue operation (2/4 failed).\n"
        "[ 1.1] md/raid10:md6: not enough operational mirrors.\n"
        "[ 1.2] mce: Uncorrected hardware memory error in user-access at 1f3d8b2040\n"},
        {"volume.failed volume/md5", "volume.failed volume/md6", "dimm.uncorrected dimm/unnamed"}),
    "kernel: cards and file systems that complain": ({
        "kernel.log":
        "[1.0] mlx5_core 0000:3b:00.0: poll_health:739:(pid 0): Fatal error 1 detected\n"
        "[2.0] e1000e 0000:00:19.0 eno1: Detected Hardware Unit Hang:\n"
        "[3.0] igb 0000:07:00.0 eno3: PCIe link lost, device now detached\n"
        "[4.0] NVRM: Xid (PCI:0000:18:00): 63, pid='<unknown>', Row Remapper: New row marked\n"
        "[5.0] EXT4-fs (sdb1): error count since last fsck: 5\n"
        "[6.0] WARNING: Pool 'tank' has encountered an uncorrectable I/O failure and has been "
        "suspended.\n"
        "[7.0] EDAC MC0: UE page 0x283, offset 0xce0, grain 4096, row 0, labels \"CPU0\": i3200 UE"
        "\n"},
        {"nic.failed nic/0000:3b:00.0", "nic.degraded nic/eno1", "nic.failed nic/eno3",
         "gpu.degraded gpu/0000:18:00", "filesystem.error filesystem/sdb1", "volume.failed "
         "volume/tank", "dimm.uncorrected dimm/CPU0"}),
    "kernel: a hundred corrected errors of a link, in newer words": ({
        "kernel.log":
        "[ 1.0] pcieport 0000:00:1c.0: PCIe Bus Error: severity=Correctable, type=Physical Layer, "
        "(Receiver ID)\n" * 100 +
        "[ 2.0] pcieport 0000:00:1d.0: PCIe Bus Error: severity=Corrected, type=Physical Layer\n"},
        {"pcie.corrected pcie/0000:00:1c.0"}),
    "kernel: heat that every processor tells of; one that went on": ({
        "kernel.log": "".join(
            f"[ 1.{i}] mce: CPU{i}: Package temperature above threshold, cpu clock throttled "
            f"(total events = 1)\n" for i in range(8)) + "".join(
            f"[ 2.{i}] mce: CPU{i}: Package temperature/speed normal\n" for i in range(7))},
        {"cpu.throttled cpu/cpu"}),
    "kernel: heat, its package named": ({
        "sys/devices/system/cpu/cpu9/topology/physical_package_id": "1\n",
        "kernel.log": "[ 1.0] CPU9: Core temperature above threshold, cpu clock throttled (total "
                      "events = 12)\n"}, {"cpu.throttled cpu/package 1"}),
    # -- machine checks
    "kernel: Intel counts in the status, and names the socket": ({
        "kernel.log":
        "[ 1.0] mce: [Hardware Error]: CPU 20: Machine Check: 0 Bank 7: 8c00100000010091\n"
        "[ 1.0] mce: [Hardware Error]: TSC 0 ADDR 7d41b7940 MISC 42525286\n"
        "[ 1.0] mce: [Hardware Error]: PROCESSOR 0:50657 TIME 1500000000 SOCKET 1 APIC 40\n"
        "[ 1.1] mce: [Hardware Error]: CPU 3: Machine Check: 0 Bank 0: 90000040000f0005\n"
        "[ 1.1] mce: [Hardware Error]: PROCESSOR 0:306c3 TIME 1500000000 SOCKET 0 APIC 6\n"},
        {"dimm.corrected dimm/socket 1 bank 7"}),
    "kernel: AMD defers what was not yet used": ({
        "kernel.log":
        "[ 1.0] mce: [Hardware Error]: CPU 1: Machine Check: 0 Bank 1: 9c00100000000151\n"
        "[ 1.0] mce: [Hardware Error]: PROCESSOR 2:800f12 TIME 1500000000 SOCKET 0 APIC 1\n"},
        {"cpu.uncorrected cpu/socket 0"}),
    "kernel: AMD decodes: corrected, in memory": ({
        "kernel.log": "".join(AMD.format(s=i, words="Corrected error, no action required.",
                                         bits="-|CE|MiscV|AddrV|-|-|SyndV|CECC|-|-|-",
                                         status="9c2040000000011b", what="DRAM ECC error",
                                         unit="Unified Memory Controller") for i in range(10))},
        {"dimm.corrected dimm/logical CPU 2 bank 17"}),
    "kernel: AMD decodes: two corrected ones only": ({
        "kernel.log": "".join(AMD.format(s=i, words="Corrected error, no action required.",
                                         bits="-|CE|MiscV|AddrV|-|-|SyndV|CECC|-|-|-",
                                         status="9c2040000000011b", what="DRAM ECC error",
                                         unit="Unified Memory Controller") for i in range(2))},
        set()),
    "kernel: AMD decodes: uncorrected, in a processor": ({
        "kernel.log": AMD.format(s=1, words="Uncorrected, software restartable error.",
                                 bits="-|UE|MiscV|AddrV|-|-|-|-|-|-|-", status="bc00080001010135",
                                 what="DC Data error", unit="Load Store Unit")},
        {"cpu.uncorrected cpu/logical CPU 2"}),
    "kernel: EDAC and AMD's decoder tell one error": ({
        "kernel.log": AMD.format(s=1, words="Corrected error, no action required.", bits="-|CE|-",
                                 status="9c2040000000011b", what="DRAM ECC error",
                                 unit="Unified Memory Controller") +
        "[ 1.2] EDAC MC0: 12 CE on mc#0csrow#3channel#1 (csrow:3 channel:1 page:0x0 offset:0x0 "
        "grain:64 syndrome:0x1)\n"}, {"dimm.corrected dimm/mc#0csrow#3channel#1"}),
    "kernel: EDAC does not know the page": ({
        "kernel.log": "[ 1.0] EDAC MC0: 1 CE Single-bit ECC on unknown memory (node:0 card:2 "
                      "module:0 page:0x0 offset:0x0 grain:0 - APEI location: node:0 card:2)\n" * 3},
        set()),
    # -- the firmware's reports
    "kernel: the firmware tells of a bus": ({
        "kernel.log": GHES.format(severity="fatal", lines="\n".join(
            "[ 5.0] {1}[Hardware Error]:   " + line for line in (
                "section_type: PCIe error", "port_type: 4, root port", "device_id: 0000:3a:00.0",
                "slot: 3", "vendor_id: 0x8086, device_id: 0x2030")))},
        {"pcie.fatal pcie/0000:3a:00.0"}),
    "kernel: the firmware tells of memory by its nodes; its word for the error is no place": ({
        "kernel.log": GHES.format(severity="recoverable", lines="\n".join(
            "[ 5.0] {1}[Hardware Error]:   " + line for line in (
                "fru_text: CorrectedErr", "section_type: memory error",
                "node: 1 card: 3 module: 0 rank: 1 bank: 3 row: 9 column: 16",
                "DIMM location: not present. DMI handle: 0x0000")))},
        {"dimm.uncorrected dimm/node 1 card 3 module 0"}),
    "kernel: the firmware tells of memory by its nodes, without spaces": ({
        "kernel.log": GHES.format(severity="recoverable", lines="\n".join(
            "[ 5.0] {1}[Hardware Error]:   " + line for line in (
                "section_type: memory error", "node:0 card:2 module:1 bank:1 row:1234 column:56 ")))},
        {"dimm.uncorrected dimm/node 0 card 2 module 1"}),
    "kernel: the firmware, told by an older kernel": ({
        "kernel.log":
        "[ 5.0] {1}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 0\n"
        "[ 5.0] {1}[Hardware Error]: APEI generic hardware error status\n"
        "[ 5.0] {1}[Hardware Error]: severity: 0, recoverable\n"
        "[ 5.0] {1}[Hardware Error]: section: 0, severity: 0, recoverable\n"
        "[ 5.0] {1}[Hardware Error]: section_type: memory error\n"
        "[ 5.0] {1}[Hardware Error]: fru_text: DIMM_B2\n[ 5.1] next\n"},
        {"dimm.uncorrected dimm/DIMM_B2"}),
    "kernel: the firmware corrected one": ({
        "kernel.log": GHES.format(severity="corrected", lines="[ 5.0] {1}[Hardware Error]:   "
                                  "section_type: memory error")}, set()),
    # -- forms of lines
    "kernel: lines as dmesg and journalctl write them": ({
        "kernel.log":
        "2026-01-05T10:00:00,123456+00:00 critical medium error, dev sda, sector 5120\n"
        "Mon 2026-01-05 10:00:00 UTC host kernel: critical medium error, dev sdb, sector 5120\n"
        "[   12.345678] host kernel: critical medium error, dev sdc, sector 5120\n"
        "[    0.000000][    T1] critical medium error, dev sdd, sector 5120\n"
        "[Jan 5 10:00] critical medium error, dev sde, sector 5120\n"
        "[  +0.000012] ata9.00: error: { UNC }\n"
        "Jan 05 10:00:00.123456 host kernel: critical medium error, dev sdf, sector 5120\n"
        "2026-01-05T10:00:00+00:00 host app[7]: critical medium error, dev sdg, sector 5120\n"
        "2026-01-05T10:00:00+0000 host kernel: critical medium error, dev sdh, sector 5120\n"},
        {f"drive.media drive/{d}" for d in ("sda", "sdb", "sdc", "sdd", "sde", "sdf", "sdh",
                                            "ata9.00")}),
    "kernel: ten days told with their weekdays are ten days": ({
        "kernel.log": "".join(
            f"{d} 2026-01-{n} 10:00:00 UTC host kernel: EDAC MC0: 1 CE memory read error on DIMM_A "
            f"(channel:0 slot:0 page:0x{n})\n" for n, d in enumerate(
                ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), 15))},
        set()),
    # -- other programs
    "mcelog: twelve corrected errors of one module": ({
        "mcelog.txt": "".join(MCELOG.format(n=n, time=1617035952 + 60 * n, words="Corrected error",
                                            status="9c00004001010090") for n in range(12))},
        {"dimm.corrected dimm/socket 1 bank 7"}),
    "mcelog: one corrected, in the journal": ({
        "kernel.log": "".join(
            f"Mar 30 00:39:12 host mcelog[2226]: {line}\n" for line in MCELOG.format(
                n=0, time=1617035952, words="Corrected error",
                status="9c00004001010090").splitlines())}, set()),
    "mcelog: an uncorrected one": ({
        "mcelog.txt": MCELOG.format(n=0, time=1617035952, words="Uncorrected error",
                                    status="be00000000010090")},
        {"dimm.uncorrected dimm/socket 1 bank 7"}),
    "a port's disk, by where /sys has it": ({
        "kernel.log": "[ 10.0] ata3.00: error: { UNC }\n[ 11.0] ata4.01: disable device\n"
                      "[ 12.0] scsi 7:0:2:0: Sense Key : Medium Error [current]\n",
        "sys/class/block/sdc": "../../devices/pci0000:00/0000:00:1f.2/ata3/host2/target2:0:0/2:0:0:0"
                               "/block/sdc",
        "sys/class/block/sdd": "../../devices/pci0000:00/0000:00:1f.2/ata4/host3/target3:1:0/3:1:0:0"
                               "/block/sdd",
        "sys/class/block/sde": "../../devices/pci0000:00/0000:01:00.0/host7/port-7:2/end_device-7:2/"
                               "target7:0:2/7:0:2:0/block/sde"},
        {"drive.media drive/sdc", "drive.failed drive/sdd", "drive.media drive/sde"}),
    "rasdaemon: its own lines": ({
        "kernel.log":
        "Mar 30 00:39:12 host rasdaemon[612]: rasdaemon: ras:mc_event event enabled\n"
        "Mar 30 00:40:12 host rasdaemon[612]: <...>-585 [001] 0.000027: mc_event: 2021-03-30 "
        "00:40:12 +0000 1 Uncorrected error: memory read error on CPU_SrcID#0_MC#1_Chan#0_DIMM#0 "
        "(mc: 1 location: 0:0 address: 0x7d41b7940 grain: 32)\n"
        "Mar 30 00:41:12 host rasdaemon[612]: <...>-585 [001] 0.000027: mc_event: 2021-03-30 "
        "00:41:12 +0000 3 Corrected errors: memory read error on DIMM_C1 (mc: 1 location: 0:0)\n"},
        {"dimm.uncorrected dimm/CPU_SrcID#0_MC#1_Chan#0_DIMM#0"}),
    "ras-mc-ctl --errors": ({
        "ras-errors.txt":
        "Memory controller events:\n" + "".join(
            f"{n} 2026-01-05 1{n}:00:00 +0000 2 Corrected error(s): memory read error at DIMM_A1 "
            f"location: 0:0:0:-1, addr 123, grain 7, syndrome 0\n" for n in range(6)) +
        "\nPCIe AER events:\n1 2026-01-05 11:00:00 +0000 0000:3a:00.0 Uncorrected (Non-Fatal) "
        "error: Completion Timeout\n\nNo Extlog errors.\n\nDisk errors\n\nMCE events:\n"
        "1 2026-01-05 11:00:00 +0000 error: Corrected error, no action required., CPU 2, bank "
        "Unified Memory Controller (bank=17), mcg mcgstatus=0, mci CECC,\nmemory_channel=0,csrow=2,"
        " mcgcap=0x0000011c, status=0x9c2040000000011b, cpu=0x00000002, bank=0x00000011\n"},
        {"dimm.corrected dimm/DIMM_A1", "pcie.nonfatal pcie/0000:3a:00.0"}),
    "ras-mc-ctl --summary": ({
        "ras-summary.txt":
        "Memory controller events summary:\n\tCorrected on DIMM Label(s): 'DIMM_A1' location: "
        "0:0:0:-1 errors: 34\n\tUncorrected on DIMM Label(s): 'DIMM_B2' location: 0:1:1:-1 errors: "
        "2\n\nPCIe AER events summary:\n\t5 Corrected errors: Receiver Error\n\nNo Extlog errors.\n"
        "MCE records summary:\n\t3 Corrected error, no action required. errors\n"},
        {"dimm.uncorrected dimm/DIMM_B2"}),
    "ras-mc-ctl: nothing": ({
        "ras.txt": "No Memory errors.\n\nNo PCIe AER errors.\n\nNo Extlog errors.\n\nNo MCE errors."
                   "\n"}, set()),
    "ras-mc-ctl --error-count, edac-util": ({
        "ras-count.txt": "Label               \tCE\tUE\nDIMM_A1\t5539\t0\nDIMM_B1\t0\t1\n",
        "edac-util.txt": "mc0: 0 Uncorrected Errors with no DIMM info\nmc0: csrow0: DIMM_C1: 3 "
                         "Uncorrected Errors\nmc0: csrow1: DIMM_D1: 9 Corrected Errors\n"},
        {"dimm.uncorrected dimm/DIMM_B1", "dimm.uncorrected dimm/DIMM_C1"}),
}
