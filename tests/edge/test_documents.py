# SPDX-License-Identifier: Apache-2.0
"""Annexes and other papers of a contract: their digests are in the ledger, and an altered one is named."""

import hashlib
import json

import pytest

from ledgers import SOURCE
from months import CONTRACT, contract, ledger, month_back
from test_months import keep


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    book = ledger(folder, months=1)
    book.write()
    keeper = keep(book).start()
    book.papers = folder / "papers"
    book.papers.mkdir()
    for name, target in (("annexe-a.pdf", "ANNEXE-A"), ("annexe-b.pdf", "ANNEXE-B")):
        (book.papers / name).write_bytes(b"%PDF " + name.encode() + bytes(range(256)))
        done = book.vigie("contract", "record", "annex", target, "--on", "2026-09-02",
                          "--document", str(book.papers / name))
        assert done.returncode == 0, done.stderr
    keeper.stop()
    return book


def verify(book, *files):
    done = book.vigie("contract", "facts", "verify", *map(str, files), "--json")
    return done.returncode, json.loads(done.stdout)["files"]


def test_an_intact_document_names_its_entry(book):
    path = book.papers / "annexe-a.pdf"
    code, (found,) = verify(book, path)
    assert (code, found["state"], found["file"]) == (0, "intact", str(path))
    assert found["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    (entry,) = found["entries"]
    assert {key: entry[key] for key in entry if key != "entry"} == {
        "contract_id": CONTRACT, "day": "2026-09-02", "document": "annexe-a.pdf", "fact": "annex",
        "target": "ANNEXE-A"}
    record = json.loads(book.vigie("ledger", "log", entry["entry"].split()[1], "--json").stdout)
    assert found["sha256"] in json.dumps(record)


def test_another_name_hides_nothing(book, tmp_path):
    copy = tmp_path / "copie.pdf"
    copy.write_bytes((book.papers / "annexe-b.pdf").read_bytes())
    code, (found,) = verify(book, copy)
    assert (code, found["state"]) == (0, "intact")
    assert found["entries"][0]["document"] == "annexe-b.pdf"


@pytest.mark.parametrize("lang, words", [("fr", ["modifié", "annexe ou pièce du contrat"]),
                                         ("en", ["altered", "annex or paper of the contract"])])
def test_an_altered_document_is_named(book, tmp_path, lang, words):
    altered = tmp_path / "annexe-a.pdf"
    text = bytearray((book.papers / "annexe-a.pdf").read_bytes())
    text[17] ^= 1
    altered.write_bytes(text)
    code, found = verify(book, book.papers / "annexe-b.pdf", altered)
    assert code == 1 and [f["state"] for f in found] == ["intact", "altered"]
    assert [e["target"] for e in found[1]["entries"]] == ["ANNEXE-A"]
    done = book.vigie("contract", "facts", "verify", str(altered), lang=lang)
    assert done.returncode == 1
    for word in words + ["ANNEXE-A", "2026-09-02", "client/", str(altered)]:
        assert word in done.stdout, done.stdout


def test_what_nobody_recorded_is_unknown(book, tmp_path):
    other = tmp_path / "autre.pdf"
    other.write_bytes(b"")
    assert verify(book, other) == (1, [{
        "entries": [], "file": str(other), "newer": None, "sha256": hashlib.sha256(b"").hexdigest(),
        "state": "unknown"}])
    done = book.vigie("contract", "facts", "verify", str(other))
    assert done.returncode == 1 and "inconnu" in done.stdout


def test_a_paper_that_was_replaced(book, tmp_path):
    """The old one is the one that was recorded then; that there is a newer one is told."""
    keeper = keep(book).start()
    papers = []
    for text in (b"one", b"two"):
        papers.append(tmp_path / text.decode() / "annexe-c.pdf")
        papers[-1].parent.mkdir()
        papers[-1].write_bytes(text)
        done = book.vigie("contract", "record", "annex", "ANNEXE-C", "--document", str(papers[-1]))
        assert done.returncode == 0, done.stderr
    assert book.vigie("contract", "record", "annex", "ANNEXE-D").returncode == 2
    keeper.stop()
    code, (old, new) = verify(book, *papers)
    assert code == 0 and old["state"] == new["state"] == "intact"
    assert old["newer"] == new["entries"][0]["entry"] and new["newer"] is None
    assert "plus récente" in book.vigie("contract", "facts", "verify", str(papers[0])).stderr


def test_the_contract_file_itself(book, tmp_path):
    path = tmp_path / "contrat.json"
    path.write_text(contract(month_back(1)))
    code, (found,) = verify(book, path)
    assert (code, found["state"]) == (0, "intact")
    assert [(e["fact"], e["target"]) for e in found["entries"]] == [("contract", CONTRACT)]


def test_a_file_that_cannot_be_read(book, tmp_path):
    done = book.vigie("contract", "facts", "verify", str(tmp_path / "absent.pdf"))
    assert done.returncode == 3 and "absent.pdf" in done.stderr


@pytest.mark.parametrize("words", [
    ["contract", "reconcile", "2026-10", "--invoice"], ["contract", "simulate", "--plan"],
    ["usage", "import"], ["usage", "merge"], ["contract", "rate", "--contract",
                          str(SOURCE / "config/contract-example.json"), "--as-of", "2027-10-01",
                          "--usage"]], ids=lambda words: words[1])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_a_csv_in_utf_16_is_called_so(book, tmp_path, words, encoding):
    path = tmp_path / "tableau.csv"
    path.write_bytes("timestamp,tenant,resource,quantity\r\n".encode(encoding))
    for lang, remedy in (("fr", "enregistrer"), ("en", "save as")):
        done = book.vigie(*words, str(path), lang=lang)
        assert done.returncode == 3, done.stderr
        assert "UTF-16" in done.stderr and remedy in done.stderr and "CSV UTF-8" in done.stderr
