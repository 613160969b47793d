"""Reviews: which vetter may look at which nominee, and what they said. Independence is worked out anew."""

from typing import Annotated

from domain.engine_facts import DecisionReopened
from domain.initiative import Initiative, known
from domain.nouns import Participant, Review
from domain.record import EngineFact, Milestone, Said
from domain.rules import require, rule
from domain.stages.nominations import STAGE, STANDING, nominee
from domain.values import Commas, Id, Text
from domain.vocabulary import Criterion, Verdict

UNDECIDED = ("nominated", "reopened")
REOPENS = ("cleared", "rejected", "reserve", "invited", "accepted", "declined", "expired", "suspended")

# --- rules --------------------------------------------------------------------------------------------------
KNOWN_VETTER = rule(
    "vetting.known-vetter",
    "Only a vetter of this initiative reviews nominees.",
    "Choose a vetter from `jisr show ID`, or report vetter_added first.",
    "B4",
)
CONFLICT = rule(
    "vetting.conflict-of-interest",
    "Nobody vets a person of their own organisation, one they proposed, or one they have a conflict about.",
    "Assign another vetter.",
    "B4, B3",
)
ASSIGNED = rule(
    "vetting.assigned-first",
    "A vetter reviews the nominees assigned to them.",
    "Report vetter_assigned first.",
    "B3",
)
OWN_REVIEW = rule(
    "vetting.own-review",
    "A vetter reports only their own review.",
    "Report it by the vetter whose review it is.",
    "B3, F6",
)
ONE_REVIEW = rule(
    "vetting.one-review-each",
    "A vetter reviews a nominee once.",
    "Assign another vetter for another opinion.",
    "B3",
)
TWO_REVIEWS = rule(
    "vetting.two-reviews",
    "A decision needs two independent reviews.",
    "Report review_given by two vetters without a conflict of interest.",
    "B3",
)
ONCE = rule(
    "vetting.once",
    "That stands in the record already.",
    "Nothing to do; to correct it, report the milestone that changes it.",
    "F2.8",
)


# --- who may look at whom -----------------------------------------------------------------------------------
def nominators(now: Initiative, p: Participant) -> set[str]:
    """Return who stands behind a nomination: whoever reported it, and the partner's people."""
    partner = now.partners.get(p.partner or "")
    behind = {partner.focal, partner.deputy} if partner else set()
    return {one for one in (p.nominated_by.partition(":")[2], *behind) if one}


def vetted_by(p: Participant) -> set[str]:
    return {*p.assigned, *(r.vetter for r in p.reviews)}


def fit(now: Initiative, p: Participant, vetter: str) -> bool:
    """Tell whether this vetter may look at this nominee: no tie of organisation, proposal or declaration."""
    card, partner = now.people.get(vetter), now.partners.get(p.partner or "")
    own = card.organisation if card else None
    tied = own is not None and own in (p.organisation, partner.institution if partner else None)
    return not tied and vetter != p.person and vetter not in p.conflicted and vetter not in nominators(now, p)


def sound(now: Initiative, p: Participant) -> tuple[Review, ...]:
    """Return the reviews that count: those of vetters without a conflict."""
    return tuple(review for review in p.reviews if fit(now, p, review.vetter))


def approvals(reviews: tuple[Review, ...]) -> int:
    return sum(review.verdict is Verdict.APPROVE for review in reviews)


def split(reviews: tuple[Review, ...]) -> bool:
    return bool(reviews) and 2 * approvals(reviews) == len(reviews)


def carries(now: Initiative, p: Participant) -> bool:
    """Tell whether the reviews that still count carry a decision."""
    reviews = sound(now, p)
    return len(reviews) >= 2 and not split(reviews)


def _excluded(now: Initiative, p: Participant, vetter: str) -> Initiative:
    """Return the initiative without this vetter's word on p; who is away comes back to an open decision."""
    p = p.but(conflicted=(*p.conflicted, vetter))
    if p.standing in ("barred", "withdrew", "removed") and p.reviews and not carries(now, p):
        p = p.but(before="reopened", vetted_at=None)
    return now.put("participants", p.person, p)


def _known_vetter(now: Initiative, vetter: str) -> None:
    require(vetter in now.vetters, KNOWN_VETTER, f"No vetter {vetter}.")


# --- milestones ------------------------------------------------------------------------------------------
class VetterAdded(Milestone):
    """Somebody joined those who look at nominees."""

    vetter: Id

    def allow(self, now: Initiative, said: Said) -> None:
        require(self.vetter not in now.vetters, ONCE, f"Vetter {self.vetter}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.but(vetters=(*now.vetters, self.vetter))


class VetterRemoved(Milestone):
    """Somebody stopped vetting. Unless their reviews stand, decisions resting on them are reopened."""

    needs_reason = True
    vetter: Id
    reviews_stand: bool = False

    def allow(self, now: Initiative, said: Said) -> None:
        _known_vetter(now, self.vetter)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        now = now.but(vetters=tuple(one for one in now.vetters if one != self.vetter))
        for p in () if self.reviews_stand else tuple(now.participants.values()):
            if self.vetter in vetted_by(p) and self.vetter not in p.conflicted:
                now = _excluded(now, p, self.vetter)
        return now

    def then(self, before: Initiative, after: Initiative, said: Said) -> tuple[EngineFact, ...]:
        return tuple(
            DecisionReopened(person=p.person, rule=TWO_REVIEWS.id)
            for p in after.participants.values()
            if p.standing in REOPENS and p != before.participants[p.person] and not carries(after, p)
        )


class VetterAssigned(Milestone):
    """A vetter was asked to look at a nominee."""

    stage = STAGE
    person: Id
    vetter: Id

    def allow(self, now: Initiative, said: Said) -> None:
        p = nominee(now, self.person)
        require(p.standing in UNDECIDED, STANDING, f"{self.person} stands {p.standing}.")
        _known_vetter(now, self.vetter)
        require(self.vetter not in p.assigned, ONCE, f"{self.vetter} and {self.person}.")
        require(fit(now, p, self.vetter), CONFLICT, f"{self.vetter} and {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        assigned = {**now.participants[self.person].assigned, self.vetter: said.at}
        return now.change("participants", self.person, assigned=assigned)


class VetterConflictDeclared(Milestone):
    """A vetter has a conflict of interest about a person. Found after the decision, it reopens it."""

    person: Id
    vetter: Id

    def allow(self, now: Initiative, said: Said) -> None:
        p = known(now.participants, self.person, "nominee")
        fine = self.vetter in now.vetters or self.vetter in vetted_by(p)
        require(fine, KNOWN_VETTER, f"No vetter {self.vetter}.")
        require(self.vetter not in p.conflicted, ONCE, f"{self.vetter} and {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return _excluded(now, now.participants[self.person], self.vetter)

    def then(self, before: Initiative, after: Initiative, said: Said) -> tuple[EngineFact, ...]:
        p = before.participants[self.person]
        counted = any(review.vetter == self.vetter for review in p.reviews)
        if p.standing in REOPENS and counted:
            return (DecisionReopened(person=self.person, rule=CONFLICT.id),)
        return ()


class ReviewGiven(Milestone):
    """A vetter gave their opinion on a nominee. What was weighed is recorded; scores never are."""

    stage = STAGE
    person: Id
    vetter: Id
    verdict: Verdict
    criteria: Annotated[tuple[Criterion, ...], Commas] = ()
    assessment: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        p = nominee(now, self.person)
        require(p.standing in UNDECIDED, STANDING, f"{self.person} stands {p.standing}.")
        _known_vetter(now, self.vetter)
        own = not said.by.startswith("vetter:") or said.by == f"vetter:{self.vetter}"
        require(own, OWN_REVIEW)
        require(all(r.vetter != self.vetter for r in p.reviews), ONE_REVIEW, f"{self.vetter} and {self.person}.")
        require(fit(now, p, self.vetter), CONFLICT, f"{self.vetter} and {self.person}.")
        require(self.vetter in p.assigned, ASSIGNED, f"{self.vetter} and {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        review = Review(vetter=self.vetter, verdict=self.verdict, at=said.at)
        reviews = (*now.participants[self.person].reviews, review)
        return now.change("participants", self.person, reviews=reviews)
