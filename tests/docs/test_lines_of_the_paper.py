"""Lines of the paper that no other test tells. docs/paper.yaml names these tests."""

from typing import Any

from life import Life
from seated import change, held, seat, table

from domain import composition
from domain.record import MILESTONES
from domain.vocabulary import Capacity, Category, Criterion, Gender, Issue


def stands(life: Life, rule: str) -> bool:
    """Return whether one rule of composition holds for the roster as it is."""
    return {one.rule: one.met for one in composition.findings(life.now)}[rule]


def asking(**quotas: Any) -> Life:
    """Return a table of four, of two parties, whose charter asks for exactly these shares."""
    return table(Life(quotas={"women": 0, "per_party": 0, "officials_at_most": 1, **quotas}))


def test_a_table_of_officials_alone_is_no_table_of_track_one_and_a_half_a3() -> None:
    life = asking()
    assert stands(life, "composition.needs-non-official")

    for person in ("p-21", "p-23"):
        change(life, person, capacity=Capacity.SERVING_OFFICIAL)

    assert not stands(life, "composition.needs-non-official")


def test_a_party_keeps_its_seats_a28() -> None:
    life = asking(per_party=2)
    assert stands(life, "composition.party-seats")

    change(life, "p-23", standing="withdrew")

    assert not stands(life, "composition.party-seats")
    assert not stands(asking(officials_at_most=0.4), "composition.officials-share")
    assert stands(asking(officials_at_most=0.5), "composition.officials-share")


def test_stages_are_skipped_begun_early_and_reopened_with_a_reason_a39() -> None:
    life = Life()
    for kind, stage in (("stage_skipped", "concept"), ("stage_begun_early", "follow_up")):
        life.refused("report.reason-required", kind, of=stage)
        life.report(kind, of=stage, reason=True)
    assert (life.now.stages["concept"].status, life.now.stages["follow_up"].status) == ("skipped", "open")

    life.refused("report.reason-required", "stage_reopened", of="concept")
    life.report("stage_reopened", of="concept", reason=True)
    assert life.now.stages["concept"].status == "open"

    life.refused("stage.not-open", "gate_decided", of="sessions", decision="no_go")
    life.refused("stage.status", "stage_repeated", of="concept", reason=True)  # only what was done is repeated


def test_a_stage_that_was_done_is_repeated_in_a_new_round_a39() -> None:
    life = held().report("session_report_waived", session="S1", reason=True)
    life.report("gate_decided", of="sessions", decision="go")
    life.refused("report.reason-required", "stage_repeated", of="sessions")

    life.report("stage_repeated", of="sessions", reason=True)

    sessions = life.now.stages["sessions"]
    assert (sessions.status, sessions.round, len(sessions.gates)) == ("open", 2, 1)


def test_the_issues_of_the_paper_are_in_the_list_a40() -> None:
    named = {"water", "borders", "energy", "aml", "extradition", "climate", "ai", "foreign_presence", "disinformation"}

    assert named <= {one.value for one in Issue}


def test_a_review_says_what_was_weighed_a52_to_a58() -> None:
    assert [one.value for one in Criterion] == [
        "standing", "carries_ideas", "credible_representation", "strategic_capacity", "commitment", "resilience",
    ]  # fmt: skip
    made = MILESTONES["review_given"].model_validate(
        {"person": "p-20", "vetter": "p-11", "verdict": "approve", "criteria": [one.value for one in Criterion]}
    )
    assert len(made.fields()["criteria"]) == len(Criterion)


def test_a_table_brings_as_many_walks_of_life_as_the_charter_asks_a54_a59() -> None:
    life = asking(categories=2)
    assert not stands(life, "composition.categories")

    change(life, "p-21", category=Category.JOURNALIST)
    change(life, "p-23", category=Category.MINORITY)

    assert stands(life, "composition.categories")


def test_the_same_few_from_the_capital_are_warned_about_and_hold_nothing_a60() -> None:
    life = asking(outside_capital=0.5)
    assert stands(life, "composition.outside-capital")
    assert stands(life, "composition.elite-concentration")

    for person in ("p-21", "p-23"):
        change(life, person, first_time=False, outside_capital=False)

    assert not stands(life, "composition.outside-capital")
    assert not stands(life, "composition.elite-concentration")
    assert composition.ELITE.id in composition.WARNS


def test_seats_are_reserved_for_those_who_are_seldom_heard_a62() -> None:
    life = asking(marginalised_seats=1)
    assert not stands(life, "composition.reserved-seats")

    seat(life, "p-24", "IQ", marginalised=True, gender=Gender.WOMAN)

    assert stands(life, "composition.reserved-seats")


def test_a_share_of_newcomers_can_be_asked_for_a64() -> None:
    assert stands(asking(first_time=0.5), "composition.first-time")
    assert not stands(asking(first_time=0.6), "composition.first-time")
