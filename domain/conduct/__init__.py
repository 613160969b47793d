"""What may happen in any stage, one module per matter. Importing this room fills the catalogue of milestones."""

from collections.abc import Iterator
from types import ModuleType

from domain.conduct import facilitation, incidents
from domain.initiative import Initiative
from domain.obligations import Obligation

MODULES: tuple[ModuleType, ...] = (facilitation, incidents)


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what the conduct of the initiative asks for, whatever the stage."""
    for module in MODULES:
        yield from module.agenda(now)
