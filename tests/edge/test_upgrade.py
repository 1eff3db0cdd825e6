# SPDX-License-Identifier: Apache-2.0
"""Upgrade and roll-back with the programs themselves: each reads what another release has left, before its
keeper has made the tables again and after."""

import os
import pathlib
import shutil
import sqlite3

import pytest

from command import answer, vigie
from vigied import Keeper

LEDGERS = pathlib.Path(__file__).resolve().parents[1] / "data" / "ledger"
RELEASES = sorted(path.parent.name for path in LEDGERS.glob("*/ledger.db"))
READING = [["status"], ["usage"], ["tenants"], ["alerts", "--all"], ["faults"], ["inventory"],
           ["isolation"], ["access", "list"], ["deliver"], ["contract", "facts"], ["key", "show"],
           ["ledger", "log"], ["ledger", "checkpoint"]]
# What a later release may have done to its tables; the records it leaves as they are.
LATER = "PRAGMA user_version = 99; ALTER TABLE usage ADD COLUMN carbon INTEGER; DROP TABLE alert;" \
        "CREATE TABLE of_a_later_release (x TEXT) STRICT"


def read(keeper, verbs=()):
    """What was recorded, as the verbs say it; none of them may be unable to read."""
    for words in verbs:
        done = vigie(keeper, *words)
        assert done.returncode in (0, 1), (words, done.stderr)
    said = answer(keeper, "ledger", "verify")[1]
    assert said["fine"] and said["n_findings"] == 0, said
    usage = answer(keeper, "usage", "--from", "2026-11-02", "--to", "2026-11-02")[1]
    alerts = answer(keeper, "alerts", "--all")[1]["alerts"]
    return said["projections"], usage["rows"], [a["key"] for a in alerts if "/vm-" in a["key"]]


@pytest.mark.parametrize("release", RELEASES)
def test_a_ledger_of_a_release(tmp_path, release):
    keeper = Keeper(tmp_path, appliance="qc-test-01", interval="3600s")
    shutil.copy(LEDGERS / release / "ledger.db", keeper.ledger)
    shutil.copy(LEDGERS / release / "signing-key.pem", keeper.key)
    os.chmod(keeper.key, 0o600)
    compared, usage, alerts = read(keeper, READING)
    assert compared == "not-compared" and len(usage) >= 4 and alerts
    keeper.start()
    assert read(keeper) == ("same", usage, alerts)
    keeper.stop()

    # Back from a later one.
    db = sqlite3.connect(keeper.ledger)
    db.executescript(LATER)
    db.close()
    assert read(keeper, READING) == ("not-compared", usage, alerts)
    keeper.start()
    assert read(keeper) == ("same", usage, alerts)
    keeper.stop()
    keeper.verify()
