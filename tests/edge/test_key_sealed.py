# SPDX-License-Identifier: Apache-2.0
"""The signing key as it is installed: sealed to this machine by systemd-creds, changed while it is
sealed, and never in a file in the clear. A private /etc and a private host key, in a mount
namespace; what systemd does for LoadCredentialEncrypted= is done by hand."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from vigied import Keeper, contract, program, wait_for

KEYGEN = pathlib.Path(__file__).resolve().parents[2] / "units/vigie-keygen"
HOUSE = """
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/upper,workdir=$1/work" /etc &&
mkdir -p /etc/vigie /var/lib/systemd && mount -t tmpfs tmpfs /var/lib/systemd && echo ready && read end
"""


class House:
    """Programs that are run inside see an /etc and a host key of their own."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("upper", "work", "credentials", "usr/bin", "usr/libexec/vigie"):
            (folder / name).mkdir(parents=True)
        shutil.copy(program("vigie"), folder / "usr/bin/vigie")
        shutil.copy(KEYGEN, folder / "usr/libexec/vigie/vigie-keygen")
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", HOUSE, "sh", folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.inside = ["nsenter", f"--mount=/proc/{self.process.pid}/ns/mnt", "--"]
        if self.process.stdout.readline() != "ready\n":
            pytest.skip("no overlay can be mounted here: " + self.process.communicate()[1])

    def run(self, *words):
        done = subprocess.run([*self.inside, *map(str, words)], capture_output=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def keygen(self):
        return self.run(self.folder / "usr/libexec/vigie/vigie-keygen").decode()

    def unseal(self):
        """As systemd hands it to the keeper at its start."""
        key = self.run("systemd-creds", "decrypt", "--name=signing-key",
                       "/etc/vigie/signing-key.cred", "-")
        path = self.folder / "credentials/signing-key"
        path.unlink(missing_ok=True)
        path.write_bytes(key)
        path.chmod(0o400)
        return key

    def vigie(self, keeper, *words):
        return json.loads(self.run(self.folder / "usr/bin/vigie", *words, "--json", "--config",
                                   keeper.config))

    def close(self):
        self.process.communicate("\n", timeout=20)


@pytest.fixture
def house(tmp_path):
    if os.geteuid() != 0 or not shutil.which("systemd-creds"):
        pytest.skip("needs root, and systemd-creds")
    house = House(tmp_path / "house")
    yield house
    house.close()


def test_a_sealed_key_is_changed_sealed(house, tmp_path):
    made = house.keygen()
    assert "existe déjà" in house.keygen()
    first = house.unseal()
    keeper = Keeper(tmp_path / "k", interval="300s")
    keeper.key.unlink()
    rows = keeper.config.read_text().splitlines()
    keeper.config.write_text("\n".join(row for row in rows if "signing_key" not in row) + "\n")
    credentials = {"CREDENTIALS_DIRECTORY": str(house.folder / "credentials")}
    keeper.start(env=credentials)
    assert keeper.client(source="cli").act("contract.load", text=contract())["ok"]
    before = house.vigie(keeper, "key", "show")["fingerprint"]
    assert made.split()[-1] == before.replace(" ", "")

    after = house.vigie(keeper, "key", "rotate")["fingerprint"]
    assert after != before
    names = house.run("ls", "-A", "/etc/vigie").decode().split()
    assert names == ["signing-key.cred", "signing-key.pub"], "nothing half stays"
    second = house.unseal()
    assert second != first
    keeper.stop()
    keeper.start(env=credentials)
    wait_for("the new key signs",
             lambda: house.vigie(keeper, "key", "show")["fingerprint"] == after)
    said = house.vigie(keeper, "ledger", "verify", "--key", before)
    assert said["fine"], said
    keeper.stop()
    secret = b"".join(second.splitlines()[1:-1])
    for path in (house.folder / "upper").rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes(), path
