# SPDX-License-Identifier: Apache-2.0
"""From real guests to the ledger: reader and keeper together, held against libvirt's own answers
and the test's stopwatch. The keeper is killed on the way, and libvirtd restarted."""

import json
import time

import pytest

from conftest import Reader
from host import wait_for
from test_reader_life import SLACK_NS, Stopwatch, now_ns
from vigied import Keeper

# One private hypervisor at a time: guests that are timed, and KSM, which the machine has once.
pytestmark = pytest.mark.xdist_group("hypervisor")


@pytest.fixture
def whole(host, scratch, tmp_path_factory):
    folder = scratch / f"whole{time.monotonic_ns()}"
    keeper = Keeper(folder, interval="10s", close_grace="2s").start()
    reader = Reader(folder / "run", host.uri).start()
    yield keeper, reader
    reader.stop()
    keeper.stop()
    text = reader.log.read_text()
    assert "Sanitizer" not in text and "runtime error" not in text, text


def closed_past(keeper, utc_s):
    wait_for("closed intervals", lambda: keeper.closed_until() > utc_s, 120, 0.5)


def first_pass(reader):
    wait_for("the first pass", lambda: "prêt" in reader.log.read_text(), 120)


def every_tier_looked(keeper, since_ns):
    """The keeper heard readings of every tier that were taken after that instant. Lines leave the
    inbox when they are folded into the snapshot, so what was seen once counts."""
    tiers = set()

    def look():
        for (line,) in keeper.sql("SELECT bytes FROM inbox"):
            said = json.loads(line)
            if said["kind"] == "readings" and said["at_boot_ns"] > since_ns:
                tiers.add(said["body"].get("tier"))
        return tiers >= {"kernel", "qemu"}

    wait_for("a look of every tier", look, 120, 0.2)


def counters(guest):
    """What libvirt itself says of a guest that no longer moves."""
    tap = guest.dom.XMLDesc().split("<target dev='vnet")[1].split("'")[0]
    disk, net = guest.dom.blockStatsFlags("vda"), guest.dom.interfaceStats(f"vnet{tap}")
    return {"block_read_gb": disk["rd_bytes"], "block_written_gb": disk["wr_bytes"],
            "net_rx_gb": net[0], "net_tx_gb": net[4], "cpu_used": guest.dom.info()[4]}


def test_ledger_equals_libvirt(host, whole):
    keeper, reader = whole
    first_pass(reader)
    time.sleep(1.5)
    on, kept = {}, {}
    guests = {"t-un": host.define("un", tenant="t-un", vcpus=2, memory_kib=32768),
              "t-deux": host.define("deux", tenant="t-deux")}
    for tenant, guest in guests.items():
        on[tenant] = Stopwatch()
        guest.start = on[tenant].around(guest.dom.create)
    time.sleep(6)
    keeper.kill()
    time.sleep(2)
    keeper.start()
    time.sleep(5)
    for guest in guests.values():
        guest.dom.suspend()
    first = {tenant: counters(guest) for tenant, guest in guests.items()}
    every_tier_looked(keeper, now_ns())
    for tenant, guest in guests.items():
        kept[tenant] = counters(guest)
    for tenant, guest in guests.items():
        on[tenant].add(guest.start, on[tenant].around(guest.dom.destroy))
        guest.dom.undefine()
    closed_past(keeper, time.time() + 1)

    totals = keeper.totals()
    for tenant, vcpus, kib in (("t-un", 2, 32768), ("t-deux", 1, 16384)):
        # Base units of the ledger are milliseconds; the stopwatch has nanoseconds.
        on[tenant].holds(totals[tenant, "vm"] * 1_000_000)
        assert abs(totals[tenant, "vcpu"] - vcpus * totals[tenant, "vm"]) <= 20
        assert totals[tenant, "ram_gib"] == pytest.approx(kib * totals[tenant, "vm"], rel=1e-3)
        for resource in ("block_read_gb", "block_written_gb", "net_rx_gb", "net_tx_gb"):
            # A bridge may still say something to a guest that stands still.
            assert first[tenant][resource] <= totals[tenant, resource] <= kept[tenant][resource]
        assert totals[tenant, "cpu_used"] == pytest.approx(kept[tenant]["cpu_used"], rel=0.02,
                                                           abs=60e6)
    keeper.verify()


def test_libvirtd_restart_is_a_gap_with_its_cause(host, whole):
    keeper, reader = whole
    first_pass(reader)
    guest = host.create("un", tenant="t-un", burn=2_000_000)
    time.sleep(3)
    down = now_ns()
    host.halt()
    time.sleep(5)
    host.resume_daemon()
    back = now_ns()
    time.sleep(6)
    guest.dom.suspend()
    every_tier_looked(keeper, now_ns())
    kept = counters(guest)
    stop = now_ns()
    guest.dom.destroy()
    closed_past(keeper, time.time() + 1)
    gaps = [g for r in keeper.records("interval") for g in r["body"]["gaps"]
            if g["cause"] == "libvirt-closed"]
    assert gaps and all(g["scope"] == "allocation" for g in gaps)
    totals = keeper.totals()
    # Counters missed nothing; allocation lacks the outage, and at most a confirmation besides.
    assert totals["t-un", "cpu_used"] == pytest.approx(kept["cpu_used"], rel=0.02, abs=60e6)
    assert totals["t-un", "block_read_gb"] == kept["block_read_gb"]
    measured = totals["t-un", "vm"] * 1_000_000
    assert measured <= (stop - down) + 8e9 - (back - down) + SLACK_NS
    assert measured >= (stop - back) - 5e9


def test_six_seconds_twenty_times_in_the_ledger(host, whole):
    keeper, reader = whole
    first_pass(reader)
    guests, watch = [], Stopwatch()
    for i in range(20):
        guest = host.define(f"bref{i}", tenant="t-bref", pace=60)
        guest.start = watch.around(guest.dom.create)
        guests.append(guest)
    for guest in guests:
        time.sleep(max(0.0, 6 - (now_ns() - guest.start[1]) / 1e9))
        watch.add(guest.start, watch.around(guest.dom.destroy))
    closed_past(keeper, time.time() + 1)
    metered = {d["uuid"] for r in keeper.records("usage") for d in r["body"]["domains"]
               if d["amounts"].get("vm", 0) > 0}
    assert metered >= {g.uuid for g in guests}, "20 of 20"
    watch.holds(keeper.totals()["t-bref", "vm"] * 1_000_000)
