"""What may happen in any stage, one module per matter. Importing this room fills the catalogue of milestones."""

from collections.abc import Iterator

from domain.initiative import Initiative
from domain.obligations import Obligation

MODULES: tuple = ()


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what the conduct of the initiative asks for, whatever the stage."""
    for module in MODULES:
        yield from module.agenda(now)
