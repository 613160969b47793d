"""Exports: whole for auditors, redacted, counts for donors; nothing of whom or what they were not to tell."""

import csv
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from life import Life
from seated import EVERYBODY, table

from storage import ledger, roster, texts
from storage.database import open_database
from storage.roster_input import read_person
from tests.cli.conftest import Jisr, record

CANARIES = {
    "a name": "Zaynab Canary",
    "an address": "canary@example.org",
    "an affiliation": "inst-canary",
    "words of the topic": "the canary dam",
}
PEOPLE = ("p-41", "p-01", "p-30", *EVERYBODY)


@pytest.fixture(autouse=True)
def told(home: Path) -> Life:
    """A record whose people, institutions and texts are canaries."""
    home.mkdir()
    life = Life(partners=[{"id": "P1", "institution": CANARIES["an affiliation"], "country": "IQ", "focal": "p-41"}])
    record(home, life)
    database = open_database(f"sqlite:///{home / 'jisr.db'}")
    ref = texts.put(database, "ini-test", CANARIES["words of the topic"])
    for person in PEOPLE:
        given = {"id": person, "name_latin": CANARIES["a name"], "email": CANARIES["an address"]}
        roster.add_person(database, read_person(given))
    database.close()
    life.journal.unrecorded.clear()
    life.report("stage_begun_early", of="sessions", reason=ref)
    life.report("contact_logged", person="p-41", note=ref)
    # What leads to a seat is told elsewhere; the nominations are what a record has of it.
    life.report("stage_begun_early", of="vetting", reason=ref)
    for person, country in zip(EVERYBODY, ("IQ", "IQ", "TR", "TR"), strict=True):
        life.report("participant_nominated", person=person, partner="P1", country=country, party=country,
                    organisation=CANARIES["an affiliation"], capacity="non_official", statement=ref)  # fmt: skip
    record(home, life)
    return life


def exported(jisr: Jisr, *options: str) -> str:
    done = jisr("audit", "export", "ini-test", *options)
    assert done.code == 0, done
    return done.out


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("format_", ["jsonl", "csv", "html"])
@pytest.mark.parametrize("what", ["--redacted", "--donor"])
def test_no_canary_leaves_redacted_or_to_a_donor(jisr: Jisr, what: str, format_: str) -> None:
    text = exported(jisr, what, "--format", format_)

    ids = ["P1", "IQ", "TR", "ini-other", *PEOPLE]  # as whole words: the signature is letters by chance
    assert [word for word in (*CANARIES.values(), "text:") if word in text] == []
    assert [id for id in ids if re.search(rf"(?<![\w+/]){id}(?![\w+/])", text)] == []


@pytest.mark.parametrize("language", ["en", "ar", "ckb"])
@pytest.mark.parametrize("format_", ["jsonl", "csv", "html"])
@pytest.mark.parametrize("what", [(), ("--redacted",), ("--donor",)])
def test_every_export_carries_the_note_on_whose_views_these_are_a91(
    jisr: Jisr, what: tuple[str, ...], format_: str, language: str
) -> None:
    from channels.history import disclaimer  # noqa: PLC0415

    text = exported(jisr, *what, "--format", format_, "--language", language)

    head = next(csv.reader(io.StringIO(text)))[0] if format_ == "csv" else text[:3000]
    assert disclaimer(language) in head


def test_the_whole_export_names_no_person_and_no_text_either(jisr: Jisr) -> None:
    text = exported(jisr)

    assert [CANARIES[one] for one in ("a name", "an address", "words of the topic") if CANARIES[one] in text] == []
    assert "p-41" in text, "ids are in it: it is for auditors"


def test_a_redacted_export_is_signed_and_another_one_has_other_pseudonyms(jisr: Jisr) -> None:
    one, other = exported(jisr, "--redacted"), exported(jisr, "--redacted")

    assert jisr("audit", "verify", "--file", "-", input=one).code == 0
    assert jisr("audit", "verify", "--file", "-", input=one.replace("contact_logged", "note_added")).code == 6

    def who(text: str) -> set[str]:
        return {line["fields"]["person"] for line in lines(text) if line["kind"] == "contact_logged"}

    assert len(who(one)) == 1
    assert who(one) & who(other) == set()


def test_what_a_rule_withholds_keeps_its_place_and_the_chain_verifies(jisr: Jisr, home: Path) -> None:
    life = table(Life(id="ini-held"))
    entries = life.entries
    life.report("session_scheduled", session="S1", starts="2026-06-01T10:00")
    life.report("neutrality_declared", session="S1", person="p-04").report("venue_attested", session="S1")
    life.report("session_opened", session="S1", present=list(EVERYBODY))
    hidden = next(one.seq for one in entries if one.kind == "session_opened")
    from cli.audit_export import rows_of  # noqa: PLC0415
    from domain.disclosure import withheld  # noqa: PLC0415

    assert withheld(entries[hidden - 1], life.now) == "chatham_house"
    rows = rows_of("full", entries, life.now)
    kept = rows[hidden - 1]
    assert kept == {
        "initiative": "ini-held", "seq": hidden, "kind": "withheld", "withheld": "chatham_house",
        "prev": entries[hidden - 1].prev, "hash": entries[hidden - 1].hash,
    }  # fmt: skip
    assert [word for word in EVERYBODY if word in json.dumps(rows)] == []
    text = "\n".join(json.dumps(row) for row in rows)
    assert jisr("audit", "verify", "--file", "-", input=text).code == 0
    cut = "\n".join(json.dumps(row) for row in rows if row["seq"] != hidden)
    assert f"entry {hidden} is missing" in jisr("audit", "verify", "--file", "-", input=cut).out


def test_a_donor_gets_no_number_below_five(jisr: Jisr) -> None:
    cover, *rows = lines(exported(jisr, "--donor"))

    assert cover["what"] == "donor"
    assert rows
    assert [row for row in rows if isinstance(row["count"], int) and row["count"] < 5] == []


def test_a_spreadsheet_takes_nothing_for_a_formula_and_a_page_nothing_for_markup() -> None:
    from cli.audit_export import _csv, _html  # noqa: PLC0415

    rows = [{"x": "=1+1", "y": "<script>"}, {"x": "@a", "y": {"z": "-2"}}]
    cells = list(csv.reader(_csv("note", rows)))
    assert cells == [["note"], ["x", "y"], ["'=1+1", "<script>"], ["'@a", '{"z": "-2"}']]

    class Tags(HTMLParser):
        seen: set[str] = set()

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.seen.add(tag)

    page = Tags()
    page.feed("\n".join(_html({"initiative": "<b>", "disclaimer": "note"}, rows)))
    assert {"script", "b"} & page.seen == set()


def test_a_folder_gets_all_that_its_reader_needs(jisr: Jisr, tmp_path: Path) -> None:
    folder = tmp_path / "for the auditor"
    files = jisr("audit", "export", "ini-test", "--out", str(folder), "--json").json["files"]

    assert {Path(file).name for file in files} == {"ini-test-full.jsonl", "public.pem", "verify_export.py"}
    done = subprocess.run(
        [sys.executable, "-I", "verify_export.py", "ini-test-full.jsonl", "--key", "public.pem"],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, "signed by the key given" in done.stdout) == (0, True), done


def test_that_somebody_exported_is_noted_with_the_reason(jisr: Jisr) -> None:
    exported(jisr, "--donor", "--why", "yearly report")

    assert [(one["what"], one["why"]) for one in jisr("audit", "reads", "ini-test", "--json").json] == [
        ("export.donor", "yearly report")
    ]


@pytest.mark.parametrize("options", [("--redacted", "--donor"), ("--format", "pdf"), ("--language", "fr")])
def test_what_cannot_be_exported_is_refused_and_not_noted(jisr: Jisr, options: tuple[str, ...]) -> None:
    assert jisr("audit", "export", "ini-test", *options).code == 2
    assert jisr("audit", "reads", "--json").json == []


def test_the_canaries_are_where_they_would_be_found(told: Life, home: Path) -> None:
    database = open_database(f"sqlite:///{home / 'jisr.db'}")
    person = roster.person(database, "p-30")
    [ref] = {entry.reason for entry in ledger.entries(database, "ini-test") if entry.reason}
    there = f"{person} {texts.get(database, [ref])} {[entry.fields for entry in ledger.entries(database, 'ini-test')]}"
    database.close()

    assert [word for word in CANARIES.values() if word not in there] == []
