# SPDX-License-Identifier: Apache-2.0
"""Network links of a machine whose /sys is a folder: a cable that is pulled, and one that is bad."""

from hardware import Hardware, faults
from vigied import wait_for


def test_a_link_that_is_cut_or_errs(keeper, tmp_path):
    """Errors that were there before are none of ours, nine more neither; ten within a day are. Both
    bear the address of their bond."""
    for n, name in enumerate(("eth0", "eth1", "eth1.100", "vnet7")):
        folder = tmp_path / "sys" / "class" / "net" / name
        (folder / "statistics").mkdir(parents=True)
        (folder / "bonding_slave").mkdir()
        (folder / "carrier").write_text("1\n")
        (folder / "address").write_text("02:00:00:00:00:00\n")
        (folder / "bonding_slave" / "perm_hwaddr").write_text(f"02:00:00:00:00:{n + 1:02}\n")
        (folder / "statistics" / "rx_crc_errors").write_text("1000\n")
    (tmp_path / "sys/class/net/bond0/bonding").mkdir(parents=True)
    (tmp_path / "sys/class/net/bond0/bonding/slaves").write_text("eth0 eth1\n")
    errors = tmp_path / "sys/class/net/eth0/statistics/rx_crc_errors"
    hardware = Hardware(keeper.socket.parent, "nic", root=tmp_path, sysfs_interval="1s").start()
    wait_for("the links", lambda: len(keeper.records("inventory", "shared")) >= 2)
    errors.write_text("1009\n")
    (tmp_path / "sys/class/net/eth1/carrier").write_text("0\n")
    (fault,) = wait_for("the cut", lambda: faults(keeper))
    assert (fault["code"], fault["component"]["location"]) == ("link.down", "eth1")
    errors.write_text("1010\n")
    (tmp_path / "sys/class/net/eth1/carrier").write_text("1\n")
    (fault,) = wait_for("the errors", lambda: [f for f in faults(keeper) if f["code"] != "link.down"])
    assert (fault["code"], fault["component"]["location"]) == ("link.degraded", "eth0")
    assert fault["evidence"][0]["value"] == "1010" and "10" in fault["evidence"][0]["threshold"]
    wait_for("the link", lambda: len(faults(keeper)) == 1)
    hardware.stop()
