"""INIT-20, the reference job: one initiative with 20 nominees, 123 reports, one after another."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

NOMINEES = [f"p-{number}" for number in range(20, 40)]
MANAGER = "manager:p-01"
WORDS = "What the parties fear, and why talking could help."


def charter(id: str) -> dict[str, Any]:
    """Return a charter as a person would write it."""
    return {
        "id": id,
        "track": "1.5",
        "issue": "water",
        "purposes": ["analyse", "help_resolve"],
        "parties": [{"id": "IQ", "country": "IQ"}, {"id": "TR", "country": "TR"}],
        "partners": [
            {"id": "P1", "institution": "inst-1", "country": "IQ", "focal": "p-41"},
            {"id": "P2", "institution": "inst-2", "country": "TR", "focal": "p-42"},
        ],
        "roles": {"manager": "p-01", "director": "p-03", "facilitator": "p-04", "vetting_lead": "p-05"},
        "vetters": ["p-11", "p-12"],
        "seats": 30,
    }


def reports() -> list[dict[str, Any]]:
    """Return the 123 reports: 6 + 6 + 80 + 6 + 25; every one is accepted."""
    every = [*_concept(), *_partners(), *_vetting(), *_session(), *_recommendations()]
    return [{"by": MANAGER, **report, "key": f"k-{number}"} for number, report in enumerate(every)]


def _concept() -> Iterator[dict[str, Any]]:
    yield {"kind": "theory_of_change_written", "text": WORDS}
    yield {"kind": "acceptability_recorded", "party": "IQ", "answer": "accepts"}
    yield {"kind": "acceptability_recorded", "party": "TR", "answer": "accepts"}
    yield {"kind": "checklist_item_done", "item": "do_no_harm_screen"}
    yield {"kind": "duplication_checked"}
    yield {"kind": "stage_begun_early", "of": "partners", "reason": WORDS}


def _partners() -> Iterator[dict[str, Any]]:
    yield {"kind": "partner_approached", "partner": "P1"}
    yield {"kind": "partner_screened", "partner": "P1", "result": "clear"}
    yield {"kind": "partner_signed", "partner": "P1"}
    yield {"kind": "partner_approached", "partner": "P2"}
    yield {"kind": "due_diligence_done", "partner": "P2"}
    yield {"kind": "stage_begun_early", "of": "vetting", "reason": WORDS}


def _vetting() -> Iterator[dict[str, Any]]:
    for number, person in enumerate(NOMINEES):
        country = "TR" if number % 2 else "IQ"
        standing = {"country": country, "party": country, "capacity": "non_official", "organisation": "inst-9"}
        yield {"kind": "participant_nominated", "person": person, **standing, "gender": "woman"}
        yield {"kind": "vetter_assigned", "person": person, "vetter": "p-11"}
        yield {"kind": "review_given", "person": person, "vetter": "p-11", "verdict": "approve", "by": "vetter:p-11"}
        yield {"kind": "safety_consulted", "person": person}


def _session() -> Iterator[dict[str, Any]]:
    starts = (datetime.now(UTC) + timedelta(days=90)).strftime("%Y-%m-%dT09:00")
    yield {"kind": "stage_begun_early", "of": "sessions", "reason": WORDS}
    yield {"kind": "session_scheduled", "session": "S1", "starts": starts, "days": 2}
    yield {"kind": "venue_attested", "session": "S1"}
    yield {"kind": "neutrality_declared", "session": "S1", "person": "p-04"}
    yield {"kind": "papers_sent", "session": "S1"}
    yield {"kind": "security_briefed", "session": "S1"}


def _recommendations() -> Iterator[dict[str, Any]]:
    yield {"kind": "stage_begun_early", "of": "recommendations", "reason": WORDS}
    for number in range(8):
        same = {"recommendation": f"R{number}"}
        yield {"kind": "recommendation_drafted", "output": "policy_option", "authors": NOMINEES[:2], **same}
        yield {"kind": "recommendation_scored", "creative": 4, "realistic": 3, **same}
        yield {"kind": "origin_marked", "origin": "middle_ground", **same}
