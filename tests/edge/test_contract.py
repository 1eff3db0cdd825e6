# SPDX-License-Identifier: Apache-2.0
"""vigie contract check, load and show, as people and programs use them."""

import json
import os
import pathlib
import subprocess
import time
import unicodedata

import pytest

from host import build_dir
from vigied import Keeper

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DATA = SOURCE / "tests/data/contract"
EXAMPLE = SOURCE / "config/contract-example.json"


def vigie(*words, lang="fr", stdin=None, **more):
    return subprocess.run([build_dir() / "bin/vigie", "--lang", lang, *map(str, words)],
                          capture_output=True, stdin=stdin, timeout=60, check=False, **more)


def cases():
    return [(row["file"], row["codes"].split()) for row in
            json.loads((DATA / "files.json").read_text())]


@pytest.mark.parametrize("file,codes", cases())
def test_refused(file, codes):
    done = vigie("contract", "check", DATA / file, "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 3 and done.stderr == b""
    assert set(answer) == {"all", "error"}
    assert set(answer["error"]) == {"code", "line", "message", "path"}
    assert answer["error"] == answer["all"][0]
    assert sorted({one["code"] for one in answer["all"]}) == codes


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_refused_for_people(lang):
    file = DATA / "duplicate-key.json"
    done = vigie("contract", "check", file, lang=lang)
    line = done.stderr.decode()
    assert done.returncode == 3 and done.stdout == b""
    assert f"{file}:5" in line and "money.currency" in line and "[C004]" in line
    assert ("deux fois" in line) == (lang == "fr")
    assert ("twice" in line) == (lang == "en")


@pytest.mark.parametrize("n_more, french", [(0, None), (1, "… et 1 autre."), (2, "… et 2 autres.")])
def test_what_is_left_out_agrees_with_its_number(tmp_path, n_more, french):
    file = tmp_path / "contract.json"
    wrong = json.loads(EXAMPLE.read_text()) | {f"unknown{i:03}": i for i in range(100 + n_more)}
    file.write_text(json.dumps(wrong))
    for lang, wanted in (("fr", french), ("en", f"… and {n_more} more.")):
        done = vigie("contract", "check", file, lang=lang)
        lines = done.stderr.decode().splitlines()
        assert done.returncode == 3 and len(lines) == 100 + (n_more > 0), lines[-3:]
        assert not n_more or lines[-1] == wanted


HEADING = "timestamp,tenant,resource,quantity"


@pytest.mark.parametrize("text, line, said", [
    ("", 1, "l'en-tête"),
    ("tenant,timestamp,resource,quantity\n", 1, "l'en-tête"),
    ("timestamp;tenant;resource;quantity\n", 1, "point décimal"),
    (HEADING + "\n2026-11-02T05:00:00Z," + "x" * 70000, 2, "octets"),
])
def test_a_usage_file_that_is_refused_says_where(tmp_path, text, line, said):
    (tmp_path / "u.csv").write_text(text)
    done = vigie("contract", "rate", "--contract", EXAMPLE, "--usage", tmp_path / "u.csv", "--as-of",
                 "2027-01-01", "--json")
    error = json.loads(done.stdout)["error"]
    assert done.returncode == 3 and error["code"] == "usage-file"
    assert error["path"].endswith("u.csv") and error["line"] == line and said in error["message"]


def test_a_usage_file_as_a_spreadsheet_writes_it(tmp_path):
    """A mark, quotes and the other line ends change nothing."""
    rows = [HEADING, "2026-12-02T05:00:00Z,_agent,_heartbeat,1", "2026-12-02T05:00:00Z,t-1,vcpu,12.5"]
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_text("".join(row + "\n" for row in rows))
    other.write_bytes(b"\xef\xbb\xbf" + "".join(
        ",".join(f'"{cell}"' for cell in row.split(",")) + "\r\n" for row in rows).encode())
    answers = [json.loads(vigie("contract", "rate", "--contract", EXAMPLE, "--usage", file,
                                "--as-of", "2027-01-01", "--json").stdout)
               for file in (plain, other)]
    assert answers[0] == answers[1] and "error" not in answers[0]


def test_accepted():
    done = vigie("contract", "check", EXAMPLE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "CS-2026-0311" in done.stdout.decode()
    answer = json.loads(vigie("contract", "check", EXAMPLE, "--json").stdout)
    assert answer == {"all": [], "contract_id": "CS-2026-0311", "remarks": [], "revision": 1,
                      "valid": True}


def test_use():
    assert vigie("contract", "check").returncode == 2
    assert vigie("contract", "check", DATA / "no-such-file").returncode == 3
    assert vigie("contract", "check", DATA).returncode == 3


def test_hostile_names_reach_no_terminal():
    for words in (["check"], ["check", "--json"]):
        done = vigie("contract", words[0], DATA / "hostile-key.json", *words[1:])
        for character in (done.stdout + done.stderr).decode():
            assert character == "\n" or unicodedata.category(character) not in ("Cc", "Cf")


def test_names_that_deceive_reach_no_terminal_as_they_are(tmp_path):
    """What turns the reading direction or shows nothing is lawful text (the schema has no pattern for
    it): it is accepted, and shown as what it is."""
    tree = json.loads(EXAMPLE.read_text())
    tree["parties"]["client"]["name_fr"] = "R\u202egie\u2066 \u200bfictive\u00ad"
    tree["tenants"][0]["name_fr"] = "=1+1\u2028\u3164"
    file = tmp_path / "c.json"
    file.write_text(json.dumps(tree, ensure_ascii=False))
    for words in (["check"], ["check", "--json"], ["show"], ["show", "--json"]):
        done = vigie("contract", words[0], file, *words[1:])
        assert done.returncode == 0, done.stderr
        for character in (done.stdout + done.stderr).decode():
            assert character == "\n" or unicodedata.category(character) not in ("Cc", "Cf", "Zl"), words
            assert character not in "\u3164", words


def peak_kib(*words, **more):
    """Peak memory of one run, and how long it took."""
    before = time.monotonic()
    process = subprocess.Popen([build_dir() / "bin/vigie", *map(str, words)],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **more)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    return process.returncode, out, usage.ru_maxrss, time.monotonic() - before


def test_a_hundred_megabytes(tmp_path):
    """Refused unread: by its size where it has one, at the limit where it is a pipe."""
    big = tmp_path / "big.json"
    with big.open("wb") as file:
        file.write(b'{"schema": "')
        file.truncate(100 << 20)
    _, _, small_kib, small_s = peak_kib("contract", "check", EXAMPLE, "--json")
    for source in ("file", "pipe"):
        if source == "file":
            code, out, kib, seconds = peak_kib("contract", "check", big, "--json")
        else:
            with subprocess.Popen(["cat", "/dev/zero"], stdout=subprocess.PIPE) as endless:
                code, out, kib, seconds = peak_kib("contract", "check", "-", "--json",
                                                   stdin=endless.stdout)
                endless.stdout.close()
                endless.wait(timeout=30)
        assert code == 3
        assert json.loads(out)["error"]["code"] == "C001-too-large"
        assert kib < small_kib + (16 << 10), source
        assert seconds < small_s + 2, source


def test_show_a_file():
    page = vigie("contract", "show", EXAMPLE).stdout.decode()
    for word in ("742\u202f500,00\u00a0$", "IL-VCPU", "AV-02", "t-essais", "vigie-si-01", "R1",
                 "CMD-RIM-4"):
        assert word in page, word
    page = vigie("contract", "show", EXAMPLE, lang="en").stdout.decode()
    assert "742,500.00\u00a0CAD" in page and "Development and test" in page
    answer = json.loads(vigie("contract", "show", EXAMPLE, "--json").stdout)
    assert answer["contract"] == json.loads(EXAMPLE.read_text())
    assert answer["in_force"]["amount_cad"].endswith(".00") and answer["loaded_at"] is None


def test_load_without_keeper(tmp_path):
    config = tmp_path / "vigie.conf"
    config.write_text(f"[paths]\nstate_dir = {tmp_path}\nrun_dir = {tmp_path}\n")
    done = vigie("contract", "load", EXAMPLE, "--config", config)
    assert done.returncode == 4 and done.stderr
    # A bad file is told before anybody is asked.
    done = vigie("contract", "load", DATA / "cut-short.json", "--config", config, "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["code"] == "C003-not-json"
    done = vigie("contract", "show", "--config", config)
    assert done.returncode == 3 and done.stderr


# ---- with a keeper ----

@pytest.fixture
def keeper(tmp_path):
    keeper = Keeper(tmp_path, appliance="vigie-si-01").start()
    yield keeper
    keeper.stop()


def edited(folder, name, **members):
    contract = json.loads(EXAMPLE.read_text())
    for path, value in members.items():
        at = contract
        *parents, last = path.split("__")
        for parent in parents:
            at = at[parent]
        at[last] = value
    file = folder / name
    file.write_text(json.dumps(contract, ensure_ascii=False, indent=1))
    return file


def in_force(keeper):
    return json.loads(vigie("contract", "show", "--json", "--config", keeper.config).stdout)


def test_load(keeper, tmp_path):
    conf = ("--config", keeper.config)
    assert vigie("contract", "show", *conf).returncode == 3

    done = vigie("contract", "load", EXAMPLE, *conf)
    assert done.returncode == 0, done.stderr.decode()
    assert "CS-2026-0311" in done.stdout.decode()
    record, = keeper.records("contract")
    assert record["body"]["text"] == EXAMPLE.read_text()
    shown = in_force(keeper)
    assert shown["contract"] == json.loads(EXAMPLE.read_text())
    assert shown["digest"] == record["body"]["digest"] and shown["loaded_at"]
    page = vigie("contract", "show", *conf).stdout.decode()
    assert "IL-VCPU" in page and record["body"]["digest"] in page

    # Again: nothing changes. Refused, here or by the keeper: the first stays in force.
    answer = json.loads(vigie("contract", "load", EXAMPLE, "--json", *conf).stdout)
    assert answer["unchanged"] == 1
    broken = edited(tmp_path, "broken.json", revision=2, term__end_date="2026-01-01")
    elsewhere = edited(tmp_path, "elsewhere.json", revision=2)
    elsewhere.write_text(elsewhere.read_text().replace("vigie-si-01", "vigie-si-09"))
    same_revision = edited(tmp_path, "same.json", money__authorised_amount="742500.01")
    for file, code in ((broken, "C021-end-before-start"), (elsewhere, "appliance-not-listed"),
                       (same_revision, "revision-not-higher")):
        for lang in ("fr", "en"):
            done = vigie("contract", "load", file, "--json", *conf, lang=lang)
            assert done.returncode == 3
            error = json.loads(done.stdout)["error"]
            assert error["code"] == code and len(error["message"]) > 20
        assert in_force(keeper) == shown

    higher = edited(tmp_path, "higher.json", revision=2, retention__years_after_end=8)
    assert vigie("contract", "load", higher, *conf).returncode == 0
    assert in_force(keeper)["contract"]["retention"]["years_after_end"] == 8
    assert [r["body"]["revision"] for r in keeper.records("contract")] == [1, 2]


def test_the_keeper_refuses_by_itself(keeper):
    """Whoever speaks to the socket without the command meets the same rules."""
    for row in json.loads((DATA / "files.json").read_text()):
        text = (DATA / row["file"]).read_bytes().decode(errors="replace")
        if "\0" in text:
            continue  # the protocol's own JSON does not carry it
        answer = keeper.client(source="cli").act("contract.load", text=text, lang="en")
        assert not answer["ok"] and not answer["retry"], row["file"]
        if row["codes"] != "C002-not-utf8":  # mended on the way to JSON
            assert answer["code"] == row["codes"].split()[0], row["file"]
    assert keeper.records("contract") == []
    refused = keeper.records("contract-refused")
    assert len(refused) > 10 and all(r["body"]["errors"] for r in refused)
