"""What went as one message, came back, or was decided about: in the ledger, on each database."""

from collections.abc import Callable

import pytest
from written_records import NOON, notice

from domain.digest import id_of
from domain.outgoing import Way
from domain.record import Entry
from storage import notices, returned
from storage.database import Database
from storage.notices import Outcome

Recorded = Callable[..., list[Entry]]


def settled(database: Database, status: str, message: str, *ways: Way) -> str:
    """Let the one message that waits have come to this state; return its id."""
    [one] = notices.claim(database, "ini-1", "w-1", NOON)
    notices.settle_all(database, [Outcome(one.id, status, NOON, "email", message, "250", ways)])  # type: ignore[arg-type]
    return one.id


def test_several_are_claimed_as_one_message_and_are_found_together(database: Database, recorded: Recorded) -> None:
    every = [notice(1), notice(2, recipient="p-1"), notice(3, recipient="p-1")]
    first_to = every[0].recipient
    recorded(1, notices=[one.but(recipient=first_to) for one in every])
    assert notices.crowded(database, "ini-1") == {first_to}
    [first] = notices.claim(database, "ini-1", "w-1", NOON, limit=1)
    others = [one.id for one in notices.waiting_for(database, "ini-1", first_to)]
    group = notices.join(database, first, others, "w-1", NOON)
    assert len(group) == 3
    assert {one.message_id for one in group} == {id_of([one.notice for one in group])}
    stale = notices.stale_claims(database, "ini-1", NOON.replace(hour=23))
    assert {one.message_id for one in stale} == {group[0].message_id}
    assert notices.join(database, first, others, "w-2", NOON) == [first], "nobody else gets them"
    notices.settle_all(database, [Outcome(one.id, "waiting", NOON) for one in group])
    assert {one.message_id for one in notices.of_initiative(database, "ini-1")} == {None}


def test_what_came_back_waits_for_the_next_way_once(database: Database, recorded: Recorded) -> None:
    recorded(1, notices=[notice(1)])
    id = settled(database, "sent", f"{notice(1).id()}@jisr.invalid")
    for before in (False, True):
        [back] = returned.came_back(database, f"{id}@example.org", "5.1.1", NOON, permanent=True)
        assert back.before is before
    one = returned.find(database, id)
    assert (one.status, one.failed) == ("waiting", {("email", 0)})
    for stranger in ("", "%@%", f"{id[:-1]}_@x", "0" * 32 + "@x"):
        assert returned.came_back(database, stranger, "5.1.1", NOON, permanent=True) == []


def test_again_lets_ways_that_failed_be_tried_anew_and_keeps_them_in_sight(
    database: Database, recorded: Recorded
) -> None:
    recorded(1, notices=[notice(1)])
    id = settled(database, "unknown", "m@jisr.invalid", Way(channel="email", code="550", message="m@jisr.invalid"))
    assert returned.find(database, id).failed == {("email", 0)}
    assert returned.decide(database, id, "again", NOON)
    one = returned.find(database, id)
    assert (one.status, one.failed, [way.told for way in one.ways]) == ("waiting", frozenset(), ["email 550", "again"])


@pytest.mark.parametrize("decision", ["sent", "again"])
def test_what_waits_is_neither_sent_nor_again(
    database: Database, recorded: Recorded, decision: returned.Decision
) -> None:
    recorded(1, notices=[notice(1)])
    assert not returned.decide(database, notice(1).id(), decision, NOON)
    assert returned.listed(database, states=("waiting",))[0].status == "waiting"
    assert returned.decide(database, notice(1).id(), "drop", NOON)
