"""The desk at which a participant answers: from a link to what can be said, and from what is said to a report.

Looking never acts. What is said here is checked, its free text kept, and numbered, so that saying it twice is saying
it once; the client sends it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from desk import Desk
from domain.answers import ALWAYS, CHOICES, STOP, Asked, NotAnAnswer, SomebodyElse, masked, reply, verb_of
from domain.record import Answer, Report
from domain.vocabulary import Sensitivity, Status
from errors import Forbidden, InvalidInput, Unavailable
from settings import Settings

if TYPE_CHECKING:
    from storage.answer_links import AnswerLinks, Said

ASK_AGAIN = "Nothing has changed. Ask the person who usually writes to you."
AROUND = " \t\r\n<>()/.\u2066\u2069"  # what may be copied along with a link
NOT_OURS = f"This is no link of ours, or it was cut short: copy it whole from the message. {ASK_AGAIN}"


class Ready(NamedTuple):
    """An answer ready to be sent. `change`: the id of the roster change it is; else it is a report."""

    bound: Asked
    verb: str
    report: Report
    change: str | None
    said: Said


class AnswerDesk:
    """Reads links and prepares answers. Raises everywhere: Forbidden, InvalidInput, Unavailable."""

    def __init__(self, desk: Desk, settings: Settings) -> None:
        self._desk = desk
        self._settings = settings

    # --- look --------------------------------------------------------------------------------------------------
    def page(self, token: str, at: datetime) -> dict[str, Any]:
        """Return what is asked and what can be answered; it names nobody, and opening it does nothing."""
        from channels.catalogue import words  # noqa: PLC0415  slow to import
        from channels.wording import language_of  # noqa: PLC0415
        from storage import roster  # noqa: PLC0415

        with self._links() as links:
            bound = _read(links, token)
            known = roster.person(self._desk.database, bound.person)
            if known is not None and known.silence is not None:
                raise Forbidden(_SILENT)
            _in_time(bound, at)
            _not_replaced(links, bound)
            last = links.last(bound)
        say = words(language_of(known.languages if known else ()))
        who = masked(bound.person)
        quiet = bound.sensitivity == Sensitivity.QUIET
        return {
            "for": say.apart(who),
            "language": say.language,
            "direction": say.direction,
            "asked": say("body.quiet")
            if quiet
            else say(f"ask.{bound.ask}" if say.knows(f"ask.{bound.ask}") else "ask.generic"),
            "reference": None if quiet else bound.initiative,
            "valid_until": bound.expires_at.isoformat(),
            "given": {"verb": last.verb, "at": last.first_said.isoformat()} if last else None,
            "verbs": [_offered(bound, name, say(f"verb.{name}", who=say.apart(who))) for name in bound.verbs],
        }

    # --- answer ------------------------------------------------------------------------------------------------
    def check(self, token: str, verb: str, given: Mapping[str, Any], at: datetime) -> Asked:
        """Return what is answered, if this link may be answered so; nothing is kept yet."""
        with self._links() as links:
            return self._may(links, token, verb, given, at)

    def ready(self, token: str, verb: str, given: Mapping[str, Any], at: datetime) -> Ready | Answer:
        """Return the answer as the report it is; an `Answer` where there is nothing left to do."""
        with self._links() as links:
            bound = self._may(links, token, verb, given, at)
            if self._silence(bound):
                why = "Nothing is sent to you any more."
                return Answer(status=Status.DUPLICATE, initiative=bound.initiative, why=why)
            said = links.say(bound, verb, given, at)
        occasion = _occasion(bound, verb)
        report = self._report(bound, verb, given, said.first_said, f"answer/{occasion}/{said.number}")
        change = f"answer-{occasion}-{said.number}" if verb in ALWAYS else None
        return Ready(bound, verb, self._desk.prepare(bound.initiative, report), change, said)

    def refused(self, ready: Ready) -> None:
        """Write down that a rule did not take an answer."""
        with self._links() as links:
            links.refused(ready.bound, ready.verb, ready.said)

    def _may(self, links: AnswerLinks, token: str, verb: str, given: Mapping[str, Any], at: datetime) -> Asked:
        """Return what a link is bound to, if it may be answered so. Whoever wants no more messages need not hurry."""
        bound = _read(links, token)
        if verb != STOP:
            if self._silence(bound):
                raise Forbidden(_SILENT)
            _in_time(bound, at)
        if verb not in ALWAYS:
            _not_replaced(links, bound)
        self._report(bound, verb, given, at, key="look")
        return bound

    def _silence(self, bound: Asked) -> str | None:
        """Return why the person is not written to any more, or None."""
        from storage import roster  # noqa: PLC0415  slow to import

        known = roster.person(self._desk.database, bound.person)
        return known.silence if known is not None else None

    def _report(
        self, bound: Asked, verb: str, given: Mapping[str, Any], first_said: datetime, key: str
    ) -> dict[str, Any]:
        """Return the flat report of an answer, checked for shape."""
        if any(str(value).startswith("text:") for value in given.values()):
            raise InvalidInput("Write the words themselves; they cannot begin with `text:`.")
        try:
            answer = reply(bound, verb, given, first_said)
        except SomebodyElse as other:
            raise Forbidden(
                f"{other} Whoever stands in for somebody tells the person who wrote; a manager can record an answer "
                "with `jisr report --on-behalf-of`."
            ) from None
        except NotAnAnswer as wrong:
            raise InvalidInput(str(wrong)) from None
        by = f"participant:{bound.person}"
        report = {"kind": answer.kind, **answer.fields, "reason": answer.reason, "by": by, "key": key}
        self._desk.check(report)
        return report

    @contextmanager
    def _links(self) -> Iterator[AnswerLinks]:
        from storage.answer_links import AnswerLinks  # noqa: PLC0415  slow to import
        from storage.database import DatabaseAway  # noqa: PLC0415
        from storage.keys import KeysAway, read_keys  # noqa: PLC0415

        try:
            yield AnswerLinks(self._desk.database, read_keys(self._settings.key_file()))
        except (KeysAway, DatabaseAway) as away:
            raise Unavailable(str(away)) from None


_SILENT = f"Nothing is sent or asked by this link any more. {ASK_AGAIN}"


def _read(links: AnswerLinks, given: str) -> Asked:
    """Return what a token, or the whole link it stands in, is bound to. Raises: Forbidden."""
    token = given.strip(AROUND).rpartition("/")[2].lower()
    bound = links.find(token)
    if bound is None:
        raise Forbidden(NOT_OURS)
    return bound


def _in_time(bound: Asked, at: datetime) -> None:
    """Raises: Forbidden, when the link is too old."""
    if at > bound.expires_at:
        day = bound.expires_at.date().isoformat()
        raise Forbidden(f"This link was good until {day}; with it you can only say stop. {ASK_AGAIN}")


def _not_replaced(links: AnswerLinks, bound: Asked) -> None:
    """Raises: Forbidden, when a later link asks the same."""
    if links.replaced(bound):
        raise Forbidden(f"A later message asks this anew: answer by the link in that one. {ASK_AGAIN}")


def _offered(bound: Asked, name: str, says: str) -> dict[str, Any]:
    """Return one verb as a form needs it."""
    verb = verb_of(bound.ask, name)
    needed = (*verb.needs, *(("i_am",) if verb.personal else ()))
    fields = [
        {"name": field, "needed": field in needed, **({"choices": list(CHOICES[field])} if field in CHOICES else {})}
        for field in (*needed, *verb.may)
    ]
    return {"verb": name, "says": says, "fields": fields}


def _occasion(bound: Asked, verb: str) -> str:
    """Return what stands for one ask to one person in keys: ids of obligations may be longer than a key."""
    told = (bound.initiative, bound.obligation, bound.person, *([verb] if verb in ALWAYS else []))
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:20]
