"""Vetting: who may sit at the table, decided by people who have nothing to gain from it.

Gate: nobody is undecided, somebody is cleared, and the roster keeps the rules of composition. Two vetters
look at a nominee independently, a third when they split; none of their own organisation; whoever decides has
neither proposed nor vetted. How a nominee scored is never part of the state.
"""

from collections.abc import Iterator
from typing import Literal

from domain import composition
from domain.checklists import gate_finding
from domain.initiative import Initiative
from domain.nouns import Finding, Participant
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages import invitations
from domain.stages.invitations import free_seat
from domain.stages.nominations import STAGE, STANDING, no_official_on_track_two, nominee, valid_vetting
from domain.stages.reviews import TWO_REVIEWS, UNDECIDED, approvals, fit, nominators, sound, split, vetted_by
from domain.values import Id, Text
from domain.vocabulary import Capacity, Role

PURPOSE = "Two independent reviews, four eyes, a balanced roster; then invitation and consent."
SCREENED_CAPACITIES = (Capacity.SERVING_OFFICIAL, Capacity.FORMER_OFFICIAL)

# --- rules --------------------------------------------------------------------------------------------------
DECIDED_ALL = rule(
    "vetting.all-decided",
    "No nominee is left undecided.",
    "Report vetting_decided for each, or nominee_withdrawn.",
    "B3",
)
ONE_CLEARED = rule(
    "vetting.one-cleared",
    "At least one nominee is cleared.",
    "Report vetting_decided with decision=cleared.",
    "B3",
)
SPLIT = rule(
    "vetting.split-needs-third",
    "When the reviews split, another one is needed.",
    "Assign one more vetter and wait for the review.",
    "E3.27",
)
AGAINST = rule(
    "vetting.against-reviews",
    "Nobody is cleared against the reviews; who is rejected against them is rejected with a reason.",
    "Follow the reviews, ask for one more, or reject with --reason.",
    "B3",
)
FOUR_EYES = rule(
    "vetting.four-eyes",
    "Whoever decides has neither proposed the nominee nor vetted them.",
    "Let the vetting lead or another member of the team decide.",
    "B4",
)
EVIDENCE = rule(
    "vetting.capacity-evidence",
    "Whether somebody serves or has served in office is shown by evidence with a date.",
    "Report capacity_verified with evidence=DATE.",
    "A5, B3",
)
SAFETY = rule(
    "vetting.safety-consulted",
    "Before somebody is cleared, somebody was asked whether coming puts them at risk.",
    "Report safety_consulted for the person, or tick safety_consultation for the whole list.",
    "B3, B7",
)


# --- requirements and agenda --------------------------------------------------------------------------------
def requirements(now: Initiative) -> Iterator[Finding]:
    """Yield what the gate needs: decisions, the checklist, and every rule of composition that holds."""
    waiting = [p.person for p in now.participants.values() if p.standing in (*UNDECIDED, "pending_individual")]
    why = f"Undecided: {', '.join(waiting)}." if waiting else ""
    yield Finding(rule=DECIDED_ALL.id, met=not waiting, why=why)
    yield Finding(rule=ONE_CLEARED.id, met=bool(now.roster), why=f"{len(now.roster)} on the roster.")
    yield from (one for one in composition.findings(now) if one.rule not in composition.WARNS)
    yield from gate_finding(now, STAGE)


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what vetters, the vetting lead and the invited owe."""
    for p in now.participants.values():
        if p.standing in UNDECIDED and not p.erased:
            yield from _undecided(now, p)
        unverified = p.capacity in SCREENED_CAPACITIES and p.capacity_evidence is None and not p.erased
        if unverified and (p.standing in UNDECIDED or p.on_roster) and p.nominated_at is not None:
            since = max(p.nominated_at, p.chase_from or p.nominated_at)
            ids = (p.person, str(p.round), str(len(p.capacities)))
            yield owed(now, "verify_capacity", Role.VETTING_LEAD, "task", since, STAGE, *ids, person=p.person)
    yield from invitations.agenda(now)


def _undecided(now: Initiative, p: Participant) -> Iterator[Obligation]:
    reviews, reviewed = sound(now, p), {r.vetter for r in p.reviews}
    asked = {v: at for v, at in p.assigned.items() if v in now.vetters and v not in reviewed and fit(now, p, v)}
    for vetter, at in asked.items():
        ids: tuple[str, ...] = (p.person, vetter, str(p.round))
        yield owed(now, "review_nominee", vetter, "vetting", at, STAGE, *ids, person=p.person)
    moments = [p.nominated_at, p.chase_from, *(r.at for r in reviews)]
    since = max((at for at in moments if at is not None), default=now.opened_at)
    needed = 2 if len(reviews) < 2 else len(reviews) + 1 if split(reviews) else 0
    if not needed:
        ids = (p.person, str(p.round))
        yield owed(now, "decide_nominee", _decider(now, p), "task", since, STAGE, *ids, person=p.person)
    elif len(reviews) + len(asked) < needed:
        ids = (p.person, str(p.round), str(needed))
        yield owed(now, "assign_vetters", Role.VETTING_LEAD, "task", since, STAGE, *ids, person=p.person)


def _decider(now: Initiative, p: Participant) -> Role | str:
    """Return who decides: the vetting lead, or the next in the team whom the four eyes do not exclude."""
    for role in (Role.VETTING_LEAD, Role.MANAGER, Role.DEPUTY, Role.DIRECTOR):
        person = now.roles.get(role)
        if person is not None and person not in nominators(now, p) and person not in vetted_by(p):
            return person
    return Role.VETTING_LEAD


def _four_eyes(now: Initiative, p: Participant, said: Said) -> None:
    who = said.by.partition(":")[2]
    require(who not in nominators(now, p) and who not in vetted_by(p), FOUR_EYES, f"{who} and {p.person}.")


def _fit_to_be_cleared(now: Initiative, p: Participant) -> None:
    """Raises: Refused by capacity evidence, safety consultation, or track 2."""
    no_official_on_track_two(now, p.person, p.capacity)
    shown = p.capacity not in SCREENED_CAPACITIES or p.capacity_evidence is not None
    require(shown, EVIDENCE, f"{p.person} is given as {p.capacity}.")
    consulted = p.safety_consulted_at is not None or "safety_consultation" in now.checklist
    require(consulted or "safety_consultation" in now.charter.waived, SAFETY, f"Concerns {p.person}.")


# --- milestones: decisions ----------------------------------------------------------------------------------
class VettingDecided(Milestone):
    """A nominee was cleared, rejected or put on the reserve list."""

    stage = STAGE
    person: Id
    decision: Literal["cleared", "rejected", "reserve"]

    def allow(self, now: Initiative, said: Said) -> None:
        p = nominee(now, self.person)
        require(p.standing in (*UNDECIDED, "suspended"), STANDING, f"{self.person} stands {p.standing}.")
        _four_eyes(now, p, said)
        reviews = sound(now, p)
        require(len(reviews) >= 2, TWO_REVIEWS, f"{self.person} has {len(reviews)}.")
        require(not split(reviews), SPLIT, f"Concerns {self.person}.")
        approved = 2 * approvals(reviews) > len(reviews)
        if self.decision == "rejected":
            require(not approved or said.reason is not None, AGAINST, f"Concerns {self.person}.")
            return
        require(approved, AGAINST, f"Concerns {self.person}.")
        _fit_to_be_cleared(now, p)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        p = now.participants[self.person]
        cleared = self.decision == "cleared"
        taken_up = cleared and p.before in ("invited", "accepted")
        return now.put(
            "participants",
            self.person,
            p.but(
                standing=p.before if taken_up else self.decision,
                before=None if cleared else p.before,
                left_at=None if cleared else p.left_at or (said.at if p.before == "accepted" else None),
                decided_at=said.at,
                decided_by=said.by,
                vetted_at=None if self.decision == "rejected" else said.at,
            ),
        )


class VettingRenewed(Milestone):
    """A person vetted long ago was looked at again and may stay."""

    person: Id
    evidence: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        p = nominee(now, self.person)
        require(p.vetted_at is not None, STANDING, f"{self.person} stands {p.standing}.")
        _four_eyes(now, p, said)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.change("participants", self.person, vetted_at=said.at)


class ReservePromoted(Milestone):
    """Somebody from the reserve list is cleared for a seat that became free."""

    stage = STAGE
    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        p = nominee(now, self.person)
        require(p.standing == "reserve", STANDING, f"{self.person} stands {p.standing}.")
        valid_vetting(now, p, said.at)
        no_official_on_track_two(now, self.person, p.capacity)
        free_seat(now, len(now.roster))

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.change("participants", self.person, standing="cleared")
