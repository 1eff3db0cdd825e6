# SPDX-License-Identifier: Apache-2.0
"""The command, beside a keeper or without one."""
import datetime
import json
import subprocess

from vigied import program, today

TODAY = today()


def day(offset):
    return str(TODAY + datetime.timedelta(days=offset))


def vigie(keeper, *words, lang="en"):
    """keeper None: without settings, as on another machine."""
    config = keeper.config if keeper else "/dev/null"
    done = subprocess.run([program("vigie"), *map(str, words), "--config", config, "--lang", lang],
                          capture_output=True, text=True, timeout=120)
    assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
    return done


def answer(keeper, *words):
    done = vigie(keeper, *words, "--json")
    return done.returncode, json.loads(done.stdout)


def refused(keeper, *words):
    status, said = answer(keeper, *words)
    assert status in (2, 3), said
    return said["error"]["code"]
