# SPDX-License-Identifier: Apache-2.0
"""What the keeper promises: durable answers at about the price of a commit, many at once for much
less, and little memory. Ratios to bare SQLite on the same disk; the best of a few runs counts, for
noise only ever makes us slower."""

import os
import pathlib
import sqlite3
import statistics
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "edge"))

from vigied import SECOND, Guests, Keeper, stamp_aligned, wait_for  # noqa: E402

RUNS, LINES, DOMAINS = 3, 300, 200
BEAT = {"libvirt": "ok", "clock": "synchronised", "domains": 0}
PSS_KIB = 17 << 10  # with the reader's 8 MiB, the 25 MiB of reader and keeper together


@pytest.fixture
def keeper(tmp_path):
    if tmp_path.stat().st_dev == os.stat("/dev/shm").st_dev:
        pytest.skip("temporary files are in memory: durability is free there")
    keeper = Keeper(tmp_path, release=True, interval="3600s").start()
    yield keeper
    keeper.stop()


class Bare:
    """One row durable, with the ledger's pragmas."""

    def __init__(self, folder):
        self.db = sqlite3.connect(folder / "bare.db", isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, bytes BLOB)")

    def commit(self, payload):
        self.db.execute("INSERT INTO row (bytes) VALUES (?)", (payload,))


def timed(action, *arguments):
    before = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - before


def test_a_durable_answer_costs_about_a_commit(keeper):
    """Turn about, so that a disk that slows down slows both."""
    client, bare, ratios = keeper.client(), Bare(keeper.folder), []
    payload = client.line("heartbeat", BEAT)[1]
    for _ in range(RUNS):
        pairs = [(timed(client.ask, "heartbeat", BEAT), timed(bare.commit, payload))
                 for _ in range(LINES)]
        ours, theirs = (statistics.median(side) for side in zip(*pairs))
        ratios.append(ours / theirs)
        print(f"one at a time: {ours * 1e6:.0f} us an answer, {theirs * 1e6:.0f} us a bare commit, "
              f"ratio {ratios[-1]:.2f}")
    assert min(ratios) <= 3


def test_answers_together_cost_a_fraction_of_a_commit(keeper):
    client, bare, ratios = keeper.client(), Bare(keeper.folder), []
    payload = client.line("heartbeat", BEAT)[1]

    def many():
        for _ in range(LINES):
            client.send("heartbeat", BEAT)
        client.drain()

    for _ in range(RUNS):
        pairs = [(timed(many) / LINES, timed(bare.commit, payload)) for _ in range(15)]
        ours, theirs = (statistics.median(side) for side in zip(*pairs))
        ratios.append(ours / theirs)
        print(f"32 in flight: {1 / ours:.0f} durable observations a second, {1 / theirs:.0f} bare "
              f"commits a second, ratio {ratios[-1]:.2f}")
    assert min(ratios) <= 1


def rollup(process, field):
    with open(f"/proc/{process.pid}/smaps_rollup") as smaps:
        return next(int(line.split()[1]) for line in smaps if line.startswith(field + ":"))


def cpu_s(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_two_hundred_domains_in_little_memory(keeper):
    """Two hours of a reader's day, kernel tier every ten seconds, replayed as fast as it goes."""
    guests = Guests(keeper.client(), stamp_aligned(3 * 3600, 3600), n_domains=DOMAINS, n_tenants=20)
    guests.begin()
    peak, before = 0, cpu_s(keeper.process)
    for n in range(720):
        guests.step(10)
        if n % 60 == 0:
            peak = max(peak, rollup(keeper.process, "Pss"))
    guests.client.drain()
    cpu = cpu_s(keeper.process) - before
    wait_for("the hours to close", lambda: keeper.closed_until() >= guests.utc_ns // SECOND, 60)
    pss = rollup(keeper.process, "Pss")
    print(f"{DOMAINS} domains, 2 h: PSS {pss} KiB (peak {peak}), private "
          f"{rollup(keeper.process, 'Private_Dirty')} KiB; "
          f"{cpu * 1000 / 720:.2f} ms of CPU a ten-second cycle")
    wanted, got = guests.wanted(), keeper.totals()
    assert {key: got.get(key) for key in wanted} == wanted
    assert peak <= PSS_KIB
