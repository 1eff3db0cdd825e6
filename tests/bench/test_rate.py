# SPDX-License-Identifier: Apache-2.0
"""Three years of a hundred tenants, 26 million rows, are rated within five times the reading of
those rows and under 400 MiB (bench-rate.c)."""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("VIGIE_BUILD_RELEASE") or os.environ.get("VIGIE_BUILD")
                     or ROOT / "build")


@pytest.fixture(scope="module")
def found():
    done = subprocess.run([BUILD / "bin/bench-rate"], capture_output=True, text=True, check=True)
    print(done.stdout)
    return json.loads(done.stdout)


def test_every_row_is_rated(found):
    assert found["rows"] == 26304 * 1000 and found["alerts"] > 1000


def test_rating_costs_at_most_five_times_the_reading(found):
    assert found["ratio"] <= 5


def test_memory(found):
    assert found["peak_mib"] < 400
