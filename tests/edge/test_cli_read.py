# SPDX-License-Identifier: Apache-2.0
"""What the command says of a ledger: in both languages, on 80 columns, for people and programs."""

import csv
import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import unicodedata

import pytest

from ledgers import HOUR, Ledger, contract_text, programs, utc

HOSTILE = "\x1b[31mmal\u202e\x9b\x07<b>%n%s</b>"
# What a terminal may act upon: C0 but newline, DEL, C1, bidirectional controls.
ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
READERS = [["status"], ["tenants"], ["tenants", "propose"], ["usage"], ["usage", "--by", "day"],
           ["usage", "--by", "hour"], ["alerts"], ["alerts", "--all"], ["config"], ["doctor"],
           ["help"], ["version"]]


def columns(line):
    wide = {"W": 2, "F": 2}
    return sum(0 if unicodedata.combining(c) else wide.get(unicodedata.east_asian_width(c), 1)
               for c in line)



@pytest.fixture(scope="module")
def scene():
    """Three days of two tenants, below a short path; an hour not measured, one in part; names that attack."""
    ledger = Ledger(tempfile.mkdtemp(prefix="v", dir="/tmp"))
    now = time.time()
    hour = int(now) // HOUR * HOUR
    ledger.now, ledger.hour = now, hour
    ledger.contract(contract_text(now), now - 30 * 86400)
    for i in range(72, 0, -1):
        start = hour - i * HOUR
        if i == 30:
            ledger.interval(start, 0, [(start, start + HOUR, "libvirt-frozen")])
            continue
        ledger.usage(start, "t-finances", {"vcpu": 2_000_000, "cpu_used": 1_250_000},
                     "restarted" if i == 40 else "whole")
        ledger.usage(start, "_unassigned", {"vcpu": 1_000_000})
        covered = HOUR - 600 if i == 10 else HOUR
        ledger.interval(start, covered, [(start + 60, start + 660, "reader-restart")]
                        if i == 10 else ())
    ledger.alert("VIG-C-001", now - 7200, "major", "Contrat : seuil de 75 % " + HOSTILE,
                 "Contract: threshold of 75 % " + HOSTILE, key="amount-75")
    ledger.alert("VIG-D-001", now - 9000, "warning", "Un trou.", "A gap.", key="gap")
    ledger.alert("VIG-D-001", now - 8000, "warning", "Un trou.", "A gap.", "cleared", "gap", 2)
    ledger.open_usage(now, {"t-finances": {"vcpu": 750_000}})
    ledger.observation("heartbeat", {"libvirt": "ok", "clock": "synchronised", "domains": 3},
                       now - 2, 1)
    ledger.domain("web-sante-01", 1, now - 100, 2, {"metadata": HOSTILE})
    ledger.domain(HOSTILE, 2, now - 100, 3)
    ledger.domain("$(touch pwned)", 3, now - 100, 4)
    ledger.checkpoint(now - 60)
    ledger.write()
    yield ledger
    shutil.rmtree(ledger.folder)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_fits_a_terminal_and_never_acts_on_it(scene, words, lang):
    done = scene.vigie(*words, lang=lang)
    assert done.returncode in (0, 1), done.stderr
    assert not ACTS.search(done.stdout + done.stderr)
    for line in done.stdout.splitlines():
        assert columns(line) <= 80, line


@pytest.mark.parametrize("words", [w for w in READERS if w != ["help"]], ids=" ".join)
def test_json_is_one_value_the_same_in_both_languages(scene, words):
    answers = [json.loads(scene.vigie(*words, "--json", lang=lang).stdout) for lang in ("fr", "en")]
    assert [sorted(a) for a in answers][0] == sorted(answers[1])
    assert not ACTS.search(scene.vigie(*words, "--json").stdout)


def test_languages_differ_and_the_environment_decides(scene):
    french = scene.vigie("status").stdout
    english = scene.vigie("status", lang="en").stdout
    assert "Abonnés" in french and "Tenants" in english
    for value, word in {"en_CA.UTF-8": "Tenants", "fr_CA.UTF-8": "Abonnés", "C": "Abonnés",
                        "de_DE.UTF-8": "Abonnés", "": "Abonnés"}.items():
        env = {"LC_ALL": value, "LC_MESSAGES": "", "LANG": ""}
        out = subprocess.run([programs() / "vigie", "--config", scene.config, "status"],
                             env=dict(os.environ, **env), capture_output=True, text=True).stdout
        assert word in out, value


def test_status_gives_the_figures(scene):
    status = json.loads(scene.vigie("status", "--json").stdout)
    # 71 hours of 2 + 1 vCPU-hours and 0.75 open, at 60.00 an hour
    assert status["contract"]["consumed_cad"] == f"{(71 * 3 + 0.75) * 60:.2f}"
    assert status["contract"]["authorised_cad"] == "20.00"
    assert status["verdict"]["level"] == "act"
    assert "le montant autorisé est dépassé" in status["verdict"]["reasons"]
    tenants = {t["id"]: t for t in status["tenants"]}
    assert tenants["t-finances"]["open"] == {"vcpu": "0.750000"}
    health = {h["id"]: h for h in status["health"]}
    assert health["observation"]["answer"] == health["libvirt"]["answer"] == "pass"
    assert health["last_24h"]["value"] == 600
    assert health["keeper"]["answer"] == "fail"
    assert [a["code"] for a in status["alerts"]] == ["VIG-C-001"]


def test_status_says_in_words_when_all_is_well(tmp_path):
    ledger = Ledger(tmp_path)
    now = time.time()
    contract = json.loads(contract_text(now))
    contract["money"]["authorised_amount"] = "1000000.00"
    ledger.contract(json.dumps(contract), now - 86400)
    ledger.interval(int(now) // HOUR * HOUR - HOUR)
    ledger.observation("heartbeat", {"libvirt": "ok", "clock": "synchronised", "domains": 0}, now, 1)
    ledger.checkpoint(now)
    ledger.write()
    with socket.socket(socket.AF_UNIX) as keeper:
        keeper.bind(str(tmp_path / "run/keeper.sock"))
        keeper.listen()
        done = ledger.vigie("status")
        assert done.returncode == 0, done.stdout
        assert done.stdout.splitlines()[0] == "● Tout va bien"
        assert ledger.vigie("status", lang="en").stdout.splitlines()[0] == "● All is well"
    assert ledger.vigie("status").returncode == 1


def test_without_a_ledger_it_says_what_to_do(tmp_path):
    ledger = Ledger(tmp_path)
    for words in (["status"], ["usage"], ["tenants"], ["alerts"]):
        done = ledger.vigie(*words)
        assert done.returncode == 3
        assert "vigied" in done.stderr and not done.stdout
        answer = json.loads(ledger.vigie(*words, "--json").stdout)
        assert answer["error"]["code"] == "no-ledger"
        assert answer["all"] == [answer["error"]]
    assert ledger.vigie("doctor").returncode == 1


def test_without_time_zones_it_names_the_package(scene, tmp_path):
    nowhere = {"TZDIR": str(tmp_path)}
    for words in (["status"], ["usage"], ["tenants"], ["alerts"]):
        for lang, sentence in (("fr", "introuvable"), ("en", "not found")):
            done = scene.vigie(*words, lang=lang, env=nowhere)
            assert done.returncode == 3 and not done.stdout
            assert sentence in done.stderr and "apt-get install tzdata" in done.stderr
        answer = json.loads(scene.vigie(*words, "--json", env=nowhere).stdout)
        assert answer["error"]["code"] == "no-tzdata"


def test_a_damaged_ledger_is_refused_without_a_crash(scene, tmp_path):
    ledger = Ledger(tmp_path)
    (tmp_path / "state/ledger.db").write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    assert ledger.vigie("status").returncode == 3


def usage_json(scene, *words):
    return json.loads(scene.vigie("usage", "--json", *words).stdout)


def test_usage_never_shows_a_gap_as_zero(scene):
    answer = usage_json(scene, "--by", "hour")
    gap = next(p for p in answer["periods"] if p["cause"] == "libvirt-frozen")
    assert gap["covered_s"] == 0 and gap["expected_s"] == HOUR
    assert not [r for r in answer["rows"] if r["from"] == gap["from"]]
    text = scene.vigie("usage", "--by", "hour").stdout
    assert "non mesuré (libvirt ne répondait plus)" in text
    assert "not measured (libvirt no longer answered)" in scene.vigie(
        "usage", "--by", "hour", lang="en").stdout
    lines = list(csv.DictReader(io.StringIO(scene.vigie("usage", "--by", "hour", "--csv").stdout)))
    line = next(row for row in lines if row["from"] == gap["from"])
    assert (line["quantity"], line["quality"], line["covered_s"]) == ("", "gap", "0")


@pytest.mark.parametrize("by", ["hour", "day", "month"])
def test_usage_adds_up_however_it_is_cut(scene, by):
    first = time.strftime("%Y-%m-%d", time.gmtime(scene.hour - 5 * 86400))
    rows = usage_json(scene, "--by", by, "--from", first)["rows"]
    total = sum(int(r["quantity"].replace(".", "")) for r in rows
                if r["tenant"] == "t-finances" and r["resource"] == "vcpu")
    assert total == 71 * 2_000_000 + 750_000
    assert sum(r["open"] for r in rows) >= 1


def test_usage_costs_a_month_what_its_statement_says(scene):
    first = time.strftime("%Y-%m", time.gmtime(scene.hour - 4 * 86400))
    rows = usage_json(scene, "--from", first)["rows"]
    cents = sum(int(r["cost_cad"].replace(".", "")) for r in rows if r["cost_cad"])
    consumed = json.loads(scene.vigie("status", "--json").stdout)["contract"]["consumed_cad"]
    assert cents == int(consumed.replace(".", ""))


def test_usage_filters(scene):
    rows = usage_json(scene, "--tenant", "t-finances", "--resource", "cpu_used")["rows"]
    assert rows and {(r["tenant"], r["resource"]) for r in rows} == {("t-finances", "cpu_used")}
    assert all(r["cost_cad"] is None for r in rows)


def test_usage_days_are_local_days(scene):
    answer = usage_json(scene, "--by", "day", "--from", "2026-03-08", "--to", "2026-03-08")
    period, = answer["periods"]
    assert (period["from"], period["to"]) == ("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")
    answer = usage_json(scene, "--by", "hour", "--from", "2026-11-01", "--to", "2026-11-01")
    assert len(answer["periods"]) == 25


def test_csv_starts_no_formula(tmp_path):
    ledger = Ledger(tmp_path)
    now = time.time()
    start = int(now) // HOUR * HOUR - 2 * HOUR
    for tenant in ("=cmd|' /C calc'!A0", "+1", "-1", "@x", "\t=1", 'a"b,c'):
        ledger.usage(start, tenant, {"vcpu": 1_000_000})
    ledger.interval(start)
    ledger.write()
    text = ledger.vigie("usage", "--csv").stdout
    names = [row["tenant"] for row in csv.DictReader(io.StringIO(text)) if row["tenant"]]
    assert len(names) == 6
    assert not [n for n in names if n[0] in "=+-@\t\r"]
    assert 'a"b,c' in names


@pytest.mark.parametrize("words", [["--from", "hier"], ["--to", "2026-13-01"],
                                   ["--from", "2026-11-02", "--to", "2026-11-01"],
                                   ["--by", "week"],
                                   ["--by", "hour", "--from", "1900-01-01"]], ids=" ".join)
def test_usage_refuses_what_it_does_not_understand(scene, words):
    done = scene.vigie("usage", *words)
    assert done.returncode == 2 and done.stderr and not done.stdout


def test_alerts_say_since_when_and_what_to_do(scene):
    done = scene.vigie("alerts")
    assert done.returncode == 1
    assert "VIG-C-001" in done.stdout and "À faire" in done.stdout
    assert "VIG-D-001" not in done.stdout
    both = json.loads(scene.vigie("alerts", "--all", "--json", lang="en").stdout)["alerts"]
    assert [a["active"] for a in both] == [True, False]
    assert both[0]["text"] == "Contract: threshold of 75 % " + HOSTILE
    assert both[0]["action"].startswith("Contract management")


def test_propose_shows_evidence_and_guesses(scene):
    answer = json.loads(scene.vigie("tenants", "propose", "--json").stdout)["unassigned"]
    by_name = {d["name"]: d for d in answer}
    assert by_name["web-sante-01"]["guess"] == "t-sante"
    assert by_name["web-sante-01"]["evidence"] == {"metadata": HOSTILE}
    assert by_name["web-sante-01"]["hostile"] is True
    assert by_name[HOSTILE]["guess"] is None
    assert scene.vigie("tenants", "propose").returncode == 1


def test_acts_need_the_keeper_and_say_so(scene):
    for words in (["tenants", "map", "web-sante-01", "t-sante", "--reason", "essai"],
                  ["alerts", "ack", "VIG-C-001/CS-DEMO-0001/amount-75"]):
        done = scene.vigie(*words)
        assert done.returncode == 4, done.stderr
        assert json.loads(scene.vigie(*words, "--json").stdout)["error"]["code"] == "unreachable"
    assert scene.vigie("tenants", "map", "web-sante-01", "t-sante").returncode == 2
    assert scene.vigie("tenants", "map", "nobody-home", "t-sante", "--reason", "x").returncode == 3
    assert scene.vigie("tenants", "map", "web-sante-01", "pas permis", "--reason",
                       "x").returncode == 2
    assert scene.vigie("tenants", "map", "web-sante-01", "t-sante", "--as", "uuid", "--reason",
                       "x").returncode == 2


@pytest.mark.parametrize("words", [["tenants"], ["alerts"], ["alerts", "--json"]], ids=" ".join)
@pytest.mark.parametrize("shell", ['exec "$@" >/dev/full', 'exec "$@" >&-'])
def test_an_answer_that_cannot_be_written_is_told(scene, words, shell):
    """3, and not the 1 of something found: whoever asked has found out nothing."""
    done = subprocess.run(["sh", "-c", shell, "sh", programs() / "vigie", "--lang", "en", "--config",
                           scene.config, *words], capture_output=True, text=True)
    assert done.returncode == 3 and "the answer could not be written: " in done.stderr


@pytest.mark.parametrize("words", [["statement", "--format", "html"], ["dossier"],
                                   ["summary", "--public"]], ids=" ".join)
def test_it_is_told_why_a_long_answer_could_not_be_written(scene, words):
    """Also of one that is longer than what is kept back before it is written."""
    for shell, why in (('exec "$@" >/dev/full', "disk is full"), ('exec "$@" >&-', "descriptor")):
        done = subprocess.run(["sh", "-c", shell, "sh", programs() / "vigie", "--lang", "en",
                               "--config", scene.config, *words], capture_output=True, text=True)
        assert done.returncode == 3 and why in done.stderr, done.stderr


@pytest.mark.parametrize("words", [["statement", "--format", "csv"], ["statement", "--format", "html"],
                                   ["dossier", "--format", "html"], ["usage", "--csv"],
                                   ["usage", "export"], ["focus"]], ids=" ".join)
def test_json_is_json_whatever_else_is_asked(scene, words):
    done = scene.vigie(*words, "--json", lang="fr")
    assert done.returncode == 0 and isinstance(json.loads(done.stdout), dict)


def test_usage_export_says_the_same_to_programs(scene):
    rows = list(csv.DictReader(io.StringIO(scene.vigie("usage", "export", lang="fr").stdout)))
    told = json.loads(scene.vigie("usage", "export", "--json", lang="fr").stdout)["rows"]
    assert len(rows) > 100 and rows == [{name: str(value) for name, value in row.items()}
                                        for row in told]


@pytest.mark.parametrize("words", [["status"], ["tenants"], ["usage"], ["usage", "--by", "day"],
                                   ["usage", "--by", "hour"], ["alerts"], ["alerts", "--all"],
                                   ["doctor"], ["help", "bundle", "export"],
                                   ["usage", "--help"]], ids=" ".join)
def test_fits_forty_columns(scene, words):
    """Nothing is lost of it: what does not fit beside stands below. A word longer than the screen is
    longer than the screen."""
    done = subprocess.run([programs() / "vigie", "--config", scene.config, *words], text=True,
                          capture_output=True, env=dict(os.environ, COLUMNS="40"))
    long = [line for line in done.stdout.splitlines()
            if columns(line) > 40 and len(line.split()) > 1]
    assert done.stdout and not long, long


def test_a_contract_that_writes_backwards_is_taken_and_never_obeyed(tmp_path):
    """Bidirectional controls are letters of a signed text: refusing them would refuse names in other
    scripts. They are replaced for people and escaped for programs, wherever the contract is told."""
    now, evil = time.time(), "Santé\u202e$00,0 :\u2066x\u2069"
    contract = json.loads(contract_text(now))
    contract["parties"]["client"]["name_fr"] = contract["solution"]["name_fr"] = evil
    contract["tenants"][0]["name_fr"] = contract["price_list"][0]["name_fr"] = evil
    text = json.dumps(contract, ensure_ascii=False)
    ledger = Ledger(tmp_path)
    ledger.contract(text, now - 86400)
    ledger.open_usage(now, {"t-finances": {"vcpu": 750_000}})
    ledger.write()
    file = tmp_path / "contract.json"
    file.write_text(text)
    for words in (["contract", "check", str(file)], ["contract", "show"], ["status"], ["tenants"],
                  ["usage"], ["statement", time.strftime("%Y-%m")], ["dossier"]):
        for more in ([], ["--json"]):
            done = ledger.vigie(*words, *more)
            assert done.returncode in (0, 1, 2), (words, more, done.stderr)
            assert not ACTS.search(done.stdout + done.stderr), (words, more)
    assert ledger.vigie("contract", "check", str(file)).returncode == 0


def test_an_old_heartbeat_says_nothing_of_now(tmp_path):
    ledger = Ledger(tmp_path)
    now = time.time()
    ledger.observation("heartbeat", {"libvirt": "ok", "clock": "synchronised", "domains": 3},
                       now - 300, 1)
    ledger.write()
    health = {row["id"]: row["answer"] for row in
              json.loads(ledger.vigie("status", "--json").stdout)["health"]}
    assert health["libvirt"] == "unknown" and health["keeper"] == "fail"


def test_what_is_open_is_not_said_to_be_unmeasured(tmp_path):
    """Installed within the hour: of the day only the open interval was measured."""
    ledger = Ledger(tmp_path)
    now = time.time()
    ledger.open_usage(now, {"t-finances": {"vcpu": 750_000}})
    ledger.write()
    period = ["usage", "--by", "month", "--from", time.strftime("%Y-%m", time.gmtime(now - 86400))]
    text = ledger.vigie(*period, lang="en").stdout
    assert re.search(r"open; until \d{4}-\d\d-\d\d at \d\d:\d\d.*: not measured", text), text
    [row] = [row for row in csv.DictReader(io.StringIO(ledger.vigie(*period, "--csv").stdout))
             if row["open"] == "1"]
    assert (row["covered_s"], row["quality"]) == ("0", "gap"), row


def test_watch_starts_again_until_it_is_stopped(scene):
    process = subprocess.Popen([programs() / "vigie", "--config", scene.config, "--json", "status",
                                "--watch"], stdout=subprocess.PIPE, text=True)
    try:
        lines = [process.stdout.readline(), process.stdout.readline()]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
    stamps = [json.loads(line)["at"] for line in lines]
    assert stamps[0] < stamps[1]


def test_reading_writes_nothing(scene):
    path = scene.folder / "state/ledger.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        before = list(db.iterdump())
    for words in READERS:
        scene.vigie(*words)
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        assert list(db.iterdump()) == before


def test_propose_heeds_a_mapping_at_once(tmp_path):
    ledger = Ledger(tmp_path)
    now = time.time()
    ledger.domain("seule", 1, now - 100, 1)
    ledger.write()
    assert len(json.loads(ledger.vigie("tenants", "propose", "--json").stdout)["unassigned"]) == 1
    ledger.record("act", {
        "author": {"role": "admin", "uid": 0, "user": "root"}, "verb": "tenant.map",
        "detail": {"by": "name", "from": utc(now - 5), "reason": "x", "tenant": "t-sante",
                   "value": "se*"}}, now)
    ledger.write()
    assert ledger.vigie("tenants", "propose").returncode == 0


def test_status_writes_out_one_alert_a_code(tmp_path):
    ledger = Ledger(tmp_path)
    now = time.time()
    for i, pct in enumerate((50, 75, 90)):
        ledger.alert("VIG-C-001", now - 60 + i, ["warning", "warning", "major"][i],
                     f"seuil {pct}", f"threshold {pct}", key=f"amount-{pct}")
    ledger.write()
    text = ledger.vigie("status").stdout
    assert "seuil 90" in text and "seuil 75" not in text and "et 2 autres" in text
