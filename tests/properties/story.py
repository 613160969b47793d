"""A story that goes through all six stages, beat by beat: the road on which chance then strews its stones."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from life import CHARTER

from domain.charter import Charter, with_defaults
from domain.checklists import CHECKLISTS
from domain.vocabulary import Stage
from tests.properties.chance import TEXT

EVERYBODY = ("p-20", "p-21", "p-22", "p-23", "p-24")
WOMEN, TURKISH, OFFICIALS = ("p-21", "p-22"), ("p-22", "p-23"), ("p-20", "p-23")


class Beat(NamedTuple):
    """Some hours pass, then this is reported."""

    hours: float
    report: dict[str, Any]


class InDays(NamedTuple):
    """A date or a moment, seen from when it is told."""

    days: int
    hour: int | None = None


def charter(track: str = "1.5", urgent: bool = False, alone: bool = False) -> Charter:
    """Return the charter; `alone`, one person answers for the whole and nobody stands behind them."""
    roles = {"roles": {"manager": "p-01", "facilitator": "p-04"}} if alone else {}
    return Charter.model_validate(
        with_defaults({**CHARTER, **roles, "track": track, "urgent": urgent, "donors": ["donor-1"]})
    )


def story(track: str = "1.5") -> Iterator[Beat]:
    """Tell of one dialogue, from its theory of change to its end."""
    yield from _concept()
    yield from _partners()
    yield from _vetting(track)
    yield from _sessions()
    yield from _recommendations()
    yield from _follow_up()


def told(beat: Beat, at: Any) -> dict[str, Any]:
    """Return the report of a beat as it is told at this moment."""
    return {name: _told(value, at) for name, value in beat.report.items()}


def _told(value: Any, at: Any) -> Any:
    if not isinstance(value, InDays):
        return value
    then = at + timedelta(days=value.days)
    if value.hour is None:
        return then.date().isoformat()
    return then.replace(hour=value.hour, minute=0, tzinfo=None).isoformat(timespec="minutes")


def beat(kind: str, hours: float = 3, by: str = "manager:p-01", **fields: Any) -> Beat:
    return Beat(hours, {"kind": kind, "by": by, **fields})


def _gate(stage: Stage) -> Iterator[Beat]:
    for item in CHECKLISTS[stage]:
        yield beat("checklist_item_done", item=item.rstrip("*"))
    yield beat("gate_decided", 24, of=stage.value, decision="go")


def _concept() -> Iterator[Beat]:
    yield beat("theory_of_change_written", 24, text=TEXT)
    for party in ("IQ", "TR"):
        yield beat("acceptability_recorded", party=party, answer="accepts")
        yield beat("acceptability_recorded", party=party, answer="accepts", of="donor-1")
    yield beat("indicator_defined", indicator="N1", threshold=5.0)
    yield from _gate(Stage.CONCEPT)


def _partners() -> Iterator[Beat]:
    for partner in ("P1", "P2"):
        yield beat("partner_approached", 48, partner=partner)
        yield beat("partner_screened", partner=partner, result="clear")
        yield beat("due_diligence_done", partner=partner)
        yield beat("mou_sent", partner=partner)
        yield beat("partner_signed", 200, partner=partner, expires_on=InDays(700))
        yield beat("partner_conflict_declared", partner=partner, conflicts="none")
    yield from _gate(Stage.PARTNERS)


def _vetting(track: str) -> Iterator[Beat]:
    for person in EVERYBODY:
        country = "TR" if person in TURKISH else "IQ"
        official = track == "1.5" and person in OFFICIALS
        standing = {"capacity": "serving_official", "capacity_since": InDays(-900), "capacity_evidence": InDays(-20)}
        yield beat(
            "participant_nominated",
            person=person,
            country=country,
            party=country,
            organisation="inst-30",
            gender="woman" if person in WOMEN else "man",
            first_time=person != "p-20",
            outside_capital=person in WOMEN,
            partner="P2" if country == "TR" else "P1",
            **(standing if official else {"capacity": "non_official"}),
        )
        yield beat("safety_consulted", person=person)
        for vetter in ("p-11", "p-12"):
            yield beat("vetter_assigned", person=person, vetter=vetter)
        for vetter in ("p-11", "p-12"):
            review = {"person": person, "vetter": vetter, "verdict": "approve", "criteria": ["standing"]}
            yield beat("review_given", 20, by=f"vetter:{vetter}", **review)
        yield beat("vetting_decided", person=person, decision="cleared", by="vetting_lead:p-05")
        yield beat("invitation_sent", person=person)
    for person in EVERYBODY:
        yield beat("invitation_answered", 30, person=person, answer="accepted")
        scopes = ["participate", "store", "contact_in_stall"]
        yield beat("consent_given", person=person, scopes=scopes)
        yield beat("terms_accepted", person=person)
        yield beat("emergency_contact_recorded", person=person)
        if track == "1.5" and person in OFFICIALS:
            yield beat("personal_capacity_attested", person=person, on=InDays(0))
    yield from _gate(Stage.VETTING)


def _sessions() -> Iterator[Beat]:
    for session in ("S1", "S2"):
        starts, segments = InDays(75, hour=9), {"s1": "no_disclosure_of_attendance"}
        yield beat("session_scheduled", session=session, starts=starts, days=2, segments=segments)
        for person in ("p-22", "p-23"):
            yield beat("visa_data_given", session=session, person=person)
            yield beat("visa_granted", session=session, person=person)
        yield beat("tickets_booked", 24 * 40, session=session, people=list(EVERYBODY))
        yield beat("venue_attested", 24 * 10, session=session)
        yield beat("papers_sent", 24 * 4, session=session)
        yield beat("neutrality_declared", session=session, person="p-04")
        yield beat("security_briefed", 24 * 15, session=session)
        yield beat("session_opened", 24 * 6, session=session, present=list(EVERYBODY))
        yield beat("note_taken", 8, session=session, segment="s1", note=TEXT)
        yield beat("session_closed", 24, session=session)
        for person in EVERYBODY:
            yield beat("feedback_given", session=session, person=person)
        yield beat("session_report_filed", 24 * 10, session=session)
    yield from _gate(Stage.SESSIONS)


def _recommendations() -> Iterator[Beat]:
    for recommendation, authors in (("R1", ["p-20", "p-22"]), ("R2", ["p-21", "p-23"])):
        same = {"recommendation": recommendation}
        action = {"owner": "p-21", "step": TEXT, "horizon": InDays(500)}
        yield beat("recommendation_drafted", 48, output="policy_option", authors=authors, text=TEXT, **same, **action)
        yield beat("recommendation_scored", creative=4, realistic=3, **same)
        for person in authors:
            yield beat("wording_cleared", 30, person=person, **same)
        yield beat("consensus_recorded", parties=["IQ", "TR"], **same)
        yield beat("release_class_set", release_class="parties", **same)
    yield from _gate(Stage.RECOMMENDATIONS)


def _follow_up() -> Iterator[Beat]:
    for recommendation in ("R1", "R2"):
        yield beat("transfer_submitted", 48, recommendation=recommendation, office="office-9")
        yield beat("transfer_acknowledged", 24 * 9, recommendation=recommendation)
    yield beat("transfer_under_consideration", 24 * 50, recommendation="R1")
    yield beat("transfer_outcome_recorded", 24 * 90, recommendation="R1", outcome="adopted")
    yield beat("transfer_outcome_recorded", recommendation="R2", outcome="no_response")
    yield beat("implementation_checked", 24 * 200, recommendation="R1", implemented="partly")
    yield beat("network_handed_over", custodian="inst-5")
    yield from _gate(Stage.FOLLOW_UP)
    yield beat("initiative_closed", 48, reason=TEXT)
