"""The record is written once, in order, as it was sealed; and whatever is changed behind its back is named."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from written_records import NOON, chain, list_row, notice

from domain.chain import Head
from domain.outgoing import Errand, ListRow, Seat
from domain.record import Entry
from storage import ledger, roster
from storage.database import Database
from storage.ledger import ChainBroken

Recorded = Callable[..., list[Entry]]


# Appending


def test_what_was_written_is_read_back_the_same(database: Database, recorded: Recorded) -> None:
    entries = recorded(3)
    assert list(ledger.entries(database, "ini-1")) == entries
    assert list(ledger.entries(database, "ini-1", since=2)) == entries[2:]
    assert list(ledger.entries(database, "ini-1", kind="other")) == []
    assert ledger.head(database, "ini-1") == (3, entries[-1].hash)
    assert ledger.head(database, "ini-2") == Head(0, "0" * 64)


def test_a_long_record_is_read_page_by_page(database: Database, recorded: Recorded) -> None:
    entries = recorded(2 * ledger.PAGE)
    assert list(ledger.entries(database, "ini-1")) == entries
    reading = ledger.entries(database, "ini-1")
    assert next(reading) == entries[0]
    more = chain(1, after=entries[-1])
    ledger.append(database, more, list_row(more[-1]))  # a reader in between keeps nobody from writing
    assert [*reading] == [*entries[1:], *more]


def test_the_same_batch_again_writes_nothing(database: Database) -> None:
    entries, errand = chain(3), Errand(initiative="ini-1", to="ini-2", key="k", report={"kind": "x"})
    batch = (entries, list_row(entries[-1]), [notice()], [errand], [Seat(initiative="ini-1", person="p", standing="x")])
    first = ledger.append(database, *batch)
    assert first == (1, 1, 3, entries[-1].hash)
    assert ledger.append(database, *batch) == first
    assert list(ledger.entries(database, "ini-1")) == entries


def test_two_attempts_at_the_same_time_write_the_batch_once(database: Database) -> None:
    entries = chain(20)
    row = list_row(entries[-1])
    with ThreadPoolExecutor(4) as threads:
        said = set(threads.map(lambda _: ledger.append(database, entries, row, [notice()]), range(8)))
    assert said == {(1, 0, 20, entries[-1].hash)}
    assert ledger.verify(database, "ini-1").ok


def test_a_batch_that_overlaps_adds_what_is_new(database: Database, recorded: Recorded) -> None:
    entries = recorded(3)
    more = chain(2, after=entries[-1])
    assert ledger.append(database, [*entries[1:], *more], list_row(more[-1])).head_seq == 5


def test_a_late_second_attempt_does_not_turn_the_list_back(database: Database) -> None:
    entries = chain(4)
    old, seat = list_row(entries[1], stage="concept"), Seat(initiative="ini-1", person="p", standing="x", live=True)
    ledger.append(database, entries[:2], old, seats=[seat])
    ledger.append(database, entries[2:], list_row(entries[3], stage="closed"), seats=[seat.but(live=False)])
    again = ledger.append(database, entries[:2], old, seats=[seat])
    assert again.head_seq == 4
    assert ledger.initiative_row(database, "ini-1") == list_row(entries[3], stage="closed")
    assert roster.live_initiatives(database, "p") == []


def test_a_batch_without_entries_renews_the_list_row(database: Database, recorded: Recorded) -> None:
    last = recorded(2)[-1]
    renewed = list_row(last, next_due=NOON)
    ledger.append(database, [], renewed, [notice()])
    assert ledger.initiative_row(database, "ini-1") == renewed


def broken(kind: str, entries: list[Entry]) -> list[Entry]:
    follow = chain(2, after=entries[-1])
    return {
        "gap": follow[1:],
        "other hash": [entries[2].but(by="x:y").sealed()],
        "other prev": [follow[0].but(prev="f" * 64).sealed()],
        "not sealed": [follow[0].but(by="x:y")],
        "foreign": chain(1, "ini-2"),
        "twice": [follow[0], follow[0]],
    }[kind]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("gap", "ini-1, entry 5: a gap: the record ends at 3, so 4 comes next"),
        ("other hash", "ini-1, entry 3: another entry is recorded under this number"),
        ("other prev", "ini-1, entry 4: it does not follow entry 3 as recorded"),
        ("not sealed", "ini-1, entry 4: its content is not what its hash says"),
        ("foreign", "ini-1, entry 1: it belongs to ini-2"),
        ("twice", "ini-1, entry 4: a gap: the record ends at 4, so 5 comes next"),
    ],
)
def test_what_does_not_follow_is_never_written(database: Database, recorded: Recorded, kind: str, why: str) -> None:
    entries = recorded(3)
    wrong = broken(kind, entries)
    with pytest.raises(ChainBroken, match=why) as error:
        ledger.append(database, wrong, list_row(wrong[-1]).but(id="ini-1"), [notice()])
    assert error.value.initiative == "ini-1"
    assert list(ledger.entries(database, "ini-1")) == entries
    assert ledger.append(database, [], list_row(entries[-1])).waiting == 0  # the notice neither


def test_a_list_row_ahead_of_the_record_is_refused(database: Database) -> None:
    entries = chain(2)
    with pytest.raises(ChainBroken, match="the list row stands there, the record ends at 1"):
        ledger.append(database, entries[:1], list_row(entries[1]))


# Round trip

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1), timezones=ZONES | st.just(UTC))  # noqa: DTZ001
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=MOMENTS,
    heard_at=MOMENTS,
    by=WORDS,
    kind=WORDS,
    fields=st.dictionaries(st.text(st.characters(codec="utf-8")), JSON, max_size=4),
    reason=st.none() | WORDS,
    key=st.none() | WORDS,
)
def test_every_entry_comes_back_with_the_hash_it_was_sealed_with(database: Database, **content: Any) -> None:
    last = ledger.head(database, "ini-1")
    entry = Entry(initiative="ini-1", seq=last.seq + 1, prev=last.hash, **content).sealed()
    ledger.append(database, [entry], list_row(entry))
    (back,) = ledger.entries(database, "ini-1", since=last.seq)
    assert back == entry
    assert back.own_hash() == entry.hash
    assert back.model_dump(mode="json") == entry.model_dump(mode="json")


# The database refuses


CHANGES = (
    "UPDATE entries SET kind = 'x' WHERE seq = 2",
    "DELETE FROM entries WHERE seq = 2",
    "DELETE FROM entries",
)


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_to_change_or_remove_entries(database: Database, recorded: Recorded, change: str) -> None:
    entries = recorded(3)
    with pytest.raises(DBAPIError, match="only ever added to"), database.session() as session:
        session.execute(text(change))
    assert list(ledger.entries(database, "ini-1")) == entries


def test_the_database_refuses_the_ways_around(database: Database, recorded: Recorded) -> None:
    entries = recorded(3)
    ways = ["INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE seq = 2"]
    if not database.is_sqlite:
        ways = ["TRUNCATE entries", "SET LOCAL session_replication_role = replica; DELETE FROM entries"]
    for way in ways:
        with pytest.raises(DBAPIError, match="only ever added to"), database.session() as session:
            session.execute(text(way))
    assert list(ledger.entries(database, "ini-1")) == entries


# Tampering is found


def tamper(database: Database, *statements: str) -> None:
    """Do what only somebody with full power over the database can: switch the refusal off first."""
    with database.session() as session:
        if database.is_sqlite:
            for name in ("update", "delete", "replace"):
                session.execute(text(f"DROP TRIGGER entries_refuse_{name}"))
        else:
            session.execute(text("ALTER TABLE entries DISABLE TRIGGER entries_refuse_change"))
        for statement in statements:
            session.execute(text(statement))


def test_a_record_nobody_touched_verifies(database: Database, recorded: Recorded) -> None:
    entries = recorded(5)
    assert ledger.verify(database, "ini-1") == (True, 5, None, "", (5, entries[-1].hash))
    assert ledger.verify(database, "ini-9")[:4] == (False, 0, None, "no record")


@pytest.mark.parametrize(
    ("statement", "first_bad", "what"),
    [
        ("UPDATE entries SET \"by\" = 'x:y' WHERE seq = 3", 3, "edited"),
        ("UPDATE entries SET fields = '{}' WHERE seq = 1", 1, "edited"),
        ("UPDATE entries SET fields = 'no json' WHERE seq = 4", 4, "edited"),
        ("UPDATE entries SET at_offset = 3600 WHERE seq = 2", 2, "edited"),
        ("DELETE FROM entries WHERE seq = 3", 3, "missing"),
        ("DELETE FROM entries WHERE seq = 1", 1, "missing"),
        ("DELETE FROM entries WHERE seq = 5", 5, "truncated"),
        ("DELETE FROM entries WHERE seq > 2", 3, "truncated"),
        ("DELETE FROM entries", 1, "no record"),
        ("UPDATE entries SET seq = 99 WHERE seq = 2", 2, "missing"),
    ],
)
def test_tampering_is_named_with_the_first_bad_entry(
    database: Database, recorded: Recorded, statement: str, first_bad: int, what: str
) -> None:
    recorded(5)
    tamper(database, statement)
    verdict = ledger.verify(database, "ini-1")
    assert (verdict.ok, verdict.first_bad, verdict.what) == (False, first_bad, what)


def test_two_entries_that_changed_places_are_found(database: Database, recorded: Recorded) -> None:
    recorded(5)
    swap = [f"UPDATE entries SET seq = {new} WHERE seq = {old}" for old, new in ((2, 99), (3, 2), (99, 3))]
    tamper(database, *swap)
    verdict = ledger.verify(database, "ini-1")
    assert (verdict.ok, verdict.first_bad, verdict.what) == (False, 2, "reordered")


def test_a_whole_record_written_anew_is_found_by_the_list_row(database: Database, recorded: Recorded) -> None:
    recorded(3)
    tamper(database, "DELETE FROM entries")
    forged = chain(3, by="nobody:n")
    with database.session() as session:
        session.execute(ledger.ENTRIES.insert(), [ledger._columns(one) for one in forged])
    verdict = ledger.verify(database, "ini-1")
    assert (verdict.ok, verdict.first_bad, verdict.what) == (False, 3, "rewritten")


# Lists


def test_lists_are_narrowed_by_stage_track_stall_and_who_is_waited_for(database: Database, recorded: Recorded) -> None:
    recorded(1, "ini-1")
    stalled = chain(1, "ini-2")
    row = list_row(stalled[-1], stage="vetting", track="2", stalled=True, stalled_since=NOON, waiting_on=())
    ledger.append(database, stalled, row)

    def ids(**narrowed: Any) -> list[str]:
        return [one.id for one in ledger.initiatives(database, **narrowed)]

    assert ids() == ["ini-1", "ini-2"]
    assert ids(stage="vetting") == ids(track="2") == ids(stalled=True) == ["ini-2"]
    assert ids(waiting_on="p-1") == ids(stalled=False) == ["ini-1"]
    assert ids(waiting_on="p_1") == ids(waiting_on="sign_mou") == ids(waiting_on="%") == []
    assert ledger.initiative_row(database, "ini-2") == row
    assert ledger.initiative_row(database, "ini-9") is None
    assert set(ListRow.model_fields) == set(ledger.InitiativeRow.model_fields) - {"updated_at"}


def test_who_uses_a_country_is_found_in_the_record(database: Database) -> None:
    for id, country in (("ini-1", "IQ"), ("ini-2", "IQ-KR"), ("ini-3", "TR")):
        entry = chain(1, initiative=id)[0].but(fields={"person": "p-1", "country": country}).sealed()
        ledger.append(database, [entry], list_row(entry))

    assert ledger.using(database, ["IQ"]) == ["ini-1", "ini-2"]
    assert ledger.using(database, ["TR", "CH"]) == ["ini-3"]
    assert ledger.using(database, []) == []
