"""Wording: a manager's own words for what is asked. The words stay in the database; here is that they changed.

What they may hold is looked at when they are handed in (domain/own_words.py) and again whenever they are to be sent.
"""

from collections.abc import Iterator

from domain.initiative import Initiative
from domain.obligations import Obligation
from domain.own_words import Language, Tone
from domain.record import Milestone
from domain.values import Id, Text


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield nothing: words ask for nothing by themselves."""
    yield from ()


class WordingChanged(Milestone):
    """What is said for one ask in one language was put into words of the manager's own."""

    ask: Id
    language: Language
    tone: Tone = "remind"
    subject: Text | None = None
    text: Text


class WordingRemoved(Milestone):
    """A manager's own words were taken back: from now on the house's words are said again."""

    ask: Id
    language: Language
    tone: Tone = "remind"
