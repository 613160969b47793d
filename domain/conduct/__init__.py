"""What may happen in any stage, one module per matter. Importing this room fills the catalogue of milestones."""

from collections.abc import Iterator
from types import ModuleType

from domain.conduct import closing, facilitation, incidents, links, modes, people, roles, stalls, wording
from domain.initiative import Initiative
from domain.obligations import Obligation
from domain.stages import liaison, partner_exits, phases, trial_balloons

MODULES: tuple[ModuleType, ...] = (
    closing,
    facilitation,
    incidents,
    links,
    modes,
    people,
    roles,
    stalls,
    wording,
    trial_balloons,
    liaison,
    partner_exits,
    phases,
)


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what the conduct of the initiative asks for, whatever the stage."""
    for module in MODULES:
        yield from module.agenda(now)
