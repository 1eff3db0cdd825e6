# SPDX-License-Identifier: Apache-2.0
"""How the command is spoken to: help, mistakes, exit codes, completion, manual pages."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import time

import pytest

from ledgers import Ledger, contract_text, programs


def vigie(*words, lang="fr", **options):
    return subprocess.run([programs() / "vigie", "--lang", lang, *words], capture_output=True,
                          text=True, timeout=60, **options)


def rows():
    return json.loads(vigie("help", "--json").stdout)["verbs"]


def test_every_verb_is_explained_in_both_languages():
    french, english = vigie("help").stdout, vigie("help", lang="en").stdout
    for row in rows():
        assert row["words"] in french and row["words"] in english
        for lang, sentence in (("fr", row["fr"]), ("en", row["en"])):
            text = " ".join(vigie(*row["words"].split(), "--help", lang=lang).stdout.split())
            assert " ".join(sentence.split()) in text
            for option in row["options"].split():
                assert f"--{option}" in text


def test_the_usage_line_names_every_option_and_what_is_needed():
    """What cannot be left out stands bare in the usage line, and leaving it out is wrong use."""
    lines = {row["words"]: " ".join(vigie("help", *row["words"].split(), lang="en").stdout
                                    .split("\n  ")[0].split()) for row in rows()}
    assert lines["contract rate"] == ("vigie contract rate --as-of DATE --contract FILE --usage FILE"
                                      " [--local-days]")
    needed = [row for row in rows() if row["required"]]
    assert len(needed) > 10
    for row in rows():
        for option in row["options"].split():
            bare = option in row["required"].split()
            assert (" " if bare else " [") + f"--{option}" in lines[row["words"]], lines
    for row in needed:
        arguments = [word for word in row["arguments"].split() if word[0] != "["]
        done = vigie(*row["words"].split(), *arguments)
        assert done.returncode == 2, row
        assert any(word in done.stderr for word in
                   [f"--{option}" for option in row["required"].split()] + arguments), done.stderr


def test_help_of_a_verb_for_programs_is_of_that_verb():
    assert [row["words"] for row in json.loads(vigie("status", "--help", "--json").stdout)["verbs"]] \
        == ["status"]
    ledger = json.loads(vigie("help", "ledger", "--json").stdout)["verbs"]
    assert len(ledger) > 3 and all(row["words"].split()[0] == "ledger" for row in ledger)


def test_an_empty_config_names_none():
    empty, none = (vigie("config", "--json", env={**{k: v for k, v in os.environ.items()
                                                     if k != "VIGIE_CONFIG"}, **more})
                   for more in ({"VIGIE_CONFIG": ""}, {}))
    assert (empty.returncode, empty.stdout) == (none.returncode, none.stdout) and none.stdout


def test_every_command_of_the_readme_is_there():
    readme = (pathlib.Path(__file__).resolve().parents[2] / "README.md").read_text()
    verbs = {row["words"]: f"{row['options']} " + "config help json lang no-colour version"
             for row in rows()}
    code = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL) + re.findall(r"`[^`\n]+`", readme)
    found = [c for text in code
             for c in re.findall(r"^`?(?:sudo )?vigie ([a-z][^`\n#>|]*)", text, re.MULTILINE)]
    assert len(found) > 30
    for command in found:
        words = command.split()
        verb = next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in verbs), None)
        assert verb, f"vigie {command}"
        for option in re.findall(r"--([a-z-]+)", command):
            assert option in verbs[verb].split(), f"vigie {command}"


@pytest.mark.parametrize("words, says", [
    (["statsu"], "status"), (["nimporte"], "vigie help"), (["ledger", "nimporte"], ""),
    (["status", "trop"], "vigie status"), (["status", "--by", "day"], "--by"),
    (["usage", "--by"], "--by"), (["usage", "--by", "week"], "hour|day|month"),
    (["usage", "--rien"], "--rien"), (["status", "-x"], "-x"), (["status", "--watch=2"], "--watch"),
    (["tenants", "map", "seul"], "DOMAINE ABONNÉ"), (["--lang"], "--lang")], ids=str)
def test_wrong_use_is_told_and_is_2(words, says):
    done = vigie(*words)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr and not done.stdout
    if words != ["--lang"]:
        answer = json.loads(vigie("--json", *words).stdout)
        assert answer["error"]["code"] == "usage"
        assert set(answer["error"]) == {"code", "path", "line", "message"}


def test_an_unknown_language_is_refused_in_that_of_the_environment():
    for lang, says in (("en_CA.UTF-8", "is not one of fr|en|both"), ("fr_CA.UTF-8", "n'est pas")):
        done = vigie("version", lang="de", env={**os.environ, "LC_ALL": lang})
        assert done.returncode == 2 and says in done.stderr


def test_hostile_words_come_back_harmless():
    done = vigie("\x1b]0;x\x07\u202e")
    assert done.returncode == 2
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", done.stderr)


def test_settings_that_cannot_be_read_are_3(tmp_path):
    (tmp_path / "vigie.conf").write_text("[paths]\nstate_dir = relative\n")
    done = vigie("--config", str(tmp_path / "vigie.conf"), "config")
    assert done.returncode == 3 and "vigie.conf" in done.stderr
    assert vigie("--config", str(tmp_path / "none.conf"), "config").returncode == 3


def test_config_tells_where_each_setting_comes_from(tmp_path):
    (tmp_path / "vigie.conf").write_text("[appliance]\nid = srv-1\n")
    (tmp_path / "vigie.conf.d").mkdir()
    (tmp_path / "vigie.conf.d/10-x.conf").write_text("[keeper]\nclose_grace = 7s\n")
    answer = json.loads(vigie("--config", str(tmp_path / "vigie.conf"), "config", "--json").stdout)
    by_key = {(s["section"], s["key"]): s for s in answer["settings"]}
    assert by_key["appliance", "id"]["value"] == "srv-1"
    assert by_key["appliance", "id"]["origin"].endswith("vigie.conf")
    assert by_key["keeper", "close_grace"]["value"] == "7s"
    assert by_key["keeper", "close_grace"]["origin"].endswith("10-x.conf")
    assert by_key["paths", "state_dir"]["origin"] == ""


def test_colour_only_where_it_is_welcome(tmp_path):
    script = shutil.which("script")
    if not script:
        pytest.skip("script(1) is not installed")

    def on_terminal(words, **env):
        return subprocess.run([script, "-qec", f"{programs()}/vigie --lang fr {words}", "/dev/null"],
                              env=dict(os.environ, **env), capture_output=True, text=True).stdout

    assert "\x1b[1m" in on_terminal("help")
    assert "\x1b[" not in on_terminal("help --no-colour")
    assert "\x1b[" not in on_terminal("help", NO_COLOR="1")
    assert "\x1b[" not in on_terminal("version --json")
    assert "\x1b[" not in vigie("help").stdout


@pytest.mark.parametrize("words", [["help", "--man"], ["config", "--man"]], ids=" ".join)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_manual_pages_are_roff_that_groff_accepts(words, lang):
    page = vigie(*words, lang=lang).stdout
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    done = subprocess.run(["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z"], input=page.encode(),
                          capture_output=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    text = subprocess.run(["groff", "-man", "-Tascii", "-Kutf8", "-P-cbou"], input=page.encode(),
                          capture_output=True).stdout.decode()
    wanted = [r["words"] for r in rows()] if words[0] == "help" else ["state_dir", "checkpoint"]
    for word in wanted:
        assert word in text, word


COMPLETE = r"""
set -u
source {script}
COMP_WORDS=({words}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) COMP_LINE= COMP_POINT=0
compopt() {{ :; }}
_vigie
printf '%s\n' "${{COMPREPLY[@]-}}"
"""


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """Completes words in a real bash, by the script that is installed."""
    folder = tmp_path_factory.mktemp("shell")
    now = time.time()
    ledger = Ledger(folder)
    ledger.contract(contract_text(now), now - 3600)
    ledger.domain("web-1", 1, now, 1)
    ledger.domain("$(touch${IFS}pwned)", 2, now, 2)
    ledger.domain("`touch pwned`", 3, now, 3)
    ledger.alert("VIG-C-001", now, "major", "x", "x", key="amount-75")
    ledger.write()
    with open(ledger.config, "a", encoding="utf-8") as config:
        config.write("[egress]\nmode = listed\nhosts = hooks.example.quebec:443\n"
                     "networks = 192.0.2.0/24\n")
    script = folder / "completion"
    script.write_text(vigie("completion", "bash").stdout)

    def complete(words):
        text = COMPLETE.format(script=script, words=f"{programs()}/vigie {words}")
        done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, cwd=folder,
                              env=dict(os.environ, VIGIE_CONFIG=str(ledger.config)))
        assert not done.stderr
        return [line for line in done.stdout.splitlines() if line]

    complete.folder = folder
    return complete


@pytest.mark.parametrize("words, wanted", [
    ("stat", ["statement", "status"]), ("tenants ''", ["map", "propose"]), ("usage --by ''",
                                                               ["hour", "day", "month"]),
    ("usage --by d", ["day"]), ("usage --tenant t-f", ["t-finances"]),
    ("--lang ''", ["fr", "en", "both"]), ("usage --resource vc", ["vcpu"]),
    ("completion ''", ["bash"]), ("help ver", ["version"]),
    ("alerts ack V", ["VIG-C-001/CS-DEMO-0001/amount-75"]),
    ("tenants map ''", ["web-1"]), ("tenants map web-1 t-s", ["t-sante"]),
    ("isolation show ISO-NET-0", [f"ISO-NET-0{i}" for i in range(1, 10)]),
    ("ledger purge ''", ["CS-DEMO-0001"]), ("deliver test r-c", ["r-contrat"]),
    ("egress approve h", ["hooks.example.quebec:443"]),
    ("status --wat", ["--watch"]), ("nimporte ''", [])])
def test_bash_completes(shell, words, wanted):
    assert shell(words) == wanted


def test_bash_completes_months_of_the_contract(shell):
    """From the one in which it began, forty days ago, to this one."""
    offered = shell("statement 2")
    assert len(offered) in (2, 3) and offered == sorted(offered), offered
    assert all(re.fullmatch(r"\d{4}-\d\d", month) for month in offered)
    assert set(offered) <= set(shell("contract record order --month 2"))


def test_bash_completes_every_verb(shell):
    assert set(shell("''")) == {r["words"].split()[0] for r in rows()}


def test_bash_completes_files(shell):
    assert "vigie.conf" in shell("--config vig")


def test_completion_never_proposes_what_a_shell_would_run(shell):
    assert shell("tenants map '$'") == []
    assert shell("tenants map '`'") == []
    assert not (shell.folder / "pwned").exists()


def test_completion_says_nothing_without_a_ledger(shell, tmp_path):
    done = subprocess.run([programs() / "vigie", "complete", "--config", tmp_path / "none", "usage",
                           "--tenant", ""], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == ""


def test_programs_that_are_installed_find_their_english(tmp_path):
    """bin/ beside share/, moved elsewhere, with only C.UTF-8 at hand."""
    build = programs().parent
    catalogue = "share/locale/en/LC_MESSAGES/vigie.mo"
    if not (build / catalogue).exists():
        pytest.skip("the catalogue is not built")
    (tmp_path / catalogue).parent.mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    shutil.copy(build / catalogue, tmp_path / catalogue)
    shutil.copy(programs() / "vigie", tmp_path / "bin")
    out = subprocess.run([tmp_path / "bin/vigie", "help"], capture_output=True, text=True,
                         env={"LANG": "en_CA.UTF-8", "PATH": os.environ["PATH"]}).stdout
    assert "what the tenants consume" in out


