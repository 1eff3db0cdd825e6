# SPDX-License-Identifier: Apache-2.0
"""More whole hosts (isolation_scenarios.py), of the shapes that tenants really run: pools and remote
storage, switches, cards in pieces, threads of emulators, and what only looks like a fault."""
from isolation_rows import (ARGS, CLEAN, CRYPTS, DEDICATED, KSM, LABEL, NAT, NESTED, ON_NET, OVS, PIN,
                            SEV, SMT, SVIRT, U1, VNC, VSOCK, ENCRYPTS, TENANT, UUIDS, bridge, disk,
                            hostdev, network, nic, pci, process, qemu_conf, rbd, vlan)
from isolation_scenarios import scenario

# ---- names and attribution ----
scenario("a name that is made of a pattern's signs", {}, a_dev=disk("/x.img"), files={"/x.img": ""},
         attribution={"patterns": [[r"^z\+\(1\)\.\[x\]$", "acme"]]}, docs={
             "domains/odd.xml": "<domain type='kvm'><name>z+(1).[x]</name><uuid>cccccccc-0000-4000-8000-"
                                "000000000003</uuid><vcpu>1</vcpu><devices>" + disk("/x.img")
                                + "</devices></domain>"})
scenario("the map goes before the metadata", {"ID-02": "a"}, a_dev=disk("/x.img"), b_dev=disk("/x.img"),
         files={"/x.img": ""}, attribution={"map": {UUIDS["a"]: "globex"}})

# ---- storage ----
VOLUME = "<disk type='volume'><source pool='{}' volume='{}'/><target dev='vdq'/></disk>"
LVM = "<pool type='logical'><name>vg</name><source><name>vg0</name></source><target><path>/dev/vg0</path></target></pool>"
CEPH = "<pool type='rbd'><name>c</name><source><name>rbdpool</name><host name='m1' port='6789'/></source></pool>"
scenario("a volume of LVM, and its device", {"STO-01": "a b"}, a_dev=VOLUME.format("vg", "lv"),
         b_dev=disk("/dev/vg0/lv", "block"), docs={"pools/vg.xml": LVM})
scenario("a volume of an RBD pool, and its image", {"STO-01": "a b"}, a_dev=VOLUME.format("c", "i"),
         b_dev=rbd("rbdpool/i", "m1"), docs={"pools/c.xml": CEPH})
scenario("a volume that lies elsewhere than its pool", {"STO-01": "a b"}, a_dev=VOLUME.format("p", "v"),
         b_dev=disk("/data/v.raw"), files={"/data/v.raw": ""}, docs={
             "pools/p.xml": "<pool type='dir'><name>p</name><target><path>/p</path></target></pool>",
             "volumes/p/v.xml": "<volume><name>v</name><key>/data/v.raw</key><target>"
                                "<path>/data/v.raw</path></target></volume>"})
ISCSI = ("<disk type='network'><source protocol='iscsi' name='iqn.2013-07.com.example:t/{}'>"
         "<host name='{}' port='3260'/></source><target dev='vdi'/></disk>")
scenario("two units of one target", {}, a_dev=ISCSI.format(1, "s1"), b_dev=ISCSI.format(2, "s1"))
scenario("one unit by one portal", {"STO-01": "a b"}, a_dev=ISCSI.format(1, "s1"),
         b_dev=ISCSI.format(1, "s1"))
NBD = ("<disk type='network' device='{}'><source protocol='nbd'{}><host name='h' port='{}'/></source>"
       "<target dev='vdn'/></disk>")
scenario("two NBD servers of one machine", {}, a_dev=NBD.format("disk", " name='e'", 10809),
         b_dev=NBD.format("disk", " name='e'", 10810))
scenario("one NBD server without a name", {"STO-01": "a b"}, a_dev=NBD.format("disk", "", 10809),
         b_dev=NBD.format("cdrom", "", 10809))
scenario("both only read a medium of NBD", {"STO-03": "a b"}, a_dev=NBD.format("cdrom", "", 10809),
         b_dev=NBD.format("cdrom", "", 10809))
scenario("the raw data of another's image", {"STO-01": "a b"}, a_dev=disk("/a.img"), b_dev=disk("/b.q"),
         files={"/a.img": ""}, qcow2={"/b.q": {"data_file": "a.img"}})
scenario("the raw data of an image below another's", {"STO-02": "a b"}, a_dev=disk("/a.img"),
         b_dev=disk("/b.q"), files={"/a.img": ""},
         qcow2={"/b.q": {"backing": "m.q"}, "/m.q": {"data_file": "/a.img"}})
scenario("a snapshot holds what another writes", {"STO-02": "a b"}, a_dev=disk("/a.img"),
         b_dev=disk("/b.snap"), files={"/a.img": "", "/b.snap": ""}, docs={
             "snapshots/b/s.xml": "<domainsnapshot><name>s</name><domain type='kvm'><name>b</name>"
                                  "<devices>" + disk("/a.img") + "</devices></domain></domainsnapshot>"})
LUKS = "<encryption format='luks'><secret type='passphrase' uuid='" + U1 + "'/></encryption>"
scenario("encrypted disks, and one secret for two", {"SEC-01": "a b"}, a_dev=disk("/a.img", more=LUKS),
         b_dev=disk("/b.img", more=LUKS.replace(U1, U1.upper())), tenants=CRYPTS,
         files={"/a.img": "", "/b.img": ""})
scenario("virtiofs below /etc/, a link of which leads to it", {"STO-07": "b"}, a_dev=(
    FS := "<filesystem type='mount' accessmode='passthrough'><driver type='virtiofs' queue='1024'/>"
          "<source dir='{}'/><target dir='t'/></filesystem>").format("/srv/a"),
         b_dev=FS.format("/srv/l"), files={"/srv/a/f": "", "/etc/f": ""}, symlinks={"/srv/l": "../etc"},
         a="<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>")

# ---- processors ----
THREADS = "<vcpu>1</vcpu>{}<cputune><vcpupin vcpu='0' cpuset='2'/>{}</cputune>"
scenario("the emulator on a sibling", {"CPU-02": "a b"}, a=PIN.format("0"), tenants=DEDICATED,
         b=THREADS.format("", "<emulatorpin cpuset='1'/>"), capabilities=SMT)
scenario("an I/O thread that nothing holds", {"CPU-01": "a b"}, a=PIN.format("0"), tenants=DEDICATED,
         b=THREADS.format("<iothreads>2</iothreads>", "<emulatorpin cpuset='2'/>"
                          "<iothreadpin iothread='1' cpuset='2'/>"))
scenario("all of the neighbour is held", {}, a=PIN.format("0"), tenants=DEDICATED,
         b=THREADS.format("<iothreads>1</iothreads>", "<emulatorpin cpuset='2-3'/>"
                          "<iothreadpin iothread='1' cpuset='3'/>"))
scenario("the dedicated one's own emulator is no vCPU", {}, tenants=DEDICATED,
         a="<vcpu>1</vcpu><cputune><vcpupin vcpu='0' cpuset='0'/><emulatorpin cpuset='3'/></cputune>",
         b=PIN.format("2-3"))
CPU = "<cpu mode='{}'>{}</cpu>"
scenario("nesting is switched off in the guest, or asked for", {"CPU-07": "b"}, files=NESTED,
         a=CPU.format("host-passthrough", "<feature policy='disable' name='vmx'/>"),
         b=CPU.format("custom", "<model>Skylake-Server</model><feature policy='require' name='vmx'/>"))

# ---- memory ----
scenario("KSM: what runs and keeps out, and what does not run", {"MEM-01": "b z", "ID-01": "z"}, z="",
         live="a b", pids={"a": 7, "b": 8}, files=dict(
             KSM, **process(7, ksm_stat="ksm_merging_pages 0\nksm_mergeable: no\n"),
             **process(8, ksm_stat="ksm_merging_pages 9\nksm_mergeable: yes\n")))
scenario("one server of shared memory, two names", {"MEM-02": "a b"},
         a_dev="<shmem name='s'><server path='/run/s'/></shmem>",
         b_dev="<shmem name='t'><server path='/run//s'/></shmem>")
scenario("guest memory in clear to a debugger, and not", {"MEM-05": "a"}, tenants={
    "acme": ENCRYPTS["acme"], "globex": ENCRYPTS["acme"]}, a=SEV.format("sev", "0x0002"),
         b=SEV.format("sev-snp", "0x00030000"))

# ---- networks ----
TWO_VLANS = network("n", "<forward mode='bridge'/><bridge name='ovs0'/>" + OVS
                    + f"<portgroup name='blue'>{vlan(10)}</portgroup><portgroup name='red' default='yes'>"
                    + vlan(20) + "</portgroup>")
scenario("one VLAN by a portgroup, and by hand", {"NET-01": "a b"}, unknown="NET-02", docs=TWO_VLANS,
         a_dev=nic("network", "network='n' portgroup='blue'", mac=None),
         b_dev=bridge(OVS + vlan(10), name="ovs0"))
scenario("two portgroups", {}, docs=TWO_VLANS, b_dev=ON_NET,
         a_dev=nic("network", "network='n' portgroup='blue'", mac=None))
scenario("private macvtap, and a card passed through", {},
         a_dev=nic("direct", "dev='eth0' mode='private'", mac=None),
         b_dev=nic("direct", "dev='eth1' mode='passthrough'", mac=None))
scenario("many queues, on bridges of one's own", {},
         a_dev=bridge(CLEAN + "<model type='virtio'/><driver name='vhost' queues='8'/>", name="bra"),
         b_dev=bridge(CLEAN + "<driver name='vhost' queues='4' rx_queue_size='512'/>", name="brb"))
VHOST = ("<interface type='vhostuser'><mac address='52:54:00:00:0b:{}'/><source type='unix' "
         "path='/run/ovs/{}' mode='client'/></interface>")
scenario("sockets to a switch in user space", {}, unknown="NET-01",
         a_dev=VHOST.format("01", "a"), b_dev=VHOST.format("02", "b"))
scenario("a public network, and its bridge by name", {"NET-02": "b"}, docs=network("n", NAT),
         a_dev=nic("network", "network='n'", CLEAN, None), b_dev=bridge(name="virbr0"),
         public={"networks": ["n"]})
scenario("a provider between two who are not kept apart", {"NET-01": "a z", "NET-02": "a z", "ID-01": "z"},
         a_dev=bridge(), b_dev=bridge(), z="", z_dev=bridge(), tenants={"globex": {"role": "provider"}})

# ---- devices ----
scenario("a drive, whole and as a disk", {"DEV-02": "a b"}, a_dev=hostdev("pci", pci("0x05")),
         b_dev="<disk type='nvme'><source type='pci' managed='yes' namespace='1'>"
         "<address domain='0x0000' bus='0x05' slot='0x00' function='0x0'/></source>"
         "<target dev='vdc'/></disk>", unknown="DEV-01",
         files={"/sys/kernel/iommu_groups/0/type": "DMA\n"})
scenario("numbers of vsock that are given, and taken", {}, a_dev=VSOCK.format("yes", 5),
         b_dev=VSOCK.format("no", 5))
scenario("graphics cards in pieces, nobody alone", {}, a_dev=hostdev(
    "mdev", "<address uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/>"), b_dev=hostdev(
        "mdev", "<address uuid='d2177883-f1bb-47f0-914d-32a22e3a8804'/>"))

# ---- processes and management ----
scenario("categories that hold all others", {"PROC-02": "a b"},
         a=LABEL.format("static", "selinux", SVIRT.format("c0.c1023")),
         b=LABEL.format("static", "selinux", SVIRT.format("c7,c8")))
scenario("no owner's rights, and confined all the same", {}, a=LABEL.format("none", "dac", ""),
         b=LABEL.format("static", "selinux", SVIRT.format("c7,c8")))
SPICE = "<graphics type='spice' autoport='yes' listen='{0}'><listen type='address' address='{0}'/></graphics>"
scenario("consoles behind TLS, on loopback, and on sockets", {}, files=qemu_conf("spice_tls = 1"),
         a_dev=SPICE.format("0.0.0.0") + VNC.format("", "<listen type='address' address='127.0.0.2'/>"),
         b_dev=VNC.format("", "<listen type='socket' socket='/run/v'/>"))
scenario("a console for all, with a web socket", {"MGT-01": "b"},
         b_dev=VNC.format("port='-1' autoport='yes' websocket='-1'",
                          "<listen type='address' address='0.0.0.0'/>"))
CHANNEL = "<{0} type='{1}'><source mode='{2}' host='{3}' service='9'{4}/><target port='0'/></{0}>"
scenario("doors that open outward, or are locked", {}, a_dev=CHANNEL.format(
    "serial", "tcp", "connect", "192.0.2.1", ""), b_dev=CHANNEL.format(
        "console", "tcp", "bind", "0.0.0.0", " tls='yes'"))
scenario("a parallel port for all", {"MGT-04": "a"},
         a_dev=CHANNEL.format("parallel", "tcp", "bind", "::", ""))
scenario("a monitor on loopback, and a debugger for all", {"PROC-09": "a b", "MGT-06": "b"},
         a=ARGS.format("-monitor", "telnet:127.0.0.1:55555,server,nowait"),
         b=ARGS.format("-gdb", "tcp::1234"))

# ---- what only looks like a fault, and what only looks harmless ----
DIR = "<filesystem type='mount'><source dir='{}'/><target dir='t'/></filesystem>"
scenario("above /var/lib/libvirt, and below /home", {"STO-07": "a"}, a_dev=DIR.format("/var/lib/"),
         b_dev=DIR.format("/home/alice"), files={"/var/lib/x": "", "/home/alice/x": ""})
scenario("a longer name than a public folder's", {"STO-03": "a b"}, files={"/public/x.iso": ""},
         a_dev=disk("/public/x.iso", device="cdrom"), b_dev=disk("/public/x.iso", device="cdrom"),
         public={"images": ["/pub"]})
scenario("a medium over what another writes", {"STO-02": "a b"}, a_dev=disk("/a.img"),
         b_dev=disk("/b.q", device="cdrom"), files={"/a.img": ""}, qcow2={"/b.q": {"backing": "/a.img"}})
scenario("one socket, and one template of firmware", {}, a_dev=(
    UNIX := "<channel type='unix'><source mode='bind' path='/run/q'/><target type='virtio'/></channel>"),
         b_dev=UNIX, a="<os><loader readonly='yes'>/usr/share/OVMF/c.fd</loader>"
         "<nvram template='/usr/share/OVMF/v.fd'>/n/a.fd</nvram></os>",
         b="<os><loader readonly='yes'>/usr/share/OVMF/c.fd</loader>"
         "<nvram template='/usr/share/OVMF/v.fd'>/n/b.fd</nvram></os>")
scenario("two networks of one bridge", {"NET-01": "a b", "NET-02": "a"}, a_dev=ON_NET,
         b_dev=nic("network", "network='m'", "<filterref filter='clean-traffic-gateway'/>", None),
         docs={f"networks/{n}.xml": f"<network><name>{n}</name><forward mode='bridge'/><bridge "
               "name='br9'/></network>" for n in "nm"})
scenario("tags apart on a bridge of the kernel, and a trunk", {"NET-01": "b z", "NET-02": "a b z",
                                                              "ID-01": "z"}, z="",
         a_dev=bridge(vlan(1)), b_dev=bridge(vlan(2)), z_dev=bridge(
             "<vlan trunk='yes'><tag id='2'/><tag id='3' nativeMode='untagged'/></vlan>"))
scenario("the rest of a dedicated one's set", {"CPU-01": "a b"}, tenants=DEDICATED, b=PIN.format("1"),
         a="<vcpu cpuset='0-1'>2</vcpu><cputune><vcpupin vcpu='0' cpuset='0'/></cputune>")
VHOST_SCSI = "<hostdev mode='subsystem' type='scsi_host'><source protocol='vhost' wwpn='naa.5123456789abcde0'/></hostdev>"
scenario("one target of the kernel", {"DEV-02": "a b"}, a_dev=VHOST_SCSI, b_dev=VHOST_SCSI)
QNS = "xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'"
scenario("a variable for QEMU, and a device's property", {"PROC-09": "a b"},
         a=f"<q:commandline {QNS}><q:env name='X' value='1'/></q:commandline>",
         b=f"<q:override {QNS}><q:device alias='d'><q:frontend><q:property name='x' type='string' "
           "value='y'/></q:frontend></q:device></q:override>")
scenario("no window, and a window for all", {"MGT-01": "b"},
         a_dev="<graphics type='egl-headless'/><graphics type='dbus'/><graphics type='sdl'/>",
         b_dev=VNC.format("listen='0.0.0.0' port='5901'", ""))
scenario("a flush that never comes", {"HOST-02": "-"},
         files={"/sys/module/kvm_intel/parameters/vmentry_l1d_flush": "never\n"})
scenario("pages that cannot hurt here", {}, files={"/sys/module/kvm/parameters/nx_huge_pages": "never\n"})
scenario("words of the kernel that only look so", {}, files={
    "/proc/cmdline": "ro xmitigations=off mds=full,nosmt spec_store_bypass_disable=on\n"})
scenario("one way out of the list", {"CPU-06": "-"},
         files={"/proc/cmdline": "ro mitigations=auto,nosmt,no_guest_guest\n"})
