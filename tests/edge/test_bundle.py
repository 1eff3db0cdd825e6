# SPDX-License-Identifier: Apache-2.0
"""A bundle: made by a real keeper, verified by the command and by its own recipe with tar, sha256sum
and openssl alone; not one changed byte goes by; the supplier's holds nothing of the client."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile

import pytest

from vigied import Keeper, contract, program

WORDS = dict(os.environ, LC_ALL="C.UTF-8", ASAN_OPTIONS="exitcode=99", UBSAN_OPTIONS="exitcode=99")


def vigie(keeper, *words, lang="en"):
    config = ["--config", keeper.config] if keeper else ["--config", "/dev/null"]
    return subprocess.run([program("vigie"), *config, "--lang", lang, *words], capture_output=True,
                          text=True, env=WORDS, timeout=120)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(the keeper, {audience: tar}), of a contract that was loaded; the keeper is stopped then."""
    folder = tmp_path_factory.mktemp("bundle")
    keeper = Keeper(folder / "k").start()
    text = folder / "contract.json"
    text.write_text(contract())
    loaded = vigie(keeper, "contract", "load", str(text))
    assert loaded.returncode == 0, loaded.stderr
    tars = {}
    for audience in ("client", "supplier"):
        (folder / audience).mkdir()
        done = vigie(keeper, "bundle", "export", str(folder / audience), "--audience", audience, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        tars[audience] = pathlib.Path(json.loads(done.stdout)["path"])
    keeper.stop()
    return keeper, tars


def names(path):
    with tarfile.open(path) as tar:
        return {m.name.split("/", 1)[1] for m in tar.getmembers()}


def unpacked(path, folder):
    subprocess.run(["tar", "-xf", path, "-C", folder], check=True)
    return next(pathlib.Path(folder).iterdir())


def test_it_verifies_without_the_ledger(made):
    keeper, tars = made
    shown = json.loads(vigie(keeper, "key", "show", "--json").stdout)
    for path in tars.values():
        done = vigie(None, "bundle", "verify", str(path), "--key", shown["fingerprint"], "--json")
        found = json.loads(done.stdout)
        assert done.returncode == 0 and found["fine"] and found["key_is_trusted"], found
        assert found["records"] > 0 and found["redacted"] == 0
        assert vigie(None, "bundle", "verify", str(path)).returncode == 0
    wrong = vigie(None, "bundle", "verify", str(tars["client"]), "--key", "00" * 32, "--json")
    assert wrong.returncode == 1 and not json.loads(wrong.stdout)["fine"]


def test_its_own_recipe(made, tmp_path):
    """The lines that README.txt gives, run by a shell without vigie on its path."""
    folder = unpacked(made[1]["client"], tmp_path)
    text = (folder / "README.txt").read_text()
    recipe = re.search(r"(?ms)^    sha256sum.*?-sigfile signature$", text)[0]
    assert recipe in (folder / "LISEZMOI.txt").read_text()
    done = subprocess.run(["bash", "-euc", recipe], cwd=folder, capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert all(line.endswith(": OK") for line in lines[:-4]), lines
    assert lines[-4] == "1" and lines[-3] == lines[-2]
    assert lines[-1] == "Signature Verified Successfully"


def test_what_the_supplier_may_read(made):
    keeper, tars = made
    assert {"ledger/client.jsonl", "contract/001.json", "focus/cost-and-usage-1.2.csv",
            "alerts/alerts.json"} <= names(tars["client"])
    kept = names(tars["supplier"])
    of_the_client = ("contract/", "statements/", "ledger/client", "focus/", "alerts/", "dossier/")
    assert not [n for n in kept if n.startswith(of_the_client)], kept
    whole = tars["supplier"].read_bytes()
    for secret in (b"t-0", b"t-1", b"vcpu", b"usage", b"authorised_amount"):
        assert secret not in whole, secret


def test_the_slice_is_the_ledger(made):
    keeper, tars = made
    with tarfile.open(tars["client"]) as tar:
        top = tar.getmembers()[0].name.split("/")[0]
        for log in ("client", "shared"):
            lines = tar.extractfile(f"{top}/ledger/{log}.jsonl").read().decode().splitlines()
            records = keeper.records(log=log)
            assert [json.loads(line) for line in lines] == records[:len(lines)]
            assert lines


def test_no_byte_goes_by(made, tmp_path):
    """One byte of each part changed, each part dropped, one added: always found."""
    path = made[1]["client"]
    folder = unpacked(path, tmp_path)
    parts = sorted(p for p in folder.rglob("*") if p.is_file())

    def verdict(word):
        again = tmp_path / "again.tar"
        subprocess.run(["tar", "-cf", again, "-C", tmp_path, folder.name], check=True)
        done = vigie(None, "bundle", "verify", str(again), "--json")
        assert done.returncode == (0 if word is None else 1), (word, done.stdout, done.stderr)

    verdict(None)
    for part in parts:
        kept = part.read_bytes()
        for at in {0, len(kept) // 2, len(kept) - 1}:
            changed = bytearray(kept)
            changed[at] ^= 1
            part.write_bytes(changed)
            verdict((part.name, at))
        part.unlink()
        verdict((part.name, "gone"))
        part.write_bytes(kept)
    (folder / "more.txt").write_text("?")
    verdict("more.txt")


def test_hostile_tars(made, tmp_path):
    """A traversal, a link, a device, a compressed one, two of one name, text, nothing."""
    good = made[1]["client"].read_bytes()
    cases = {"text": b"not a tar", "empty": b"", "half": good[:len(good) // 2]}
    for name, kind in (("../up", tarfile.REGTYPE), ("top/../x", tarfile.REGTYPE),
                       ("/etc/x", tarfile.REGTYPE), ("top/l", tarfile.SYMTYPE),
                       ("top/d", tarfile.CHRTYPE), ("top/\x1b[31m", tarfile.REGTYPE)):
        path = tmp_path / "case.tar"
        with tarfile.open(path, "w") as tar:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
        cases[name] = path.read_bytes()
    twice = tmp_path / "twice.tar"
    with tarfile.open(twice, "w") as tar:
        for _ in range(2):
            tar.addfile(tarfile.TarInfo("top/a"))
    cases["twice"] = twice.read_bytes()
    for name, content in cases.items():
        path = tmp_path / "hostile.tar"
        path.write_bytes(content)
        done = vigie(None, "bundle", "verify", str(path), "--json")
        wanted = (1, 3) if name in ("half", "empty") else (3,)
        assert done.returncode in wanted, (name, done.returncode, done.stdout, done.stderr)
        assert "\x1b" not in done.stdout
    missing = vigie(None, "bundle", "verify", str(tmp_path / "none.tar"))
    assert missing.returncode == 3 and "none.tar" in missing.stderr


@pytest.mark.parametrize("lang, said", [("fr", "le nommer\u00a0: «\u00a0vigie {}\u00a0»"),
                                        ("en", "name it: “vigie {}”")])
def test_the_folder_it_stands_in(made, tmp_path, lang, said):
    """Told with the command that names the file, and that command works."""
    shutil.copy(made[1]["client"], tmp_path)
    words = ["bundle", "verify", f"{tmp_path}/{made[1]['client'].name}"]
    for slash in ("", "/"):
        done = vigie(None, "bundle", "verify", f"{tmp_path}{slash}", lang=lang)
        assert done.returncode == 3 and said.format(" ".join(words)) in done.stderr, done.stderr
        assert not done.stdout
    assert vigie(None, *words).returncode == 0


def test_the_folder_of_several(made, tmp_path):
    for audience, path in made[1].items():
        shutil.copy(path, tmp_path / f"{audience}.tar")
    done = vigie(None, "bundle", "verify", str(tmp_path), "--json")
    assert done.returncode == 3
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "bundle" and "2 .tar files" in error["message"]
    (tmp_path / "SHA256SUMS").write_text("")
    assert vigie(None, "bundle", "verify", str(tmp_path)).returncode == 1


def test_nothing_is_left_without_a_keeper(made, tmp_path):
    """Nobody signs: unreachable, and no half bundle stays."""
    keeper, _ = made
    done = vigie(keeper, "bundle", "export", str(tmp_path))
    assert done.returncode == 4
    assert not list(tmp_path.iterdir())
    shutil.rmtree(tmp_path)
