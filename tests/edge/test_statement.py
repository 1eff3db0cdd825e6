# SPDX-License-Identifier: Apache-2.0
"""The statement as a document: well-formed, harmless, fetching nothing, the same figures in every
form, and printed by a browser to pages that hold what they must."""

import csv
import html.parser
import io
import json
import os
import re
import shutil
import subprocess

import pytest

from ledgers import Ledger
from months import EVIL, contract, ledger, local, month_back, month_text, use
from test_months import cents, closed_by_now, keep, statements
from vigied import wait_for

VOID = {"meta", "br", "hr", "link", "img", "input", "wbr"}
KNOWN = {"html", "head", "title", "style", "body", "div", "section", "h1", "h2", "h3", "p", "table",
         "thead", "tbody", "tr", "th", "td", "span", "pre", "small", "meta", "wbr"}


class Page(html.parser.HTMLParser):
    """What a strict reader would stumble over; and the texts, in their order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.texts, self.wrong = [], [], []
        assert text.startswith("<!DOCTYPE html>")
        self.feed(text)
        self.close()
        assert not self.stack and not self.wrong, self.wrong

    def handle_starttag(self, tag, attributes):
        if tag not in KNOWN or {name for name, _ in attributes} - {
                "class", "lang", "colspan", "scope", "charset", "name", "content", "http-equiv"}:
            self.wrong.append((tag, attributes))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.wrong.append(("end", tag))

    def handle_data(self, data):
        if self.stack and self.stack[-1] != "style":
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(self.texts)


def fetches_nothing(text):
    style = re.search(r"<style>(.*?)</style>", text, re.S)[1]
    assert not re.search(r"url\(|@import|expression|<", style)
    assert not re.search(r"\bsrc=|\bhref=|<script|javascript:|\bon[a-z]+=", text)
    assert "default-src 'none'" in text


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    book = ledger(tmp_path_factory.mktemp("closed"))
    book.write()
    keeper = keep(book).start()
    wait_for("the months to close",
             lambda: len(statements(keeper)) == len(closed_by_now(4)), 60)
    keeper.stop()
    book.closed = statements(keeper)
    return book


def test_one_document(closed):
    for lang, words in (("fr", ["Relevé mensuel", "Estimation, et non facture", "Fermé",
                                "Périodes non mesurées", "Quotas", "Point de contrôle signé"]),
                        ("en", ["Monthly statement", "An estimate, not an invoice", "Closed",
                                "Periods not measured", "Signed checkpoint"])):
        done = closed.vigie("statement", closed.closed[-1]["month"], "--format", "html", lang=lang)
        assert done.returncode == 0, done.stderr
        fetches_nothing(done.stdout)
        # Headings say of what they are, for who is read the page aloud.
        assert done.stdout.count("<th ") == len(re.findall(r'<th scope="(?:row|col)"', done.stdout))
        assert not re.search(r"<th[ >](?!scope)", done.stdout)
        page = Page(done.stdout)
        for word in words + [closed.closed[-1]["digest"], closed.closed[-1]["contract_digest"]]:
            assert word in page.text, word
        # French binds its marks; nothing of them hangs alone at a line's end.
        if lang == "fr":
            assert not re.search(r" [:;?!»$%]|« ", page.text)
            assert re.search("[0-9]\u202f[0-9]{3},[0-9]{2}\u00a0[$]", page.text)
        else:
            assert "9,000.00" in page.text


def test_all_lines_are_there(closed):
    """The document, the CSV and the record say the same lines."""
    for record in closed.closed:
        answer = json.loads(closed.vigie("statement", record["month"], "--json").stdout)
        assert {key: answer[key] for key in record} == record
        assert answer["closed"] is True and answer["entry"] > 0
        rows = list(csv.DictReader(io.StringIO(
            closed.vigie("statement", record["month"], "--format", "csv").stdout)))
        assert [cents(row["amount_cad"]) for row in rows] == [
            cents(line["amount"]) for line in record["lines"]]
        page = Page(closed.vigie("statement", record["month"], "--format", "html",
                                 lang="en").stdout)
        money = re.findall(r"(-?[0-9,]+\.[0-9]{2})\u00a0CAD", page.text)
        for line in record["lines"]:
            assert f"{cents(line['amount']) / 100:,.2f}" in money
        assert page.text.count(f"{cents(record['total']) / 100:,.2f}") >= 2


def test_an_open_month_says_so(closed):
    page = Page(closed.vigie("statement", month_text(0), "--format", "html").stdout)
    assert "Ouvert, provisoire" in page.text and "peut changer" in page.text
    assert json.loads(closed.vigie("statement", month_text(0), "--json").stdout)["closed"] is False


def test_a_month_that_nobody_closed_says_so(tmp_path):
    book = ledger(tmp_path)
    book.write()
    page = Page(book.vigie("statement", month_text(2), "--format", "html").stdout)
    assert "attendue depuis le" in page.text and "à venir, le" not in page.text
    assert "closing due since" in book.vigie("statement", month_text(2), lang="en").stdout
    assert "closes on" in book.vigie("statement", month_text(0), lang="en").stdout


def test_wrong_months(closed):
    assert closed.vigie("statement", "2026-13").returncode == 2
    assert closed.vigie("statement", "1999-01").returncode == 3
    assert closed.vigie("statement", month_text(-3)).returncode == 3


def test_hostile_names(tmp_path):
    """Names from the contract stay text, in the page, its title, its style and its foot."""
    first = month_back(1)
    tree = json.loads(contract(first))
    tree["tenants"][0]["name_fr"] = EVIL
    tree["solution"]["name_fr"] = EVIL + "\u202e"
    tree["price_list"][0]["name_fr"] = "=HYPERLINK(\"http://x\")"
    tree["parties"]["client"]["name_fr"] = "<img src=x onerror=alert(1)>"
    book = Ledger(tmp_path)
    text = json.dumps(tree, ensure_ascii=False)
    book.contract(text, local(*first) - 86400)
    use(book, local(*first), until=local(*first) + 86400)
    book.write()
    done = book.vigie("statement", month_text(1), "--format", "html")
    assert done.returncode == 0, done.stderr
    assert EVIL in Page(done.stdout).text and "\u202e" not in done.stdout
    assert "<script>alert" not in done.stdout and "<img" not in done.stdout
    rows = book.vigie("statement", month_text(1), "--format", "csv").stdout
    assert "\"'=HYPERLINK" in rows


def printed(page, folder):
    """The sheets that Chromium makes of it, in a network namespace of its own where there is one to
    be had; nothing is outside their margins."""
    chromium = shutil.which("chromium")
    if not chromium or not shutil.which("pdftotext"):
        pytest.skip("no chromium or no pdftotext here: config/packages names them")
    pdf = folder / "statement.pdf"
    done = subprocess.run(
        [*(["unshare", "-n"] if os.geteuid() == 0 else []), chromium, "--headless", "--no-sandbox",
         "--disable-gpu", f"--user-data-dir={folder}/profile",
         "--disable-background-networking", "--disable-component-update", "--no-first-run",
         "--disable-dev-shm-usage", "--no-pdf-header-footer",
         f"--print-to-pdf={pdf}", page.as_uri()],
        capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    info = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout
    assert "612 x 792" in info
    boxes = subprocess.run(["pdftotext", "-bbox", pdf, "-"], capture_output=True, text=True,
                           check=True).stdout
    assert max(float(x) for x in re.findall(r'xMax="([\d.]+)"', boxes)) < 612 - 44
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True,
                          check=True).stdout
    return text.split("\f")[:int(re.search(r"Pages:\s+(\d+)", info)[1])]


def test_printed(closed, tmp_path):
    page = tmp_path / "statement.html"
    done = closed.vigie("statement", closed.closed[-1]["month"], "--out", str(page),
                        "--format", "html", "--lang", "both")
    assert done.returncode == 0, done.stderr
    Page(page.read_text())
    sheets = printed(page, tmp_path)
    pages, text = len(sheets), "\f".join(sheets)
    # The ledger measures one hour of six: its gaps, a row each, take some of the pages.
    assert 4 <= pages <= 16
    for number, sheet in enumerate(sheets, 1):
        assert re.search(rf"{number} ?/ ?{pages}\b", sheet) and "CS-DEMO-0001" in sheet
    assert "Relevé mensuel" in sheets[0]
    english = next(i for i, sheet in enumerate(sheets) if "Monthly statement" in sheet)
    assert sheets[english].lstrip().startswith("Monthly statement")
    flat = re.sub(r"\s", "", text)
    assert flat.count(closed.closed[-1]["digest"]) == 2
    assert "Total du relevé" in text and "Statement total" in text


WIDE = "W" * 55
LONG_NAME = "Direction générale des affaires territoriales et de la dénomination administrative, "


def wide_contract(first):
    """Every identifier and name as long as the schema admits, and prices as high."""
    tree = json.loads(contract(first, money__authorised_amount="999999999999.99"))
    for price in tree["price_list"]:
        price.update(sku=f"{price['sku']}-{WIDE}", name_fr=(price["name_fr"] + LONG_NAME * 2)[:200])
    for item in tree["recurring"]:
        item.update(id=f"{item['id']}-{WIDE}", sku=f"NODE-{WIDE}")
    tree["price_list"][0].update(price="999999.999999", per=1000000)
    tree["minimum_commitments"][1].update(id=f"MIN-VCPU-{WIDE}", sku=f"VCPU-{WIDE}")
    tree["quotas"][0]["id"] += "-" + WIDE
    tree["tenants"] += [{"id": f"t-{n:02}-{WIDE}", "name_fr": LONG_NAME * 2 + str(n), "name_en": "T"}
                        for n in range(24)]
    return json.dumps(tree, ensure_ascii=False)


def test_nothing_wide_is_cut(tmp_path):
    """Long names and large amounts break into lines: no column leaves the sheet, no heading is torn
    between two, and no subtotal stands alone."""
    first = month_back(2)
    book = ledger(tmp_path, months=2, text=wide_contract(first))
    for n in range(24):
        book.usage(local(*first) + 40 * 3600, f"t-{n:02}-{WIDE}", {
            "vcpu": 31_000_000_000_000_000 + n, "ram_gib": 7_000_000})
    book.lines.sort(key=lambda line: line.get("utc_ns", 0))
    book.write()
    said = json.loads(book.vigie("statement", month_text(2), "--json").stdout)
    page = tmp_path / "statement.html"
    assert book.vigie("statement", month_text(2), "--format", "html", "--out",
                      str(page)).returncode == 0
    sheets = printed(page, tmp_path)
    flat = re.sub(r"\s", "", "".join(sheets))
    for line in said["lines"]:
        assert line["amount"].replace(".", ",") + "$" in flat, line
    assert flat.count(WIDE) >= 24
    for sheet in sheets:
        first_line = sheet.strip().splitlines()[0]
        assert not re.match(r"Sous-total|Total du relevé|\d+ +t-\d\d-W", first_line), first_line


def test_the_lines_of_a_tenant_stand_together(tmp_path):
    """Under its name, on one sheet: whoever begins to read a sheet knows whose lines they are."""
    first = month_back(1)
    tree = json.loads(contract(first))
    tree["tenants"] = [{"id": f"t-{n:02}", "name_fr": LONG_NAME + str(n), "name_en": "T"}
                       for n in range(16)] + tree["tenants"]
    book = ledger(tmp_path, months=1, text=json.dumps(tree, ensure_ascii=False))
    for n in range(16):
        book.usage(local(*first) + 40 * 3600, f"t-{n:02}", {
            "vcpu": 1_000_000, "ram_gib": 7_000_000, "block_tb": 5_000_000, "net_tx_gb": 3_000_000})
    book.lines.sort(key=lambda line: line.get("utc_ns", 0))
    book.write()
    page = tmp_path / "statement.html"
    assert book.vigie("statement", month_text(1), "--format", "html", "--out",
                      str(page)).returncode == 0
    sheets = printed(page, tmp_path)
    assert sum("Sous-total" in sheet for sheet in sheets) > 3
    for sheet in sheets:
        first_line = sheet.strip().splitlines()[0]
        assert not re.match(r"Service +Quantité", first_line), first_line


def test_names_of_tenants_may_be_left_out(closed):
    """In every form: whoever is handed it reads IDs alone."""
    month = closed.closed[-1]["month"]
    for words in (["statement", month], ["statement", month, "--format", "html"],
                  ["statement", month, "--format", "csv"], ["focus", "--from", month]):
        named, bare = (closed.vigie(*words, *more, "--lang", "both" if "html" in words else "fr",
                                    env={"COLUMNS": "160"}) for more in ([], ["--ids"]))
        assert named.returncode == bare.returncode == 0, bare.stderr
        assert "Direction des finances" in named.stdout and "t-finances" in bare.stdout
        for name in ("Direction des finances", "Finance Branch", "Données de santé", "Health data"):
            assert name not in bare.stdout, words
