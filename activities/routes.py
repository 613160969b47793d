"""By which way a message goes to its reader, and its words for that way. What is previewed is made here, too."""

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from channels.message import Contact, Message, message_id
from channels.undisclosed import neutral, spelled_out
from channels.wording import HOUSE, language_of, render, render_call, render_together
from domain.outgoing import Notice, Way
from domain.own_words import Chosen, OwnWords, Term, check
from domain.rules import Refused
from domain.vocabulary import Sensitivity
from storage import wordings
from storage.database import Database
from storage.roster import KnownPerson

OUTBOX, TASK = "outbox", "task"
BY_MOUTH = ("phone", "via_partner")
OUTWARD = ("email", "apprise")
NOWHERE = "nowhere"
BOUNCED, NOT_CONFIGURED, NO_ADDRESS = "bounced", "not-configured", "no-address"


class Route(NamedTuple):
    """How one message goes to its reader, or to who passes it on; with a `code`, why it can't go that way."""

    channel: str  # the name of the channel
    contact: Contact
    told: str = ""  # what the receipt calls the channel, if not by its name
    number: int = 0  # which of the ways of whoever is written to
    code: str = ""
    about: Contact | None = None  # who is to be told, where the message is a task and goes to somebody else


def routes_of(recipient: str, known: KnownPerson | None, channels: Container[str]) -> list[Route]:
    """Return the ways to a person in the order they prefer; the last one that can be gone is a task for the team.

    Who can only be called, or must never be written to, has no way but the task. Where nothing leaves the machine,
    the outbox stands for every way.
    """
    if known is None:
        nobody = Contact(person=recipient)
        return [Route(OUTBOX, nobody)] if _at_home(channels) else [_missing(nobody), Route(OUTBOX, nobody, TASK)]
    contact = Contact(person=known.id, language=language_of(known.languages), zone=known.zone)
    found: list[Route] = []
    for number, way in enumerate(known.channels):
        if way.kind == "via_partner":
            return [*found, Route(OUTBOX, contact.but(kind=way.kind, via=way.via or ""), TASK)]
        if way.kind == "phone" or way.never_write:
            continue
        here = way.kind if way.kind in channels else OUTBOX
        code = BOUNCED if number in known.bounced else NOT_CONFIGURED if here != way.kind else ""
        found.append(Route(way.kind, contact.but(kind=way.kind, address=way.address), number=number, code=code))
    by_mouth = bool(known.channels) and all(way.never_write or way.kind in BY_MOUTH for way in known.channels)
    if _at_home(channels) and not by_mouth:
        return [Route(OUTBOX, contact)]
    if not known.channels:
        found.append(_missing(contact))
    return [*found, Route(OUTBOX, contact.but(kind="phone"), TASK)]


def _at_home(channels: Container[str]) -> bool:
    """Tell whether there is only the outbox: nothing leaves this machine."""
    return not any(kind in channels for kind in OUTWARD)


def _missing(contact: Contact) -> Route:
    return Route(NOWHERE, contact, code=NO_ADDRESS)


def route_of(recipient: str, known: KnownPerson | None, channels: Container[str]) -> Route:
    """Return the first of somebody's ways that can be gone."""
    return next(route for route in routes_of(recipient, known, channels) if not route.code)


def by_way_of(manager: KnownPerson | None, task: Route, channels: Container[str]) -> Iterator[Route]:
    """Yield the ways a task takes to the team: the manager's own; then, with no other left, the outbox."""
    if manager is not None and manager.silence is None and manager.id != task.contact.person:
        ways = [one for one in routes_of(manager.id, manager, channels) if one.told != TASK and one.channel != NOWHERE]
        yield from (one._replace(told=TASK, about=task.contact) for one in ways if one.channel != OUTBOX)
    yield task


def written(notices: Sequence[Notice], route: Route, own: Chosen = HOUSE, failed: Sequence[Way] = ()) -> Message:
    """Return the message in its reader's words; a task is in the words of whoever gets it, and of one notice.

    `own`: the manager's words in force; `failed`: the ways tried before.
    """
    notice = notices[0]
    if route.told == TASK:
        passed_on = route.contact if route.about is not None else None
        made = render_call(notice, route.about or route.contact, own, failed=bool(failed), to=passed_on)
    elif len(notices) > 1:
        made = render_together(notices, route.contact.language, route.contact.zone, own)
    else:
        made = render(notice, route.contact.language, route.contact.zone, own)
    return made.but(message_id=message_id(*notices, way=gone(failed)))


def gone(failed: Sequence[Way]) -> int:
    """Return how many messages went out before: what goes by another way is another message."""
    return sum(1 for way in failed if way.message)


def words_in_force(db: Database, initiative: str) -> Chosen:
    """Return the manager's words that may be said now, looked at anew: since they were written somebody they name
    may have joined, or the initiative may have become more sensitive. For the others the house's words are said."""
    return {key: own for key, (own, why) in words_judged(db, initiative).items() if why is None}


def words_judged(db: Database, initiative: str) -> dict[wordings.Key, tuple[OwnWords, Refused | None]]:
    """Return the manager's words, each with why it must not be said now, or None."""
    every = wordings.own_words(db, initiative)
    sensitivity = wordings.sensitivity_of(db, initiative) if every else None
    if sensitivity is None:
        return {}
    terms = list(spelled_out(wordings.terms(db, initiative)))
    return {key: (own, _wrong(own, sensitivity, terms)) for key, own in every.items()}


def _wrong(own: OwnWords, sensitivity: str, terms: list[Term]) -> Refused | None:
    try:
        check(own if sensitivity == Sensitivity.OPEN else own.but(subject=""), sensitivity, terms, neutral())
    except Refused as refused:
        return refused
    return None
