# SPDX-License-Identifier: Apache-2.0
"""vigie egress: what is open, by whom, and why the rest is shut."""
import json
import subprocess

from vigied import Keeper, contract, program


def vigie(keeper, *words, lang="en"):
    return subprocess.run([program("vigie"), *words, "--config", keeper.config, "--lang", lang],
                          capture_output=True, text=True, timeout=60)


def listed(keeper):
    done = vigie(keeper, "egress", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    return {d.pop("endpoint"): d for d in answer["destinations"]}


def test_approving_and_revoking(tmp_path):
    keeper = Keeper(tmp_path)
    with open(keeper.config, "a", encoding="utf-8") as config:
        config.write("[egress]\nmode = listed\nhosts = A.example:443 b.example:8443\n"
                     "networks = 192.0.2.0/24\n")
    keeper.start()
    assert keeper.client(source="cli").act("contract.load", text=contract())["ok"]
    assert [d["open"] for d in listed(keeper).values()] == [False, False]

    done = vigie(keeper, "egress", "approve", "a.EXAMPLE.:443")
    assert done.returncode == 0, done.stderr
    done = vigie(keeper, "egress", "approve", "elsewhere.amazonaws.com:443", "--public-cloud")
    assert done.returncode == 0 and "not in [egress] hosts yet" in done.stderr
    seen = listed(keeper)
    assert seen["a.example:443"] == {"approved": True, "open": True, "public_cloud": False,
                                     "why": ""}
    assert "not approved" in vigie(keeper, "egress").stdout
    cloud = seen["elsewhere.amazonaws.com:443"]
    assert cloud["approved"] and cloud["public_cloud"] and not cloud["open"]

    size = len(keeper.records("act"))
    assert vigie(keeper, "egress", "approve", "a.example:443").returncode == 0
    assert len(keeper.records("act")) == size, "nothing had changed, and it was recorded"
    assert vigie(keeper, "egress", "revoke", "a.example:443").returncode == 0
    assert not listed(keeper)["a.example:443"]["open"]
    act = keeper.records("act")[-1]["body"]
    assert act["verb"] == "egress.revoke" and act["detail"] == {"endpoint": "a.example:443"}

    assert vigie(keeper, "egress", "revoke", "a.example:443").returncode == 3
    for wrong in ("a.example", "https://a.example:443", "a.example:0", "u@a.example:443"):
        assert vigie(keeper, "egress", "approve", wrong).returncode == 2, wrong
    assert "fermée" in vigie(keeper, "egress", lang="fr").stdout
    keeper.stop()
