"""A dialogue that rests loses no time it had: what froze goes on with what was left, and nothing floods."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.agenda import Due
from domain.ladders import parts
from domain.vocabulary import StallPolicy
from tests.properties.chance import TEXT
from tests.properties.lives import Life
from tests.properties.story import story, told

BEATS = list(story())
SHIFT = timedelta(days=5)  # a weekend before, a weekend after, and the hour of the day
MANY = 4 * settings().max_examples


def lived(until: int) -> Life:
    """Tell the story so far, without a single stone on the road."""
    life = Life()
    for beat in BEATS[:until]:
        life.pass_hours(beat.hours)
        life.hear(told(beat, life.at))
    return life


def freezing(life: Life) -> dict[str, tuple[datetime, Due]]:
    """Return the next rung of every ladder that freezes and counts forward, by obligation."""
    agenda = life.agenda()
    found: dict[str, tuple[datetime, Due]] = {}
    for one in agenda.obligations:
        ladder = life.now.charter.ladder(one.ladder)
        if ladder.in_stall is StallPolicy.FREEZE and parts(ladder.rungs[0].offset)[0] >= 0:
            for due in agenda.first(one):
                found[one.id] = (one.anchor, due)
    return found


@settings(max_examples=MANY)
@given(beats=st.integers(1, len(BEATS) - 2), days=st.integers(7, 900))
def test_what_froze_goes_on_with_the_time_that_was_left(beats: int, days: int) -> None:
    life = lived(beats)
    before = freezing(life)
    life.hear({"kind": "stall_declared", "by": "manager:p-01", "reason": TEXT})
    assert not freezing(life)
    life.pass_hours(24 * days)
    life.hear({"kind": "stall_resumed", "by": "manager:p-01"})
    after = freezing(life)

    for id, (anchor, due) in before.items():
        assert id in after, f"{id} was lost in the stall"
        then, again = after[id]
        if then != anchor:
            continue  # asked anew after the stall
        assert again.rung == due.rung
        moved = again.due_at - due.due_at
        assert abs(moved - timedelta(days=days)) <= SHIFT, f"{id}: {due.due_at} became {again.due_at}"


@settings(max_examples=MANY)
@given(beats=st.integers(1, len(BEATS) - 2), days=st.integers(1, 1500))
def test_the_first_day_after_a_stall_brings_each_ladder_one_rung_at_most(beats: int, days: int) -> None:
    life = lived(beats)
    life.hear({"kind": "stall_declared", "by": "manager:p-01", "reason": TEXT})
    life.pass_hours(24 * days)
    life.hear({"kind": "stall_resumed", "by": "manager:p-01"})
    first = len(life.record)
    life.pass_hours(20)

    said = [e.fields["obligation"] for e in life.record[first:] if e.kind == "rung_reached"]
    assert len(set(said)) == len(said)
