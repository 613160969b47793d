"""Who may use which verb: asked once, before a command does anything. What each verb needs: domain/verbs.py."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from errors import Forbidden, InvalidInput, JisrError, Unavailable

if TYPE_CHECKING:
    from domain.access import Identity, Need
    from domain.rules import Refused
    from settings import Settings

_here: ContextVar[Identity | None] = ContextVar("who is signed in", default=None)


def guard(command: Any) -> Any:
    """Return the command line with every verb asking first; a verb that is not in the table is refused."""
    _here.set(None)
    for name, leaf in leaves(command):
        leaf.callback = _asking(name, leaf.callback)
    return command


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every verb as it is typed after `jisr`, with its command."""
    if hasattr(command, "commands"):
        for word, one in command.commands.items():
            yield from leaves(one, (*words, word))
    else:
        yield " ".join(words), command


def _asking(name: str, callback: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(callback)
    def ask(**given: Any) -> Any:
        from domain.verbs import COMMANDS

        if name not in COMMANDS:
            raise Forbidden(f"`jisr {name}` has no rule on who may use it, so nobody may.")
        admit(name, COMMANDS[name], given)
        return callback(**given)

    return ask


def admit(name: str, need: Need, given: dict[str, Any]) -> None:
    """Return if whoever is signed in may use a verb with these arguments. Raises: Forbidden, Unavailable."""
    from domain.access import Permission, require_need, require_own_name
    from domain.rules import Refused

    if need.to is Permission.ANYONE or any(to is Permission.ANYONE and given.get(o) for o, to in need.instead.items()):
        return
    identity = who()
    _here.set(identity)
    try:
        require_need(identity, need, given)
        if name != "report":  # a report of somebody else may be on their behalf: looked at with its kind
            require_own_name(identity, given.get("by"))
    except Refused as refused:
        raise denied(identity, refused, name) from None


def who() -> Identity:
    """Return who is signed in: asked of the database once. Raises: Unavailable, InvalidInput."""
    from cli.doors import settings
    from storage.away import DatabaseAway, DatabaseUrlWrong
    from storage.entrance import identify

    own = settings()
    try:
        return identify(own.database, own.home, own.given_token(), datetime.now(UTC))
    except DatabaseAway as away:
        raise Unavailable(f"{away} Who you are cannot be asked.") from None
    except DatabaseUrlWrong as wrong:
        raise InvalidInput(str(wrong)) from None


def here() -> Identity:
    """Return whom this command was admitted as; the house itself for a verb that asks nobody."""
    from domain.access import HOUSE

    return _here.get() or HOUSE


def actor() -> str | None:
    """Return how the record calls whoever is signed in; None where nobody has to be."""
    found = _here.get()
    return found.actor if found is not None and found.named else None


def reporting(initiative: str, report: dict[str, Any]) -> dict[str, Any]:
    """Return a report as whoever is signed in says it. Raises: Forbidden."""
    from domain.access import spoken
    from domain.rules import Refused

    try:
        return spoken(here(), initiative, report)
    except Refused as refused:
        raise denied(here(), refused, "report") from None


def denied(identity: Identity, refused: Refused, verb: str) -> JisrError:
    """Return the error to raise, after noting the refusal."""
    from cli.doors import settings

    _note(settings(), identity, verb, refused.rule.id)
    return Forbidden(f"{refused.why} {refused.rule.satisfy} ({refused.rule.id})")


def _note(own: Settings, identity: Identity, verb: str, rule: str) -> None:
    """Write a refusal into the log; it holds even where that cannot be written."""
    from storage import accounts
    from storage.database import DatabaseAway, open_database

    with contextlib.suppress(DatabaseAway):
        db = open_database(own.database, own.key_file())
        try:
            by = identity.actor if identity.named else "nobody"
            accounts.note(db, accounts.Noted(datetime.now(UTC), by, "refused", verb, rule))
        finally:
            db.close()
