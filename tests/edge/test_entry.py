# SPDX-License-Identifier: Apache-2.0
"""Contracts entered by people: questions, tables from a spreadsheet, refusals at once."""

import csv
import io
import json
import os
import re
import subprocess

import pytest

from ledgers import Ledger, programs
from months import contract, local, month_back

ANSWERS = {
    "contract_id": "CS-2027-0042", "framework_id": "EC-INFO-PRIV-0012", "seao_notice": "",
    "client_fr": "Régie fictive des essais", "supplier_fr": "Infonuagique fictive inc.",
    "offer_id": "IF-1", "solution_fr": "Nuage privé d'essai", "mode": "mixed",
    "appliances": "vigie-a, vigie-b", "signed_on": "2027-01-12", "start_date": "2027-02-01",
    "end_date": "2029-01-31", "exit_by": "2029-01-15", "amount": "750\u00a0000,00 $",
    "manager_email": "contrats@regie.example", "components": "components.csv",
    "tenants": "tenants.csv", "prices": "prices.csv", "recurring": "recurring.csv",
    "commitments": "commitments.csv", "renewals": "renewals.csv",
    "coverage_windows": "coverage.csv", "maintenance_windows": "maintenance.csv",
    "service_levels": "levels.csv", "recipients": "recipients.csv"}
TABLES = {
    "components.csv": "ref;kind;manufacturer;model;max_quantity\n"
                      "SRV;server;Exemple;N2;8\nACT;entry_activity;Exemple;Entrée;1\n",
    "tenants.csv": "id,name_fr,name_en,cost_centre\n"
                   "t-a,Direction A,Branch A,UA-1\nt-b,\"Direction B, cloisonnée\",,\n",
    "prices.csv": "sku;component_ref;resource;unit;charge;price;per;name_fr\n"
                  "VCPU;SRV;vcpu;vcpu_hour;usage;0,0212;1;vCPU alloué, heure\n"
                  "NODE;SRV;node;server_month;recurring;1 875,00;;Nœud\n"
                  "ENTRY;ACT;entry_activity;each;purchase;12400;1;Activité d'entrée\n",
    "recurring.csv": "id,sku,tenant,quantity,from_date\nREC-1,NODE,*,3,2027-02-15\n",
    "commitments.csv": "id,basis,value\nMIN,amount_month,\"9000\"\n",
    "renewals.csv": "id,exercise_by,new_end_date\nOPT-1,2028-10-31,2030-01-31\n",
    "coverage.csv": "id;days;from;to;on_holidays\nH-OUV;lun-ven;08:00;17:00;\n"
                    "H-24;mon-fri;00:00;24:00;oui\nH-24;sam, dim;06:00;22:00;oui\n",
    "maintenance.csv": "id,days,from,to,weeks\nENTRETIEN,dim,02:00,06:00,\"1, 3\"\n",
    "levels.csv": "severity,respond_minutes,repair_minutes,coverage\ncritical,60,480,H-24\nwarning,,,\n",
    "recipients.csv": "id;role;lang;name;tenant;email;min_severity;classes\n"
                      "r-ti;client_it;fr+en;Équipe TI;;ti@regie.example;;failure, isolation\n"
                      "r-a;tenant_owner;en;;t-a;a@regie.example;major;\n"}


def run(folder, *words, answers=None, stdin=None, lang="fr"):
    if answers is not None:
        (folder / "answers").write_text("".join(f"{k} = {v}\n" for k, v in answers.items()))
        words = (*words, "--answers", "answers")
    return subprocess.run([programs() / "vigie", "--lang", lang, *words], cwd=folder,
                          capture_output=True, text=True, input=stdin, timeout=60,
                          env=dict(os.environ, LC_ALL="C.UTF-8"))


@pytest.fixture
def folder(tmp_path):
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_contract_from_answers(folder):
    done = run(folder, "contract", "new", answers=ANSWERS)
    assert done.returncode == 0, done.stderr
    tree = json.loads((folder / "CS-2027-0042.json").read_text())
    assert tree["money"]["authorised_amount"] == "750000.00"
    assert tree["solution"]["sites"][0]["appliances"] == ["vigie-a", "vigie-b"]
    assert tree["price_list"][1]["price"] == "1875.00" and tree["price_list"][1]["per"] == 1
    assert tree["tenants"][1]["name_en"] == "Direction B, cloisonnée"
    assert tree["qualified_components"][0]["qualified_on"] == "2027-01-12"
    assert tree["recurring"][0]["to_date"] is None
    assert tree["term"]["renewals"] == [{"id": "OPT-1", "exercise_by": "2028-10-31",
                                         "new_end_date": "2030-01-31", "exercised_on": None}]
    week = ["mon", "tue", "wed", "thu", "fri"]
    assert tree["service_levels"] == {"coverage_windows": [
        {"id": "H-OUV", "on_holidays": False,
         "periods": [{"days": week, "from": "08:00", "to": "17:00"}]},
        {"id": "H-24", "on_holidays": True,
         "periods": [{"days": week, "from": "00:00", "to": "24:00"},
                     {"days": ["sat", "sun"], "from": "06:00", "to": "22:00"}]}],
        "maintenance_windows": [{"id": "ENTRETIEN", "on_holidays": False, "periods": [
            {"days": ["sun"], "from": "02:00", "to": "06:00", "weeks": [1, 3]}]}], "levels": [
        {"severity": "critical", "respond_minutes": 60, "repair_minutes": 480, "coverage": "H-24"},
        {"severity": "warning", "respond_minutes": None, "repair_minutes": None, "coverage": None}]}
    assert [who["id"] for who in tree["recipients"]] == ["r-contrat", "r-ti", "r-a"]
    assert tree["recipients"][1] == {
        "id": "r-ti", "role": "client_it", "lang": "fr+en", "name": "Équipe TI",
        "email": "ti@regie.example", "channels": ["email"], "min_severity": "warning",
        "classes": ["failure", "isolation"]}
    assert tree["recipients"][2]["tenant"] == "t-a"
    assert run(folder, "contract", "check", "CS-2027-0042.json").returncode == 0
    # The page to hold beside the paper.
    for word in ("Régie fictive des essais", "750\u202f000,00", "2029-01-31", "vCPU alloué", "OPT-1",
                 "réparation en 8", "ti@regie.example", "contract load", "Exemple, Entrée",
                 "activité d'entrée", "lun, mar, mer, jeu, ven de 08:00 à 17:00; sauf les jours fériés",
                 "dim de 02:00 à 06:00, semaines du mois 1, 3"):
        assert word in re.sub(r"\n *", " ", done.stdout), word
    again = run(folder, "contract", "new", answers=ANSWERS)
    assert again.returncode == 3 and "existe déjà" in again.stderr


@pytest.mark.parametrize("key, value, said", [
    ("end_date", "2031-02-01", "[C0"),     # beyond three years
    ("start_date", "2026-12-01", "[C0"),   # before the signature
    ("signed_on", "12 janvier", "[C0"),
    ("amount", "douze", "[C0"),
    ("mode", "leasing", "[C0"),
    ("manager_email", "personne", "[C0"),
    ("thresholds", "150, x", "[C0"),
    ("prices", "absent.csv", "absent.csv"),
])
def test_a_wrong_answer_is_refused_at_once(folder, key, value, said):
    done = run(folder, "contract", "new", answers={**ANSWERS, key: value})
    assert done.returncode == 3 and said in done.stderr, done.stderr
    assert not list(folder.glob("*.json"))


def spreadsheet(text, separator):
    """The same table as a spreadsheet may write it: a mark, every cell in quotes, its own line ends,
    headings in capitals, columns in another order and one of the office's own, an empty last row."""
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text.split("\n")[0] else ","))
    rows[0] = [name.upper() for name in rows[0]]
    rows = [[*reversed(row), "note" if i else "REMARQUE"] for i, row in enumerate(rows)]
    out = io.StringIO()
    csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(
        [*rows, [""] * len(rows[0])])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


@pytest.mark.parametrize("separator", ";,")
def test_tables_as_a_spreadsheet_writes_them(folder, separator):
    assert run(folder, "contract", "new", answers=ANSWERS).returncode == 0
    plain = (folder / "CS-2027-0042.json").read_text()
    (folder / "CS-2027-0042.json").unlink()
    for name, text in TABLES.items():
        (folder / name).write_bytes(spreadsheet(text, separator))
    done = run(folder, "contract", "new", answers=ANSWERS)
    assert done.returncode == 0, done.stderr
    assert (folder / "CS-2027-0042.json").read_text() == plain


@pytest.mark.parametrize("table, line, said", [
    (b"sku,component_ref,resource,unit,charge,price,per,name_fr\nA,SRV,vcpu,vcpu_hour,usage,1,1,x\n"
     b"B,SRV,ram_gib,gib_hour,usage,0,0212,1,y\n", 3, "plus de cellules que de colonnes"),
    (b'sku,component_ref,resource,unit,charge,price,per,name_fr\n"A","SRV","vcpu\n', 2, "guillemet"),
    (b"sku,sku,component_ref,resource,unit,charge,price,per,name_fr\n", 1, "deux fois"),
    (b"sku,resource\n", 1, "il manque la colonne"),
    (b"sku,name_fr\nA,pi\xe8ce\n", 0, "CSV UTF-8"),
])
def test_a_table_that_is_refused_says_where_and_what_to_do(folder, table, line, said):
    (folder / "prices.csv").write_bytes(table)
    done = run(folder, "contract", "new", "--json", answers=ANSWERS)
    error = json.loads(done.stdout)["error"]
    assert done.returncode == 3 and error["line"] == line and said in error["message"], error


def test_a_wrong_row_says_its_line(folder):
    text = (folder / "prices.csv").read_text().replace("NODE;SRV", "NODE;AUTRE")
    (folder / "prices.csv").write_text(text)
    done = run(folder, "contract", "new", answers=ANSWERS)
    assert done.returncode == 3 and "prices.csv, ligne 3" in done.stderr, done.stderr


@pytest.mark.parametrize("table, before, after, line", [
    ("recipients.csv", ";t-a;", ";t-z;", 3),
    ("recipients.csv", "client_it", "chef", 2),
    ("levels.csv", "warning,,", "critical,,", 3),
    ("levels.csv", "H-24", "H-25", 2),
    ("coverage.csv", "06:00", "6 h", 4),
    ("coverage.csv", "lun-ven", "lundi", 2),
    ("maintenance.csv", "02:00", "25:00", 2),
    ("renewals.csv", "2030-01-31", "2031-01-31", 2),
])
def test_a_wrong_row_of_what_may_lack_says_its_line(folder, table, before, after, line):
    text = (folder / table).read_text()
    assert before in text
    (folder / table).write_text(text.replace(before, after))
    done = run(folder, "contract", "new", answers=ANSWERS)
    assert done.returncode == 3 and f"{table}, ligne {line}" in done.stderr, done.stderr
    assert not list(folder.glob("*.json"))


def test_a_person_is_asked_again(folder):
    """The questions go to standard error; a wrong day is told and asked again; English too."""
    keys = ["contract_id", "framework_id", "seao_notice", "client_fr", "client_en", "supplier_fr",
            "supplier_en", "broker_fr", "broker_en", "offer_id", "solution_fr", "solution_en",
            "mode", "site", "appliances", "signed_on", "start_date", "end_date", "exit_by",
            "exit_lead_days", "exit_parallel_days", "amount", "thresholds", "term_days",
            "close_after_hours", "manager_name", "manager_email", "manager_lang",
            "retention_years", "components", "tenants", "prices", "recurring", "quotas",
            "commitments", "renewals", "coverage_windows",
            "maintenance_windows", "service_levels", "recipients", "confirm"]
    lines = []
    for key in keys:
        if key == "end_date":
            lines.append("2035-01-01")
        lines.append(ANSWERS.get(key, ""))
    done = run(folder, "contract", "new", "--out", "new.json", stdin="\n".join(lines) + "\n",
               lang="en")
    assert done.returncode == 0, done.stderr
    assert "Number of the specific contract" in done.stderr and "✗" in done.stderr
    assert "Write new.json? (yes, no, or “<” to go back) [yes]" in done.stderr
    assert json.loads((folder / "new.json").read_text())["term"]["end_date"] == "2029-01-31"
    cut = run(folder, "contract", "new", "--out", "cut.json", stdin="\n".join(lines[:9]) + "\n")
    assert cut.returncode == 2 and not (folder / "cut.json").exists()


AMENDMENT = {"id": "AV-01", "signed_on": "2027-06-14", "effective_on": "2027-07-01",
             "note_fr": "Révision du prix du vCPU"}


def test_an_amendment(folder):
    assert run(folder, "contract", "new", answers=ANSWERS).returncode == 0
    (folder / "changed.csv").write_text("sku,price\nVCPU,0.0199\n")
    done = run(folder, "contract", "amend", "CS-2027-0042.json",
               answers={**AMENDMENT, "amount": "801 000", "prices": "changed.csv"})
    assert done.returncode == 0, done.stderr
    tree = json.loads((folder / "CS-2027-0042-r2.json").read_text())
    assert tree["revision"] == 2 and tree["amendments"] == [{
        "id": "AV-01", "signed_on": "2027-06-14", "effective_on": "2027-07-01",
        "broker_copy_sent_on": None, "note_fr": "Révision du prix du vCPU",
        "note_en": "Révision du prix du vCPU", "changes": {
            "authorised_amount": "801000.00",
            "prices": [{"sku": "VCPU", "price": "0.0199", "per": 1}]}}]
    only = run(folder, "contract", "amend", "CS-2027-0042-r2.json",
               answers={**AMENDMENT, "id": "AV-02", "signed_on": "2027-07-05",
                        "effective_on": "2027-08-01", "prices": "changed.csv"})
    assert only.returncode == 0, only.stderr
    last = json.loads((folder / "CS-2027-0042-r3.json").read_text())["amendments"][-1]
    assert set(last["changes"]) == {"prices"}
    assert run(folder, "contract", "check", "CS-2027-0042-r3.json").returncode == 0


def test_an_amendment_that_changes_nothing_or_too_much(folder):
    assert run(folder, "contract", "new", answers=ANSWERS).returncode == 0
    none = run(folder, "contract", "amend", "CS-2027-0042.json", answers=AMENDMENT)
    assert none.returncode == 2 and not (folder / "CS-2027-0042-r2.json").exists()
    long = run(folder, "contract", "amend", "CS-2027-0042.json",
               answers={**AMENDMENT, "end_date": "2032-01-31"})
    assert long.returncode == 3 and "[C0" in long.stderr


def test_the_contract_in_force_is_amended(tmp_path):
    """Without a file, what the ledger holds."""
    first = month_back(2)
    book = Ledger(tmp_path)
    book.contract(contract(first), local(*first) - 86400)
    book.write()
    (tmp_path / "answers").write_text("".join(f"{k} = {v}\n" for k, v in {
        **AMENDMENT, "signed_on": "%04d-%02d-10" % first, "effective_on": "%04d-%02d-15" % first,
        "amount": "300000.00"}.items()))
    out = tmp_path / "next.json"
    done = book.vigie("contract", "amend", "--answers", str(tmp_path / "answers"), "--out",
                      str(out), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout) == {"contract_id": "CS-DEMO-0001", "file": str(out),
                                       "revision": 2}
