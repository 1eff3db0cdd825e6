# SPDX-License-Identifier: Apache-2.0
"""Whole hosts, and all that fails on them: what is not named here must not be found.

A scenario is a row of isolation_rows.py without its one check: fails gives, by check, the domains that
all findings of it name together ("-": the host), and unknown the checks that must neither pass nor
fail. The answers were written from the catalogue's words."""
from isolation_rows import (CLEAN, CRYPTS, DEDICATED, EXE, FD, IMG, ISOLATED, KSM, LABEL, LOCKED, MCAST, MDEV,
                            NAT, NVDIMM, ON_M, ON_NET, OVS, PCI1, PCI2, PIN, READONLY,
                            ROUTES, SCSI, SECRET, SECRET_XML, SERIAL, SHARE, SHM, SMT, SVIRT, TAP, U1, UNSAFE,
                            USB, VALIDATE, VFS, VNC, VSOCK, ARGS, FORWARDS, DAEMON, FLUSH, VULNERABILITIES,
                            bridge, disk, hostdev, mdev_device, network, nic, nodedev_pci, permissions, process,
                            qemu_conf, rbd, vf, vlan)

SCENARIOS = []


def scenario(name, fails, unknown="", **given):
    SCENARIOS.append(dict(given, name=name, unknown=[f"ISO-{c}" for c in unknown.split()],
                          fails={f"ISO-{c}": sorted(who.split()) for c, who in fails.items()}))


scenario("nothing shared", {}, a_dev=disk("/a.img") + bridge(CLEAN, "52:54:00:00:00:0a"),
         b_dev=disk("/b.img") + bridge(CLEAN, "52:54:00:00:00:0b", "br1"), files=IMG)
scenario("everything shared that may be", {}, a_dev=bridge(CLEAN + ISOLATED)
         + disk("/pub/x.img", device="cdrom"), b_dev=bridge(CLEAN + ISOLATED)
         + disk("/pub/x.img", device="cdrom"), files={"/pub/x.img": ""}, public={"images": ["/pub"]})
scenario("a provider's firewall shares a bridge, and a disk all the same", {"STO-01": "a b"},
         a_dev=bridge() + disk("/x.img"), b_dev=bridge() + disk("/x.img"), files=IMG,
         tenants={"globex": {"role": "provider"}})
scenario("a public network still wants its filters", {"NET-02": "a"}, a_dev=ON_NET, b_dev=nic(
    "network", "network='n'", CLEAN, None), docs=network("n", NAT), public={"networks": ["n"]})
scenario("three of whom nobody owns one, on one bridge", {"ID-01": "z", "NET-01": "a b z",
                                                         "NET-02": "a b z"},
         a_dev=bridge(ISOLATED), b_dev=bridge(ISOLATED), z="", z_dev=bridge())
scenario("a trunk that meets one tag and not the other",
         {"NET-01": "a z", "ID-01": "z"}, unknown="NET-02", z="", a_dev=bridge(OVS + vlan(10, 20)),
         b_dev=bridge(OVS + vlan(30)), z_dev=bridge(OVS + vlan(20)))
scenario("a chain of three, whose end another tenant writes", {"STO-02": "a b"},
         a_dev=disk("/a.img"), b_dev=disk("/b.qcow2"), files=IMG,
         qcow2={"/b.qcow2": {"backing": "m.qcow2"}, "/m.qcow2": {"backing": "n.qcow2"},
                "/n.qcow2": {"backing": "a.img"}})
scenario("one base that both read, in private", {"STO-03": "a b"}, a_dev=disk("/a.q"),
         b_dev=disk("/b.q"), files=IMG,
         qcow2={"/a.q": {"backing": "x.img"}, "/b.q": {"backing": "/x.img"}})
scenario("one data file under two images, and one base", {"STO-01": "a b"}, a_dev=disk("/a.q"),
         b_dev=disk("/b.q"), files=IMG,
         qcow2={"/a.q": {"data_file": "x.img"}, "/b.q": {"data_file": "/./x.img"}})
scenario("one block device by two names", {"STO-01": "a b"}, a_dev=disk("/dev/vg/a", "block"),
         b_dev=disk("/dev/mapper/vg-a", "block", more="<shareable/>"), files={"/dev/dm-3": ""},
         symlinks={"/dev/vg/a": "../dm-3", "/dev/mapper/vg-a": "/dev/dm-3"})
scenario("one monitor of three in common, and the same secret", {"STO-01": "a b", "SEC-01": "a b"},
         a_dev=rbd("p/i", "m1", "m2", more=SECRET.format(U1)),
         b_dev=rbd("p/i", "m2", "m3", more=SECRET.format(U1)),
         docs={"secrets/s.xml": SECRET_XML.format("yes")})
scenario("a secret that both use and anybody reads", {"SEC-01": "a b", "SEC-02": "a b"},
         a_dev=rbd("p/i", "m1", more=SECRET.format(U1)), b_dev=rbd("p/k", "m1", more=SECRET.format(U1)),
         docs={"secrets/s.xml": SECRET_XML.format("no")})
scenario("a dedicated tenant half pinned, beside its twin", {"CPU-01": "a b", "CPU-04": "a"},
         a="<vcpu>2</vcpu><cputune><vcpupin vcpu='0' cpuset='0'/></cputune>", b=PIN.format("3"),
         tenants=DEDICATED)
scenario("only the sibling meets", {"CPU-02": "a b"}, a=PIN.format("0"), b=PIN.format("1"),
         tenants=DEDICATED, capabilities=SMT)
scenario("two dedicated ones by siblings and directly", {"CPU-01": "a z", "CPU-02": "a b z", "ID-01": "z"},
         a=PIN.format("0"), b=PIN.format("1,^2"), z=PIN.format("0"), tenants=dict(
             DEDICATED, globex={"compute": "dedicated"}), capabilities=SMT)
scenario("shared ones on threads of a core", {"CPU-03": "-"}, a=PIN.format("2"), b=PIN.format("3"),
         capabilities=SMT)
scenario("KSM on, and one stays out", {"MEM-01": "b z", "ID-01": "z"}, files=KSM, z="",
         a="<memoryBacking><nosharepages/></memoryBacking>")
scenario("memory in three ways", {"MEM-02": "a b", "MEM-03": "a b", "MEM-04": "b", "MEM-06": "-"},
         a_dev=SHM.format("s") + NVDIMM.format("/a"), b_dev=SHM.format("s") + NVDIMM.format("//a"),
         b=LOCKED, a="<memory dumpCore='on' unit='KiB'>9</memory>", files={"/a": ""})
scenario("encryption asked for of the one, debuggable", {"MEM-05": "a", "STO-05": "a", "DEV-07": "a"},
         a="<launchSecurity type='sev'><policy>0x0000</policy></launchSecurity>",
         a_dev=disk("/dev/sdb", "block") + "<tpm><backend type='emulator' version='2.0'/></tpm>",
         b_dev=disk("/dev/sdc", "block") + "<tpm><backend type='emulator' version='2.0'/></tpm>",
         tenants={"acme": {"memory_encryption": "required", "disk_encryption": "required"}})
scenario("a share above another, and one of /etc", {"STO-06": "a b", "STO-07": "b"},
         a_dev=SHARE.format("/srv/x/y"), b_dev=SHARE.format("/srv/x") + SHARE.format("/etc"),
         files={"/srv/x/y/f": "", "/etc/f": ""})
scenario("a share beside another of a longer name", {}, a_dev=SHARE.format("/srv/x"),
         b_dev=SHARE.format("/srv/xy"), files={"/srv/x/f": "", "/srv/xy/f": ""})
scenario("an open image, raw commands and one log", {"STO-08": "a", "STO-09": "a", "STO-10": "a b"},
         a_dev=disk("/p/a.img") + disk("/dev/sdb", "block", device="lun", sgio="unfiltered")
         + SERIAL.format("file", "path='/l/x'", ""),
         b_dev=SERIAL.format("pty", "path='/dev/pts/3'", "<log file='/l//x'/>"),
         files={"/l/x": ""}, docs=permissions("0604", "0755"))
scenario("filters and isolation gone from the kernel", {"NET-01": "a b", "NET-02": "a", "NET-03": "a b"},
         live="a b", a_dev=bridge(CLEAN + ISOLATED + TAP.format("vnet0")),
         b_dev=bridge(CLEAN + ISOLATED + TAP.format("vnet1")), files={
             "/evidence/ebtables-save": "*nat\n:libvirt-I-vnet1 ACCEPT\n:libvirt-O-vnet1 ACCEPT\n",
             "/sys/class/net/vnet0/brport/isolated": "1\n",
             "/sys/class/net/vnet1/brport/isolated": "0\n"})
scenario("one MAC, one of them trusted, on a management bridge",
         {"NET-04": "a", "NET-05": "a b", "NET-06": "b"},
         a_dev=nic("bridge", "bridge='br1'", mac="52:54:00:AA:00:01", trustGuestRxFilters="yes"),
         b_dev=bridge(mac="52:54:00:aa:00:01"), policy={"management_networks": ["br0"]})
scenario("multicast between tenants", {"NET-01": "a b", "NET-02": "a b", "NET-08": "a b"},
         a_dev=MCAST, b_dev=MCAST)
scenario("routed to each other", {"NET-10": "a b"}, a_dev=ON_NET, b_dev=ON_M, docs=ROUTES,
         files=FORWARDS)
scenario("two VFs of one card on one VLAN, in one group", {"NET-07": "a b"}, unknown="NET-02",
         a_dev=vf("0x1", vlan(5, 6)), b_dev=vf("0x2", vlan(6)), docs=VFS)
scenario("two devices of one group", {"DEV-01": "a b"}, a_dev=PCI1, b_dev=PCI2, docs={
             "nodedevs/1.xml": nodedev_pci(1, 7), "nodedevs/3.xml": nodedev_pci(3, 7)})
scenario("one device, under either name", {"DEV-02": "a b"}, a_dev=hostdev(
    "scsi", SCSI.format(3)), b_dev=hostdev("scsi", SCSI.format(3)))
scenario("a USB model twice, and a CID", {"DEV-02": "a b", "DEV-03": "a b", "DEV-06": "a b"},
         a_dev=hostdev("usb", USB) + VSOCK.format("no", 7), b_dev=hostdev("usb", USB)
         + VSOCK.format("no", 7))
scenario("a dedicated tenant shares a graphics card", {"DEV-08": "a b"}, a=PIN.format("0"),
         b=PIN.format("1"), a_dev=hostdev("mdev", MDEV), b_dev=hostdev("mdev", MDEV.replace(
             "'c2", "'d2").upper().replace("ADDRESS UUID", "address uuid")), tenants=DEDICATED,
         docs={"nodedevs/c.xml": mdev_device("c"), "nodedevs/d.xml": mdev_device("d")})
scenario("the host's own doors", {"DEV-04": "-", "MGT-02": "-", "MGT-03": "-", "PROC-07": "-",
                                  "PROC-08": "-", "HOST-01": "-", "HOST-02": "-", "CPU-05": "-",
                                  "CPU-06": "-"},
         files=dict(qemu_conf('namespaces = [ ]\ncgroup_controllers = [ "cpu" ]'), **{
             UNSAFE: "Y\n", FLUSH: "never\n", VULNERABILITIES + "mds": "Vulnerable: no microcode\n",
             "/proc/cmdline": "ro mitigations=off\n",
             VALIDATE: "  QEMU: Checking for hardware virtualization : FAIL (x)\n",
             DAEMON: 'listen_tcp = 1\nauth_tcp = "none"\nunix_sock_rw_perms = "0777"\n'
                     'auth_unix_rw = "none"\n'}))
scenario("confined by no one, as root", {"PROC-01": "a", "PROC-02": "b z", "PROC-04": "a", "ID-01": "z"},
         a="<seclabel type='none'/>" + LABEL.format("static", "dac", "+0:+0"),
         b=LABEL.format("static", "selinux", SVIRT.format("c5,c9")), z=LABEL.format(
             "static", "selinux", SVIRT.format("c9,c5")))
scenario("a process that is not what was declared",
         {"PROC-03": "a", "PROC-04": "a", "PROC-05": "a", "PROC-06": "a", "PROC-10": "a", "PROC-11": "-"},
         live="a", pids={"a": 7}, a=LABEL.format("dynamic", "apparmor", "libvirt-a"),
         a_dev=disk("/a.img"), b_dev=disk("/b.img"), symlinks={
             FD + "9": "/a.img", FD + "10": "/b.img", "/proc/7/exe": EXE, "/proc/9/exe": EXE},
         files=dict(IMG, **process(7, uid=0, caps="0000000000000400", seccomp=0,
                                   **{"attr/current": "libvirt-a (complain)\n"})))
scenario("doors of guests", {"MGT-01": "a", "MGT-04": "a", "MGT-06": "b", "PROC-09": "b"},
         a_dev=VNC.format("", "<listen type='address' address='::'/>") + SERIAL.format(
             "tcp", "mode='bind' host='0.0.0.0' service='9'", ""),
         b_dev=VNC.format("", "<listen type='address' address='::1'/>") + SERIAL.format(
             "tcp", "mode='bind' host='127.0.0.1' service='9'", ""),
         b=ARGS.format("-qmp", "tcp:0.0.0.0:4444,server=on"))
scenario("emulated, and nesting granted", {"HOST-03": "a"}, type_a="qemu",
         b="<cpu mode='host-passthrough'/>", policy={"nested": ["globex"]},
         files={"/sys/module/kvm_intel/parameters/nested": "Y\n"})
scenario("a disk that only reads what the other reads", {"STO-03": "a b"}, a_dev=disk(
    "/x.img", more=READONLY), b_dev=disk("/x.img", device="cdrom"), files=IMG)
scenario("encryption that is nobody's", {}, unknown="STO-05", a_dev=disk("/a.img"), files=IMG,
         tenants=CRYPTS)
scenario("two sources, nesting and no lock", {"ID-02": "a", "CPU-07": "b", "HOST-04": "-"},
         attribution={"patterns": [["^a$", "globex"]]}, b="<cpu mode='host-model'/>", files={
             "/sys/module/kvm_intel/parameters/nested": "1\n",
             "/etc/libvirt/qemu.conf": 'user = "libvirt-qemu"\n#lock_manager = "lockd"\n'})
scenario("passthrough without an IOMMU, a backup in clear, memory saved for all to read",
         {"DEV-05": "-", "MGT-05": "-", "SNP-01": "b"}, unknown="DEV-01", a_dev=PCI1,
         files={"/sys/kernel/iommu_groups/0/type": None, "/sys/kernel/iommu_groups": "", "/s/m": ""},
         modes={"/s/m": "0604", "/s": "0755", "/": "0755"}, docs={
             "backups/a.xml": "<domainbackup mode='pull'><server name='0.0.0.0' port='1'/>"
                              "</domainbackup>",
             "snapshots/b/s.xml": "<domainsnapshot><name>s</name><memory snapshot='external' "
                                  "file='/s/m'/></domainsnapshot>"})
scenario("a port that is copied to a neighbour's", {"NET-09": "a", "NET-02": "a b"},
         mirrors=[["vnet0", "vnet1"]], live="a b", a_dev=bridge(ISOLATED + TAP.format("vnet0")),
         b_dev=bridge(ISOLATED + TAP.format("vnet1")), files={
             "/sys/class/net/vnet0/brport/isolated": "1\n",
             "/sys/class/net/vnet1/brport/isolated": "1\n"})
