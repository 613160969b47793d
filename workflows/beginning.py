"""How a run begins: with one argument of the right shape, or not at all.

A start that cannot be read would be tried again by the engine for ever. It ends at once instead, but only while it
is a start: what one run hands to the next, and what a worker reads again later, waits for a release that can read it.
"""

import functools
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain import view
    from domain.errands import errands
    from domain.journal import Journal
    from domain.notices import notices
    from domain.record import YEARS
    from domain.values import ACTOR_PATTERN
    from domain.working_days import shared
    from workflows.chapter import Chapter

INVALID_START = "report.invalid"
Shape = TypeVar("Shape", bound=BaseModel)
Init = TypeVar("Init", bound=Callable[..., None])


def one_argument(init: Init) -> Init:
    """Let `__init__` be called with any number of arguments, while its signature still says one or none."""

    @functools.wraps(init)
    def called(self: Any, *given: Any) -> None:
        init(self, *(given if len(given) == 1 else ()))

    return called  # type: ignore[return-value]


def read(given: RawValue | None, shape: type[Shape]) -> Shape:
    """Return what a run was started with. Raises: ApplicationError, which ends a run that has only just begun."""
    if not isinstance(given, RawValue):
        not_begun(f"It takes one {shape.__name__}.")
    try:
        found = workflow.payload_converter().from_payload(given.payload, shape)
        if not isinstance(found, shape):  # nothing, or bare bytes: their encodings look at no type
            raise TypeError(type(found).__name__)  # noqa: TRY301
    except Exception as error:
        if not just_begun():
            raise RuntimeError(
                f"This release cannot read the {shape.__name__}; the run waits for one that can."
            ) from error
        # Without the cause: that would repeat what was written.
        not_begun(f"Its argument is no {shape.__name__}, or cannot be read.")
    return found


def just_begun() -> bool:
    """Return whether this is the very beginning: nothing was accepted yet, so nothing can be lost."""
    return workflow.info().continued_run_id is None and not workflow.unsafe.is_replaying()


def not_begun(why: str) -> NoReturn:
    """End a run that was started in a way that leads nowhere. Raises: ApplicationError."""
    raise ApplicationError(
        f"{why} Start it with `jisr`, which sends what it takes.", type=INVALID_START, non_retryable=True
    ) from None


def first(given: RawValue | None) -> Chapter:
    """Return the chapter an initiative begins with. Raises: ApplicationError, as `read` does."""
    chapter = read(given, Chapter)
    if just_begun():
        _check(chapter, workflow.info().workflow_id, workflow.now())
    return chapter


def _check(chapter: Chapter, workflow_id: str, at: datetime) -> None:
    """Return if an initiative can live on this. Raises: ApplicationError, which ends a run that has only just begun."""
    opened = chapter.state or chapter.charter
    if opened is None:
        not_begun("The first chapter of an initiative holds a charter.")
    if workflow_id != f"initiative/{opened.id}":
        not_begun("Its workflow id is not that of the initiative it is about.")
    if not re.match(ACTOR_PATTERN, chapter.by):
        not_begun("Who opens it is no `role:id`.")
    if not abs(chapter.shift) < timedelta(days=365 * len(YEARS)).total_seconds():
        not_begun("Its dates are too far away.")
    if chapter.state is not None:
        try:
            _live(chapter, at + timedelta(seconds=chapter.shift))
        except Exception:  # noqa: BLE001  whatever is wrong with it, it would be wrong again and again
            not_begun("Its state is none that an initiative can be in.")


def _live(chapter: Chapter, at: datetime) -> None:
    """Do once with a state all that is done with it at every step. Raises: anything, for a state that is none."""
    assert chapter.state is not None
    calendars, waiting = shared(chapter.calendars), list(chapter.unrecorded)
    journal = Journal(chapter.state, chapter.seq, chapter.head)
    now = journal.now
    for before, after in pairwise(waiting):
        if (before.seq + 1, before.hash) != (after.seq, after.prev):
            raise ValueError("the entries are no chain")
    for entry in waiting:
        if entry.initiative != now.id or entry.hash != entry.own_hash():
            raise ValueError("an entry is not its own")
        entry.fact()
    if waiting and (waiting[-1].seq, waiting[-1].hash) != (chapter.seq, chapter.head):
        raise ValueError("the entries end elsewhere")
    if waiting and waiting[0].seq == 1 and Journal.fold(waiting).now.but(rulebook=now.rulebook) != now:
        raise ValueError("the entries tell of another state")
    view.shown(journal, calendars, at)
    view.details(now, journal.agenda(calendars).next_due())
    view.seats(now), view.countries(now), notices(waiting, now), errands(waiting, now)
    journal.tick(calendars, at)
