# SPDX-License-Identifier: Apache-2.0
"""A ledger in which something of everything has happened: one byte of a record of any kind, one cell or
row of any table that people read, and `ledger verify` says so."""

import contextlib
import json
import random
import sqlite3
import subprocess
import time

import pytest

from command import vigie
from isolation import Watch
from months import ledger, local, month_back
from test_delivery_told import destination
from test_hardware_alerts import DISK, failed, tell
from test_isolation_life import BRIDGE, DOMAIN
from test_usage_received import HEADING, THERE, row
from vigied import program, wait_for

HERE = "vigie-t1"
EVIDENCE = {"records", "checkpoints", "nodes", "memory", "inbox", "snapshot", "seen", "open_usage",
            "open_at"}
SESSION = {"host": "", "id": "c1", "service": "sshd", "tty": "pts/0", "uid": 1000, "user": "technicien"}


def do(keeper, *words):
    done = vigie(keeper, *words)
    assert done.returncode == 0, done.stdout + done.stderr


def people_act(keeper, folder):
    do(keeper, "access", "grant", "supplier_maintenance", "--out", folder / "out", "--name", "depot.example")
    do(keeper, "alerts", "silence", "VIG-N-002/*", "--reason", "essai",
       "--until", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600)))
    do(keeper, "tenants", "map", "vm-*", "t-sante", "--as", "name", "--reason", "essai")
    do(keeper, "contract", "record", "attestation")
    do(keeper, "key", "rotate")
    exported = folder / "exported.csv"
    exported.write_text(f"{HEADING}\n{row(local(*month_back(1)), 't-sante', 'vcpu', '1', 10)}\n")
    do(keeper, "usage", "import", exported)


def programs_tell(keeper):
    tell(keeper, failed(DISK))
    for source, kind, body in (("vigie-hardware", "sessions", {"sessions": [SESSION]}),
                               ("vigie-deliver", "delivery", {"destinations": [destination()]})):
        told = keeper.client(source=source).ask(kind, body)
        assert told["ok"], told


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """(settings, a copy of the ledger) of a keeper that has stopped."""
    folder = tmp_path_factory.mktemp("lived")
    ledger(folder, months=3, appliance=HERE,
           solution__sites=[{"id": "DEMO", "appliances": [HERE, THERE]}]).write()
    host = folder / "host.xml"
    host.write_text("<node>" + "".join(
        DOMAIN.format(name=f"{tenant}-a", digit=i + 1, tenant=tenant, disk="/essai/partage.img", more=BRIDGE)
        for i, tenant in enumerate(("acme", "globex"))) + "</node>")
    watch = Watch(folder, None, uri=f"test://{host}")
    keeper = watch.keeper
    keeper.add_settings(f"[access]\nauthority = {folder}/authority\n")
    with contextlib.closing(watch):
        watch.start("hypervisor")
        people_act(keeper, folder)
        programs_tell(keeper)
        for table in ("charged", "finding", "unobserved"):  # what comes by itself, the month's end first
            wait_for(f"a row of {table}", lambda: keeper.sql(f"SELECT * FROM {table}"), 120)
    do(keeper, "backup", folder / "away")
    return keeper, folder / "away" / "ledger.db"


def verify(lived, *words):
    keeper, path = lived
    done = subprocess.run([program("vigie", release=True), "--config", keeper.config, "ledger", "verify", path,
                           "--json", *words], capture_output=True, text=True, timeout=120)
    said = json.loads(done.stdout)
    assert done.returncode == (0 if said["fine"] else 1), done.stdout
    return said


def other(value):
    """It, but for one byte."""
    if isinstance(value, int):
        return value ^ 1 << 24
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    return chr(ord(value[0]) ^ 1) + value[1:] if value else "~"


@contextlib.contextmanager
def altered(lived):
    """The copy, to be changed by whoever may write the file; as it was, afterwards."""
    path = lived[1]
    sound = path.read_bytes()
    db = sqlite3.connect(path)
    try:
        yield db
    finally:
        db.close()
        path.write_bytes(sound)


def rows_of_each(path, query):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


def test_one_byte_of_a_record_of_each_kind(lived):
    kinds = rows_of_each(lived[1], "SELECT min(id), type, bytes FROM records GROUP BY id >> 48, type")
    assert len(kinds) >= 20, kinds
    seed = random.randrange(1 << 30)
    print("seed", seed)
    place = random.Random(seed)
    for number, kind, text in kinds:
        at = place.randrange(len(text))
        changed = text[:at] + bytes([text[at] ^ 1 << place.randrange(8)]) + text[at + 1:]
        with altered(lived) as db:
            db.execute("UPDATE records SET bytes = ? WHERE id = ?", (changed, number))
            db.commit()
            said = verify(lived, "--records-only")
        # Where it is the origin, or a key, that reads otherwise, heads do not match either.
        found = {(f["log"], f["entry"]) for f in said["findings"] if f["code"].startswith("record-")}
        assert found == {(("shared", "client")[number >> 48], number & (1 << 48) - 1)}, (kind, at, said)


def test_one_cell_of_every_column(lived):
    """They are no records: verify says so of what people read, and a rebuild makes it again."""
    tables = {name for name, in rows_of_each(lived[1], "SELECT name FROM sqlite_schema WHERE type = 'table'"
                                             " AND name NOT LIKE 'sqlite_%'")}
    assert tables > EVIDENCE and verify(lived)["projections"] == "same"
    for table in sorted(tables - EVIDENCE):
        rows = rows_of_each(lived[1], f"SELECT * FROM {table} LIMIT 1")
        assert rows, f"nothing has happened that {table} would hold"
        columns = [name for _, name, *_ in rows_of_each(lived[1], f"PRAGMA table_info({table})")]
        where = " AND ".join(f"{column} IS ?" for column in columns)
        for column, value in zip(columns, rows[0], strict=True):
            with altered(lived) as db:
                done = db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (other(value), *rows[0]))
                assert done.rowcount == 1
                db.commit()
                said = verify(lived)
            assert (said["n_findings"], said["projections"]) == (0, "different"), (table, column)
    assert verify(lived)["projections"] == "same"
