"""The charter: what no initiative could keep is refused at the opening, and at every amendment."""

from datetime import date
from typing import Any

import pytest
from life import CHARTER, Life
from pydantic import ValidationError

from domain.charter import Charter, Patience, Quorum, Quotas, with_defaults
from domain.stages import charter_changes


def charter(**changes: Any) -> Charter:
    return Charter.model_validate(with_defaults({**CHARTER, **changes}))


# --- at the opening -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"quotas": {"per_party": 8}}, "8 seats for each of 2 parties do not fit"),
        ({"quotas": {"marginalised_seats": 15}}, "15 reserved seats do not fit"),
        ({"quotas": {"officials_at_most": 0}}, "needs at least one serving official"),
        ({"quotas": {"women": 1.5}}, "less than or equal to 1"),
        ({"ladders": {"moo": {"rungs": [{"offset": "5wd"}]}}}, "ladders: unknown moo; known are"),
        ({"ladders": {"mou": {"rungs": [{"offset": "fortnight"}]}}}, "written like 5wd"),
        ({"ladders": {"mou": {"rungs": [{"offset": "9d"}, {"offset": "5d"}]}}}, "from the earliest"),
        ({"ladders": {"mou": {"rungs": [{"offset": "9d", "to": "managr"}]}}}, "goes to `owes` or to a role"),
        ({"roles": {"facilitator": "p-04"}}, "name a manager"),
        ({"track": "8"}, "track"),
        ({"track": "1.50"}, "track"),
        ({"colour": "blue"}, "Extra inputs"),
        ({"quotas": {"wimmin": 0.5}}, "Extra inputs"),
        ({"parties": []}, "at least 1"),
        ({"parties": [{"id": "IQ", "country": "IQ"}] * 2}, "same id stands there twice"),
        ({"partners": [CHARTER["partners"][0]] * 2}, "same id stands there twice"),
        ({"purposes": []}, "at least 1"),
        ({"people": {"p-01": {"zone": "Asia/Bagdad"}}}, "not a known time zone"),
        ({"quiet": [{"first": "2026-03-20", "last": "Eid"}]}, "quiet"),
        ({"quiet": [{"first": "2026-03-20", "last": "2026-03-19"}]}, "ends before it begins"),
        ({"checklists": {"concpt": ["legal"]}}, "no such stage: concpt"),
    ],
)
def test_an_impossible_charter_is_refused_in_words(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        charter(**changes)


@pytest.mark.parametrize(("given", "track"), [(1.5, "1.5"), ("1.5", "1.5"), (2, "2"), (2.0, "2"), ("7", "7"), (1, "1")])
def test_a_track_may_be_written_as_a_number(given: Any, track: str) -> None:
    assert charter(track=given, quotas={"officials_at_most": 0.5}).track == track


def test_a_track_has_defaults_and_what_the_charter_says_wins() -> None:
    two = charter(track=2, quotas={"women": 0.5})
    assert (two.seats, two.quotas.women, two.quotas.first_time, two.sensitivity) == (12, 0.5, 0.1, "discreet")


@pytest.mark.parametrize("count", [1, 2, 5])
def test_bilateral_and_multilateral_shapes_are_possible(count: int) -> None:
    parties = [{"id": f"X{n}", "country": "IQ"} for n in range(count)]
    assert len(charter(parties=parties).parties) == count


@pytest.mark.parametrize(
    "convenor", ["foreign_state", "international_organisation", "research_institution", "local_actor"]
)
def test_four_kinds_of_convenor_are_known(convenor: str) -> None:
    assert charter(convenor=convenor).convenor == convenor


def test_a_quiet_day_read_as_a_date_is_a_day() -> None:
    quiet = charter(quiet=[{"first": date(2026, 3, 20), "last": "2026-03-22"}]).quiet
    assert (quiet[0].first, quiet[0].last) == ("2026-03-20", "2026-03-22")


def test_a_charter_survives_the_way_through_json() -> None:
    one = charter(stage_model="saunders", quiet=[{"first": "2026-03-20", "last": "2026-03-22"}])
    assert Charter.model_validate_json(one.model_dump_json()) == one
    assert Charter.model_validate(one.model_dump(mode="json", exclude_none=True)) == one


# --- amended ------------------------------------------------------------------------------
def test_an_amendment_needs_a_reason_and_changes_only_what_it_names() -> None:
    life = Life()
    before = life.now.charter
    life.refused("report.reason-required", "charter_amended", seats=16)
    life.report("charter_amended", seats=16, quotas={"women": 0.4}, quorum={"share": 0.7}, reason=True)
    life.report("charter_amended", patience={"postponements": 2}, reason=True)

    now = life.now.charter
    assert (now.seats, now.quotas.women, now.quorum.share, now.patience.postponements) == (16, 0.4, 0.7, 2)
    assert now.quotas == before.quotas.but(women=0.4)
    assert now.quorum.per_party == before.quorum.per_party
    assert now.parties == before.parties


@pytest.mark.parametrize(
    "changes",
    [
        {"seats": 1},
        {"quotas": {"per_party": 8}},
        {"quotas": {"women": 2}},
        {"quotas": {"officials_at_most": 0}},
        {"quotas": {"per_party": 7}, "seats": 13},
        {"patience": {"vetting_months": 0}},
        {"ladders": {"moo": {"rungs": [{"offset": "5wd"}]}}},
    ],
)
def test_an_impossible_amendment_is_refused(changes: dict[str, Any]) -> None:
    Life().refused("charter.impossible", "charter_amended", **changes, reason=True)


@pytest.mark.parametrize("changes", [{"quotas": {"wimmin": 0.5}}, {"title": "x"}, {"quiet": [{"first": "Eid"}]}])
def test_a_misspelt_amendment_is_not_well_formed(changes: dict[str, Any]) -> None:
    Life().refused("report.invalid", "charter_amended", **changes, reason=True)


@pytest.mark.parametrize("changes", [{}, {"seats": 14}, {"quotas": {"women": 0.2}}])
def test_an_amendment_that_changes_nothing_is_refused(changes: dict[str, Any]) -> None:
    Life().refused("charter.nothing-amended", "charter_amended", **changes, reason=True)


def test_an_amended_ladder_moves_what_is_still_to_come() -> None:
    life = Life()
    rungs = [{"offset": "1wd"}, {"offset": "50d", "to": "director", "act": "escalate"}]
    life.report("charter_amended", ladders={"task": {"rungs": rungs}}, reason=True)
    said = [e for e in life.pass_days(60) if e.fields.get("ask") == "write_theory"]
    assert [e.fields["recipient"] for e in said] == ["p-01", "p-03"]


def test_quiet_days_may_be_announced_later() -> None:
    life = Life()
    life.report("charter_amended", quiet=[{"first": "2026-03-02", "last": "2026-03-12"}], reason=True)
    assert life.pass_days(11) == []
    life.report("charter_amended", quiet=[], reason=True)
    assert life.now.charter.quiet == ()


def test_an_amendment_may_name_every_quota_quorum_and_patience() -> None:
    for names, model in (
        (charter_changes.QuotaName, Quotas),
        (charter_changes.QuorumName, Quorum),
        (charter_changes.PatienceName, Patience),
    ):
        assert set(names.__args__) == set(model.model_fields)


def test_the_record_tells_an_amendment_as_it_was_heard() -> None:
    life = Life().report("charter_amended", quotas={"women": 0.4, "categories": 3}, reason=True)
    assert type(life.journal).fold(life.entries).now.charter == life.now.charter
