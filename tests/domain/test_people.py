"""People: they change office, leave, die, ask for silence, cannot be reached. The table notices, history stays."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from life import Life
from roster import LEAD, OFFICIAL, decided, invited, nominate, reviewed, rungs, seated, standing, vetting

from domain.agenda import silence


# --- office -------------------------------------------------------------------------------------------------------
def test_e3_1_an_official_who_resigns_may_stay_but_no_longer_counts_as_one() -> None:
    life = seated(seated(vetting(), "p-20", **OFFICIAL), "p-21").report("gate_decided", of="vetting", decision="go")
    gates = life.now.stages["vetting"].gates
    life.report("capacity_changed", person="p-20", capacity="former_official", since="2026-03-01")

    assert standing(life, "p-20") == "accepted"
    assert "composition.needs-official" in [one.rule for one in life.now.open_incidents]
    assert life.now.stages["vetting"].gates == gates
    life.refused("gate.held-by-incident", "gate_decided", of="sessions", decision="go")
    seated(life, "p-22", **OFFICIAL)
    assert not [one for one in life.now.open_incidents if one.holds]


def test_e3_2_a_track_two_member_appointed_to_office_is_suspended_and_offered_another_seat() -> None:
    life = invited(vetting(track="2", links=[{"initiative": "ini-child", "relation": "bridge"}]), "p-20")
    life.at += timedelta(days=3)
    life.report("capacity_changed", person="p-20", capacity="serving_official", since="2026-03-03")

    assert standing(life, "p-20") == "suspended"
    assert "offer_seat_elsewhere:p-20:2026-03-04" in life.owed()
    assert not {one for one in life.owed() if one.startswith("answer_invitation")}
    life.refused("people.linked-initiative", "seat_offered_elsewhere", person="p-20", initiative="ini-other")
    life.report("seat_offered_elsewhere", person="p-20", initiative="ini-child")
    assert not {one for one in life.owed() if one.startswith("offer_seat")}
    life.refused("composition.no-serving-official", "participant_reinstated", person="p-20", reason=True)


def test_out_of_office_again_the_seat_is_taken_up_only_by_a_decision() -> None:
    life = seated(vetting(track="2"), "p-20")
    life.report("capacity_changed", person="p-20", capacity="serving_official", since="2026-02-01")
    life.report(
        "capacity_changed",
        person="p-20",
        capacity="former_official",
        since="2026-02-20",
        evidence="2026-02-21",
    )
    assert standing(life, "p-20") == "suspended"
    life.report("participant_reinstated", person="p-20", reason=True)

    assert standing(life, "p-20") == "accepted"
    life.refused("vetting.standing", "participant_reinstated", person="p-20", reason=True)


def test_out_of_office_again_vetting_may_decide_anew() -> None:
    life = seated(vetting(track="2"), "p-20")
    life.report("capacity_changed", person="p-20", capacity="serving_official", since="2026-02-01")
    life.refused("composition.no-serving-official", "vetting_decided", person="p-20", decision="cleared", by=LEAD)
    life.report(
        "capacity_changed",
        person="p-20",
        capacity="former_official",
        since="2026-02-20",
        evidence="2026-02-21",
    )
    life.report("vetting_decided", person="p-20", decision="cleared", by=LEAD)

    assert standing(life, "p-20") == "accepted"


def test_an_old_change_of_office_heard_late_takes_its_place_in_the_past() -> None:
    life = nominate(vetting(track="2"), "p-20", capacity="former_official", capacity_since="2020-01-01")
    life.report("capacity_changed", person="p-20", capacity="serving_official", since="2012-01-01")

    p = life.now.participants["p-20"]
    assert (p.serving, p.capacities[0][0]) == (False, "serving_official")
    life.refused("people.already", "capacity_changed", person="p-20", capacity="serving_official", since="2012-01-01")
    life.refused("people.dated-ahead", "capacity_changed", person="p-20", capacity="non_official", since="2027-01-01")


def test_a_new_office_asks_for_the_personal_capacity_anew() -> None:
    life = seated(vetting(), "p-20")
    life.report("capacity_changed", person="p-20", capacity="serving_official", since="2026-02-28")

    assert "attest_personal_capacity:p-20:1:1" in life.owed()


def test_e3_3_the_last_official_of_a_table_leaving_opens_an_incident_and_undoes_nothing() -> None:
    life = seated(seated(vetting(), "p-20", **OFFICIAL), "p-21").report("gate_decided", of="vetting", decision="go")
    life.report("participant_barred", person="p-20")

    assert "composition.needs-official" in [one.rule for one in life.now.open_incidents]
    assert life.now.stages["vetting"].status == "done"
    life.refused("people.already", "participant_barred", person="p-20")


def test_whom_an_authority_has_barred_nobody_writes_to() -> None:
    life = seated(vetting(), "p-20").report("participant_barred", person="p-20")

    assert not life.now.participants["p-20"].may_be_written_to
    assert silence(life.now, "p-20") == "barred"
    life.report("participant_reinstated", person="p-20", reason=True)
    assert silence(life.now, "p-20") is None


# --- leaving ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["participant_barred", "participant_withdrew", "participant_removed", "person_died"])
def test_a_seat_that_falls_free_is_filled_from_the_reserve(kind: str) -> None:
    life = vetting(track="2", seats=2, quorum={"share": 1.0, "per_party": 0})
    decided(seated(seated(life, "p-20"), "p-21"), "p-22", "reserve")
    life.report(kind, person="p-20", reason=True)

    assert "fill_seat:p-20:2026-03-01" in life.owed()
    life.report("reserve_promoted", person="p-22")
    assert not {one for one in life.owed() if one.startswith("fill_seat")}


def test_without_a_reserve_nobody_is_asked_to_fill_the_seat() -> None:
    life = seated(vetting(track="2", seats=2), "p-20").report("participant_withdrew", person="p-20")

    assert not {one for one in life.owed() if one.startswith("fill_seat")}


def test_who_left_is_asked_nothing_and_may_be_reinstated_with_a_reason() -> None:
    life = seated(vetting(), "p-20")
    life.report("participant_withdrew", person="p-20").refused("people.already", "participant_withdrew", person="p-20")
    life.refused("people.gone", "consent_given", person="p-20", scopes=["participate"])
    assert not {one for one in life.owed() if "p-20" in one}
    life.refused("report.reason-required", "participant_reinstated", person="p-20")
    life.report("participant_reinstated", person="p-20", reason=True)

    assert standing(life, "p-20") == "accepted"


def test_removal_needs_a_reason() -> None:
    life = seated(vetting(), "p-20").refused("report.reason-required", "participant_removed", person="p-20")
    life.report("participant_removed", person="p-20", reason=True)
    life.refused("people.already", "participant_removed", person="p-20", reason=True)


def test_reinstating_needs_a_vetting_that_is_still_good_and_a_free_seat() -> None:
    life = seated(vetting(seats=2), "p-20").report("participant_barred", person="p-20")
    decided(decided(life, "p-21"), "p-22")
    life.refused("composition.seats", "participant_reinstated", person="p-20", reason=True)
    life.pass_days(400)
    life.refused("vetting.expired", "participant_reinstated", person="p-20", reason=True)


def test_who_is_barred_while_a_vetters_conflict_comes_out_returns_to_an_open_decision() -> None:
    life = seated(vetting(), "p-20").report("participant_barred", person="p-20")
    life.report("vetter_conflict_declared", person="p-20", vetter="p-11")
    life.report("participant_reinstated", person="p-20", reason=True)

    assert standing(life, "p-20") == "reopened"
    assert "assign_vetters:p-20:2:2" in life.owed()


# --- death, erasure, silence --------------------------------------------------------------------------------------
def test_e3_9_after_a_death_every_path_stops_and_nobody_waits_for_an_answer() -> None:
    life = invited(vetting(), "p-20").report("person_died", person="p-20")

    assert not {one.owes for one in life.journal.agenda({}).obligations} & {"p-20"}
    assert rungs(life, 400, "p-20") == []
    assert standing(life, "p-20") == "died"  # not "expired"
    life.refused("people.already", "person_died", person="p-20")
    life.refused("people.gone", "participant_nominated", person="p-20", country="IQ", capacity="non_official")
    life.refused("people.gone", "participant_reinstated", person="p-20", reason=True)
    life.refused("people.gone", "consent_withdrawn", person="p-20", scopes=["store"])


def test_a_vetter_who_died_vets_no_more_and_is_not_written_to() -> None:
    life = nominate(vetting(), "p-20").report("vetter_assigned", person="p-20", vetter="p-11")
    life.report("person_died", person="p-11")

    assert "p-11" not in life.now.vetters
    assert rungs(life, 60, "p-11") == []
    assert "assign_vetters:p-20:1:2" in life.owed()


def test_a_manager_who_died_is_followed_by_the_deputy() -> None:
    life = vetting().report("person_died", person="p-01")

    assert life.now.holder("manager") == "p-02"
    assert ("manager", "p-01") in [(role, who) for role, who, _ in life.now.former_roles]


def test_the_last_who_answers_for_an_initiative_keeps_the_role_but_is_not_written_to() -> None:
    life = nominate(vetting(roles={"manager": "p-01"}), "p-20").report("person_died", person="p-01")
    entries = life.pass_days(30)

    assert life.now.holder("manager") == "p-01"
    assert {e.kind for e in entries if e.fields.get("recipient") == "p-01"} == {"notice_suppressed"}


def test_a_focal_point_who_died_is_followed_by_the_deputy() -> None:
    partner = {"id": "P1", "institution": "inst-1", "country": "IQ", "focal": "p-41", "deputy": "p-43"}
    life = vetting(partners=[partner]).report("person_died", person="p-41")

    assert life.now.partners["P1"].focal == "p-43"


def test_who_was_erased_leaves_the_table_and_the_pseudonym_stays() -> None:
    life = seated(vetting(), "p-20").report("person_erased", person="p-20")

    p = life.now.participants["p-20"]
    assert (p.erased, p.standing, p.person) == (True, "withdrew", "p-20")
    assert rungs(life, 400, "p-20") == []
    life.refused("people.already", "person_erased", person="p-20")
    life.refused("people.gone", "person_unreachable", person="p-20")


def test_a_role_holder_may_ask_for_silence_and_end_it() -> None:
    life = nominate(vetting(), "p-20").report("do_not_contact_asked", person="p-05")
    assert {e.kind for e in life.pass_days(20) if e.fields.get("recipient") == "p-05"} == {"notice_suppressed"}
    life.refused("people.already", "do_not_contact_asked", person="p-05")
    life.report("contact_allowed_again", person="p-05").refused(
        "people.already", "contact_allowed_again", person="p-05"
    )
    reviewed(life, "p-20")
    assert rungs(life, 20, "p-05")


def test_an_unknown_person_is_refused() -> None:
    for kind in ("person_died", "person_erased", "do_not_contact_asked", "person_unreachable"):
        vetting().refused("report.unknown-id", kind, person="p-99")


# --- reach --------------------------------------------------------------------------------------------------------
def test_e3_33_a_country_nothing_gets_through_to_is_not_chased_and_nothing_expires() -> None:
    life = invited(invited(vetting(), "p-20"), "p-21", country="TR", party="TR")
    life.report("mail_hold_declared", country="IQ").refused("people.already", "mail_hold_declared", country="IQ")

    assert rungs(life, 60, "p-20") == []
    assert (standing(life, "p-20"), standing(life, "p-21")) == ("invited", "expired")
    life.report("mail_hold_lifted", country="IQ").refused("people.already", "mail_hold_lifted", country="IQ")
    assert ("answer_invitation", 0, "p-20") in rungs(life, 10, "p-20")  # chased anew, not expired at once
    assert standing(life, "p-20") == "invited"


def test_whom_a_rung_goes_to_is_not_written_to_in_a_held_country_either_f2_2() -> None:
    life = invited(vetting(), "p-21", country="TR", party="TR")
    life.report("person_card_changed", person="p-05", country="CH", zone="Europe/Zurich")
    life.report("mail_hold_declared", country="CH").report("role_handed_over", role="deputy", to="p-05")

    told = [e for e in life.pass_days(10) if e.fields.get("recipient") == "p-05"]

    assert [(e.kind, e.fields["ask"], e.fields["why"]) for e in told] == [
        ("notice_suppressed", "role_taken_over", "mail_hold")
    ]


def test_e3_34_when_messages_do_not_reach_somebody_a_human_is_asked_to_find_another_way() -> None:
    life = nominate(vetting(), "p-20", partner="P1")
    reviewed(life, "p-20").report("vetting_decided", person="p-20", decision="cleared", by=LEAD)
    life.report("invitation_sent", person="p-20").report("person_unreachable", person="p-20")
    life.refused("people.already", "person_unreachable", person="p-20")

    owing = {one.id: one.owes for one in life.journal.agenda({}).obligations}
    assert owing["reach_person:p-20:2026-03-01"] == "p-41"  # the partner's focal point
    assert rungs(life, 60, "p-20") == []
    assert standing(life, "p-20") == "invited"
    life.report("person_reachable", person="p-20").refused("people.already", "person_reachable", person="p-20")
    assert "answer_invitation:p-20:1" in life.owed()


def test_somebody_who_moved_is_written_to_in_their_new_hours() -> None:
    life = seated(vetting(), "p-20").report("person_card_changed", person="p-20", country="CH", language="fr")

    card = life.now.person("p-20")
    assert (card.country, card.zone, card.language) == ("CH", "Europe/Zurich", "fr")
    life.refused("people.card-change", "person_card_changed", person="p-20")
    life.refused("people.known-zone", "person_card_changed", person="p-20", zone="Mars/Base")


# --- F2.5 ---------------------------------------------------------------------------------------------------------
PEOPLE = st.sampled_from(["p-20", "p-21", "p-22"])
CAPACITIES = st.sampled_from(["serving_official", "former_official", "non_official"])
DATES = st.dates(min_value=date(2020, 1, 1), max_value=date(2026, 3, 1))
REPORTS = st.one_of(
    st.tuples(st.just("capacity_changed"), PEOPLE, st.fixed_dictionaries({"capacity": CAPACITIES, "since": DATES})),
    st.tuples(
        st.just("capacity_verified"),
        PEOPLE,
        st.fixed_dictionaries({"evidence": DATES, "capacity": CAPACITIES, "since": DATES}),
    ),
    st.tuples(
        st.just("participant_nominated"),
        PEOPLE,
        st.fixed_dictionaries({"capacity": CAPACITIES, "country": st.just("IQ")}),
    ),
    st.tuples(
        st.just("vetting_decided"),
        PEOPLE,
        st.fixed_dictionaries({"decision": st.sampled_from(["cleared", "reserve"]), "by": st.just(LEAD)}),
    ),
    st.tuples(
        st.just("invitation_answered"),
        PEOPLE,
        st.fixed_dictionaries({"answer": st.sampled_from(["accepted", "declined", "another_date"])}),
    ),
    st.tuples(
        st.sampled_from(
            [
                "participant_reinstated", "participant_barred", "participant_withdrew", "participant_removed",
                "person_died", "person_erased", "invitation_sent", "reserve_promoted", "nominee_withdrawn",
            ]
        ),
        PEOPLE,
        st.just({}),
    ),
    st.tuples(st.just("vetter_conflict_declared"), PEOPLE, st.just({"vetter": "p-11"})),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(REPORTS, max_size=25))
def test_f2_5_whatever_is_reported_of_people_no_serving_official_sits_on_track_two(
    reports: list[tuple[str, str, dict[str, object]]],
) -> None:
    life: Life = vetting(track="2")
    seated(life, "p-20")
    decided(life, "p-21", "reserve")
    reviewed(nominate(life, "p-22"), "p-22")
    for kind, person, fields in reports:
        said = {name: str(value) for name, value in fields.items()}
        answer = life.hear(kind, person=person, reason=True, **said)
        assert answer.rule != "report.invalid", answer.why
        assert not [p.person for p in life.now.roster if p.serving], kind
