# SPDX-License-Identifier: Apache-2.0
"""What closing an interval costs the live keeper: from the reader's last message of the interval until
an answer comes again. Held against one bare SQLite commit of the rows that the interval became: the
bytes of its records, and a row for each tenant and resource. Turn about, on the same disk; the best of
a few runs counts, for noise only ever makes us slower."""

import os
import pathlib
import sqlite3
import statistics
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "edge"))

from vigied import SECOND, Guests, Keeper, contract, stamp_aligned  # noqa: E402

RUNS, HOURS, TENANTS = 3, 7, 100
TICKS_S = 2.2  # two more looks of the keeper at its clock: what it does after the answer
BEAT = {"libvirt": "ok", "clock": "synchronised", "domains": TENANTS}
QUOTA = {"resource": "vcpu", "metric": "interval_quantity", "limit": "50",
         "thresholds_pct": ["80", "100"]}


def text():
    """A hundred tenants, each with a quota, and the three prices of the demonstration."""
    tenants = [f"t-{i}" for i in range(TENANTS)]
    return contract(metering__interval_seconds=3600,
                    money__authorised_amount="900000000.00",
                    tenants=[{"id": t, "name_fr": t, "name_en": t} for t in tenants],
                    quotas=[{"id": f"Q-{t}", "tenant": t, **QUOTA} for t in tenants])


@pytest.fixture
def keeper(tmp_path):
    if tmp_path.stat().st_dev == os.stat("/dev/shm").st_dev:
        pytest.skip("temporary files are in memory: durability is free there")
    keeper = Keeper(tmp_path, release=True, interval="3600s", checkpoint_interval="300s",
                    close_grace="60s").start()  # a pause of ours is not the end of the hour
    answer = keeper.client(source="cli").act("contract.load", text=text())
    assert answer["ok"], answer
    yield keeper
    keeper.stop()


class Bare:
    """The same rows durable, with the ledger's pragmas."""

    def __init__(self, folder):
        self.db = sqlite3.connect(folder / "bare.db", isolation_level=None)
        self.db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE record (id INTEGER PRIMARY KEY, bytes BLOB);"
            "CREATE TABLE usage (start INT, tenant INT, resource INT, micro INT,"
            " PRIMARY KEY (start, tenant, resource)) WITHOUT ROWID")

    def commit(self, records, rows):
        self.db.execute("BEGIN IMMEDIATE")
        self.db.executemany("INSERT INTO record (bytes) VALUES (?)", records)
        self.db.executemany("INSERT INTO usage VALUES (?, ?, ?, ?)", rows)
        self.db.execute("COMMIT")


def rows_of(keeper, start_s):
    """What the keeper wrote for one interval: records' bytes and usage rows."""
    rows = keeper.sql("SELECT start_s, tenant, resource, micro FROM usage WHERE start_s = ?",
                      start_s)
    records = keeper.sql("SELECT bytes FROM records WHERE type IN ('usage', 'interval')"
                         " ORDER BY id DESC LIMIT ?", TENANTS + 1)
    return records, rows


def silence(keeper, client, stamps):
    """A message said again and again: known already, it is answered at once and without a commit. The
    answer during which the ledger changed is the one that waited for the interval."""
    line = client.line("heartbeat", BEAT, **stamps)[1]
    client.socket.sendall(line)
    client.socket.recv(65536)
    ledger = sqlite3.connect(f"file:{keeper.ledger}?mode=ro", uri=True)

    def version():
        return ledger.execute("PRAGMA data_version").fetchone()

    first, took = version(), 0.0
    while version() == first:
        before = time.perf_counter()
        client.socket.sendall(line)
        client.socket.recv(65536)
        took = time.perf_counter() - before
    ledger.close()
    time.sleep(TICKS_S)
    return took


def an_hour(guests):
    """The last round belongs to the next hour, which ends this one."""
    for _ in range(120):
        guests.step(30)
    guests.client.drain()


def test_closing_costs_at_most_five_commits_of_the_same_rows(keeper):
    client, bare, ratios = keeper.client(), Bare(keeper.folder), []
    start_ns = stamp_aligned((RUNS * HOURS + 2) * 3600, 3600)
    guests = Guests(client, start_ns, n_domains=TENANTS, n_tenants=TENANTS)
    guests.begin()
    for _ in range(RUNS):
        ours, theirs = [], []
        for _ in range(HOURS):
            start_s = guests.utc_ns // SECOND
            an_hour(guests)
            ours.append(silence(keeper, client, guests.stamps()))
            records, rows = rows_of(keeper, start_s)
            assert len(records) == TENANTS + 1 and len(rows) >= 7 * TENANTS
            before = time.perf_counter()
            bare.commit(records, rows)
            theirs.append(time.perf_counter() - before)
        ratios.append(statistics.median(ours) / statistics.median(theirs))
        print(f"an interval of {TENANTS} tenants closed: {statistics.median(ours) * 1e3:.1f} ms "
              f"(longest {max(ours) * 1e3:.1f}), {statistics.median(theirs) * 1e3:.1f} ms a bare "
              f"commit of {len(rows)} rows, ratio {ratios[-1]:.2f}")
    assert min(ratios) <= 5
