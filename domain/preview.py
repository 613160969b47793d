"""What will be said, before it is: the messages an agenda ahead leads to. By the same rules as the real ones."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from domain.agenda import Due
from domain.decide import reached
from domain.engine_facts import NoticeSuppressed, RungReached
from domain.initiative import Initiative
from domain.notices import SPOKEN, notice_of
from domain.outgoing import Notice
from domain.vocabulary import Act


def previewed(now: Initiative, ahead: Iterable[Due], at: datetime) -> Iterator[tuple[Due, Notice | NoticeSuppressed]]:
    """Yield each rung that says something with its message, or with why nobody is written to.

    `at`: the present moment. Of the rungs of one obligation that have passed by then only the latest will be said.
    """
    every = list(ahead)
    latest = {due.obligation.id: due.rung for due in every if due.due_at <= at}
    for due in every:
        if due.act is Act.CHECK or (due.due_at <= at and due.rung < latest[due.obligation.id]):
            continue
        for fact in reached(now, due, max(due.due_at, at)):
            if isinstance(fact, RungReached) and fact.act in SPOKEN:
                yield due, notice_of(fact, now)
            elif isinstance(fact, NoticeSuppressed):
                yield due, fact
