# SPDX-License-Identifier: Apache-2.0
"""Several appliances under one contract: what the others export is imported by the one that reports,
once, whatever is sent again; its bill, its alerts and its statements are then of all of them."""

import contextlib
import json
import random
import sqlite3
import subprocess
import time

import pytest

from ledgers import HOUR, UUID, programs, utc
from months import contract, ledger, local, month_back, month_text
from test_months import cents, keep, statements, verified
from vigied import wait_for

HEADING = "timestamp,tenant,resource,quantity,appliance,seq,part,volume"
HERE, THERE = "vigie-demo-01", "vigie-demo-02"
TIB = 1 << 30  # in KiB


def row(start, tenant, resource, quantity, seq, part=0, volume="", appliance=THERE):
    return f"{utc(start)},{tenant},{resource},{quantity},{appliance},{seq},{part},{volume}"


def heartbeat(start, seq):
    return row(start, "_agent", "_heartbeat", "1", seq)


def text_of(appliances=(HERE, THERE), **members):
    tree = json.loads(contract(month_back(2), **members))
    tree["solution"]["sites"][0]["appliances"] = list(appliances)
    tree["minimum_commitments"], tree["recurring"] = [], []
    return json.dumps(tree, ensure_ascii=False)


@pytest.fixture
def running(tmp_path):
    book = ledger(tmp_path, months=2, text=text_of())
    book.write()
    keeper = keep(book).start()
    yield book, keeper
    keeper.stop()
    verified(keeper)


def send(book, path, rows, *words, heading=HEADING):
    path.write_text("".join(line + "\n" for line in [heading, *rows]))
    done = book.vigie("usage", "import", str(path), "--json", *words)
    return done.returncode, json.loads(done.stdout)


def status(book):
    return json.loads(book.vigie("status", "--json").stdout)["contract"]


def statement(book, month):
    return json.loads(book.vigie("statement", month, "--json").stdout)


def vcpu_of(body):
    """Quantity of vCPU of a tenant in a statement, all lines of this month."""
    return {line["tenant"]: line["quantity"] for line in body["lines"]
            if line.get("sku") == "VCPU" and line["period"] == body["month"]}


def test_counted_once_in_the_bill_and_the_statement(running, tmp_path):
    book, keeper = running
    at = local(*month_back(0)) // HOUR * HOUR
    if time.time() < at + 6 * HOUR:
        pytest.skip("the month is too young")
    before, state = statement(book, month_text(0)), status(book)
    assert (state["appliances"], state["appliances_told"], state["partial"]) == (2, 1, True)
    assert {a["appliance"] for a in before["absent"]} == {THERE}

    rows = [line for i in range(3) for line in
            (row(at + i * HOUR, "t-sante", "vcpu", "10", 10 + 3 * i),
             row(at + i * HOUR, "t-finances", "vcpu", "0.5", 11 + 3 * i),
             heartbeat(at + i * HOUR, 12 + 3 * i))]
    path = tmp_path / "export.csv"
    code, answer = send(book, path, rows)
    assert (code, answer["imported"], answer["duplicates"]) == (0, 9, 0), answer
    after, state = statement(book, month_text(0)), status(book)
    added = {tenant: float(vcpu_of(after)[tenant]) - float(vcpu_of(before)[tenant])
             for tenant in vcpu_of(after)}
    assert added["t-sante"] == pytest.approx(30) and added["t-finances"] == pytest.approx(1.5)
    assert cents(after["total"]) - cents(before["total"]) in (66, 67, 68)  # 31.5 at 0.0213
    assert (state["appliances_told"], state["partial"]) == (2, False)
    assert after["absent"][0]["from"] == utc(at + 3 * HOUR), "told up to there"

    # The same again, in any order, in several files: nothing changes, in this or in a later life.
    for n in range(2):
        random.Random(n).shuffle(rows)
        code, answer = send(book, path, rows)
        assert (code, answer["imported"], answer["duplicates"]) == (0, 0, 9), answer
        keeper.kill()
        keeper.start()
    renumbered = [row(at, "t-sante", "vcpu", "10", 9999)]
    assert send(book, path, renumbered)[1]["duplicates"] == 1, "by what it means"
    assert statement(book, month_text(0))["total"] == after["total"]
    assert keeper.alerts("VIG-D-004") == []
    assert book.vigie("ledger", "rebuild").returncode in (0, 3)


@pytest.mark.parametrize("line, kept", [
    (("t-sante", "vcpu", "11", 10), "10.000000"),     # another quantity
    (("t-sante", "ram_gib", "10", 10), "0.000000"),   # another resource of the same record
    (("t-finances", "vcpu", "10", 10), "0.000000"),   # another tenant
    (("t-sante", "vcpu", "12", 77), "10.000000"),     # the same meaning, another record
])
def test_contradictions_are_kept_apart(running, tmp_path, line, kept):
    book, keeper = running
    at = local(*month_back(1)) // HOUR * HOUR + 24 * HOUR
    assert send(book, tmp_path / "a.csv", [row(at, "t-sante", "vcpu", "10", 10)])[0] == 0
    total = statement(book, month_text(1))["total"]
    code, answer = send(book, tmp_path / "b.csv", [row(at, *line)])
    assert code == 1 and answer["imported"] == 0
    (refused,) = answer["refused"]
    assert (refused["reason"], refused["kept"]) == ("conflicting_duplicate", kept)
    told = wait_for("VIG-D-004", lambda: keeper.alerts("VIG-D-004"))[0]
    assert told["key"].endswith(f"{line[0]}/{line[1]}/{utc(at)}/{THERE}")
    assert "10.000000" not in told["text_fr"] + told["text_en"], "as people write numbers"
    apart = [r["body"]["detail"] for r in keeper.records("act")
             if r["body"]["verb"] == "usage.import"][-1]["refused_rows"]
    assert apart == answer["refused"], "the record of the act holds it"
    assert statement(book, month_text(1))["total"] == total


def test_who_may_be_imported_and_where(tmp_path):
    book = ledger(tmp_path, months=2, text=text_of())
    book.write()
    keeper = keep(book).start()
    at = local(*month_back(1)) // HOUR * HOUR
    stranger = [row(at, "t-sante", "vcpu", "1", 1, appliance="vigie-elsewhere")]
    assert "unlisted-appliance" in str(send(book, tmp_path / "u.csv", stranger)[1])
    own = [row(at, "t-sante", "vcpu", "1", 1, appliance=HERE)]
    assert send(book, tmp_path / "u.csv", own)[1]["duplicates"] == 1
    for bad, reason in (("x", "usage-file"), (row(at, "t sante", "vcpu", "1", 1), "usage-file"),
                        (row(at, "t\x1b[31m", "vcpu", "1", 1), "usage-file"),
                        (row(at, "t-sante", "block_tb", "1", 1, volume="a\x1bb"), "usage-file")):
        code, answer = send(book, tmp_path / "u.csv", [bad])
        assert code == 3 and answer["error"]["code"] == reason
        assert "\x1b" not in json.dumps(answer, ensure_ascii=False)
    code, answer = send(book, tmp_path / "u.csv", [row(at + 60, "t-sante", "vcpu", "1", 1)])
    assert code == 1 and answer["refused"][0]["reason"] == "bad_timestamp"
    code, answer = send(book, tmp_path / "u.csv",
                        [row(int(time.time()) // HOUR * HOUR, "t-sante", "vcpu", "1", 1)])
    assert (code, answer["waiting_n"], answer["imported"]) == (0, 1, 0), "not closed here yet"
    keeper.stop()

    other = ledger(tmp_path / "other", months=2, text=text_of((THERE, HERE)))
    other.write()
    keeper = keep(other).start()
    code, answer = send(other, tmp_path / "u.csv", [row(at, "t-sante", "vcpu", "1", 1)])
    assert code == 3 and answer["error"]["code"] == "not-reporting"
    keeper.stop()


def test_alerts_are_of_the_whole(running, tmp_path):
    """The other's use takes the contract over its amount: told here, where it is rated."""
    book, keeper = running
    at = local(*month_back(1)) // HOUR * HOUR + 48 * HOUR
    assert keeper.alerts("VIG-C-002") == []
    code, answer = send(book, tmp_path / "u.csv",
                        [row(at, "t-sante", "vcpu", "90000000", 1),
                         row(at, "t-nouveau", "ram_gib", "1", 2),
                         row(at, "t-finances", "gpu", "1", 3),
                         row(local(*month_back(3)) // HOUR * HOUR, "t-sante", "vcpu", "1", 4)])
    assert code == 0 and answer["outside_n"] == 1, answer["refused"]
    assert answer["strangers"] == [{"name": "t-nouveau", "since": utc(at)}]
    assert answer["unpriced"] == [{"resource": "gpu", "since": utc(at)}]
    wait_for("VIG-C-002", lambda: keeper.alerts("VIG-C-002"))
    for code, key in (("VIG-Q-001", "gpu"), ("VIG-N-002", "t-nouveau"), ("VIG-C-006", "contract")):
        assert any(a["key"].endswith(key) for a in keeper.alerts(code)), code


def test_killed_before_its_alerts(tmp_path):
    """The keeper dies once an import is in the ledger and its alerts are not: the next one tells."""
    book = ledger(tmp_path, months=2, text=text_of())
    book.write()
    keeper = keep(book).start()
    at = local(*month_back(1)) // HOUR * HOUR
    kept = row(at, "t-sante", "vcpu", "1", 1)
    assert send(book, tmp_path / "a.csv", [kept])[0] == 0
    rows = [kept.replace(",1,", ",2,", 1)]
    rows += [row(at + i * HOUR, f"t-nouveau-{i}", "vcpu", "1", 100 + i) for i in range(40)]
    (tmp_path / "b.csv").write_text("".join(line + "\n" for line in [HEADING, *rows]))
    sent = subprocess.Popen([programs() / "vigie", "--config", book.config, "usage", "import",
                             tmp_path / "b.csv"], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
    acts = "SELECT count(*) FROM act WHERE verb = 'usage.import'"
    with contextlib.closing(sqlite3.connect(f"file:{keeper.ledger}?mode=ro", uri=True)) as db:
        wait_for("the import", lambda: db.execute(acts).fetchone()[0] == 2, step=0.001)
    keeper.kill()
    sent.wait(60)

    def told():
        return sorted(a["key"] for a in keeper.alerts("VIG-N-002")
                      if a["event"] == "fired" and "nouveau" in a["key"])

    print(f"told before it was killed: {len(told())} of 40")
    keeper.start()
    wait_for("the strangers", lambda: len(told()) >= 40)
    wait_for("the contradiction", lambda: keeper.alerts("VIG-D-004"))
    assert told() == sorted(set(told())) and len(keeper.alerts("VIG-D-004")) == 1, "once each"
    keeper.stop()
    verified(keeper)


def test_a_volume_that_two_hosts_see_counts_once(tmp_path):
    """For the most that one of them saw of it, whatever comes first; and likewise a domain that two
    hosts define, by its disks."""
    at = local(*month_back(0)) // HOUR * HOUR
    if time.time() < at + 6 * HOUR:
        pytest.skip("the month is too young")
    book = ledger(tmp_path, months=2, text=text_of(), until=at)
    uuid = "00000000-0000-4000-8000-00000000000a"
    amounts = {"block_tb": 3_000_000}
    book.usage(at, "t-sante", amounts, bases={"block_tb": 300},
               domains=[{"uuid": "", "name": "nfs/données", "amounts": {"block_tb": 200}},
                        {"uuid": uuid, "name": "vm", "amounts": {"block_tb": 100}}])
    book.interval(at)
    book.write()
    keeper = keep(book).start()
    exported = book.vigie("usage", "export").stdout
    assert f"block_tb,2.000000,{HERE}," in exported and "nfs/donn%C3%A9es" in exported

    def seen():
        lines = [line for line in statement(book, month_text(0))["lines"] if line.get("sku") == "BLK"]
        return sum(float(line["measured"]) for line in lines)

    assert seen() == pytest.approx(3)
    volume = "nfs/donn%C3%A9es"
    rows = [row(at, "t-sante", "block_tb", "1.5", 1, volume=volume),
            row(at, "t-sante", "block_tb", "1", 1, volume=uuid),
            row(at, "t-sante", "block_tb", "0.25", 1)]
    assert send(book, tmp_path / "u.csv", rows)[1]["imported"] == 3
    assert seen() == pytest.approx(3.25), "less of it, or the same: nothing more"
    assert send(book, tmp_path / "u.csv", rows)[1]["duplicates"] == 3
    assert send(book, tmp_path / "u.csv",
                [row(at, "t-sante", "block_tb", "1", 2, part=1, volume=volume)])[1]["imported"] == 1
    assert seen() == pytest.approx(3.75), "half a terabyte-hour more than was seen here"
    keeper.stop()
    verified(keeper)


def block(book, month=0):
    """Terabyte-hours of each tenant in a statement."""
    sums = {}
    for line in statement(book, month_text(month))["lines"]:
        if line.get("sku") == "BLK":
            sums[line["tenant"]] = sums.get(line["tenant"], 0) + float(line["measured"])
    return {tenant: round(quantity, 6) for tenant, quantity in sums.items() if quantity}


def disk_line(number, key, from_s, to_s, name="vm"):
    """A line of a record: a domain, or a loose volume (number None), that has one disk of 1 TB."""
    kib = 976562500
    return {"amounts": {"block_tb": kib * (to_s - from_s)}, "disks": [[key, from_s, to_s, kib]],
            "name": name, "uuid": UUID.format(number) if number else ""}


def disk_usage(book, start, tenant, *lines):
    base = sum(line["amounts"]["block_tb"] for line in lines)
    book.usage(start, tenant, {"block_tb": base * 1_000_000 // (976562500 * HOUR)},
               bases={"block_tb": base}, domains=lines)


def by_tenant(book, path, *exports):
    for i, text in enumerate(exports):
        path.with_suffix(f".{i}").write_text(text)
    files = [str(path.with_suffix(f".{i}")) for i in range(len(exports))]
    rows = json.loads(book.vigie("usage", "merge", *files, "--json").stdout)["rows"]
    sums = {}
    for line in rows:
        if line["resource"] == "block_tb":
            sums[line["tenant"]] = sums.get(line["tenant"], 0) + float(line["quantity"])
    return sums


@pytest.mark.parametrize("order", [1, -1])
def test_two_appliances_see_the_same_disks(tmp_path, order):
    """What is a domain's disk there is no loose volume here; a domain that moves within the hour
    counts on both sides, and its disk once; whoever is told of it first, and whosever it becomes."""
    at = local(*month_back(0)) // HOUR * HOUR
    if time.time() < at + 6 * HOUR:
        pytest.skip("the month is too young")
    here = ledger(tmp_path / "here", months=2, text=text_of(), until=at)
    there = ledger(tmp_path / "there", months=2, text=text_of(), until=at, appliance=THERE)
    nas = "shared:nas:/export/a b.qcow2"
    disk_usage(here, at, "_unassigned", disk_line(None, nas, 0, 3600, "nfs/a b"))
    disk_usage(here, at, "t-sante", disk_line(7, "/var/lib/vm.qcow2", 0, 1800))
    disk_usage(there, at, "t-finances", disk_line(8, nas, 900, 3600))
    disk_usage(there, at, "t-sante", disk_line(7, "/var/lib/vm.qcow2", 1800, 3600))
    keepers = []
    for book in (here, there):
        book.interval(at)
        book.write()
        keepers.append(keep(book).start())
    want = {"_unassigned": 0.25, "t-finances": 0.75, "t-sante": 1}
    exports = [book.vigie("usage", "export", "--from", utc(at)).stdout for book in (here, there)]
    assert f"{THERE}," in exports[1] and "shared:nas:/export/a b.qcow2,900-3600:" in exports[1]
    assert by_tenant(here, tmp_path / "m", *exports[::order]) == want

    rows = [line for line in exports[1].splitlines()[1:]][::order]
    for line in rows:  # one act each, in either order
        assert send(here, tmp_path / "u.csv", [line], heading=HEADING + ",seen")[0] == 0
    assert block(here) == want
    assert send(here, tmp_path / "u.csv", rows, heading=HEADING + ",seen")[1]["imported"] == 0
    assert block(here) == want
    mapped = keepers[0].client(source="cli").act("tenant.map", by="volume", value="nfs/a b",
                                                 tenant="t-sante", reason="à eux",
                                                 **{"from": utc(at)})
    assert mapped["ok"] and mapped["result"]["moved"] == 2, mapped
    want = {"t-finances": 0.75, "t-sante": 1.25}
    assert block(here) == want
    exports[0] = here.vigie("usage", "export", "--from", utc(at)).stdout
    merged = by_tenant(here, tmp_path / "m", *exports[::order])
    assert {tenant: n for tenant, n in merged.items() if n} == want
    for keeper in keepers:
        keeper.stop()
        verified(keeper)
    assert here.vigie("ledger", "rebuild").returncode == 0
    assert block(here) == want


def test_a_month_comes_to_the_same_on_both_sides(tmp_path):
    """VIG-L-003: an export says what a whole month comes to; a row that got lost on the way is told
    with both totals, until it is there."""
    here = ledger(tmp_path / "here", months=2, text=text_of())
    there = ledger(tmp_path / "there", months=2, text=text_of(), appliance=THERE)
    for book in (here, there):
        book.write()
    there_keeper, keeper = keep(there).start(), keep(here).start()
    month = month_back(1)
    exported = there.vigie("usage", "export", "--from", month_text(1)).stdout.splitlines()
    (stated,) = [line for line in exported if ",_agent,_month," in line]
    assert stated.startswith(utc(local(*month)) + ",_agent,_month,")
    total = float(stated.split(",")[3])
    lost = next(line for line in exported if ",t-sante,vcpu," in line)
    path = tmp_path / "u.csv"
    code, answer = send(here, path, [line for line in exported[1:] if line != lost],
                        heading=exported[0])
    assert code == 0, answer

    def told():
        return [(a["event"], a["key"]) for a in keeper.alerts("VIG-L-003")]

    key = f"VIG-L-003/{HERE}/{THERE}/{month_text(1)}"
    wait_for("the difference", lambda: told() == [("fired", key)])
    params = keeper.alerts("VIG-L-003")[0]["params"]
    assert params["appliance"] == THERE
    assert float(params["consolidated"]) < float(params["ledger"]) == total
    seq = lost.split(",")[5]  # the record came without it; as a late part it is whole
    late = lost.replace(f",{seq},0,", f",{int(stated.split(',')[5]) + 5},1,")
    again = stated.replace(f",{stated.split(',')[5]}" * 2, f",{int(stated.split(',')[5]) + 9}" * 2)
    assert send(here, path, [late, again], heading=exported[0])[0] == 0
    wait_for("the end of it", lambda: told() == [("fired", key), ("cleared", key)])
    assert send(here, path, [stated.replace(f",{total:.6f},", ",1.000000,")],
                heading=exported[0])[0] == 0, "older than what is recorded: says nothing"
    assert len(told()) == 2
    for each in (keeper, there_keeper):
        each.stop()
        verified(each)


def test_what_an_older_release_received_stays(tmp_path):
    """It recorded of a volume what it added to what others had told of it."""
    at = local(*month_back(0)) // HOUR * HOUR
    if time.time() < at + 6 * HOUR:
        pytest.skip("the month is too young")
    book = ledger(tmp_path, months=2, text=text_of(), until=at)
    book.usage(at, "t-sante", {"block_tb": 1_000_000}, bases={"block_tb": 100},
               domains=[{"uuid": "", "name": "nfs/v", "amounts": {"block_tb": 100}}])
    book.interval(at)
    book.record("usage-received", {
        "appliance": THERE, "contract": "", "digest": "0" * 64, "interval_s": HOUR,
        "part": 1_000_000, "resources": {"block_tb": {"micro": 500_000, "quality": "whole"}},
        "sent": [{"micro": 1_500_000, "resource": "block_tb", "volume": "nfs/v"}],
        "sent_part": 0, "sent_seq": 3, "start": utc(at), "tenant": "t-sante"}, at + 2 * HOUR)
    book.write()
    keeper = keep(book).start()
    assert block(book) == {"t-sante": 1.5}
    old = row(at, "t-sante", "block_tb", "1.5", 3, volume="nfs/v")
    assert send(book, tmp_path / "u.csv", [old])[1]["duplicates"] == 1
    late = row(at, "t-sante", "block_tb", "1", 4, part=1, volume="nfs/v")
    assert send(book, tmp_path / "u.csv", [late])[1]["imported"] == 1
    assert block(book) == {"t-sante": 2.5}
    keeper.stop()
    verified(keeper)


def test_a_large_export_goes_in_parts(running, tmp_path):
    book, keeper = running
    first = local(*month_back(2)) // HOUR * HOUR
    rows = [row(first + i * HOUR, f"t-{k:03}", "ram_gib", "0.25", 1000 * i + k)
            for i in range(52) for k in range(100)]
    path = tmp_path / "u.csv"
    code, answer = send(book, path, rows)
    assert (code, answer["imported"]) == (0, 5200)
    acts = [r["body"]["detail"] for r in keeper.records("act") if r["body"]["verb"] == "usage.import"]
    assert [a["name"] for a in acts] == ["u.csv (1)", "u.csv (2)"]
    assert sum(a["imported"] for a in acts) == 5200
    assert send(book, path, rows)[1]["duplicates"] == 5200


def test_merges_may_be_merged_and_imported(running, tmp_path):
    book, keeper = running
    at = local(*month_back(1)) // HOUR * HOUR
    for n in range(40):
        (tmp_path / f"{n}.csv").write_text(
            f"{HEADING}\n{row(at, 't-sante', 'vcpu', '1', 1, appliance=f'a-{n}')}\n")
    files = [str(tmp_path / f"{n}.csv") for n in range(40)]
    done = book.vigie("usage", "merge", *files, "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["appliances"] == 40
    halves = []
    for half in (files[:25], files[20:]):
        halves.append(tmp_path / f"half{len(halves)}.csv")
        halves[-1].write_text(book.vigie("usage", "merge", "--raw", *half).stdout)
    again = json.loads(book.vigie("usage", "merge", *map(str, halves), "--json").stdout)
    assert again["rows"] == json.loads(done.stdout)["rows"] and again["duplicates_ignored"] == 5
    one = tmp_path / "one.csv"
    one.write_text(f"{HEADING}\n{row(at, 't-sante', 'vcpu', '1', 1)}\n")
    raw = tmp_path / "raw.csv"
    raw.write_text(book.vigie("usage", "merge", "--raw", str(one), str(one)).stdout)
    done = book.vigie("usage", "import", str(raw), "--json")
    assert json.loads(done.stdout)["imported"] == 1


def test_a_service_of_the_same_interval_is_known_again(running, tmp_path):
    """What another appliance sent of an interval does not hide what was imported here."""
    book, keeper = running
    at = local(*month_back(1)) // HOUR * HOUR + 24 * HOUR
    assert send(book, tmp_path / "a.csv", [row(at, "t-sante", "vcpu", "10", 10)])[0] == 0
    service = [f"{utc(at)},t-sante,caas_license,4.5"]
    for want in ((1, 0), (0, 1)):
        answer = send(book, tmp_path / "s.csv", service, heading="timestamp,tenant,resource,quantity")
        assert (answer[1]["imported"], answer[1]["duplicates"]) == want, answer
    answer = send(book, tmp_path / "a.csv", [row(at, "t-sante", "caas_license", "4.5", 11, part=1)])
    assert answer[1]["imported"] == 1, "of another appliance: another quantity"


def test_a_fleet_that_is_half_upgraded_is_told(running, tmp_path):
    """An export of before names a shared volume otherwise: nobody can know it, but it is said."""
    book, keeper = running
    at = local(*month_back(1)) // HOUR * HOUR + 24 * HOUR
    old = [row(at, "t-sante", "block_tb", "1", 10, volume="nfs/v")]
    new = [row(at, "t-sante", "block_tb", "1", 1, volume="shared:nas:/v", appliance="a-3") +
           ",0-3600:976562500"]
    (tmp_path / "old.csv").write_text("\n".join([HEADING, *old, ""]))
    (tmp_path / "new.csv").write_text("\n".join([HEADING + ",seen", *new, ""]))
    both = [str(tmp_path / name) for name in ("old.csv", "new.csv")]
    told = f"{THERE}\u00a0: relevé d'une version antérieure"
    assert told in book.vigie("usage", "merge", *both).stderr
    assert json.loads(book.vigie("usage", "merge", *both, "--json").stdout)["older"] == [THERE]
    assert "antérieure" not in book.vigie("usage", "merge", both[0]).stderr
    assert told in book.vigie("usage", "import", both[0]).stderr


def test_a_closed_month_is_corrected(tmp_path):
    book = ledger(tmp_path, months=2, text=text_of())
    book.write()
    keeper = keep(book).start()
    if time.time() < local(*month_back(1)) + 73 * HOUR:
        pytest.skip("no month is closed yet")
    (closed, *_) = wait_for("a closed month", lambda: statements(keeper))
    assert closed["absent"][0]["appliance"] == THERE
    at = local(*month_back(2)) // HOUR * HOUR + 24 * HOUR
    assert send(book, tmp_path / "u.csv", [row(at, "t-sante", "vcpu", "100", 1)])[0] == 0
    lines = [line for back in (1, 0) for line in statement(book, month_text(back))["lines"]
             if line["period"] == month_text(2)]
    assert [(line["tenant"], line["quantity"]) for line in lines] == [("t-sante", "100.000000")]
    assert statements(keeper)[0] == closed, "what is closed stays"
    keeper.stop()
    verified(keeper)
