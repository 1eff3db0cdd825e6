# SPDX-License-Identifier: Apache-2.0
"""More rows of isolation_rows.py: the less obvious forms that libvirt, QEMU and the kernel give the
same evidence, and what only looks like it."""
from isolation_rows import (ARGS, CLEAN, CRYPTS, DAEMON, DEDICATED, EXE, ISOLATED, LABEL, MACVTAP, MDEV,
                            NAT, ON_NET, OVS, PCI1, PCI2, PIN, READONLY, ROUTES, FORWARDS, SMT, SVIRT,
                            TAP, USB, VNC, VULNERABILITIES, bridge, capabilities, disk, hostdev, network,
                            nic, pci, process, qemu_conf, rbd, row, vlan, without)

# ---- identity ----
row("ID-01", "pass", name="a uuid in capitals", z="", attribution={
    "map": {"CCCCCCCC-0000-4000-8000-000000000003": "acme"}})
KUBEVIRT = "<metadata><k:kubevirt xmlns:k='http://kubevirt.io'/></metadata>"
row("ID-01", "fail", "z", name="KubeVirt without a namespace", z=KUBEVIRT)

# ---- processors ----
row("CPU-01", "fail", "a b", name="placement auto ignores the set", a=PIN.format("0-1"),
    b="<vcpu placement='auto' cpuset='2-3'>1</vcpu>", tenants=DEDICATED)
row("CPU-01", "fail", "a b", name="an I/O thread by its own number", a=PIN.format("0-1"),
    b="<vcpu cpuset='2-3'>1</vcpu><iothreads>1</iothreads><iothreadids><iothread id='7'/>"
      "</iothreadids><cputune><iothreadpin iothread='7' cpuset='1'/></cputune>", tenants=DEDICATED)
row("CPU-01", "pass", name="I/O threads that are pinned apart", a=PIN.format("0-1"),
    b="<vcpu cpuset='2-3'>1</vcpu><iothreads>2</iothreads><iothreadids><iothread id='4'/>"
      "</iothreadids><cputune><iothreadpin iothread='4' cpuset='3'/></cputune>", tenants=DEDICATED)
row("CPU-01", "fail", "a b", name="a vCPU that is on, behind one that is off", a=PIN.format("0-1"),
    b="<vcpu current='1'>2</vcpu><vcpus><vcpu id='0' enabled='no'/><vcpu id='1' enabled='yes'/></vcpus>"
      "<cputune><vcpupin vcpu='0' cpuset='3'/><vcpupin vcpu='1' cpuset='1'/><emulatorpin cpuset='3'/>"
      "</cputune>", tenants=DEDICATED)
row("CPU-02", "fail", "a b", name="cores by their newer name", a=PIN.format("0"), b=PIN.format("1"),
    tenants=DEDICATED, capabilities=None, files={
        "/sys/devices/system/cpu/online": "0-3\n",
        **{f"/sys/devices/system/cpu/cpu{i}/topology/core_cpus_list": f"{i // 2 * 2}-{i // 2 * 2 + 1}\n"
           for i in range(4)}})
CORES = {f"/sys/devices/system/cpu/cpu{i}/topology/thread_siblings_list": f"{i // 2 * 2}-{i // 2 * 2 + 1}"
         for i in range(4)}
CORES["/sys/devices/system/cpu/online"] = "0-3"
row("CPU-02", "fail", "a b", name="the last core of the kernel's", a=PIN.format("2"),
    b=PIN.format("3"), tenants=DEDICATED, capabilities=None, files=CORES)
row("CPU-02", "unknown", name="a core of the kernel's not seen", a=PIN.format("0"), b=PIN.format("1"),
    tenants=DEDICATED, capabilities=None, files={
        k: v for k, v in CORES.items() if "/cpu0/" not in k})
row("CPU-04", "fail", "a", name="placement auto", a="<vcpu placement='auto' cpuset='0'>1</vcpu>",
    tenants=DEDICATED)
row("CPU-05", "unknown", name="the kernel does not know",
    files={VULNERABILITIES + "mmio_stale_data": "Unknown: No mitigations\n"})

# ---- memory ----
row("MEM-04", "fail", "a", name="a limit that is none", a="<memoryBacking><locked/></memoryBacking>"
    "<memtune><hard_limit unit='KiB'>9007199254740991</hard_limit></memtune>")
row("MEM-02", "fail", "a b", name="one name, two servers",
    a_dev="<shmem name='x'><server path='/run/a'/></shmem>",
    b_dev="<shmem name='x'><server path='/run/b'/></shmem>")

# ---- storage ----
QCOW2 = "<driver name='qemu' type='qcow2'/>"
RAW = "<driver name='qemu' type='raw'/>"
IMG = {"/a.img": "", "/b.img": "", "/x.img": ""}
OVER_A = {"/b.qcow2": {"backing": "/a.img"}}
row("STO-01", "fail", "a b", name="a link to what was not listed", a_dev=disk("/srv/l"),
    b_dev=disk("/v/x.img"), symlinks={"/srv/l": "/v/x.img"})
row("STO-01", "fail", "a b", name="below a linked folder, not listed", a_dev=disk("/w/x.img"),
    b_dev=disk("/v/x.img"), symlinks={"/w": "/v"})
row("STO-01", "fail", "a b", name="hard link to what was not listed", a_dev=disk("/h.img"),
    b_dev=disk("/x.img"), hardlinks={"/h.img": "/x.img"})
row("STO-01", "fail", "a b", name="one drive", a_dev=(NVME := "<disk type='nvme'><source type='pci' "
    "namespace='1'><address domain='0x0' bus='0x05' slot='0x00' function='0x0'/></source>"
    "<target dev='vdc'/></disk>"), b_dev=NVME.replace("0x05", "5"))
row("STO-01", "fail", "a b", name="monitors in capitals", a_dev=rbd("p/i", "MON1"),
    b_dev=rbd("p/i", "mon1"))
NBD = ("<disk type='network'><source protocol='nbd' name='e'><host transport='unix' socket='{}'/>"
       "</source><target dev='vdc'/></disk>")
row("STO-01", "fail", "a b", name="NBD by a link to its socket", a_dev=NBD.format("/run/n"),
    b_dev=NBD.format("/run/l"), files={"/run/n": ""}, symlinks={"/run/l": "n"})
row("STO-01", "fail", "a b", name="a socket of vhost-user", a_dev=(VHOST := "<disk type='vhostuser'>"
    "<source type='unix' path='/run/v'/><target dev='vdc'/></disk>"), b_dev=VHOST)
row("STO-01", "fail", "a b", name="a target of a mirror", a_dev=disk(
    "/a.img", more="<mirror type='file' job='copy'><source file='/x.img'/></mirror>"),
    b_dev=disk("/x.img"), files=IMG)
row("STO-01", "fail", "a b", name="floppies are written", a_dev=disk("/x.img", device="floppy"),
    b_dev=disk("/x.img", device="floppy"), files=IMG)
row("STO-01", "fail", "a b", name="shareable does not make it shared rightly",
    a_dev=disk("/x.img", more="<shareable/>"), b_dev=disk("/x.img", more="<shareable/>"), files=IMG)
row("STO-01", "fail", "a b", name="two pools in one folder", files={"/p/v.img": ""},
    a_dev="<disk type='volume'><source pool='p' volume='v.img'/><target dev='vdb'/></disk>",
    b_dev="<disk type='volume'><source pool='q' volume='v.img'/><target dev='vdb'/></disk>",
    symlinks={"/q": "/p"},
    docs={f"pools/{p}.xml": f"<pool type='dir'><name>{p}</name><target><path>/{p}</path></target></pool>"
          for p in "pq"})
row("STO-02", "pass", name="raw: its header means nothing", a_dev=disk("/a.img"),
    b_dev=disk("/b.qcow2", more=RAW), files=IMG, qcow2=OVER_A)
row("STO-02", "fail", "a b", name="qcow2: it does", a_dev=disk("/a.img"),
    b_dev=disk("/b.qcow2", more=QCOW2), files=IMG, qcow2=OVER_A)
row("STO-02", "pass", name="raw below: its header means nothing", a_dev=disk("/a.img"),
    b_dev=disk("/b.qcow2", more=QCOW2), files=IMG, qcow2={
        "/b.qcow2": {"backing": "/m.img", "backing_format": "raw"}, "/m.img": {"backing": "/a.img"}})
row("STO-02", "fail", "a b", name="JSON in the header", a_dev=disk("/a.img"), b_dev=disk("/b.qcow2"),
    files=IMG, qcow2={"/b.qcow2": {"backing": 'json:{"driver":"raw","file":{"driver":"file",'
                                              '"filename":"/a.img"}}'}})
row("STO-02", "fail", "a b", name="flat JSON in the header", a_dev=disk("/a.img"),
    b_dev=disk("/b.qcow2"), files=IMG,
    qcow2={"/b.qcow2": {"backing": 'json:{"driver":"qcow2","file.filename":"a.img"}'}})
row("STO-02", "fail", "a b", name="RBD in the header", a_dev=rbd("p/i", "m1"), b_dev=disk("/b.qcow2"),
    qcow2={"/b.qcow2": {"backing": "rbd:p/i:id=u:mon_host=m0\\:6789\\;m1\\:6789"}})
row("STO-02", "pass", name="another cluster in the header", a_dev=rbd("p/i", "m1"),
    b_dev=disk("/b.qcow2"), qcow2={"/b.qcow2": {"backing": "rbd:p/i:mon_host=m9"}})
row("STO-02", "fail", "a b", name="NBD in the header", b_dev=disk("/b.qcow2"),
    a_dev="<disk type='network'><source protocol='nbd' name='e'><host name='h'/></source>"
          "<target dev='vdc'/></disk>", qcow2={"/b.qcow2": {"backing": "nbd://h:10809/e"}})
DEEP = {f"volumes/p/{name}.xml": f"<volume><name>{name}</name><target><path>/{name}</path></target>"
        f"<backingStore><path>/{below}</path></backingStore></volume>"
        for name, below in (("b.img", "m.img"), ("m.img", "a.img"))}
row("STO-02", "fail", "a b", name="of a volume's volume", a_dev=disk("/a.img"), b_dev=disk("/b.img"),
    docs=DEEP)
SNAPSHOT = ("<domainsnapshot><name>s</name><disks><disk name='vdz' snapshot='{}'>{}</disk></disks><domain>"
            "<devices>{}</devices></domain></domainsnapshot>")
row("STO-02", "pass", name="what a snapshot made is the top", a_dev=disk("/x.img"),
    b_dev=disk("/x.img"), files=IMG, docs={"snapshots/b/s.xml": SNAPSHOT.format(
        "external", "<source file='/x.img'/>", disk("/b.img"))})
row("STO-02", "pass", name="an internal snapshot is in the top", a_dev=disk("/x.img"),
    b_dev=disk("/x.img"), files=IMG,
    docs={"snapshots/b/s.xml": SNAPSHOT.format("internal", "", disk("/x.img"))})
row("STO-03", "pass", name="public by a linked folder", a_dev=disk("/d/x.img", device="cdrom"),
    b_dev=disk("/pub/x.img", device="cdrom"), files={"/d/x.img": ""}, symlinks={"/pub": "/d"},
    public={"images": ["/pub"]})
row("STO-03", "fail", "a b", name="private, though linked from a public folder",
    a_dev=disk("/pub/x.img", device="cdrom"), b_dev=disk("/d/x.img", device="cdrom"),
    files={"/d/x.img": ""}, symlinks={"/pub/x.img": "/d/x.img"}, public={"images": ["/pub"]})
row("STO-03", "pass", name="public pool of RBD", public={"images": ["glance/"]},
    a_dev=rbd("glance/i", "m", ).replace("</disk>", READONLY + "</disk>"),
    b_dev=rbd("glance/i", "m").replace("</disk>", READONLY + "</disk>"))
row("STO-05", "fail", "a", name="a mapper's name", a_dev=disk("/dev/mapper/vg-a", "block"),
    tenants=CRYPTS, files={"/sys/block/dm-3/dm/uuid": "LVM-abc\n", "/sys/block/dm-3/dm/name": "vg-a\n"})
row("STO-05", "pass", name="a mapper's name of dm-crypt", a_dev=disk("/dev/mapper/c", "block"),
    tenants=CRYPTS, files={"/sys/block/dm-3/dm/uuid": "CRYPT-LUKS2-abc\n",
                           "/sys/block/dm-3/dm/name": "c\n"})
row("STO-05", "pass", name="encryption within the source", tenants=CRYPTS,
    a_dev=rbd("p/i", "m", more="<encryption format='luks2' engine='librbd'/>"))
SHARE = "<filesystem type='mount'><source dir='{}'/><target dir='t'/></filesystem>"
row("STO-06", "fail", "a b", name="linked, not listed", a_dev=SHARE.format("/l/x"),
    b_dev=SHARE.format("/srv"), symlinks={"/l": "/srv/a"})
row("STO-07", "fail", "a", name="linked, not listed", a_dev=SHARE.format("/l"),
    symlinks={"/l": "/var/lib/libvirt"})
row("STO-10", "fail", "a b", name="nvram by its source",
    a="<os><nvram type='file'><source file='/n'/></nvram></os>", b="<os><nvram>/n</nvram></os>")

# ---- networks ----
row("NET-01", "unknown", name="bridge and vepa of one card", a_dev=MACVTAP.format("bridge"),
    b_dev=MACVTAP.format("vepa"))
row("NET-01", "unknown", name="vepa where nothing is said", a_dev=nic("direct", "dev='eth0'", mac=None),
    b_dev=nic("direct", "dev='eth0'", mac=None))
row("NET-01", "pass", name="tagged and untagged on one bridge", a_dev=bridge(vlan(7)), b_dev=bridge())
row("NET-01", "fail", "a b", name="default portgroup", a_dev=ON_NET,
    b_dev=bridge(OVS + vlan(7), name="ovs0"), docs=network(
        "n", "<forward mode='bridge'/><bridge name='ovs0'/>" + OVS
        + f"<portgroup name='g' default='yes'>{vlan(7)}</portgroup>"))
row("NET-01", "fail", "a b", name="one lower device, by a network and directly", a_dev=ON_NET,
    b_dev=MACVTAP.format("bridge"),
    docs=network("n", "<forward mode='bridge'><interface dev='eth0'/></forward>"))
row("NET-02", "fail", "a", name="no such filter on the host",
    a_dev=bridge("<filterref filter='gone'/>"), b_dev=bridge(CLEAN))
FLUSHED = ("*nat\n:PREROUTING ACCEPT\n:libvirt-I-vnet0 ACCEPT\n:libvirt-I-vnet1 ACCEPT\n"
           "-A PREROUTING -i vnet1 -j libvirt-I-vnet1\n-A libvirt-I-vnet0 -j DROP\n")
row("NET-03", "fail", "a", name="a chain that nothing leads to", live="a",
    a_dev=bridge(CLEAN + TAP.format("vnet0")), files={"/evidence/ebtables-save": FLUSHED})
row("NET-03", "pass", name="a chain that something leads to", live="a",
    a_dev=bridge(CLEAN + TAP.format("vnet1")), files={"/evidence/ebtables-save": FLUSHED})
row("NET-10", "fail", "a b", name="by the bridge of a routed network", a_dev=ON_NET,
    b_dev=bridge(name="virbr2"), docs=ROUTES, files=FORWARDS)

# ---- devices ----
GROUP = "/sys/kernel/iommu_groups/{}/devices/0000:{}:00.0"
row("DEV-01", "fail", "a b", name="by the groups of the kernel", a_dev=PCI1, b_dev=PCI2,
    files={GROUP.format(9, "01"): "", GROUP.format(9, "03"): ""})
row("DEV-01", "pass", name="by two groups of the kernel", a_dev=PCI1, b_dev=PCI2,
    files={GROUP.format(9, "01"): "", GROUP.format(10, "03"): ""})
row("DEV-02", "fail", "a b", name="as a drive of NVMe", a_dev=NVME.replace("0x05", "0x01"), b_dev=PCI1)
row("DEV-02", "fail", "a b", name="vdpa", a_dev=(VDPA := "<interface type='vdpa'>"
    "<source dev='/dev/vhost-vdpa-0'/></interface>"), b_dev=VDPA)
row("DEV-02", "fail", "a b", name="mdev in capitals", a_dev=hostdev("mdev", MDEV),
    b_dev=hostdev("mdev", MDEV.upper().replace("ADDRESS UUID", "address uuid")))
row("DEV-02", "fail", "a b", name="usb in capitals", a_dev=hostdev("usb", USB),
    b_dev=hostdev("usb", USB.replace("c52b", "C52B")))
row("DEV-05", "fail", "-", name="switched off", a_dev=PCI1, files={
    "/sys/kernel/iommu_groups/0/type": None, "/proc/cmdline": "ro intel_iommu=off quiet\n"})

# ---- processes ----
row("PROC-01", "fail", "-", name="security_driver none", severity="critical",
    files=qemu_conf('security_driver = "none"'))
row("PROC-01", "fail", "a", name="confined only where asked for",
    b=LABEL.format("dynamic", "apparmor", ""), files=qemu_conf("security_default_confined = 0"))
row("PROC-01", "pass", name="of a disk alone", a_dev="<disk type='file'><source file='/a'><seclabel "
    "model='selinux' relabel='no'/></source><target dev='vdz'/></disk>")
row("PROC-02", "fail", "a b", name="as the processes have it", live="a b", pids={"a": 7, "b": 8},
    a=LABEL.format("dynamic", "selinux", SVIRT.format("c1,c2")),
    b=LABEL.format("dynamic", "selinux", SVIRT.format("c3,c4")),
    files={**process(7, **{"attr/current": SVIRT.format("c1,c2") + "\n"}),
           **process(8, **{"attr/current": SVIRT.format("c1,c2") + "\n"})})
row("PROC-02", "pass", name="unconfined is PROC-03's", live="a b", pids={"a": 7, "b": 8},
    a=LABEL.format("dynamic", "apparmor", "libvirt-a"), b=LABEL.format("dynamic", "apparmor", "libvirt-b"),
    files={**process(7, **{"attr/current": "unconfined\n"}),
           **process(8, **{"attr/current": "unconfined\n"})})
row("PROC-02", "pass", name="one type apart", a=LABEL.format("static", "selinux", SVIRT.format("c1,c2")),
    b=LABEL.format("static", "selinux", SVIRT.format("c1,c2").replace("svirt_t", "svirt_tcg_t")))
row("PROC-10", "fail", "a", name="memory shared by others", severity="critical", live="a",
    pids={"a": 7}, b_dev="<shmem name='s'/>", symlinks={"/proc/7/fd/9": "/dev/shm/s"})
row("PROC-11", "pass", name="a program that only begins so", live="a", pids={"a": 7},
    symlinks={"/proc/7/exe": EXE, "/proc/8/exe": "/usr/bin/kvm_stat"})
row("PROC-09", "fail", "a", name="libvirt's own note of a taint", live="", docs={
    "domains/a.live.xml": "<domstatus state='running'><taint flag='custom-monitor'/><domain type='kvm' "
    "id='1'><name>a</name><uuid>aaaaaaaa-0000-4000-8000-000000000001</uuid><vcpu>1</vcpu></domain>"
    "</domstatus>"})

# ---- management ----
ON_N = VNC.format("", "<listen type='network' network='n'/>")
row("MGT-01", "fail", "a", name="on a network's address", a_dev=ON_N,
    docs=network("n", NAT + "<ip address='192.0.2.1' netmask='255.255.255.0'/>"))
row("MGT-01", "pass", name="on a socket of its own", a_dev=VNC.format("port='-1'", ""),
    files=qemu_conf('vnc_listen = "0.0.0.0"\nvnc_auto_unix_socket = 1'))
row("MGT-03", "pass", name="everybody, who must show who he is", files={
    DAEMON: 'unix_sock_rw_perms = "0777"\nauth_unix_rw = "polkit"\n'})
row("MGT-06", "fail", "a", name="a chardev on every address", a=ARGS.format(
    "-chardev", "socket,id=c,port=4444,server=on,wait=off"))
row("MGT-06", "pass", name="a chardev that connects", a=ARGS.format(
    "-chardev", "socket,id=c,host=192.0.2.1,port=4444"))
