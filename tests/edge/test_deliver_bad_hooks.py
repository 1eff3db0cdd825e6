# SPDX-License-Identifier: Apache-2.0
"""Webhooks to servers as nobody wishes them: none of them delays a good one, nothing is taken for
delivered that was not, nobody is led elsewhere, and what heals gets all of it."""

import time

from badserver import KINDS, Bad, old_tls
from deliver import SECRET, Hook, recipient
from supplier import Authority
from test_deliver_supplier import Chain
from vigied import RUNNING, wait_for

# A webhook gives no receipt: an empty 200 is all that is wanted of it.
WAYS = [kind for kind in KINDS if kind not in ("false-receipt", "empty")]


def test_bad_webhooks(tmp_path):
    authority = Authority(tmp_path / "ca")
    good = authority.issue("localhost", "serverAuth")
    certificates = {"expired": authority.issue("localhost", "serverAuth", days=-1),
                    "wrong-name": authority.issue("ailleurs", "serverAuth", host="ailleurs.example")}
    bad = {kind: Bad(kind, certificates.get(kind, good)) for kind in WAYS}
    elsewhere = Bad("empty", good)
    bad["redirect"].elsewhere = elsewhere.port
    old = old_tls(bad["tls-1.1"].port, good)
    RUNNING.add(old)
    hook = Hook(authority, certificate=good)
    names = {kind: f"r-{kind.replace('.', '-')}" for kind in WAYS}
    chain = Chain(tmp_path, authority, [
        recipient(webhook=f"https://localhost:{hook.port}/bon"),
        *(recipient(names[kind], webhook=f"https://localhost:{b.port}/{kind}")
          for kind, b in bad.items())], retry_longest="5s")
    for name in ("r-ti", *names.values()):
        (chain.deliverer.keys / f"webhook-{name}").write_bytes(SECRET)
    chain.deliverer.start()
    wait_for("the good one", lambda: hook.events("contract"))

    def failed():
        rows = chain.memory("SELECT name FROM destination WHERE failures > 0")
        return {f"{name}/webhook" for name in names.values()} <= {name for name, in rows}
    wait_for("each bad one to have failed", failed, 90)
    for _ in range(3):
        begun = time.monotonic()
        chain.faults(1)
        wait_for("the good one", lambda: len(hook.events("fault")) == chain.n_faults, 8)
        assert time.monotonic() - begun < 8
    for kind, name in names.items():
        assert chain.memory("SELECT success_s FROM destination WHERE name = ?",
                            f"{name}/webhook") == [(0,)], f"{kind}: taken for delivered"
        assert chain.memory("SELECT count(*) FROM aside WHERE destination = ?",
                            f"{name}/webhook") == [(0,)], kind
    assert elsewhere.connections == 0, "it followed the redirection"
    assert not bad["expired"].requests and not bad["wrong-name"].requests

    old.kill()
    old.wait()
    there = Hook(authority, certificate=good)
    for b in bad.values():
        b.heal(there.port)
    wanted = {e["id"] for e in hook.events("fault")}

    def caught_up():
        with there.lock:
            paths = {path for _, path, _ in there.attempts}
        return paths == {f"/{kind}" for kind in WAYS} and \
            wanted <= {e["id"] for e in there.events("fault")} and \
            len(there.events("fault")) >= len(WAYS) * len(wanted)
    wait_for("all that healed to have all of it", caught_up, 120)
    chain.stop()
    hook.close()
    there.close()
