# SPDX-License-Identifier: Apache-2.0
"""What vigie-inspect says of the paths that domains name."""

import json
import os
import subprocess

from vigied import program


def look(folder, *paths):
    wanted = folder / "wanted.json"
    wanted.write_text(json.dumps({"paths": sorted(map(str, paths)), "processes": []}))
    wanted.chmod(0o600)
    config = folder / "vigie.conf"
    config.write_text("[appliance]\nid = essai\n")
    done = subprocess.run([program("vigie-inspect"), "--config", config, "--once", "--wanted",
                           wanted], capture_output=True, text=True, timeout=60, check=True)
    pieces = [json.loads(line) for line in done.stdout.splitlines()]
    return {p["key"]: p for p in pieces if p["scope"] == "path"}


def test_where_links_lead_though_nothing_is_there(tmp_path):
    """One tenant's link and another's own name for an image that is not there yet are one image."""
    disks = tmp_path / "disks"
    disks.mkdir()
    (tmp_path / "same").symlink_to("disks")
    links = {"absolute": disks / "a.img", "relative": "disks/b.img", "up": "disks/../disks/c.img",
             "twice": "relative", "folder": "same/d.img", "circle": "circle"}
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    (disks / "there.img").write_text("")
    (tmp_path / "good").symlink_to("disks/there.img")

    seen = look(tmp_path, *(tmp_path / name for name in [*links, "good"]), disks / "a.img",
                tmp_path / "same" / "a.img")
    toward = {os.path.relpath(key, tmp_path): piece.get("toward") for key, piece in seen.items()}
    real = os.path.realpath(disks)
    assert toward["absolute"] == toward["same/a.img"] == f"{real}/a.img"
    assert toward["relative"] == toward["twice"] == f"{real}/b.img"
    assert toward["up"] == f"{real}/c.img"
    assert toward["folder"] == f"{real}/d.img"
    assert toward["disks/a.img"] is None and seen[str(disks / "a.img")]["real"] == ""
    assert seen[str(tmp_path / "circle")]["real"] == ""
    assert toward["good"] is None
    assert seen[str(tmp_path / "good")]["real"] == f"{real}/there.img"
