"""Whatever is given to an initiative, it answers: old runs must replay for ever, so nothing may make it stumble."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from life import OPENED

from domain.journal import Journal
from domain.record import MILESTONES
from domain.rules import RULES
from tests.properties.chance import Chance
from tests.properties.lives import Life, tell
from tests.properties.story import charter

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("p-20")
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    sorted({"kind", "by", "at", "reason", "key", *(name for made in MILESTONES.values() for name in made.model_fields)})
)
SHAPED = st.dictionaries(NAMES, ANYTHING, max_size=6)
KINDS = st.sampled_from(sorted(MILESTONES))
MANY = 25 * settings().max_examples

RICH = tell(3, "1.5", calm=127)  # one life with something of everything; only read from here


def fresh() -> Journal:
    return Journal(RICH.now, RICH.journal.seq, RICH.journal.head)


@settings(max_examples=MANY)
@given(given=ANYTHING | SHAPED)
def test_what_is_no_report_is_refused_and_written_down(given: Any) -> None:
    journal = fresh()
    answer = journal.hear(given, RICH.at)

    assert answer.status == "refused"
    assert answer.rule in RULES
    assert answer.rule != "report.unexpected"
    assert [entry.kind for entry in journal.unrecorded] in (["report_refused"], ["report_unreadable"])
    assert journal.now == RICH.now


@settings(max_examples=MANY)
@given(seed=st.integers(0, 2**32 - 1), name=NAMES, junk=ANYTHING, leave_out=st.booleans())
def test_a_report_with_one_field_wrong_is_taken_or_refused_by_a_rule_of_the_book(
    seed: int, name: str, junk: Any, leave_out: bool
) -> None:
    life = _standing_at(RICH)
    report = Chance(seed).report(life.now, life.at)
    if leave_out:
        report.pop(name, None)
    else:
        report[name] = junk
    answer = life.hear(report)

    assert answer.rule is None or answer.rule in RULES


@settings(max_examples=MANY)
@given(kind=KINDS, seed=st.integers(0, 2**32 - 1))
def test_at_its_very_beginning_an_initiative_answers_everything(kind: str, seed: int) -> None:
    life = Life()
    report = {**Chance(seed).report(life.now, life.at), "kind": kind}
    answer = life.hear(report)

    assert answer.rule is None or answer.rule in RULES


@settings(max_examples=MANY)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_key_is_taken_once_and_answers_alike_for_ever(seed: int) -> None:
    life, chance = _standing_at(RICH), Chance(seed)
    report = {**chance.report(life.now, life.at), "key": "again-1"}
    first = life.hear(report)
    if first.status == "accepted":
        life.pass_hours(24 * chance.below(60))
        life.turn_the_page()
        life.repeat("again-1")
    else:
        assert "again-1" not in life.now.answered, "what was refused may be sent again under its key"


def _standing_at(told: Life) -> Life:
    """Return a life that goes on from where another one stands."""
    life = Life()
    life.journal = Journal(told.now, told.journal.seq, told.journal.head)
    life.at = told.at
    life.memory = _copied(told)
    return life


def _copied(told: Life) -> Any:
    from copy import deepcopy  # noqa: PLC0415

    return deepcopy(told.memory)


def test_a_charter_opens_alike_twice() -> None:
    first, second = (Journal.open(charter(), OPENED, "manager:p-01") for _ in range(2))
    assert (first.now, first.head) == (second.now, second.head)
