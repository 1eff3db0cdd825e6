# SPDX-License-Identifier: Apache-2.0
"""What reaches systemd's journal: every alert as a message of its own, with fields to filter by and an
identifier that both catalogues explain. Its socket is ours, in a mount namespace."""

import os
import re
import socket
import subprocess
import threading

import pytest

from host import build_dir
from vigied import SECOND, Guests, Keeper, amendment, contract, stamp_aligned, wait_for

INSIDE = """mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal &&
mount --bind "$1" /run/systemd/journal && shift && exec "$@" """
WRAPPER = ["unshare", "--mount", "--propagation", "private", "sh", "-c", INSIDE, "sh"]


class Journal:
    """The datagrams of programs that run inside, as {field: value}. No value of theirs has a newline."""

    def __init__(self, folder):
        folder.mkdir()
        self.inside = [*WRAPPER, folder]
        if subprocess.run([*self.inside, "true"], capture_output=True).returncode:
            pytest.skip("nothing can be mounted here")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(os.fspath(folder / "socket"))
        self.messages = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            text = self.socket.recv(1 << 20).decode(errors="replace")
            self.messages.append(dict(line.split("=", 1) for line in text.splitlines() if "=" in line))

    def find(self, **fields):
        return [m for m in list(self.messages) if fields.items() <= m.items()]

    def start(self, keeper, **more):
        """systemd says by JOURNAL_STREAM that standard error is the journal."""
        keeper.log.touch()
        log = keeper.log.stat()
        return keeper.start(wrapper=self.inside, env={"JOURNAL_STREAM": f"{log.st_dev}:{log.st_ino}", **more})


def catalogue(name):
    """{identifier: subject and text}"""
    text = (build_dir() / "units" / name).read_text()
    parts = re.split(r"^-- ([0-9a-f]{32})$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("lang, said", [("fr", "du montant autorisé"), ("en", "of the authorised amount")])
def test_an_alert_in_the_journal(tmp_path, lang, said):
    journal = Journal(tmp_path / "journal")
    keeper = Keeper(tmp_path, interval="300s")
    keeper.config.write_text(keeper.config.read_text() + f"[general]\nlanguage = {lang}\n")
    journal.start(keeper)
    cli = keeper.client(source="cli")
    assert cli.act("contract.load", text=contract(money__authorised_amount="200.00"))["ok"]
    guests = Guests(keeper.client(), stamp_aligned(7200, 300))
    guests.begin()
    for _ in range(15):
        guests.step(20)
    guests.client.drain()
    assert guests.utc_ns % (300 * SECOND) == 0  # an interval is over
    [fired] = wait_for("the alert", lambda: journal.find(VIGIE_CODE="VIG-C-001", VIGIE_EVENT="fired"), 60)
    assert said in fired["MESSAGE"].replace("\xa0", " "), fired
    assert fired["PRIORITY"] == "4" and fired["VIGIE_SEVERITY"] == "warning", fired
    assert fired["VIGIE_CONTRACT"] == "CS-DEMO-0001" and fired["VIGIE_KEY"].endswith("amount-20")

    assert cli.act("contract.load", text=contract(
        revision=2, money__authorised_amount="200.00",
        amendments=amendment(authorised_amount="100000.00")))["ok"]
    wait_for("its end", lambda: journal.find(VIGIE_KEY=fired["VIGIE_KEY"], VIGIE_EVENT="cleared"), 60)
    keeper.stop()

    texts = [catalogue(name) for name in ("vigie.catalog", "vigie.en.catalog")]
    told = {m["MESSAGE_ID"] for m in journal.messages if "VIGIE_CODE" in m}
    assert len(told) > 1 and all(id in text for id in told for text in texts), told
    french, english = (text[fired["MESSAGE_ID"]] for text in texts)
    assert french != english and len(french) > 100 and len(english) > 100
