# SPDX-License-Identifier: Apache-2.0
"""Usage of services that the hypervisor does not show: an act with author and digest, idempotent by
natural key, conflicts refused; priced and stated like everything else."""

import datetime
import hashlib
import json
import time

import pytest

from ledgers import HOUR
from months import contract, ledger, local, month_back, month_text
from test_months import cents, keep, statements, verified
from vigied import wait_for

LICENCE = {"sku": "LIC", "component_ref": "SRV", "resource": "caas_license", "unit": "each",
           "charge": "usage", "price": "12.50", "per": 1, "name_fr": "Licence CaaS, heure",
           "name_en": "CaaS licence, hour"}


@pytest.fixture
def running(tmp_path):
    tree = json.loads(contract(month_back(1)))
    tree["price_list"].append(LICENCE)
    tree["minimum_commitments"] = []
    book = ledger(tmp_path, months=1, text=json.dumps(tree, ensure_ascii=False))
    book.write()
    keeper = keep(book).start()
    yield book, keeper
    keeper.stop()
    verified(keeper)


def stamp(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


def send(book, path, rows, *words):
    path.write_text("timestamp,tenant,resource,quantity\n" + "".join(f"{row}\n" for row in rows))
    done = book.vigie("usage", "import", str(path), "--json", *words)
    return done.returncode, json.loads(done.stdout)


def test_once_only(running, tmp_path):
    book, keeper = running
    at = int(time.time()) // HOUR * HOUR - 3 * HOUR
    rows = [f"{stamp(at + i * HOUR)},t-sante,caas_license,4.5" for i in range(3)]
    path = tmp_path / "licences.csv"
    code, answer = send(book, path, rows)
    assert code == 0 and (answer["imported"], answer["duplicates"]) == (3, 0), answer
    assert answer["digest"] == hashlib.sha256(path.read_bytes()).hexdigest()
    code, answer = send(book, path, rows)
    assert code == 0 and (answer["imported"], answer["duplicates"]) == (0, 3)
    acts = [r["body"] for r in keeper.records("act") if r["body"]["verb"] == "usage.import"]
    assert [a["detail"]["imported"] for a in acts] == [3, 0] and "uid" in acts[0]["author"]
    assert acts[0]["detail"]["name"] == "licences.csv"

    statement = json.loads(book.vigie("statement", month_text(0), "--json").stdout)
    lines = [line for line in statement["lines"] if line.get("sku") == "LIC"]
    here = [i for i in range(3) if at + i * HOUR >= local(*month_back(0))]
    if len(here) == 3:
        assert [(line["quantity"], cents(line["amount"])) for line in lines] == [("13.500000", 16875)]

    # Another value for a key that is known: refused and told, the first one stays.
    code, answer = send(book, path, [rows[0].replace("4.5", "9")])
    assert code == 1 and answer["refused"][0]["reason"] == "conflicting_duplicate"
    assert (answer["refused"][0]["kept"], answer["refused"][0]["line"]) == ("4.500000", 2)
    wait_for("VIG-D-004", lambda: keeper.alerts("VIG-D-004"), 20)
    assert f"t-sante/caas_license/{stamp(at)}" in keeper.alerts("VIG-D-004")[0]["key"]


def test_as_a_spreadsheet_writes_it(running, tmp_path):
    book, keeper = running
    at = int(time.time()) // HOUR * HOUR - 3 * HOUR
    path = tmp_path / "u.csv"
    path.write_bytes(b"\xef\xbb\xbftimestamp,tenant,resource,quantity\r\n" +
                     f'"{stamp(at)}","t-sante","caas_license","4.5"\r\n\r\n'.encode())
    done = book.vigie("usage", "import", str(path), "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["imported"] == 1, done.stdout
    path.write_text(f"timestamp;tenant;resource;quantity\n{stamp(at)};t-sante;caas_license;4,5\n")
    done = book.vigie("usage", "import", str(path), "--json")
    assert done.returncode == 3 and json.loads(done.stdout)["error"]["code"] == "bad-heading"


@pytest.mark.parametrize("row, reason", [
    ("{0},t-sante,caas_license,-1", "bad_quantity"),
    ("{0},t-sante,caas_license,1.2345678", "bad_quantity"),
    ("{0},t-sante,caas_license,9223372036854775808", "bad_quantity"),
    ("{0},t-sante,vcpu,1", "measured_resource"),
    ("{0},t sante,caas_license,1", "bad_tenant"),
    ("{0},t-sante,caas license,1", "bad_resource"),
    ("2027-13-01T00:00:00Z,t-sante,caas_license,1", "bad_timestamp"),
    ("{1},t-sante,caas_license,1", "bad_timestamp"),
    ("{2},t-sante,caas_license,1", "future"),
    ("2099-01-01T00:00:00Z,t-sante,caas_license,1", "future"),
    ("{0},t-sante,caas_license", "bad_row"),
    ("{0},t-sante,caas_license,1,x", "bad_row"),
    ("", None),
])
def test_rows_that_are_refused(running, tmp_path, row, reason):
    book, keeper = running
    at = int(time.time()) // HOUR * HOUR - 3 * HOUR
    code, answer = send(book, tmp_path / "u.csv", [row.format(stamp(at), stamp(at + 60), stamp(at + 5 * HOUR)),
                                                   f"{stamp(at)},t-finances,caas_license,1"])
    assert answer["imported"] == 1
    assert [r["reason"] for r in answer["refused"]] == ([reason] if reason else [])
    assert code == (1 if reason else 0)
    if reason:
        (told,) = wait_for("VIG-D-005", lambda: keeper.alerts("VIG-D-005"))
        assert told["key"].endswith("/" + answer["refused"][0]["key"])
        assert told["event"] == "fired" and told["params"]["reason"] in told["text_fr"]
    else:
        assert keeper.alerts("VIG-D-005") == []


def test_quotas_on_an_interval_are_looked_at_wherever_a_row_came(tmp_path):
    """Each interval that a row touches: neither the first nor the last of the file passes them."""
    tree = json.loads(contract(month_back(1)))
    tree["price_list"].append(LICENCE)
    tree["minimum_commitments"] = []
    tree["quotas"] = [{"id": f"Q-{tenant}", "tenant": tenant, "resource": "caas_license",
                       "metric": "interval_quantity", "limit": limit, "thresholds_pct": ["80", "100"]}
                      for tenant, limit in (("t-sante", "10"), ("*", "14"))]
    tree["quotas"][1]["id"] = "Q-ALL"
    book = ledger(tmp_path, months=1, text=json.dumps(tree, ensure_ascii=False))
    book.write()
    keeper = keep(book).start()
    at = int(time.time()) // HOUR * HOUR - 40 * HOUR
    values = ["1", "2", "8", "3", "1"]
    rows = [f"{stamp(at + i * HOUR)},t-sante,caas_license,{v}" for i, v in enumerate(values)]
    rows[4:4] = [f"{stamp(at + 3 * HOUR)},t-finances,caas_license,11"]
    assert send(book, tmp_path / "u.csv", reversed(rows))[1]["imported"] == 6
    wait_for("two quotas", lambda: len({a["key"] for a in keeper.alerts("VIG-N-001")}) >= 3)
    fired = {a["key"].rsplit("/", 1)[1]: a["params"] for a in keeper.alerts("VIG-N-001")
             if a["event"] == "fired" and "caas" in a["params"]["resource"]}
    assert sorted(fired) == ["quota-Q-ALL-100", "quota-Q-ALL-80", "quota-Q-t-sante-80"]
    assert fired["quota-Q-ALL-100"]["value"] == "14.000000"
    assert fired["quota-Q-t-sante-80"]["value"] == "8.000000"
    assert send(book, tmp_path / "u.csv", rows)[1]["duplicates"] == 6
    keeper.stop()
    verified(keeper)


def test_rows_from_before_the_contract_are_kept_and_said(running, tmp_path):
    book, keeper = running
    rows = [f"{stamp(local(*month_back(3)) // HOUR * HOUR + i * HOUR)},t-sante,caas_license,1"
            for i in range(2)]
    path = tmp_path / "u.csv"
    code, answer = send(book, path, rows[:1])
    assert (code, answer["imported"], answer["outside_n"]) == (0, 1, 1)
    path.write_text("timestamp,tenant,resource,quantity\n" + rows[1] + "\n")
    done = book.vigie("usage", "import", str(path))
    assert done.returncode == 0 and "hors du terme du contrat" in done.stdout
    lines = ["2099-01-01T00:00:00Z,t-sante,caas_license,%d" % n for n in range(40)]
    path.write_text("timestamp,tenant,resource,quantity\n" + "\n".join(lines) + "\n")
    done = book.vigie("usage", "import", str(path))
    assert done.returncode == 1 and len(done.stdout.splitlines()) == 22, done.stdout


def test_the_file_itself(running, tmp_path):
    book, keeper = running
    path = tmp_path / "u.csv"
    path.write_text("time,who,what,how\n")
    done = book.vigie("usage", "import", str(path), "--json")
    assert done.returncode == 3 and "bad-heading" in done.stdout
    path.write_bytes(b"timestamp,tenant,resource,quantity\n\xff\n")
    assert book.vigie("usage", "import", str(path)).returncode == 3
    before = len(keeper.records("usage-import"))
    keeper.kill()
    assert book.vigie("usage", "import", str(path)).returncode in (3, 4)
    keeper.start()
    assert len(keeper.records("usage-import")) == before


def test_metered_usage_of_the_same_hour_stays_apart(running, tmp_path):
    """Parts of imports do not take the place of the meter's own part 0; a rebuild agrees."""
    book, keeper = running
    at = local(*month_back(1)) + 5 * 86400 // HOUR * HOUR
    code, answer = send(book, tmp_path / "u.csv",
                        [f"{stamp(at)},t-finances,caas_license,2",
                         f"{stamp(at)},t-finances,other_service,3"])
    assert code == 0 and answer["imported"] == 2
    rows = keeper.sql("SELECT r.name, u.part, u.micro FROM usage u JOIN resource_name r ON"
                      " r.id = u.resource JOIN tenant_name t ON t.id = u.tenant"
                      " WHERE t.name = 't-finances' AND u.start_s = ? AND u.part > 0", at)
    assert sorted(rows) == [("caas_license", 1, 2000000), ("other_service", 2, 3000000)]


def test_what_has_no_price_is_told_as_of_what_is_measured(running, tmp_path):
    book, keeper = running
    at = int(time.time()) // HOUR * HOUR - 5 * HOUR
    rows = [f"{stamp(at)},t-sante,replication,4.5", f"{stamp(at + HOUR)},t-sante,replication,2",
            f"{stamp(at)},t-sante,caas_license,1"]
    code, answer = send(book, tmp_path / "u.csv", rows)
    assert code == 0 and answer["imported"] == 3
    assert answer["unpriced"] == [{"resource": "replication", "since": stamp(at)}]
    (told,) = wait_for("VIG-Q-001", lambda: keeper.alerts("VIG-Q-001"))
    assert told["key"].split("/")[2:] == ["replication"] and told["event"] == "fired"
    assert told["params"]["quantity"] == "4.500000"
    done = book.vigie("usage", "import", str(tmp_path / "u.csv"))
    assert done.returncode == 0 and "sans prix" not in done.stdout, "known already"
    time.sleep(2)
    assert len(keeper.alerts("VIG-Q-001")) == 1
