"""By which way a message goes to its reader, and its words for that way. What is previewed is made here, too."""

from collections.abc import Container
from typing import NamedTuple

from channels.message import Contact, Message
from channels.wording import language_of, render, render_call
from domain.outgoing import Notice
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


def written(notice: Notice, route: Route) -> Message:
    """Return the message in its reader's words; for a task, in the team's."""
    if route.told == TASK:
        return render_call(notice, route.contact)
    return render(notice, route.contact.language, route.contact.zone)
