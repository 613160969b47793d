"""One compact life through all six stages, as reports: what several tests and the golden histories play."""

from typing import Any

from tests.workflows.watching import MANAGER, REASON

LEAD = "vetting_lead:p-05"
TEXT = "text:" + "a" * 32
WAIVED = [
    "conflict_analysis", "stakeholder_map", "prior_efforts", "do_no_harm_screen", "duplication_check",
    "exit_criteria", "budget_envelope", "design_argument", "visibility_terms", "data_terms", "funds_terms",
    "nomination_sources", "safety_consultation", "diversity_matrix", "quality_rubric", "debriefing", "evaluation",
    "retention_run", "lessons",
]  # fmt: skip
# A charter under which few reports suffice.
SMALL: dict[str, Any] = {
    "waived": WAIVED,
    "quotas": {"women": 0.0, "per_party": 0, "first_time": 0.0},
    "quorum": {"share": 0.0, "per_party": 0},
}
Report = dict[str, Any]


def said(kind: str, by: str = MANAGER, **fields: Any) -> Report:
    return {"kind": kind, "by": by, **fields}


def go(of: str) -> Report:
    return said("gate_decided", of=of, decision="go")


def concept() -> list[Report]:
    asked = [said("acceptability_recorded", party=party, of="convenor", answer="accepts") for party in ("IQ", "TR")]
    return [said("theory_of_change_written", text=TEXT), *asked, go("concept")]


def partners() -> list[Report]:
    return [
        said("partner_approached", partner="P1"),
        said("partner_screened", partner="P1", result="clear"),
        said("partner_signed", partner="P1"),
        go("partners"),
    ]


def seated(person: str, party: str, **nominated: Any) -> list[Report]:
    """Return the road of one person from a name on a list to a seat at the table."""
    given = {"country": party, "party": party, "organisation": "inst-20", "capacity": "non_official", **nominated}
    reviews = [
        report
        for vetter in ("p-11", "p-12")
        for report in (
            said("vetter_assigned", person=person, vetter=vetter),
            said(
                "review_given", by=f"vetter:{vetter}", person=person, vetter=vetter, verdict="approve",
                criteria=["standing"],
            ),
        )
    ]  # fmt: skip
    return [
        said("participant_nominated", person=person, **given),
        *reviews,
        said("vetting_decided", by=LEAD, person=person, decision="cleared"),
        said("invitation_sent", person=person),
        said("invitation_answered", person=person, answer="accepted"),
        said("consent_given", person=person, scopes=["participate", "store"]),
        said("terms_accepted", person=person),
    ]


def vetting(today: str) -> list[Report]:
    official = {"capacity": "serving_official", "capacity_since": "2024-01-01", "capacity_evidence": today}
    attested = said("personal_capacity_attested", person="p-20", on=today)
    return [*seated("p-20", "IQ", **official), attested, *seated("p-21", "TR"), go("vetting")]


def sessions(starts: str) -> list[Report]:
    return [
        said("session_scheduled", session="S1", starts=starts),
        said("neutrality_declared", session="S1", person="p-04"),
        said("venue_attested", session="S1"),
    ]


def held() -> list[Report]:
    return [
        said("session_opened", session="S1", present=["p-20", "p-21"]),
        said("session_closed", session="S1"),
        said("session_report_filed", session="S1"),
        go("sessions"),
    ]


def recommendations(id: str = "R1", *authors: str) -> list[Report]:
    authors = authors or ("p-20", "p-21")
    draft = said(
        "recommendation_drafted", recommendation=id, output="policy_option", authors=list(authors), owner=authors[0],
        step=TEXT, horizon="2030-01-01",
    )  # fmt: skip
    scored = said("recommendation_scored", recommendation=id, creative=4, realistic=4)
    return [draft, scored, *(said("wording_cleared", recommendation=id, person=one) for one in authors)]


def follow_up() -> list[Report]:
    return [said("network_handed_over", custodian="inst-1"), said("initiative_closed", outcome="completed")]


def rests() -> list[Report]:
    return [said("stall_declared", reason=REASON)]
