# SPDX-License-Identifier: Apache-2.0
"""The README's first command: what a newcomer sees, and that nothing is left of it, however it ends.

Everything that quickstart starts inherits a mark in its environment, also behind namespaces, so
that a process left over can be recognised among all others of the machine.
"""
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid

import pytest

# One private hypervisor at a time: guests that are timed, and KSM, which the machine has once.
pytestmark = pytest.mark.xdist_group("hypervisor")

TOP = pathlib.Path(__file__).resolve().parents[2]
QUICKSTART = TOP / "agent/quickstart"
BUILD = os.environ.get("VIGIE_BUILD_RELEASE")
PATIENCE_S = 240


def marked(mark, scratch):
    """Processes that carry the mark or name the folder (libvirt gives QEMU an environment of its
    own), by id, with their command."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            if mark.encode() in (folder / "environ").read_bytes() or bytes(scratch) in command:
                found[int(folder.name)] = command.replace(b"\0", b" ")
        except OSError:
            pass
    found.pop(os.getpid(), None)
    return found


def wait_until(condition, patience=PATIENCE_S):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False


class Start:
    """One quickstart, in a terminal of its own or not, and what it may leave."""

    def __init__(self, scratch, *options, lang="fr_CA.UTF-8", terminal=False, command=None, tmpdir=None):
        self.mark = f"VIGIE_TEST_MARK={uuid.uuid4()}"
        self.scratch = scratch
        scratch.mkdir(mode=0o755)
        scratch.chmod(0o755)
        env = dict(os.environ, TMPDIR=str(tmpdir or scratch), LC_ALL=lang, TERM="xterm")
        env[self.mark.split("=")[0]] = self.mark.split("=")[1]
        env.pop("VIGIE_QUICKSTART_PARENT", None)
        if BUILD:
            env["VIGIE_QUICKSTART_BUILD"] = BUILD
        command = command or [str(QUICKSTART), "--no-install", *options]
        self.text = ""
        self.terminal = None
        stream = subprocess.PIPE
        if terminal:
            self.terminal, stream = pty.openpty()
        self.process = subprocess.Popen(
            command, env=env, stdin=stream if terminal else subprocess.DEVNULL, stdout=stream,
            stderr=stream if terminal else subprocess.STDOUT, start_new_session=True,
            preexec_fn=(lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0))
            if terminal else None)
        if terminal:
            os.close(stream)
        self.fd = self.terminal if terminal else self.process.stdout.fileno()

    def read(self, patience=0.2):
        """Whatever it has written; False once nobody holds the other end any more."""
        try:
            while select.select([self.fd], [], [], patience)[0]:
                some = os.read(self.fd, 65536)
                if not some:
                    return False
                self.text += some.decode(errors="replace")
        except OSError:
            return False
        return True

    def wait_for(self, pattern, patience=PATIENCE_S):
        def seen():
            self.read()
            return re.search(pattern, self.text) or self.process.poll() is not None
        assert wait_until(seen, patience) and re.search(pattern, self.text), self.text[-4000:]

    def ended(self, patience=60):
        """The exit status, once it is over."""
        assert wait_until(lambda: self.read() is None or self.process.poll() is not None, patience), \
            f"does not end: {self.text[-2000:]}"
        self.read()
        return self.process.returncode

    def left(self):
        """What is still there: processes, files, mounts, control groups."""
        wait_until(lambda: not marked(self.mark, self.scratch), 20)
        mounts = [line for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
                  if str(self.scratch) in line]
        return [*marked(self.mark, self.scratch).values(), *map(str, self.scratch.iterdir()), *mounts]

    def abandon(self):
        for pid in marked(self.mark, self.scratch):
            os.kill(pid, signal.SIGKILL)
        if self.terminal:
            os.close(self.terminal)
        self.process.wait()


@pytest.fixture
def start():
    """Below a short path, for sockets live there, through which other users (QEMU's) may pass."""
    starts = []
    top = pathlib.Path(tempfile.mkdtemp(prefix="q", dir="/tmp"))
    top.chmod(0o755)

    def make(*options, **how):
        starts.append(Start(top / f"t{len(starts)}", *options, **how))
        return starts[-1]

    yield make
    for one in starts:
        one.abandon()
    shutil.rmtree(top)


def test_once_shows_tenants_cost_and_an_alert(start):
    one = start("--once")
    assert one.ended(PATIENCE_S + 60) == 0, one.text
    for word in ("t-finances", "t-sante", "CS-DEMO-0001", "VIG-"):
        assert word in one.text, one.text
    # A demonstration is no emergency, and nothing is unknown that this machine could tell.
    for word in ("Agir maintenant", "jamais observé", "n'a encore rien transmis"):
        assert word not in one.text, one.text
    assert one.left() == []


def test_once_on_the_simulated_host_in_english(start, tmp_path):
    deep = tmp_path / ("d" * 100)  # no socket has room there
    deep.mkdir()
    one = start("--once", "--test-driver", lang="en_CA.UTF-8", tmpdir=deep)
    assert one.ended(PATIENCE_S + 60) == 0, one.text
    for word in ("t-finances", "t-sante", "CS-DEMO-0001", "simulated host"):
        assert word in one.text, one.text
    assert one.left() == []


def test_ctrl_c_stops_everything(start):
    one = start(terminal=True)
    one.wait_for("t-sante")
    assert len(marked(one.mark, one.scratch)) >= 2
    os.write(one.terminal, b"\x03")
    assert one.ended() == 0, one.text
    assert one.left() == []


@pytest.mark.parametrize("moment", ["vigie", "3/4", "4/4"])
def test_sigterm_at_any_moment(start, moment):
    one = start("--test-driver")
    one.wait_for(moment)
    one.process.terminate()
    assert one.ended() == 143
    assert one.left() == []


def test_killed(start):
    one = start()
    one.wait_for("4/4")
    one.process.kill()
    one.ended()
    assert one.left() == []


def test_ends_with_whoever_started_it(start):
    """The parent goes without a word: a terminal that is closed, an ssh that breaks."""
    one = start(command=[sys.executable, "-c", "import subprocess, sys, time\n"
                         f"subprocess.Popen([{str(QUICKSTART)!r}, '--test-driver', '--no-install'])\n"
                         "time.sleep(1000)"])
    one.wait_for("4/4")
    one.process.kill()
    one.ended()
    assert one.left() == []


def test_keep_leaves_the_ledger_and_says_where(start):
    one = start("--once", "--test-driver", "--keep")
    assert one.ended(PATIENCE_S + 60) == 0, one.text
    [folder] = one.scratch.iterdir()
    assert str(folder) in one.text
    assert (folder / "state/ledger.db").stat().st_size > 0
    assert not marked(one.mark, one.scratch)


def test_options_that_do_not_exist(start):
    one = start("--no-such-option", lang="C")
    assert one.ended() == 2
    assert "--no-such-option" in one.text
    assert one.left() == []


@pytest.mark.parametrize("lang, word", [("fr_CA.UTF-8", "abonné"), ("en_CA.UTF-8", "tenant"),
                                        ("C", "abonné")])
def test_help_speaks_the_language_of_the_locale(lang, word):
    done = subprocess.run([QUICKSTART, "--help"], env=dict(os.environ, LC_ALL=lang), text=True,
                          capture_output=True, check=True)
    assert word in done.stdout


@pytest.mark.parametrize("locale, says", [("fr_CA.UTF-8", "quickstart : langue inconnue : de"),
                                          ("en_CA.UTF-8", "quickstart: unknown language: de")])
def test_an_unknown_language_is_refused_in_that_of_the_locale(locale, says):
    done = subprocess.run([QUICKSTART, "--lang", "de"], env=dict(os.environ, LC_ALL=locale),
                          text=True, capture_output=True)
    assert done.returncode == 2 and says in done.stderr


def test_says_what_to_install_where_it_cannot(tmp_path):
    """A machine without cmake, and no right to install: the command to type is printed."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("bash", "dpkg-query", "apt-get", "sort", "mktemp", "mkdir", "chmod", "setsid",
                 "setpriv", "cat", "rm", "sleep", "tail", "sed", "dirname"):
        (tools / tool).symlink_to(shutil.which(tool))
    fake = tools / "dpkg-query"
    fake.unlink()
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    done = subprocess.run([QUICKSTART, "--no-install"], text=True, capture_output=True,
                          env={"PATH": str(tools), "TMPDIR": str(tmp_path)})
    assert done.returncode == 2
    assert re.search(r"apt-get install --no-install-recommends .*\bcmake\b", done.stderr)
