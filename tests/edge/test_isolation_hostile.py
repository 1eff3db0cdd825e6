# SPDX-License-Identifier: Apache-2.0
"""Captures made to harm: they are refused with their file and a reason, or judged, in bounded time
and memory, and nothing outside of their folder is read."""

import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import time

import pytest

from ledgers import programs

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "unit"))
from isolation_rows import TENANT, UUIDS, bridge, capture, disk  # noqa: E402

DOMAIN = "<domain type='kvm'><name>{}</name><uuid>" + UUIDS["a"] + "</uuid>{}</domain>"


def write(folder, files):
    for path, content in files.items():
        at = folder / path
        if path.endswith("/"):
            at.mkdir(parents=True, exist_ok=True)
            continue
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def vigie(folder, *words):
    return subprocess.run([programs() / "vigie", "isolation", "check", "--host", folder, *words],
                          capture_output=True, text=True, timeout=60)


def findings(folder):
    done = vigie(folder, "--json")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return json.loads(done.stdout)["findings"]


def refusal(folder):
    done = vigie(folder, "--json")
    assert done.returncode == 3, done.stdout + done.stderr
    return json.loads(done.stdout)["error"]["message"]


def fails(folder, check):
    return sorted({d for f in findings(folder) if f["check"] == check and f["status"] == "fail"
                   for d in f["domains"]})


ENTITIES = "".join(f"<!ENTITY x{i} '{f'&x{i - 1};' * 10}'>" for i in range(1, 12))


@pytest.mark.parametrize("xml", [
    f"<!DOCTYPE d [<!ENTITY x0 'ha'>{ENTITIES}]>" + DOMAIN.format("&x11;", ""),
    "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + DOMAIN.format("&x;", ""),
    "<!DOCTYPE d SYSTEM 'http://127.0.0.1:1/d.dtd'>" + DOMAIN.format("a", ""),
    "<!DOCTYPE d [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]>" + DOMAIN.format("a", ""),
    DOMAIN.format("a", "<d>" * 5000 + "</d>" * 5000), DOMAIN.format("a", "<x/>" * 300000),
    DOMAIN.format("a", "")[:-3], "", "\0", DOMAIN.format("", "")],
    ids=["laughs", "file", "dtd", "parameter", "deep", "wide", "cut", "empty", "nul", "nameless"])
def test_documents_that_are_none(tmp_path, xml):
    write(tmp_path, {"domains/evil.xml": xml})
    begun = time.monotonic()
    said = refusal(tmp_path)
    assert "domains/evil.xml" in said and "root:" not in said
    assert time.monotonic() - begun < 20


def test_a_document_of_a_hundred_megabytes(tmp_path):
    write(tmp_path, {"domains/": None})
    with open(tmp_path / "domains/big.xml", "w") as big:
        big.write(DOMAIN.format("a", "")[:-9])
        for _ in range(100):
            big.write("<x>" + "y" * (1 << 20) + "</x>")
        big.write("</domain>")
    assert "domains/big.xml" in refusal(tmp_path)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2 << 20  # KiB


def test_names_with_escapes_reach_no_terminal(tmp_path):
    name = "a&#x9b;31m&#x202e;\u2028é"
    write(tmp_path, {"domains/e.xml": DOMAIN.format(name, "<seclabel type='none'/>")})
    done = vigie(tmp_path)
    assert done.returncode == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]", done.stdout + done.stderr)


def test_a_link_in_a_capture_leads_nowhere(tmp_path):
    outside = write(tmp_path / "outside", {"b.xml": DOMAIN.format("secret", "")})
    write(tmp_path / "capture", {"domains/": None})
    os.symlink(outside / "b.xml", tmp_path / "capture/domains/b.xml")
    assert "domains/b.xml" in refusal(tmp_path / "capture")
    os.unlink(tmp_path / "capture/domains/b.xml")
    os.mkfifo(tmp_path / "capture/domains/b.xml")
    assert "domains/b.xml" in refusal(tmp_path / "capture")
    os.unlink(tmp_path / "capture/domains/b.xml")
    os.symlink(outside, tmp_path / "capture/networks")
    assert "networks" in refusal(tmp_path / "capture")


def test_paths_of_host_json_never_reach_this_machine(tmp_path):
    """The same names here and in the capture: only those of the capture count."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "one").write_text("")
    os.link(here / "one", here / "two")
    write(tmp_path / "c", capture(dict(a_dev=disk(f"{here}/one"), b_dev=disk(f"{here}/two"))))
    assert fails(tmp_path / "c", "ISO-STO-01") == []
    trace = tmp_path / "trace"
    done = subprocess.run(["strace", "-f", "-e", "trace=%file", "-o", trace, programs() / "vigie",
                           "isolation", "check", "--host", tmp_path / "c"], capture_output=True) \
        if os.path.exists("/usr/bin/strace") else None
    if done:
        assert str(here) not in trace.read_text()


def test_links_that_climb_or_turn_in_circles(tmp_path):
    links = {"/l": "../../../../../x.img", "/a": "b", "/b": "a", "/deep": "/deep/deep"}
    given = dict(a_dev=disk("/l") + disk("/a") + disk("/deep/x"), b_dev=disk("/x.img"),
                 files={"/x.img": ""}, symlinks=links, hardlinks={"/h": "/i", "/i": "/h"})
    write(tmp_path, capture(given))
    assert fails(tmp_path, "ISO-STO-01") == ["a", "b"]


def test_chains_in_circles_end(tmp_path):
    chain = {f"/c{i}": {"backing": f"c{(i + 1) % 500}"} for i in range(500)}
    write(tmp_path, capture(dict(a_dev=disk("/c0"), qcow2=chain)))
    said = [f for f in findings(tmp_path) if f["check"] == "ISO-STO-02"]
    assert {f["status"] for f in said} == {"unknown"}


def test_a_pattern_that_would_never_end(tmp_path):
    pattern = "^(((a|aa)+)+)+$"
    files = capture(dict(z="", attribution={"patterns": [[pattern, "acme"]]}))
    files["domains/z.xml"] = files["domains/z.xml"].replace("<name>z<", f"<name>{'a' * 5000}b<")
    write(tmp_path, files)
    begun = time.monotonic()
    findings(tmp_path)
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("name, text", [
    ("tenants.json", '{"attribution":{"patterns":[["(","x"]]}}'), ("tenants.json", "[]"),
    ("tenants.json", '{"a":1.5}'), ("host.json", '{"files":{"etc/x":""}}'),
    ("host.json", '{"files":[]}'), ("host.json", '{"files":{},"files":{}}'), ("host.json", "{")])
def test_what_is_no_evidence_is_refused(tmp_path, name, text):
    write(tmp_path, {"domains/a.xml": DOMAIN.format("a", ""), name: text})
    assert name in refusal(tmp_path)


def test_what_is_no_capture_is_refused(tmp_path):
    assert str(tmp_path) in refusal(tmp_path)
    assert vigie(tmp_path / "nothing").returncode == 3
    done = subprocess.run([programs() / "vigie", "isolation", "check"], capture_output=True)
    assert done.returncode == 2


def test_a_capture_goes_where_nobody_else_writes(tmp_path):
    """Where another may write he could plant links, and root would follow them."""
    own, other, link = tmp_path / "own", tmp_path / "other", tmp_path / "link"
    full = write(tmp_path / "full", {"pieces.jsonl": "kept"})
    other.mkdir()
    other.chmod(0o777)
    own.mkdir()
    link.symlink_to(own)
    config = tmp_path / "vigie.conf"
    config.write_text("[hypervisor]\nuri = test:///nowhere\n")

    def capture_to(folder):
        done = subprocess.run([programs() / "vigie", "--json", "--config", config, "isolation",
                               "capture", folder], capture_output=True, text=True)
        assert done.returncode == 3, done.stdout + done.stderr
        return json.loads(done.stdout)["error"]["code"]

    assert {capture_to(folder) for folder in (other, link, full)} == {"not-empty"}
    assert (full / "pieces.jsonl").read_text() == "kept"
    assert capture_to(own) == "no-evidence"
    if os.geteuid() == 0:
        os.chown(own, 65534, -1)
        assert capture_to(own) == "not-empty"


def test_many_findings_stay_bounded(tmp_path):
    """Three hundred tenants on one bridge: as many domains, and no more pairs than are promised."""
    files = capture(dict(domains=0))
    tenants = files["tenants.json"]["tenants"]
    for i in range(300):
        tenants[f"t{i}"] = {"compute": "shared"}
        files[f"domains/d{i}.xml"] = (
            f"<domain type='kvm'><name>d{i}</name><uuid>aaaaaaaa-0000-4000-8000-{i:012}</uuid>"
            f"{TENANT.format(f't{i}')}<devices>{bridge()}</devices></domain>")
    write(tmp_path, files)
    one = [f for f in findings(tmp_path) if f["check"] == "ISO-NET-01"]
    assert len(one) == 1 and len(one[0]["domains"]) == 300 and len(one[0]["pairs"]) == 4096
    assert one[0]["pairs_cut"] == 1
