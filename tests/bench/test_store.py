# SPDX-License-Identifier: Apache-2.0
"""The store's promises as ratios to bare SQLite (bench-store.c). Noise only ever makes us slower, so
the best of a few runs is held against the promise; all of them are printed."""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("VIGIE_BUILD_RELEASE") or os.environ.get("VIGIE_BUILD")
                     or ROOT / "build")
RUNS = 3


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """On a disk: durability is free in memory."""
    found = []
    for _ in range(RUNS):
        folder = tmp_path_factory.mktemp("store")
        if folder.stat().st_dev == os.stat("/dev/shm").st_dev:
            pytest.skip("temporary files are in memory")
        done = subprocess.run([BUILD / "bin/bench-store", folder, BUILD / "bin/vigie"],
                              capture_output=True, text=True, check=True)
        print(done.stdout)
        found.append(json.loads(done.stdout))
        for path in folder.iterdir():
            path.unlink()
    return found


def test_a_record_durable_costs_at_most_one_commit_and_a_half(runs):
    assert min(run["commit"]["ratio"] for run in runs) <= 1.5


def test_with_the_rows_that_it_projects_it_costs_no_more(runs):
    """A usage record is held against one commit of the same bytes and the same rows."""
    assert min(run["commit_usage"]["ratio"] for run in runs) <= 1.5


def test_an_interval_closed_costs_at_most_five_commits_of_its_rows(runs):
    assert min(run["interval"]["ratio"] for run in runs) <= 5


def test_a_month_of_usage_costs_at_most_three_scans(runs):
    assert min(run["month"]["sum_ratio"] for run in runs) <= 3
    assert min(run["month"]["command_ratio"] for run in runs) <= 3


def test_verify_reads_faster_than_a_ledger_can_grow_in_years(runs):
    """Three years of 100 tenants are 2.6 million records: a few minutes."""
    assert max(run["verify"]["records_per_s"] for run in runs) >= 10000
