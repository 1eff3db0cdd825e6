# SPDX-License-Identifier: Apache-2.0
"""The first day: setup by a file and by a person, then doctor over good and bad machines."""

import hashlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import time

import pytest

from ledgers import HOUR, Ledger, contract_text, programs


def vigie(folder, *words, lang="fr", **options):
    return subprocess.run(
        [programs() / "vigie", "--config", folder / "vigie.conf", "--lang", lang, *words],
        capture_output=True, text=True, timeout=60, **options)


def answers(folder, **lines):
    path = folder / "answers"
    path.write_text("# réponses\n\n" + "".join(f"{k} = {v}\n" for k, v in lines.items()))
    return ["setup", "--answers", str(path)]


@pytest.fixture
def contract(tmp_path):
    path = tmp_path / "contract.json"
    path.write_text(contract_text(time.time()))
    return path


def test_answers_make_settings_and_a_key(tmp_path, contract):
    key = tmp_path / "key.pem"
    words = answers(tmp_path, contract=contract, appliance="vigie-demo-01", language="en",
                    uri="test:///default", signing_key=key, state_dir=tmp_path / "state",
                    run_dir=tmp_path / "run")
    done = vigie(tmp_path, *words, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["contract"] == "CS-DEMO-0001" and answer["key_made"] is True
    assert key.stat().st_mode & 0o777 == 0o600
    # The fingerprint is that of the raw public key, as openssl sees it.
    der = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"],
                         capture_output=True, check=True).stdout
    assert answer["fingerprint"].replace(" ", "") == hashlib.sha256(der[-32:]).hexdigest()
    pem = subprocess.run(["openssl", "pkey", "-in", key, "-pubout"], capture_output=True,
                         check=True, text=True).stdout
    assert answer["public_key"] == pem

    settings = json.loads(vigie(tmp_path, "config", "--json").stdout)["settings"]
    values = {s["key"]: s["value"] for s in settings if s["origin"]}
    assert values == {"id": "vigie-demo-01", "language": "en", "uri": "test:///default",
                      "signing_key": str(key), "state_dir": str(tmp_path / "state"),
                      "run_dir": str(tmp_path / "run")}

    # A second time: nothing is replaced unasked, and never the key.
    before = (key.read_bytes(), (tmp_path / "vigie.conf").read_bytes())
    assert vigie(tmp_path, *words).returncode == 3
    words = answers(tmp_path, appliance="vigie-demo-01", signing_key=key, replace="oui")
    again = json.loads(vigie(tmp_path, *words, "--json").stdout)
    assert again["key_made"] is False and again["fingerprint"] == answer["fingerprint"]
    assert key.read_bytes() == before[0]


@pytest.mark.parametrize("lines, says", [
    ({"appliance": "ailleurs"}, "n'est pas au contrat"),
    ({"appliance": "a b"}, "lettres, chiffres"), ({"appliance": ""}, "lettres, chiffres"),
    ({"appliance": "vigie-demo-01", "uri": "qemu"}, "adresse libvirt"),
    ({"appliance": "vigie-demo-01", "language": "de"}, "fr ou en"),
    ({"appliance": "vigie-demo-01", "signing_key": "relatif"}, "chemin absolu"),
    ({"apliance": "vigie-demo-01"}, "ne répond à aucune question")], ids=str)
def test_bad_answers_are_refused_and_nothing_is_written(tmp_path, contract, lines, says):
    done = vigie(tmp_path, *answers(tmp_path, contract=contract, **lines))
    assert done.returncode == 3, done.stderr
    assert says in done.stderr.replace("\xa0", " ")
    assert not (tmp_path / "vigie.conf").exists()
    assert not list(tmp_path.glob("*.pem"))


def test_a_bad_contract_is_told_by_its_code(tmp_path, contract):
    text = json.loads(contract.read_text())
    text["term"]["end_date"] = text["term"]["start_date"][:4] + "-02-30"
    contract.write_text(json.dumps(text))
    done = vigie(tmp_path, *answers(tmp_path, contract=contract, appliance="vigie-demo-01"))
    assert done.returncode == 3 and "C0" in done.stderr


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_person_is_asked_again(tmp_path, contract, lang):
    typed = f"/absent\n{contract}\nailleurs\nvigie-demo-01\n\nxx\n{lang}\n{tmp_path}/k.pem\n"
    done = vigie(tmp_path, "setup", input=typed, lang=lang)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("✗") >= 3
    assert "vigie contract load" in done.stdout
    assert "vigie-demo-01" in (tmp_path / "vigie.conf").read_text()


def test_a_person_who_leaves_leaves_nothing(tmp_path):
    done = vigie(tmp_path, "setup", input="")
    assert done.returncode == 2 and "rien n'a été écrit" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("verb", [["setup"], ["contract", "new"]])
def test_what_cannot_be_written_is_told_before_any_question(tmp_path, verb):
    done = vigie(tmp_path / "nowhere", *verb, *(["--out", str(tmp_path / "nowhere/c.json")] * (verb != ["setup"])),
                 input="")
    said = done.stderr.replace("\xa0", " ")
    assert done.returncode == 3 and said == f"vigie : {tmp_path}/nowhere : ce dossier n'existe pas; le créer d'abord\n"


def test_another_key_is_asked_for(tmp_path):
    """A folder, a file that is no key, a relative path: the answers before are not lost for it."""
    done = vigie(tmp_path, "setup", input=f"\nap-1\n\nfr\n{tmp_path}\n{__file__}\nk.pem\n{tmp_path}/k.pem\n")
    assert done.returncode == 0 and done.stderr.count("✗") >= 3, done.stderr
    assert "ap-1" in (tmp_path / "vigie.conf").read_text() and (tmp_path / "k.pem").exists()


def checks(ledger, lang="fr"):
    done = ledger.vigie("doctor", "--json", lang=lang)
    answer = json.loads(done.stdout)
    found = {c["id"]: c for c in answer["checks"]}
    failed = [c for c in found.values() if c["answer"] == "fail"]
    assert answer["failed"] == len(failed)
    assert done.returncode == (1 if failed else 0)
    for check in failed:
        assert check["remedy"], check
    return found


@pytest.fixture
def machine(tmp_path):
    now = time.time()
    ledger = Ledger(tmp_path)
    ledger.contract(contract_text(now), now - 3600)
    ledger.interval(int(now) // HOUR * HOUR - HOUR)
    ledger.observation("heartbeat", {"libvirt": "ok", "clock": "synchronised", "domains": 0}, now, 1)
    ledger.checkpoint(now)
    (tmp_path / "state").chmod(0o750)
    ledger.write()
    return ledger


def test_doctor_passes_what_is_good(machine):
    with socket.socket(socket.AF_UNIX) as keeper, socket.socket(socket.AF_UNIX) as libvirt:
        keeper.bind(str(machine.folder / "run/keeper.sock"))
        keeper.listen()
        libvirt.bind(str(machine.folder / "run/libvirt"))
        libvirt.listen()
        with open(machine.config, "a", encoding="utf-8") as config:
            config.write(f"[hypervisor]\nuri = qemu:///system?socket={machine.folder}/run/libvirt\n")
        found = checks(machine)
    for name in ("settings", "appliance", "tzdata", "folders", "disk", "keeper", "libvirt",
                 "reader", "key", "ledger", "checkpoint", "contract"):
        assert found[name]["answer"] == "pass", found[name]


def test_doctor_names_what_is_wrong(machine):
    (machine.folder / "state").chmod(0o755)
    machine.key.chmod(0o644)
    found = checks(machine)
    for name in ("folders", "key", "keeper"):
        assert found[name]["answer"] == "fail", found[name]
    other = machine.folder / "other.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", other], check=True)
    other.chmod(0o600)
    machine.config.write_text(machine.config.read_text()
                              .replace(str(machine.key), str(other))
                              .replace("vigie-demo-01", "vigie-demo-99"))
    found = checks(machine)
    assert found["key"]["answer"] == found["ledger"]["answer"] == "fail"
    assert {c["answer"] for c in checks(machine, "en").values()} <= {"pass", "fail", "unknown"}


def test_doctor_knows_a_head_that_is_not_of_this_ledger(machine):
    with sqlite3.connect(machine.folder / "state/ledger.db") as db:
        db.execute("UPDATE records SET leaf = zeroblob(32) WHERE type = 'contract'")
    found = checks(machine)
    assert found["checkpoint"]["answer"] == "fail", found["checkpoint"]


def test_doctor_tells_certificates_that_end(machine):
    assert checks(machine)["certificates"]["text"] == "aucun certificat nécessaire"
    ca, key = machine.folder / "ca.pem", machine.folder / "ca.key"
    with open(machine.config, "a", encoding="utf-8") as config:
        config.write(f"[deliver]\nca = {ca}\n[access]\nauthority = {machine.folder}/access\n")
    absent = checks(machine)["certificates"]
    assert absent["answer"] == "fail" and str(ca) in absent["text"]
    for days, answer in ((300, "pass"), (5, "fail")):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", str(days), "-subj", "/CN=CA", "-keyout", key, "-out", ca],
                       check=True, capture_output=True)
        found = checks(machine)["certificates"]
        assert found["answer"] == answer, found
    assert f"{ca} : expire le " in found["text"] and "PEM" in found["remedy"]
    assert f"{ca}: expires on " in checks(machine, "en")["certificates"]["text"]
    ca.write_text("none")
    assert checks(machine)["certificates"]["answer"] == "fail"


FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.mark.parametrize("settings, programs, package", [
    ("sources = smart", ["smartctl"], "smartmontools"),
    ("sources = ipmi", ["ipmitool"], "ipmitool"),
    ("sources = ipmi\nipmi_address = 192.0.2.1", ["ipmi-sel", "ipmi-sensors"], "freeipmi-tools"),
    ("sources = kernel md", [], ""),
])
def test_doctor_tells_tools_that_lack(machine, settings, programs, package):
    """Only those of sources that are on; IPMI in band has another than over the network."""
    with open(machine.config, "a", encoding="utf-8") as config:
        config.write(f"[hardware]\n{settings}\n")
    tools = checks(machine)["tools"]
    if all(shutil.which(program, path=FOLDERS) for program in programs):
        assert tools["answer"] == "pass", tools
    else:
        assert tools["answer"] == "fail" and tools["remedy"] == f"apt-get install {package}"


def test_doctor_says_unknown_where_it_cannot_look(tmp_path):
    found = checks(Ledger(tmp_path))
    assert found["reader"]["answer"] == found["checkpoint"]["answer"] == "unknown"
    assert found["ledger"]["answer"] == "fail"
    if not os.path.exists("/run/systemd/system"):
        assert found["units"]["answer"] == "unknown"
