# SPDX-License-Identifier: Apache-2.0
"""Who is let in: certificates issued by the appliance's own authority or registered, recorded, ended
with the contract, told of before they expire, renewed and revoked."""

import datetime
import hashlib
import subprocess

import pytest

from command import TODAY, answer, day, refused, vigie
from vigied import Keeper, contract, program, wait_for

def openssl(*words, **options):
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, **options).stdout


@pytest.fixture
def keeper(tmp_path):
    keeper = Keeper(tmp_path, interval="300s")
    with open(keeper.config, "a") as config:
        config.write(f"[access]\nauthority = {tmp_path}/authority\n")
    keeper.start()
    assert keeper.client(source="cli").act("contract.load", text=contract())["ok"]
    yield keeper
    keeper.stop()
    keeper.verify()


def fingerprint(path):
    key = openssl("x509", "-in", path, "-noout", "-pubkey")
    return hashlib.sha256(openssl("pkey", "-pubin", "-outform", "DER", input=key)).hexdigest()


def end_of(path):
    text = openssl("x509", "-in", path, "-noout", "-enddate", "-dateopt", "iso_8601").decode()
    return text.strip().split("=")[1].replace(" ", "T")


def made_elsewhere(folder, name, days):
    folder.mkdir(exist_ok=True)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", days,
            "-subj", f"/CN={name}", "-keyout", folder / "k.pem", "-out", folder / f"{name}.pem")
    return folder / f"{name}.pem"


def listed(keeper):
    return {a["fingerprint"]: a for a in answer(keeper, "access", "list")[1]["access"]}


def test_the_suppliers_certificate_ends_with_the_contract(keeper, tmp_path):
    out = tmp_path / "out"
    status, said = answer(keeper, "access", "grant", "supplier_maintenance", "--out", out, "--name",
                          "depot.example")
    assert status == 0, said
    authority, mine = out / "authority.pem", out / "depot.example.pem"
    openssl("verify", "-CAfile", authority, "-purpose", "sslclient", mine)
    openssl("verify", "-CAfile", authority, "-verify_hostname", "depot.example", mine)
    assert (out / "depot.example.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "authority" / "authority.key").stat().st_mode & 0o777 == 0o600
    assert said["fingerprint"] == fingerprint(mine)
    [act] = [r["body"]["detail"] for r in keeper.records("act") if r["body"]["verb"] == "access.grant"]
    assert act["fingerprint"] == said["fingerprint"] and act["until"] == said["until"] == end_of(mine)
    assert act["contract_id"] == "CS-DEMO-0001" and act["issued"] == 1 and act["tenant"] == ""
    assert "OU = supplier_maintenance" in act["subject"] and "depot.example" in act["subject"]
    last = datetime.datetime.fromisoformat(said["until"].replace("Z", "+00:00"))
    assert (last - datetime.timedelta(hours=6)).date() == TODAY + datetime.timedelta(days=200)
    assert listed(keeper)[said["fingerprint"]]["state"] == "granted"


def test_none_outlives_it(keeper, tmp_path):
    out = tmp_path / "out"
    assert refused(keeper, "access", "grant", "supplier_maintenance", "--out", out, "--until",
                   day(900)) == "outlives-contract"
    assert [p.name for p in out.iterdir()] == ["authority.pem"], "no key that no record tells of"
    ten_years = made_elsewhere(tmp_path / "e", "fournisseur", 3650)
    status, said = answer(keeper, "access", "grant", "supplier_maintenance", "--certificate", ten_years)
    assert status == 0 and said["fingerprint"] == fingerprint(ten_years)
    assert said["until"] < end_of(ten_years), "the access ends before the certificate"
    status, said = answer(keeper, "access", "grant", "client_it", "--certificate",
                          made_elsewhere(tmp_path / "e", "ti", 20))
    assert status == 0 and said["until"] == end_of(tmp_path / "e" / "ti.pem")


def test_what_is_refused(keeper, tmp_path):
    out = tmp_path / "out"
    assert refused(keeper, "access", "grant", "king", "--out", out) == "usage"
    assert refused(keeper, "access", "grant", "client_it") == "usage"
    assert refused(keeper, "access", "grant", "client_it", "--out", out, "--name", "../x") == "usage"
    assert refused(keeper, "access", "grant", "tenant_owner", "--out", out) == "bad-tenant"
    assert refused(keeper, "access", "grant", "client_it", "--out", out, "--tenant", "t-0") == "bad-tenant"
    assert refused(keeper, "access", "grant", "tenant_owner", "--out", out, "--tenant", "t-9") == \
        "no-such-tenant"
    assert refused(keeper, "access", "grant", "client_it", "--out", out, "--until", day(-1)) == "usage"
    hostile = tmp_path / "hostile.pem"
    for text in ("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "x" * 100_000):
        hostile.write_text(text)
        assert refused(keeper, "access", "grant", "client_it", "--certificate", hostile) == "certificate"
    assert refused(keeper, "access", "revoke", "client_it", "--reason", "x") == "no-such-access"
    assert refused(keeper, "access", "revoke", "client_it") == "usage"
    assert not [r for r in keeper.records("act") if r["body"]["verb"].startswith("access.")]
    # two of one name: the first stays
    assert answer(keeper, "access", "grant", "client_it", "--out", out)[0] == 0
    kept = (out / "client_it.key").read_bytes()
    assert refused(keeper, "access", "grant", "client_it", "--out", out) == "file"
    assert (out / "client_it.key").read_bytes() == kept


def severity(keeper):
    rows = keeper.sql("SELECT severity FROM alert WHERE code = 'VIG-A-001' AND active ORDER BY key")
    return [row[0] for row in rows]


def test_told_before_it_expires_until_renewed_or_revoked(keeper, tmp_path):
    assert answer(keeper, "access", "grant", "client_it", "--out", tmp_path / "a", "--until", day(20))[0] == 0
    wait_for("a warning", lambda: severity(keeper) == ["warning"])
    [alert] = keeper.alerts("VIG-A-001")
    assert alert["params"]["subject"] == "OU = client_it, CN = client_it" and "client_it" in alert["audience"]
    assert "expire" in alert["text_fr"]
    assert answer(keeper, "access", "grant", "client_it", "--out", tmp_path / "b", "--until", day(300))[0] == 0
    wait_for("the renewal", lambda: severity(keeper) == [])

    status, said = answer(keeper, "access", "grant", "tenant_owner", "--tenant", "t-1", "--out", tmp_path / "c",
                          "--until", day(4))
    assert status == 0
    wait_for("a major alert", lambda: severity(keeper) == ["major"])
    status, _ = answer(keeper, "access", "revoke", "tenant_owner", said["fingerprint"][:12], "--reason", "départ")
    assert status == 0
    wait_for("the revocation", lambda: severity(keeper) == [])
    row = listed(keeper)[said["fingerprint"]]
    assert row["state"] == "revoked" and row["revoked"] and row["tenant"] == "t-1"

    for lang, word in (("fr", "révoqué"), ("en", "revoked")):
        assert word in vigie(keeper, "access", "list", lang=lang).stdout


def test_the_projection_is_that_of_the_records(keeper, tmp_path):
    assert answer(keeper, "access", "grant", "client_it", "--out", tmp_path / "a")[0] == 0
    assert answer(keeper, "access", "grant", "broker", "--out", tmp_path / "a")[0] == 0
    assert answer(keeper, "access", "revoke", "broker", "--reason", "fin")[0] == 0
    before = keeper.sql("SELECT * FROM access ORDER BY fingerprint")
    assert len(before) == 2
    keeper.stop()
    assert vigie(keeper, "ledger", "rebuild").returncode == 0
    assert keeper.sql("SELECT * FROM access ORDER BY fingerprint") == before
    keeper.start()


def test_completion_knows_roles():
    said = subprocess.run([program("vigie"), "complete", "access", "grant", ""], capture_output=True,
                          text=True, timeout=60).stdout.split()
    assert "supplier_maintenance" in said and "tenant_owner" in said
