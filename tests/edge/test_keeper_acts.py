# SPDX-License-Identifier: Apache-2.0
"""Acts: contracts loaded and refused, domains given to tenants, each with its author."""

import datetime
import hashlib
import json
import os
import subprocess

import pytest

from command import vigie
from vigied import Guests, Keeper, amendment, contract, program, stamp_aligned, wait_for


@pytest.fixture
def keeper(tmp_path):
    keeper = Keeper(tmp_path, interval="300s").start()
    yield keeper
    keeper.stop()
    keeper.verify()


def load(keeper, text, **members):
    return keeper.client(source="cli").act("contract.load", text=text, **members)


def test_a_contract_is_loaded_once(keeper):
    text = contract()
    digest = hashlib.sha256(text.encode()).hexdigest()
    answer = load(keeper, text)
    assert answer["ok"] and answer["result"] == {
        "contract_id": "CS-DEMO-0001", "digest": digest, "interval_s": 300, "revision": 1,
        "unchanged": 0}
    again = load(keeper, text)
    assert again["ok"] and again["result"]["unchanged"] == 1
    [record] = keeper.records("contract")
    assert record["body"]["text"] == text and record["body"]["digest"] == digest
    acts = [r["body"] for r in keeper.records("act")]
    assert [a["verb"] for a in acts] == ["contract.load"] * 2
    assert acts[0]["author"]["role"] == ("root" if os.geteuid() == 0 else "keeper")


def test_a_wrong_contract_is_refused_and_the_last_one_stays(keeper):
    assert load(keeper, contract())["ok"]
    wrong = json.loads(contract(revision=2, money__authorised_amount="12.345",
                                term__timezone="Toronto", metering__interval_seconds=7))
    for lang in ("fr", "en"):
        answer = load(keeper, json.dumps(wrong), lang=lang)
        assert not answer["ok"] and not answer["retry"]
        refusals = answer["result"]["all"]
        assert len(refusals) >= 2 and answer["code"] == refusals[0]["code"]
        assert [r["code"] for r in refusals] == sorted(r["code"] for r in refusals)
        assert all(r["message"] and r["path"] and r["line"] >= 0 for r in refusals)
    french = load(keeper, json.dumps(wrong), lang="fr")["message"]
    assert french != answer["message"]
    refused = [r["body"] for r in keeper.records("contract-refused")]
    assert len(refused) == 3 and refused[0]["code"] == answer["code"]
    assert refused[0]["errors"][0] == {"code": refusals[0]["code"], "path": refusals[0]["path"]}
    assert len(keeper.records("contract")) == 1
    assert keeper.sql("SELECT revision, current FROM contract") == [(1, 1)]


OURS = {
    "of another appliance": (dict(appliance="vigie-zz"), "appliance-not-listed",
                             "solution.sites"),
    "of the same revision": (dict(money__authorised_amount="99.00"), "revision-not-higher",
                             "revision"),
}


@pytest.mark.parametrize("what", OURS)
def test_a_contract_that_is_not_for_us(keeper, what):
    changes, code, path = OURS[what]
    assert load(keeper, contract())["ok"]
    answer = load(keeper, contract(**changes))
    assert not answer["ok"] and answer["code"] == code and answer["message"]
    [refused] = keeper.records("contract-refused")
    assert refused["body"]["errors"] == [{"code": code, "path": path}]
    assert len(keeper.records("contract")) == 1


TEXTS = {"nothing": "", "broken UTF-8 cannot come": "\ufffd", "HTML": "<html>", "null": "null",
         "escapes": "\x1b[31m{", "large": "{" + " " * (3 << 20) + "}"}


@pytest.mark.parametrize("what", TEXTS)
def test_what_is_no_contract(keeper, what):
    answer = load(keeper, TEXTS[what])
    assert not answer["ok"] and answer["code"].startswith("C00") and not answer["retry"]
    assert "\x1b" not in answer["message"]


def test_a_higher_revision_takes_its_place(keeper):
    assert load(keeper, contract())["ok"]
    assert load(keeper, contract(revision=2, amendments=amendment(authorised_amount="40.00")))["ok"]
    assert keeper.sql("SELECT revision, current FROM contract ORDER BY revision") == [(1, 0), (2, 1)]
    first_again = load(keeper, contract())
    assert not first_again["ok"] and first_again["code"] == "revision-not-higher"


def stamp(utc_ns):
    return datetime.datetime.fromtimestamp(utc_ns // 10**9, datetime.timezone.utc) \
        .strftime("%Y-%m-%dT%H:%M:%SZ")


def run_guests(keeper, minutes=60, seconds_ago=3 * 3600, **shape):
    guests = Guests(keeper.client(), stamp_aligned(seconds_ago, 300), **shape)
    guests.begin()
    for _ in range(minutes * 3):
        guests.step(20)
    guests.client.drain()
    return guests


def wait_closed(keeper, utc_ns):
    wait_for("the intervals to close", lambda: keeper.closed_until() >= utc_ns // 10**9, 60)
    assert keeper.sql("SELECT count(*) FROM open_usage JOIN interval USING (start_s)") == [(0,)], \
        "an interval is shown both closed and open"


def test_a_uuid_is_compared_as_libvirt_writes_it(keeper):
    """Whatever case it was pasted in."""
    uuid = "ABCDEF01-2345-4678-9ABC-DEF012345678"
    done = vigie(keeper, "tenants", "map", uuid, "t-1", "--reason", "essai")
    assert done.returncode == 0, done.stderr
    [act] = [r["body"]["detail"] for r in keeper.records("act") if r["body"]["verb"] == "tenant.map"]
    assert (act["by"], act["value"]) == ("uuid", uuid.lower())


def test_a_domain_given_to_a_tenant_moves_from_its_date_on(keeper):
    """Six of the twelve closed intervals move; the sums over tenants do not."""
    guests = run_guests(keeper)
    wait_closed(keeper, guests.utc_ns)
    before = keeper.totals()
    half = guests.start_utc_ns + 1800 * 10**9
    answer = keeper.client(source="cli").act(
        "tenant.map", by="uuid", value=guests.uuid(0), tenant="t-9", reason="essai",
        **{"from": stamp(half)})
    assert answer["ok"] and answer["result"]["moved"] == 12, answer
    after = keeper.totals()

    assert after["t-9", "vcpu"] == 1800 * 1000 * 1
    assert after["t-0", "vcpu"] == before["t-0", "vcpu"] - 1800 * 1000
    for resource in {resource for _, resource in before}:
        def over_all(totals):
            return sum(v for (_, r), v in totals.items() if r == resource)
        assert over_all(before) == over_all(after), resource
    parts = [r["body"] for r in keeper.records("usage") if r["body"]["part"] > 0]
    assert len(parts) == 12
    keys = [(b["start"], b["tenant"], b["part"]) for b in
            (r["body"] for r in keeper.records("usage"))]
    assert len(keys) == len(set(keys))
    micro = {}
    for body in (r["body"] for r in keeper.records("usage")):
        for resource, amount in body["resources"].items():
            micro[resource] = micro.get(resource, 0) + (amount["micro"] if body["part"] else 0)
    assert set(micro.values()) == {0}, "a re-attribution changed a sum"


def test_a_mapping_holds_for_what_comes(keeper):
    answer = keeper.client(source="cli").act(
        "tenant.map", by="name", value="vm-1", tenant="t-8", reason="essai",
        **{"from": "2020-01-01T00:00:00Z"})
    assert answer["ok"] and answer["result"]["moved"] == 0
    keeper.kill()
    keeper.start()
    guests = run_guests(keeper, minutes=10)
    wait_closed(keeper, guests.utc_ns)
    assert keeper.totals()["t-8", "vcpu"] == 2 * 600 * 1000


WRONG = {
    "by": dict(by="mood"), "nobody": dict(by="nobody"), "tenant": dict(tenant="a b"),
    "from": {"from": "hier"}, "reason": dict(reason=""), "value": dict(value=7),
    "long value": dict(value="x" * 5000), "a date that is none": {"from": "2027-02-30T00:00:00Z"},
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_mapping_is_refused(keeper, what):
    good = {"by": "uuid", "value": "x", "tenant": "t-1", "reason": "r",
            "from": "2027-01-01T00:00:00Z"}
    answer = keeper.client(source="cli").act("tenant.map", **{**good, **WRONG[what]})
    assert not answer["ok"] and answer["code"] in ("bad-body", "bad-tenant") and answer["message"]
    assert keeper.records("act") == []


@pytest.mark.parametrize("wrong, says", [
    ("{}", "tenants"), ('{"tenants": 5}', "tenants"), (contract(), ""), ("[]", "JSON"),
    ('{"tenants": {"acme": {"compute": "dedicatd"}}}', "tenants.acme.compute"),
    ('{"tenants": {"acme": {}}, "policy": {"allow": 1}}', "policy.allow"),
    ('{"tenants": {"acme": {}}, "attribution": {"patterns": [["(", "acme"]]}}', "(")])
def test_a_wrong_register_is_refused(keeper, tmp_path, wrong, says):
    path = tmp_path / "tenants.json"
    path.write_text(wrong)
    done = subprocess.run([program("vigie"), "--config", keeper.config, "--json", "isolation",
                           "policy", path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 3, done.stdout
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "bad-policy" and says in error["message"], error
    assert not [r for r in keeper.records("act") if r["body"]["verb"] == "isolation.policy"]


def test_a_waiver_ends_in_the_future(keeper):
    cli = keeper.client(source="cli")

    def waive(until):
        return cli.act("isolation.waive", check="ISO-NET-01", reason="essai", until=until)

    assert waive("2020-01-01T00:00:00Z")["code"] == "in-the-past"
    assert waive("2120-01-01T00:00:00Z")["code"] == "too-long"
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)
    assert waive(end.strftime("%Y-%m-%dT%H:%M:%SZ"))["ok"]
    assert len([r for r in keeper.records("act") if r["body"]["verb"] == "isolation.waive"]) == 1


def test_heads_are_signed_on_demand(keeper):
    client = keeper.client(source="cli")
    answer = client.act("ledger.checkpoint")
    assert answer["ok"] and answer["result"]["signed"] >= 1
    [(size,)] = keeper.sql("SELECT max(size) FROM checkpoints WHERE log = 1")
    assert size == len(keeper.records())


def test_the_answer_is_in_the_language_of_who_asks(keeper):
    client = keeper.client()
    asked = {lang: client.act("alert.ack", key="none", lang=lang)["message"]
             for lang in ("fr", "en", "fr")}
    assert asked["fr"] != asked["en"]
    assert client.act("no-such-act", lang="en")["message"] == "unknown act: no-such-act"
    assert client.act("no-such-act", lang="fr")["message"] == "acte inconnu\u00a0: no-such-act"
