# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the edge tests: real programs against real peers, below a scratch folder."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.dirname(__file__))

from host import Host, build_dir  # noqa: E402
from recorder import Recorder  # noqa: E402
from vigied import Keeper, wait_for  # noqa: E402


def hear_signals():
    """Behind nohup, or in the background of a script, SIGHUP and SIGINT are ignored, and so they would
    be in every program that a test starts and sends them to. What has a handler here is at its
    default there."""
    for number in (signal.SIGHUP, signal.SIGINT):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def pytest_configure(config):
    hear_signals()
    config.addinivalue_line("markers", "long: only with VIGIE_LONG=1")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Workers of pytest-xdist take whole groups (--dist loadgroup): a file's tests, or those of all
    the files that name one group, since they need something of which the machine has one."""
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem.removeprefix("test_")))
    if os.environ.get("VIGIE_LONG") == "1":
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="long: VIGIE_LONG=1 runs it"))


@pytest.fixture(scope="session")
def scratch():
    """A folder with a short path: sockets live in it. /var/tmp, for guests have disks there."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vigie-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def keeper(tmp_path_factory):
    """One that runs, with the settings as delivered; files that need another have their own."""
    keeper = Keeper(tmp_path_factory.mktemp("k")).start()
    yield keeper
    if keeper.process.poll() is None:
        keeper.stop()


@pytest.fixture(scope="session")
def libvirt_host(scratch):
    host = Host(scratch / "host")
    try:
        host.start()
    except RuntimeError as error:
        pytest.skip(str(error))
    yield host
    host.stop()


@pytest.fixture
def host(libvirt_host):
    """The private host, without domains before and after."""
    libvirt_host.clear()
    yield libvirt_host
    libvirt_host.clear()


@pytest.fixture
def recorder(tmp_path_factory, scratch):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="k", dir=scratch))
    recorder = Recorder(folder / "keeper.sock")
    recorder.start()
    yield recorder
    with contextlib.suppress(OSError):
        recorder.stop()


def is_there(port):
    """It answers a presence ping of RMCP."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(1)
        s.connect(("127.0.0.1", port))
        s.send(bytes.fromhex("0600ff06000011be80000000"))
        return bool(s.recv(64))
    return False


@pytest.fixture
def ipmi(tmp_path):
    """A BMC of ipmi_sim, up and answering."""
    if not shutil.which("ipmi_sim") or not shutil.which("ipmi-sensors"):
        pytest.skip("ipmi_sim (openipmi) and FreeIPMI's tools are not here")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    data = pathlib.Path(__file__).parent.parent / "data" / "ipmi"
    state = tmp_path / "state"
    (state / "ipmi_sim" / "vigie").mkdir(parents=True)
    subprocess.run(["sdrcomp", "-o", state / "ipmi_sim/vigie/sdr.20.main", data / "bmc.sdrs"],
                   check=True, capture_output=True)
    conf = tmp_path / "lan.conf"
    conf.write_text((data / "lan.conf").read_text().replace("PORT", str(port)))
    process = subprocess.Popen(["ipmi_sim", "-c", conf, "-f", data / "bmc.emu", "-s", state],
                               stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, text=True)
    process.port = port
    wait_for("the BMC", lambda: is_there(port), 60)
    yield process
    process.kill()
    process.wait()


class Reader:
    """vigie-hypervisor, talking to a keeper socket."""

    def __init__(self, run_dir, uri, wrapper=(), **settings):
        self.wrapper = wrapper
        self.run_dir = pathlib.Path(run_dir)
        values = {"kernel_interval": 1, "state_interval": 1, "qemu_interval": 2,
                  "storage_interval": 5, "uri": uri, **settings}
        self.config = self.run_dir / "vigie.conf"
        rows = "".join(f"{key} = {value}\n" for key, value in values.items())
        self.config.write_text(f"[appliance]\nid = essai\n[paths]\nrun_dir = {self.run_dir}\n"
                               f"state_dir = {self.run_dir}\n[hypervisor]\n{rows}")
        self.log = self.run_dir / "reader.log"
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, build_dir() / "bin" / "vigie-hypervisor", "--config", self.config],
                stderr=log, stdout=log)
        return self

    def pid(self):
        """The reader's own; a wrapper is its parent."""
        own = self.process.pid
        return int(pathlib.Path(f"/proc/{own}/task/{own}/children").read_text()) \
            if self.wrapper else own

    def stop(self):
        """Ends it as systemd would, and insists that it ended well."""
        if self.process and self.process.poll() is None:
            os.kill(self.pid(), signal.SIGTERM)
            assert self.process.wait(20) == 0, self.log.read_text()

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def make_reader(recorder):
    readers = []

    def make(uri, **settings):
        reader = Reader(recorder.path.parent, uri, **settings).start()
        readers.append(reader)
        return reader

    yield make
    for reader in readers:
        reader.stop()
        text = reader.log.read_text()
        assert "Sanitizer" not in text and "runtime error" not in text, text


@pytest.fixture
def reader(host, make_reader):
    return make_reader(host.uri)
