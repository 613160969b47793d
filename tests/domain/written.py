"""A dialogue that has met and begun to write: what the tests of recommendations and follow-up start from."""

from typing import Any

from life import Life

from domain.agenda import Due
from domain.charter import Person
from domain.checklists import CHECKLISTS
from domain.nouns import ConsentMark, Participant
from domain.record import MILESTONES, Entry
from domain.rules import rules_named_in
from domain.vocabulary import Capacity, ConsentScope

TEXT = "text:" + "a" * 32
EVERY_ITEM = [item.rstrip("*") for items in CHECKLISTS.values() for item in items]
ACTION = {"owner": "p-21", "step": TEXT, "horizon": "2027-01-01"}


def seat(life: Life, person: str, party: str, contact_in_stall: bool = False) -> None:
    """Put somebody at the table without the road that leads there."""
    consents = {ConsentScope.PARTICIPATE: ConsentMark(given_at=life.at)}
    if contact_in_stall:
        consents[ConsentScope.CONTACT_IN_STALL] = ConsentMark(given_at=life.at)
    zone = {"IQ": "Asia/Baghdad", "TR": "Europe/Istanbul"}[party]
    now = life.now.put("people", person, Person(country=party, zone=zone))
    sits = Participant(
        person=person, party=party, country=party, standing="accepted", vetted_at=life.at,
        answered_at=life.at, terms_accepted_at=life.at, attested_on=life.at.date(), consents=consents,
    )  # fmt: skip
    life.journal.now = now.put("participants", person, sits)


def writing(**changes: Any) -> Life:
    """Return a life in its recommendations stage, with two people of each party at the table."""
    life = Life(**{"waived": EVERY_ITEM, "quotas": {"per_party": 0, "women": 0}, **changes})
    for person, party in (("p-21", "IQ"), ("p-22", "TR"), ("p-23", "IQ"), ("p-24", "TR")):
        seat(life, person, party)
    life.journal.now = life.now.change("participants", "p-21", capacity=Capacity.SERVING_OFFICIAL)
    for stage in ("concept", "partners", "vetting", "sessions"):
        life.report("stage_skipped", of=stage, reason=True)
    return life


def drafted(id: str = "R1", life: Life | None = None, **fields: Any) -> Life:
    """Return a life with one recommendation written by two people of different parties."""
    life = life or writing()
    fields = {"output": "policy_option", "authors": ["p-21", "p-22"], **ACTION, **fields}
    return life.report("recommendation_drafted", recommendation=id, **fields)


def cleared(id: str = "R1", life: Life | None = None, **fields: Any) -> Life:
    life = drafted(id, life, **fields)
    for person in life.now.recommendations[id].authors:
        life.report("wording_cleared", recommendation=id, person=person)
    return life


def submitted(id: str = "R1", life: Life | None = None, **fields: Any) -> Life:
    """Return a life with one recommendation handed to an office of Track 1."""
    life = cleared(id, life).report("recommendation_scored", recommendation=id, creative=4, realistic=3)
    life.report("release_class_set", recommendation=id, release_class="officials")
    if not life.now.has_begun("follow_up"):
        life.report("gate_decided", of="recommendations", decision="go")
    return life.report("transfer_submitted", recommendation=id, office="office-9", **fields)


def states(life: Life, id: str = "R1") -> list[str]:
    return [line["state"] for line in life.now.recommendations[id].states]


def rungs(entries: list[Entry], ask: str = "") -> list[tuple[str, int, str]]:
    """Return what was said: obligation, rung, recipient."""
    return [
        (e.fields["obligation"], e.fields["rung"], e.fields["recipient"])
        for e in entries
        if e.kind == "rung_reached" and e.fields["ask"].startswith(ask)
    ]


def asks(due: tuple[Due, ...]) -> list[str]:
    return [one.obligation.id for one in due]


def rules_of(kind: str) -> set[str]:
    """Return the rules the catalogue shows for a milestone."""
    return rules_named_in(MILESTONES[kind].allow)
