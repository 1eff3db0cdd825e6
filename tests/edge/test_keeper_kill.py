# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random instants: nothing acknowledged is lost, nothing is counted twice."""

import collections
import os
import random
import threading
import time

import pytest

from vigied import Guests, Keeper, stamp_aligned, wait_for

LONG = os.environ.get("VIGIE_LONG") == "1"
KILLS = 200 if LONG else 20


class Killer(threading.Thread):
    """Kills the keeper and starts it again, at instants drawn from a printed seed."""

    def __init__(self, keeper, seed, kills):
        super().__init__(daemon=True)
        self.keeper, self.random, self.left = keeper, random.Random(seed), kills
        self.failure = None

    def run(self):
        try:
            while self.left:
                time.sleep(self.random.choice((0.0, 0.02, 0.2)) + self.random.random() * 0.4)
                self.keeper.kill()
                self.left -= 1
                self.keeper.start(wait=self.random.random() < 0.7)
        except BaseException as failure:  # told by the test's own thread
            self.failure = failure


@pytest.fixture
def keeper(tmp_path):
    keeper = Keeper(tmp_path).start()
    yield keeper
    if keeper.process.poll() is None:
        keeper.stop()


def test_nothing_lost_nothing_twice(keeper):
    seed = int(os.environ.get("VIGIE_SEED", random.randrange(1 << 32)))
    print(f"VIGIE_SEED={seed}")
    reader, operator = keeper.client(), keeper.client(source="cli")
    guests = Guests(reader, stamp_aligned(50 * 3600))
    killer = Killer(keeper, seed, KILLS)

    guests.begin()
    killer.start()
    acts = 0
    while killer.is_alive() or guests.steps < 200:
        for _ in range(20):
            guests.step()
        answer = operator.act("ledger.audit")
        assert answer["ok"], answer
        acts += 1
        if guests.utc_ns > time.time_ns() - 600 * 10**9:
            break  # never past the present
    killer.join(120)
    assert killer.failure is None, killer.failure
    reader.drain()
    assert killer.left == 0 or guests.steps > 15000, "the killer was too slow for the reader"

    end_s = guests.utc_ns // 10**9
    wait_for("the last interval to close", lambda: keeper.closed_until() >= end_s + 60, 60)
    wanted, got = guests.wanted(), keeper.totals()
    assert {key: got.get(key) for key in wanted} == wanted
    assert reader.n_resent > 0
    assert len(keeper.records("act")) == acts
    starts = [r["body"] for r in keeper.records("life", "shared") if r["body"]["event"] == "start"]
    assert sum(body["after"] == "crash" for body in starts) >= 1
    # A reader that was put out for longer than the grace comes late: seconds are added, none twice.
    covered = collections.Counter()
    for body in (r["body"] for r in keeper.records("interval")):
        covered[body["start"]] += body["covered_s"]
    assert max(covered.values()) == 60 and sum(covered.values()) == end_s - guests.start_utc_ns // 10**9
    keeper.stop()
    keeper.verify()
