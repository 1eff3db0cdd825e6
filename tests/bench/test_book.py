# SPDX-License-Identifier: Apache-2.0
"""The book costs little beside reading the JSON that is said to it, and keeps little (bench-book.c).
Ratios, so that the machine does not matter; memory does not depend on it. Other work on the machine
only ever makes us slower: the best of a few runs counts."""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("VIGIE_BUILD_RELEASE") or os.environ.get("VIGIE_BUILD")
                     or ROOT / "build")
RUNS = 2


@pytest.fixture(scope="module")
def found():
    runs = []
    for _ in range(RUNS):
        done = subprocess.run([BUILD / "bin/bench-book"], capture_output=True, text=True,
                              check=True)
        print(done.stdout)
        runs.append(json.loads(done.stdout))
    return {n: {key: min(run[n][key] for run in runs) for key in row}
            for n, row in runs[0].items()}


def test_the_book_costs_less_than_reading_its_json(found):
    for n in ("10", "100", "200", "1000"):
        assert found[n]["ratio"] <= 2.0, n


def test_the_cost_grows_with_the_domains_and_no_faster(found):
    """As the lines do: beside reading them, ten times the domains cost about the same. (Bare times of
    two sizes differ by what the caches hold and by what else the machine does.)"""
    assert found["1000"]["ratio"] <= 1.5 * found["100"]["ratio"]


def test_a_domain_is_kept_in_four_kilobytes(found):
    assert all(found[n]["bytes_kept_per_domain"] <= 4096 for n in ("100", "200", "1000"))
