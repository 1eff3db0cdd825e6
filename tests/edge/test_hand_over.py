# SPDX-License-Identifier: Apache-2.0
"""Evidence leaves rented servers before they do: the whole term as a folder of plain files, verified
where no ledger is, its receipt recorded by the keeper; VIG-T-010 until then."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from command import answer, day, refused, vigie
from vigied import Guests, Keeper, contract, stamp_aligned, wait_for

def load(keeper, end):
    text = contract(term__end_date=day(end), term__exit_transition={
        "complete_by": day(end - 10), "lead_days": 3, "parallel_days": 2})
    told = keeper.client(source="cli").act("contract.load", text=text)
    assert told["ok"], told


def measure(keeper):
    """A quarter of an hour of two tenants, two hours ago."""
    guests = Guests(keeper.client(), stamp_aligned(7200, 300))
    guests.begin()
    for _ in range(45):
        guests.step(20)
    guests.client.drain()
    wait_for("usage records", lambda: keeper.records("usage"))


def hand_over(keeper, folder):
    status, said = answer(keeper, "contract", "hand-over", "--to", folder)
    assert status == 0, said
    return pathlib.Path(said["path"])


def verify(folder, receipt, *words):
    status, said = answer(None, "contract", "hand-over", "verify", folder, "--out", receipt, *words)
    return status, said


def term(keeper):
    rows = keeper.sql("SELECT severity FROM alert WHERE code = 'VIG-T-010' AND active")
    return [row[0] for row in rows]


@pytest.fixture
def keeper(tmp_path):
    keeper = Keeper(tmp_path / "k", interval="300s").start()
    yield keeper
    keeper.stop()
    keeper.verify()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(keeper, stopped since; folder of the hand-over), for what only reads them."""
    folder = tmp_path_factory.mktemp("made")
    keeper = Keeper(folder / "k", interval="300s").start()
    load(keeper, 60)
    measure(keeper)
    made = hand_over(keeper, folder / "out")
    keeper.stop()
    return keeper, made


def test_the_receipt_comes_back(keeper, tmp_path):
    load(keeper, 60)
    measure(keeper)
    wait_for("VIG-T-010", lambda: term(keeper) == ["warning"])
    assert refused(keeper, "contract", "record", "handed-over") == "receipt-needed"
    folder = hand_over(keeper, tmp_path / "out")
    assert term(keeper) == ["warning"], "not before it was verified elsewhere"

    key = answer(keeper, "key", "show")[1]["fingerprint"]
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(folder, elsewhere)
    status, said = verify(elsewhere, tmp_path / "receipt.json", "--key", key)
    assert status == 0 and said["fine"], said
    receipt = json.loads((tmp_path / "receipt.json").read_text())
    assert receipt["contract_id"] == "CS-DEMO-0001" and receipt["key_is_trusted"] == 1
    assert receipt["records"] == sum(log["size"] for log in receipt["logs"].values())

    assert answer(keeper, "contract", "hand-over", "receipt", tmp_path / "receipt.json") == (0, {"ok": True})
    wait_for("the end of VIG-T-010", lambda: term(keeper) == [])
    [fact] = [f for f in answer(keeper, "contract", "facts")[1]["facts"]
              if f["detail"]["fact"] == "handed-over"]
    assert fact["detail"]["digest"] == receipt["digest"]
    assert fact["detail"]["document"]["name"] == "receipt.json"
    assert fact["detail"]["logs"] == receipt["logs"]
    before = keeper.sql("SELECT * FROM contract_fact")
    keeper.stop()
    assert vigie(keeper, "ledger", "rebuild").returncode == 0
    assert keeper.sql("SELECT * FROM contract_fact") == before
    keeper.start()


def test_major_thirty_days_before(keeper):
    load(keeper, 25)
    wait_for("VIG-T-010", lambda: term(keeper) == ["major"])
    [alert] = keeper.alerts("VIG-T-010")
    assert "hand-over" in " ".join(vigie(keeper, "alerts").stdout.split()) and alert["params"]["days"] == "25"


def test_what_is_in_it(made):
    keeper, folder = made
    names = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    month = re.compile(r"statements/\d{4}-\d\d\.html")
    assert {"contract/001.json", "ledger/client.jsonl", "ledger/shared.jsonl", "dossier/dossier.fr.html",
            "dossier/dossier.en.html", "dossier/dossier.json", "focus/cost-and-usage-1.2.csv",
            "alerts/alerts.json", "index.html", "keys/public.pem", "SHA256SUMS"} <= names
    assert any(month.fullmatch(name) for name in names)
    for log in ("client", "shared"):
        lines = (folder / "ledger" / f"{log}.jsonl").read_text().splitlines()
        assert [json.loads(line) for line in lines] == keeper.records(log=log)[:len(lines)] and lines
    alerts = json.loads((folder / "alerts/alerts.json").read_text())
    assert "VIG-T-010" in {a["code"] for a in alerts}
    costs = (folder / "focus/cost-and-usage-1.2.csv").read_text().splitlines()
    assert "BilledCost" in costs[0] and len(costs) > 1
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=folder, check=True)


def test_the_readers_page(made):
    """In both languages; every link leads somewhere; nothing is fetched."""
    _, folder = made
    page = (folder / "index.html").read_text()
    for word in ("Remise des preuves", "Hand-over of the evidence", "CS-DEMO-0001"):
        assert word in page
    links = re.findall(r'href="([^"]+)"', page)
    assert len(links) >= 20 and len(links) % 2 == 0
    for link in links:
        assert (folder / link).exists(), link
    assert "http" not in page.replace("http-equiv", "")


def test_its_own_recipe(made):
    """tar, sha256sum and openssl alone."""
    _, folder = made
    recipe = re.search(r"(?ms)^    sha256sum.*?-sigfile signature$", (folder / "README.txt").read_text())[0]
    copy = folder.parent / "copy"
    shutil.copytree(folder, copy)
    done = subprocess.run(["bash", "-euc", recipe], cwd=copy, capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0 and done.stdout.endswith("Signature Verified Successfully\n"), done


def test_no_receipt_for_less_than_all_of_it(made, tmp_path):
    """One byte of each part, each part away, one more: found, and no receipt is written."""
    _, folder = made
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    receipt = tmp_path / "receipt.json"
    assert verify(copy, receipt)[0] == 0
    receipt.unlink()
    assert verify(copy, receipt, "--key", "00" * 32)[0] == 1
    for part in sorted(p for p in copy.rglob("*") if p.is_file()):
        kept = part.read_bytes()
        changed = bytearray(kept)
        changed[len(kept) // 2] ^= 1
        part.write_bytes(changed)
        assert verify(copy, receipt)[0] == 1, part
        part.unlink()
        assert verify(copy, receipt)[0] == 1, part
        part.write_bytes(kept)
    (copy / "more.txt").write_text("?")
    assert verify(copy, receipt)[0] == 1
    (copy / "more.txt").unlink()
    (copy / "link").symlink_to("/etc/passwd")
    assert verify(copy, receipt)[0] == 3
    (copy / "link").unlink()
    os.mkfifo(copy / "pipe")
    assert verify(copy, receipt)[0] == 3
    assert not receipt.exists()
    assert verify(tmp_path / "none", receipt)[0] == 3


def test_a_bundle_is_no_hand_over(keeper, tmp_path):
    load(keeper, 60)
    status, said = answer(keeper, "bundle", "export", tmp_path)
    assert status == 0
    assert verify(said["path"], tmp_path / "receipt.json")[0] == 1
    assert not (tmp_path / "receipt.json").exists()


def test_receipts_that_are_refused(keeper, tmp_path):
    load(keeper, 60)
    path = tmp_path / "receipt.json"
    assert verify(hand_over(keeper, tmp_path / "out"), path)[0] == 0
    good = json.loads(path.read_text())

    def told(**changes):
        path.write_text(json.dumps({**good, **changes}))
        return refused(keeper, "contract", "hand-over", "receipt", path)

    assert told(vigie="?") == "bad-receipt"
    assert told(logs={}) == "bad-receipt"
    assert told(digest="0" * 64) == "other-hand-over"
    assert told(contract_id="CS-OTHER") == "no-such-contract"
    for log in ("client", "shared"):
        assert told(logs={**good["logs"], log: {**good["logs"][log], "root": "0" * 64}}) == "other-ledger"
        assert told(logs={**good["logs"], log: {**good["logs"][log], "size": 10**9}}) == "bad-receipt"
    path.write_text("no receipt")
    assert refused(keeper, "contract", "hand-over", "receipt", path) == "receipt"
    assert not [r for r in keeper.records("act") if r["body"]["verb"] == "contract.receipt"]


def test_nothing_half_stays(made, tmp_path):
    keeper, _ = made
    assert answer(keeper, "contract", "hand-over", "--to", tmp_path / "out")[0] == 4
    assert not list((tmp_path / "out").iterdir())
    assert refused(keeper, "contract", "hand-over") == "usage"
