# SPDX-License-Identifier: Apache-2.0
"""What becomes of a finding: shown, waived until a time, told to whom it concerns, held through a
silence, and the same when its projections are made again from the records."""
import json
import time

import pytest

from isolation import Watch
from vigied import wait_for

TENANTS = ("acme", "globex")
POLICY = {"tenants": {name: {"compute": "shared", "role": "customer"} for name in TENANTS},
          "policy": {"allow_tcg": True}}
DOMAIN = """<domain type='test'><name>{name}</name>
<uuid>{digit}0000000-0000-4000-8000-000000000001</uuid>
<metadata><v:tenant xmlns:v='urn:vigie:tenant:1' id='{tenant}'/></metadata>
<memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type>hvm</type></os><devices>
<disk type='file' device='disk'><source file='{disk}'/><target dev='vda'/></disk>
{more}</devices></domain>"""
SHARED = "/essai/partage.img"
LONG = "/essai/" + 200 * "é" + ".img"
# One name, and two segments: a card that is shared, and a bridge.
CARD = "<interface type='direct'><source dev='p1' mode='bridge'/></interface>"
BRIDGE = "<interface type='bridge'><source bridge='p1'/></interface>"


def stamp(seconds_ahead=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds_ahead))


@pytest.fixture(scope="module")
def watch(tmp_path_factory):
    folder = tmp_path_factory.mktemp("life")
    host = folder / "host.xml"
    host.write_text("<node>" + "".join(
        DOMAIN.format(name=f"{tenant}-a", digit=i + 1, tenant=tenant, disk=SHARED, more=CARD)
        + DOMAIN.format(name=f"{tenant}-b", digit=i + 3, tenant=tenant, disk=LONG, more=BRIDGE)
        for i, tenant in enumerate(TENANTS)) + "</node>")
    watch = Watch(folder, None, uri=f"test://{host}").start("hypervisor")
    policy = folder / "tenants.json"
    policy.write_text(json.dumps(POLICY))
    done = watch.vigie("isolation", "policy", policy)
    assert done.returncode == 0, done.stderr
    watch.wait_open("ISO-STO-01", "acme-a", "globex-a", seconds=60)
    yield watch
    watch.close()


def finding(watch):
    return watch.findings("ISO-STO-01")[("acme-a", "globex-a")]


def show(watch, *options):
    return watch.vigie("isolation", "show", "ISO-STO-01", *options)


def test_show(watch):
    done = show(watch)
    assert done.returncode == 1 and "/essai/partage.img" in done.stdout, done.stdout
    assert "acme-a" in done.stdout and "globex-a" in done.stdout
    told = json.loads(show(watch, "--json").stdout)
    assert {f["check"] for f in told["findings"]} == {"ISO-STO-01"}
    quiet = watch.vigie("isolation", "show", "ISO-NET-05")
    assert quiet.returncode == 0 and "partage" not in quiet.stdout
    assert watch.vigie("isolation", "show", "ISO-NET-99").returncode == 2


def test_findings_of_one_name_stand_apart(watch):
    watch.wait_open("ISO-STO-01", "acme-b", "globex-b")
    found = watch.findings("ISO-NET-01")
    assert set(found) == {("acme-a", "globex-a"), ("acme-b", "globex-b")}, found
    assert {f["resource"] for f in found.values()} == {"p1"}, found


def test_what_is_to_come_is_not_told(watch):
    done = watch.vigie("isolation", "at", stamp(3600))
    assert done.returncode == 2 and "venir" in done.stderr, done.stderr
    assert watch.vigie("isolation", "at", stamp(-1)).returncode in (0, 1)


def alerts(watch, code):
    return watch.keeper.alerts(code)


def test_alerts(watch):
    wait_for("VIG-I-001", lambda: alerts(watch, "VIG-I-001"))
    wait_for("VIG-I-002 of both",
             lambda: {a["tenant"] for a in alerts(watch, "VIG-I-002")} == set(TENANTS))
    assert any("é" in a["key"] for a in alerts(watch, "VIG-I-001"))
    for alert in alerts(watch, "VIG-I-002"):
        other, = set(TENANTS) - {alert["tenant"]}
        text = json.dumps(alert, ensure_ascii=False)
        assert other not in text and "partage" not in text, alert


def test_waiver_has_an_end(watch):
    before = watch.state()
    assert finding(watch)["status"] == "fail"
    done = watch.vigie("isolation", "waive", "ISO-STO-01", "--reason", "essai", "--until", stamp(12))
    assert done.returncode == 0, done.stderr + done.stdout
    waived = finding(watch)
    assert waived["status"] == "waived" and waived["waiver"]["reason"] == "essai"
    row = watch.state()["tenants"]["acme"]
    assert "pass" != row["STO"] and row["STO"] == "waived", row
    assert "waived" in show(watch).stdout.lower() or "dérog" in show(watch).stdout.lower()
    wait_for("VIG-I-004", lambda: alerts(watch, "VIG-I-004"))
    wait_for("the end of the waiver", lambda: finding(watch)["status"] == "fail", 40)
    assert watch.state()["tenants"]["acme"]["STO"] == before["tenants"]["acme"]["STO"] == "fail"
    assert watch.vigie("isolation", "waive", "ISO-STO-01", "--until", stamp(60)).returncode == 2


def test_silence_is_told(watch):
    watch.stop("hypervisor")
    watch.keeper.kill()
    time.sleep(2)
    watch.keeper.start()
    wait_for("VIG-I-003", lambda: any(a["key"].endswith("/hypervisor")
                                          for a in alerts(watch, "VIG-I-003")),
             90)
    state = watch.state()
    assert finding(watch)["status"] == "fail", "what is merely unseen stays open"
    assert "pass" not in {w for row in state["tenants"].values() for w in row.values()}
    watch.start("hypervisor")
    wait_for("observations", lambda: not [o for o in watch.state()["observed"]
                                          if o["source"] == "hypervisor"], 60)


def test_rebuilt_alike(watch):
    at = stamp()
    time.sleep(1.1)
    told = watch.state("at", at)
    watch.stop("hypervisor")
    watch.keeper.stop()
    held = {table: watch.keeper.sql(f"SELECT * FROM {table} ORDER BY 1, 2")
            for table in ("finding", "unobserved", "verdict")}
    assert all(held.values()), held
    done = watch.vigie("ledger", "rebuild")
    assert done.returncode == 0, done.stderr + done.stdout
    for table, rows in held.items():
        assert watch.keeper.sql(f"SELECT * FROM {table} ORDER BY 1, 2") == rows, table
    assert watch.state("at", at)["findings"] == told["findings"]
    watch.keeper.start()
