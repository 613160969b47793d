"""The first entry of every record: the charter an initiative was opened with, and the state it opens."""

from datetime import datetime

from domain.charter import Charter
from domain.initiative import STAGES, Initiative
from domain.nouns import Link, Partner, StageState
from domain.record import EngineFact
from domain.vocabulary import Stage, StageStatus


class InitiativeOpened(EngineFact):
    """The initiative was opened with this charter."""

    charter: Charter


def opening(charter: Charter, at: datetime) -> Initiative:
    """Return the initiative as its charter opens it: nothing done, the first stage open.

    An urgent start opens the partners stage beside the concept; the rest of the concept becomes tasks.
    """
    stages = {stage: StageState() for stage in STAGES}
    first = StageState(status=StageStatus.OPEN, opened_at=at)
    stages[Stage.CONCEPT] = first
    if charter.urgent:
        stages[Stage.PARTNERS] = first
    return Initiative(
        id=charter.id,
        charter=charter,
        opened_at=at,
        track=charter.track,
        mode=charter.mode,
        official_channel=charter.official_channel,
        stages=stages,
        roles=dict(charter.roles),
        vetters=charter.vetters,
        people=dict(charter.people),
        partners={
            one.id: Partner(
                id=one.id,
                institution=one.institution,
                country=one.country,
                focal=one.focal,
                deputy=one.deputy,
            )
            for one in charter.partners
        },
        links={
            one.initiative: Link(initiative=one.initiative, relation=one.relation, since=at) for one in charter.links
        },
        facilitator_since=at,
    )
