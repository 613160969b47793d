"""From a notice to a message: the words, in the reader's language, at the reader's clock. It names nobody.

A subject says less the more sensitive the initiative is; at `quiet` the body says nothing either. Whatever is not
a word (ids, numbers, dates) stands in bidi isolates, so that it keeps its order inside Arabic and Kurdish.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_datetime

from channels.catalogue import LANGUAGES, Words, words
from channels.hijri import hijri
from channels.invitation import METHODS, event_of
from channels.message import Contact, Message, message_id
from channels.page import as_page
from domain.outgoing import Notice
from domain.own_words import Chosen, chosen, places_in
from domain.vocabulary import Act, Sensitivity

HOUSE: Chosen = MappingProxyType({})  # nobody's own words: those of the house
SPEAKING = (Sensitivity.OPEN, Sensitivity.DISCREET, Sensitivity.RESTRICTED)
BETWEEN = re.compile(r"\n\s*\n")
DAY = "EEEE d MMMM y"
HOUR = "HH:mm"
TOGETHER = "together"  # what a message asks that lists several requests
TASKS = "tasks"  # who the outbox addresses what the team has to do by word of mouth

# What a reference may name: ids we gave ourselves. Parties and convenors would say who takes part.
SHOWN = ("partner", "session", "person", "recommendation", "balloon", "incident", "indicator", "item", "wave")
# These only tell; they ask for nothing, so they are neither "a request" nor "a reminder".
NEWS = frozenset(
    {
        "cancelled_note", "final_note", "indicator_alert", "keep_warm_note", "note_cancelled", "note_date",
        "note_link", "note_new_date", "note_no_date", "partner_left", "role_taken_over",
    }
)  # fmt: skip


def language_of(languages: Iterable[str]) -> str:
    """Return the first of a person's languages that we write, else English."""
    for given in languages:
        tag = given.replace("_", "-").lower()
        if tag.startswith("ku-arab"):
            return "ckb"
        if tag.partition("-")[0] in LANGUAGES:
            return tag.partition("-")[0]
    return "en"


def render(notice: Notice, language: str, zone: str, own: Chosen = HOUSE) -> Message:
    """Return the message of a notice. An ask without words of its own gets the generic ones, never an error.

    `own`: the manager's words in force. Where they leave a place open that this notice cannot fill, the house's
    words are said.
    """
    say = words(language_of([language]))
    reader = _zone(zone)
    mine = _own(notice, say, reader, own)
    return _message(notice, say, reader, _subject(notice, say, mine), _paragraphs(notice, say, reader, mine))


def render_call(
    notice: Notice, contact: Contact, own: Chosen = HOUSE, failed: bool = False, to: Contact | None = None
) -> Message:
    """Return the task that stands for a message which must not be written, or (`failed`) did not arrive.

    Somebody tells the person; `to` is who that is asked of, in their language; without it, the team.
    """
    say = words(to.language if to else "en")
    reader = _zone((to or contact).zone)
    who, via = say.apart(notice.recipient), say.apart(contact.via)
    asked = say("call.body", who=who, via=via) if via else say("call.failed" if failed else "call.nobody", who=who)
    body = [asked, *_paragraphs(notice, say, reader, _own(notice, say, reader, own))[1:]]
    made = _message(notice, say, reader, say("call.subject"), body)
    return made.but(person=to.person if to else TASKS, event=None)


def render_together(notices: Sequence[Notice], language: str, zone: str, own: Chosen = HOUSE) -> Message:
    """Return one message that lists several requests to one person, each with its dates and its reference."""
    say = words(language_of([language]))
    reader, first = _zone(zone), notices[0]
    open_, number = first.sensitivity == Sensitivity.OPEN, len(notices)
    asks = next((one for one in notices if one.ask not in NEWS), first)
    subject = say.count("subject.together", number) if open_ else _subject(asks, say)
    if first.sensitivity in SPEAKING:
        every = [_item(one, say, reader, own) for one in notices]
        listed = [f"{say.apart(str(place))}. {item}" for place, item in enumerate(every, start=1)]
        body = [say.count("together.these", number), *listed, *filter(None, [_whom(asks, say)])]
    else:
        body = [say("body.quiet"), *(_reference(one, say) for one in notices)]
    made = _message(first, say, reader, subject, [say("greeting"), *body])
    return made.but(message_id=message_id(*notices), ask=TOGETHER, event=None, about={})


def _item(notice: Notice, say: Words, reader: ZoneInfo, own: Chosen) -> str:
    """Return one request of several, as one paragraph: each sentence of it on a line of its own."""
    lines = _paragraphs(notice, say, reader, _own(notice, say, reader, own))[1:]
    whom = _whom(notice, say)
    return "\n".join(line for line in lines if line != whom)


def _zone(name: str) -> ZoneInfo:
    """Return the zone; one this machine does not know must not keep a message from its reader."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _message(notice: Notice, say: Words, reader: ZoneInfo, subject: str, paragraphs: list[str]) -> Message:
    return Message(
        message_id=message_id(notice),
        person=notice.recipient,
        ask=notice.ask,
        at=notice.due_at.astimezone(reader),
        language=say.language,
        direction=say.direction,
        subject=subject,
        text="\n\n".join(paragraphs),
        html=as_page(subject, paragraphs, say),
        sensitivity=notice.sensitivity,
        event=event_of(notice, say, reader),
        about=notice.about,
    )


def _subject(notice: Notice, say: Words, mine: "_Mine | None" = None) -> str:
    """Return a line that a stranger may read. Nothing in it is isolated: it holds words only."""
    match notice.sensitivity:
        case Sensitivity.OPEN if mine is not None and mine.subject:
            return mine.subject
        case Sensitivity.OPEN:
            return say(f"subject.open.{_tone(notice)}", task=_task(notice, say))
        case Sensitivity.DISCREET if notice.ask not in NEWS:
            return say("subject.discreet")
        case Sensitivity.DISCREET | Sensitivity.RESTRICTED:
            return say("subject.restricted")
    return say("subject.quiet")


def _tone(notice: Notice) -> str:
    if notice.act == Act.REMIND and notice.ask in NEWS:
        return Act.TELL.value
    if notice.act == Act.REMIND and notice.rung > 0:
        return "again"
    return notice.act if notice.act in (Act.REMIND, Act.ESCALATE, Act.EXPIRE) else Act.TELL.value


def _paragraphs(notice: Notice, say: Words, reader: ZoneInfo, mine: "_Mine | None" = None) -> list[str]:
    if notice.sensitivity not in SPEAKING:
        return [say("greeting"), say("body.quiet"), _reference(notice, say)]
    when = _moments(notice, say, reader)
    asking = [_asking(notice, say)] if mine is None else mine.paragraphs
    said = () if mine is None else mine.places  # a date that stands there is not said again
    lines = [*asking, *_dates(notice, say, when, said), _whom(notice, say)]
    return [say("greeting"), *(line for line in lines if line), _reference(notice, say)]


class _Mine(NamedTuple):
    """A manager's own words for one notice, filled in."""

    subject: str
    paragraphs: list[str]
    places: frozenset[str]


def _own(notice: Notice, say: Words, reader: ZoneInfo, own: Chosen) -> _Mine | None:
    """Return the manager's words for this notice; None where there are none, or a place in them stays open."""
    tone = _tone(notice)
    found = chosen(own, notice.ask, say.language, tone)
    if found is None or notice.sensitivity not in SPEAKING:
        return None
    known = {"task": _task(notice, say), **_moments(notice, say, reader)}
    if notice.act == Act.ESCALATE and "owes" in notice.about:
        known["who"] = say.apart(notice.about["owes"])
    subject = found.subject if notice.sensitivity == Sensitivity.OPEN else ""
    places = places_in(found.text)
    if not places | places_in(subject) <= set(known):
        return None
    paragraphs = [" ".join(one.split()) for one in BETWEEN.split(found.text.strip())]
    filled = [one.format(**known) for one in paragraphs]
    if tone == "again" and found.tone != tone:
        filled[0] = f"{say('body.again')} {filled[0]}"
    return _Mine(subject.format(**known), filled, frozenset(places))


def _asking(notice: Notice, say: Words) -> str:
    """Return what is asked; each act has its tone."""
    match _tone(notice):
        case Act.ESCALATE:
            who = notice.about.get("owes", "")
            if who:
                return say("body.escalate", who=say.apart(who), task=_task(notice, say))
            return say("body.escalate-nobody", task=_task(notice, say))
        case Act.EXPIRE:
            return say("body.expire", task=_task(notice, say))
        case "again":
            return f"{say('body.again')} {_ask(notice, say)}"
    return _ask(notice, say)


def _task(notice: Notice, say: Words) -> str:
    return say(f"task.{notice.ask}") if say.knows(f"task.{notice.ask}") else say("task.generic")


def _ask(notice: Notice, say: Words) -> str:
    return say(f"ask.{notice.ask}") if say.knows(f"ask.{notice.ask}") else say("ask.generic")


def _whom(notice: Notice, say: Words) -> str:
    asks = notice.act in (Act.REMIND, Act.TELL) and notice.ask not in NEWS
    return say("answer") if asks else say("questions") if notice.act != Act.ESCALATE else ""


def _reference(notice: Notice, say: Words) -> str:
    """Return what the manager finds the matter by: our own ids; at `quiet` a number that says nothing."""
    if notice.sensitivity == Sensitivity.QUIET:
        return say("reference", id=say.apart(notice.id()[:12]))
    ids = [notice.initiative, *(notice.about[name] for name in SHOWN if name in notice.about)]
    return say("reference", id=say.apart(" / ".join(ids)))


def _moments(notice: Notice, say: Words, reader: ZoneInfo) -> dict[str, str]:
    """Return the dates that matter in words, by the reader's clock and counted from the day the message is due."""
    today = notice.due_at.astimezone(reader).date()
    names = ("by",) if METHODS.get(notice.ask) == "CANCEL" else ("starts", "by")  # what is off is not said again
    found = {name: _moment(notice, name, reader) for name in names}
    return {name: _when(moment, today, say) for name, moment in found.items() if moment}


def _dates(notice: Notice, say: Words, when: Mapping[str, str], said: Collection[str]) -> Iterator[str]:
    """Yield the dates in sentences, but for those that were said already."""
    for name in ("starts", "by"):
        if name in when and name not in said:
            yield say(f"date.{name}", when=when[name])
    if not when and notice.ask not in NEWS and notice.act in (Act.REMIND, Act.TELL):
        yield say("date.soon")


def _moment(notice: Notice, name: str, reader: ZoneInfo) -> datetime | date | None:
    """Return a date or moment the notice names, the moment in the reader's zone; None if it names none."""
    given = notice.about.get(name, "")
    try:
        if len(given) == len("2026-01-31"):
            return date.fromisoformat(given)
        moment = datetime.fromisoformat(given)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(notice.about.get("zone") or reader.key))
    except (ValueError, OSError, KeyError):
        return None
    return moment.astimezone(reader)


def _when(moment: datetime | date, today: date, say: Words) -> str:
    """Return the moment in words: weekday, day, hour, offset (a zone's name would be a place), days from now."""
    if isinstance(moment, datetime):
        day, hour = moment.date(), format_datetime(moment, HOUR, locale=say.locale)
        told = say("date.moment", day=_day(day, say), hour=say.apart(f"{hour} {_offset(moment)}"))
    else:
        day = moment
        told = _day(day, say)
    ahead = (day - today).days
    if ahead < 0:
        return told
    return f"{told} ({say('days.today') if ahead == 0 else say.count('days.ahead', ahead)})"


def _day(day: date, say: Words) -> str:
    """Return the day in words, in Arabic and Sorani with its Hijri date behind it."""
    told = say.run(format_date(day, DAY, locale=say.locale))
    moon = hijri(day, say.language)
    return say("date.hijri", day=told, hijri=say.run(moon)) if moon else told


def _offset(moment: datetime) -> str:
    hours = f"{moment:%z}"
    return f"(UTC{hours[:3]}:{hours[3:5]})"
