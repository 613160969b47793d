"""Lists of people as spreadsheets save them: read as they are meant, imported as a whole or not at all."""

import csv
import io
import random
import struct
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from written_records import NOON, chain, list_row, notice

from domain.outgoing import Seat
from domain.vocabulary import Capacity, ConsentScope
from storage import consents, erasure, grid, imports, institutions, ledger, roster, sheets, workbook
from storage.database import Database
from storage.grid import SheetWrong
from storage.people_import import import_people, plan_import
from storage.people_plan import Decisions, Plan
from storage.roster_input import DatedCapacity, read_institution, read_person
from storage.sheets import escaped, read_sheet

HEADINGS = "id,name_native,name_latin,languages,country,capacity,since,email,phone,contact,consents"


def lines(*rows: str, headings: str = HEADINGS) -> bytes:
    return "\n".join((headings, *rows)).encode()


def xlsx(rows: Iterable[Sequence[Any]], title: str = "People") -> tuple[Workbook, Any]:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return book, sheet


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def planned(db: Database, raw: bytes, same: dict[int, str] | None = None, new: Iterable[int] = ()) -> Plan:
    return plan_import(db, read_sheet(raw), Decisions(same or {}, frozenset(new)))


def imported(
    db: Database, raw: bytes, same: dict[int, str] | None = None, new: Iterable[int] = (), overwrite: bool = True
) -> Plan:
    return import_people(db, read_sheet(raw), Decisions(same or {}, frozenset(new)), NOON, overwrite=overwrite)


def statuses(plan: Plan) -> list[str]:
    return [row.status for row in plan.rows]


def dump(db: Database) -> list[Any]:
    tables = ("people", "channels", "capacities", "consents", "institutions", "notices", "entries", "seats")
    with db.reading() as session:
        return [sorted(map(repr, session.execute(text(f"SELECT * FROM {table}")))) for table in tables]


def add(db: Database, id: str, **fields: Any) -> None:
    roster.add_person(db, read_person({"id": id, **fields}), NOON)


# What spreadsheets do to a table

PLAIN = "id,name_latin,since,capacity\np-1,Sara Karim,2026-03-01,non_official\n"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_csv_is_read_in_the_encodings_and_separators_of_spreadsheets(encoding: str, separator: str) -> None:
    sheet = read_sheet(PLAIN.replace(",", separator).replace("Sara", "سارا").encode(encoding))
    assert [row.cells for row in sheet.rows][1] == ("p-1", "سارا Karim", "2026-03-01", "non_official")


def test_another_encoding_is_not_guessed() -> None:
    with pytest.raises(SheetWrong, match="CSV UTF-8"):
        read_sheet("id,name\np-1,محمد".encode("cp1256"))


def test_rows_have_the_numbers_that_the_spreadsheet_shows() -> None:
    sheet = read_sheet(b'sep=;\nid;name\n\n"p-1";"Sara\nKarim";;\n;;\np-2;Ali;;;\n\n')
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (2, ("id", "name")),
        (4, ("p-1", "Sara\nKarim")),
        (6, ("p-2", "Ali")),
    ]


def test_a_csv_cell_is_text_whatever_it_begins_with(database: Database) -> None:
    plan = imported(database, lines('p-1,,"=HYPERLINK(""http://x"")",,,,,,+964 770 000 0000,,'))
    assert statuses(plan) == ["new"]
    known = roster.person(database, "p-1")
    assert known is not None
    assert known.name_latin == '=HYPERLINK("http://x")'
    assert "taken as text" in plan.rows[0].notes[0]
    assert escaped(known.name_latin).startswith("'=")
    assert read_sheet(f"id,name\np-1,{escaped('=1+1')}".encode()).rows[1].cells[1] == "=1+1"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old .xls"),
        (b"%PDF-1.7", "PDF"),
        (b"<html><table>", "web page"),
        (b"PK\x03\x04 not a zip", "no XLSX"),
        (b'id,name\np-1,"Sara', "quotation mark"),
        (b"first,second\n1,2\n", "No row of headings"),
        (b"", "No row of headings"),
        (b"id,name,Full name\np-1,A,B\n", "Two columns"),
    ],
)
def test_a_file_that_is_no_list_says_how_to_save_it(database: Database, raw: bytes, says: str) -> None:
    with pytest.raises(SheetWrong, match=says):
        planned(database, raw)


def test_limits_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SheetWrong, match=r"20,000 rows"):
        read_sheet(b"id\n" + b"p-1\n" * grid.ROWS_MAX)
    with pytest.raises(SheetWrong, match=r"20,000,000 bytes"):
        read_sheet(bytes(sheets.FILE_MAX + 1))
    with pytest.raises(SheetWrong, match="beyond column 200"):
        read_sheet(b"id" + b",x" * 250)


def archive(parts: dict[str, bytes], raw: bytes) -> bytes:
    """Return a workbook with some of its parts replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *parts}:
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return file.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    book, _ = xlsx([["id", "name"], ["p-1", "Sara"]])
    bomb = archive({"xl/worksheets/sheet1.xml": bytes(workbook.UNPACKED_MAX + 1)}, saved(book))
    assert len(bomb) < 1_000_000
    with pytest.raises(SheetWrong, match=r"unpacks to more than 100,000,000 bytes"):
        read_sheet(bomb)


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    book, _ = xlsx([["id", "name"], ["p-1", "Sara"]])
    bomb = bytearray(archive({"xl/worksheets/sheet1.xml": bytes(5_000_000)}, saved(book)))
    place = 0
    while (place := bomb.find(struct.pack("<I", 5_000_000), place)) >= 0:
        bomb[place : place + 4] = struct.pack("<I", 10)
    with pytest.raises(SheetWrong, match="damaged"):
        read_sheet(bytes(bomb))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(encoding: str) -> None:
    book, _ = xlsx([["id", "name"], ["p-1", "Sara"]])
    evil = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        '<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>'
    )
    with pytest.raises(SheetWrong, match="document type"):
        read_sheet(archive({"xl/worksheets/sheet1.xml": evil.encode(encoding)}, saved(book)))


def test_a_far_away_empty_cell_costs_nothing() -> None:
    book, sheet = xlsx([["id", "name"], ["p-1", "Sara"]])
    sheet["XFD1048576"] = ""
    sheet.row_dimensions[5].height = 40
    assert len(read_sheet(saved(book)).rows) == 2


def test_xlsx_from_right_to_left_with_headings_below_a_title(database: Database) -> None:
    book, sheet = xlsx(
        [
            ["قائمة المشاركين"],
            [],
            ["الاسم", "اللغة", "البلد", "الصفة الرسمية", "منذ (يوم/شهر/سنة)", "رقم الهاتف", "ملاحظات"],
            ["محمد الجبوري", "العربية، الإنجليزية", "العراق", "مسؤول سابق", "١٣/٠٢/٢٠٢٠", "٠٧٧٠ ٠٠٠ ٠١٠١", "x"],
            ["سارا كريم", "كردي", "إقليم كردستان", "مستقل", "1 كانون الثاني ٢٠٢١", 7700000102, None],
        ]
    )
    sheet.sheet_view.rightToLeft = True
    sheet.merge_cells("A1:G1")
    plan = imported(database, saved(book))
    assert [(row.row, row.status, row.id) for row in plan.rows] == [(4, "new", "p-000001"), (5, "new", "p-000002")]
    assert "ملاحظات" in plan.notes[0]
    mohammed, sara = roster.people(database)
    assert (mohammed.name_native, mohammed.languages, mohammed.country) == ("محمد الجبوري", ("ar", "en"), "IQ")
    assert mohammed.capacities[0].since == date(2020, 2, 13)
    assert mohammed.channels[0].address == "0770 000 0101"
    assert (sara.languages, sara.country, sara.capacities[0].since) == (("ckb",), "IQ-KR", date(2021, 1, 1))
    assert any("leading 0" in note for note in plan.rows[1].notes)


def test_headings_and_words_are_understood_in_sorani(database: Database) -> None:
    headings = "ناوی تەواو;زمان;وڵات;پۆستی فەرمی;لەو کاتەوە;ئیمەیل"
    row = "شێرکۆ گۆران;کوردی;هەرێمی کوردستان;سەربەخۆ;۲۰۲۱/۳/۲۱;s@example.org"
    assert statuses(imported(database, lines(row, headings=headings))) == ["new"]
    (sherko,) = roster.people(database)
    assert (sherko.name_native, sherko.languages, sherko.country) == ("شێرکۆ گۆران", ("ckb",), "IQ-KR")
    assert sherko.capacities[0] == DatedCapacity(capacity=Capacity.NON_OFFICIAL, since=date(2021, 3, 21))


def test_dates_of_xlsx_are_dates_serials_or_text(database: Database) -> None:
    book, sheet = xlsx([["id", "capacity", "since"]])
    given = [
        date(2026, 3, 1),
        datetime.combine(date(2026, 3, 1), time(12)),
        46082,
        "2026-03-01",
        "1.3.2026",
        "March 1, 2026",
        "1 آذار 2026",
    ]
    for number, day in enumerate(given):
        sheet.append([f"p-{number}", "non_official", day])
    assert not imported(database, saved(book)).refused
    assert {one.capacities[0].since for one in roster.people(database)} == {date(2026, 3, 1)}


def test_a_workbook_that_counts_from_1904_is_read_so(database: Database) -> None:
    book, _ = xlsx([["id", "capacity", "since"], ["p-1", "non_official", 46082 - 1462]])
    book.epoch = CALENDAR_MAC_1904
    assert not imported(database, saved(book)).refused
    assert roster.people(database)[0].capacities[0].since == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("01/02/2026", "day/month or month/day"),
        ("2026-02-30", "no day of the calendar"),
        ("1447-05-01", "Hijri"),
        ("2025", "write it like"),
        ("spring 2026", "write it like"),
    ],
)
def test_a_date_that_can_be_read_in_two_ways_is_not_guessed(database: Database, day: str, says: str) -> None:
    plan = planned(database, lines(f"p-1,,Sara,,,non_official,{day},,,,"))
    assert says in plan.rows[0].errors[0]
    assert day not in plan.rows[0].errors[0]


def test_one_day_beyond_the_twelfth_tells_how_a_file_writes_dates(database: Database) -> None:
    rows = ("p-1,,Sara,,,non_official,01/02/2026,,,,", "p-2,,Ali Reza,,,non_official,15/02/2026,,,,")
    assert not imported(database, lines(*rows)).refused
    assert roster.people(database)[0].capacities[0].since == date(2026, 2, 1)


def with_cached(raw: bytes, formula: str, value: str) -> bytes:
    """Give a formula the value a spreadsheet program would have saved with it: openpyxl cannot."""
    with zipfile.ZipFile(io.BytesIO(raw)) as old:
        sheet = old.read("xl/worksheets/sheet1.xml").decode()
    for empty in ("<v></v>", "<v />", "<v/>"):
        sheet = sheet.replace(f"<f>{formula}</f>{empty}", f"<f>{formula}</f><v>{value}</v>")
    assert f"<v>{value}</v>" in sheet
    return archive({"xl/worksheets/sheet1.xml": sheet.encode()}, raw)


def test_a_formula_gives_its_saved_value_or_an_error_that_names_the_cell(database: Database) -> None:
    book, _ = xlsx([["id", "name", "capacity", "since"], ["p-1", "Sara", "non_official", "=46000+82"]])
    plan = planned(database, saved(book))
    assert plan.rows[0].errors == [
        "since: D2 holds a formula without its value; open the file in a spreadsheet program and save it, or write "
        "the value."
    ]
    plan = imported(database, with_cached(saved(book), "46000+82", "46082"))
    assert plan.imported
    assert "1 formulas" in plan.notes[0]
    assert roster.people(database)[0].capacities[0].since == date(2026, 3, 1)


def test_an_error_value_is_an_error(database: Database) -> None:
    book, sheet = xlsx([["id", "name", "email"], ["p-1", "Sara", None]])
    sheet["C2"] = "#N/A"
    assert planned(database, saved(book)).rows[0].errors == ["email: C2 holds the error #N/A."]


def test_a_merged_cell_holds_for_each_of_its_rows(database: Database) -> None:
    book, sheet = xlsx([["name", "country"], ["Ayla Demir", "TR"], ["Murat Kaya", None], ["Sara Karim", "IQ"]])
    sheet.merge_cells("B2:B3")
    plan = imported(database, saved(book))
    assert [one.country for one in roster.people(database)] == ["TR", "TR", "IQ"]
    assert plan.rows[1].notes[0] == "B from the merged cell B2"
    assert [one.zone for one in roster.people(database)] == ["Europe/Istanbul", "Europe/Istanbul", "Asia/Baghdad"]


def test_what_is_hidden_is_said(database: Database) -> None:
    book, sheet = xlsx([["name", "country"], ["Ayla Demir", "TR"], ["Murat Kaya", "TR"]])
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    book.create_sheet("Old").append(["name"])
    book["Old"].sheet_state = "hidden"
    book.create_sheet("Partners").append(["name"])
    plan = planned(database, saved(book))
    assert plan.rows[1].notes[0] == "hidden in the sheet"
    said = " ".join(plan.notes)
    for words in ("'Old' is hidden and was not read", "'Partners' was not read", "1 hidden rows", "Hidden columns"):
        assert words in said


def test_a_sheet_can_be_named() -> None:
    book, _ = xlsx([["name"]])
    book.create_sheet("Second").append(["id"])
    assert read_sheet(saved(book), "second").rows[0].cells == ("id",)
    with pytest.raises(SheetWrong, match="People, Second"):
        read_sheet(saved(book), "third")


# How people want to be reached


def test_never_write_ask_a_partner_makes_a_task_for_a_human(database: Database) -> None:
    said = ["never write; ask partner P-2 to phone", "لا تكتب؛ عبر الشريك P-2 بالهاتف", "via P-2"]
    rows = [f"p-{n},,Person {'ABC'[n]},,,,,a{n}@example.org,+964 770 000 000{n},{wish}," for n, wish in enumerate(said)]
    assert not imported(database, lines(*rows)).refused
    for one in roster.people(database):
        ways = [(way.kind, way.via, way.never_write) for way in one.channels]
        assert ways[0] == ("via_partner", "P-2", False)
        assert {way[2] for way in ways[1:]} == {True}
        assert [way.kind for way in roster.contact(database, one.id)] == ["via_partner"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("p-1,,Sara,,,,,a@example.org,,never write; ask a partner to phone,", "name the partner's id"),
        ("p-1,,Sara,,,,,a@example.org,,never write,", "nobody could reach them"),
        ("p-1,,Sara,,,,,,,email,", "there is no email"),
        ("p-1,,Sara,,,,,a@example.org,,by pigeon,", "is not known"),
    ],
)
def test_a_wish_that_reaches_nobody_is_an_error(database: Database, row: str, says: str) -> None:
    assert says in planned(database, lines(row)).rows[0].errors[0]


def test_never_write_leaves_the_phone_that_is_known(database: Database) -> None:
    add(database, "p-1", name_latin="Sara Karim", email="a@example.org", phone="+964 770 000 0000")
    assert imported(database, lines("p-1,,,,,,,,,never write,")).imported
    assert [way.kind for way in roster.contact(database, "p-1")] == ["phone"]


def test_an_address_that_is_never_written_to_stays_silent_when_it_changes(database: Database) -> None:
    add(
        database,
        "p-1",
        name_latin="Sara Karim",
        channels=[{"kind": "email", "address": "a@example.org", "never_write": True}],
    )
    plan = imported(database, lines("p-1,,Sara Karim,,,,,b@example.org,,,"))
    assert plan.rows[0].fields == ["channels"]
    assert roster.contact(database, "p-1") == ()


# What would happen


def test_row_by_row_new_unchanged_changed_duplicate_error(database: Database) -> None:
    add(database, "p-1", name_native="محمد الجبوري", name_latin="Mohammed Al-Jubouri", email="m@example.org")
    add(database, "p-2", name_latin="Sara Karim", country="IQ")
    plan = planned(
        database,
        lines(
            "p-1,محمد الجبوري,,,,,,m@example.org,,,",
            "p-2,,Sara Karim,ckb,IQ-KR,,,,,,",
            ",,Muhammad Jubury,,,,,,,,",
            ",,Ali Reza,,,,,,,,",
            "p-9,,Omar,,ZZ,,,nobody,,,",
        ),
    )
    assert statuses(plan) == ["unchanged", "changed", "duplicate", "new", "error"]
    assert plan.rows[1].fields == ["languages", "country"]
    assert [(like.who, like.why) for like in plan.rows[2].like] == [("p-1", "the names sound alike")]
    assert plan.rows[3].id == "p-000001"
    assert "country" in plan.rows[4].errors[0]


def test_planning_changes_nothing_and_nobody_is_written_to(database: Database) -> None:
    add(database, "p-1", name_latin="Sara Karim")
    entries = chain(3, "ini-1")
    ledger.append(database, entries, list_row(entries[-1]), [notice()])
    before = dump(database)
    plan = planned(database, lines("p-1,,Sara Karim,ckb,,,,,,,store", "p-2,,Ali Reza,,,,,,,,"))
    assert statuses(plan) == ["changed", "new"]
    assert dump(database) == before
    assert imported(database, lines("p-1,,Sara Karim,ckb,,,,,,,store", "p-2,,Ali Reza,,,,,,,,")).imported
    assert dump(database)[5:] == before[5:]


@pytest.mark.parametrize(
    "bad",
    [
        "p-9,,Omar,,ZZ,,,,,,",
        ",,Sara Karim,,,,,,,,",
        "p 9,,Omar,,,,,,,,",
        "p-1,,Sara Karim,,,,,,,,\np-1,,Sara Karim,,,,,,,,",
    ],
)
def test_one_row_that_cannot_be_taken_leaves_the_roster_untouched(database: Database, bad: str) -> None:
    add(database, "p-1", name_latin="Sara Karim")
    before = dump(database)
    plan = imported(database, lines("p-2,,Ali Reza,,,,,,,,", "p-1,,Sara Karim,ckb,,,,,,,", bad))
    assert plan.refused
    assert not plan.imported
    assert dump(database) == before


def test_every_error_row_is_listed(database: Database) -> None:
    plan = planned(database, lines("p-1,,A B,,ZZ,,,,,,", "p-2,,C D,,,king,2020-01-01,x,,,", "p-3,,E F,,,,,,12,,"))
    assert [len(row.errors) for row in plan.rows] == [1, 1, 1]
    assert [row.row for row in plan.rows] == [2, 3, 4]


def test_known_people_are_written_over_only_when_that_was_said(database: Database) -> None:
    add(database, "p-1", name_latin="Sara Karim")
    row = "p-1,,Sara Karim,ckb,,,,,,,"
    assert not imported(database, lines(row), overwrite=False).imported
    assert imported(database, lines(row), overwrite=True).imported
    assert imported(database, lines(row), overwrite=False).imported  # unchanged now


def test_an_import_that_would_not_be_what_was_shown_does_nothing(database: Database) -> None:
    sheet = read_sheet(lines(",,Sara Karim,,,,,,,,"))
    shown = plan_import(database, sheet)
    add(database, "p-000001", name_latin="Somebody Else")
    plan = import_people(database, sheet, overwrite=True, shown=shown)
    assert not plan.imported
    assert "look again" in plan.notes[-1]


def test_an_empty_cell_leaves_what_is_known(database: Database) -> None:
    add(database, "p-1", name_latin="Sara Karim", languages="ckb", email="s@example.org", country="IQ-KR")
    assert statuses(imported(database, lines("p-1,,,,,,,,,,"))) == ["unchanged"]
    assert statuses(imported(database, lines("p-1,,,,,,,,+964 750 000 0000,,"))) == ["changed"]
    known = roster.person(database, "p-1")
    assert known is not None
    assert [way.kind for way in known.channels] == ["email", "phone"]
    assert (known.languages, known.country) == (("ckb",), "IQ-KR")


def test_the_same_file_again_changes_nothing_also_without_ids(database: Database) -> None:
    rows = (
        ",سارا كريم,Sara Karim,ckb,IQ-KR,non_official,2020-01-01,s@example.org,,,store",
        ",,Ali Reza,,,,,a@example.org,,,",
    )
    assert statuses(imported(database, lines(*rows))) == ["new", "new"]
    before = dump(database)
    again = imported(database, lines(*rows))
    assert [(row.status, row.id) for row in again.rows] == [("unchanged", "p-000001"), ("unchanged", "p-000002")]
    assert dump(database) == before


def test_ids_are_the_next_free_numbers_also_of_people_only_initiatives_know(database: Database) -> None:
    entries = chain(1, "ini-1")
    ledger.append(
        database,
        entries,
        list_row(entries[-1]),
        seats=[Seat(initiative="ini-1", person="p-000041", standing="invited", live=True)],
    )
    plan = imported(database, lines(",,Sara Karim,,,,,,,,", "p-000050,,Ali Reza,,,,,,,,", ",,Omar Aziz,,,,,,,,"))
    assert [row.id for row in plan.rows] == ["p-000051", "p-000050", "p-000052"]


# Duplicates


def test_a_likely_duplicate_is_the_same_or_new_as_somebody_says(database: Database) -> None:
    add(database, "p-1", name_native="محمد الجبوري")
    raw = lines(",,Mohammed Al-Jubouri,,,,,,,,")
    assert not imported(database, raw).imported
    assert imported(database, raw, same={2: "p-1"}).rows[0].fields == ["name_latin"]
    assert [one.id for one in roster.people(database)] == ["p-1"]
    assert imported(database, raw, new=[2]).rows[0].status == "new"
    assert [one.id for one in roster.people(database)] == ["p-000001", "p-1"]


def test_duplicates_inside_the_file_are_asked_about_too(database: Database) -> None:
    raw = lines(
        ",محمد الجبوري,,ar,,,,,,,", ",,Mohammed Al-Jubouri,,,,,m@example.org,,,", ",,Muhamad Jabouri,,,,,,,,store"
    )
    plan = planned(database, raw)
    assert statuses(plan) == ["new", "duplicate", "duplicate"]
    assert plan.rows[1].like[0].who == "row:2"
    plan = imported(database, raw, same={3: "row:2"}, new=[4])
    assert statuses(plan) == ["new", "changed", "new"]
    first = roster.person(database, "p-000001")
    assert first is not None
    assert (first.name_native, first.name_latin) == ("محمد الجبوري", "Mohammed Al-Jubouri")
    assert first.channels[0].address == "m@example.org"


@pytest.mark.parametrize(
    ("same", "new", "says"),
    [
        ({2: "p-7"}, [], "nobody on the roster"),
        ({2: "row:2"}, [], "earlier row"),
        ({2: "row:3"}, [], "earlier row"),
        ({2: "p-1"}, [2], "contradict"),
        ({3: "p-1"}, [], "another id"),
        ({9: "p-1"}, [], "not there"),
        ({}, [9], "not there"),
    ],
)
def test_an_answer_that_makes_no_sense_is_an_error(
    database: Database, same: dict[int, str], new: list[int], says: str
) -> None:
    add(database, "p-1", name_latin="Sara Karim")
    plan = imported(database, lines(",,Sara Karim,,,,,,,,", "p-2,,Ali Reza,,,,,,,,"), same, new)
    assert not plan.imported
    assert any(says in error for row in plan.rows for error in row.errors)


def test_an_id_under_quite_another_name_is_asked_about(database: Database) -> None:
    add(database, "p-1", name_latin="Sara Karim")
    raw = lines("p-1,,Omar Aziz,,,,,,,,")
    assert statuses(imported(database, raw)) == ["duplicate"]
    assert imported(database, raw, same={2: "p-1"}).rows[0].fields == ["name_latin"]


def test_one_mailbox_of_two_people_is_shown_and_no_duplicate(database: Database) -> None:
    add(database, "p-1", name_latin="Karim Aziz", email="office@example.org")
    plan = imported(database, lines("p-2,,Sara Omar,,,,,Office@example.org,,,"))
    assert statuses(plan) == ["new"]
    assert plan.rows[0].notes == ["the email is also that of p-1"]


# People who are already known


def test_capacity_is_dated_and_history_stays(database: Database) -> None:
    add(database, "p-1", name_latin="Sara Karim")
    assert "since" in planned(database, lines("p-1,,,,,non_official,,,,,")).rows[0].errors[0]
    imported(database, lines("p-1,,,,,serving_official,2020-01-01,,,,"))
    assert statuses(imported(database, lines("p-1,,,,,serving_official,,,,,"))) == ["unchanged"]
    imported(database, lines("p-1,,,,,former_official,2024-01-01,,,,"))
    known = roster.person(database, "p-1")
    assert known is not None
    assert [one.capacity for one in known.capacities] == ["serving_official", "former_official"]


def test_a_capacity_that_a_live_initiative_must_hear_of_is_not_imported_past_it(database: Database) -> None:
    add(database, "p-1", name_latin="Sara Karim")
    entries = chain(1, "ini-1")
    ledger.append(
        database,
        entries,
        list_row(entries[-1]),
        seats=[Seat(initiative="ini-1", person="p-1", standing="invited", live=True)],
    )
    plan = planned(database, lines("p-1,,,,,serving_official,2026-01-01,,,,", "p-2,,Ali Reza,,,,,,,,"))
    assert "jisr people capacity p-1 serving_official --since 2026-01-01" in plan.rows[0].errors[0]
    plan = imported(database, lines("p-1,,,,TR,,,,,,"))
    assert plan.imported
    assert "ini-1 does not hear of zone, country" in " ".join(plan.rows[0].notes).replace(
        "country, zone", "zone, country"
    )


def test_consents_are_added_once_and_never_withdrawn(database: Database) -> None:
    add(database, "p-1", name_latin="Sara Karim")
    consents.consent(database, "p-1", ConsentScope.STORE, True, NOON)
    raw = lines("p-1,participate;store,2026-02-01", headings="id,consents,consent_on")
    assert imported(database, raw).rows[0].fields == ["consents"]
    assert statuses(imported(database, raw)) == ["unchanged"]
    found = {one.scope: one.given_at for one in consents.consents(database, "p-1")}
    assert found == {"store": NOON, "participate": datetime(2026, 2, 1, 9, tzinfo=UTC)}


def test_nobody_who_was_erased_comes_back_and_silence_stays(database: Database) -> None:
    add(database, "p-1", name_latin="Sara Karim")
    add(database, "p-2", name_latin="Ali Reza", email="a@example.org")
    erasure.erase(database, "p-1", NOON)
    roster.stop(database, "p-2", NOON)
    plan = planned(database, lines("p-1,,Sara Karim,,,,,,,,", "p-2,,Ali Reza,,,,,b@example.org,,,"))
    assert "erased" in plan.rows[0].errors[0]
    assert plan.rows[1].notes == ["they asked not to be contacted; that stays"]


def test_an_institution_is_found_by_its_name(database: Database) -> None:
    institutions.add_institution(
        database, read_institution({"id": "uni-1", "name_native": "جامعة الموصل", "name_latin": "University of Mosul"})
    )
    headings = "id,name,organisation"
    rows = (
        "p-1,Sara,جامعه الموصل",
        "p-2,Ali Reza,university of mosul",
        "p-3,Omar Aziz,uni-1",
        "p-4,Nur Aziz,Some House",
    )
    plan = planned(database, lines(*rows, headings=headings))
    assert statuses(plan) == ["new", "new", "new", "error"]
    imported(database, lines(*rows[:3], headings=headings))
    assert {one.organisation for one in roster.people(database)} == {"uni-1"}


def test_errors_never_repeat_what_was_written(database: Database) -> None:
    secret = "Zahra-Secret"
    rows = (
        f"p-1,,Sara,{secret}1,,,,,,,",
        f"p-2,,Ali Reza,,{secret},,,,,,",
        f"p-3,,Omar Aziz,,,{secret},2020-01-01,,,,",
        f"p-4,,Nur Aziz,,,,,{secret},,,",
        f"p-5,,Huda Aziz,,,,,,{secret},,",
        f"p-6,,Rana Aziz,,,,,,,{secret},",
        f"p-7,,Dina Aziz,,,,,,,,{secret}",
        f"{secret} 8,,Mona Aziz,,,,,,,,",
    )
    plan = planned(database, lines(*rows))
    assert statuses(plan) == ["error"] * 8
    assert secret not in " ".join(error for row in plan.rows for error in row.errors)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("00964 770 000 0000", "+964 770 000 0000"),
        ("\u202a+964 770 000 0000\u202c", "+964 770 000 0000"),
        ("964770000000+", "+964770000000"),
        ("۰۷۷۰ ۰۰۰ ۰۰۰۰", "0770 000 0000"),
    ],
)
def test_phones_are_kept_as_they_are_dialled(database: Database, written: str, kept: str) -> None:
    imported(database, lines(f"p-1,,Sara,,,,,,{written},,"))
    assert roster.people(database)[0].channels[0].address == kept


def test_a_number_that_the_spreadsheet_shortened_is_an_error(database: Database) -> None:
    assert "format the column as text" in planned(database, lines("p-1,,Sara,,,,,,9.6477E+12,,")).rows[0].errors[0]


# Many

GIVEN = [
    "Ahmad",
    "Bilal",
    "Dara",
    "Faris",
    "Hana",
    "Jamal",
    "Karim",
    "Layla",
    "Mona",
    "Nadia",
    "Omar",
    "Qadir",
    "Rebin",
    "Sara",
    "Tara",
    "Walid",
    "Yusuf",
    "Zara",
]
FAMILY = [
    "Amedi",
    "Barzan",
    "Chalabi",
    "Dosky",
    "Fayli",
    "Garmian",
    "Hakim",
    "Jaf",
    "Kaka",
    "Mamand",
    "Nanakali",
    "Otman",
    "Pirot",
    "Qani",
    "Surchi",
    "Talib",
]


def many(count: int) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["name_latin", "email", "country", "capacity", "since", "consents"])
    chance = random.Random(7)
    for n in range(count):
        name = " ".join((*chance.choices(GIVEN, k=3), chance.choice(FAMILY)))
        writer.writerow([name, f"p{n}@example.org", "IQ", "non_official", "2020-01-01", "store"])
    return file.getvalue().encode()


def test_ten_thousand_rows_are_one_transaction_and_the_second_time_nothing(database: Database) -> None:
    raw = many(10_000)
    plan = imported(database, raw, new=range(2, 10_002))
    assert (plan.imported, plan.count("new")) == (True, 10_000)
    assert len(roster.people(database)) == 10_000
    again = imported(database, raw)
    assert (again.count("unchanged"), again.count("new")) == (10_000, 0)
    before = dump(database)
    assert not imported(database, many(500) + b"Sara,not an address,IQ,,,\n").imported
    assert dump(database) == before


def test_the_spelling_of_the_passport_and_the_town_are_kept_and_compared(database: Database) -> None:
    headings = "id,name_native,name as in passport,المدينة,country"
    done = imported(database, lines("p-1,سارة كريم,SARAH KAREEM MOHAMMED,أربيل,IQ-KR", headings=headings))
    assert done.imported
    sara = roster.person(database, "p-1")
    assert sara is not None
    assert (sara.name_passport, sara.base, sara.country) == ("SARAH KAREEM MOHAMMED", "أربيل", "IQ-KR")

    again = planned(database, lines("Sarah Kareem Mohammed,IQ", headings="name_latin,country"))
    assert [(row.status, row.like[0].who) for row in again.rows] == [("duplicate", "p-1")]


def test_who_imported_what_and_when_is_kept_by_ids_and_counts_and_cannot_be_changed(database: Database) -> None:
    sheet = read_sheet(lines("p-1,,Sara Karim,,IQ", "p-2,,Ali Reza,,IQ"))
    import_people(database, sheet, at=NOON, overwrite=True, by="manager:p-01", source="f00d")
    import_people(database, sheet, at=NOON, overwrite=True, by="manager:p-01", source="f00d")  # nothing is written

    (one,) = imports.imports(database)
    assert one[:4] == (NOON, "manager:p-01", "people", "f00d")
    assert (one.counts["new"], one.ids) == (2, ("p-1", "p-2"))
    for forbidden in ("UPDATE imports SET what = 'x'", "DELETE FROM imports"):
        with pytest.raises(DBAPIError), database.session() as session:
            session.execute(text(forbidden))


def test_an_import_that_writes_nothing_leaves_no_line(database: Database) -> None:
    assert not imported(database, lines("p-1,,Sara Karim,,Nowhere")).imported
    assert imports.imports(database) == []
