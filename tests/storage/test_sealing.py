"""Personal data and texts stand encrypted in the database; the key file alone opens them."""

import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col
from written_records import NOON

from storage import institutions, roster, texts
from storage.data_keys import INSTALLATION, KeyDestroyed, destroy, writing_key
from storage.database import Database, migrate, open_database
from storage.key_tables import DataKeyRow
from storage.keys import KeysAway, read_keys
from storage.people_tables import ChannelRow, InstitutionRow, PersonRow
from storage.roster_input import read_institution, read_person
from storage.rotation import KeyInUse, drop, master_keys, rotate
from storage.seal_existing import seal_existing
from storage.sealing import MARK, SEALED, initiative, person
from storage.tables import TextRow

LAYLA: dict[str, Any] = {
    "id": "p-7",
    "name_native": "ليلى البصري",
    "name_latin": "Layla Albasri",
    "organisation": "uni-zagros",
    "channels": [{"kind": "email", "address": "layla@example.org"}, {"kind": "phone", "address": "+964 770 123 4567"}],
}
PLANTED = ("ليلى البصري", "Layla Albasri", "uni-zagros", "layla@example.org", "770 123 4567", "weir 7")


def write_all(db: Database) -> str:
    """Write something into every sealed column; return the reference of the text."""
    roster.add_person(db, read_person(LAYLA), NOON)
    institutions.add_institution(
        db, read_institution({"id": "uni-2", "name_latin": "Institute of Weirs", "country": "IQ", "kind": "university"})
    )
    return texts.put(db, "ini-1", "They speak about weir 7.")


def traces(folder: Path, words: tuple[str, ...] = (*PLANTED, "Institute of Weirs")) -> set[str]:
    """Return which of these words stand in clear text in any file of a folder, the key file included."""
    held = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    return {word for word in words if word.encode() in held}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    migrate(f"sqlite:///{tmp_path / 'jisr.db'}")
    return tmp_path / "jisr.db"


@pytest.fixture
def db(file: Path) -> Any:
    opened = open_database(f"sqlite:///{file}")
    yield opened
    opened.close()


def test_nothing_personal_stands_in_the_files_and_all_of_it_is_read_back(db: Database, file: Path) -> None:
    ref = write_all(db)
    known = roster.person(db, "p-7")
    assert known is not None
    assert (known.name_native, known.name_latin, known.organisation) == ("ليلى البصري", "Layla Albasri", "uni-zagros")
    assert [one.address for one in known.channels] == ["layla@example.org", "+964 770 123 4567"]
    assert institutions.institutions(db)[0].name_latin == "Institute of Weirs"
    assert texts.get(db, [ref]) == {ref: "They speak about weir 7."}
    assert traces(file.parent) == set()


def test_every_sealed_column_is_sealed_on_both_databases(database: Database) -> None:
    write_all(database)
    with database.reading() as session:
        for table, how in SEALED.items():
            for row in session.execute(select(table)).scalars():
                stored = {name: getattr(row, name) for name in how.columns if getattr(row, name)}
                assert stored, table
                assert all(value.startswith(MARK) for value in stored.values()), table


def test_a_value_that_was_moved_to_another_row_does_not_open(database: Database) -> None:
    roster.add_person(database, read_person(LAYLA), NOON)
    with database.session() as session:
        one, other = session.execute(select(ChannelRow).order_by(col(ChannelRow.id))).scalars()
        one.address, other.address = other.address, one.address
    with pytest.raises(KeysAway, match=r"channels\|p-7/00\|address.* changed or moved"):
        roster.person(database, "p-7")


def test_the_same_name_twice_looks_different_each_time(database: Database) -> None:
    for id in ("p-1", "p-2"):
        roster.add_person(database, read_person({"id": id, "name_latin": "Same Name"}), NOON)
    with database.reading() as session:
        assert len(set(session.execute(select(col(PersonRow.name_latin))).scalars())) == 2


# The key file


def test_the_key_file_is_made_when_it_is_first_needed_for_its_owner_only(db: Database, file: Path) -> None:
    keys = file.with_name("keys.json")
    assert roster.people(db) == []
    assert not keys.exists()
    roster.add_person(db, read_person({"id": "p-1", "name_latin": "A"}), NOON)
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert set(json.loads(keys.read_text())) == {"current", "keys"}


def test_a_lost_key_file_is_said_and_never_made_anew(db: Database, file: Path) -> None:
    roster.add_person(db, read_person(LAYLA), NOON)
    file.with_name("keys.json").unlink()
    again = open_database(f"sqlite:///{file}")
    with pytest.raises(KeysAway, match=r"keys.json cannot be read"):
        roster.person(again, "p-7")
    with pytest.raises(KeysAway, match=r"keys.json cannot be read"):
        roster.add_person(again, read_person({"id": "p-8", "name_latin": "B"}), NOON)
    assert not file.with_name("keys.json").exists()
    again.close()


def test_the_key_file_of_another_installation_opens_nothing_and_says_so(
    db: Database, file: Path, tmp_path: Path
) -> None:
    roster.add_person(db, read_person(LAYLA), NOON)
    keys = file.with_name("keys.json")
    mine = read_keys(keys).current
    keys.unlink()
    again = open_database(f"sqlite:///{file}")
    again.keyring.make()
    with pytest.raises(KeysAway, match=f"does not hold {mine}"):
        roster.person(again, "p-7")
    again.close()


# Data keys


def test_a_key_of_a_transaction_that_was_undone_is_not_used_later(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.session() as session:
        undone = writing_key(session, person("p-1")).raw
        raise ZeroDivisionError
    with database.session() as session:
        made = writing_key(session, person("p-1")).raw
    with database.session() as session:
        assert writing_key(session, person("p-1")).raw == made != undone


def test_a_destroyed_key_is_never_made_again_and_what_it_opened_is_empty(database: Database) -> None:
    roster.add_person(database, read_person(LAYLA), NOON)
    assert roster.person(database, "p-7") is not None  # the key is held in memory now
    with database.session() as session:
        assert destroy(session, person("p-7"), NOON)
    known = roster.person(database, "p-7")
    assert known is not None
    assert (known.name_latin, known.organisation, known.channels[0].address) == ("", None, "")
    with pytest.raises(KeyDestroyed), database.session() as session:
        writing_key(session, person("p-7"))


def test_a_text_of_somebody_erased_is_gone_and_a_new_one_about_them_is_the_initiatives(database: Database) -> None:
    mine, common = (texts.put(database, "ini-1", "I am afraid", person=who) for who in ("p-7", None))
    assert mine != common
    with database.session() as session:
        destroy(session, person("p-7"), NOON)
    later = texts.put(database, "ini-1", "Asked again", person="p-7")
    assert texts.get(database, [mine, common, later]) == {common: "I am afraid", later: "Asked again"}


# What was there before


def test_what_an_earlier_release_left_in_clear_text_is_encrypted_without_a_trace(db: Database, file: Path) -> None:
    with db.session() as session:
        values = {"zone": "Asia/Baghdad", "country": "IQ", "languages": [], "made_at": NOON}
        for number in range(450):
            session.add(PersonRow(id=f"p-{number}", name_native="ليلى البصري", name_latin="Layla Albasri", **values))
        session.flush()
        way = {"kind": "email", "address": "layla@example.org", "preference": 0, "never_write": False}
        session.add(ChannelRow(id="p-7/00", person="p-7", **way))
        session.add(TextRow(ref="text:1", initiative="ini-1", body="weir 7", made_at=NOON))
        session.add(
            InstitutionRow(
                id="u", name_native="", name_latin="Institute of Weirs", country="IQ", kind="other", made_at=NOON
            )
        )
    known = roster.person(db, "p-7")
    assert known is not None and known.name_latin == "Layla Albasri"  # readable before, too
    assert traces(file.parent) == {"ليلى البصري", "Layla Albasri", "layla@example.org", "weir 7", "Institute of Weirs"}
    assert seal_existing(db) == 453
    assert traces(file.parent) == set()
    assert seal_existing(db) == 0
    assert roster.person(db, "p-7") == known
    assert texts.get(db, ["text:1"]) == {"text:1": "weir 7"}


# Rotation


def test_a_rotation_wraps_every_key_anew_and_another_process_follows(database: Database) -> None:
    ref = write_all(database)
    before = roster.person(database, "p-7")
    other = open_database(database.url.render_as_string(hide_password=False), database.keyring._file)
    assert roster.person(other, "p-7") == before
    [old] = master_keys(database)
    current, done = rotate(database)
    assert done == old.data_keys == 3  # a person, an initiative, the installation
    assert [(one.id, one.current, one.data_keys) for one in master_keys(other)] == [
        (old.id, False, 0),
        (current, True, 3),
    ]
    assert roster.person(other, "p-7") == before == roster.person(database, "p-7")
    assert texts.get(other, [ref])
    drop(database, old.id)
    roster.add_person(other, read_person({"id": "p-9", "name_latin": "New"}), NOON)
    assert [(one.id, one.data_keys) for one in master_keys(other)] == [(current, 4)]
    other.close()


def test_a_rotation_that_broke_off_is_finished_and_makes_no_further_key(database: Database) -> None:
    write_all(database)
    database.keyring.replace(database.keyring.keys().with_new())  # all that an interrupted one has done
    current = database.keyring.current
    assert rotate(database) == (current, 3)


def test_a_key_that_is_needed_is_not_dropped(database: Database) -> None:
    write_all(database)
    [old] = master_keys(database)
    with pytest.raises(KeyInUse, match=r"current key.*`jisr keys rotate`"):
        drop(database, old.id)
    database.keyring.replace(database.keyring.keys().with_new())
    with pytest.raises(KeyInUse, match="still wraps 3 data keys"):
        drop(database, old.id)
    with pytest.raises(LookupError, match="jisr keys show"):
        drop(database, "key-none")


def test_a_dropped_key_leaves_an_older_copy_of_the_database_closed(db: Database, file: Path, tmp_path: Path) -> None:
    write_all(db)
    [old] = master_keys(db)
    db.scrub()
    shutil.copy(file, tmp_path / "copy.db")
    rotate(db)
    drop(db, old.id)
    copy = open_database(f"sqlite:///{tmp_path / 'copy.db'}", file.with_name("keys.json"))
    with pytest.raises(KeysAway, match=f"does not hold {old.id}"):
        roster.person(copy, "p-7")
    copy.close()


def test_the_table_of_keys_holds_no_key_in_clear(database: Database) -> None:
    write_all(database)
    with database.session() as session:
        raw = {writing_key(session, one).raw for one in (person("p-7"), initiative("ini-1"), INSTALLATION)}
        stored = [row.wrapped or b"" for row in session.execute(select(DataKeyRow)).scalars()]
        assert len(raw) == 3 == len(stored)
        assert not any(key in wrapped for key in raw for wrapped in stored)
