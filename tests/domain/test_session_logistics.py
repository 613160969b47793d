"""Getting people there: visas, tickets, papers, the brief, and money only to those screened clear."""

from datetime import UTC, date, datetime

from life import Life
from seated import EVERYBODY, asks, change, days, held, opened, ready, said, scheduled, seat

from domain.charter import Quorum
from domain.composition import for_session
from domain.engine_facts import Finding
from domain.stages.session_logistics import alternates, valid_on

PRESENT = list(EVERYBODY)


def test_whoever_comes_from_another_country_is_asked_for_visa_data() -> None:
    life = scheduled()
    visas = {one for one in asks(life) if one.startswith("send_visa_data")}

    assert visas == {"send_visa_data:S1:p-22", "send_visa_data:S1:p-23"}
    life.report("visa_data_given", session="S1", person="p-22")
    assert "send_visa_data:S1:p-22" not in asks(life)
    assert days(life.pass_days(60), "send_visa_data")[0] == "2026-04-02"


def test_online_nobody_needs_a_visa_or_a_ticket() -> None:
    life = scheduled(online=True)

    assert not [one for one in asks(life) if one.startswith(("send_visa_data", "book_tickets", "attest_venue"))]
    life.refused("sessions.in-person", "visa_data_given", session="S1", person="p-22")
    life.refused("sessions.in-person", "tickets_booked", session="S1", people=["p-22"])


def test_a_province_of_ones_own_country_needs_no_visa() -> None:
    assert "send_visa_data:S1:p-20" not in asks(scheduled(country="IQ-AR"))


def test_visas_and_tickets_are_for_those_seated() -> None:
    life = scheduled()
    change(life, "p-22", standing="invited")
    life.refused("sessions.travels-when-seated", "visa_granted", session="S1", person="p-22")
    life.refused("sessions.travels-when-seated", "tickets_booked", session="S1", people=["p-22"])
    life.refused("report.unknown-id", "visa_granted", session="S1", person="p-77")


def test_preparations_are_done_when_they_are_reported() -> None:
    life = scheduled()
    assert {"book_tickets:S1", "send_papers:S1", "brief_security:S1"} <= asks(life)
    life.report("tickets_booked", session="S1", people=["p-22"])
    assert "book_tickets:S1" in asks(life)  # p-23 has none yet
    life.report("tickets_booked", session="S1", people=["p-23"])
    life.report("papers_sent", session="S1").report("security_briefed", session="S1")

    assert not {"book_tickets:S1", "send_papers:S1", "brief_security:S1"} & asks(life)


def test_e3_8_a_refused_visa_changes_the_quorum_of_a_party_and_offers_the_reserve_list() -> None:
    life = scheduled()
    seat(life, "p-30", "TR", standing="reserve", vetted_at=datetime(2026, 1, 5, tzinfo=UTC))
    seat(life, "p-31", "TR", standing="reserve", vetted_at=datetime(2025, 5, 20, tzinfo=UTC))  # 12 months are over
    seat(life, "p-32", "IQ", standing="reserve")
    life.report("visa_refused", session="S1", person="p-22")

    assert alternates(life.now, "S1", "p-22") == ("p-30",)
    offer = next(o for o in life.journal.agenda({}).obligations if o.ask == "replace_participant")
    assert (offer.owes, dict(offer.about)["alternates"]) == ("p-01", "p-30")
    assert said(life.pass_days(2), "replace_participant")[0] == ("rung_reached", 0, "p-01")

    quorum = [f for f in for_session(life.now, "S1") if f.rule == "sessions.quorum"]
    assert all(f.met for f in quorum)
    life.report("visa_refused", session="S1", person="p-23")
    assert [f.why for f in for_session(life.now, "S1") if f.rule == "sessions.quorum" and not f.met] == [
        "2 of 4, at least 60%.",
        "Party TR: 0 of at least 1.",
    ]


def test_e3_8_an_alternate_has_a_vetting_that_is_still_good_on_the_day() -> None:
    life = scheduled()
    seat(life, "p-30", "TR", standing="reserve")
    seat(life, "p-31", "TR", standing="reserve", vetted_at=datetime(2025, 5, 31, tzinfo=UTC))
    seat(life, "p-32", "IQ", standing="reserve")
    who = {"session": "S1", "person": "p-22"}
    life.refused("sessions.visa-was-refused", "replacement_decided", **who, alternate="p-30")
    life.report("visa_refused", **who)
    for wrong in ("p-31", "p-32", "p-23"):
        life.refused("sessions.alternate-vetted", "replacement_decided", **who, alternate=wrong)
    life.report("replacement_decided", **who, alternate="p-30")

    assert "replace_participant:S1:p-22" not in asks(life)
    assert not valid_on(life.now, life.now.participants["p-31"], date(2026, 6, 1))
    assert valid_on(life.now, life.now.participants["p-31"], date(2026, 5, 31))


def test_e3_8_an_alternate_sits_in_that_session_and_counts_for_its_quorum() -> None:
    life = ready(scheduled())
    seat(life, "p-30", "TR", standing="reserve")
    life.report("visa_refused", session="S1", person="p-22").report("visa_refused", session="S1", person="p-23")
    life.refused("sessions.seated-only", "session_opened", session="S1", present=["p-20", "p-21", "p-30"])
    life.report("replacement_decided", session="S1", person="p-22", alternate="p-30")
    life.report("visa_data_given", session="S1", person="p-30")

    assert "final_note:S1:p-30" in asks(life)
    assert all(f.met for f in for_session(life.now, "S1") if f.rule == "sessions.quorum")
    life.report("session_opened", session="S1", present=["p-20", "p-21", "p-30"])
    assert life.now.participants["p-30"].standing == "reserve"  # for this session only


def test_a_seat_may_stay_empty_and_a_visa_may_be_granted_after_all() -> None:
    life = scheduled().report("visa_refused", session="S1", person="p-22")
    life.report("replacement_decided", session="S1", person="p-22")
    assert "replace_participant:S1:p-22" not in asks(life)

    other = scheduled().report("visa_refused", session="S1", person="p-22")
    other.report("visa_granted", session="S1", person="p-22")
    assert "replace_participant:S1:p-22" not in asks(other)


def test_the_quorum_of_the_charter_may_ask_for_nobody_in_particular() -> None:
    life = ready(scheduled())
    charter = life.now.charter.but(quorum=Quorum(share=0.25, per_party=0))
    life.journal.now = life.now.but(charter=charter)
    life.report("session_opened", session="S1", present=["p-20"])
    assert all(isinstance(f, Finding) and f.met for f in for_session(life.now, "S1"))


def test_money_goes_only_to_payees_screened_clear_and_cash_is_no_way_round() -> None:
    life = held()
    paid = {"session": "S1", "person": "p-22", "payee": "p-22"}
    life.refused("partners.payee-clear", "reimbursement_paid", **paid)
    for result in ("hit", "unsure"):
        life.journal.now = life.now.put("payees", "p-22", result)
        life.refused("partners.payee-clear", "reimbursement_paid", **paid, cash=True)
    for payee in ("p-22", "p-23"):
        life.journal.now = life.now.put("payees", payee, "clear")
        life.report("reimbursement_paid", session="S1", person=payee, payee=payee)

    assert "reimburse:S1" not in asks(life)


def test_reimbursements_are_asked_of_logistics_until_nobody_claims_any_more() -> None:
    life = held()
    assert said(life.pass_days(40), "reimburse") == [("rung_reached", 0, "p-01"), ("rung_reached", 1, "p-01")]
    life.report("reimbursements_settled", session="S1")
    assert "reimburse:S1" not in asks(life)


def test_moving_the_place_asks_for_visas_and_the_venue_again() -> None:
    life = ready().report("visa_granted", session="S1", person="p-22")
    life.report("session_unscheduled", session="S1")
    life.report("session_scheduled", session="S1", starts="2026-09-01T10:00", country="TR")

    s = life.now.sessions["S1"]
    assert (s.visas, s.venue_attested_at) == ({}, None)
    assert {"send_visa_data:S1:p-20", "attest_venue:S1"} <= asks(life)


def test_an_open_session_asks_for_no_preparations_any_more() -> None:
    assert asks(opened()) == set()
    assert isinstance(opened(), Life)
