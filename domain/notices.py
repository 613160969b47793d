"""What is said to whom: from entries to notices. Ids and neutral dates only; the wording is the channel's.

A notice never carries a name, a topic or a place. By sensitivity it says less and less: at `quiet` not even which
kind of meeting it is about. The catalogue of wording classes (`ask`) is in docs/lifecycle.md.
"""

from collections.abc import Iterable

from domain.conduct.incidents import must_be_quiet
from domain.digest import ALONE
from domain.engine_facts import RungReached
from domain.initiative import Initiative
from domain.outgoing import Notice
from domain.record import Entry
from domain.vocabulary import Act, Role, Sensitivity

SPOKEN = (Act.REMIND, Act.ESCALATE, Act.TELL, Act.EXPIRE)


def notices(entries: Iterable[Entry], now: Initiative) -> tuple[Notice, ...]:
    """Return the messages these entries ask for. A check is the engine's own work and is not said to anybody."""
    facts = [RungReached.model_validate(one.fields) for one in entries if one.kind == RungReached.kind]
    return tuple(notice_of(fact, now) for fact in facts if fact.act in SPOKEN)


def notice_of(fact: RungReached, now: Initiative) -> Notice:
    """Return the message that a rung asks for, as things stand now."""
    return Notice(
        initiative=now.id,
        obligation=fact.obligation,
        ask=fact.ask,
        act=fact.act.value,
        rung=fact.rung,
        recipient=fact.recipient,
        due_at=fact.due_at,
        sensitivity=(Sensitivity.QUIET if must_be_quiet(now) else now.charter.sensitivity).value,
        about={**fact.about, **_manager(now), **_dates(fact, now), **_alone(now)},
    )


def _manager(now: Initiative) -> dict[str, str]:
    """Return who an answer goes to; their address is looked up when the message is sent."""
    manager = now.holder(Role.MANAGER)
    return {"manager": manager} if manager else {}


def _alone(now: Initiative) -> dict[str, str]:
    return {ALONE: "yes"} if now.charter.digests is False else {}


def _dates(fact: RungReached, now: Initiative) -> dict[str, str]:
    """Return the dates the wording may name, as they stand now: no message quotes an old date.

    With them what a calendar needs: how often the date moved, and over how many days the session goes.
    """
    said: dict[str, str] = {}
    session = now.sessions.get(fact.about.get("session", ""))
    quiet = must_be_quiet(now) or now.charter.sensitivity is Sensitivity.QUIET
    if session is None or quiet:
        return said
    said |= {"moves": str(session.moves), "days": str(session.days)}
    if session.starts is not None:
        said |= {"starts": session.starts.isoformat(timespec="minutes"), "zone": session.zone}
    return said
