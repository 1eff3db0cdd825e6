# SPDX-License-Identifier: Apache-2.0
"""`vigie deliver test RECIPIENT`: it arrives by each of the three ways marked as a test, and where it
cannot, somebody is told why."""
import contextlib
import json
import subprocess

import pytest

from deliver import Hook, approve, recipient
from supplier import Authority, Receiver
from test_deliver_supplier import Chain, supplier
from vigied import Keeper, program, wait_for

pytest.importorskip("aiosmtpd", reason="python3-aiosmtpd is not installed")
from relay import Relay  # noqa: E402


def deliver(config, *words, status=0):
    done = subprocess.run([program("vigie"), "deliver", *words, "--json", "--config", config],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_it_arrives_by_each_way_marked_as_a_test(tmp_path):
    authority = Authority(tmp_path / "ca")
    receiver = Receiver(tmp_path / "r", authority).start()
    hook = Hook(authority, certificate=receiver.certificate)
    with contextlib.closing(Relay(authority, certificate=receiver.certificate)) as relay:
        chain = Chain(tmp_path, authority, [
            supplier(receiver.port), recipient(webhook=f"https://localhost:{hook.port}/ti"),
            recipient("r-refus", webhook="https://ailleurs.example:443/"),
            recipient("r-contrat", "contract_manager", channels=["email"], email="c@regie.example")],
            relay=f"smtp://localhost:{relay.port}", mail_from="vigie@regie.example")
        config = chain.keeper.config
        approve(chain.keeper, f"localhost:{relay.port}")
        config.write_text(config.read_text().replace("\n localhost", f"\n localhost:{relay.port}\n localhost", 1))
        chain.deliverer.start()

        deliver(config, "test", "r-four")
        wait_for("the supplier's", lambda: receiver.lines("test"), 40)
        assert receiver.lines("test")[0]["recipient"] == "r-four" and not receiver.lines("fault")

        deliver(config, "test", "r-ti")
        wait_for("the webhook's", lambda: hook.events("test"), 40)
        assert {e["type"] for e in hook.events("test")} == {"ca.vigie.test.v1"}

        deliver(config, "test", "r-contrat")
        wait_for("the mail", lambda: [m for m in relay.messages if "ESSAI" in m.subject], 40)
        [mail] = relay.messages
        assert "Ceci est un essai" in mail.text and "Ceci est un essai" in mail.html
        assert len(receiver.lines("test")) == 1, "each goes to its recipient alone"

        assert deliver(config, "test", "r-nul", status=3)["error"]["code"] == "no-such-recipient"
        deliver(config, "test", "r-refus")
        told = deliver(config, status=1)["destinations"]
        [refused] = [d for d in told if d["name"] == "r-refus/webhook"]
        assert refused["state"] == "refused" and "ailleurs.example:443" in refused["why"]
        chain.stop()
    receiver.stop()
    hook.close()


def test_none_is_recorded_where_nothing_leaves(tmp_path):
    """The keeper says so, to the command and to whoever else asks, as soon as it has read the settings."""
    keeper = Keeper(tmp_path).start()
    answer = keeper.client().act("deliver.test", recipient="r-ti")
    assert not answer["ok"] and answer["code"] == "nothing-is-sent"
    assert deliver(keeper.config, "test", "r-ti", status=3)["error"]["code"] == "nothing-is-sent"

    keeper.add_settings("[egress]\nmode = listed\n")
    answer = keeper.client().act("deliver.test", recipient="r-ti")
    assert not answer["ok"] and answer["code"] == "no-such-recipient"
    assert not keeper.records("test", "client") + keeper.records("test", "shared")
    keeper.stop()
