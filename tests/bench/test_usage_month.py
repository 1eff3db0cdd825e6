# SPDX-License-Identifier: Apache-2.0
"""What we promise: a month of hourly usage of 100 tenants is answered by `vigie usage` in at most
3 times a bare SQLite scan of the same rows. Run alone: pytest -s tests/bench/test_usage_month.py"""

import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "edge"))
if "VIGIE_BUILD_RELEASE" in os.environ:  # sanitizers would be what is measured
    os.environ["VIGIE_BUILD"] = os.environ["VIGIE_BUILD_RELEASE"]

from ledgers import HOUR, Ledger, contract_text, programs  # noqa: E402

TENANTS, ROUNDS = 100, 7
RESOURCES = ["block_read_gb", "block_tb", "block_written_gb", "cpu_used", "net_rx_gb", "net_tx_gb",
             "ram_gib", "ram_used_gib", "vcpu", "vm"]


def month_before(now):
    """The last whole month of the contract's zone, in UTC seconds, and its name."""
    first = time.gmtime(now - 86400 * time.gmtime(now).tm_mday)
    os.environ["TZ"] = "America/Toronto"
    time.tzset()
    start = time.mktime((first.tm_year, first.tm_mon, 1, 0, 0, 0, 0, 0, -1))
    end = time.mktime((first.tm_year, first.tm_mon + 1, 1, 0, 0, 0, 0, 0, -1))
    return int(start), int(end), f"{first.tm_year}-{first.tm_mon:02}"


@pytest.fixture(scope="module")
def ledger():
    folder = tempfile.mkdtemp(prefix="bench", dir="/var/tmp")
    made = Ledger(folder)
    now = time.time()
    contract = json.loads(contract_text(now))
    start, end, made.month = month_before(now)
    contract["term"]["start_date"] = contract["term"]["signed_on"] = f"{made.month}-01"
    contract["tenants"] = [{"id": f"t-{i:03}", "name_fr": f"Abonné {i}", "name_en": f"Tenant {i}"}
                           for i in range(TENANTS)]
    contract["quotas"] = []
    for component in contract["qualified_components"]:
        component["qualified_on"] = f"{made.month}-01"
    made.contract(json.dumps(contract), start)
    for hour in range(start, end, HOUR):
        for i in range(TENANTS):
            made.usage(hour, f"t-{i:03}", {name: (hour // HOUR + i * 7919) % 10_000_000
                                           for name in RESOURCES})
        made.interval(hour)
    made.n_rows = (end - start) // HOUR * TENANTS * len(RESOURCES)
    made.write()
    yield made
    shutil.rmtree(folder)


def best(run):
    """Processor time of this process and its children: other work on the machine is not ours."""
    times = []
    for _ in range(ROUNDS):
        begin = os.times()
        run()
        end = os.times()
        times.append(sum(end[:4]) - sum(begin[:4]))
    return min(times)


def bare_scan(ledger):
    """A new connection each time, as a command has; every column of every row is looked at."""
    db = sqlite3.connect(f"file:{ledger.folder}/state/ledger.db?mode=ro", uri=True)
    n, = db.execute("SELECT count(*) + 0 * (sum(start_s) + sum(tenant) + sum(resource) + sum(part)"
                    " + sum(micro) + sum(quality)) FROM usage").fetchone()
    db.close()
    assert n == ledger.n_rows


def written_scan(ledger):
    """The same scan by SQLite's own command, which also writes each row as JSON, as we do by hour."""
    subprocess.run(["sqlite3", "-readonly", "-json", f"{ledger.folder}/state/ledger.db",
                    "SELECT start_s, t.name AS tenant, r.name AS resource, micro, quality"
                    " FROM usage u JOIN tenant_name t ON t.id = u.tenant"
                    " JOIN resource_name r ON r.id = u.resource"],
                   stdout=subprocess.DEVNULL, check=True)


# By hour the answer has as many rows as the ledger: more than 100 MB of JSON. A scan that writes
# nothing is no measure of that, so there it is one that writes.
@pytest.mark.parametrize("by, scan", [("month", bare_scan), ("day", bare_scan),
                                      ("hour", written_scan)])
def test_a_month_of_100_tenants(ledger, by, scan):
    words = [programs() / "vigie", "--config", ledger.config, "usage", "--json", "--by", by,
             "--from", ledger.month, "--to", ledger.month]

    def command():
        subprocess.run(words, stdout=subprocess.DEVNULL, check=True)

    rows = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)["rows"]
    assert len({(r["tenant"], r["resource"]) for r in rows}) == TENANTS * len(RESOURCES)
    theirs, ours = best(lambda: scan(ledger)), best(command)
    print(f"\n{ledger.n_rows} rows by {by}: {scan.__name__} {theirs * 1000:.0f} ms, vigie usage "
          f"{ours * 1000:.0f} ms, ratio {ours / theirs:.2f}")
    assert ours <= 3 * theirs
