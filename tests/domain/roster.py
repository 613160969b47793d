"""Tell a life in which people are proposed, looked at and seated. Shared by the tests about people."""

from typing import Any

from life import Life

SAFE = {"waived": ["safety_consultation", "nomination_sources", "diversity_matrix"]}
LEAD = "vetting_lead:p-05"
GOOD = ("approve", "approve")


def vetting(**changes: Any) -> Life:
    """Open an initiative whose vetting stage has begun; the checklist of the stage is waived."""
    quotas = {"women": 0.0, "per_party": 0, "first_time": 0.0, **changes.pop("quotas", {})}
    life = Life(**{**SAFE, "quotas": quotas, **changes})
    return life.report("stage_begun_early", of="vetting", reason=True)


def nominate(life: Life, person: str, **given: Any) -> Life:
    said = {"country": "IQ", "party": "IQ", "capacity": "non_official", "organisation": "inst-20", **given}
    return life.report("participant_nominated", person=person, **said)


def reviewed(life: Life, person: str, verdicts: tuple[str, ...] = GOOD, first: int = 11) -> Life:
    for number, verdict in enumerate(verdicts, first):
        vetter = f"p-{number}"
        life.report("vetter_assigned", person=person, vetter=vetter)
        life.report(
            "review_given",
            person=person,
            vetter=vetter,
            verdict=verdict,
            by=f"vetter:{vetter}",
            criteria=["standing"],
        )
    return life


def decided(life: Life, person: str, decision: str = "cleared", **given: Any) -> Life:
    reviewed(nominate(life, person, **given), person)
    return life.report("vetting_decided", person=person, decision=decision, by=LEAD)


def invited(life: Life, person: str, **given: Any) -> Life:
    return decided(life, person, **given).report("invitation_sent", person=person)


def seated(life: Life, person: str, **given: Any) -> Life:
    """Seat somebody with everything they owe on joining."""
    invited(life, person, **given).report("invitation_answered", person=person, answer="accepted")
    life.report("consent_given", person=person, scopes=["participate", "store"])
    life.report("terms_accepted", person=person)
    if given.get("capacity") == "serving_official":
        life.report("personal_capacity_attested", person=person, on=life.at.date().isoformat())
    return life


OFFICIAL = {"capacity": "serving_official", "capacity_since": "2024-01-01", "capacity_evidence": "2026-02-01"}


def standing(life: Life, person: str) -> str:
    return life.now.participants[person].standing


def rungs(life: Life, days: float, person: str | None = None) -> list[tuple[str, int, str]]:
    """Let time pass; return (ask, rung, recipient) of what was said, to one person or to all."""
    said = [e.fields for e in life.pass_days(days) if e.kind == "rung_reached"]
    found = [(f["ask"], f["rung"], f["recipient"]) for f in said]
    return [one for one in found if person in (None, one[2])]
