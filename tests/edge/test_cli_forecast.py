# SPDX-License-Identifier: Apache-2.0
"""`vigie forecast` and its line of `vigie status`, over ledgers whose spending is known."""

import datetime
import json
import time
import zoneinfo

import pytest

from ledgers import HOUR, Ledger, contract_text
from vigied import Guests, Keeper, wait_for

ZONE = zoneinfo.ZoneInfo("America/Toronto")


def spend(tmp_path, days, cents_of, authorised="100000.00", enabled=True, minimum=28, end=None,
          raised=None):
    """A ledger of so many local days, each costing cents_of(day) in vCPU-hours at 1 $."""
    now = time.time()
    members = json.loads(contract_text(now))
    members["price_list"] = [{**row, "price": "1.00", "per": 1} for row in members["price_list"]
                             if row["resource"] == "vcpu"]
    members["recurring"], members["minimum_commitments"] = [], []
    members["money"]["authorised_amount"] = authorised
    members["alerts"]["forecast"] = {"enabled": enabled, "confidence_pct": 80,
                                     "min_history_days": minimum}
    today = datetime.datetime.fromtimestamp(now, ZONE).date()
    start = today - datetime.timedelta(days=days)
    members["term"]["start_date"] = str(start)
    members["term"]["signed_on"] = str(start - datetime.timedelta(days=20))
    if end is not None:  # days from today
        members["term"]["end_date"] = str(today + datetime.timedelta(days=end))
        members["term"]["exit_transition"] |= {
            "complete_by": str(today + datetime.timedelta(days=end)), "lead_days": 10,
            "parallel_days": 0}
    if raised:
        members["amendments"] = [{
            "id": "AV-1", "signed_on": str(start), "changes": {"authorised_amount": raised[1]},
            "effective_on": str(today + datetime.timedelta(days=raised[0]))}]
    for component in members["qualified_components"]:
        component["qualified_on"] = str(start - datetime.timedelta(days=30))
    ledger = Ledger(tmp_path)
    ledger.contract(json.dumps(members), now - days * 86400)
    for i in range(days):
        date = start + datetime.timedelta(days=i)
        midnight = int(datetime.datetime.combine(date, datetime.time(), ZONE).timestamp())
        following = int(datetime.datetime.combine(date + datetime.timedelta(days=1),
                                                  datetime.time(), ZONE).timestamp())
        ledger.usage(midnight, "t-a", {"vcpu": cents_of(i) * 10_000})
        for at in range(midnight, following, HOUR):
            ledger.interval(at)
    ledger.write()
    return ledger, today, members


def told(ledger):
    done = ledger.vigie("forecast", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_steady_cost_runs_out_on_the_day(tmp_path):
    ledger, today, members = spend(tmp_path, 100, lambda i: 10000, "12000.00")
    answer = told(ledger)
    day = str(today + datetime.timedelta(days=19))  # 10000 spent, 100 a day from today on
    assert answer["consumed_cad"] == "10000.00" and answer["history_days"] == 100
    forecast = answer["forecast"]
    assert forecast["date"] == forecast["early"] == forecast["late"] == day
    assert forecast["mean_30_days_date"] == day and forecast["per_day_cad"] == "100.00"
    assert forecast["trend_per_week_cad"] == "0.00" and forecast["error_4_weeks"] == "0.000"
    left = (datetime.date.fromisoformat(members["term"]["end_date"]) - today).days + 1
    assert forecast["at_end_cad"]["expected"] == f"{10000 + 100 * left}.00"
    text = " ".join(ledger.vigie("forecast").stdout.split())
    assert f"épuisement le {day}" in text and "█" in text and "Une prévision n'est pas" in text
    status = " ".join(ledger.vigie("status").stdout.split())
    assert f"épuisement le {day}" in status
    assert json.loads(ledger.vigie("status", "--json").stdout)["forecast"]["forecast"] == forecast
    english = ledger.vigie("forecast", lang="en").stdout
    assert f"runs out on {day}" in " ".join(english.split())


def test_too_little_history_says_so(tmp_path):
    ledger, _, _ = spend(tmp_path, 12, lambda i: 10000)
    answer = told(ledger)
    assert answer["forecast"] is None
    assert (answer["history_days"], answer["history_days_needed"]) == (12, 28)
    assert "12 jours mesurés sur les 28" in " ".join(ledger.vigie("status").stdout.split())


def test_an_amount_that_lasts(tmp_path):
    ledger, _, _ = spend(tmp_path, 60, lambda i: 100, "100000.00")
    assert told(ledger)["forecast"]["date"] is None
    assert "le montant suffit" in " ".join(ledger.vigie("status").stdout.split())


def test_an_amount_that_an_amendment_will_raise(tmp_path):
    """Signed, and not yet in force: the day is that of the raised amount, if it comes to that."""
    ledger, today, _ = spend(tmp_path, 100, lambda i: 10000, "12000.00", raised=(10, "13000.00"))
    assert told(ledger)["forecast"]["date"] == str(today + datetime.timedelta(days=29))


def test_used_up_and_ended(tmp_path):
    ledger, _, _ = spend(tmp_path / "a", 60, lambda i: 10000, "6000.00")
    assert "le montant est épuisé" in " ".join(ledger.vigie("status").stdout.split())
    ledger, _, _ = spend(tmp_path / "b", 100, lambda i: 10000, "12000.00", end=-3)
    assert told(ledger)["forecast"] is None
    assert "contrat terminé" in " ".join(ledger.vigie("forecast").stdout.split())
    assert "ended" in ledger.vigie("forecast", lang="en").stdout


def test_a_contract_of_today(tmp_path):
    ledger, _, _ = spend(tmp_path, 0, lambda i: 10000)
    answer = told(ledger)
    assert (answer["forecast"], answer["history_days"]) == (None, 0)
    assert "0 jour mesuré sur les 28" in " ".join(ledger.vigie("status").stdout.split())


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_contract_that_wants_none(tmp_path, lang):
    ledger, _, _ = spend(tmp_path, 40, lambda i: 100, enabled=False)
    assert json.loads(ledger.vigie("status", "--json", lang=lang).stdout)["forecast"] is None


def test_the_keeper_tells_of_it_once_a_day(tmp_path):
    """VIG-C-003 from the forecast, VIG-C-009 from a day that was three times the usual."""
    ledger, today, _ = spend(tmp_path, 100, lambda i: 30000 if i == 99 else 10000, "12000.00")
    keeper = Keeper(tmp_path, appliance=ledger.appliance, interval="300s")
    keeper.key = ledger.key
    keeper.start()
    reader = keeper.client()
    guests = Guests(reader, time.time_ns())
    guests.begin()
    reader.drain()
    [alert] = wait_for("VIG-C-003", lambda: keeper.alerts("VIG-C-003"), 60)
    assert alert["event"] == "fired" and alert["severity"] == "critical"
    assert alert["params"]["date"] > str(today) and alert["params"]["conf"] == "80"
    [day] = wait_for("VIG-C-009", lambda: keeper.alerts("VIG-C-009"))
    yesterday = str(today - datetime.timedelta(days=1))
    assert day["key"] == f"VIG-C-009/CS-DEMO-0001/t-a/vcpu/{yesterday}"
    assert day["params"]["value"] == "300.000000"
    assert float(day["params"]["low"]) < 100 < float(day["params"]["high"]) < 300
    keeper.kill()
    keeper.start()
    keeper.client().ask("heartbeat", {"libvirt": "ok", "clock": "synchronised", "domains": 3})
    time.sleep(4)
    assert len(keeper.alerts("VIG-C-003")) == len(keeper.alerts("VIG-C-009")) == 1
    keeper.stop()


def test_an_appliance_that_does_not_report_tells_nothing_of_the_contract(tmp_path):
    """The same history, and an amendment by more than a tenth: silent until it is the one to report."""
    ledger, today, members = spend(tmp_path, 100, lambda i: 30000 if i == 99 else 10000, "12000.00")
    codes = ("VIG-C-001", "VIG-C-003", "VIG-C-007", "VIG-C-009", "VIG-T-001")

    def revise(number, reporter):
        members["revision"] = number
        members["schema"] = "vigie-contract/2"
        members.update(orders=[], termination=None, service_levels=None,
                       reporting_appliance=reporter)
        members["solution"]["sites"][0]["appliances"] = [ledger.appliance, "vigie-other-01"]
        members["amendments"] = [{"id": "AV-1", "signed_on": str(today), "effective_on": str(today),
                                  "changes": {"authorised_amount": "14000.00"}}]
        return json.dumps(members)

    ledger.contract(revise(2, "vigie-other-01"), time.time() - 60)
    ledger.write()
    keeper = Keeper(tmp_path, appliance=ledger.appliance, interval="300s")
    keeper.key = ledger.key
    keeper.start()
    reader = keeper.client()
    guests = Guests(reader, time.time_ns())
    guests.begin()
    reader.drain()
    time.sleep(5)
    assert {code: keeper.alerts(code) for code in codes} == {code: [] for code in codes}
    answer = keeper.client(source="cli").act("contract.load", text=revise(3, ledger.appliance))
    assert answer["ok"], answer
    for code in codes:
        wait_for(code, lambda: keeper.alerts(code), 60)
    keeper.stop()
