# SPDX-License-Identifier: Apache-2.0
"""A contract entered by hand, at a terminal: what a person types, takes back, and gives up."""

import json
import os
import pty
import select
import signal
import time

import pytest

from ledgers import programs
from test_entry import AMENDMENT, ANSWERS, TABLES, folder, run

__all__ = ["folder"]
LAST = {"fr": "pour revenir)", "en": "to go back)"}


class Person:
    """Types at a terminal of its own, line by line, once the question stands there."""

    def __init__(self, folder, *words, lang="fr"):
        self.seen, self.taken = "", 0
        self.pid, self.terminal = pty.fork()
        if not self.pid:
            os.chdir(folder)
            os.environ.update(LC_ALL="C.UTF-8", TERM="xterm", COLUMNS="100")
            os.execv(programs() / "vigie", ["vigie", "--lang", lang, *words])

    def read(self):
        ready, _, _ = select.select([self.terminal], [], [], 1)
        if not ready:
            return True
        try:
            more = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.seen += more.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(more)

    def expect(self, text, seconds=120):
        """What is seen up to there, from where one looked last."""
        until = time.monotonic() + seconds
        while text not in self.seen[self.taken:]:
            assert self.read() and time.monotonic() < until, (text, self.seen[self.taken:][-800:])
        at = self.seen.index(text, self.taken) + len(text)
        said, self.taken = self.seen[self.taken:at], at
        return said

    def type(self, text):
        os.write(self.terminal, text.encode())

    def line(self, question, answer):
        said = self.expect(question)
        # The default, if there is one, stands behind the question.
        while "\n" not in self.seen[self.taken:]:
            assert self.read()
        self.type(answer + "\n")
        return said

    def ends(self):
        until = time.monotonic() + 120
        while self.read():
            assert time.monotonic() < until
        _, status = os.waitpid(self.pid, 0)
        os.close(self.terminal)
        return status


QUESTIONS = {
    "fr": ["Numéro du contrat spécifique", "Numéro de l'accord-cadre", "Avis au SEAO",
           "Organisme client, en français", "Organisme client, en anglais", "Fournisseur, en français",
           "Fournisseur, en anglais", "Courtier, en français", "Courtier, en anglais",
           "Numéro de l'offre", "Solution, en français", "Solution, en anglais", "Location, achat",
           "Centre de traitement", "Appareils qui y sont", "Date de signature", "Premier jour du",
           "Dernier jour du", "Transition à la sortie", "Jours avant", "Jours de parallélisme",
           "Montant autorisé", "Avertir à ces", "Avertir tant", "Heures après", "Qui gère",
           "Son courriel", "Sa langue", "Années de", "Composants qualifiés", "Abonnés",
           "Bordereau de prix", "Services récurrents", "Quotas", "Engagements", "Options de",
           "Heures de service", "Périodes d'entretien", "Délais convenus", "Autres destinataires"],
}
KEYS = ["contract_id", "framework_id", "seao_notice", "client_fr", "client_en", "supplier_fr",
        "supplier_en", "broker_fr", "broker_en", "offer_id", "solution_fr", "solution_en", "mode",
        "site", "appliances", "signed_on", "start_date", "end_date", "exit_by", "exit_lead_days",
        "exit_parallel_days", "amount", "thresholds", "term_days", "close_after_hours",
        "manager_name", "manager_email", "manager_lang", "retention_years", "components", "tenants",
        "prices", "recurring", "quotas", "commitments", "renewals", "coverage_windows",
        "maintenance_windows", "service_levels", "recipients"]


def answer_up_to(person, last):
    for question, key in zip(QUESTIONS["fr"], KEYS):
        if key == last:
            return
        person.line(question, ANSWERS.get(key, ""))


def test_a_whole_contract_and_back_from_the_page(folder):
    """Wrong answers are told; one goes back, twice over a table that adds rows, and they are not there
    twice; the page is read, and something on it is mended before it is written."""
    person = Person(folder, "contract", "new", "--out", "main.json")
    assert "revient à la question précédente" in person.expect("rien n'est écrit.")
    answer_up_to(person, "signed_on")
    person.line("Date de signature", "2027-02-30")
    assert "✗" in person.line("Date de signature", ANSWERS["signed_on"])
    person.line("Premier jour du", "<")
    person.line("Date de signature (AAAA-MM-JJ) [2027-01-12]", "")
    for question, key in list(zip(QUESTIONS["fr"], KEYS))[16:29]:
        person.line(question, ANSWERS.get(key, ""))
    person.line("Composants qualifiés", "absent.csv")
    person.expect("absent.csv")
    for question, key in list(zip(QUESTIONS["fr"], KEYS))[29:39]:
        person.line(question, ANSWERS.get(key, ""))
    person.line("Autres destinataires", "recipients.csv")
    page = person.expect(LAST["fr"])
    assert "Nuage privé d'essai" in page and "750\u202f000,00\u00a0$" in page
    person.type("<\n")
    person.line("Autres destinataires (fichier CSV; vide\u00a0: aucun) [recipients.csv]", "<")
    for question in QUESTIONS["fr"][38:21:-1]:
        person.line(question, "<")
    person.line("Montant autorisé", "801 000,00")
    for question, key in list(zip(QUESTIONS["fr"], KEYS))[22:]:
        person.line(question, "")
    page = person.expect(LAST["fr"])
    assert "801\u202f000,00\u00a0$" in page and "750\u202f000,00" not in page
    person.type("oui\n")
    assert person.ends() == 0
    by_hand = json.loads((folder / "main.json").read_text())
    assert run(folder, "contract", "new", "--out", "script.json",
               answers={**ANSWERS, "amount": "801000"}).returncode == 0
    assert by_hand == json.loads((folder / "script.json").read_text())


def test_giving_up_writes_nothing(folder):
    """Ctrl-C, the end of input, and no."""
    person = Person(folder, "contract", "new", "--out", "main.json")
    answer_up_to(person, "client_fr")
    person.expect("Organisme client, en français")
    person.type("\x03")
    status = person.ends()
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT
    person = Person(folder, "contract", "new", "--out", "main.json", lang="en")
    person.line("Number of the specific contract", "CS-1")
    person.expect("Number of the framework")
    person.type("\x04")
    person.expect("interrupted: nothing was written")
    assert os.waitstatus_to_exitcode(person.ends()) == 2
    person = Person(folder, "contract", "new", "--out", "main.json")
    answer_up_to(person, None)
    person.expect(LAST["fr"])
    person.type("non\n")
    assert os.waitstatus_to_exitcode(person.ends()) == 2
    assert sorted(p.name for p in folder.iterdir()) == sorted(TABLES)


def test_an_amendment_in_english_and_back(folder):
    assert run(folder, "contract", "new", answers=ANSWERS).returncode == 0
    (folder / "changed.csv").write_text("sku,price\nVCPU,0.0199\n")
    person = Person(folder, "contract", "amend", "CS-2027-0042.json", "--out", "next.json",
                    lang="en")
    person.line("Number of the amendment", "<")
    person.line("Number of the amendment", AMENDMENT["id"])
    person.line("Date of signature", AMENDMENT["signed_on"])
    person.line("First day", AMENDMENT["effective_on"])
    person.line("In one sentence, in French", AMENDMENT["note_fr"])
    person.line("In one sentence, in English", "")
    person.line("New authorised amount", "1.00")
    assert "“MIN” (9000.00 CAD) exceeds" in person.line("New authorised amount", "800000")
    assert "✗" not in person.line("New last day", "<")
    person.line("New authorised amount (empty: unchanged) [800000]", "-")
    person.line("New last day", "")
    person.line("Components added", "")
    person.line("Prices added", "")
    person.line("Prices changed", "changed.csv")
    person.line("Quotas changed", "")
    person.line("Commitments changed", "")
    person.expect(LAST["en"])
    person.type("y\n")
    assert person.ends() == 0
    last = json.loads((folder / "next.json").read_text())["amendments"][-1]
    assert last["changes"] == {"prices": [{"sku": "VCPU", "price": "0.0199", "per": 1}]}


@pytest.mark.parametrize("answer", ["\x1b[31mRouge\x1b]0;x\x07", "a\u202eb", "x" * 5000], ids=[
    "escapes", "bidi", "long"])
def test_hostile_answers(folder, answer):
    """Refused, and told without doing what they say; or, where the rules let them through, harmless on
    the page."""
    done = run(folder, "contract", "new", answers={**ANSWERS, "client_fr": answer})
    assert done.returncode in (0, 3)
    shown = done.stdout + done.stderr
    assert "\x1b" not in shown and "\x07" not in shown and "\u202e" not in shown
    assert (folder / "CS-2027-0042.json").exists() == (done.returncode == 0)
