"""Somebody is erased: what names them is destroyed, what is pseudonymous stays; a legal hold forbids it."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col
from written_records import NOON, chain, list_row

from domain.outgoing import Seat
from domain.record import Entry
from storage import erasure, holds, ledger, roster, texts
from storage.data_keys import reading_keys
from storage.database import Database, migrate, open_database
from storage.holds import Held
from storage.key_tables import DataKeyRow
from storage.roster_input import read_person
from storage.sealing import person
from storage.tables import TextRow

LAYLA = {"id": "p-7", "name_latin": "Layla Albasri", "organisation": "uni-1", "email": "layla@example.org"}


def known(db: Database) -> None:
    roster.add_person(db, read_person(LAYLA), NOON)
    entries = chain(3)
    seat = Seat(person="p-7", initiative="ini-1", standing="participant", live=True)
    ledger.append(db, entries, list_row(entries[-1]), seats=[seat])


def test_the_key_the_names_and_the_texts_are_gone_and_the_chain_verifies(database: Database) -> None:
    known(database)
    theirs, common = (texts.put(database, "ini-1", "I am afraid.", person=who) for who in ("p-7", None))
    made = erasure.erase(database, "p-7", NOON, by="manager:1")
    assert made["erased"] == {
        "data_key": True, "names": 1, "affiliation": True, "channels": 1, "texts": 1, "answer_links": 0, "holds": 0,
        "messages_in_the_outbox": 0,
    }  # fmt: skip
    assert (made["person"], made["by"], made["initiatives"]) == ("p-7", "manager:1", ["ini-1"])
    gone = roster.person(database, "p-7")
    assert gone is not None
    assert (gone.silence, gone.name_latin, gone.organisation, gone.channels) == ("erased", "", None, ())
    assert texts.get(database, [theirs, common]) == {common: "I am afraid."}
    with database.reading() as session:
        assert session.get(DataKeyRow, ("person", "p-7")).wrapped is None  # type: ignore[union-attr]
        assert reading_keys(session, [person("p-7")]) == {person("p-7"): None}
    assert ledger.verify(database, "ini-1").ok


def test_again_is_the_same_certificate(database: Database) -> None:
    known(database)
    assert erasure.ask(database, "p-7", "manager:1", "asked for it", NOON) is None
    made = erasure.erase(database, "p-7", NOON)
    assert (made["by"], made["reason"]) == ("manager:1", "asked for it")
    assert erasure.erase(database, "p-7", NOON + timedelta(days=9)) == made
    assert erasure.ask(database, "p-7", "manager:2", "again", NOON) == made
    assert erasure.certificate(database, "p-7") == made


def test_the_certificate_names_nobody(database: Database) -> None:
    known(database)
    said = str(erasure.erase(database, "p-7", NOON))
    assert not [word for word in ("Layla", "Albasri", "layla@example.org", "uni-1") if word in said]


@pytest.mark.parametrize(
    ("reason", "names"),
    [("Layla asked", True), ("asked by ALBASRI", True), ("see layla@example.org", True), ("asked on 3 May", False)],
)
def test_a_reason_that_names_them_is_known(database: Database, reason: str, names: bool) -> None:
    known(database)
    somebody = roster.person(database, "p-7")
    assert somebody is not None
    assert erasure.names_them(reason, somebody) is names


def test_texts_of_before_there_were_keys_go_unless_somebody_else_wrote_the_same(database: Database) -> None:
    roster.add_person(database, read_person(LAYLA), NOON)
    mine, both, about, charter = (texts.put(database, "ini-1", body) for body in ("mine", "both", "about", "title"))
    told = [
        {"by": "participant:p-7", "fields": {"note": mine}, "reason": both},
        {"by": "participant:p-8", "fields": {"note": both}},
        {"by": "vetter:p-9", "fields": {"person": "p-7", "assessment": about}},
        {"by": "manager:1", "fields": {"roles": {"facilitator": "p-7"}, "title": charter}},
    ]
    entries: list[Entry] = []
    for changes in told:
        entries += chain(1, after=entries[-1] if entries else None, **changes)
    ledger.append(
        database, entries, list_row(entries[-1]), seats=[Seat(person="p-7", initiative="ini-1", standing="", live=True)]
    )
    assert erasure.erase(database, "p-7", NOON)["erased"]["texts"] == 2
    assert set(texts.get(database, [mine, both, about, charter])) == {both, charter}


# Legal hold


def test_a_hold_forbids_it_until_it_ends_by_itself(database: Database) -> None:
    known(database)
    until = NOON.date() + timedelta(days=30)
    holds.hold(database, "p-7", until, "court order 12", "manager:1", NOON)
    for at in (NOON, NOON + timedelta(days=30)):
        with pytest.raises(Held, match=rf"until {until}.*court order 12.*--release"):
            erasure.ask(database, "p-7", "manager:1", "asked", at)
        with pytest.raises(Held):
            erasure.erase(database, "p-7", at)
    assert roster.person(database, "p-7").name_latin == "Layla Albasri"  # type: ignore[union-attr]
    assert erasure.erase(database, "p-7", NOON + timedelta(days=31))["erased"]["holds"] == 1


def test_a_hold_that_is_lifted_forbids_nothing(database: Database) -> None:
    known(database)
    holds.hold(database, "p-7", NOON.date(), "court order 12", "manager:1", NOON)
    assert holds.release(database, "p-7", "manager:2", NOON) == 1
    assert holds.release(database, "p-7", "manager:2", NOON) == 0
    [row] = holds.holds(database, "p-7")
    assert (row.released_at, row.released_by) == (NOON, "manager:2")
    assert erasure.erase(database, "p-7", NOON)["erased"]["names"] == 1


def test_a_hold_is_for_somebody_known_and_for_a_day_to_come(database: Database) -> None:
    with pytest.raises(LookupError, match="not on the roster"):
        holds.hold(database, "p-7", NOON.date(), "x", "manager:1", NOON)
    known(database)
    with pytest.raises(ValueError, match="has passed"):
        holds.hold(database, "p-7", NOON.date() - timedelta(days=1), "x", "manager:1", NOON)
    erasure.erase(database, "p-7", NOON)
    with pytest.raises(LookupError, match="erased already"):
        holds.hold(database, "p-7", NOON.date(), "x", "manager:1", NOON)


# What is left in files


def test_the_destroyed_key_is_in_no_file_any_more(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'jisr.db'}")
    db = open_database(f"sqlite:///{tmp_path / 'jisr.db'}")
    known(db)
    with db.reading() as session:
        wrapped = session.get(DataKeyRow, ("person", "p-7")).wrapped  # type: ignore[union-attr]
    assert wrapped is not None
    assert _held(tmp_path, wrapped)
    erasure.erase(db, "p-7", NOON)
    assert not _held(tmp_path, wrapped)
    db.close()


def test_a_text_put_back_from_a_copy_does_not_open_any_more(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'jisr.db'}")
    db = open_database(f"sqlite:///{tmp_path / 'jisr.db'}")
    known(db)
    ref = texts.put(db, "ini-1", "I am afraid.", person="p-7")
    db.scrub()
    shutil.copy(tmp_path / "jisr.db", tmp_path / "copy.db")
    copy = open_database(f"sqlite:///{tmp_path / 'copy.db'}")
    with copy.reading() as session:
        before = session.execute(select(TextRow).where(col(TextRow.ref) == ref)).scalar_one().model_dump()
    erasure.erase(db, "p-7", NOON)
    with db.session() as session:
        session.add(TextRow(**before))
    assert texts.get(db, [ref]) == {}
    db.close()
    copy.close()


def _held(folder: Path, what: bytes) -> bool:
    return any(what in file.read_bytes() for file in folder.iterdir() if file.is_file())
