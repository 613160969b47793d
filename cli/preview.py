"""`jisr agenda --preview`: the very messages, in their readers' languages, before anything is sent."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cli import doors, output
from errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from channels.message import Message
    from domain.agenda import Due
    from domain.engine_facts import NoticeSuppressed
    from domain.initiative import Initiative
    from domain.outgoing import Notice
    from domain.own_words import Chosen
    from storage.roster import KnownPerson


UNMADE = "..."  # a link is made when its message is sent; nobody can answer what was only previewed


class Previewed(NamedTuple):
    """One message to come: or, without a message, why nobody is written to. `asks`: all it asks for."""

    initiative: str
    due: Due
    channel: str
    message: Message | None
    silence: str = ""
    asks: tuple[str, ...] = ()


def preview_of(now: Initiative, dues: Sequence[Due], people: Sequence[dict[str, Any]], at: datetime) -> list[Previewed]:
    """Return what these rungs will say, by the way and in the words of delivery. Nothing is written anywhere.

    `people`: those a charter would bring into the roster. Raises: InvalidInput for a channel file that is wrong.
    """
    from activities.links import linked
    from activities.routes import TASK, route_of, written
    from channels.wording import HOUSE
    from domain.engine_facts import NoticeSuppressed
    from domain.preview import previewed

    said = list(previewed(now, dues, at))
    known = _known({due.recipient for due, _ in said}, people, at)
    own = _own_words(now.id) if not people else HOUSE
    channels, page = _channels(), doors.settings().answer_url
    found = []
    for due, notice in said:
        who = known.get(due.recipient)
        if isinstance(notice, NoticeSuppressed) or (who is not None and who.silence is not None):
            why = notice.why if isinstance(notice, NoticeSuppressed) else str(who and who.silence)
            found.append(Previewed(now.id, due, "", None, why))
    apart = {id for id, who in known.items() if who.each_by_itself}
    for due, every in _messages(said, at, doors.settings().digests, apart):
        who = known.get(due.recipient)
        if who is not None and who.silence is not None:
            continue
        route = route_of(due.recipient, who, channels)
        for group in [every] if route.told != TASK else [[one] for one in every]:
            message = written(group, route, own)
            if page is not None and route.told != TASK:
                message = linked(group, message, [f"{page.rstrip('/')}/{UNMADE}"] * len(group))
            asks = tuple(one.ask for one in group)
            found.append(Previewed(now.id, due, route.told or route.channel, message, asks=asks))
    return found


def _messages(
    said: Sequence[tuple[Due, Notice | NoticeSuppressed]], at: datetime, digests: bool, apart: set[str]
) -> Iterator[tuple[Due, list[Notice]]]:
    """Yield what goes as one message, as delivery does: what is due to somebody at one moment, or is overdue now."""
    from channels.invitation import METHODS
    from domain.digest import in_reading_order, together
    from domain.outgoing import Notice

    left = [(due, one) for due, one in said if isinstance(one, Notice)]
    left.sort(key=lambda one: (one[1].due_at, one[1].id()))  # the order in which they are sent
    while left:
        due, first = left[0]
        same = [one for other, one in left if max(other.due_at, at) == max(due.due_at, at)]
        group = together(first, same, METHODS) if digests and first.recipient not in apart else (first,)
        yield due, in_reading_order(group)
        left = [(other, one) for other, one in left if one not in group]


def show_previews(found: Sequence[Previewed], out: Path | None, json: bool, last: datetime) -> int:
    """Print the messages, or write each into a file of its own in `out`. Raises: InvalidInput."""
    from channels.outbox import as_file

    found = sorted(found, key=lambda one: (one.due.due_at, one.initiative, one.due.obligation.id))
    files = _write([one.message for one in found if one.message is not None], out) if out is not None else []
    if json:
        output.data([_line(one) for one in found])
        return 0
    for number, one in enumerate(found):
        if out is None:
            output.text("" if number == 0 else f"{'-' * 72}\n")
            output.text(f"{output.local(one.due.due_at, one.due.zone)}  {one.initiative}  by {one.channel or 'nobody'}")
        if one.message is None:
            output.text(f"Nothing is written to {one.due.recipient} ({one.silence}): {one.due.obligation.ask}")
        elif out is None:
            output.text(as_file(one.message))
    if not found:
        output.say(f"Nothing will be said until {last:%Y-%m-%d}.")
    if out is not None:
        output.say(f"{len(files)} messages written into {out}/. Nothing was sent.")
    else:
        output.say(f"{sum(one.message is not None for one in found)} messages. Nothing was sent.")
    return 0


def _known(ids: set[str], people: Sequence[dict[str, Any]], at: datetime) -> dict[str, KnownPerson]:
    """Return who the roster knows, and whom the charter would bring in; the roster's word counts."""
    from storage import roster
    from storage.roster_input import RosterWrong, read_person

    try:
        brought = [read_person(one) for one in people]
    except RosterWrong as wrong:
        raise InvalidInput(f"people: {wrong}") from None
    found = {one.id: roster.KnownPerson(**one.model_dump(), made_at=at) for one in brought}
    try:
        with doors.database() as db:
            return found | {one.id: one for one in roster.people(db, ids)}
    except Unavailable as away:
        output.say(f"The roster cannot be asked, so languages are the charter's: {away}")
        return found


def _own_words(initiative: str) -> Chosen:
    """Return the manager's words in force; none while the database cannot be asked."""
    from activities.routes import words_in_force

    try:
        with doors.database() as db:
            return words_in_force(db, initiative)
    except Unavailable:
        return {}


def _channels() -> set[str]:
    """Return the names of the channels there are; secrets are not read for it. Raises: InvalidInput."""
    from channels.config import ChannelFileWrong, read_channel_file

    file = doors.settings().channels
    if file is None:
        return {"outbox"}
    try:
        given = read_channel_file(file)
    except ChannelFileWrong as wrong:
        raise InvalidInput(str(wrong)) from None
    return {"outbox"} | ({"email"} if given.email else set()) | ({"apprise"} if given.apprise else set())


def _write(messages: Sequence[Message], out: Path) -> list[Path]:
    """Write each message as the outbox does, under the same name; what an earlier preview left there is replaced."""
    from channels.outbox import OutboxChannel, as_file

    outbox = OutboxChannel(out)
    files = [outbox.path(one) for one in messages]
    try:
        for file, one in zip(files, messages, strict=True):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(made, "w", encoding="utf-8", newline="\n") as open_file:
                open_file.write(as_file(one))
    except OSError as error:
        raise InvalidInput(f"--out: {out} cannot be written to: {error.strerror}. Name another folder.") from None
    return files


def _line(one: Previewed) -> dict[str, Any]:
    """Return one message as JSON values: what it says, and what it discloses to whoever only sees it pass."""
    said: dict[str, Any] = {
        "initiative": one.initiative,
        "due_at": one.due.due_at.isoformat(),
        "local": one.due.local.isoformat(),
        "recipient": one.due.recipient,
        "ask": one.due.obligation.ask,
        "asks": list(one.asks),
        "rung": one.due.rung,
        "channel": one.channel,
        "not_sent_because": one.silence or None,
    }
    if one.message is None:
        return said
    message = one.message
    event = message.event.model_dump(mode="json", exclude_none=True) if message.event else None
    return {
        **said,
        "language": message.language,
        "direction": message.direction,
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "discloses": {"subject": message.subject, **_seen(message), "calendar": event, **message.headers},
    }


def _seen(message: Message) -> dict[str, Any]:
    """Return what a list of mails shows beside the subject."""
    from channels.catalogue import words
    from channels.config import read_channel_file
    from channels.letter import ATTACHED

    file = doors.settings().channels
    mail = read_channel_file(file).email if file is not None else None
    return {
        "from": mail.sender if mail else None,
        "preview": words(message.language)("preview"),
        "attachment": ATTACHED if message.event else None,
    }
