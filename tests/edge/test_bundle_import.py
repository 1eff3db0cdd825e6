# SPDX-License-Identifier: Apache-2.0
"""What a receiving machine keeps of the bundles that it is handed: verified first, each record once,
nothing where they contradict each other or something is missing between."""

import datetime
import json
import os
import pathlib
import shutil
import subprocess
import time

import pytest

from test_hand_over import answer, hand_over, load
from vigied import Keeper, program


def exported(keeper, folder, *words):
    folder.mkdir(exist_ok=True)
    status, said = answer(keeper, "bundle", "export", folder, *words)
    assert status == 0, said
    path = pathlib.Path(said["path"])
    return path.rename(folder / f"{time.monotonic_ns()}.tar")


def imported(path, into, *words):
    return answer(None, "bundle", "import", path, into, *words)


def counts(said):
    return {log["log"]: (log["added"], log["held"]) for log in said["logs"]}


def lines(into, log):
    [path] = into.glob(f"vigie/*/{log}/*/records.jsonl")
    return path.read_bytes().splitlines()


def contents(into):
    return {str(p.relative_to(into)): p.read_bytes() for p in into.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def keeper(tmp_path_factory):
    keeper = Keeper(tmp_path_factory.mktemp("import") / "k", interval="300s").start()
    load(keeper, 200)
    yield keeper
    keeper.stop()


def act(keeper):
    assert answer(keeper, "ledger", "checkpoint", "--now")[0] == 0


def test_each_record_once(keeper, tmp_path):
    into = tmp_path / "held"
    key = answer(keeper, "key", "show")[1]["fingerprint"]
    first = exported(keeper, tmp_path / "b")
    status, said = imported(first, into, "--key", key)
    assert status == 0 and said["fine"], said
    before = counts(said)
    assert before["client"][0] == before["client"][1] > 2 and before["shared"][1] >= 2
    kept = contents(into)
    status, said = imported(first, into)
    assert status == 0 and {added for added, _ in counts(said).values()} == {0}
    assert contents(into) == kept

    act(keeper)
    second = exported(keeper, tmp_path / "b")
    status, said = imported(second, into)
    assert status == 0 and counts(said)["client"][0] >= 2
    for log in ("client", "shared"):
        held = [json.loads(line) for line in lines(into, log)]
        assert held == keeper.records(log=log)[:len(held)]
    kept = contents(into)
    assert imported(first, into)[0] == 0 and contents(into) == kept, "an older one adds nothing"
    [head] = into.glob("vigie/*/client/*/checkpoint")
    assert int(head.read_text().splitlines()[1]) >= len(lines(into, "client"))


def test_the_suppliers_and_a_hand_over(keeper, tmp_path):
    into = tmp_path / "held"
    assert set(counts(imported(exported(keeper, tmp_path / "b", "--audience", "supplier"), into)[1])) == \
        {"shared"}
    status, said = imported(hand_over(keeper, tmp_path / "out"), into)
    assert status == 0 and counts(said)["shared"][0] == 0 and counts(said)["client"][0] > 2


def test_slices_that_do_not_meet(keeper, tmp_path):
    first = exported(keeper, tmp_path / "b")
    time.sleep(1.1)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    time.sleep(0.1)
    act(keeper)
    later = exported(keeper, tmp_path / "b", "--from", now)
    into = tmp_path / "held"
    status, said = imported(later, into)
    assert status == 3 and said["error"]["code"] == "gap", said
    assert not [p for p in contents(into) if "records" in p and (into / p).stat().st_size]
    assert imported(first, into)[0] == 0
    # what lies between the two: the act of the first bundle, and nothing else
    status, said = imported(later, into)
    if status == 3:
        assert said["error"]["code"] == "gap" and imported(exported(keeper, tmp_path / "b"), into)[0] == 0
        assert imported(later, into)[0] == 0
    held = [json.loads(line) for line in lines(into, "client")]
    assert held == keeper.records()[:len(held)]


def test_a_line_cut_short_is_mended(keeper, tmp_path):
    into = tmp_path / "held"
    first = exported(keeper, tmp_path / "b")
    assert imported(first, into)[0] == 0
    whole = contents(into)
    for path in into.glob("vigie/*/*/*/records.jsonl"):
        path.write_bytes(path.read_bytes()[:-20])
    status, said = imported(first, into)
    assert status == 0 and {added for added, _ in counts(said).values()} == {1}
    assert contents(into) == whole


def test_what_is_not_kept(keeper, tmp_path):
    into = tmp_path / "held"
    first = exported(keeper, tmp_path / "b")
    content = bytearray(first.read_bytes())
    content[content.index(b'"type":"contract"') + 1] ^= 1
    bad = tmp_path / "bad.tar"
    bad.write_bytes(content)
    assert imported(bad, into)[0] == 1 and not into.exists()
    assert imported(first, into, "--key", "00" * 32)[0] == 1 and not into.exists()
    assert imported(tmp_path / "none.tar", into)[0] == 3
    # two histories under one origin: the same key, another ledger
    other = Keeper(tmp_path / "o", interval="300s")
    shutil.copy(keeper.key, other.key)
    other.start()
    load(other, 100)
    second = exported(other, tmp_path / "b")
    other.stop()
    assert imported(first, into)[0] == 0
    kept = contents(into)
    status, said = imported(second, into)
    assert status == 1 and said["error"]["code"] == "contradiction", said
    assert contents(into) == kept
    # and a key that is not the one that was pinned
    for path in into.glob("vigie/*/*/*/first-key.pem"):
        path.write_bytes(subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519"], check=True,
                                        capture_output=True).stdout)
    assert imported(first, into)[0] == 1


def test_after_a_rotation(tmp_path):
    keeper = Keeper(tmp_path / "k", interval="300s").start()
    into = tmp_path / "held"
    assert imported(exported(keeper, tmp_path / "b"), into)[0] == 0
    assert answer(keeper, "key", "rotate")[0] == 0
    keeper.stop()
    keeper.start()
    status, said = imported(exported(keeper, tmp_path / "b"), into)
    assert status == 0 and counts(said)["shared"][0] >= 3
    keeper.stop()
    assert os.path.exists(program("vigie"))
