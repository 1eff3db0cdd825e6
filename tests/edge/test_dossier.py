# SPDX-License-Identifier: Apache-2.0
"""The supplier's dossier: every figure from records, each naming them; nothing judged unrecorded."""

import json
import time

import pytest

from ledgers import utc
from months import EVIL, contract, ledger, local, month_back, month_text
from test_months import closed_by_now, keep, statements
from test_statement import WIDE, Page, fetches_nothing, printed
from vigied import wait_for

DAY = 86400


def fault(id_, episode, first, event, ended=0, location="chassis/drive/3", severity="critical"):
    return {"at_s": int(first), "code": "drive.failed", "component": {"location": location},
            "count": 1, "episode": episode, "event": event, "evidence": [], "first_s": int(first),
            "id": id_, "last_s": int(ended or first), "severity": severity,
            "state": "failed" if not ended else "replaced", **({"ended_s": int(ended)} if ended
                                                               else {})}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    book = ledger(tmp_path_factory.mktemp("dossier"))
    now = time.time()
    for version, back in (("0.1.0", 60), ("0.1.1", 20)):
        book.record("life", {"after": "clean", "appliance": book.appliance, "boot_id": "x",
                             "event": "start", "version": version}, now - back * DAY, "shared")
    book.record("fault", fault("f1", 1, now - 30 * DAY, "opened", location=EVIL), now - 30 * DAY,
                "shared")
    book.record("fault", fault("f1", 1, now - 30 * DAY, "replaced", now - 28 * DAY, EVIL),
                now - 28 * DAY, "shared")
    book.record("fault", fault("f2", 1, now - 5 * DAY, "opened"), now - 5 * DAY, "shared")
    book.record("firmware", {"at": "2027-01-01T00:00:00Z", "event": "firmware",
                             "component": {"class": "bmc", "location": "bmc", "firmware": "2.0"},
                             "before": {"class": "bmc", "location": "bmc", "firmware": "1.9"}}, now - 9 * DAY,
                "shared")
    book.lines.sort(key=lambda line: line.get("utc_ns", 0))
    book.write()
    keeper = keep(book).start()
    wait_for("the months to close", lambda: len(statements(keeper)) == len(closed_by_now(4)), 60)
    keeper.stop()
    book.keeper = keeper
    return book


def read(book, *words):
    done = book.vigie("dossier", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def entry(book, name):
    log, seq = name.split()
    rows = book.keeper.sql("SELECT bytes FROM records WHERE id = ?",
                           (int(seq) + ((1 << 48) if log == "client" else 0)))
    return json.loads(rows[0][0])


def test_figures_and_their_entries(book):
    answer = read(book)
    faults = {f["id"]: f for f in answer["faults"]}
    assert faults["f1"]["repair_s"] == 2 * DAY and faults["f2"]["repair_s"] is None
    assert len(faults["f1"]["entries"]) == 2
    for row in answer["faults"] + answer["updates"] + answer["commitments"]:
        for name in row["entries"]:
            assert entry(book, name)["type"] in ("fault", "life", "firmware", "statement")
    assert [(u["what"], u["before"], u["after"]) for u in answer["updates"]
            if u["what"] == "bmc"] == [("bmc", "1.9", "2.0")]
    assert ("vigie", "0.1.0", "0.1.1") in [(u["what"], u["before"], u["after"])
                                           for u in answer["updates"]]
    tops = {(c["month"], c["ref"]): c for c in answer["commitments"]}
    for statement in statements(book.keeper):
        for line in statement["lines"]:
            if line["kind"] == "shortfall":
                assert tops[statement["month"], line["ref"]]["amount"] == line["amount"]
    covered = answer["availability"]
    assert 0 < covered["covered_s"] < covered["expected_s"] and covered["gaps"]


def test_what_was_measured_names_its_entries(book):
    """The figure is the sum of the records that it names; each gap stands in the one it names."""
    measured = read(book)["availability"]
    records = [entry(book, name) for name in measured["entries"]]
    assert {r["type"] for r in records} == {"interval"}
    assert sum(r["body"]["covered_s"] for r in records) == measured["covered_s"]
    assert (sum(r["body"]["interval_s"] for r in records) + measured["unrecorded_s"] ==
            measured["expected_s"])
    unrecorded = [gap for gap in measured["gaps"] if gap["cause"] == "unrecorded"]
    assert sum(gap["seconds"] for gap in unrecorded) == measured["unrecorded_s"] > 0
    assert measured["gaps"] == sorted(measured["gaps"], key=lambda gap: gap["from"])
    for gap in measured["gaps"]:
        if gap in unrecorded:
            assert gap["entries"] == [], "no record tells of it"
            continue
        (name,) = gap["entries"]
        assert name in measured["entries"]
        assert (gap["from"], gap["to"]) in [(g["from"], g["to"])
                                            for g in entry(book, name)["body"]["gaps"]]
    page = Page(book.vigie("dossier").stdout)
    assert measured["entries"][0] in page.text and measured["entries"][-1] in page.text


def test_repairs_against_the_agreed_time(tmp_path):
    """A day for what is critical, counted at all hours; for a warning no time was agreed."""
    book = ledger(tmp_path, months=2, schema="vigie-contract/2", orders=[], termination=None,
                  reporting_appliance=None, service_levels={
                      "levels": [{"severity": "critical", "respond_minutes": None,
                                  "repair_minutes": 1440, "coverage": None}],
                      "coverage_windows": [], "maintenance_windows": []})
    now = int(time.time())
    wanted = {}
    for name, severity, back, days, state in (
            ("met", "critical", 20, 0.5, "met"), ("late", "critical", 18, 2, "missed"),
            ("new", "critical", 0.1, 0, "running"), ("open", "critical", 5, 0, "overdue"),
            ("free", "warning", 16, 9, "no_agreed_time")):
        first = now - int(back * DAY)
        wanted[name] = (state, utc(first + DAY) if severity == "critical" else "")
        book.record("fault", fault(name, 1, first, "opened", severity=severity), first, "shared")
        if days:
            ended = first + int(days * DAY)
            book.record("fault", fault(name, 1, first, "cleared", ended, severity=severity), ended,
                        "shared")
    book.lines.sort(key=lambda line: line.get("utc_ns", 0))
    book.write()
    found = {f["id"]: (f["repair_state"], f["repair_due"]) for f in read(book)["faults"]}
    assert found == wanted
    for lang, words in (("fr", ["délai respecté", "délai dépassé", "délai en cours", "en retard",
                                "aucun délai convenu", "critique\u00a0: ", "réparation en "]),
                        ("en", ["time met", "time missed", "time running", "overdue",
                                "no agreed time", "critical: ", "repair in "])):
        page = Page(book.vigie("dossier", "--incidents", lang=lang).stdout)
        for word in words:
            assert word in page.text, word


def test_a_period_and_the_incidents(book):
    month = month_text(0)
    answer = read(book, "--from", month, "--to", month)
    assert all(f["ended"] == "" or f["ended"] >= month for f in answer["faults"])
    done = book.vigie("dossier", "--incidents", "--out", "-")
    page = Page(done.stdout)
    assert "Extrait d'incidents" in page.text and "Mises à jour" not in page.text
    assert book.vigie("dossier", "--from", "2027-99").returncode == 2
    assert book.vigie("dossier", "--from", month_text(0), "--to", month_text(1)).returncode == 2


def test_the_document(book):
    for lang, words in (("fr", ["Dossier de rendement", "aucun délai n'a été convenu", "en cours"]),
                        ("en", ["Performance dossier", "no time was agreed", "open"])):
        done = book.vigie("dossier", lang=lang)
        assert done.returncode == 0, done.stderr
        fetches_nothing(done.stdout)
        page = Page(done.stdout)
        for word in words:
            assert word in page.text, word
        # A place may be broken behind its slashes.
        assert EVIL in page.text.replace("/ ", "/")


def test_nothing_recorded_is_said(tmp_path):
    book = ledger(tmp_path, months=1)
    book.write()
    assert "Aucune défaillance n'est inscrite." in Page(book.vigie("dossier").stdout).text


def test_the_figures_in_short(tmp_path):
    """Counted from the rows; an agreed time that is overdue was missed."""
    book = ledger(tmp_path, months=2, schema="vigie-contract/2", orders=[], termination=None,
                  reporting_appliance=None, service_levels={
                      "levels": [{"severity": "critical", "respond_minutes": 60,
                                  "repair_minutes": 1440, "coverage": None}],
                      "coverage_windows": [], "maintenance_windows": []})
    now = int(time.time())
    for name, back, days in (("met", 20, 0.5), ("late", 18, 2.5), ("open", 5, 0)):
        first = now - back * DAY
        book.record("fault", fault(name, 1, first, "opened"), first, "shared")
        if days:
            ended = first + int(days * DAY)
            book.record("fault", fault(name, 1, first, "cleared", ended), ended, "shared")
    book.lines.sort(key=lambda line: line.get("utc_ns", 0))
    book.write()
    assert read(book)["summary"] == {
        "faults": 3, "open": 1, "repair_longest_s": 5 * DAY // 2, "repair_mean_s": 3 * DAY // 2,
        "repair_met": 1, "repair_missed": 2, "respond_met": 0, "respond_missed": 3}
    for lang, words in (("fr", ["3, dont 1 en cours", "en moyenne 1\u00a0j 12\u00a0h",
                                "respecté 1 fois sur 3"]),
                        ("en", ["3, of which 1 open", "met 1 times out of 3"])):
        text = " ".join(Page(book.vigie("dossier", lang=lang).stdout).text.split())
        for word in words:
            assert word.replace("\u00a0", " ") in text.replace("\u00a0", " "), word


def test_updates_come_by_date_and_amounts_as_money(book):
    answer = read(book)
    times = [update["at"] for update in answer["updates"]]
    assert len(times) > 2 and times == sorted(times)
    amount = answer["commitments"][0]["amount"]
    whole, cents = amount.split(".")
    for lang, form in (("fr", f"{int(whole):,}".replace(",", "\u202f") + f",{cents}\u00a0$"),
                       ("en", f"{int(whole):,}.{cents}\u00a0CAD")):
        assert form in Page(book.vigie("dossier", lang=lang).stdout).text, form


def test_facts_say_what_was_recorded(book, tmp_path):
    paper = tmp_path / "lettre.pdf"
    paper.write_bytes(b"%PDF")
    keeper = keep(book).start()
    for words in (["dispute", "D-7", "--state", "opened", "--note", EVIL],
                  ["invoice", "F-9", "--amount", "1234.50", "--month", month_text(1), "--document",
                   str(paper), "--on-behalf", "Direction des finances"]):
        done = book.vigie("contract", "record", *words)
        assert done.returncode == 0, done.stderr
    keeper.stop()
    facts = {fact["target"]: fact for fact in read(book)["facts"]}
    assert facts["D-7"]["values"] == {"state": "opened"}
    assert facts["F-9"]["document_name"] == "lettre.pdf" and len(facts["F-9"]["document"]) == 64
    for lang, words in (("fr", ["état\u00a0: ouvert; " + EVIL, "montant\u00a0: 1\u202f234,50\u00a0$",
                                "document\u00a0: lettre.pdf", "Direction des finances"]),
                        ("en", ["state: open; " + EVIL, "amount: 1,234.50\u00a0CAD"])):
        flat = Page(book.vigie("dossier", lang=lang).stdout).text
        flat = "".join(flat.split("\u00ad")).replace("  ", " ").replace(" ; ", "; ")
        for word in words:
            assert word.replace(" ", "") in flat.replace(" ", ""), word


def test_signed_heads_stand_in_it(book):
    heads = read(book)["checkpoints"]
    assert set(heads) == {"client", "shared"}
    for log, head in heads.items():
        assert head.startswith(f"vigie/{book.appliance}/{log}/")
        assert "\n\u2014 " in head
    page = Page(book.vigie("dossier").stdout).text
    assert all(head.splitlines()[-1] in page for head in heads.values())


def test_what_is_to_come_is_not_told(book):
    answer = read(book, "--to", month_text(-9))
    assert answer["to"] <= utc(time.time())
    assert book.vigie("dossier", "--from", month_text(-9)).returncode == 2


def test_both_languages_and_pages(tmp_path):
    """Printed: French, then English on a new sheet; no column leaves it, and no word of ours is torn."""
    book = ledger(tmp_path, months=1)
    now = int(time.time())
    for i in range(12):
        first = now - (i + 1) * DAY
        where = f"chassis/{WIDE}/{i}" if i % 2 else f"chassis/drive/{i}"
        severity = "warning" if i % 3 else "critical"
        book.record("fault", fault(f"f{i}", 1, first, "opened", location=where, severity=severity),
                    first, "shared")
    book.lines.sort(key=lambda line: line.get("utc_ns", 0))
    book.write()
    page = tmp_path / "dossier.html"
    done = book.vigie("dossier", "--incidents", "--lang", "both", "--out", str(page))
    assert done.returncode == 0, done.stderr
    fetches_nothing(page.read_text())
    text = Page(page.read_text()).text
    assert text.index("Extrait d'incidents") < text.index("Extract of incidents")
    sheets = printed(page, tmp_path)
    english = next(i for i, sheet in enumerate(sheets) if "Extract of incidents" in sheet)
    assert english > 0 and sheets[english].lstrip().startswith("Extract of incidents")
    whole = "".join(sheets)
    assert whole.count("avertissement") >= 8 and whole.count("warning") >= 8
    assert "chassis/" in whole and "drive/0" in whole
