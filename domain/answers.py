"""What a person can answer to what they were asked: each ask, its verbs, and the milestone each verb reports.

A link in a message carries these verbs (docs/answers.md). It answers its own ask, for the one person it was sent to,
until some time after that ask was due. Language and stop belong to every message.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from domain.outgoing import Notice
from domain.record import MILESTONES
from domain.values import Value
from domain.vocabulary import Act, ConsentScope, Sensitivity

PATIENCE = timedelta(days=30)  # how long after what was asked was due, or after the session it is about
ASKING = (Act.REMIND, Act.TELL)  # who is escalated to hears of it and does not owe it
SCOPES = tuple(scope.value for scope in ConsentScope)
MARK = "on_behalf_of_person"


class Verb(NamedTuple):
    """One answer: the milestone it reports, the fields it fixes, and those the person gives.

    `about` are fields taken from what the ask is about; `version` is read from the obligation's id. `personal`: the
    person says who they are.
    """

    kind: str
    fixed: Mapping[str, str] = {}
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ("reason",)
    about: tuple[str, ...] = ()
    version: bool = False
    dated: bool = False  # `on` is the day it was first said
    personal: bool = False


LANGUAGE, STOP = "language", "stop"
ALWAYS: dict[str, Verb] = {  # changes of the roster, which every live initiative hears
    LANGUAGE: Verb("person_card_changed", needs=("language",), may=()),
    STOP: Verb("do_not_contact_asked", may=()),
}
CONSENTS = {
    "consent": Verb("consent_given", needs=("scopes",)),
    "withdraw": Verb("consent_withdrawn", needs=("scopes",)),
}
ANSWERS: dict[str, dict[str, Verb]] = {
    "answer_invitation": {
        "yes": Verb("invitation_answered", {"answer": "accepted"}),
        "no": Verb("invitation_answered", {"answer": "declined"}),
        "another_date": Verb("invitation_answered", {"answer": "another_date"}),
    },
    "give_consent": CONSENTS,
    "renew_consent": CONSENTS,
    "accept_terms": {"accept": Verb("terms_accepted")},
    "attest_personal_capacity": {"attest": Verb("personal_capacity_attested", dated=True, personal=True)},
    "declare_neutrality": {"declare": Verb("neutrality_declared", about=("session",), personal=True)},
    "send_visa_data": {"done": Verb("visa_data_given", about=("session",))},
    "give_feedback": {"feedback": Verb("feedback_given", may=("feedback", "reason"), about=("session",))},
    "clear_wording": {
        "agree": Verb("wording_cleared", about=("recommendation",), version=True),
        "object": Verb("wording_objected", about=("recommendation",), version=True),
    },
}
CHOICES: dict[str, tuple[str, ...]] = {"scopes": SCOPES}


class Asked(Value):
    """What one link is bound to. Ids, dates and words of closed lists only."""

    initiative: str
    person: str
    obligation: str
    ask: str
    about: dict[str, str] = {}
    sensitivity: str
    verbs: tuple[str, ...]
    asked_at: datetime
    expires_at: datetime

    @property
    def subject(self) -> tuple[str, ...]:
        """Return what is asked and of what, whichever the occasion: a later link of the same subject replaces this."""
        names = {name for verb in ANSWERS.get(self.ask, {}).values() for name in verb.about}
        return (self.initiative, self.person, self.ask, *(self.about.get(name, "") for name in sorted(names)))


class Reply(NamedTuple):
    """An answer as the milestone it is."""

    kind: str
    fields: dict[str, Any]
    reason: str | None


class NotAnAnswer(ValueError):
    """The verb or its fields are not among what can be answered. Says what can be."""


class SomebodyElse(ValueError):
    """Whoever answers says they are not the person the link was sent to."""


def asked(notice: Notice) -> Asked:
    """Return what a link in this message is bound to: the same for the same message.

    At `quiet` it offers language and stop only: a page must not say what the message did not.
    """
    own = ANSWERS.get(notice.ask, {}) if notice.act in ASKING and notice.sensitivity != Sensitivity.QUIET else {}
    names = {name for verb in own.values() for name in verb.about}
    return Asked(
        initiative=notice.initiative,
        person=notice.recipient,
        obligation=notice.obligation,
        ask=notice.ask,
        about={name: notice.about[name] for name in sorted(names) if name in notice.about},
        sensitivity=notice.sensitivity,
        verbs=(*own, *ALWAYS),
        asked_at=notice.due_at.astimezone(UTC),
        expires_at=max(_dates(notice)).astimezone(UTC) + PATIENCE,
    )


def _dates(notice: Notice) -> Iterator[datetime]:
    """Yield the dates the message names; to the day is near enough."""
    yield notice.due_at
    for name in ("starts", "by"):
        try:
            found = datetime.fromisoformat(notice.about.get(name, ""))
        except ValueError:
            continue
        yield found.replace(tzinfo=found.tzinfo or UTC)


def verb_of(ask: str, name: str) -> Verb:
    """Return a verb of an ask. Raises: KeyError."""
    return ALWAYS[name] if name in ALWAYS else ANSWERS[ask][name]


def reply(to: Asked, name: str, given: Mapping[str, Any], first_said: datetime) -> Reply:
    """Return the milestone this answer is. Whom and what it is about comes from the link, never from who answers.

    `first_said`: when this very answer was first given, so that a repeated one is the same report.
    Raises: NotAnAnswer, SomebodyElse.
    """
    if name not in to.verbs:
        raise NotAnAnswer(f"This cannot be answered with {name[:30]!r}. Choose one of {', '.join(to.verbs)}.")
    verb = verb_of(to.ask, name)
    told = {field: value for field, value in given.items() if value not in (None, "")}
    who = told.pop("i_am", to.person if not verb.personal else None)
    if who is None:
        raise NotAnAnswer(f"Say who you are: {name} needs i_am=, your own id as the message gives it.")
    if who != to.person:
        raise SomebodyElse("This link answers for the person it was sent to, and for nobody else.")
    allowed = (*verb.needs, *verb.may)
    if strange := sorted(set(told) - set(allowed)):
        can = f"it takes {', '.join(allowed)}" if allowed else "it takes nothing more"
        raise NotAnAnswer(f"{name} has no field {strange[0][:30]!r}: {can}.")
    if missing := [field for field in verb.needs if field not in told]:
        raise NotAnAnswer(f"{name} needs {missing[0]}=.{_choices(missing[0])}")
    reason = told.pop("reason", None)
    fields = {"person": to.person, **verb.fixed, **{field: to.about[field] for field in verb.about}, **told}
    if verb.version:
        fields["version"] = int(to.obligation.split(":")[2])  # clear_wording:R1:2:p-20
    if verb.dated:
        fields["on"] = first_said.astimezone(UTC).date().isoformat()
    return Reply(verb.kind, fields, reason)


def _choices(field: str) -> str:
    return f" Choose from {', '.join(CHOICES[field])}." if field in CHOICES else ""


def masked(person: str) -> str:
    """Return enough of an id for its owner to know it, and for nobody else."""
    return f"{person[0]}…{person[-1]}"


# --- recorded by somebody else ------------------------------------------------------------------------------
def can_be_recorded_for(kind: str) -> bool:
    """Tell whether an answer of this kind may be written down by somebody else, marked as such."""
    return kind in MILESTONES and MARK in MILESTONES[kind].model_fields


def on_behalf(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flat report in which `on_behalf_of` has become the person and the mark. Raises: NotAnAnswer."""
    report = dict(given)
    person = report.pop("on_behalf_of", None)
    if person is None:
        return report
    kind = str(report.get("kind", ""))
    if not can_be_recorded_for(kind):
        kinds = ", ".join(sorted(filter(can_be_recorded_for, MILESTONES)))
        raise NotAnAnswer(f"{kind[:60]} is no answer that is recorded for somebody. Those are: {kinds}.")
    if report.get("person", person) != person:
        raise NotAnAnswer("on_behalf_of and person name two people. Name one.")
    if str(report.get("by") or "") == f"participant:{person}":
        raise NotAnAnswer("Who answers for themselves needs no on_behalf_of. Leave it out.")
    return {**report, "person": person, MARK: True}


def whose_text(by: str, fields: Mapping[str, Any]) -> str | None:
    """Return the person a report's free texts belong to, and are erased with: who speaks of themselves, or else the
    one person it is about. None: they belong to the initiative."""
    if by.startswith("participant:"):
        return by.removeprefix("participant:")
    about = fields.get("person")
    return about if isinstance(about, str) else None
