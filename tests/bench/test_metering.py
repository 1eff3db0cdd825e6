# SPDX-License-Identifier: Apache-2.0
"""The metering bench runs. Its figures are read by people: this machine is nobody's yardstick."""

import metering


def test_metering_bench_runs():
    results = metering.main(["--domains", "3", "--seconds", "12", "--windows", "1",
                             "--test-driver", "50", "--no-peers"])
    if results == 77:
        import pytest
        pytest.skip("no private libvirtd on this machine")
    assert set(results) == {3} and results[3]["ratio"] > 0
    # At 200 domains the bench itself holds it to 25 MiB; three must not need more.
    assert results[3]["pair_mib"] < 25
