"""What was over before Jisr came is entered afterwards, by the numbers of the edge cases: nobody is reminded of it."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import Workbook
from seated import EVERYBODY

from storage import ledger, notices
from tests.conftest import House
from tests.stories.conftest import Command
from tests.stories.running import quiet, seated_life, take_up
from tests.workflows.watching import handle_of, recorded, until

HEADINGS = (
    "id", "العنوان", "track", "issue", "الدول", "opened on", "closed on", "outcome", "reason", "sessions", "adopted",
)  # fmt: skip
WATER = (None, "حوار المياه", 1.5, "water", "العراق، تركيا", "2014-03-02", "2016-11-20", "completed", None, "٨", 2)
BORDERS = ("past-borders", "Borders", 2, "borders", "IQ, IR", "2018-01-10", "2018-06-01", "cancelled", "war", 1, None)


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADINGS, *rows):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def test_e3_37_past_initiatives_are_entered_marked_imported_and_nobody_is_reminded(
    house: House, jisr: Command, tmp_path: Path
) -> None:
    file = tmp_path / "past.xlsx"
    file.write_bytes(workbook(WATER, BORDERS))
    async with house.worker():
        code, shown, _ = await jisr("import-history", str(file), "--dry-run", "--by", "manager:p-01")
        assert (code, shown["imported"], shown["counts"]) == (0, False, {"new": 2, "duplicate": 0, "error": 0})
        assert ledger.initiatives(house.database) == []

        code, done, _ = await jisr("import-history", str(file), "--by", "manager:p-01")
        assert (code, done["imported"]) == (0, True)
        ids = [row["id"] for row in done["rows"]]

        async def written() -> bool:
            return len(ledger.initiatives(house.database)) == 2

        await until(written)
        for id, row in zip(ids, (2, 3), strict=True):
            entries = recorded(house.database, id)
            assert [one.kind for one in entries] == ["initiative_opened", "initiative_imported", "initiative_closed"]
            assert {one.key for one in entries} == {f"import/{done['source']}/{row}"}
            assert {one.by for one in entries} == {"manager:p-01"}
            assert all(one.at < one.heard_at and one.at.year < 2019 for one in entries)
            code, verdict, _ = await jisr("audit", "verify", id)
            assert (code, verdict["witness"]) == (0, "the engine agrees")
            standing = await handle_of(house.engine, id).query("show")
            assert (standing["stage"], standing["next_due"], standing["waiting_on"]) == ("closed", None, [])
            assert notices.of_initiative(house.database, id) == []
        water, borders = (recorded(house.database, id) for id in ids)
        assert (water[1].fields["sessions"], water[1].fields["adopted"]) == (8, 2)
        assert (borders[2].fields["outcome"], borders[2].reason is not None) == ("cancelled", True)
        assert not list(house.settings.home.glob("outbox/**/*.*"))

        code, told, _ = await jisr("people", "imports")
        assert [(one["by"], one["what"], sorted(one["ids"])) for one in told] == [
            ("manager:p-01", "history", sorted(ids))
        ]

        code, again, _ = await jisr("import-history", str(file), "--by", "manager:p-01")
        assert (code, again["counts"]) == (0, {"new": 0, "duplicate": 2, "error": 0})
        assert [len(recorded(house.database, id)) for id in ids] == [3, 3]

        async with house.client() as client:  # a closed initiative is a closed initiative: it can be taken up again
            back = await client.report(ids[0], "initiative_reopened", by="manager:p-01", reason="A new round.")
        assert back.status == "accepted", back


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({6: "2099-01-01"}, "Row 3: closed_on: is not past; what still runs is opened with `jisr open`."),
        ({6: "2017-01-01"}, "Row 3: closed_on: lies before opened_on."),
        ({4: None}, "Row 3: countries: is missing."),
        ({2: "9"}, "Row 3: track: is not known; choose one of 1, 1.5, 2, 3, 4, 5, 6, 7."),
        ({8: None}, "Row 3: reason: an initiative that ended without being completed ends with a reason."),
        ({9: "many"}, "Row 3: sessions: is no count; write a whole number from 0 to 100,000."),
    ],
)
async def test_e3_37_one_row_that_cannot_be_taken_and_nothing_is_imported(
    house: House, jisr: Command, tmp_path: Path, changes: dict[int, Any], says: str
) -> None:
    file = tmp_path / "past.xlsx"
    wrong = tuple(changes.get(at, cell) for at, cell in enumerate(BORDERS))
    file.write_bytes(workbook((WATER[0], f"Water {uuid4().hex}", *WATER[2:]), wrong))
    code, shown, words = await jisr("import-history", str(file))

    assert (code, shown["imported"], shown["counts"]["error"]) == (2, False, 1)
    assert says in words
    assert [
        one async for one in house.engine.list_workflows(f"WorkflowId = 'initiative/{shown['rows'][0]['id']}'")
    ] == []


async def test_e3_37_an_id_that_is_taken_is_not_written_over(house: House, jisr: Command, tmp_path: Path) -> None:
    file = tmp_path / "past.xlsx"
    file.write_bytes(workbook(BORDERS, (BORDERS[0], "Something else", *BORDERS[2:]), BORDERS))
    code, shown, words = await jisr("import-history", str(file), "-n")

    assert (code, [row["status"] for row in shown["rows"]]) == (2, ["new", "error", "duplicate"])
    assert "Row 3: id: row 2 has this id, with other content; give another id." in words


async def test_e3_36_what_is_over_is_put_in_afterwards_and_nobody_is_written_to_about_it(house: House) -> None:
    life = seated_life(ladders={"mou": {"rungs": [{"offset": "14d", "act": "remind"}]}})
    life.report("stage_begun_early", of="partners", reason=True)
    life.pass_days(60)
    life.at = life.at.replace(hour=7)  # ten o'clock in Baghdad, on a Thursday
    long_ago, lately = (life.at - timedelta(days=days) for days in (40, 20))
    held = (
        ("session_scheduled", {"starts": long_ago.strftime("%Y-%m-%dT10:00")}),
        ("neutrality_declared", {"person": "p-04"}),
        ("venue_attested", {}),
        ("session_opened", {"present": EVERYBODY}),
        ("session_closed", {}),
    )
    done = ("partner_approached", "partner_screened", "mou_sent", "partner_signed")
    backfill = [{"kind": kind, "session": "S1", **fields, "at": long_ago.isoformat()} for kind, fields in held]
    for partner, kinds, at in (("P1", done, long_ago), ("P2", done[:3], lately)):
        screened = {"partner_screened": {"result": "clear"}}
        backfill += [{"kind": one, "partner": partner, "at": at.isoformat(), **screened.get(one, {})} for one in kinds]

    async with house.worker(), house.client() as jisr:
        id = life.now.id
        await take_up(house, life)
        await quiet(jisr, id)
        before = {one.id for one in notices.of_initiative(house.database, id)}

        answers = await jisr.report_many(id, [{**one, "by": "manager:p-01"} for one in backfill])
        assert {one.status for one in answers} == {"accepted"}, answers
        await quiet(jisr, id)

        new = [one.notice for one in notices.of_initiative(house.database, id) if one.id not in before]
        said = [(one.ask, one.recipient, one.about.get("partner")) for one in new]
        assert [one for one in new if one.about.get("session") == "S1"] == []
        assert not {("sign_mou", "p-41", "P1"), ("screen_partner", "p-01", "P1")} & set(said)
        assert said.count(("sign_mou", "p-42", "P2")) == 1, "what is still owed is asked for"
        assert len(set(said)) == len(said), "and once, however many rungs have passed"
        session = (await jisr.state(id))["state"]["sessions"]["S1"]
        assert (session["status"], session["backfilled"]) == ("closed", True)
