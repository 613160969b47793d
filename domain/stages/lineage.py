"""Lineage: recommendations merge, split and travel between linked initiatives, and tell where they came from.

What somebody cleared stays cleared where the text stayed the same.
"""

from collections.abc import Iterable

from domain.initiative import Initiative
from domain.nouns import Recommendation
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.drafting import (
    STAGE,
    RecommendationMilestone,
    authored,
    is_actionable,
    is_cleared,
    living,
    moved,
    new_recommendation,
    parties_of,
    settled_state,
    still_here,
    uncleared,
)
from domain.values import Id, Ids, InitiativeId
from domain.vocabulary import OutputKind, Relation, TransferState

TWO_MEET = rule(
    "lineage.two-meet",
    "A merger brings at least two recommendations together, and none with itself.",
    "Name sources=... that are not the target; with a new target at least two of them.",
    "E3.20",
)
PARTS_NEW = rule(
    "lineage.parts",
    "A split makes at least two new recommendations; unchanged ones are among them.",
    "Name two or more new ids with into=..., and with unchanged=... those whose text stayed word for word.",
    "E3.20",
)
ONWARD = rule(
    "lineage.linked-onward",
    "A recommendation is passed on only to an initiative linked as target or bridge.",
    "Report initiative_linked with relation=target or relation=bridge first.",
    "A9, A10",
)
FROM_LINKED = rule(
    "lineage.linked-source",
    "A recommendation is taken over only from an initiative linked as feeder or bridge.",
    "Report initiative_linked with relation=feeder or relation=bridge first.",
    "A9, A10",
)
CLEARED_ONWARD = rule(
    "lineage.cleared-first",
    "What leaves the circle was cleared by every author first.",
    "Report wording_cleared for each author; an idea may go ahead as a trial balloon.",
    "A74, F4",
)
TAKEN_ONCE = rule(
    "lineage.taken-once",
    "That recommendation was taken over before.",
    "Go on with the one it became here.",
    "F2.8",
)


class RecommendationMerged(Milestone):
    """Recommendations became one. Clearances live on only where the text stayed word for word."""

    stage = STAGE
    into: Id
    sources: Ids
    text_changed: bool = True

    def allow(self, now: Initiative, said: Said) -> None:
        for source in self.sources:
            still_here(now, source)
        if self.into in now.recommendations:
            still_here(now, self.into)
        enough = len(self.sources) >= (1 if self.into in now.recommendations else 2)
        require(enough and self.into not in self.sources, TWO_MEET)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        sources = [now.recommendations[one] for one in self.sources]
        target = now.recommendations.get(self.into)
        parts = [target, *sources] if target is not None else sources
        merged = parts[0].but(
            id=self.into,
            authors=_together(part.authors for part in parts),
            parties=_together(part.parties for part in parts),
            came_from=_together([target.came_from if target else (), self.sources]),
            version=parts[0].version + 1 if target is not None else 1,
            rubric={},
            consensus=(),
            release_class=None,
            objected=(),
            objected_at=None,
            tested_in=(),
            drafted_at=target.drafted_at if target else said.at,
            revised_at=said.at,
            states=target.states if target else (),
            state=target.state if target else TransferState.DRAFT,
        )
        kept = () if self.text_changed else _cleared_all(parts)
        merged = merged.but(cleared=dict.fromkeys(kept, merged.version))
        merged = merged if target is not None else moved(merged, TransferState.DRAFT, said)
        for source in sources:
            now = now.change("recommendations", source.id, merged_into=self.into)
        return now.put("recommendations", self.into, settled_state(now, merged, said))


class RecommendationSplit(Milestone):
    """A recommendation became several. A part whose text stayed word for word keeps its clearances."""

    stage = STAGE
    source: Id
    into: Ids
    unchanged: Ids = ()

    def allow(self, now: Initiative, said: Said) -> None:
        still_here(now, self.source)
        require(len(self.into) > 1 and set(self.unchanged) <= set(self.into), PARTS_NEW)
        for id in self.into:
            new_recommendation(now, id)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        source = now.recommendations[self.source]
        now = now.change("recommendations", self.source, split_into=self.into)
        for id in self.into:
            kept = _cleared_all([source]) if id in self.unchanged else ()
            part = source.but(
                id=id,
                came_from=(self.source,),
                version=1,
                cleared=dict.fromkeys(kept, 1),
                objected=source.objected if id in self.unchanged else (),
                objected_at=source.objected_at if id in self.unchanged else None,
                rubric=source.rubric if id in self.unchanged else {},
                consensus=source.consensus if id in self.unchanged else (),
                endorsements=source.endorsements if id in self.unchanged else {},
                release_class=source.release_class if id in self.unchanged else None,
                tested_in=source.tested_in if id in self.unchanged else (),
                passed_to=(),
                drafted_at=said.at,
                revised_at=None,
                states=(),
                state=TransferState.DRAFT,
            )
            part = settled_state(now, moved(part, TransferState.DRAFT, said), said)
            now = now.put("recommendations", id, part)
        return now


class RecommendationPassedOn(RecommendationMilestone):
    """A recommendation was handed to a linked initiative, which may take it over under an id of its own."""

    to_initiative: InitiativeId

    def allow(self, now: Initiative, said: Said) -> None:
        found = living(now, self.recommendation)
        link = now.links.get(self.to_initiative)
        onward = link is not None and link.relation in (Relation.TARGET, Relation.BRIDGE)
        require(onward, ONWARD, f"Initiative {self.to_initiative}.")
        free = is_cleared(now, found) or found.submitted_at is not None
        require(free, CLEARED_ONWARD, f"Not cleared by: {', '.join(uncleared(now, found))}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        before = self.of(now).passed_to
        again = self.to_initiative in before
        return self.changed(now, passed_to=before if again else (*before, self.to_initiative))


class RecommendationTakenOver(Milestone):
    """A recommendation of a linked initiative goes on here, under an id and with authors of its own."""

    stage = STAGE
    recommendation: Id
    from_initiative: InitiativeId
    original: Id
    output: OutputKind = OutputKind.INFORMAL_RECOMMENDATION
    authors: Ids = ()

    def allow(self, now: Initiative, said: Said) -> None:
        link = now.links.get(self.from_initiative)
        source = link is not None and link.relation in (Relation.FEEDER, Relation.BRIDGE)
        require(source, FROM_LINKED, f"Initiative {self.from_initiative}.")
        new_recommendation(now, self.recommendation)
        taken = [r.id for r in now.recommendations.values() if self.origin in r.came_from]
        require(not taken, TAKEN_ONCE, f"It is {', '.join(taken)} here.")
        if self.authors:
            authored(now, self.authors)

    @property
    def origin(self) -> str:
        return f"{self.from_initiative}/{self.original}"

    def apply(self, now: Initiative, said: Said) -> Initiative:
        taken = Recommendation(
            id=self.recommendation,
            output=self.output,
            authors=self.authors,
            parties=parties_of(now, self.authors),
            drafted_at=said.at,
            came_from=(self.origin,),
        )
        taken = moved(taken.but(actionable=is_actionable(taken)), TransferState.DRAFT, said)
        return now.put("recommendations", self.recommendation, taken)


def _cleared_all(parts: list[Recommendation]) -> tuple[str, ...]:
    """Return who cleared the current version of every part they wrote."""
    everyone = sorted({person for part in parts for person in part.cleared})
    return tuple(
        sorted(
            person
            for person in everyone
            if all(
                part.cleared.get(person) == part.version
                for part in parts
                if person in part.authors or person in part.cleared
            )
        )
    )


def _together(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for group in groups for one in group))
