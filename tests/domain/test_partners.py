"""Partners: screened before they sign, chased while they don't, never shown to one another."""

from datetime import date, timedelta
from typing import Any

import pytest
from life import Life

from domain.lifecycle import requirements
from domain.nouns import Participant
from domain.rules import Refused
from domain.stages.payees import clear_payee
from domain.vocabulary import Stage

TEXT = "text:" + "1" * 32


def begun(**changes: Any) -> Life:
    return Life(**changes).report("stage_skipped", of="concept", reason=True)


def signed(life: Life, *partners: str, **fields: Any) -> Life:
    for id in partners or ("P1",):
        life.report("partner_approached", partner=id).report("partner_screened", partner=id, result="clear")
        life.report("partner_signed", partner=id, **fields)
    return life


def nominee(life: Life, person: str, standing: str, partner: str | None = "P1") -> Life:
    """Put a nominee where the test needs one, without the road that leads there."""
    one = Participant(person=person, partner=partner, standing=standing, nominated_at=life.at)
    life.journal.now = life.now.put("participants", person, one)
    return life


def standing(life: Life, person: str) -> str:
    return life.now.participants[person].standing


def unmet(life: Life) -> set[str]:
    return {one.rule for one in requirements(life.now, Stage.PARTNERS) if not one.met}


def rungs(entries: list[Any], ask: str) -> list[tuple[int, str]]:
    return [(e.fields["rung"], e.fields["recipient"]) for e in entries if e.fields.get("ask") == ask]


# --- joining ------------------------------------------------------------------------------
def test_a_partner_signs_only_after_a_clear_screening() -> None:
    life = Life().report("gate_decided", of="concept", decision="revise")
    life.report("stage_skipped", of="concept", reason=True).report("partner_approached", partner="P1")
    life.refused("partners.screened-clear", "partner_signed", partner="P1")
    life.report("partner_screened", partner="P1", result="clear").report("partner_signed", partner="P1")

    assert life.now.partners["P1"].signed


def test_an_unsigned_memorandum_is_chased_after_14_28_and_42_days() -> None:
    life = begun().report("partner_approached", partner="P1")
    life.report("partner_screened", partner="P1", result="clear").report("mou_sent", partner="P1")

    assert rungs(life.pass_days(50), "sign_mou") == [(0, "p-41"), (1, "p-41"), (2, "p-01")]
    life.report("partner_signed", partner="P1")
    assert "sign_mou:P1" not in life.owed()
    life.refused("partners.once", "mou_sent", partner="P1")


def test_a_partner_the_charter_does_not_name_brings_its_institution() -> None:
    life = begun()
    life.refused("partners.new-needs-institution", "partner_approached", partner="P9")
    life.report("partner_approached", partner="P9", institution="inst-9", country="CH")
    assert life.now.partners["P9"].institution == "inst-9"


def test_the_gate_needs_a_signed_partner_with_a_focal_point_and_the_terms() -> None:
    partner = {"id": "P1", "institution": "inst-1", "country": "IQ"}
    life = begun(partners=[partner])
    assert unmet(life) == {"partners.one-signed", "gate.checklist"}
    signed(life)
    assert unmet(life) == {"partners.focal-point", "gate.checklist"}
    assert {"name_focal_point:P1", "tick_checklist:partners:1"} <= life.owed()
    life.refused("partners.two-people", "focal_point_named", partner="P1", person="p-41", deputy="p-41")
    life.report("focal_point_named", partner="P1", person="p-41", deputy="p-43")
    for item in ("visibility_terms", "data_terms", "funds_terms"):
        life.report("checklist_item_done", item=item)
    assert not {"name_focal_point:P1", "tick_checklist:partners:1"} & life.owed()
    life.report("gate_decided", of="partners", decision="go")


@pytest.mark.parametrize(
    ("ask", "kind", "fields"),
    [
        ("do_due_diligence", "due_diligence_done", {"evidence": TEXT}),
        ("declare_conflicts", "partner_conflict_declared", {"conflicts": "some", "what": TEXT}),
        ("note_neutrality", "neutrality_noted", {"note": TEXT}),
    ],
)
def test_what_a_signed_partner_still_lacks_is_asked_for_until_it_is_there(
    ask: str, kind: str, fields: dict[str, Any]
) -> None:
    life = signed(begun())
    assert f"{ask}:P1" in life.owed()
    life.report(kind, partner="P1", **fields)
    assert f"{ask}:P1" not in life.owed()


def test_an_approached_partner_is_to_be_screened() -> None:
    life = begun().report("partner_approached", partner="P1")
    assert "screen_partner:P1" in life.owed()
    life.report("partner_screened", partner="P1", result="hit").report("mou_sent", partner="P1")
    assert not {"screen_partner:P1", "sign_mou:P1"} & life.owed()  # who cannot sign is not chased


def test_a_memorandum_is_renewed_before_it_ends() -> None:
    life = begun()
    life.refused("partners.signed-first", "mou_renewed", partner="P1", expires_on="2028-01-01")
    signed(life, expires_on="2026-12-31")
    assert "renew_mou:P1:2026-12-31" in life.owed()
    assert rungs(life.pass_days(290), "renew_mou") == [(0, "p-01"), (1, "p-01")]
    life.refused("partners.renewal-later", "mou_renewed", partner="P1", expires_on="2026-12-31")
    life.report("mou_renewed", partner="P1", expires_on="2028-12-31")
    assert "renew_mou:P1:2026-12-31" not in life.owed()
    assert life.now.partners["P1"].expires_on == date(2028, 12, 31)


def test_an_institution_declines_before_it_signs_and_withdraws_after() -> None:
    life = signed(begun())
    life.refused("partners.declines-unsigned", "partner_declined", partner="P1")
    life.report("partner_approached", partner="P2").report("partner_declined", partner="P2")
    life.refused("partners.still-with-us", "mou_sent", partner="P2")
    assert not [one for one in life.owed() if one.endswith(":P2")]


# --- resting ------------------------------------------------------------------------------
def test_e3_24_a_frozen_partner_is_asked_nothing_and_keeps_the_time_that_was_left() -> None:
    life = begun().report("partner_approached", partner="P1")
    life.report("partner_screened", partner="P1", result="clear").report("mou_sent", partner="P1")
    life.pass_days(10)
    life.refused("report.reason-required", "partner_frozen", partner="P1")
    life.report("partner_frozen", partner="P1", reason=True)
    life.refused("partners.once", "partner_frozen", partner="P1", reason=True)

    assert rungs(life.pass_days(100), "sign_mou") == []
    life.report("partner_unfrozen", partner="P1")
    life.refused("partners.once", "partner_unfrozen", partner="P1")
    assert rungs(life.pass_days(2), "sign_mou") == []
    assert rungs(life.pass_days(4), "sign_mou") == [(0, "p-41")]  # 14 days of work, whatever lay between


def test_e3_24_a_freeze_within_a_stall_is_not_counted_twice() -> None:
    life = begun().report("partner_approached", partner="P1")
    life.report("partner_screened", partner="P1", result="clear").report("mou_sent", partner="P1")
    life.pass_days(10)
    life.report("stall_declared", reason=True)
    life.pass_days(20)
    life.report("partner_frozen", partner="P1", reason=True)
    life.pass_days(30)
    life.report("partner_unfrozen", partner="P1")
    life.pass_days(20)
    life.report("stall_resumed", reason=True)

    assert rungs(life.pass_days(2), "sign_mou") == []
    assert rungs(life.pass_days(5), "sign_mou") == [(0, "p-41")]


def test_a_memorandum_that_ends_is_renewed_even_while_its_partner_rests() -> None:
    life = signed(begun(), expires_on="2026-12-31").report("partner_frozen", partner="P1", reason=True)
    assert [one for one in life.owed() if one.endswith(("P1", "2026-12-31"))] == ["renew_mou:P1:2026-12-31"]


# --- leaving ------------------------------------------------------------------------------
def left(life: Life | None = None) -> Life:
    """Return a life whose first partner has signed beside a second, brought nominees, and left."""
    life = life or signed(begun(), "P1", "P2")
    for word in ("nominated", "reserve", "cleared", "invited", "accepted", "rejected"):
        nominee(life, f"p-{word}", word)
    nominee(life, "p-other", "nominated", partner="P2")
    return life.report("partner_withdrew", partner="P1")


def test_e3_4_the_nominees_of_a_partner_that_left_are_pending_and_who_accepted_stays() -> None:
    life = left()
    for word in ("nominated", "reserve", "cleared", "invited"):
        assert standing(life, f"p-{word}") == "pending_individual"
    assert standing(life, "p-accepted") == "accepted"
    assert standing(life, "p-rejected") == "rejected"
    assert standing(life, "p-other") == "nominated"


def test_e3_4_nothing_more_is_asked_through_a_partner_that_left() -> None:
    life = left()
    asked = {one.owes for one in life.journal.agenda({}).obligations}
    assert "p-41" not in asked
    assert not [e for e in life.pass_days(60) if e.fields.get("recipient") == "p-41"]
    life.refused("partners.still-with-us", "mou_sent", partner="P1")


def test_e3_4_a_partner_that_left_gives_the_data_back_also_after_the_end() -> None:
    life = left()
    assert "return_data:P1" in life.owed()
    life.refused("partners.has-left", "partner_data_returned", partner="P2")
    life.journal.now = life.now.but(closed_at=life.at)
    assert "return_data:P1" in life.owed()
    life.report("partner_data_returned", partner="P1")
    assert "return_data:P1" not in life.owed()


def test_a_partner_that_left_before_it_signed_has_no_data_to_return() -> None:
    life = begun().report("partner_approached", partner="P1").report("partner_withdrew", partner="P1")
    assert "return_data:P1" not in life.owed()


def test_e3_4_the_other_partners_are_told_once_and_not_why() -> None:
    life = signed(begun(), "P1", "P2")
    life.report("partner_withdrew", partner="P1", reason=True)
    assert "partner_left:P1:P2" in life.owed()

    told = [e for e in life.pass_days(40) if e.fields.get("ask") == "partner_left"]

    assert [(e.fields["recipient"], e.fields["about"]) for e in told] == [("p-42", {"partner": "P1"})]
    assert all(e.reason is None for e in told)
    assert "partner_left:P1:P2" not in life.owed()


def test_e3_4_who_signed_after_a_partner_left_is_not_told() -> None:
    life = signed(begun(), "P1").report("partner_withdrew", partner="P1")
    life.pass_days(1)
    assert "partner_left:P1:P2" not in signed(life, "P2").owed()


@pytest.mark.parametrize(
    ("word", "then"),
    [
        ("nominated", "nominated"),
        ("reserve", "reserve"),
        ("cleared", "cleared"),
        ("invited", "cleared"),
        ("accepted", "accepted"),
    ],
)
def test_e3_4_a_nominee_goes_on_as_an_individual(word: str, then: str) -> None:
    life = left()
    assert f"confirm_individual:p-{word}:P1" in life.owed()
    life.report("individual_capacity_confirmed", person=f"p-{word}")
    assert standing(life, f"p-{word}") == then
    assert life.now.participants[f"p-{word}"].partner is None
    assert f"confirm_individual:p-{word}:P1" not in life.owed()
    life.refused("partners.individual-pending", "individual_capacity_confirmed", person=f"p-{word}")


def test_only_the_nominee_of_a_partner_that_left_goes_on_as_an_individual() -> None:
    life = left()
    life.refused("partners.individual-pending", "individual_capacity_confirmed", person="p-other")
    life.refused("report.unknown-id", "individual_capacity_confirmed", person="p-99")


# --- coming back --------------------------------------------------------------------------
def test_e3_5_a_partner_returns_under_a_new_name_and_its_history_links() -> None:
    life = left().report("partner_returned", partner="P7", formerly="P1", institution="inst-1")
    old, new = life.now.partners["P1"], life.now.partners["P7"]
    assert (new.former_ids, new.institution, old.returned_as) == (("P1",), "inst-1", "P7")
    assert old.withdrew_at is not None
    assert {standing(life, "p-invited"), standing(life, "p-nominated")} == {"cleared", "nominated"}
    assert {life.now.participants[one].partner for one in ("p-invited", "p-accepted")} == {"P7"}
    assert not [one for one in life.owed() if one.startswith(("return_data", "confirm_individual"))]

    life.report("partner_withdrew", partner="P7").report("partner_returned", partner="P8", formerly="P7")
    assert life.now.partners["P8"].former_ids == ("P1", "P7")
    life.refused("partners.once", "partner_returned", partner="P6", formerly="P1")


def test_e3_5_a_partner_returns_under_its_old_id_and_joins_anew() -> None:
    life = left()
    life.pass_days(40)
    life.report("partner_returned", partner="P1")
    partner = life.now.partners["P1"]
    assert (partner.signed, partner.screening, partner.focal, partner.round) == (False, None, "p-41", 2)
    assert "screen_partner:P1:2" in life.owed()  # a new occasion: it is chased from the first rung on
    life.refused("partners.screened-clear", "partner_signed", partner="P1")
    life.report("partner_screened", partner="P1", result="clear").report("partner_signed", partner="P1")


def test_e3_5_another_institution_does_not_return_in_a_partners_place() -> None:
    life = left()
    life.refused("partners.same-legal-entity", "partner_returned", partner="P7", formerly="P1", institution="x")
    life.refused("partners.same-legal-entity", "partner_returned", partner="P2", formerly="P1")
    life.refused("partners.has-left", "partner_returned", partner="P2")
    life.refused("report.unknown-id", "partner_returned", partner="P7", formerly="P0")


def test_a_partner_that_declined_may_come_back() -> None:
    life = begun().report("partner_declined", partner="P2").report("partner_returned", partner="P2")
    assert signed(life, "P2").now.partners["P2"].signed


# --- sanctions ----------------------------------------------------------------------------
def test_e3_35_a_sanctions_list_that_names_a_partner_holds_the_next_gate() -> None:
    life = signed(begun())
    for item in ("visibility_terms", "data_terms", "funds_terms"):
        life.report("checklist_item_done", item=item)
    life.report("sanctions_list_changed", partner="P1").report("sanctions_list_changed", partner="P1")

    assert [(one.id, one.kind, one.about, one.holds) for one in life.now.open_incidents] == [
        ("sanctions-1", "sanctions", "P1", True)
    ]
    assert "partners.screened-clear" in unmet(life)
    life.refused("gate.held-by-incident", "gate_decided", of="partners", decision="go")
    life.report("partner_screened", partner="P1", result="clear")
    life.report("gate_decided", of="partners", decision="go")
    life.report("partner_screened", partner="P1", result="unsure")
    assert [one.id for one in life.now.open_incidents] == ["sanctions-2"]


def test_e3_35_a_payee_that_was_clear_turns_ineligible() -> None:
    life = Life()
    with pytest.raises(Refused, match=r"partners.payee-clear: .* Screening of pay-1: none"):
        clear_payee(life.now, "pay-1")
    life.report("payee_screened", payee="pay-1", result="clear")
    clear_payee(life.now, "pay-1")
    life.report("sanctions_list_changed", payee="pay-1", result="unsure")
    with pytest.raises(Refused, match="Screening of pay-1: unsure"):
        clear_payee(life.now, "pay-1")
    assert [one.about for one in life.now.open_incidents] == ["pay-1"]
    life.report("payee_screened", payee="pay-1", result="clear")
    assert life.now.open_incidents == ()
    life.report("payee_screened", payee="pay-1", result="hit")
    assert [one.rule for one in life.now.open_incidents] == ["partners.payee-clear"]


def test_somebody_new_with_a_hit_is_not_paid_and_opens_nothing() -> None:
    life = Life().report("payee_screened", payee="pay-2", result="hit")
    assert life.now.open_incidents == ()


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({}, "report.invalid"),
        ({"partner": "P1", "payee": "pay-1"}, "report.invalid"),
        ({"partner": "P1", "result": "clear"}, "report.invalid"),
        ({"partner": "P0"}, "report.unknown-id"),
        ({"payee": "pay-0"}, "report.unknown-id"),
    ],
)
def test_a_list_names_one_partner_or_one_payee_we_know(fields: dict[str, str], rule: str) -> None:
    Life().refused(rule, "sanctions_list_changed", **fields)


# --- officials and guests -----------------------------------------------------------------
def test_the_liaison_meeting_is_due_90_days_after_the_last_one_for_ever() -> None:
    life = Life(roles={"manager": "p-01", "track1_liaison": "p-06"})
    assert "meet_officials:2026-03-01" in life.owed()
    life.pass_days(50)
    life.report("liaison_meeting_held", office="mof")
    assert "meet_officials:2026-03-01" not in life.owed()

    said = [e for e in life.pass_days(280) if e.fields.get("ask") == "meet_officials"]

    assert [e.fields["recipient"] for e in said] == ["p-06"] * 3
    assert said[0].fields["obligation"] == "meet_officials:2026-04-20"
    life.report("liaison_meeting_held", at=life.at - timedelta(days=300))
    assert "meet_officials:2026-04-20" in life.owed()  # heard late: the last meeting stays the last


def test_the_liaison_goes_on_in_a_stall_and_ends_with_the_initiative() -> None:
    life = Life().report("stall_declared", reason=True)
    assert [e for e in life.pass_days(100) if e.fields.get("ask") == "meet_officials"]
    life.journal.now = life.now.but(closed_at=life.at)
    assert not [one for one in life.owed() if one.startswith("meet_officials")]


def test_a_hosting_visit_is_kept() -> None:
    life = Life().report("hosting_visit_held", host="inst-1", country="TR", note=TEXT)
    assert "hosting_visit:inst-1:2026-03-01" in life.now.marks


# --- the record ---------------------------------------------------------------------------
def test_the_record_tells_the_partners_as_they_were_heard() -> None:
    life = signed(begun(), "P1", "P2", expires_on="2027-01-31")
    life.report("partner_frozen", partner="P2", reason=True)
    life.pass_days(30)
    life.report("partner_unfrozen", partner="P2").report("partner_withdrew", partner="P1")
    life.report("partner_returned", partner="P7", formerly="P1")
    life.report("sanctions_list_changed", partner="P2")
    assert type(life.journal).fold(life.entries).now == life.now
