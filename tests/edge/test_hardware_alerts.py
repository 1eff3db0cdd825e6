# SPDX-License-Identifier: Apache-2.0
"""Alerts that the keeper draws from what a hardware reader tells: late repairs, data that the client
cannot read, parts against the qualified components; each fires, and each ends."""

import datetime
import json
import os
import subprocess
import time

import pytest

from ledgers import programs
from vigied import Keeper, contract, today, wait_for

HOUR = 3600
DISK = {"class": "drive", "location": "Bay 3", "serial": "DISK0003"}
MACHINE = {"class": "system", "manufacturer": "Demo", "model": "R-1", "serial": "S-0001"}
LEVELS = {"levels": [{"severity": "critical", "respond_minutes": 60, "repair_minutes": 120,
                      "coverage": None}], "coverage_windows": [], "maintenance_windows": []}
NEWEST = {"schema": "vigie-contract/2", "reporting_appliance": "vigie-t1", "termination": None,
          "orders": [], "service_levels": None}


@pytest.fixture
def keeper(tmp_path):
    keeper = Keeper(tmp_path).start()
    yield keeper
    keeper.stop()
    keeper.verify()


def tell(keeper, *sightings, source="redfish", status="complete", ago_s=0, **members):
    """A round of a source, as it was that long ago."""
    client = keeper.client(source="vigie-hardware")
    answer = client.ask("sightings", {"source": source, "status": status, "sightings": sightings,
                                      "at_s": int(time.time()) - ago_s, **members})
    client.close()
    assert answer["ok"], answer


def sighting(component, kind="state", health="ok", **members):
    return {"kind": kind, "health": health, "component": component, **members}


def failed(component):
    return sighting(component, health="critical", code="drive.failed", text="FAILED")


def load(keeper, **changes):
    text = contract(**{**NEWEST, **changes})
    answer = keeper.client(source="cli").act("contract.load", text=text)
    assert answer["ok"], answer


def vigie(keeper, *words):
    return subprocess.run([programs() / "vigie", "--config", keeper.config, *words],
                          capture_output=True, timeout=60, env=dict(os.environ, LC_ALL="C.UTF-8"))


def day_before(days=1):
    return str(today() - datetime.timedelta(days=days))


def events(keeper, code):
    return [(a["key"].split("/", 2)[2], a["event"]) for a in keeper.alerts(code)]


def wait_events(keeper, code, *wanted):
    wait_for(f"{code}: {wanted}", lambda: [e for _, e in events(keeper, code)] == list(wanted), 60)
    return keeper.alerts(code)[-1]


def test_a_late_repair(keeper):
    """Two hours were agreed; the drive failed three hours ago."""
    load(keeper, service_levels=LEVELS)
    tell(keeper, failed(DISK), ago_s=HOUR)
    wait_events(keeper, "VIG-H-001", "fired")
    assert not events(keeper, "VIG-H-004") and not events(keeper, "VIG-S-001")

    other = {**DISK, "location": "Bay 4", "serial": "DISK0004"}
    tell(keeper, failed(DISK), failed(other), ago_s=3 * HOUR)
    late = wait_events(keeper, "VIG-H-004", "fired")
    assert late["severity"] == "major" and float(late["params"]["target"]) == 2
    assert late["params"]["code"] == "drive.failed" and "Bay 4" in late["params"]["component"]
    incident = wait_events(keeper, "VIG-S-001", "fired")["params"]
    assert float(incident["target"]) == 2 and float(incident["hours"]) >= 3

    tell(keeper, failed(DISK), sighting(other))
    wait_events(keeper, "VIG-H-004", "fired", "cleared")
    wait_events(keeper, "VIG-S-001", "fired", "cleared")


def test_a_repair_that_waits_for_access(keeper):
    """The clock of the agreed time stands still between two acts, which both parties can read."""
    load(keeper, service_levels=LEVELS)
    tell(keeper, failed(DISK), ago_s=HOUR)
    fault = wait_events(keeper, "VIG-H-001", "fired")["key"].split("/")[2]

    def act(verb, **more):
        return keeper.client(source="cli").act(verb, id=fault, **more)

    def row():
        done = vigie(keeper, "dossier", "--json", "--from", day_before(), "--to", day_before(-1))
        (row,) = json.loads(done.stdout)["faults"]
        return row

    before = row()
    assert before["repair_state"] == "running" and before["repair_due"] and before["paused_s"] == 0
    assert act("fault.resume")["code"] == "already"
    assert act("fault.pause")["code"] == "bad-body", "why must be said"
    assert act("fault.pause", reason="salle fermée")["ok"]
    assert act("fault.pause", reason="encore")["code"] == "already"
    time.sleep(2)
    assert row()["repair_due"] == "", "nobody knows when it goes on"
    assert vigie(keeper, "fault", "resume", fault).returncode == 0
    after = row()
    assert after["paused_s"] >= 2 and after["repair_due"] > before["repair_due"]
    assert sum(entry.startswith("client") for entry in after["entries"]) == 2
    assert [r["body"]["event"] for r in keeper.records("repair", log="shared")] == [
        "paused", "resumed"]
    assert "salle" not in str(keeper.records("repair", log="shared")), "that is the client's"
    assert keeper.client(source="cli").act("fault.pause", id="0" * 16, reason="x")["code"] == \
        "no-such-fault"


def test_no_agreed_time_is_never_late(keeper):
    load(keeper)
    tell(keeper, failed(DISK), ago_s=1000 * HOUR)
    wait_events(keeper, "VIG-H-001", "fired")
    assert not events(keeper, "VIG-H-004") and not events(keeper, "VIG-S-001")


def test_data_that_the_client_cannot_read(keeper):
    """A source that is silent: at once for its round, after an hour as data that is withheld."""
    tell(keeper, sighting(DISK), source="smart")
    tell(keeper, status="failed", cause="refus", ago_s=HOUR // 2)
    wait_events(keeper, "VIG-H-003", "fired")
    assert not events(keeper, "VIG-S-002")
    tell(keeper, sighting(DISK))
    wait_events(keeper, "VIG-H-003", "fired", "cleared")

    tell(keeper, status="failed", cause="refus", ago_s=2 * HOUR)
    alert = wait_events(keeper, "VIG-S-002", "fired")
    assert alert["params"]["source"] == "redfish"
    tell(keeper, sighting(DISK))
    wait_events(keeper, "VIG-S-002", "fired", "cleared")


def test_an_unqualified_machine(keeper):
    """Known by maker and model, however they are written; the contract may qualify it later."""
    load(keeper)
    tell(keeper, sighting({**MACHINE, "model": "r-1", "manufacturer": "DEMO inc."}, "present"),
         source="dmi")
    other = {**MACHINE, "model": "Autre", "serial": "S-0002"}
    assert not events(keeper, "VIG-Q-002")
    tell(keeper, sighting(other, "present"), source="dmi")
    alert = wait_events(keeper, "VIG-Q-002", "fired")
    assert alert["params"] == {"component": "Autre", "serial": "S-0002", "site": "DEMO"}
    tell(keeper, sighting(MACHINE, "present"), source="dmi")
    wait_events(keeper, "VIG-Q-002", "fired", "cleared")


def test_more_than_qualified(keeper):
    """Serial numbers that the orders deliver, of one reference, against its maximum."""
    tree = json.loads(contract())
    server = {**tree["qualified_components"][0], "max_quantity": 2}
    node = {"sku": "NOEUD", "component_ref": server["ref"], "resource": "node", "unit": "server_month",
            "charge": "recurring", "price": "1000.00", "per": 1, "name_fr": "Nœud", "name_en": "Node"}
    order = {"id": "CMD-1", "ordered_on": tree["term"]["signed_on"], "sku": "NOEUD", "tenant": "*",
             "quantity": "1", "in_service_on": tree["term"]["start_date"],
             "out_of_service_on": None, "site": "DEMO"}
    others = tree["qualified_components"][1:]

    def load_with(*serials, **more):
        load(keeper, qualified_components=[server, *others], price_list=[*tree["price_list"], node],
             orders=[{**order, "serials": list(serials)}], **more)

    load_with("S-0001", "S-0002")
    tell(keeper, sighting(MACHINE, "present"), source="dmi")
    assert not events(keeper, "VIG-Q-003")
    load_with("S-0001", "S-0002", "S-0003", revision=2)
    alert = wait_events(keeper, "VIG-Q-003", "fired")
    assert alert["params"] == {"component": server["ref"], "count": "3", "max": "2"}
    load_with("S-0001", "S-0003", revision=3)
    wait_events(keeper, "VIG-Q-003", "fired", "cleared")


def test_a_part_that_is_gone(keeper):
    """The drive of a bay that a whole round no longer shows, until it is seen again."""
    other = {**DISK, "location": "Bay 4", "serial": "DISK0004"}
    tell(keeper, sighting(DISK), sighting(other))
    tell(keeper, sighting(DISK))
    alert = wait_events(keeper, "VIG-Q-004", "fired")
    assert alert["params"]["serial"] == "DISK0004" and "Bay 4" in alert["params"]["component"]
    tell(keeper, sighting(DISK), sighting(other))
    wait_events(keeper, "VIG-Q-004", "fired", "cleared")


def ordered(serial, **members):
    """A contract by which a server of that serial number was delivered here."""
    tree = json.loads(contract())
    node = {"sku": "NOEUD", "component_ref": tree["qualified_components"][0]["ref"],
            "resource": "node", "unit": "server_month", "charge": "recurring", "price": "1000.00",
            "per": 1, "name_fr": "Nœud", "name_en": "Node"}
    order = {"id": "CMD-1", "ordered_on": tree["term"]["signed_on"], "sku": "NOEUD", "tenant": "*",
             "quantity": "1", "in_service_on": tree["term"]["start_date"],
             "out_of_service_on": None, "site": "DEMO", "serials": [serial], **members}
    return {"price_list": [*tree["price_list"], node], "orders": [order]}


def test_a_server_that_an_order_has_here_and_is_not(keeper):
    """The orders are what was delivered, day by day: until the last day in service, and no more."""
    load(keeper, **ordered("S-0009"))
    tell(keeper, sighting(MACHINE, "present"), source="dmi")
    alert = wait_events(keeper, "VIG-Q-004", "fired")
    assert alert["params"]["serial"] == "S-0009"
    load(keeper, **ordered("S-0009", out_of_service_on=day_before(2)), revision=2)
    wait_events(keeper, "VIG-Q-004", "fired", "cleared")
    load(keeper, **ordered("S-0009", out_of_service_on=day_before(-1)), revision=3)
    wait_events(keeper, "VIG-Q-004", "fired", "cleared", "fired")
    load(keeper, **ordered("s-0001", out_of_service_on=day_before(-1)), revision=4)
    wait_events(keeper, "VIG-Q-004", "fired", "cleared", "fired", "cleared")
    done = vigie(keeper, "contract", "record", "order", "CMD-2", "--sku", "NOEUD", "--quantity", "2",
                 "--on", day_before(2), "--from", day_before(2), "--site", "DEMO", "--serials",
                 "S-0001,S-0010")
    assert done.returncode == 0, done.stderr
    alert = wait_events(keeper, "VIG-Q-004", "fired", "cleared", "fired", "cleared", "fired")
    assert alert["params"]["serial"] == "S-0010"


def test_a_part_that_an_order_takes_away(keeper):
    """Gone on the last day of its order, it is missing; the day after, it is not."""
    drive = {**DISK, "location": "Bay 4", "serial": "DISK0004"}
    load(keeper, **ordered("DISK0004", out_of_service_on=day_before(-1)))
    tell(keeper, sighting(DISK), sighting(drive))
    tell(keeper, sighting(DISK))
    wait_events(keeper, "VIG-Q-004", "fired")
    load(keeper, **ordered("DISK0004", out_of_service_on=day_before(2)), revision=2)
    wait_events(keeper, "VIG-Q-004", "fired", "cleared")


def test_an_end_is_told_whatever_happens(keeper):
    """A keeper that dies when the end is on record, and before it is told, tells it in its next life,
    and once."""
    episodes, caught = 24, 0
    for n in range(1, episodes + 1):
        tell(keeper, failed(DISK))
        client = keeper.client(source="vigie-hardware")
        client.send("sightings", {"source": "redfish", "status": "complete",
                                  "sightings": [sighting(DISK)]})
        wait_for("its record", lambda: keeper.sql("SELECT count(*) FROM fault WHERE ended_s != 0")
                 == [(n,)], step=0)
        keeper.kill()
        caught += len(events(keeper, "VIG-H-002")) < n
        keeper.start()
        fault = keeper.records("fault", "shared")[0]["body"]["id"]
        wanted = [(f"{fault}/{i}", "fired") for i in range(1, n + 1)]
        wait_for("each end", lambda: events(keeper, "VIG-H-002") == wanted, 60)
    print(f"{caught} of {episodes} kills came between the record and the alert")
