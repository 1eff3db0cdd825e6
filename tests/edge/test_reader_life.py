# SPDX-License-Identifier: Apache-2.0
"""What the reader says of a domain's life, held against the test's stopwatch and libvirt's answers."""

import contextlib
import os
import pathlib
import signal
import time
from xml.sax.saxutils import escape, quoteattr

import libvirt
import pytest

from book import allocation, used
from host import wait_for

# One private hypervisor at a time: guests that are timed, and KSM, which the machine has once.
pytestmark = pytest.mark.xdist_group("hypervisor")

# An event reaches the reader a little after the call that caused it returns.
SLACK_NS = 500_000_000


# What is seen carries the instant before libvirt was asked: a look that was already on its way when a
# change came dates it that much too early; by no more than a call's deadline.
ON_ITS_WAY_NS = 2_000_000_000


def now_ns():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class Stopwatch:
    """The least and the most time between pairs of calls."""

    def __init__(self):
        self.least = self.most = 0

    def around(self, call):
        before = now_ns()
        call()
        return before, now_ns()

    def add(self, start, stop):
        self.least += stop[0] - start[1] - SLACK_NS
        self.most += stop[1] - start[0] + SLACK_NS

    def holds(self, measured):
        assert self.least <= measured <= self.most, \
            f"measured {measured / 1e9} s, stopwatch {self.least / 1e9} to {self.most / 1e9} s"


def first_pass(recorder):
    recorder.wait("facts-end", scope="domain", count=0)


def state(recorder, guest, wanted, since=0):
    return recorder.wait("facts", since, uuid=guest.uuid, state=wanted)


def confirmed_after(recorder, stamp):
    wait_for("a confirmation", lambda: [o for o in recorder.all("heartbeat", libvirt="ok")
                                        if o["at_boot_ns"] > stamp])


def test_start_pause_resume_destroy(host, recorder, reader):
    first_pass(recorder)
    watch, paused = Stopwatch(), Stopwatch()
    guest = host.define("vie", vcpus=2, memory_kib=32768)
    off = state(recorder, guest, "off")
    assert off["body"]["disks"] == [{"capacity_kib": 1024, "key": off["body"]["disks"][0]["key"],
                                     "target": "vda", "writable": 1}]
    start = watch.around(guest.dom.create)
    running = state(recorder, guest, "running")
    time.sleep(1)
    hold = paused.around(guest.dom.suspend)
    state(recorder, guest, "paused")
    time.sleep(1)
    go = paused.around(guest.dom.resume)
    state(recorder, guest, "running", recorder.mark() - 3)
    time.sleep(1)
    end = watch.around(guest.dom.destroy)
    last = wait_for("off again", lambda: recorder.all("facts", uuid=guest.uuid, state="off")[1:])[0]
    host.conn.lookupByUUIDString(guest.uuid).undefine()
    recorder.wait("facts", uuid=guest.uuid, state="gone")

    watch.add(start, end)
    watch.holds(last["at_boot_ns"] - running["at_boot_ns"])
    facts = recorder.all("facts", uuid=guest.uuid)
    pause = [o["at_boot_ns"] for o in facts if o["body"]["state"] == "paused"][0]
    resume = [o["at_boot_ns"] for o in facts if o["body"]["state"] == "running"][-1]
    paused.add(hold, go)
    paused.holds(resume - pause)
    total = allocation(recorder.all())[guest.uuid]
    watch.holds(total["on_ns"])
    assert total["vcpu_ns"] == 2 * total["on_ns"]
    assert total["kib_ns"] == 32768 * total["on_ns"]
    runs = {o["body"]["run"] for o in facts}
    assert runs == {"", running["body"]["run"]}, "pausing is not another run"


def test_save_and_restore_are_two_runs(host, recorder, reader):
    first_pass(recorder)
    watch = Stopwatch()
    guest = host.define("sauve")
    start = watch.around(guest.dom.create)
    one = state(recorder, guest, "running")
    time.sleep(1)
    end = watch.around(lambda: guest.dom.managedSave(0))
    mark = recorder.mark()
    watch.add(start, end)
    time.sleep(1.5)
    start = watch.around(guest.dom.create)
    two = state(recorder, guest, "running", mark)
    time.sleep(1)
    end = watch.around(guest.dom.destroy)
    watch.add(start, end)
    state(recorder, guest, "off", mark)
    confirmed_after(recorder, end[1])
    assert one["body"]["run"] != two["body"]["run"]
    # A save goes through a pause, and takes a while: libvirt says stopped when it is on disk.
    watch.holds(allocation(recorder.all())[guest.uuid]["on_ns"])


def test_reboot_is_the_same_run(host, recorder, reader):
    guest = host.create("relance")
    one = state(recorder, guest, "running")
    wait_for("readings", lambda: len(recorder.readings(guest.uuid, "qemu")) > 1)
    guest.dom.reset(0)
    n = len(recorder.readings(guest.uuid, "qemu"))
    wait_for("more readings", lambda: len(recorder.readings(guest.uuid, "qemu")) > n + 1)
    readings = recorder.readings(guest.uuid)
    assert {run for _, run, _ in readings} == {one["body"]["run"]}
    for counter in ("cpu_ns", "rd:vda", "wr:vda", "tx:vnet0"):
        name = next(c for _, _, cs in readings for c in cs if c.split(":")[0] ==
                    counter.split(":")[0] and "#" not in c)
        values = [cs[name] for _, _, cs in readings if name in cs]
        assert values == sorted(values), "counters go on through a reset"


def test_counters_equal_libvirts_own(host, recorder, reader):
    guest = host.create("compte", burn=2_000_000)
    state(recorder, guest, "running")
    tap = wait_for("a tap", lambda: [
        c[3:] for _, _, cs in recorder.readings(guest.uuid, "kernel") for c in cs
        if c.startswith("tx:")])[0]
    time.sleep(4)
    guest.dom.suspend()  # from now on nothing moves
    mark = recorder.mark()
    wait_for("all tiers after it", lambda: recorder.readings(guest.uuid, "kernel", mark) and
             recorder.readings(guest.uuid, "qemu", mark))
    time.sleep(2.5)
    mine = {}
    for _, _, counters in recorder.readings(guest.uuid):
        mine.update(counters)

    disk = guest.dom.blockStatsFlags("vda")
    assert mine["rd:vda"] == disk["rd_bytes"] and mine["wr:vda"] == disk["wr_bytes"]
    assert mine["rd:vda"] > mine["wr:vda"] > 0, "the guest reads twice what it writes"
    net = guest.dom.interfaceStats(tap)
    assert (mine[f"rx:{tap}"], mine[f"tx:{tap}"]) == (net[0], net[4])
    assert mine[f"tx:{tap}"] > 0 and mine[f"tx:{tap}"] % 60 == 0, "frames of 60 bytes"
    assert mine["cpu_ns"] == pytest.approx(guest.dom.info()[4], abs=60e6, rel=0.02)
    rss = guest.dom.memoryStats()["rss"]
    assert mine["rss_kib"] == pytest.approx(rss, rel=0.05)


def test_twenty_domains_living_six_seconds(host, recorder, make_reader):
    """Between two polls of 30 s: allocation comes from events alone."""
    reader = make_reader(host.uri, kernel_interval=30, state_interval=30, qemu_interval=60)
    first_pass(recorder)
    watches = {}
    disks = [host.disk(f"six{i}") for i in range(20)]
    pending = []
    for i, disk in enumerate(disks):
        guest = host.define(f"six{i}", disk=disk, vcpus=1 + i % 2)
        watch = Stopwatch()
        pending.append((guest, watch, watch.around(guest.dom.create)))
        watches[guest.uuid] = (watch, 1 + i % 2)
        time.sleep(0.2)
    for guest, watch, start in pending:
        time.sleep(max(0.0, 6 - (now_ns() - start[1]) / 1e9))
        watch.add(start, watch.around(guest.dom.destroy))
    wait_for("all off", lambda: {
        o["body"]["uuid"]: o["body"]["state"] for o in recorder.all("facts")
    } == dict.fromkeys(watches, "off"))
    totals = allocation(recorder.all())
    assert len([u for u in watches if totals.get(u, {}).get("on_ns", 0) > 0]) == 20
    for uuid, (watch, vcpus) in watches.items():
        watch.holds(totals[uuid]["on_ns"])
        assert totals[uuid]["vcpu_ns"] == vcpus * totals[uuid]["on_ns"]
    reader.stop()


def test_transient_domain_is_gone_when_it_ends(host, recorder, reader):
    first_pass(recorder)
    disk = host.disk("passant")
    uuid = "0d2a7f7e-1111-4222-8333-444455556666"
    dom = host.conn.createXML(host.xml("passant", uuid, disk))
    recorder.wait("facts", uuid=uuid, state="running")
    dom.destroy()
    recorder.wait("facts", uuid=uuid, state="gone")


def test_hot_plugged_disk(host, recorder, reader):
    first_pass(recorder)
    guest = host.create("branche")
    state(recorder, guest, "running")
    path = host.empty_disk("ajout", 4096)
    before = now_ns()
    guest.dom.attachDevice(host.disk_xml(path, "vdb"))
    plugged = recorder.wait("facts", uuid=guest.uuid, where=lambda b: len(b["disks"]) == 2)
    assert before - ON_ITS_WAY_NS <= plugged["at_boot_ns"] <= now_ns()
    assert plugged["body"]["disks"][1] == {"capacity_kib": 4096, "key": str(path), "target": "vdb",
                                           "writable": 1}
    wait_for("its counters", lambda: any("rd:vdb" in c for _, _, c in
                                         recorder.readings(guest.uuid, "qemu")))
    mark = recorder.mark()
    guest.dom.detachDevice(host.disk_xml(path, "vdb"))
    recorder.wait("facts", mark, uuid=guest.uuid, where=lambda b: len(b["disks"]) == 1)

    # Plugged again under the same name: another device, another counter.
    mark = recorder.mark()
    guest.dom.attachDevice(host.disk_xml(path, "vdb"))
    recorder.wait("facts", mark, uuid=guest.uuid, where=lambda b: len(b["disks"]) == 2)
    wait_for("the second generation", lambda: any("rd:vdb#2" in c for _, _, c in
                                                  recorder.readings(guest.uuid, "qemu", mark)))
    assert not any("rd:vdb" in c for _, _, c in recorder.readings(guest.uuid, "qemu", mark))


def test_hot_plugged_nic(host, recorder, reader):
    guest = host.create("reseau")
    state(recorder, guest, "running")
    mac = "52:54:00:aa:bb:01"
    nic = host.nic_xml(mac, model="virtio")
    guest.dom.attachDevice(nic)
    facts = recorder.wait("facts", uuid=guest.uuid, where=lambda b: len(b["nics"]) == 2)
    target = next(n["target"] for n in facts["body"]["nics"] if n["mac"] == mac)
    wait_for("its counters", lambda: any(f"rx:{target}" in c for _, _, c in
                                         recorder.readings(guest.uuid, "kernel")))
    mark = recorder.mark()
    guest.dom.detachDevice(nic)
    recorder.wait("facts", mark, uuid=guest.uuid, where=lambda b: len(b["nics"]) == 1)


def test_changed_tenant_metadata(host, recorder, reader):
    guest = host.create("abonne", tenant="t-un")
    facts = state(recorder, guest, "running")
    assert facts["body"]["hints"] == {"metadata": "t-un"}
    before = now_ns()
    guest.dom.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, "<tenant id='t-deux'/>", "v",
                          "urn:vigie:tenant:1", libvirt.VIR_DOMAIN_AFFECT_LIVE)
    changed = recorder.wait("facts", uuid=guest.uuid,
                            where=lambda b: b["hints"] == {"metadata": "t-deux"})
    assert before - ON_ITS_WAY_NS <= changed["at_boot_ns"] <= now_ns()


def test_grown_disk(host, recorder, reader):
    guest = host.create("croit")
    state(recorder, guest, "running")
    guest.dom.blockResize("vda", 3 << 20, libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES)
    recorder.wait("facts", uuid=guest.uuid,
                  where=lambda b: [d["capacity_kib"] for d in b["disks"]] == [3072])


def plug_vcpu(host, recorder):
    """A guest that may have two vCPUs and starts with one; then it gets the other."""
    guest = host.define("processeurs", vcpus="1")
    text = guest.dom.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    host.conn.defineXML(text.replace(">1</vcpu>", " current='1'>2</vcpu>"))
    guest.dom.create()
    assert state(recorder, guest, "running")["body"]["vcpus"] == 1
    mark, before = recorder.mark(), now_ns()
    guest.dom.setVcpusFlags(2, libvirt.VIR_DOMAIN_AFFECT_LIVE)
    facts = recorder.wait("facts", mark, uuid=guest.uuid, where=lambda b: b["vcpus"] == 2)
    assert before - ON_ITS_WAY_NS <= facts["at_boot_ns"] <= now_ns()


def test_plugged_vcpu(host, recorder, make_reader):
    """No event of libvirt tells of it: the kernel shows its group, long before storage is due."""
    make_reader(host.uri, storage_interval=3600)
    plug_vcpu(host, recorder)


def test_plugged_vcpu_of_a_qemu_that_cannot_be_seen(host, recorder, make_reader):
    """Where the kernel shows no group, the next look at storage reads its XML."""
    make_reader(host.uri, wrapper=("unshare", "--pid", "--fork", "--mount-proc", "--kill-child"))
    plug_vcpu(host, recorder)


def test_snapshot_of_a_running_domain(host, recorder, make_reader):
    """Its disk is another file from then on, which QEMU's answer shows and no event tells."""
    make_reader(host.uri, storage_interval=3600)
    guest = host.create("instantane")
    base = state(recorder, guest, "running")["body"]["disks"][0]["key"]
    wait_for("two looks at QEMU", lambda: len(recorder.readings(guest.uuid, "qemu")) > 1)
    above = pathlib.Path(base).with_name("instantane.img")  # the host clears *.img away
    mark = recorder.mark()
    guest.dom.snapshotCreateXML(
        f"<domainsnapshot><disks><disk name='vda'><source file='{above}'/></disk></disks>"
        "</domainsnapshot>", libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY |
        libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA)
    recorder.wait("facts", mark, uuid=guest.uuid,
                  where=lambda b: [d["key"] for d in b["disks"]] == [str(above)])


def test_every_running_domain_is_read_again_in_turn(host, recorder, make_reader):
    """A path that leads elsewhere is nothing that libvirt could see."""
    make_reader(host.uri, storage_interval=1)
    real = host.disk("vrai")
    link = real.with_name("lien.img")
    link.symlink_to(real)
    guest = host.define("lien", disk=link)
    guest.dom.create()
    disks = state(recorder, guest, "running")["body"]["disks"]
    assert [d["key"] for d in disks] == [str(real)]
    other = host.empty_disk("autre", 1024)
    link.unlink()
    link.symlink_to(other)
    recorder.wait("facts", seconds=30, uuid=guest.uuid,
                  where=lambda b: [d["key"] for d in b["disks"]] == [str(other)])


def test_definition_of_a_domain_that_is_off(host, recorder, reader):
    """Changed without an event: the next look at storage reads it."""
    guest = host.define("eteint")
    state(recorder, guest, "off")
    mark = recorder.mark()
    guest.dom.setVcpusFlags(3, libvirt.VIR_DOMAIN_AFFECT_CONFIG | libvirt.VIR_DOMAIN_VCPU_MAXIMUM)
    guest.dom.setVcpusFlags(3, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    recorder.wait("facts", mark, uuid=guest.uuid, where=lambda b: b["vcpus"] == 3)


def test_guest_that_powers_itself_off(host, recorder, reader):
    guest = host.create("seul")
    state(recorder, guest, "running")
    os.kill(guest.pid(), signal.SIGKILL)  # as a QEMU that crashes
    state(recorder, guest, "off")


def test_volumes_that_no_domain_uses(host, recorder, make_reader):
    pool_dir = host.folder / "lib" / "pool"
    pool_dir.mkdir(exist_ok=True)
    pool = host.conn.storagePoolCreateXML(
        f"<pool type='dir'><name>essai</name><target><path>{pool_dir}</path></target></pool>")
    try:
        volume = ("<volume><name>{0}</name><capacity unit='KiB'>{1}</capacity>"
                  "<target><format type='raw'/></target></volume>")
        free = pool.createXML(volume.format("libre", 2048))
        taken = pool.createXML(volume.format("pris", 512))
        guest = host.define("pool", devices=host.disk_xml(taken.path(), "vdb"))
        make_reader(host.uri)
        facts = recorder.wait("facts", scope="volume")
        assert facts["body"] == {"capacity_kib": 2048, "hints": {}, "key": free.path(),
                                 "name": "libre", "pool": "essai", "scope": "volume"}
        assert recorder.wait("facts-end", scope="volume")["body"]["count"] == 1
        disks = state(recorder, guest, "off")["body"]["disks"]
        assert {"capacity_kib": 512, "key": taken.path(), "target": "vdb", "writable": 1} in disks
        mark = recorder.mark()
        free.delete()
        assert recorder.wait("facts-end", mark, scope="volume")["body"]["count"] == 0
    finally:
        pool.destroy()


HOSTILE = {
    "escapes": "\u009b31m\u202e\u2066x\u2069",
    "html": "<script>alert(1)<\\script>&\"'",
    "format": "%n%s%s%s%n",
    "long": "n" * 200,
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_hostile_names_and_metadata(host, recorder, reader, kind):
    name, tenant = HOSTILE[kind], HOSTILE[kind] * (1 if kind != "long" else 21)
    guest = host.define(escape(name), tenant="x", metadata=(
        f"<v:tenant xmlns:v='urn:vigie:tenant:1' id={quoteattr(tenant)}/>"
        f"<x:x xmlns:x='urn:x'>{escape(tenant) * 20}</x:x>"))
    facts = state(recorder, guest, "off")
    assert facts["body"]["name"] == name
    if kind == "long":
        assert facts["body"]["hints"] == {}, "4,200 characters name nobody"
    else:
        assert facts["body"]["hints"] == {"metadata": tenant}
    other = host.create("voisin")
    state(recorder, other, "running")


def test_a_name_of_4096_characters(host, recorder, reader):
    """libvirt cannot start it (file names are shorter), but it can be defined on some versions."""
    name = "n" * 4096
    with contextlib.suppress(libvirt.libvirtError):
        guest = host.define(name)
        assert state(recorder, guest, "off")["body"]["name"] == name
    other = host.create("voisin")
    state(recorder, other, "running")


def test_qemu_of_a_user_that_has_no_name_here(host, recorder, make_reader):
    """Its user is the one that libvirt tells, whatever this machine's own list of users says."""
    make_reader(host.uri, qemu_users="personne-de-ce-nom")
    guest = host.create("sansnom")
    wait_for("kernel counters", lambda: any("cpu_ns" in c for _, _, c in
                                            recorder.readings(guest.uuid, "kernel")))


def libvirts_own(guest):
    """What libvirt says of a guest that no longer moves."""
    tap = guest.dom.XMLDesc().split("<target dev='vnet")[1].split("'")[0]
    net = guest.dom.interfaceStats(f"vnet{tap}")
    return {f"rx:vnet{tap}": net[0], f"tx:vnet{tap}": net[4], "cpu_ns": guest.dom.info()[4]}


def test_counters_of_a_qemu_that_cannot_be_seen(host, recorder, make_reader):
    """In a process namespace of its own the reader sees no QEMU: libvirt is asked what they count."""
    reader = make_reader(host.uri, wrapper=("unshare", "--pid", "--fork", "--mount-proc",
                                            "--kill-child"))
    guest = host.create("cache", burn=2_000_000)
    wait_for("a tap", lambda: [c for _, _, cs in recorder.readings(guest.uuid, "qemu") for c in cs
                               if c.startswith("tx:")])
    time.sleep(2)
    guest.dom.suspend()
    mark = recorder.mark()
    wait_for("two looks", lambda: len(recorder.readings(guest.uuid, "qemu", mark)) > 1)
    _, run, counters = recorder.readings(guest.uuid, "qemu")[-1]
    for name, value in libvirts_own(guest).items():
        assert abs(counters[name] - value) <= (20_000_000 if name == "cpu_ns" else 0), name
    assert counters["rss_kib"] > 0 and run.endswith(":0")
    assert not recorder.readings(guest.uuid, "kernel")
    assert "ne se voit pas" in reader.log.read_text()


def test_used_by_runs(host, recorder, reader):
    """Two runs of one domain: both are counted, each from zero."""
    guest = host.define("deux")
    for _ in range(2):
        mark = recorder.mark()
        guest.dom.create()
        wait_for("readings", lambda m=mark: len(recorder.readings(guest.uuid, "qemu", m)) > 1)
        guest.dom.destroy()
    readings = recorder.readings(guest.uuid)
    assert len({run for _, run, _ in readings}) == 2
    assert used(readings, "rd:vda") > 0 and used(readings, "cpu_ns") > 0
