# SPDX-License-Identifier: Apache-2.0
"""A day without any destination, a million records waiting: the deliverer's memory hardly grows, its
tries are few, and what waits is counted whole."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "edge"))

from deliver import SECRET, Deliverer, approve, keeper_with, recipient  # noqa: E402
from vigied import program  # noqa: E402

RECORDS = int(os.environ.get("VIGIE_BENCH_RECORDS", 1_000_000))
GROWTH_KIB = 8 << 10


def test_a_day_of_outage(tmp_path):
    gone = "127.0.0.1:1"
    keeper = keeper_with(tmp_path, [recipient(webhook=f"https://{gone}/"),
                                    recipient("r-2", webhook=f"https://{gone}/2")])
    approve(keeper, gone)
    keeper.stop()
    deliverer = Deliverer(keeper, {"mode": "listed", "hosts": gone, "networks": "127.0.0.0/8"}, {})
    for name in ("r-ti", "r-2"):
        (deliverer.keys / f"webhook-{name}").write_bytes(SECRET)
    done = subprocess.run([program("bench-deliver", release=True), keeper.config, str(RECORDS)],
                          capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    run = json.loads(done.stdout)
    assert run["waiting_before"] > 0
    assert run["waiting"] == run["waiting_before"] + 2 * RECORDS
    assert 150 < run["tries"] < 500, "two destinations, some hundred tries each in a day"
    assert run["grown_kib"] < GROWTH_KIB
