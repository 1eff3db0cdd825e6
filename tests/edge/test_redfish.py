# SPDX-License-Identifier: Apache-2.0
"""The BMC over Redfish, against a server of ours: budgets, sessions, and what a BMC may do to us."""

import re
import time

import pytest
from bmc import PASSWORD, USER, Bmc, certificate, collection, entry, tree
from hardware import Hardware, rounds
from vigied import wait_for

POLL = re.compile(r"redfish: (\d+) requests, (\d+) resources, (\w+) poll")


@pytest.fixture
def bmc(tmp_path):
    bmc = Bmc(tmp_path)
    yield bmc
    bmc.stop()


@pytest.fixture
def start(recorder, tmp_path):
    """start(bmc, **settings): vigie-hardware with the BMC for its only source."""
    password = tmp_path / "password"
    password.write_text(PASSWORD + "\n")
    started = []

    def start(bmc, **settings):
        settings = {"bmc_address": bmc.address, "bmc_user": USER, "bmc_password_file": password,
                    "bmc_pin": bmc.pin, **settings}
        hardware = Hardware(recorder.path.parent, settings.pop("sources", "redfish"), **settings)
        started.append(hardware.start())
        return hardware

    yield start
    for hardware in started:
        if hardware.process.poll() is None:
            hardware.stop()


def polls(hardware):
    return [(int(n), int(m), how) for n, m, how in POLL.findall(hardware.text())]


def wait_for_polls(hardware, n, seconds=30):
    return wait_for(f"{n} polls", lambda: len(polls(hardware)) >= n and polls(hardware), seconds)


def test_budget(bmc, start):
    """A server of 8 drives, 16 modules and two processors: a full poll in at most 30 requests, fast
    ones in at most 5, one at a time, in one session that is gone after the stop."""
    hardware = start(bmc)
    found = wait_for_polls(hardware, 4)
    (first, resources, how), *fast = found
    print(f"full poll: {first} requests for {resources} resources; fast: {[n for n, *_ in fast]}")
    assert how == "full" and first <= 32  # with the root and the login of a first start
    assert bmc.created == 1
    assert all(n <= 5 and how == "brief" for n, _, how in fast)
    assert bmc.not_modified >= 3, "ETags are used"
    assert bmc.most_in_flight == 1
    asked = {path.split("?")[0] for _, path in bmc.requests}
    assert not any("Bios" in path or "AccountService" in path for path in asked)
    kept = {r for r in bmc.tree if not r.endswith(("Bios", "AccountService"))}
    assert resources >= len(kept) - 1, "every component was read"
    hardware.stop()
    assert not bmc.sessions and bmc.deleted == 1


def test_full_poll_within_thirty(bmc, start):
    hardware = start(bmc, bmc_full_interval="1s")
    full = [n for n, _, how in wait_for_polls(hardware, 6) if how == "full"]
    assert len(full) >= 3 and max(full[1:]) <= 30


def test_without_expand(bmc, start):
    """Each resource by itself where $expand is not offered, and where it is offered and fails."""
    bmc.expands = False
    found = wait_for_polls(start(bmc), 1)
    assert found[0][1] >= len(bmc.tree) - 4


def test_session_survives_a_kill(bmc, start):
    hardware = start(bmc)
    wait_for_polls(hardware, 1)
    hardware.kill()
    assert len(bmc.sessions) == 1
    hardware.start()
    wait_for_polls(hardware, 3)
    assert bmc.created == 1, "the session of the life before is used again"
    hardware.stop()
    assert not bmc.sessions


def test_session_ended_by_the_bmc(bmc, start):
    hardware = start(bmc)
    wait_for_polls(hardware, 1)
    bmc.sessions.clear()
    wait_for("another session", lambda: bmc.created == 2)
    assert "cannot be read" not in hardware.text()


def test_session_limit(bmc, start, recorder):
    """503: reported, and not insisted upon."""
    bmc.max_sessions = 0
    hardware = start(bmc)
    hardware.says("no free session")
    time.sleep(3)
    assert bmc.rejected == 1, "the BMC is left alone"
    assert rounds(recorder, "redfish")[-1]["status"] == "failed"


def test_session_limit_with_basic(bmc, start):
    bmc.max_sessions = 0
    found = wait_for_polls(start(bmc, bmc_basic="yes"), 2)
    assert found[0][1] > 50


def test_change_is_seen_at_once(bmc, start):
    """A summary that changes brings the full poll forward, and so the leaf that explains it."""
    hardware = start(bmc)
    n = len(wait_for_polls(hardware, 2))
    bmc.find("/Drives/D3")["Status"]["Health"] = "Critical"
    bmc.find("/Systems/S1")["Status"]["HealthRollup"] = "Critical"
    wait_for("a full poll", lambda: any(how == "full" for *_, how in polls(hardware)[n:]), 60)


def test_log_is_read_once(bmc, start):
    """New entries alone, page by page; a log that did not change costs one request."""
    bmc.page = 10
    hardware = start(bmc)
    wait_for_polls(hardware, 6)
    entries = bmc.find("/Log/Entries")
    pages = [p for _, p in bmc.requests if "/Log/Entries" in p]
    assert len({p for p in pages if "$skip" in p}) == 3
    assert len([p for p in pages if "$skip" in p]) == 3, "read once"
    entries["Members"].append(entry(entries["@odata.id"], 41, "Critical", "panne"))
    entries["Members@odata.count"] = 41
    before = len(pages)
    wait_for("the new page", lambda: any("$skip=40" in p for _, p in bmc.requests))
    later = [p for _, p in bmc.requests if "/Log/Entries" in p][before:]
    assert len(later) <= 12


# ---- hostile or broken ----


def test_slow_bmc_delays_nobody(bmc, start, recorder):
    bmc.latency = 3
    start(bmc, sources="redfish drive", sysfs_interval="1s")
    wait_for("drives", lambda: len(rounds(recorder, "drive")) >= 3, 40)
    assert not rounds(recorder, "redfish")
    bmc.latency = 0
    wait_for("the BMC", lambda: rounds(recorder, "redfish"), 40)


def test_other_key(bmc, start, tmp_path):
    hardware = start(bmc, bmc_pin=certificate(tmp_path, stem="other")[2])
    hardware.says("cannot be read")
    assert not bmc.created


def test_unknown_authority(bmc, start):
    hardware = start(bmc, bmc_pin="")
    hardware.says("cannot be read")
    assert not bmc.created


def test_known_authority(bmc, start):
    wait_for_polls(start(bmc, bmc_pin="", bmc_ca=bmc.certificate), 1)


def test_certificate_of_another_host(tmp_path, start):
    bmc = Bmc(tmp_path, host="bmc.invalid")
    hardware = start(bmc, bmc_pin="", bmc_ca=bmc.certificate)
    hardware.says("cannot be read")
    assert not bmc.created
    bmc.stop()


def test_wrong_password(bmc, start, tmp_path):
    (tmp_path / "bad").write_text("faux")
    hardware = start(bmc, bmc_password_file=tmp_path / "bad")
    hardware.says(f"the BMC refuses user {USER}")


def test_redirection_is_refused(bmc, start):
    bmc.overrides["/redfish/v1/Systems"] = lambda h: h.answer(
        302, None, {"Location": "https://127.0.0.2:1/redfish/v1/Systems"})
    hardware = start(bmc)
    wait_for_polls(hardware, 1)
    hardware.stop()
    assert not any("127.0.0.2" in path for _, path in bmc.requests)


def test_redirection_of_the_root(bmc, start):
    bmc.overrides["/redfish/v1"] = lambda h: h.answer(301, None, {"Location": "https://elsewhere/"})
    hardware = start(bmc)
    hardware.says("redirects elsewhere")


def test_html(bmc, start):
    bmc.overrides["/redfish/v1"] = lambda h: h.answer(200, b"<html>login</html>",
                                                      {"Content-Type": "text/html"})
    start(bmc).says("is not JSON (text/html)")


def test_answer_without_end(bmc, start, recorder):
    """16 MiB are read of it, the rest of the machine is seen all the same, and it is reported."""
    bmc.overrides["/redfish/v1/Systems/S1/Memory"] = lambda h: h.send_forever(b"[" * 65536)
    hardware = start(bmc)
    found = wait_for_polls(hardware, 1, 60)
    assert found[0][1] > 40
    unread = wait_for("the round", lambda: rounds(recorder, "redfish"))[0]["unread"]
    assert any("/Memory" in str(u) for u in unread)


def test_links_in_circles_and_elsewhere(bmc, start):
    """Circles, other hosts, paths that climb, endless pages, members by the thousand."""
    t = bmc.tree
    t["/redfish/v1/Chassis"]["Members"] += [
        {"@odata.id": p} for p in ("/redfish/v1/Chassis", "/redfish/v1/", "/redfish/v1/CHASSIS/c1/",
                                   "https://evil.invalid/redfish/v1/x", "/redfish/v1/../../etc",
                                   "/admin", "", "/redfish/v1/Chassis/C1?x=1#y", "/redfish//v1/Chassis//C1")]
    loop = collection("/redfish/v1/Chassis/C1/Sensors", ["/redfish/v1/Chassis/C1/Sensors/T1"], "Sensor")
    bmc.overrides["/redfish/v1/Chassis/C1/Sensors"] = lambda h: h.answer(
        200, {**loop, "Members@odata.nextLink": "/redfish/v1/Chassis/C1/Sensors?$skip=1"})
    t["/redfish/v1/Systems/S1/EthernetInterfaces"]["Members"] += [
        {"@odata.id": f"/redfish/v1/Systems/S1/EthernetInterfaces/X{i}"} for i in range(5000)]
    hardware = start(bmc)
    found = wait_for_polls(hardware, 1, 120)
    assert found[0][0] < 2300
    hardware.stop()


def test_deep_nesting(bmc, start):
    deep = b'{"@odata.id":"/redfish/v1/x","Id":"x","a":' * 3000 + b"1" + b"}" * 3000
    bmc.overrides["/redfish/v1/Systems/S1/Memory"] = lambda h: h.answer(200, deep)
    found = wait_for_polls(start(bmc), 1)
    assert found[0][1] > 40


def test_bmc_goes_away(bmc, start, recorder):
    hardware = start(bmc)
    wait_for_polls(hardware, 1)
    bmc.stop()
    hardware.says("cannot be read")
    wait_for("silence", lambda: len([r for r in rounds(recorder, "redfish")
                                     if r["status"] == "failed"]) >= 2)
    began = time.monotonic()
    hardware.stop()
    assert time.monotonic() - began < 10
