# SPDX-License-Identifier: Apache-2.0
"""Five thousand running domains are judged in less than a second and 300 MiB, and twice as many cost
at most 2.3 times (bench-isolation.c)."""
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
    done = subprocess.run([BUILD / "bin/bench-isolation"], capture_output=True, text=True, check=True)
    print(done.stdout)
    return json.loads(done.stdout)


def test_it_found_something(found):
    assert found["domains"] == 5000 and found["findings"] > 100


def test_time(found):
    assert found["judge_s"] < 1


def test_doubling(found):
    """From 10,000 to 20,000, in processor time, judged in turn: what the machine does besides slows both
    alike."""
    assert found["ratio"] <= 2.3


def test_memory(found):
    assert found["peak_mib"] < 300
