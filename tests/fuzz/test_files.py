"""Whatever is in a file or typed: a sentence and the right exit code, nothing changed, no name repeated, no hang."""

import io
import json
import zipfile
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from life import CHARTER
from openpyxl import Workbook

from tests.fuzz.budget import tries
from tests.fuzz.home import CANARY, Home
from tests.fuzz.junk import JUNK, ODD_WORDS, damaged, spoilt
from tests.properties.chance import Chance


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("fuzz"))


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")


def as_yaml(value: Any) -> bytes:
    return yaml.safe_dump(value, allow_unicode=True).encode(errors="surrogatepass")


# --- charters -------------------------------------------------------------------------------------------------------
PEOPLE = [
    {"id": "p-01", "name_latin": f"{CANARY} One", "languages": ["ckb"], "zone": "Asia/Baghdad",
     "email": f"{CANARY}@example.org"},
    {"id": "p-42", "name_native": "سارا", "channels": [{"kind": "phone", "address": "+964 770 000 0000"}]},
]  # fmt: skip
WHOLE = {
    **CHARTER, "title": f"Talks with {CANARY}", "summary": "Words.", "people": PEOPLE, "seats": 12,
    "quotas": {"women": 0.3, "per_party": 2}, "quiet": [{"first": "2026-07-01", "last": "2026-07-20"}],
    "patience": {"vetting_months": 12}, "donors": ["donor-1"], "stage_model": "saunders", "urgent": False,
    "links": [{"initiative": "ini-other", "relation": "feeder"}],
}  # fmt: skip
CHARTER_YAML = as_yaml(WHOLE)


@tries(60)
@given(charter=spoilt(WHOLE), written=st.sampled_from((as_json, as_yaml)))
def test_a_charter_with_a_part_spoilt(home: Home, charter: Any, written: Any) -> None:
    home.offer("agenda", "-", "--json", input=written(charter))


@tries(30)
@given(content=damaged(CHARTER_YAML))
def test_a_charter_file_that_was_damaged(home: Home, content: bytes) -> None:
    home.offer("agenda", "-", input=content)


@tries(10)
@given(charter=spoilt(WHOLE))
def test_a_spoilt_charter_is_not_opened(home: Home, charter: Any) -> None:
    done = home.offer("open", "-", input=as_yaml(charter))

    assert done.code in (2, 3)


TRAPS = {
    "a bomb of anchors": b"a0: &a0 [x]\n"
    + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 9)),
    "a bomb of merges": b"a: &a {x: 1}\nb: {<<: [*a, *a, *a]}\n",
    "a merge": b"<<: {id: ini-x}\n",
    "a merge of nothing": b"<<: 5\n",
    "a Python object": b"id: !!python/object/apply:os.system ['true']\n",
    "a set": b"id: !!set {a, b}\n",
    "bytes": b"id: !!binary aGk=\n",
    "bytes that are none": b"id: !!binary '%'\n",
    "a list as a key": b"? [a, b]\n: x\n",
    "a table as a key": b"? {a: b}\n: x\n",
    "a number that is none": b"seats: 0b2\n",
    "sexagesimal": b"seats: 1:99:99\n",
    "a day that is none": b"from: 2026-13-45\n",
    "a moment that is none": b"at: 2026-02-03 25:61:61\n",
    "a moment far away": b"at: 0000-00-00\n",
    "a huge number": b"seats: " + b"9" * 5_000,
    "a huge exponent": b"seats: 1e999999\n",
    "not a number": b"seats: .nan\nquotas: {women: .inf}\n",
    "two documents": b"id: ini-x\n---\nid: ini-y\n",
    "a directive": b"%YAML 9.9\n---\nid: ini-x\n",
    "an unknown tag": b"!who id: x\n",
    "half a character": b'{"id": "\\ud800"}',
    "a NUL": b'{"id": "ini-\\u0000x", "title": "a\\u0000b"}',
    "nested twice": b'{"people": ' + b"[" * 900 + b"]" * 900 + b"}",
    "nested YAML": b"a:\n" + b"".join(b" " * n + b"- \n" for n in range(1, 400)),
    "people as text": b"people: nobody\n",
    "people without ids": b"people: [{name_latin: Nobody}]\n",
    "people by number": b"people: {1: {country: IQ}, 2: 7}\n",
    "languages as a number": b"people: [{id: p-1, languages: 7}]\n",
    "languages as an empty table": b"people: [{id: p-1, languages: {a: b}}]\n",
    "a title that is a list": b"title: [a]\n",
    "a tab": b"id:\tini-x\n\ttrack: 1\n",
    "only a mark": b"\xef\xbb\xbf",
    "UTF-16": "id: ini-x\n".encode("utf-16"),
    "UTF-32": "id: ini-x\n".encode("utf-32"),
}


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("command", ["agenda", "open"])
def test_a_trap_in_a_charter(home: Home, trap: str, command: str) -> None:
    assert home.offer(command, "-", input=TRAPS[trap]).code == 2


# --- reports --------------------------------------------------------------------------------------------------------
@st.composite
def reports(draw: st.DrawFn, home: Home) -> Any:
    """Return a report made from the catalogue, with a part of it spoilt."""
    made = Chance(draw(st.integers(0, 2**32 - 1))).report(home.life.now, home.life.at)
    made["reason"] = f"Because {CANARY} said so."
    return draw(spoilt(made))


@tries(80)
@given(data=st.data())
def test_a_report_with_a_part_spoilt(home: Home, data: st.DataObject) -> None:
    done = home.offer("report", "ini-test", "--json-report", "-", input=as_json(data.draw(reports(home))))

    assert done.code in (2, 3, 5)


@tries(15)
@given(data=st.data())
def test_a_batch_of_anything(home: Home, data: st.DataObject) -> None:
    lines = data.draw(st.lists(reports(home).map(as_json) | st.binary(max_size=30), min_size=1, max_size=6))
    home.offer("report", "ini-test", "--batch", "-", "--json", input=b"\n".join(lines))


KINDS = st.sampled_from(("partner_signed", "note_added", "wording_changed", "stall_declared", "nonsense", ""))
WORDS = st.text(max_size=12) | st.sampled_from(ODD_WORDS)


@tries(40)
@given(
    id=st.just("ini-test") | WORDS,
    kind=KINDS,
    fields=st.lists(
        st.tuples(st.sampled_from(("partner", "note", "by", "item", "text", "")), WORDS).map("=".join) | WORDS,
        max_size=3,
    ),
    at=st.none() | WORDS,
)
def test_a_report_of_any_words(home: Home, id: str, kind: str, fields: list[str], at: str | None) -> None:
    words = [one for one in (id, kind, *fields, *(("--at", at) if at is not None else ())) if "\x00" not in one]
    home.offer("report", "--", *words) if words else None


@tries(40)
@given(
    verb=st.sampled_from(
        (("show",), ("agenda",), ("timeline",), ("audit", "verify"), ("audit", "export"), ("people", "show"),
         ("people", "capacity"), ("people", "add"), ("milestones",), ("messages", "settle"), ("words", "show"),
         ("calendars", "show"), ("institutions", "add"), ("audit", "reads"), ("people", "hold"), ("list", "--stage"),
         ("timeline", "ini-test", "--since"), ("agenda", "ini-test", "--until"), ("list", "--waiting-on"))
    ),
    words=st.lists(WORDS, max_size=3),
)  # fmt: skip
def test_any_words_after_any_verb(home: Home, verb: tuple[str, ...], words: list[str]) -> None:
    home.offer(*verb, *words)


# --- people and past initiatives ------------------------------------------------------------------------------------
HEADINGS = ("id", "name_native", "name_latin", "languages", "zone", "country", "organisation", "capacity", "since",
            "email", "phone", "contact", "consents", "consent_on")  # fmt: skip
LINES = (
    ("p-1", "سارا کەریم", f"{CANARY} Karim", "ckb,en", "Asia/Baghdad", "IQ", "inst-1", "non_official", "2020-01-01",
     "sara@example.org", "+964 770 000 0001", "email", "participate", "2026-01-01"),
    ("", "علی رضا", "Ali Reza", "ar", "", "IQ", "", "serving_official", "2021-02-01", "", "07700000002", "", "", ""),
)  # fmt: skip
CSV = "\n".join(",".join(f'"{cell}"' for cell in line) for line in (HEADINGS, *LINES)).encode()
PAST = (
    ("id", "title", "track", "issue", "countries", "opened_on", "closed_on", "outcome", "sessions", "adopted"),
    ("ini-old", f"With {CANARY}", "2", "water", "IQ; TR", "2019-01-05", "2021-03-01", "completed", "4", "2"),
)


def book(*lines: Any) -> bytes:
    made = Workbook()
    for line in lines:
        made.active.append(list(line))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


XLSX, PAST_XLSX = book(HEADINGS, *LINES), book(*PAST)
CELLS = (
    st.sampled_from(("=cmd|' /C calc'!A0", "@x", "\u202egnp", "1/13/2020", "31.02.2020", "٢٠٢٠", "۱۴۰۰/۱۲/۳۰")) | WORDS
)


@tries(30)
@given(content=damaged(CSV) | damaged(XLSX), again=st.booleans())
def test_a_damaged_list_of_people(home: Home, content: bytes, again: bool) -> None:
    home.offer("people", "import", "-", *(["--dry-run"] if again else []), input=content, may_say=True)


@tries(30)
@given(
    lines=st.lists(st.lists(CELLS, min_size=1, max_size=16), max_size=4),
    headings=st.permutations(HEADINGS),
    many=st.integers(0, 14),
)
def test_a_list_of_people_with_any_cells(home: Home, lines: Any, headings: Any, many: int) -> None:
    rows = [",".join(f'"{cell}"' for cell in line) for line in (headings[:many], *lines)]
    content = "\n".join(rows).encode(errors="replace")
    home.offer("people", "import", "-", "--json", "--dry-run", input=content, may_say=True)


def _rezipped(raw: bytes, part: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as given_, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given_.namelist():
            made.writestr(name, content if name == part else given_.read(name))
    return out.getvalue()


PARTS = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels")


@tries(50)
@given(data=st.data(), part=st.sampled_from(PARTS), past=st.booleans())
def test_a_workbook_with_a_part_damaged_inside(home: Home, data: st.DataObject, part: str, past: bool) -> None:
    whole = PAST_XLSX if past else XLSX
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        inside = data.draw(damaged(archive.read(part)))
    command = ("import-history",) if past else ("people", "import")
    home.offer(*command, "-", "--dry-run", input=_rezipped(whole, part, inside), may_say=True)


SHEET = "xl/worksheets/sheet1.xml"
BOOKS = {
    "a bomb": _rezipped(XLSX, SHEET, b" " * 100_000_001),
    "a row too far": _rezipped(XLSX, SHEET, b'<w><row r="99999999999999999999"><c r="A1"><v>1</v></c></row></w>'),
    "a row that is none": _rezipped(XLSX, SHEET, b'<w><row r="x"><c r="A1"><v>1</v></c></row></w>'),
    "a column too far": _rezipped(XLSX, SHEET, b'<w><row><c r="ZZZZZZ1"><v>1</v></c></row></w>'),
    "a string that is not there": _rezipped(XLSX, SHEET, b'<w><row><c t="s"><v>-99</v></c></row></w>'),
    "not a number": _rezipped(XLSX, SHEET, b"<w><row><c><v>nan</v></c><c><v>inf</v></c></row></w>"),
    "merged for ever": _rezipped(
        XLSX, SHEET, b"<w><row><c><v>1</v></c></row><mergeCell ref=\"A1:XFD1048576\"/></w>"
    ),
    "an entity": _rezipped(XLSX, SHEET, b'<!DOCTYPE x [<!ENTITY a "b">]><w>&a;</w>'),
    "an entity in UTF-32": _rezipped(XLSX, SHEET, '<!DOCTYPE x [<!ENTITY a "b">]><w>&a;</w>'.encode("utf-32")),
    "an entity in UTF-7": _rezipped(
        XLSX, SHEET, b'<?xml version="1.0" encoding="UTF-7"?>+ADw-!DOCTYPE x+AD4-<w/>'
    ),
    "an unknown encoding": _rezipped(XLSX, SHEET, b'<?xml version="1.0" encoding="nope"?><w/>'),
    "deep": _rezipped(XLSX, SHEET, b"<a>" * 50_000 + b"</a>" * 50_000),
    "no sheet": _rezipped(XLSX, "xl/workbook.xml", b"<workbook/>"),
    "a sheet elsewhere": _rezipped(
        XLSX, "xl/_rels/workbook.xml.rels", b'<r><x Id="rId1" Target="../../../etc/passwd"/></r>'
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BOOKS)
@pytest.mark.parametrize("command", [("people", "import"), ("import-history",)])
def test_a_workbook_that_is_a_trap(home: Home, what: str, command: tuple[str, ...]) -> None:
    assert home.offer(*command, "-", input=BOOKS[what]).code == 2


# --- files that settings name ---------------------------------------------------------------------------------------
OVERLAY = as_yaml(
    {
        "IQ": {
            "weekend": ["fri", "sat"],
            "move": [{"from": "2027-03-09", "to": "2027-03-10"}],
            "remove": [{"day": "01-06"}],
            "add": [{"day": "02-29", "name": "x"}],
            "quiet": [{"name": "mourning", "first": "2026-05-01", "last": "2026-05-07", "kind": "closed"}],
        }
    }
)


@tries(30)
@given(content=damaged(OVERLAY) | spoilt(yaml.safe_load(OVERLAY)).map(as_yaml))
def test_a_calendar_overlay_of_anything(home: Home, content: bytes) -> None:
    file = home.file("overlay.yaml", content)
    home.offer("calendars", "check", JISR_CALENDAR=str(file))


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_in_the_overlay(home: Home, trap: str) -> None:
    file = home.file("overlay.yaml", TRAPS[trap])
    home.offer("calendars", "check", JISR_CALENDAR=str(file))


KEYS = b'{"current": "key-1", "keys": {"key-1": "' + b"A" * 43 + b'="}}'


@tries(10)  # each is three commands
@given(content=damaged(KEYS) | spoilt(json.loads(KEYS)).map(as_json) | JUNK.map(as_json))
def test_a_key_file_of_anything(home: Home, content: bytes) -> None:
    file = home.file("keys.json", content)
    for command in (("keys", "show"), ("people", "list"), ("people", "add", "p-9", "--name-latin", "X")):
        done = home.offer(*command, JISR_KEYS=str(file))
        assert "AAAA" not in done.err


# --- mail that came back --------------------------------------------------------------------------------------------
BOUNCE = b"""From: mailer@example.org
To: dialogues@example.org
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Zubaydacanary is not here.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; zubaydacanary@example.org
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

Message-ID: <0123456789abcdef0123456789abcdef@example.org>
Subject: A note

--b--
"""


@tries(40)
@given(content=damaged(BOUNCE) | damaged(b"From x\n" + BOUNCE + b"\nFrom y\n" + BOUNCE))
def test_a_mail_of_any_shape(home: Home, content: bytes) -> None:
    home.offer("bounces", "read", "-", input=content)


def test_a_report_cut_off_inside_the_id_of_the_mail_is_no_report(home: Home) -> None:
    """Found here: Python's own parser stumbles over it, and all mails read with it were lost."""
    cut = BOUNCE.partition(b"example.org>")[0]
    done = home.offer("bounces", "read", "-", input=b"From x\n" + cut + b"\n\nFrom y\n" + BOUNCE)

    assert [line.split("\t")[1] for line in done.out.splitlines()[1:]] == ["no report", "not ours"]


# --- links ----------------------------------------------------------------------------------------------------------
TOKEN = b"abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst"


@tries(40)
@given(token=damaged(TOKEN).map(lambda raw: raw.decode(errors="replace")) | WORDS, verb=st.none() | WORDS)
def test_a_link_that_is_none(home: Home, token: str, verb: str | None) -> None:
    done = home.offer("answer", "--", token, *([verb] if verb else []))

    assert done.code in (2, 4, 7)


def test_the_examples_are_good_before_they_are_spoilt(home: Home) -> None:
    """Otherwise all of the above would refuse everything, and prove nothing."""
    assert home.run("agenda", "-", input=CHARTER_YAML).code == 0
    for content in (CSV, XLSX):
        assert home.run("people", "import", "-", "--dry-run", input=content).code == 0
    assert home.run("import-history", "-", "--dry-run", input=PAST_XLSX).code == 0
    assert home.run("calendars", "check", JISR_CALENDAR=str(home.file("good.yaml", OVERLAY))).code == 0
    assert "not ours" in home.run("bounces", "read", "-", input=BOUNCE).out
