# SPDX-License-Identifier: Apache-2.0
"""The checks of isolation, row by row: what is on the host, and what one check says of it.

Two domains, a of tenant acme and b of tenant globex (z, where it is there, of nobody). A row gives
what it adds to a clean host: XML at the top of a domain (a, b) or among its devices (a_dev, b_dev),
documents by folder, files, links, images and processes of host.json, and the register's tenants and
policy. want is the gravest answer of the check; who, for a failure, the domains that it names.
"""
import copy

ROWS = []

CLEAN_FILES = {
    "/etc/libvirt/libvirtd.conf": 'unix_sock_rw_perms = "0770"\nauth_unix_rw = "polkit"\n',
    "/etc/libvirt/qemu.conf": 'user = "libvirt-qemu"\nsecurity_driver = "apparmor"\n'
                              'seccomp_sandbox = 1\nlock_manager = "lockd"\n',
    "/proc/cmdline": "root=/dev/sda1 ro quiet\n",
    "/proc/sys/net/ipv4/ip_forward": "0\n",
    "/sys/kernel/iommu_groups/0/type": "DMA\n",
    "/sys/kernel/mm/ksm/run": "0\n",
    "/sys/module/kvm/parameters/enable_vmware_backdoor": "N\n",
    "/sys/module/kvm/parameters/nx_huge_pages": "auto\n",
    "/sys/module/kvm_intel/parameters/nested": "N\n",
    "/sys/module/kvm_intel/parameters/vmentry_l1d_flush": "cond\n",
    "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts": "N\n",
}
VULNERABILITIES = "/sys/devices/system/cpu/vulnerabilities/"
for known in ("itlb_multihit l1tf mds meltdown mmio_stale_data retbleed spec_store_bypass spectre_v1 "
              "spectre_v2 srbds tsx_async_abort").split():
    CLEAN_FILES[VULNERABILITIES + known] = "Not affected\n"


def capabilities(siblings="0 1 2 3", models=("apparmor", "dac")):
    cpus = "".join(f"<cpu id='{i}' siblings='{s}'/>" for i, s in enumerate(siblings.split()))
    return ("<capabilities><host><cpu><vendor>Intel</vendor></cpu><topology><cells num='1'>"
            f"<cell id='0'><cpus num='4'>{cpus}</cpus></cell></cells></topology>"
            + "".join(f"<secmodel><model>{m}</model></secmodel>" for m in models)
            + "</host></capabilities>")


SMT = capabilities("0-1 0-1 2-3 2-3")
DEDICATED = {"acme": {"compute": "dedicated"}}


def row(check, want, who=None, name="", **given):
    ROWS.append(dict(given, check=f"ISO-{check}", want=want, name=name,
                     who=who.split() if who is not None else None))


def qemu_conf(line):
    return {"/etc/libvirt/qemu.conf": CLEAN_FILES["/etc/libvirt/qemu.conf"] + line + "\n"}


def without(*paths):
    return {path: None for path in paths}


QEMU_CONF = without("/etc/libvirt/qemu.conf")
NO_TENANTS = {"register": None}


def disk(path, kind="file", more="", **attributes):
    attrs = "".join(f" {k}='{v}'" for k, v in attributes.items())
    source = {"file": "file", "block": "dev"}[kind]
    return (f"<disk type='{kind}'{attrs}><source {source}='{path}'/><target dev='vdz'/>{more}</disk>")


def rbd(name, *hosts, more=""):
    return (f"<disk type='network'><source protocol='rbd' name='{name}'>"
            + "".join(f"<host name='{h}'/>" for h in hosts) + f"{more}</source><target dev='vdy'/></disk>")


def nic(kind, source, more="", mac="52:54:00:00:00:77", **attributes):
    attrs = "".join(f" {k}='{v}'" for k, v in attributes.items())
    mac = f"<mac address='{mac}'/>" if mac else ""
    return f"<interface type='{kind}'{attrs}>{mac}<source {source}/>{more}</interface>"


def bridge(more="", mac=None, name="br0"):
    return nic("bridge", f"bridge='{name}'", more, mac)


CLEAN = "<filterref filter='clean-traffic'/>"
ISOLATED = "<port isolated='yes'/>"
OVS = "<virtualport type='openvswitch'/>"


def vlan(*tags):
    return "<vlan>" + "".join(f"<tag id='{t}'/>" for t in tags) + "</vlan>"


def pci(bus, slot="0x00", function="0x0"):
    return f"<address type='pci' domain='0x0000' bus='{bus}' slot='{slot}' function='{function}'/>"


def hostdev(kind, source, **attributes):
    attrs = "".join(f" {k}='{v}'" for k, v in attributes.items())
    return f"<hostdev mode='subsystem' type='{kind}'{attrs}><source>{source}</source></hostdev>"


def nodedev_pci(bus, group, more="", slot=0, function=0):
    return (f"<device><name>pci_0000_{bus:02x}_{slot:02x}_{function}</name><capability type='pci'>"
            f"<domain>0</domain><bus>{bus}</bus><slot>{slot}</slot><function>{function}</function>"
            f"{more}<iommuGroup number='{group}'/></capability></device>")


def process(pid, uid=64055, caps="0000000000000000", seccomp=2, **more):
    files = {f"/proc/{pid}/status": f"Name:\tqemu\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n"
                                    f"CapEff:\t{caps}\nNoNewPrivs:\t1\nSeccomp:\t{seccomp}\n"}
    files.update({f"/proc/{pid}/{k}": v for k, v in more.items()})
    return files


# ---- identity ----
row("ID-01", "pass")
row("ID-01", "fail", "z", z="")
row("ID-01", "fail", "z", name="an unknown id", z="<metadata><v:tenant xmlns:v='urn:vigie:tenant:1'"
    " id='stranger'/></metadata>")
row("ID-01", "pass", name="by pattern", z="", attribution={"patterns": [["^z", "acme"]]})
row("ID-01", "pass", name="by alias", z="<metadata><n:instance "
    "xmlns:n='http://openstack.org/xmlns/libvirt/nova/1.1'><n:owner><n:project uuid='p1'/></n:owner>"
    "</n:instance></metadata>", attribution={"aliases": {"nova:p1": "acme"}})
row("ID-01", "unknown", **NO_TENANTS)
row("ID-01", "not_applicable", domains=0)
row("ID-02", "pass")
row("ID-02", "fail", "a", attribution={"patterns": [["^a$", "globex"]]})
row("ID-02", "pass", name="the same twice", attribution={"patterns": [["^a$", "acme"]]})
row("ID-02", "unknown", **NO_TENANTS)
row("ID-02", "not_applicable", domains=0)

# ---- processors ----
PIN = "<vcpu cpuset='{}'>1</vcpu>"
row("CPU-01", "not_applicable")
row("CPU-01", "pass", a=PIN.format("0-1"), b=PIN.format("2-3"), tenants=DEDICATED)
row("CPU-01", "pass", name="^ removes", a=PIN.format("0-1"), b=PIN.format("0-3,^0,^1"),
    tenants=DEDICATED)
row("CPU-01", "fail", "a b", a=PIN.format("0-1"), b=PIN.format("1-2"), tenants=DEDICATED)
row("CPU-01", "fail", "a b", name="emulator", a=PIN.format("0-1"), tenants=DEDICATED,
    b="<vcpu>1</vcpu><cputune><vcpupin vcpu='0' cpuset='3'/><emulatorpin cpuset='1'/></cputune>")
row("CPU-01", "fail", "a b", name="unpinned neighbour", a=PIN.format("0"), tenants=DEDICATED)
row("CPU-01", "fail", "a b", name="threads of a running neighbour", a=PIN.format("0"),
    b=PIN.format("2"), live="b", tenants=DEDICATED,
    files={"/proc/7/task/7/status": "Name:\tqemu\nCpus_allowed_list:\t0-3\n"}, pids={"b": 7})
row("CPU-01", "unknown", name="threads not seen", a=PIN.format("0"), b=PIN.format("2"), live="b",
    tenants=DEDICATED)
row("CPU-01", "unknown", a=PIN.format("0"), b=PIN.format("0"), **NO_TENANTS)
row("CPU-02", "not_applicable", tenants=DEDICATED)
row("CPU-02", "pass", a=PIN.format("0-1"), b=PIN.format("2-3"), tenants=DEDICATED, capabilities=SMT)
row("CPU-02", "fail", "a b", a=PIN.format("0"), b=PIN.format("1-3"), tenants=DEDICATED,
    capabilities=SMT)
row("CPU-02", "pass", name="direct overlap is CPU-01's", a=PIN.format("0"), b=PIN.format("0-3"),
    tenants=DEDICATED, capabilities=SMT)
row("CPU-02", "pass", name="core scheduling", a=PIN.format("0"), b=PIN.format("1"),
    tenants=DEDICATED, capabilities=SMT, files=qemu_conf('sched_core = "full"'))
row("CPU-02", "unknown", a=PIN.format("0"), b=PIN.format("1"), tenants=DEDICATED, capabilities=None)
row("CPU-02", "unknown", name="no qemu.conf", a=PIN.format("0"), b=PIN.format("1"),
    tenants=DEDICATED, capabilities=SMT, files=QEMU_CONF)
row("CPU-03", "not_applicable")
row("CPU-03", "pass", a=PIN.format("0-1"), b=PIN.format("2-3"), capabilities=SMT)
row("CPU-03", "fail", "-", a=PIN.format("0"), b=PIN.format("1"), capabilities=SMT)
row("CPU-03", "pass", name="core scheduling", a=PIN.format("0"), b=PIN.format("1"),
    capabilities=SMT, files=qemu_conf('sched_core = "vcpus"'))
row("CPU-03", "unknown", capabilities=None)
row("CPU-04", "not_applicable")
row("CPU-04", "pass", a=PIN.format("0"), tenants=DEDICATED)
row("CPU-04", "fail", "a", a="<vcpu>2</vcpu><cputune><vcpupin vcpu='0' cpuset='1'/></cputune>",
    tenants=DEDICATED)
row("CPU-04", "unknown", **NO_TENANTS)
row("CPU-05", "pass")
row("CPU-05", "fail", "-", files={VULNERABILITIES + "mds": "Mitigation: Clear CPU buffers; SMT "
                                                           "vulnerable\n"})
row("CPU-05", "fail", "-", name="beside one that is not named",
    files={VULNERABILITIES + "l1tf": "Vulnerable\n", VULNERABILITIES + "mds": None})
row("CPU-05", "unknown", files=without(*[f for f in CLEAN_FILES if f.startswith(VULNERABILITIES)]))
row("CPU-06", "pass", files={"/proc/cmdline": "mitigations=auto,nosmt quiet\n"})
for word in ("mitigations=off", "mitigations=auto,no_guest_guest", "nospectre_v2", "l1tf=off",
             "mds=off", "mitigations=auto;no_guest_host"):
    row("CPU-06", "fail", "-", name=word, files={"/proc/cmdline": f"ro {word} quiet\n"})
row("CPU-06", "pass", name="a word that only begins so",
    files={"/proc/cmdline": "nospectre_v2x l1tf=off,force\n"})
row("CPU-06", "unknown", files=without("/proc/cmdline"))
NESTED = {"/sys/module/kvm_intel/parameters/nested": "Y\n"}
row("CPU-07", "pass", a="<cpu mode='host-passthrough'/>")
row("CPU-07", "fail", "a", a="<cpu mode='host-passthrough'/>", files=NESTED)
row("CPU-07", "fail", "a", name="by feature", files=NESTED,
    a="<cpu mode='custom'><feature policy='require' name='vmx'/></cpu>")
row("CPU-07", "pass", name="feature disabled", files=NESTED,
    a="<cpu mode='host-passthrough'><feature policy='disable' name='vmx'/></cpu>")
row("CPU-07", "pass", name="granted", files=NESTED, a="<cpu mode='host-passthrough'/>",
    policy={"nested": ["acme"]})
row("CPU-07", "unknown", a="<cpu mode='host-model'/>",
    files=without("/sys/module/kvm_intel/parameters/nested"))
row("CPU-07", "not_applicable", domains=0)

# ---- memory ----
KSM = {"/sys/kernel/mm/ksm/run": "1\n"}
NOSHARE = "<memoryBacking><nosharepages/></memoryBacking>"
row("MEM-01", "pass")
row("MEM-01", "fail", "a b", files=KSM)
row("MEM-01", "pass", name="kept apart", files=KSM, a=NOSHARE)
row("MEM-01", "fail", "a b", name="merging all the same", files=dict(
    KSM, **{"/proc/7/ksm_stat": "ksm_rmap_items 3\nksm_mergeable: yes\n"}), a=NOSHARE, live="a",
    pids={"a": 7})
row("MEM-01", "unknown", files=without("/sys/kernel/mm/ksm/run"))
row("MEM-01", "not_applicable", domains=0)
SHM = "<shmem name='{}'/>"
row("MEM-02", "not_applicable")
row("MEM-02", "pass", a_dev=SHM.format("x"), b_dev=SHM.format("y"))
row("MEM-02", "fail", "a b", a_dev=SHM.format("x"), b_dev=SHM.format("x"))
IVSHMEM = "<shmem name='{}'><server path='{}'/></shmem>"
row("MEM-02", "fail", "a b", name="server through a link", a_dev=IVSHMEM.format("x", "/run/s"),
    b_dev=IVSHMEM.format("y", "/run/l"), files={"/run/s": ""}, symlinks={"/run/l": "s"})
row("MEM-02", "unknown", a_dev=IVSHMEM.format("x", "/run/s"))
NVDIMM = "<memory model='nvdimm'><source><path>{}</path></source></memory>"
row("MEM-03", "not_applicable")
row("MEM-03", "pass", a_dev=NVDIMM.format("/a"), b_dev=NVDIMM.format("/b"),
    files={"/a": "", "/b": ""})
row("MEM-03", "fail", "a b", a_dev=NVDIMM.format("/a"), b_dev=NVDIMM.format("/b"), files={"/a": ""},
    hardlinks={"/b": "/a"})
row("MEM-03", "unknown", a_dev=NVDIMM.format("/a"))
row("MEM-04", "not_applicable")
LOCKED = "<memoryBacking><locked/></memoryBacking>"
row("MEM-04", "fail", "a", a=LOCKED)
row("MEM-04", "pass", a=LOCKED + "<memtune><hard_limit unit='KiB'>9</hard_limit></memtune>")
ENCRYPTS = {"acme": {"memory_encryption": "required"}}
SEV = "<launchSecurity type='{}'><policy>{}</policy></launchSecurity>"
row("MEM-05", "not_applicable")
row("MEM-05", "fail", "a", tenants=ENCRYPTS)
row("MEM-05", "fail", "a", name="may be debugged", a=SEV.format("sev", "0x0002"), tenants=ENCRYPTS)
row("MEM-05", "pass", a=SEV.format("sev", "0x0001"), tenants=ENCRYPTS)
row("MEM-05", "fail", "a", name="snp debug bit", a=SEV.format("sev-snp", "0x00080000"),
    tenants=ENCRYPTS)
row("MEM-05", "pass", name="snp", a=SEV.format("sev-snp", "0x00030000"), tenants=ENCRYPTS)
row("MEM-05", "unknown", a="<launchSecurity type='sev'/>", tenants=ENCRYPTS)
row("MEM-06", "pass")
row("MEM-06", "fail", "-", files=qemu_conf("dump_guest_core = 1"))
row("MEM-06", "fail", "-", name="of a domain", a="<memory dumpCore='on' unit='KiB'>1</memory>")
row("MEM-06", "unknown", files=QEMU_CONF)

# ---- storage ----
IMG = {"/a.img": "", "/b.img": "", "/x.img": ""}
READONLY = "<readonly/>"
row("STO-01", "not_applicable")
row("STO-01", "pass", a_dev=disk("/a.img"), b_dev=disk("/b.img"), files=IMG)
row("STO-01", "fail", "a b", a_dev=disk("/x.img"), b_dev=disk("/x.img"))
row("STO-01", "fail", "a b", name="one reads", a_dev=disk("/x.img"),
    b_dev=disk("/x.img", device="cdrom"), files=IMG)
row("STO-01", "fail", "a b", name="dots and slashes", a_dev=disk("/v//x.img"),
    b_dev=disk("/v/y/../x.img"))
row("STO-01", "fail", "a b", name="hard link", a_dev=disk("/a.img"), b_dev=disk("/l.img"), files=IMG,
    hardlinks={"/l.img": "/a.img"})
row("STO-01", "fail", "a b", name="folder that is a link", a_dev=disk("/v/a.img"),
    b_dev=disk("/w/a.img"), files={"/v/a.img": ""}, symlinks={"/w": "v"})
row("STO-01", "fail", "a b", name="data file", a_dev=disk("/q.qcow2"), b_dev=disk("/x.img"),
    files=IMG, qcow2={"/q.qcow2": {"size": 1, "data_file": "x.img"}})
row("STO-01", "fail", "a b", name="volume", b_dev=disk("/p/v.img"), files={"/p/v.img": ""},
    a_dev="<disk type='volume'><source pool='p' volume='v.img'/><target dev='vdb'/></disk>",
    docs={"pools/p.xml": "<pool type='dir'><name>p</name><target><path>/p</path></target></pool>"})
row("STO-01", "fail", "a b", name="one monitor in common", a_dev=rbd("p/i", "m1", "m2"),
    b_dev=rbd("p/i", "m3", "m2"))
row("STO-01", "pass", name="two clusters", a_dev=rbd("p/i", "m1"), b_dev=rbd("p/i", "m3"))
row("STO-01", "unknown", name="default monitors", a_dev=rbd("p/i", "m1"), b_dev=rbd("p/i"))
row("STO-01", "unknown", a_dev=disk("/x.img"))
row("STO-01", "pass", name="both read", a_dev=disk("/x.img", more=READONLY),
    b_dev=disk("/x.img", more=READONLY), files=IMG)
CHAIN = {"/b.qcow2": {"size": 1, "backing": "m.qcow2"}, "/m.qcow2": {"size": 1, "backing": "/a.img"}}
row("STO-02", "not_applicable")
row("STO-02", "pass", a_dev=disk("/a.img"), b_dev=disk("/b.img"), files=IMG)
row("STO-02", "fail", "a b", a_dev=disk("/a.img"), b_dev=disk("/b.qcow2"), files=IMG, qcow2=CHAIN)
row("STO-02", "fail", "a b", name="of a volume", a_dev=disk("/a.img"), b_dev=disk("/b.img"),
    files={"/a.img": ""}, docs={"volumes/p/b.img.xml": "<volume><name>b.img</name><target><path>/b.img</path>"
                     "</target><backingStore><path>/a.img</path></backingStore></volume>"})
row("STO-02", "fail", "a b", name="of a snapshot", a_dev=disk("/a.img"), b_dev=disk("/b.img"),
    files=IMG, docs={"snapshots/b/s.xml": "<domainsnapshot><name>s</name><domain><devices>"
                     + disk("/a.img") + "</devices></domain></domainsnapshot>"})
row("STO-02", "fail", "a b", name="as libvirt tells it live", live="b", a_dev=disk("/a.img"),
    b_dev=disk("/b.img", more="<backingStore type='file'><source file='/a.img'/></backingStore>"),
    files=IMG)
row("STO-02", "unknown", a_dev=disk("/b.qcow2"), qcow2={"/b.qcow2": {"backing": "gone.img"}})
row("STO-02", "unknown", name="chain in a circle", a_dev=disk("/b.qcow2"),
    qcow2={"/b.qcow2": {"backing": "b.qcow2"}})
OVERLAYS = {"/b.qcow2": {"backing": "/x.img"}, "/a.qcow2": {"backing": "/x.img"}}
row("STO-03", "not_applicable")
row("STO-03", "pass", a_dev=disk("/a.img"), files=IMG)
row("STO-03", "fail", "a b", a_dev=disk("/a.qcow2"), b_dev=disk("/b.qcow2"), files=IMG,
    qcow2=OVERLAYS)
row("STO-03", "pass", name="declared public", a_dev=disk("/a.qcow2"), b_dev=disk("/b.qcow2"),
    files={"/pub/x.img": ""}, public={"images": ["/pub/"]},
    qcow2={k: {"backing": "/pub/x.img"} for k in OVERLAYS})
row("STO-03", "unknown", a_dev=disk("/a.img", device="cdrom"))
CRYPTS = {"acme": {"disk_encryption": "required"}}
row("STO-05", "not_applicable", a_dev=disk("/a.img"))
row("STO-05", "unknown", a_dev=disk("/a.img"), files=IMG, tenants=CRYPTS)
row("STO-05", "fail", "a", a_dev=disk("/dev/sdb", "block"), tenants=CRYPTS)
row("STO-05", "fail", "a", name="logical volume in clear", a_dev=disk("/dev/vg/a", "block"),
    tenants=CRYPTS, symlinks={"/dev/vg/a": "../dm-3"},
    files={"/dev/dm-3": "", "/sys/block/dm-3/dm/uuid": "LVM-abc\n"})
row("STO-05", "pass", name="dm-crypt", a_dev=disk("/dev/mapper/c", "block"), tenants=CRYPTS,
    symlinks={"/dev/mapper/c": "../dm-4"},
    files={"/dev/dm-4": "", "/sys/block/dm-4/dm/uuid": "CRYPT-LUKS2-abc\n"})
row("STO-05", "pass", name="file system on dm-crypt", a_dev=disk("/srv/a.img"), tenants=CRYPTS,
    symlinks={"/dev/mapper/c": "../dm-4"},
    files={"/srv/a.img": "", "/dev/dm-4": "", "/sys/block/dm-4/dm/uuid": "CRYPT-LUKS2-abc\n",
           "/proc/mounts": "/dev/sda1 / ext4 rw 0 0\n/dev/mapper/c /srv ext4 rw 0 0\n"})
row("STO-05", "pass", name="luks in the image", tenants=CRYPTS,
    a_dev=disk("/a.img", more="<encryption format='luks'/>"))
row("STO-05", "pass", name="read only", tenants=CRYPTS, a_dev=disk("/a.img", more=READONLY)
    + disk("/b.img", more="<encryption format='luks'/>"))
row("STO-05", "fail", "a", name="network", tenants=CRYPTS, a_dev=rbd("p/i", "m"))
SHARE = "<filesystem type='mount'><source dir='{}'/><target dir='t'/></filesystem>"
DIRS = {"/srv/a/f": "", "/srv/b/f": "", "/srv/ab/f": ""}
row("STO-06", "not_applicable")
row("STO-06", "pass", a_dev=SHARE.format("/srv/a"), b_dev=SHARE.format("/srv/ab"), files=DIRS)
row("STO-06", "fail", "a b", a_dev=SHARE.format("/srv/a"), b_dev=SHARE.format("/srv/a/"), files=DIRS)
row("STO-06", "fail", "a b", name="above the other", a_dev=SHARE.format("/srv"),
    b_dev=SHARE.format("/srv/b"), files=DIRS)
row("STO-06", "fail", "a b", name="by a link", a_dev=SHARE.format("/l"),
    b_dev=SHARE.format("/srv/b"), files=DIRS, symlinks={"/l": "/srv"})
row("STO-06", "unknown", a_dev=SHARE.format("/srv/zzz"))
row("STO-07", "not_applicable")
row("STO-07", "pass", a_dev=SHARE.format("/srv/a"), files=DIRS)
for folder in ("/", "/etc", "/var", "/var/lib", "/run/", "//proc"):
    row("STO-07", "fail", "a", name=folder, a_dev=SHARE.format(folder))
row("STO-07", "fail", "a", name="by a link", a_dev=SHARE.format("/l"), symlinks={"/l": "etc"})
row("STO-07", "unknown", a_dev=SHARE.format("/srv/zzz"))
row("STO-08", "not_applicable")
row("STO-08", "pass", a_dev=disk("/a.img"))
row("STO-08", "fail", "a", a_dev=disk("/dev/sdb", "block", device="lun", rawio="yes"))
row("STO-08", "fail", "b", name="sgio", b_dev=disk("/dev/sdb", "block", device="lun",
                                                   sgio="unfiltered"))
row("STO-08", "fail", "a", name="hostdev", a_dev=hostdev("scsi", "<adapter name='scsi_host0'/>",
                                                         rawio="yes"))
VOLUME = ("<volume><name>a.img</name><target><path>/p/a.img</path><permissions><mode>{}</mode>"
          "</permissions></target></volume>")
POOL = ("<pool type='dir'><name>p</name><target><path>/p</path><permissions><mode>{}</mode>"
        "</permissions></target></pool>")


def permissions(image, folder):
    return {"volumes/p/a.xml": VOLUME.format(image), "pools/p.xml": POOL.format(folder)}


row("STO-09", "not_applicable")
row("STO-09", "pass", a_dev=disk("/p/a.img"), docs=permissions("0600", "0711"))
row("STO-09", "fail", "a", a_dev=disk("/p/a.img"), docs=permissions("0644", "0711"))
row("STO-09", "pass", name="behind a closed folder", a_dev=disk("/p/a.img"),
    docs=permissions("0644", "0700"))
row("STO-09", "fail", "a", name="by its own mode", a_dev=disk("/p/a.img"), files={"/p/a.img": ""},
    modes={"/p/a.img": "0666", "/p": "0755", "/": "0755"})
row("STO-09", "unknown", a_dev=disk("/p/a.img"), files={"/p/a.img": ""})
SERIAL = "<serial type='{}'><source {}/>{}</serial>"
row("STO-10", "not_applicable")
row("STO-10", "pass", a_dev=SERIAL.format("file", "path='/l/a'", ""),
    b_dev=SERIAL.format("file", "path='/l/b'", ""), files={"/l/a": "", "/l/b": ""})
row("STO-10", "fail", "a b", a_dev=SERIAL.format("file", "path='/l/a'", ""),
    b_dev=SERIAL.format("pty", "path='/dev/pts/1'", "<log file='/l/a'/>"))
row("STO-10", "fail", "a b", name="nvram", a="<os><nvram>/n</nvram></os>",
    b="<os><nvram>/n</nvram></os>")
row("STO-10", "not_applicable", name="/dev/null", a_dev=SERIAL.format("file", "path='/dev/null'", ""),
    b_dev=SERIAL.format("file", "path='/dev/null'", ""))
row("STO-10", "unknown", a_dev=SERIAL.format("file", "path='/l/a'", ""))

# ---- networks ----
row("NET-01", "not_applicable")
row("NET-01", "pass", a_dev=bridge(), b_dev=bridge(name="br1"))
row("NET-01", "fail", "a b", a_dev=bridge(), b_dev=bridge())
row("NET-01", "pass", name="both isolated", a_dev=bridge(ISOLATED), b_dev=bridge(ISOLATED))
row("NET-01", "fail", "a b", name="one isolated", a_dev=bridge(ISOLATED), b_dev=bridge())
row("NET-01", "fail", "a z", name="two isolated and one not, of three", a_dev=bridge(ISOLATED),
    z="", z_dev=bridge())
NETWORK = "<network><name>{}</name>{}</network>"


def network(name, rest):
    return {f"networks/{name}.xml": NETWORK.format(name, rest)}


NAT = "<forward mode='nat'/><bridge name='virbr0'/>"
ON_NET = nic("network", "network='n'", mac=None)
row("NET-01", "fail", "a b", name="by a network", a_dev=ON_NET, b_dev=bridge(name="virbr0"),
    docs=network("n", NAT))
row("NET-01", "pass", name="isolated by the network", a_dev=ON_NET, b_dev=ON_NET,
    docs=network("n", NAT + ISOLATED))
row("NET-01", "fail", "a b", name="the interface goes before the network", a_dev=ON_NET,
    b_dev=nic("network", "network='n'", "<port isolated='no'/>", mac=None),
    docs=network("n", NAT + ISOLATED))
row("NET-01", "pass", name="public network", a_dev=ON_NET, b_dev=ON_NET, docs=network("n", NAT),
    public={"networks": ["n"]})
row("NET-01", "pass", name="public by the other's name", a_dev=ON_NET, b_dev=bridge(name="virbr0"),
    docs=network("n", NAT), public={"networks": ["n"]})
row("NET-01", "pass", name="provider", a_dev=bridge(), b_dev=bridge(),
    tenants={"globex": {"role": "provider"}})
row("NET-01", "unknown", a_dev=bridge(OVS), b_dev=bridge(OVS))
row("NET-01", "pass", name="tags apart", a_dev=bridge(OVS + vlan(10)),
    b_dev=bridge(OVS + vlan(20, 30)))
row("NET-01", "fail", "a b", name="trunk", a_dev=bridge(OVS + vlan(20)),
    b_dev=bridge(OVS + vlan(20, 30)))
row("NET-01", "unknown", name="one tagged", a_dev=bridge(OVS + vlan(20)), b_dev=bridge(OVS))
row("NET-01", "fail", "a b", name="tag of the portgroup", a_dev=nic(
    "network", "network='n' portgroup='g'", mac=None), b_dev=bridge(OVS + vlan(7), name="ovs0"),
    docs=network("n", "<forward mode='bridge'/><bridge name='ovs0'/>" + OVS +
                 f"<portgroup name='g'>{vlan(7)}</portgroup>"))
row("NET-01", "unknown", name="no such network", a_dev=ON_NET, b_dev=bridge())
MACVTAP = nic("direct", "dev='eth0' mode='{}'", mac=None)
row("NET-01", "fail", "a b", name="macvtap", a_dev=MACVTAP.format("bridge"),
    b_dev=MACVTAP.format("bridge"))
row("NET-01", "unknown", name="vepa", a_dev=MACVTAP.format("vepa"), b_dev=MACVTAP.format("vepa"))
row("NET-01", "pass", name="private", a_dev=MACVTAP.format("private"),
    b_dev=MACVTAP.format("private"))
MCAST = nic("mcast", "address='230.0.0.1' port='5558'", mac=None)
row("NET-01", "fail", "a b", name="mcast", a_dev=MCAST, b_dev=MCAST)
TAP = "<target dev='{}'/>"
row("NET-01", "fail", "a b", name="not isolated in the kernel", live="a b",
    a_dev=bridge(ISOLATED + TAP.format("vnet0")), b_dev=bridge(ISOLATED + TAP.format("vnet1")),
    files={"/sys/class/net/vnet0/brport/isolated": "0\n",
           "/sys/class/net/vnet1/brport/isolated": "1\n"})
row("NET-01", "unknown", name="kernel not seen", live="a b",
    a_dev=bridge(ISOLATED + TAP.format("vnet0")), b_dev=bridge(ISOLATED + TAP.format("vnet1")))
row("NET-02", "not_applicable", a_dev=bridge())
row("NET-02", "pass", a_dev=bridge(CLEAN), b_dev=bridge(CLEAN))
row("NET-02", "fail", "b", a_dev=bridge(CLEAN), b_dev=bridge())
row("NET-02", "fail", "b", name="isolated too", a_dev=bridge(CLEAN + ISOLATED),
    b_dev=bridge(ISOLATED))
row("NET-02", "fail", "b", name="public too", a_dev=bridge(CLEAN), b_dev=bridge(),
    public={"networks": ["br0"]})
row("NET-02", "fail", "a b", name="mcast", a_dev=MCAST, b_dev=MCAST)
row("NET-02", "fail", "a", name="MAC only is medium", severity="medium",
    a_dev=bridge("<filterref filter='no-mac-spoofing'/>"), b_dev=bridge(CLEAN))
row("NET-02", "not_applicable", name="provider", a_dev=bridge(), b_dev=bridge(),
    tenants={"globex": {"role": "provider"}})
FILTER = "<filter name='{}'>{}</filter>"
row("NET-02", "pass", name="closure", a_dev=bridge("<filterref filter='mine'/>"),
    b_dev=bridge(CLEAN), docs={
        "nwfilters/mine.xml": FILTER.format("mine", "<filterref filter='inner'/>"),
        "nwfilters/inner.xml": FILTER.format("inner", "<filterref filter='clean-traffic-gateway'/>")})
row("NET-02", "fail", "a", name="clean-traffic redefined", a_dev=bridge(CLEAN), b_dev=bridge(
    "<filterref filter='clean-traffic-gateway'/>"), docs={
        "nwfilters/clean-traffic.xml": FILTER.format("clean-traffic", "<rule action='accept'/>")})
row("NET-02", "unknown", name="open vswitch", a_dev=bridge(OVS), b_dev=bridge(OVS))
row("NET-02", "unknown", name="a circle of filters", a_dev=bridge("<filterref filter='loop'/>"),
    b_dev=bridge(CLEAN), docs={"nwfilters/loop.xml": FILTER.format(
        "loop", "<filterref filter='loop'/>")})
EBTABLES = "*nat\n:PREROUTING ACCEPT\n:libvirt-I-vnet0 ACCEPT\n:libvirt-O-vnet0 ACCEPT\n"
row("NET-03", "not_applicable", a_dev=bridge(CLEAN))
row("NET-03", "pass", live="a", a_dev=bridge(CLEAN + TAP.format("vnet0")),
    files={"/evidence/ebtables-save": EBTABLES})
row("NET-03", "fail", "a", live="a", a_dev=bridge(CLEAN + TAP.format("vnet1")),
    files={"/evidence/ebtables-save": EBTABLES})
row("NET-03", "fail", "a", name="isolated", live="a", a_dev=bridge(ISOLATED + TAP.format("vnet0")),
    files={"/sys/class/net/vnet0/brport/isolated": "0\n"})
row("NET-03", "unknown", live="a", a_dev=bridge(CLEAN + TAP.format("vnet0")))
row("NET-03", "unknown", name="isolated, not seen", live="a",
    a_dev=bridge(ISOLATED + TAP.format("vnet0")))
row("NET-04", "not_applicable")
row("NET-04", "pass", a_dev=bridge())
row("NET-04", "fail", "a", a_dev=nic("bridge", "bridge='br0'", trustGuestRxFilters="yes"))
row("NET-04", "fail", "a", name="by the network", a_dev=ON_NET, docs={
    "networks/n.xml": "<network trustGuestRxFilters='yes'><name>n</name></network>"})
row("NET-04", "pass", name="the interface goes before",
    a_dev=nic("network", "network='n'", trustGuestRxFilters="no"), docs={
        "networks/n.xml": "<network trustGuestRxFilters='yes'><name>n</name></network>"})
row("NET-05", "not_applicable")
row("NET-05", "pass", a_dev=bridge(mac="52:54:00:00:00:0a"), b_dev=bridge(mac="52:54:00:00:00:0b"))
row("NET-05", "fail", "a b", a_dev=bridge(mac="52:54:00:00:00:0a"),
    b_dev=bridge(mac="52:54:00:00:00:0A", name="br1"))
row("NET-06", "not_applicable")
row("NET-06", "pass", a_dev=bridge(), policy={"management_networks": ["br1"]},
    files={"/sys/class/net/br1/bridge/bridge_id": "8000.000000000000\n"})
row("NET-06", "unknown", name="no such network", a_dev=bridge(),
    policy={"management_networks": ["gone"]})
row("NET-06", "fail", "a", a_dev=bridge(), policy={"management_networks": ["br0"]})
row("NET-06", "fail", "a", name="by the network's bridge", a_dev=bridge(name="virbr0"),
    policy={"management_networks": ["n"]}, docs=network("n", NAT))
row("NET-06", "unknown", a_dev=bridge(), **NO_TENANTS)


def vf(function, more=""):
    return nic("hostdev", "", more, mac=None).replace(
        "<source />", f"<source>{pci('0x02', '0x10', function)}</source>")


def vf_device(function, pf="0x0"):
    return nodedev_pci(2, 30 + function, "<capability type='phys_function'><address domain='0x0000' "
                       f"bus='0x02' slot='0x00' function='{pf}'/></capability>", 16, function)


VFS = {"nodedevs/v1.xml": vf_device(1), "nodedevs/v2.xml": vf_device(2),
       "nodedevs/v3.xml": vf_device(3, "0x1")}
row("NET-07", "not_applicable")
row("NET-07", "fail", "a b", a_dev=vf("0x1"), b_dev=vf("0x2"), docs=VFS)
row("NET-07", "fail", "a b", name="common tag", a_dev=vf("0x1", vlan(5)), b_dev=vf("0x2", vlan(5)),
    docs=VFS)
row("NET-07", "pass", name="tags apart", a_dev=vf("0x1", vlan(5)), b_dev=vf("0x2", vlan(6)),
    docs=VFS)
row("NET-07", "unknown", name="spoof check and trust of what runs, not seen", live="a",
    a_dev=vf("0x1", vlan(5)), b_dev=vf("0x2", vlan(6)), docs=VFS)
row("NET-07", "fail", "a b", name="untagged, running", live="a b", a_dev=vf("0x1"), b_dev=vf("0x2"),
    docs=VFS)
CARD = "/sys/class/net/eno1/device/virtfn"
LINKED = {f"{CARD}{n}": f"../0000:02:10.{n}" for n in (1, 2)}
IP_LINK = ("2: lo: <LOOPBACK,UP> mtu 65536\n    link/loopback 00:00:00:00:00:00\n"
           "7: eno1: <BROADCAST,UP> mtu 1500 qdisc mq state UP\n    link/ether 52:54:00:00:00:0a\n"
           "    vf 1     link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff, {}link-state auto, {}\n"
           "    vf 2     link/ether 52:54:00:00:00:02 brd ff:ff:ff:ff:ff:ff, {}link-state auto, {}\n")
TAGGED, CHECKED, SOUND = "vlan {}, spoof checking on, ", "spoof checking on, ", "trust off, query_rss off"


def vf_row(want, who, name, first=TAGGED.format(5), trust=SOUND, second=TAGGED.format(6), links=LINKED,
           **more):
    row("NET-07", want, who, name=name, **dict(
        dict(live="a b", a_dev=vf("0x1", vlan(5)), b_dev=vf("0x2", vlan(6)), docs=VFS, symlinks=links,
             files={"/evidence/ip-link": IP_LINK.format(first, trust, second, SOUND)}), **more))


vf_row("pass", None, "as the card has it")
vf_row("fail", "a", "trusted", trust="trust on")
vf_row("fail", "a", "spoof check off", first="vlan 5, spoof checking off, ")
vf_row("fail", "a b", "the card has lost both tags", first=CHECKED, second=CHECKED)
vf_row("fail", "a b", "the card has one tag twice", second=TAGGED.format(5))
vf_row("pass", None, "the card has tags that no XML tells", a_dev=vf("0x1"), b_dev=vf("0x2"))
vf_row("unknown", None, "a card that tells no trust", trust="query_rss off")
vf_row("unknown", None, "nothing leads to the function", links={})
vf_row("pass", None, "what is trusted does not run", trust="trust on", live="b")
row("NET-07", "pass", name="two cards", a_dev=vf("0x1"), b_dev=vf("0x3"), docs=VFS)
row("NET-07", "unknown", name="one tagged", a_dev=vf("0x1"), b_dev=vf("0x2", vlan(6)), docs=VFS)
row("NET-07", "unknown", a_dev=vf("0x1"), b_dev=vf("0x2"))
row("NET-07", "fail", "a b", name="network of VFs", a_dev=ON_NET, b_dev=ON_NET,
    docs=network("n", "<forward mode='hostdev'><pf dev='eth3'/></forward>"))
row("NET-08", "not_applicable")
row("NET-08", "pass", a_dev=bridge())
for kind in ("user", "mcast", "server", "client", "udp"):
    row("NET-08", "fail", "b", name=kind, b_dev=nic(kind, "address='127.0.0.1' port='1'", mac=None))
row("NET-09", "not_applicable", a_dev=bridge())
row("NET-09", "unknown", live="a", a_dev=bridge(TAP.format("vnet0")))
ROUTES = dict(network("n", "<forward mode='route'/><bridge name='virbr1'/>"),
              **network("m", "<forward mode='open'/><bridge name='virbr2'/>"))
ON_M = nic("network", "network='m'", mac=None)
FORWARDS = {"/proc/sys/net/ipv4/ip_forward": "1\n"}
MIRROR = dict(live="a b", a_dev=bridge(TAP.format("vnet0")), b_dev=bridge(TAP.format("vnet1")))
row("NET-09", "fail", "a", mirrors=[["vnet0", "vnet1"]], **MIRROR)
row("NET-09", "pass", mirrors=[["vnet0", "vnet0"]], **MIRROR)
row("NET-10", "not_applicable", a_dev=bridge())
row("NET-10", "pass", a_dev=ON_NET, b_dev=ON_M, docs=ROUTES)
row("NET-10", "fail", "a b", a_dev=ON_NET, b_dev=ON_M, docs=ROUTES, files=FORWARDS)
row("NET-10", "pass", name="one network", a_dev=ON_NET, b_dev=ON_NET, docs=ROUTES, files=FORWARDS)
row("NET-10", "unknown", a_dev=ON_NET, b_dev=ON_M, docs=ROUTES,
    files=without("/proc/sys/net/ipv4/ip_forward"))

# ---- devices ----
PCI1, PCI2 = hostdev("pci", pci("0x01")), hostdev("pci", pci("0x03"))
row("DEV-01", "not_applicable")
row("DEV-01", "pass", a_dev=PCI1, b_dev=PCI2,
    docs={"nodedevs/1.xml": nodedev_pci(1, 1), "nodedevs/3.xml": nodedev_pci(3, 3)})
row("DEV-01", "fail", "a b", a_dev=PCI1, b_dev=PCI2,
    docs={"nodedevs/1.xml": nodedev_pci(1, 1), "nodedevs/3.xml": nodedev_pci(3, 1)})
row("DEV-01", "fail", "a b", name="by the kernel", a_dev=PCI1, b_dev=PCI2, symlinks={
    "/sys/bus/pci/devices/0000:01:00.0/iommu_group": "../../../../kernel/iommu_groups/9",
    "/sys/bus/pci/devices/0000:03:00.0/iommu_group": "../../../../kernel/iommu_groups/9"})
row("DEV-01", "pass", name="one device is DEV-02's", a_dev=PCI1, b_dev=PCI1,
    docs={"nodedevs/1.xml": nodedev_pci(1, 1)})
row("DEV-01", "unknown", a_dev=PCI1, b_dev=PCI2)
USB = "<vendor id='0x046d'/><product id='0xc52b'/>"
row("DEV-02", "not_applicable")
row("DEV-02", "pass", a_dev=PCI1, b_dev=PCI2)
row("DEV-02", "fail", "a b", a_dev=PCI1, b_dev=PCI1)
row("DEV-02", "fail", "a b", name="as a network card", a_dev=hostdev("pci", pci("2", "16", "1")),
    b_dev=vf("0x1"))
row("DEV-02", "fail", "a b", name="usb model", a_dev=hostdev("usb", USB), b_dev=hostdev("usb", USB))
row("DEV-02", "pass", name="usb addresses", a_dev=hostdev("usb", USB + "<address bus='1' device='2'/>"),
    b_dev=hostdev("usb", USB + "<address bus='1' device='3'/>"))
row("DEV-02", "unknown", a_dev=hostdev("usb", USB + "<address bus='1' device='2'/>"),
    b_dev=hostdev("usb", USB))
MDEV = "<address uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/>"
row("DEV-02", "fail", "a b", name="mdev", a_dev=hostdev("mdev", MDEV), b_dev=hostdev("mdev", MDEV))
SCSI = "<adapter name='scsi_host0'/><address bus='0' target='0' unit='{}'/>"
row("DEV-02", "fail", "a b", name="scsi", a_dev=hostdev("scsi", SCSI.format(0)),
    b_dev=hostdev("scsi", SCSI.format(0)))
row("DEV-02", "pass", name="scsi units", a_dev=hostdev("scsi", SCSI.format(0)),
    b_dev=hostdev("scsi", SCSI.format(1)))
row("DEV-03", "not_applicable")
row("DEV-03", "pass", a_dev=hostdev("usb", USB + "<address bus='1' device='2'/>"))
row("DEV-03", "fail", "a", a_dev=hostdev("usb", USB))
row("DEV-03", "fail", "a", name="redirection", a_dev="<redirdev bus='usb' type='spicevmc'/>")
UNSAFE = "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"
row("DEV-04", "pass")
row("DEV-04", "fail", "-", files={UNSAFE: "Y\n"})
row("DEV-04", "fail", "-", name="acs", files={"/proc/cmdline": "ro pcie_acs_override=downstream\n"})
row("DEV-04", "fail", "-", name="relaxed", files=qemu_conf("relaxed_acs_check = 1"))
row("DEV-04", "not_applicable", files=without(UNSAFE))
row("DEV-04", "unknown", a_dev=PCI1, files=without(UNSAFE))
row("DEV-05", "not_applicable")
row("DEV-05", "pass", a_dev=PCI1)
row("DEV-05", "fail", "-", a_dev=PCI1, files={"/sys/kernel/iommu_groups/0/type": None,
                                             "/sys/kernel/iommu_groups": ""})
row("DEV-05", "unknown", a_dev=PCI1, files=without("/sys/kernel/iommu_groups/0/type"))
VSOCK = "<vsock model='virtio'><cid auto='{}' address='{}'/></vsock>"
row("DEV-06", "not_applicable", a_dev=VSOCK.format("yes", 3), b_dev=VSOCK.format("yes", 3))
row("DEV-06", "pass", a_dev=VSOCK.format("no", 3), b_dev=VSOCK.format("no", 4))
row("DEV-06", "fail", "a b", a_dev=VSOCK.format("no", 3), b_dev=VSOCK.format("no", 3))
TPM = "<tpm model='tpm-tis'><backend type='{}'>{}</backend></tpm>"
PASS0 = TPM.format("passthrough", "<device path='/dev/tpm0'/>")
row("DEV-07", "not_applicable")
row("DEV-07", "pass", a_dev=TPM.format("emulator", ""))
row("DEV-07", "fail", "a b", a_dev=PASS0, b_dev=PASS0)
row("DEV-07", "fail", "a", name="state in clear", a_dev=TPM.format("emulator", ""), tenants=CRYPTS)
row("DEV-07", "pass", name="state encrypted", tenants=CRYPTS,
    a_dev=TPM.format("emulator", "<encryption secret='6dd3e4a5-1d76-44ce-961f-f119f5aad935'/>"))
row("DEV-07", "unknown", a_dev=PASS0)
MDEV2 = "<address uuid='d2177883-f1bb-47f0-914d-32a22e3a8804'/>"


def mdev_device(first, parent="pci_0000_03_00_0"):
    return (f"<device><name>mdev_{first}2177883_f1bb_47f0_914d_32a22e3a8804</name><parent>{parent}"
            "</parent><capability type='mdev'><type id='t'/></capability></device>")


GPU = {"nodedevs/c.xml": mdev_device("c"), "nodedevs/d.xml": mdev_device("d")}
row("DEV-08", "not_applicable")
row("DEV-08", "pass", a_dev=hostdev("mdev", MDEV), b_dev=hostdev("mdev", MDEV2), docs=GPU)
row("DEV-08", "fail", "a b", a_dev=hostdev("mdev", MDEV), b_dev=hostdev("mdev", MDEV2), docs=GPU,
    tenants=DEDICATED)
row("DEV-08", "unknown", a_dev=hostdev("mdev", MDEV))

# ---- processes ----
LABEL = "<seclabel type='{}' model='{}'><label>{}</label></seclabel>"
row("PROC-01", "pass")
row("PROC-01", "fail", "a", a="<seclabel type='none'/>")
row("PROC-01", "pass", name="dac alone", a="<seclabel type='none' model='dac'/>")
row("PROC-01", "fail", "-", name="the host", severity="critical",
    capabilities=capabilities(models=("dac",)))
row("PROC-01", "unknown", capabilities=None)
row("PROC-02", "not_applicable")
SVIRT = "system_u:system_r:svirt_t:s0:{}"
row("PROC-02", "pass", a=LABEL.format("static", "selinux", SVIRT.format("c1,c2")),
    b=LABEL.format("static", "selinux", SVIRT.format("c1,c3")))
row("PROC-02", "fail", "a b", a=LABEL.format("static", "selinux", SVIRT.format("c1,c2")),
    b=LABEL.format("static", "selinux", SVIRT.format("c2,c1")))
row("PROC-02", "fail", "a b", name="dominates",
    a=LABEL.format("static", "selinux", "system_u:system_r:svirt_t:s0-s0:c0.c1023"),
    b=LABEL.format("static", "selinux", SVIRT.format("c1,c3")))
row("PROC-02", "fail", "a b", name="apparmor", a=LABEL.format("static", "apparmor", "mine"),
    b=LABEL.format("static", "apparmor", "mine"))
row("PROC-02", "not_applicable", name="dac", a=LABEL.format("static", "dac", "+7:+7"),
    b=LABEL.format("static", "dac", "+7:+7"))
ARMOUR = LABEL.format("dynamic", "apparmor", "libvirt-x")
CURRENT = "attr/current"
row("PROC-03", "not_applicable", a=ARMOUR)
row("PROC-03", "pass", live="a", a=ARMOUR, pids={"a": 7},
    files=process(7, **{CURRENT: "libvirt-x (enforce)\n"}))
for current in ("unconfined\n", "libvirt-x (complain)\n", "libvirt-y (enforce)\n"):
    row("PROC-03", "fail", "a", name=current, live="a", a=ARMOUR, pids={"a": 7},
        files=process(7, **{CURRENT: current}))
row("PROC-03", "unknown", live="a", a=ARMOUR, pids={"a": 7}, files=process(7))
row("PROC-04", "pass")
row("PROC-04", "fail", "a", a=LABEL.format("static", "dac", "+0:+0"))
row("PROC-04", "fail", "a", name="by its process", live="a", pids={"a": 7}, files=process(7, uid=0))
row("PROC-04", "pass", name="the process goes before", live="a", pids={"a": 7}, files=process(7),
    a=LABEL.format("static", "dac", "root:root"))
row("PROC-04", "fail", "a b", name="by qemu.conf", files={"/etc/libvirt/qemu.conf": 'user = "root"\n'})
row("PROC-04", "unknown", files=QEMU_CONF)
row("PROC-04", "not_applicable", domains=0)
row("PROC-05", "pass")
row("PROC-05", "fail", "a b", files={"/etc/libvirt/qemu.conf": "seccomp_sandbox = 0\n"})
row("PROC-05", "fail", "a", name="by its process", live="a", pids={"a": 7},
    files=process(7, seccomp=0))
row("PROC-05", "unknown", live="a")
row("PROC-05", "not_applicable", domains=0)
row("PROC-06", "not_applicable")
row("PROC-06", "pass", live="a", pids={"a": 7}, files=process(7))
row("PROC-06", "fail", "a", live="a", pids={"a": 7}, files=process(7, caps="000001ffffffffff"))
row("PROC-06", "unknown", live="a")
row("PROC-07", "pass")
row("PROC-07", "fail", "-", files=qemu_conf("namespaces = [ ]"))
row("PROC-07", "fail", "-", name="by its process", live="a", pids={"a": 7},
    symlinks={"/proc/7/ns/mnt": "mnt:[4026531840]", "/proc/1/ns/mnt": "mnt:[4026531840]"})
row("PROC-07", "pass", name="of its own", live="a", pids={"a": 7},
    symlinks={"/proc/7/ns/mnt": "mnt:[4026532999]", "/proc/1/ns/mnt": "mnt:[4026531840]"})
row("PROC-07", "unknown", files=QEMU_CONF)
row("PROC-08", "pass")
row("PROC-08", "pass", name="on several lines",
    files=qemu_conf('cgroup_controllers = [ "cpu", # no comment "x"\n  "devices" ]'))
row("PROC-08", "fail", "-", files=qemu_conf('cgroup_controllers = [ "cpu", "memory" ]'))
row("PROC-08", "pass", name="commented out", files=qemu_conf('#cgroup_controllers = [ "cpu" ]'))
row("PROC-08", "unknown", files=QEMU_CONF)
ARGS = ("<q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>"
        "<q:arg value='{}'/><q:arg value='{}'/></q:commandline>")
row("PROC-09", "pass")
row("PROC-09", "fail", "a", a=ARGS.format("-S", "-S"))
row("PROC-09", "fail", "a", name="override",
    a="<q:override xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'/>")
row("PROC-09", "pass", name="another namespace", a="<q:commandline xmlns:q='http://other/'/>")
row("PROC-09", "not_applicable", domains=0)
FD = "/proc/7/fd/"
row("PROC-10", "not_applicable")
row("PROC-10", "pass", live="a", a_dev=disk("/a.img"), files=IMG, pids={"a": 7},
    symlinks={FD + "0": "/dev/null", FD + "9": "/a.img", FD + "11": "anon_inode:kvm-vm",
              FD + "12": "socket:[7]"})
row("PROC-10", "fail", "a", live="a", a_dev=disk("/a.img"), files=IMG, pids={"a": 7},
    symlinks={FD + "9": "/x.img"})
row("PROC-10", "fail", "a", name="of another tenant", severity="critical", live="a", files=IMG,
    b_dev=disk("/b.img"), pids={"a": 7}, symlinks={FD + "9": "/b.img"})
row("PROC-10", "pass", name="of its chain", live="a", a_dev=disk("/q"), files=IMG, pids={"a": 7},
    qcow2={"/q": {"backing": "/x.img"}}, symlinks={FD + "9": "/x.img"})
row("PROC-10", "unknown", live="a")
row("PROC-11", "unknown")
EXE = "/usr/bin/qemu-system-x86_64"
row("PROC-11", "pass", live="a", pids={"a": 7}, symlinks={"/proc/7/exe": EXE})
row("PROC-11", "fail", "-", live="a", pids={"a": 7}, symlinks={"/proc/7/exe": EXE,
                                                              "/proc/8/exe": EXE})

# ---- management ----
VNC = "<graphics type='vnc' {}>{}</graphics>"
row("MGT-01", "not_applicable")
row("MGT-01", "pass", a_dev=VNC.format("", "<listen type='address' address='127.0.0.1'/>"))
row("MGT-01", "pass", name="by default", a_dev=VNC.format("port='-1'", ""))
row("MGT-01", "fail", "a", a_dev=VNC.format("", "<listen type='address' address='0.0.0.0'/>"))
row("MGT-01", "fail", "a", name="old form", a_dev=VNC.format("listen='::'", ""))
row("MGT-01", "fail", "a", name="by qemu.conf", a_dev=VNC.format("", ""),
    files=qemu_conf('vnc_listen = "0.0.0.0"'))
row("MGT-01", "pass", name="TLS", a_dev=VNC.format("listen='0.0.0.0'", ""),
    files=qemu_conf("vnc_tls = 1"))
row("MGT-01", "fail", "a", name="TLS of the other kind", a_dev=VNC.format("listen='0.0.0.0'", ""),
    files=qemu_conf("spice_tls = 1"))
row("MGT-01", "pass", name="password", a_dev=VNC.format("listen='0.0.0.0' passwd='x'", ""))
row("MGT-01", "pass", name="socket", a_dev=VNC.format("", "<listen type='socket' socket='/s'/>"))
row("MGT-01", "unknown", a_dev=VNC.format("", "<listen type='network' network='n'/>"))
row("MGT-01", "unknown", name="where it listens was not seen", live="a",
    a_dev=VNC.format("port='5900'", "<listen type='address' address='127.0.0.1'/>"))
row("MGT-01", "fail", "a", name="as it listens", live="a", pids={"a": 7},
    a_dev=VNC.format("port='5900'", "<listen type='address' address='127.0.0.1'/>"),
    files={"/proc/7/net/tcp": "  sl  local_address rem_address   st\n"
                              "   0: 00000000:170C 00000000:0000 0A 0 0\n"})
DAEMON = "/etc/libvirt/libvirtd.conf"
row("MGT-02", "pass")
row("MGT-02", "fail", "-", files={DAEMON: 'listen_tcp = 1\nauth_tcp = "none"\n'})
row("MGT-02", "pass", name="authenticated", files={DAEMON: 'listen_tcp = 1\nauth_tcp = "sasl"\n'})
row("MGT-02", "unknown", files=without(DAEMON))
row("MGT-03", "pass")
row("MGT-03", "fail", "-", files={DAEMON: 'unix_sock_rw_perms = "0777"\nauth_unix_rw = "none"\n'})
row("MGT-03", "pass", name="of a group", files={
    DAEMON: 'unix_sock_rw_perms = "0770"\nauth_unix_rw = "none"\n'})
row("MGT-03", "unknown", files=without(DAEMON))
TCP = "mode='bind' host='{}' service='4555'"
row("MGT-04", "not_applicable")
row("MGT-04", "pass", a_dev=SERIAL.format("tcp", TCP.format("127.0.0.1"), ""))
row("MGT-04", "fail", "a", a_dev=SERIAL.format("tcp", TCP.format("0.0.0.0"), ""))
row("MGT-04", "pass", name="TLS", a_dev=SERIAL.format("tcp", TCP.format("0.0.0.0") + " tls='yes'", ""))
row("MGT-04", "pass", name="TLS by qemu.conf", a_dev=SERIAL.format("tcp", TCP.format("::"), ""),
    files=qemu_conf("chardev_tls = 1"))
row("MGT-04", "pass", name="it connects", a_dev=SERIAL.format("tcp", TCP.format("192.0.2.1").replace(
    "bind", "connect"), ""))
row("MGT-05", "unknown")
row("MGT-05", "pass", files=qemu_conf("migrate_tls_force = 1"))
row("MGT-05", "fail", "-", files=qemu_conf("migrate_tls_force = 0"))
row("MGT-05", "fail", "-", name="backup", docs={
    "backups/a.xml": "<domainbackup mode='pull'><server name='0.0.0.0' port='10809'/></domainbackup>"})
row("MGT-06", "pass")
row("MGT-06", "fail", "a", a=ARGS.format("-qmp", "tcp:0.0.0.0:4444,server"))
row("MGT-06", "fail", "a", name="every address", a=ARGS.format("-gdb", "tcp::1234"))
row("MGT-06", "fail", "a", name="chardev", a=ARGS.format(
    "-chardev", "socket,id=c,host=192.0.2.1,port=4444,server=on"))
row("MGT-06", "pass", name="loopback", a=ARGS.format("-monitor", "telnet:127.0.0.1:4444,server"))
row("MGT-06", "pass", name="not a socket's option", a=ARGS.format("-append", "tcp:0.0.0.0:1"))
row("MGT-06", "not_applicable", domains=0)

# ---- secrets and snapshots ----
SECRET = "<auth username='u'><secret type='ceph' uuid='{}'/></auth>"
U1, U2 = "6dd3e4a5-1d76-44ce-961f-f119f5aad935", "7dd3e4a5-1d76-44ce-961f-f119f5aad935"
row("SEC-01", "not_applicable")
row("SEC-01", "pass", a_dev=rbd("p/a", more=SECRET.format(U1)),
    b_dev=rbd("p/b", more=SECRET.format(U2)))
row("SEC-01", "fail", "a b", a_dev=rbd("p/a", more=SECRET.format(U1)),
    b_dev=rbd("p/b", more=SECRET.format(U1)))
SECRET_XML = "<secret ephemeral='no' private='{}'><uuid>" + U1 + "</uuid></secret>"
USES = rbd("p/a", more=SECRET.format(U1))
row("SEC-02", "not_applicable")
row("SEC-02", "pass", a_dev=USES, docs={"secrets/s.xml": SECRET_XML.format("yes")})
row("SEC-02", "fail", "a", a_dev=USES, docs={"secrets/s.xml": SECRET_XML.format("no")})
row("SEC-02", "fail", "-", name="nobody uses it", docs={"secrets/s.xml": SECRET_XML.format("no")})
row("SEC-02", "unknown", a_dev=USES)
SNAPSHOT = {"snapshots/a/s.xml": "<domainsnapshot><name>s</name><memory snapshot='external' "
                                 "file='/s/m'/></domainsnapshot>"}
row("SNP-01", "not_applicable")
row("SNP-01", "pass", docs=SNAPSHOT, files={"/s/m": ""}, modes={"/s/m": "0600"})
row("SNP-01", "fail", "a", docs=SNAPSHOT, files={"/s/m": ""}, modes={"/s/m": "0644"})
row("SNP-01", "unknown", docs=SNAPSHOT)

# ---- the host ----
VALIDATE = "/evidence/virt-host-validate"
row("HOST-01", "unknown")
row("HOST-01", "pass", files={VALIDATE: "  QEMU: Checking if device /dev/kvm exists : PASS\n"})
row("HOST-01", "fail", "-", files={VALIDATE: "  QEMU: Checking if device /dev/kvm exists : FAIL (x)\n"})
row("HOST-01", "unknown", name="warns", files={VALIDATE: "  QEMU: Checking for IOMMU : WARN (x)\n"})
FLUSH = "/sys/module/kvm_intel/parameters/vmentry_l1d_flush"
PAGES = "/sys/module/kvm/parameters/nx_huge_pages"
row("HOST-02", "pass")
row("HOST-02", "fail", "-", files={FLUSH: "never\n"})
row("HOST-02", "fail", "-", name="backdoor",
    files={"/sys/module/kvm/parameters/enable_vmware_backdoor": "Y\n"})
row("HOST-02", "fail", "-", name="huge pages", files={
    PAGES: "N\n", VULNERABILITIES + "itlb_multihit": "KVM: Mitigation: VMX disabled\n"})
row("HOST-02", "pass", name="huge pages, not affected", files={PAGES: "never\n"})
row("HOST-02", "unknown", files=without(PAGES))
row("HOST-03", "pass")
row("HOST-03", "fail", "a", type_a="qemu")
row("HOST-03", "pass", name="allowed", type_a="qemu", policy={"allow_tcg": True})
row("HOST-03", "not_applicable", domains=0)
row("HOST-04", "pass")
row("HOST-04", "fail", "-", files={"/etc/libvirt/qemu.conf": '#lock_manager = "lockd"\n'})
row("HOST-04", "unknown", files=QEMU_CONF)


# ---- a row as the files of a capture ----
TENANT = "<metadata><v:tenant xmlns:v='urn:vigie:tenant:1' id='{}'/></metadata>"
UUIDS = {"a": "aaaaaaaa-0000-4000-8000-000000000001", "b": "bbbbbbbb-0000-4000-8000-000000000002",
         "z": "cccccccc-0000-4000-8000-000000000003"}


def domain(given, name, tenant):
    own = given.get(name, "")
    vcpu = "" if "<vcpu" in own else "<vcpu>1</vcpu>"
    return (f"<domain type='{given.get('type_' + name, 'kvm')}'><name>{name}</name>"
            f"<uuid>{UUIDS[name]}</uuid>{TENANT.format(tenant) if tenant else ''}{vcpu}{own}"
            f"<devices>{given.get(name + '_dev', '')}</devices></domain>")


# A word of the register that nobody knows: what depends on it is not known, whatever the host shows.
for check, key in (("CPU-01", "compute"), ("CPU-04", "compute"), ("DEV-07", "disk_encryption"),
                   ("DEV-08", "compute"), ("MEM-05", "memory_encryption"), ("NET-01", "role"),
                   ("NET-02", "role"), ("STO-05", "disk_encryption")):
    row(check, "unknown", name=f"{key} not known", tenants={"acme": {key: "dedicatd"}})
    row(check, "unknown", name=f"{key} no word", tenants={"acme": {key: 1}})
for check in ("CPU-02", "CPU-03"):
    row(check, "unknown", name="compute not known", capabilities=SMT,
        tenants={"acme": {"compute": "dedicatd"}})
row("HOST-03", "unknown", name="allow_tcg not known", policy={"allow_tcg": "oui"})
row("CPU-01", "fail", "a b", name="beside a word not known", a=PIN.format("0-1"),
    b=PIN.format("1-2"), tenants={**DEDICATED, "globex": {"compute": "shred"}})
row("CPU-01", "not_applicable", name="a key that we do not know",
    tenants={"acme": {"colour": "blue"}})


def register(given):
    tenants = {t: {"compute": "shared", "role": "customer"} for t in ("acme", "globex")}
    for tenant, more in given.get("tenants", {}).items():
        tenants[tenant].update(more)
    return {"tenants": tenants, "attribution": given.get("attribution", {}),
            "public": given.get("public", {}), "policy": given.get("policy", {})}


def capture(given):
    """{path: text or JSON value}"""
    files = dict(CLEAN_FILES)
    for path, content in given.get("files", {}).items():
        files[path] = content
    host = {"files": {p: c for p, c in files.items() if c is not None}}
    for part in ("symlinks", "hardlinks", "qcow2", "modes", "pids", "mirrors"):
        if given.get(part):
            host[part] = copy.deepcopy(given[part])
    out = {"host.json": host, "domains/": None}
    if given.get("register", 0) is not None:
        out["tenants.json"] = register(given)
    if given.get("capabilities", "") is not None:
        out["capabilities.xml"] = given.get("capabilities") or capabilities()
    names = [("a", "acme"), ("b", "globex")] if given.get("domains", 1) else []
    for name, tenant in names + ([("z", "")] if "z" in given else []):
        end = ".live.xml" if name in given.get("live", "").split() else ".xml"
        out[f"domains/{name}{end}"] = domain(given, name, tenant)
    out.update(given.get("docs", {}))
    return out
