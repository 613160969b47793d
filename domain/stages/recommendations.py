"""recommendations: to be written."""

from collections.abc import Iterator

from domain.initiative import Initiative
from domain.nouns import Finding
from domain.obligations import Obligation
from domain.vocabulary import Stage

PURPOSE = ""
STAGE = Stage.RECOMMENDATIONS


def requirements(now: Initiative) -> Iterator[Finding]:
    yield from ()


def agenda(now: Initiative) -> Iterator[Obligation]:
    yield from ()
