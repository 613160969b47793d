"""Stalls: the dialogue rests, is kept warm, and goes on without a flood."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from life import Life
from written import TEXT, cleared, drafted, rungs, seat, states, submitted, writing

from domain.agenda import Agenda
from domain.nouns import Partner
from domain.working_days import Calendar, add_months

SINCE = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)  # a Thursday, four days after the opening


def busy() -> Life:
    """Return a life in which much is owed: clearances, a chase, a check, reactions, scores."""
    life = submitted()
    for number in range(2, 6):
        drafted(f"R{number}", life)
    cleared("R6", life).report("transfer_submitted", recommendation="R6", office="office-2")
    life.report("transfer_outcome_recorded", recommendation="R6", outcome="adopted")
    life.report("balloon_floated", balloon="B1").report("balloon_floated", balloon="B2")
    return life.report("role_handed_over", role="director", to="p-09")


def rested(life: Life, months: int = 14) -> Life:
    """Return the life after a stall of so many months, at the moment of its resuming."""
    life.pass_days((SINCE - life.at).days)
    life.report("stall_declared", reason=True)
    until = add_months(life.at.date(), months)
    life.pass_days((until - life.at.date()).days)
    return life.report("stall_resumed")


def test_a_stall_needs_a_reason_and_is_declared_once_e3_23() -> None:
    life = Life().refused("report.reason-required", "stall_declared")
    life.report("stall_declared", reason=True)
    life.refused("stall.already", "stall_declared", reason=True)

    assert life.now.stalled
    assert len(life.now.stalls) == 1


def test_a_resume_without_a_stall_is_refused_however_it_came_about_e3_23() -> None:
    life = Life().refused("stall.none", "stall_resumed").refused("stall.none", "stall_reviewed")
    life.refused("stall.none", "keepwarm_contact_made", partner="P1")
    life.pass_days(10)
    life.report("stall_declared", reason=True)
    life.refused("stall.none", "stall_resumed", at=life.at - timedelta(days=3))
    life.report("stall_resumed").refused("stall.none", "stall_resumed")


def test_the_same_signal_twice_is_a_duplicate_not_a_second_stall_e3_23() -> None:
    life = Life().report("stall_declared", reason=True, key="stall-1")

    assert life.hear("stall_declared", reason=True, key="stall-1").status == "duplicate"


def test_stalls_do_not_overlap() -> None:
    life = Life()
    life.pass_days(5)
    life.report("stall_declared", reason=True).pass_days(5)
    life.report("stall_resumed").pass_days(5)
    life.refused("stall.overlaps", "stall_declared", reason=True, at=life.at - timedelta(days=7))


def test_every_report_is_heard_while_stalled_a48() -> None:
    life = drafted().report("stall_declared", reason=True)
    life.report("contact_logged", partner="P1").report("note_added", note=TEXT)
    for person in ("p-21", "p-22"):
        life.report("wording_cleared", recommendation="R1", person=person)
    life.report("stage_begun_early", of="follow_up", reason=True)
    life.report("transfer_submitted", recommendation="R1", office="office-9")

    assert states(life)[-1] == "submitted"
    assert life.now.stalled


def test_in_a_stall_only_ladders_that_run_or_live_in_it_speak_f2_3() -> None:
    life = busy()
    life.pass_days(3)
    life.report("stall_declared", reason=True)
    policy = {one.id: life.now.charter.ladder(one.ladder).in_stall for one in life.journal.agenda({}).obligations}

    spoken = {obligation for obligation, _, _ in rungs(life.pass_days(85))}

    assert {policy[one].value for one in spoken} <= {"run", "only"}
    assert "keep_warm:1:0" in spoken


def test_contact_goes_on_every_30_days_and_a_contact_made_counts_a47() -> None:
    life = Life().report("stall_declared", reason=True)
    assert [rung[1] for rung in rungs(life.pass_days(95), "keep_warm")] == [0, 1, 2]
    life.refused("stall.contact-with", "keepwarm_contact_made")
    life.refused("report.unknown-id", "keepwarm_contact_made", person="p-99")
    life.report("keepwarm_contact_made", partner="P1")

    assert not rungs(life.pass_days(29), "keep_warm")
    assert rungs(life.pass_days(5), "keep_warm") == [("keep_warm:1:1", 0, "p-01")]


def test_who_consented_to_it_gets_a_note_of_their_own() -> None:
    life = writing()
    seat(life, "p-25", "TR", contact_in_stall=True)
    life.report("stall_declared", reason=True)

    said = rungs(life.pass_days(65), "keep_warm_note")
    assert said == [("keep_warm_note:p-25:1:0", 0, "p-25"), ("keep_warm_note:p-25:1:0", 1, "p-25")]
    life.journal.now = life.now.change("participants", "p-25", do_not_contact=True)
    assert "keep_warm_note:p-25:1:0" not in life.owed()


def test_a_stall_is_reviewed_every_90_days_and_the_director_hears_at_180() -> None:
    life = Life().report("stall_declared", reason=True)
    said = rungs(life.pass_days(185), "review_stall")
    assert said == [("review_stall:1:0", 0, "p-01"), ("review_stall:1:0", 1, "p-03")]
    life.report("stall_reviewed")
    assert rungs(life.pass_days(95), "review_stall") == [("review_stall:1:1", 0, "p-01")]


def test_a_charter_may_have_a_stall_reviewed_sooner() -> None:
    life = Life(patience={"stall_review_days": 30}).report("stall_declared", reason=True)
    assert not rungs(life.pass_days(28), "review_stall")
    assert rungs(life.pass_days(5), "review_stall") == [("review_stall:1:0", 0, "p-01")]
    assert rungs(life.pass_days(92), "review_stall") == [("review_stall:1:0", 1, "p-03")]


def test_a_review_day_that_was_named_counts_instead() -> None:
    life = Life().report("stall_declared", reason=True, review_on="2026-04-01")
    assert not rungs(life.pass_days(30), "review_stall")
    assert rungs(life.pass_days(3), "review_stall") == [("review_stall:1:0", 0, "p-01")]
    life.report("stall_reviewed", review_on="2026-08-03")
    assert not rungs(life.pass_days(120), "review_stall")


def test_donors_are_told_at_60_days_where_there_are_any() -> None:
    life = Life(donors=["inst-77"], roles={"manager": "p-01", "donor_liaison": "p-34"})
    life.report("stall_declared", reason=True)
    assert rungs(life.pass_days(70), "donor_note") == [("donor_note:1", 0, "p-34")]
    assert not rungs(Life().report("stall_declared", reason=True).pass_days(70), "donor_note")


def test_when_the_manager_leaves_in_a_stall_the_review_falls_to_deputy_then_director_e3_25() -> None:
    life = Life().report("stall_declared", reason=True).report("role_left", role="manager")
    assert rungs(life.pass_days(92), "review_stall") == [("review_stall:1:0", 0, "p-02")]
    life.report("stall_reviewed").report("role_left", role="deputy")
    assert rungs(life.pass_days(92), "review_stall") == [("review_stall:1:1", 0, "p-03")]
    life.refused("roles.somebody-stays", "role_left", role="director")


def test_fourteen_months_resumed_send_no_stale_reminder_where_catching_up_sends_many_e3_22() -> None:
    life = busy()
    rested(life)
    since, until = life.now.stalls[-1].since, life.now.stalls[-1].until
    assert since is not None and until is not None

    unfrozen = Agenda(life.now.but(stalls=()), life.calendars)
    naive = [due for due in unfrozen.ahead(until) if since < due.due_at <= until]
    life.journal.tick(life.calendars, life.at)
    first_hour = rungs(life.pass_days(1 / 24))
    stale = [one for one in first_hour if not one[0].startswith("renew_")]

    print(f"\n14 months: catching up sends {len(naive)} stale reminders, Jisr sends {len(stale)}")
    assert len(naive) >= 20
    assert stale == []


def test_a_frozen_ladder_keeps_the_working_time_it_had_left_e3_22() -> None:
    calendars = {"IQ": Calendar(country="IQ", weekend=(4, 5)), "TR": Calendar(country="TR")}
    plain, rests = drafted(life=writing(calendars=calendars)), drafted(life=writing(calendars=calendars))
    for life in (plain, rests):
        life.pass_days(3)  # Sunday 1 March to Wednesday 4 March: three of five working days are gone
    rests.report("stall_declared", reason=True).pass_days(420)
    rests.report("stall_resumed")
    resumed_on = rests.at.date()
    assert resumed_on.strftime("%A") == "Wednesday"

    usual = next(due for due in plain.journal.agenda(calendars).ahead(plain.at + timedelta(days=30)))
    later = next(
        due
        for due in rests.journal.agenda(calendars).ahead(rests.at + timedelta(days=30))
        if due.obligation.ask == usual.obligation.ask and due.recipient == usual.recipient
    )

    assert (later.due_at.date() - resumed_on).days == (usual.due_at.date() - plain.at.date()).days


def test_after_a_resume_with_the_worker_down_for_weeks_each_obligation_speaks_once_e3_22() -> None:
    life = rested(busy())
    life.at += timedelta(days=60)
    first = len(life.entries)
    life.journal.tick(life.calendars, life.at)

    spoken = Counter(e.fields["obligation"] for e in life.entries[first:] if e.kind == "rung_reached")
    assert spoken
    assert max(spoken.values()) == 1
    assert any(e.fields.get("collapsed") for e in life.entries[first:]), "passed over, and counted"


def test_an_agreement_that_ran_out_meanwhile_is_to_be_renewed_on_return_e3_22() -> None:
    life = writing()
    signed = Partner(id="P1", institution="inst-1", country="IQ", focal="p-41", signed_at=life.at)
    for id, until in (("P1", "2026-09-01"), ("P2", "2030-01-01")):
        day = date.fromisoformat(until)
        life.journal.now = life.now.put("partners", id, signed.but(id=id, expires_on=day))
    rested(life)

    assert {i for i in life.owed() if i.startswith("renew_expired_mou")} == {"renew_expired_mou:P1:1"}
    life.journal.now = life.now.change("partners", "P1", expires_on=date(2029, 1, 1))
    assert not [i for i in life.owed() if i.startswith("renew_expired_mou")]


def test_a_stall_of_the_state_is_not_a_stall_of_the_rules() -> None:
    life = drafted().report("stall_declared", reason=True)
    life.refused("recommendations.facilitator-no-vote", "recommendation_dropped", recommendation="R1",
                 reason=True, by="facilitator:p-04")  # fmt: skip
