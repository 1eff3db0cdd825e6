# SPDX-License-Identifier: Apache-2.0
"""What leaves the machine, by a capture of the cable: nothing at all with mode = none; with listed, no
packet to an address that is not listed, whatever a contract, a name or a redirection says. Bundles can
be had in either."""
import subprocess
import time

import pytest

from deliver import SECRET, Authority, Deliverer, Hook, approve, keeper_with, recipient
from network import Cable, possible
from vigied import program, wait_for

pytestmark = pytest.mark.skipif(possible() is not None, reason=str(possible()))
PORT = 8443
HOSTS = "127.0.0.1 localhost\n198.51.100.2 ami.essai\n"


@pytest.fixture
def cable(tmp_path):
    cable = Cable(tmp_path)
    yield cable
    cable.stop()


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "ca")


def hooks(cable, authority):
    names = f"IP:{Cable.NEAR},IP:{Cable.FAR},DNS:ami.essai"
    with cable.world.inside():
        return [Hook(authority, host=host, port=PORT, certificate=authority.issue(host, names))
                for host in (Cable.NEAR, Cable.FAR)]


def start(cable, tmp_path, authority, mode, networks="192.0.2.0/24"):
    hosts = {"r-ti": Cable.NEAR, "r-loin": Cable.FAR, "r-nom": "ami.essai"}
    people = [recipient(name, webhook=f"https://{host}:{PORT}/{name}")
              for name, host in hosts.items()]
    people.append(recipient("r-mel", "contract_manager", channels=["email"], email="a@essai.example"))
    keeper = keeper_with(tmp_path, people)
    deliverer = Deliverer(keeper, {"mode": mode, "hosts": f"{Cable.NEAR}:{PORT} ami.essai:{PORT}",
                                   "networks": networks}, {"ca": authority.ca})
    for name, host in hosts.items():
        (deliverer.keys / f"webhook-{name}").write_bytes(SECRET)
        approve(keeper, f"{host}:{PORT}")
    names = tmp_path / "hosts"
    names.write_text(HOSTS)
    deliverer.start([*cable.home.wrapper(), "unshare", "--mount", "sh", "-c",
                     'mount --bind "$0" /etc/hosts && exec "$@"', names])
    return keeper, deliverer


def check_bundle(keeper, folder):
    vigie = [program("vigie"), "--config", keeper.config]
    folder.mkdir()
    done = subprocess.run([*vigie, "bundle", "export", folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    [bundle] = folder.glob("*.tar")
    done = subprocess.run([program("vigie"), "bundle", "verify", bundle], capture_output=True,
                          text=True, env={"VIGIE_CONFIG": "/nonexistent", "PATH": "/usr/bin:/bin"})
    assert done.returncode == 0, done.stdout + done.stderr


def test_mode_none_sends_not_one_packet(cable, authority, tmp_path):
    near, far = hooks(cable, authority)
    keeper, deliverer = start(cable, tmp_path, authority, "none")
    deliverer.wait_word("mode = none")
    time.sleep(8)
    assert cable.destinations() == set()
    assert not near.attempts and not far.attempts
    told = [record["body"]["destination"] for record in keeper.records("delivery")]
    assert {d["state"] for d in told} == {"off"} and "r-mel/mail" in {d["name"] for d in told}
    check_bundle(keeper, tmp_path / "paquets")
    deliverer.stop()
    keeper.stop()


def test_listed_sends_to_nobody_else(cable, authority, tmp_path):
    """Of three destinations that the client approved: one is listed, one is not, and the name of one
    leads outside the networks. The first even redirects to the second."""
    near, far = hooks(cable, authority)
    redirected = []

    def answer(handler):
        if len(redirected) < 2:
            redirected.append(handler.path)
            handler.say(307, Location=f"https://{Cable.FAR}:{PORT}/x")
        else:
            handler.accept()

    near.answer = answer
    keeper, deliverer = start(cable, tmp_path, authority, "listed")
    deliverer.wait_word("hors de [egress] networks")
    wait_for("what is for the one that is listed", lambda: near.events("contract"), 60)
    time.sleep(3)
    assert len(redirected) == 2
    assert cable.destinations() == {(Cable.NEAR, PORT)}
    assert not far.attempts
    check_bundle(keeper, tmp_path / "paquets")
    deliverer.stop()
    keeper.stop()


def test_the_capture_would_show_it(cable, authority, tmp_path):
    """The same, but with the other network listed: its packets are seen."""
    _, far = hooks(cable, authority)
    keeper, deliverer = start(cable, tmp_path, authority, "listed", "192.0.2.0/24 198.51.100.0/24")
    wait_for("the name's destination", lambda: far.events("contract"), 60)
    assert cable.destinations() == {(Cable.NEAR, PORT), (Cable.FAR, PORT)}
    assert {path for _, path, _ in far.attempts} == {"/r-nom"}
    deliverer.stop()
    keeper.stop()
