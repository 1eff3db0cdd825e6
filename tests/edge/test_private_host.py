# SPDX-License-Identifier: Apache-2.0
"""The hypervisor of our own (config/demo/private-libvirtd), on machines barer than this one."""

import subprocess

import pytest

from host import DEMO

HOST = DEMO / "private-libvirtd"


def starts(folder, prepare):
    """It starts and ends in a mount namespace that `prepare` made barer."""
    script = f'{prepare}\n"{HOST}" start "{folder}" && "{HOST}" stop "{folder}"'
    return subprocess.run(["unshare", "--mount", "sh", "-ec", script], capture_output=True,
                          text=True, timeout=120)


@pytest.mark.parametrize("prepare", [
    "! [ -e /etc/machine-id ] || mount --bind /dev/null /etc/machine-id",
    # As a chroot: the root of the processes is not that of their mount namespace.
    'mount --rbind / /mnt\nexec chroot /mnt sh -ec "$REST"',
], ids=["no-machine-id", "chroot"])
def test_starts_on_a_bare_machine(scratch, prepare):
    folder = scratch / "nu"
    rest = f'"{HOST}" start "{folder}" && "{HOST}" stop "{folder}"'
    done = starts(folder, f"REST='{rest}'\n{prepare}")
    if done.returncode == 77:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    assert "/libvirt-sock-ro" in done.stdout
