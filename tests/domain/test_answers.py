"""What can be answered: every answer is a milestone's, belongs to its own ask, and names its person by the link."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from roster import invited, standing, vetting

from domain.answers import (
    ALWAYS,
    ANSWERS,
    CHOICES,
    MARK,
    PATIENCE,
    NotAnAnswer,
    SomebodyElse,
    asked,
    can_be_recorded_for,
    masked,
    on_behalf,
    reply,
    verb_of,
)
from domain.outgoing import Notice
from domain.record import MILESTONES, Report

DUE = datetime(2026, 3, 15, 6, 0, tzinfo=UTC)
TEXT = "text:" + "a" * 32
EXAMPLES = {"scopes": "participate,store", "language": "ckb", "reason": TEXT, "feedback": TEXT, "i_am": "p-20"}
OBLIGATIONS = {"clear_wording": "clear_wording:R1:2:p-20", "give_feedback": "give_feedback:S1:p-20"}
EVERY = [(ask, name) for ask, verbs in ANSWERS.items() for name in (*verbs, *ALWAYS)]


def a_notice(ask: str = "answer_invitation", **changes: Any) -> Notice:
    content: dict[str, Any] = {
        "initiative": "ini-7f3a", "obligation": OBLIGATIONS.get(ask, f"{ask}:p-20:1"), "ask": ask, "act": "remind",
        "rung": 0, "recipient": "p-20", "due_at": DUE, "sensitivity": "restricted",
        "about": {"person": "p-20", "session": "S1", "recommendation": "R1", "manager": "p-01"},
    }  # fmt: skip
    return Notice(**{**content, **changes})


@pytest.mark.parametrize(("ask", "name"), EVERY)
def test_every_answer_is_a_well_formed_report_of_its_milestone(ask: str, name: str) -> None:
    verb = verb_of(ask, name)
    given = {field: EXAMPLES[field] for field in (*verb.needs, *verb.may, *(("i_am",) if verb.personal else ()))}
    said = reply(asked(a_notice(ask)), name, given, DUE)

    read = Report.read({"kind": said.kind, **said.fields, "reason": said.reason, "by": "participant:p-20"})
    milestone = read.milestone()
    assert milestone.kind == verb.kind
    assert getattr(milestone, "person") == "p-20"  # noqa: B009  every milestone that answers has one
    assert set(verb.about) <= set(said.fields)


@pytest.mark.parametrize("ask", ANSWERS)
def test_who_owes_an_answer_gets_its_verbs(ask: str) -> None:
    assert asked(a_notice(ask)).verbs == (*ANSWERS[ask], *ALWAYS)


def test_language_and_stop_belong_to_every_message() -> None:
    for notice in (a_notice("sign_mou"), a_notice("note_date", act="tell"), a_notice(act="escalate")):
        assert asked(notice).verbs == ("language", "stop")


def test_at_quiet_a_link_offers_nothing_that_would_say_what_is_asked() -> None:
    assert asked(a_notice(sensitivity="quiet")).verbs == ("language", "stop")


def test_an_answer_belongs_to_its_own_ask() -> None:
    with pytest.raises(NotAnAnswer, match="yes, no, another_date"):
        reply(asked(a_notice()), "attest", {"i_am": "p-20"}, DUE)


@pytest.mark.parametrize(
    ("name", "given"), [("yes", {"person": "p-21"}), ("yes", {"answer": "declined"}), ("stop", {"reason": "x"})]
)
def test_nobody_chooses_whom_or_what_an_answer_is_about(name: str, given: dict[str, str]) -> None:
    with pytest.raises(NotAnAnswer, match="has no field"):
        reply(asked(a_notice()), name, given, DUE)


def test_what_an_answer_needs_is_named_with_its_choices() -> None:
    with pytest.raises(NotAnAnswer, match=f"needs scopes=.*{CHOICES['scopes'][0]}"):
        reply(asked(a_notice("give_consent")), "consent", {}, DUE)
    with pytest.raises(NotAnAnswer, match="i_am="):
        reply(asked(a_notice("attest_personal_capacity")), "attest", {}, DUE)


def test_an_attestation_is_the_addressees_alone() -> None:
    with pytest.raises(SomebodyElse):
        reply(asked(a_notice("attest_personal_capacity")), "attest", {"i_am": "p-21"}, DUE)
    with pytest.raises(SomebodyElse):
        reply(asked(a_notice()), "yes", {"i_am": "p-21"}, DUE)


def test_a_wording_is_cleared_in_the_version_that_was_asked_about() -> None:
    assert reply(asked(a_notice("clear_wording")), "agree", {}, DUE).fields == {
        "person": "p-20", "recommendation": "R1", "version": 2,
    }  # fmt: skip


def test_an_attestation_repeated_later_is_the_same_report() -> None:
    bound = asked(a_notice("attest_personal_capacity"))

    assert reply(bound, "attest", {"i_am": "p-20"}, DUE).fields["on"] == "2026-03-15"


def test_a_link_is_good_until_some_time_after_what_it_asks_is_due() -> None:
    assert asked(a_notice()).expires_at == DUE + PATIENCE
    session = {"session": "S1", "starts": "2026-07-01T10:00", "zone": "Asia/Baghdad"}
    assert asked(a_notice("send_visa_data", about=session)).expires_at > DUE + timedelta(days=100) + PATIENCE
    assert asked(a_notice(about={"by": "no date"})).expires_at == DUE + PATIENCE


def test_a_later_invitation_is_of_the_same_subject_and_another_session_is_not() -> None:
    first, second = asked(a_notice()), asked(a_notice(obligation="answer_invitation:p-20:2"))
    assert first.subject == second.subject
    other = a_notice("give_feedback", about={"session": "S2"})
    assert asked(a_notice("give_feedback")).subject != asked(other).subject


def test_a_masked_id_says_little() -> None:
    assert masked("p-20") == "p…0"


# --- recorded for somebody ----------------------------------------------------------------------------------
def test_every_answer_to_an_ask_can_be_recorded_for_somebody() -> None:
    for verbs in ANSWERS.values():
        assert all(can_be_recorded_for(verb.kind) for verb in verbs.values())


def test_an_answer_recorded_for_somebody_is_marked_in_the_record() -> None:
    life = invited(vetting(), "p-20")
    report = on_behalf({"kind": "invitation_answered", "answer": "accepted", "on_behalf_of": "p-20"})
    life.report(**report)

    assert standing(life, "p-20") == "accepted"
    entry = next(one for one in life.entries if one.kind == "invitation_answered")
    assert (entry.by, entry.fields[MARK], entry.fields["person"]) == ("manager:p-01", True, "p-20")


def test_an_entry_of_somebodys_own_looks_as_it_did_before_there_was_a_mark() -> None:
    """What runs works its chain out anew after an upgrade: a field nobody gave may not appear in it."""
    for kind in ("wording_cleared", "wording_objected", "feedback_given", "visa_data_given", "neutrality_declared"):
        about = {"person": "p-20", "session": "S1", "recommendation": "R1"}
        given = {name: about[name] for name in about if name in MILESTONES[kind].model_fields}
        assert MILESTONES[kind].model_validate(given).fields() == given


@pytest.mark.parametrize(
    ("report", "why"),
    [
        ({"kind": "partner_signed", "partner": "P1"}, "no answer"),
        ({"kind": "terms_accepted", "person": "p-21"}, "two people"),
        ({"kind": "terms_accepted", "by": "participant:p-20"}, "for themselves"),
    ],
)
def test_only_an_answer_is_recorded_for_somebody_else(report: dict[str, str], why: str) -> None:
    with pytest.raises(NotAnAnswer, match=why):
        on_behalf({**report, "on_behalf_of": "p-20"})
