# SPDX-License-Identifier: Apache-2.0
"""Mail through a real relay with STARTTLS: what arrives, in which words, once; and nothing to a relay
that cannot be private or is not the one that is meant."""
import contextlib
import datetime
import json
import time

import pytest

from deliver import Authority, Deliverer, approve, recipient
from test_keeper_life import WallClock
from vigied import Keeper, contract, today, wait_for

aiosmtpd = pytest.importorskip("aiosmtpd", reason="python3-aiosmtpd is not installed")
from relay import Relay  # noqa: E402

MANAGER = {**recipient("r-contrat", "contract_manager", channels=["email"],
                       email="contrats@regie.example"), "name": "Gestion « contractuelle », <b>"}
IT = {**recipient(channels=["email"], lang="fr+en", email="ti@regie.example"), "name": "TI"}


TI = "ti@regie.example"


def day(offset):
    return str(today() + datetime.timedelta(days=offset))


class House:
    """A keeper, a relay and a deliverer; the contract ends in so many days."""

    def __init__(self, folder, relay, recipients, scheme="smtp", ends=200, env=None, live=True,
                 networks="127.0.0.0/8 ::1", **deliver):
        self.relay, self.env = relay, env or {}
        self.keeper = Keeper(folder)
        self.keeper.start(env=self.env)
        self.client = self.keeper.client(source="cli")
        if live:
            assert self.client.act("go-live")["ok"]
        answer = self.client.act("contract.load", text=contract(
            recipients=recipients, term__end_date=day(ends),
            term__exit_transition__complete_by=day(ends)))
        assert answer["ok"], answer
        endpoint = f"localhost:{relay.port}"
        self.deliverer = Deliverer(
            self.keeper, {"mode": "listed", "hosts": endpoint, "networks": networks},
            {"ca": relay.authority.ca, "relay": f"{scheme}://{endpoint}",
             "mail_from": "vigie@regie.example", "retry_longest": "3s", **deliver})
        approve(self.keeper, endpoint)

    def start(self):
        self.deliverer.start(wrapper=["env", *(f"{k}={v}" for k, v in self.env.items())])
        return self

    def mails(self, word="", to="contrats@regie.example"):
        with self.relay.lock:
            return [m for m in self.relay.messages if word in m.subject and m.to == [to]]

    def told(self, name):
        rows = self.keeper.sql("SELECT bytes FROM memory WHERE name = 'delivery'")
        told = json.loads(rows[0][0])["destinations"] if rows else []
        return next((d for d in told if d["name"] == name), {})

    def stop(self):
        if self.deliverer.process:
            self.deliverer.stop()
        self.keeper.stop()
        self.keeper.verify()


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "ca")


@pytest.fixture
def relay(authority):
    relay = Relay(authority)
    relay.authority = authority
    yield relay
    relay.close()


def test_a_grave_alert_reaches_whom_it_concerns(tmp_path, relay):
    house = House(tmp_path, relay, [MANAGER, IT], ends=20).start()
    wait_for("the mail", lambda: house.mails("majeure"), 60)
    mail = house.mails("majeure")[0]
    assert mail.sender == "vigie@regie.example" and mail.to == ["contrats@regie.example"]
    assert relay.plain == [], "nothing is said before the connection is private"
    assert all(b not in mail.bytes.split(b"\r\n\r\n", 1)[0] for b in (b"\n\n", b"<b>"))
    assert mail.email["Auto-Submitted"] == "auto-generated"
    assert mail.email["Importance"] == "high" and mail.email["Content-Language"] == "fr"
    assert mail.email["To"].addresses[0].addr_spec == "contrats@regie.example"
    assert mail.email["To"].addresses[0].display_name == MANAGER["name"]
    assert mail.email.get_content_type() == "multipart/alternative"
    told = house.keeper.alerts("VIG-T-001")[0]
    assert told["text_fr"].split("\u00a0")[0] in mail.text and told["key"] in mail.html
    assert "dont 3 majeures" in mail.subject and "Fin du contrat" in mail.text
    assert "À faire" in mail.text and "À faire" in mail.html
    time.sleep(3)
    assert {m.to[0] for m in relay.messages} == {"contrats@regie.example", TI}
    assert all("VIG-T-001" not in m.text for m in house.mails(to=TI)), "it is not for the IT team"
    house.stop()


def test_what_is_told_again_threads_and_what_is_sent_again_is_the_same(tmp_path, relay):
    """The sender is killed when the relay has the message and has not said so."""
    house = House(tmp_path, relay, [MANAGER, IT], ends=20)

    def kill(_message):
        house.deliverer.kill()
        relay.on_data = lambda message: "250 OK"
        return "250 OK"

    relay.on_data = kill
    house.start()
    wait_for("the first", lambda: relay.messages, 60)
    first = relay.messages[0]
    house.start()
    wait_for("it is sent again", lambda: len(relay.messages) > 2, 60)
    time.sleep(3)
    same = [m for m in relay.messages if m.id == first.id]
    assert len(same) == 2 and same[0].bytes == same[1].bytes
    assert len(relay.messages) == 3, "one to each, and the one that nobody had acknowledged"
    house.stop()


def test_the_end_of_an_alert_belongs_to_its_beginning(tmp_path, relay, authority):
    clock = WallClock(tmp_path)
    house = House(tmp_path, relay, [MANAGER, IT], ends=20, env=clock.env()).start()
    wait_for("the alert", lambda: house.mails("majeure"), 60)
    begun = house.mails("majeure")[0]
    answer = house.client.act("contract.load", text=contract(
        revision=2, recipients=[MANAGER, IT], term__end_date=day(20),
        term__exit_transition__complete_by=day(20),
        amendments=[{"id": "AV-1", "signed_on": day(-1), "effective_on": day(-1),
                     "changes": {"end_date": day(300)}}]))
    assert answer["ok"], answer
    wait_for("its end is recorded",
             lambda: house.keeper.alerts("VIG-T-001")[-1]["event"] == "cleared", 60)
    clock.set(400)  # no more than one message in five minutes
    wait_for("its end", lambda: house.mails("Fin d"), 60)
    ended = house.mails("Fin d")[0]
    assert ended.id != begun.id
    assert set(begun.email["References"].split()) & set(ended.email["References"].split())
    assert ended.email["In-Reply-To"] in ended.email["References"]
    assert begun.email["In-Reply-To"] is None and ended.email["Importance"] is None
    house.stop()


def test_a_test_goes_to_its_recipient_alone(tmp_path, relay):
    house = House(tmp_path, relay, [MANAGER, IT], live=False).start()
    assert house.client.act("deliver.test", recipient="r-ti")["ok"]
    wait_for("the test", lambda: house.mails("ESSAI", TI), 60)
    mail = house.mails("ESSAI", TI)[0]
    assert mail.to == ["ti@regie.example"] and "TEST: messages reach you" in mail.subject
    assert mail.email["Content-Language"] == "fr, en"
    assert "This is a test" in mail.text and "Ceci est un essai" in mail.html
    time.sleep(2)
    assert len(relay.messages) == 1
    wait_for("it is told", lambda: house.told("r-ti/mail").get("success"))
    house.stop()


def test_a_relay_that_asks_to_wait_is_asked_again(tmp_path, relay):
    answers = ["451 plus tard", "421 plus tard"]
    relay.on_data = lambda message: answers.pop(0) if answers else "250 OK"
    house = House(tmp_path, relay, [MANAGER, IT]).start()
    assert house.client.act("deliver.test", recipient="r-ti")["ok"]
    wait_for("it waits", lambda: house.told("r-ti/mail").get("state") == "waiting", 60)
    assert "451" in house.told("r-ti/mail")["why"]
    wait_for("it arrives", lambda: house.mails("ESSAI", TI), 60)
    assert len({m.id for m in relay.tried}) == 1
    house.stop()


def test_a_relay_that_hangs_holds_up_nobody_else(tmp_path, relay):
    relay.on_data = lambda message: None if len(relay.tried) == 1 else "250 OK"
    house = House(tmp_path, relay, [MANAGER, IT]).start()
    assert house.client.act("deliver.test", recipient="r-ti")["ok"]
    wait_for("the message that hangs", lambda: relay.tried, 60)
    begun = time.monotonic()
    assert house.client.act("deliver.test", recipient="r-contrat")["ok"]
    wait_for("the other's", lambda: house.mails("ESSAI"), 20)
    house.client.close()
    house.stop()  # whoever still waits for the relay is ended
    assert time.monotonic() - begun < 40 and not house.mails("ESSAI", TI)


@pytest.mark.long
def test_a_relay_that_hangs_with_the_message_is_asked_again(tmp_path, relay):
    relay.on_data = lambda message: None if len(relay.tried) == 1 else "250 OK"
    house = House(tmp_path, relay, [MANAGER, IT]).start()
    assert house.client.act("deliver.test", recipient="r-ti")["ok"]
    wait_for("it gives up", lambda: house.told("r-ti/mail").get("state") == "waiting", 150)
    wait_for("it arrives", lambda: house.mails("ESSAI", TI), 30)
    assert len({m.id for m in relay.tried}) == 1 and len(relay.messages) == 1
    house.stop()


def test_a_message_that_can_never_go_is_set_aside(tmp_path, relay):
    relay.on_data = lambda m: "554 contenu" if m.id == relay.tried[0].id else "250 OK"
    house = House(tmp_path, relay, [MANAGER, IT]).start()
    for _ in range(2):
        assert house.client.act("deliver.test", recipient="r-ti")["ok"]
    wait_for("the first is set aside", lambda: house.told("r-ti/mail").get("set_aside"), 90)
    aside = house.told("r-ti/mail")["set_aside"]
    assert len(aside) == 1 and "554" in aside[0]["why"]
    wait_for("the second arrives", lambda: house.mails("ESSAI", TI), 60)
    wait_for("it is recorded", lambda: any(
        r["body"]["destination"]["set_aside"] for r in house.keeper.records("delivery")))
    house.stop()


def test_an_unknown_address_is_a_refusal_and_nothing_is_lost(tmp_path, relay):
    relay.on_rcpt = lambda address: "550 inconnu"
    house = House(tmp_path, relay, [MANAGER, IT]).start()
    assert house.client.act("deliver.test", recipient="r-ti")["ok"]
    wait_for("it is refused", lambda: house.told("r-ti/mail").get("state") == "refused", 60)
    assert house.told("r-ti/mail")["set_aside"] == []
    relay.on_rcpt = lambda address: "250 OK"
    wait_for("it arrives", lambda: house.mails("ESSAI", TI), 90)
    house.stop()


@pytest.mark.parametrize("what", ["no-starttls", "another-name", "another-authority", "expired"])
def test_nothing_is_said_to_a_relay_that_is_not_safe(tmp_path, authority, what):
    other = Authority(tmp_path / "other")
    options = {
        "no-starttls": lambda: Relay(authority, starttls=False),
        "another-name": lambda: Relay(authority, names="DNS:ailleurs.example"),
        "another-authority": lambda: Relay(authority, certificate=other.issue("relay")),
        "expired": lambda: Relay(authority, certificate=authority.issue("old", days=-1)),
    }
    with contextlib.closing(options[what]()) as relay:
        relay.authority = authority
        house = House(tmp_path, relay, [MANAGER, IT]).start()
        assert house.client.act("deliver.test", recipient="r-ti")["ok"]
        wait_for("it is refused", lambda: house.told("r-ti/mail").get("state") == "refused", 60)
        assert relay.plain == [] and relay.tried == []
        house.stop()


def test_a_relay_outside_of_the_networks_gets_not_a_byte(tmp_path, relay):
    house = House(tmp_path, relay, [MANAGER, IT], networks="192.0.2.0/24").start()
    assert house.client.act("deliver.test", recipient="r-ti")["ok"]
    wait_for("it is refused", lambda: house.told("r-ti/mail").get("state") == "refused", 60)
    assert "[egress] networks" in house.told("r-ti/mail")["why"] and relay.tried == []
    house.stop()


def test_smtps_is_private_from_the_first_byte(tmp_path, relay):
    """A relay that speaks first in the clear is not one of smtps://, and hears nothing."""
    house = House(tmp_path, relay, [MANAGER, IT], scheme="smtps").start()
    assert house.client.act("deliver.test", recipient="r-ti")["ok"]
    wait_for("it cannot be", lambda: house.told("r-ti/mail").get("state") in ("refused", "waiting"),
             60)
    assert relay.plain == [] and relay.tried == []
    house.stop()


def test_smtps_arrives(tmp_path, authority):
    with contextlib.closing(Relay(authority, implicit=True)) as relay:
        relay.authority = authority
        house = House(tmp_path, relay, [MANAGER, IT], scheme="smtps").start()
        assert house.client.act("deliver.test", recipient="r-ti")["ok"]
        wait_for("it arrives", lambda: house.mails("ESSAI", TI), 60)
        house.stop()


def test_the_relay_asks_who_we_are(tmp_path, authority):
    with contextlib.closing(Relay(authority, user=("vigie", "s3cret"))) as relay:
        relay.authority = authority
        house = House(tmp_path, relay, [MANAGER, IT], mail_user="vigie")
        (house.deliverer.keys / "mail-password").write_text("faux\n")
        house.start()
        assert house.client.act("deliver.test", recipient="r-ti")["ok"]
        wait_for("it is refused", lambda: house.told("r-ti/mail").get("state") == "refused", 60)
        house.deliverer.stop()
        (house.deliverer.keys / "mail-password").write_text("s3cret\n")
        house.start()
        wait_for("it arrives", lambda: house.mails("ESSAI", TI), 90)
        text = house.deliverer.log.read_text()
        assert "s3cret" not in text and "faux" not in text
        house.stop()


def test_the_digest_and_the_monthly_page_come_in_their_time(tmp_path, relay):
    """On a clock of its own: a warning waits for the morning, the page for the first of the month."""
    clock = WallClock(tmp_path)
    house = House(tmp_path, relay, [MANAGER, IT], ends=80, env=clock.env()).start()
    wait_for("a warning", lambda: house.keeper.alerts("VIG-T-001"), 60)
    time.sleep(4)
    assert house.mails() == [], "it is for the morning"
    clock.set(24 * 3600)
    wait_for("the digest", lambda: house.mails("Résumé"), 60)
    digest = house.mails("Résumé")[0]
    assert digest.to == ["contrats@regie.example"] and "Avertissement" in digest.text
    assert digest.email["Importance"] is None
    clock.set(32 * 24 * 3600)
    wait_for("the page", lambda: house.mails("Page mensuelle"), 60)
    page = house.mails("Page mensuelle")[0]
    assert page.to == ["contrats@regie.example"]
    for word in ("Reste du montant", "Dernier jour du contrat", "Alertes en cours", "Envois"):
        assert word in page.text and word in page.html
    time.sleep(2)
    assert len(house.mails("Page mensuelle")) == 1
    house.stop()
