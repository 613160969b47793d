"""By which way a message goes to its reader, and its words for that way. What is previewed is made here, too."""

from collections.abc import Container
from typing import NamedTuple

from channels.message import Contact, Message
from channels.undisclosed import neutral, spelled_out
from channels.wording import HOUSE, language_of, render, render_call
from domain.outgoing import Notice
from domain.own_words import Chosen, OwnWords, Term, check
from domain.rules import Refused
from domain.vocabulary import Sensitivity
from storage import wordings
from storage.database import Database
from storage.roster import KnownPerson

OUTBOX, TASK = "outbox", "task"
BY_MOUTH = ("phone", "via_partner")


class Route(NamedTuple):
    """How one message goes to its reader."""

    channel: str  # the name of the channel
    contact: Contact
    told: str = ""  # what the receipt calls the channel, if not by its name


def route_of(recipient: str, known: KnownPerson | None, channels: Container[str]) -> Route:
    """Return the way a person prefers among the channels there are; the outbox when there is none.

    Who can only be called, or must never be written to, becomes a task for the team.
    """
    if known is None:
        return Route(OUTBOX, Contact(person=recipient))
    contact = Contact(person=known.id, language=language_of(known.languages), zone=known.zone)
    for way in known.channels:
        if way.kind == "via_partner":
            return Route(OUTBOX, contact.but(kind=way.kind, via=way.via or ""), TASK)
        if way.kind in channels and not way.never_write:
            return Route(way.kind, contact.but(kind=way.kind, address=way.address))
    if known.channels and all(way.never_write or way.kind in BY_MOUTH for way in known.channels):
        return Route(OUTBOX, contact.but(kind="phone"), TASK)
    return Route(OUTBOX, contact)


def written(notice: Notice, route: Route, own: Chosen = HOUSE) -> Message:
    """Return the message in its reader's words; for a task, in the team's. `own`: the manager's words in force."""
    if route.told == TASK:
        return render_call(notice, route.contact, own)
    return render(notice, route.contact.language, route.contact.zone, own)


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
