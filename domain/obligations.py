"""An obligation: what is owed, by whom, since when, and how it is chased. Derived from the state, never stored."""

from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.initiative import Initiative
from domain.vocabulary import Role, Stage


class Obligation(NamedTuple):
    """One thing owed.

    `id` is stable as long as the same thing is owed (`sign_mou:P1`); a new occasion gets a new id
    (`answer_invitation:p-07:2`). `ask` is the wording class. `anchor` is the aware moment the ladder counts from.
    After `moot_after` a rung that was not sent is dropped, visibly.
    """

    id: str
    ask: str
    owes: str
    ladder: str
    anchor: datetime
    stage: Stage
    about: tuple[tuple[str, str], ...] = ()
    moot_after: datetime | None = None


def owed(
    now: Initiative,
    ask: str,
    by: Role | str,
    ladder: str,
    since: datetime | date,
    stage: Stage,
    *ids: str,
    moot_after: datetime | None = None,
    **about: str,
) -> Obligation:
    """Write one obligation. `by` is a role or a person id; `ids` make the id; `about` are the ids it speaks of.

    A date counts from the start of that day in the zone of whoever owes.
    """
    # When manager, deputy and director are all gone it stays with the manager the charter named: unsent, but not lost.
    person = (now.holder(by) or now.charter.roles[Role.MANAGER]) if isinstance(by, Role) else by
    if not isinstance(since, datetime):
        since = datetime.combine(since, time.min, ZoneInfo(now.person(person).zone))
    return Obligation(":".join((ask, *ids)), ask, person, ladder, since, stage, tuple(about.items()), moot_after)
