"""What may be written into the roster: people, how to reach them, institutions. Checked before it is stored.

Errors name the field and never repeat what was written: it may be a name or an address.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from domain.record import plain_errors
from domain.values import Country, Id, Text, Value
from domain.vocabulary import Capacity, Category, ConsentScope
from domain.working_days import known_zone

EMAIL = re.compile(r"[^@\s<>()\[\],;:\"\\]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")
PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,29}")
# They turn the direction of what follows; a name that holds them can be made to read as another one.
DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NOT_IN_ISO = {"XK"}  # Kosovo: a code that everybody uses and the list does not hold


class RosterWrong(ValueError):
    """What was to be written into the roster is not well-formed. Says which fields and why, not what stood there."""


def _clean(given: str) -> str:
    text = unicodedata.normalize("NFC", given.strip())
    if any(unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") or char in DIRECTION for char in text):
        raise ValueError("has control characters; type it again")
    return text


def _iso(given: str) -> str:
    if given[:2] not in _countries():
        raise ValueError("is no country; give its ISO code, such as IQ or IQ-KR")
    return given


@cache
def _countries() -> frozenset[str]:
    """Return the ISO 3166 codes, from the list that comes with the time zones."""
    listed = (resources.files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line[:2] for line in listed.splitlines() if not line.startswith("#")) | NOT_IN_ISO


def _zone(given: str) -> str:
    if not known_zone(given):
        raise ValueError("is no time zone; give one such as Asia/Baghdad")
    return given


Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(_clean)]
Address = Annotated[str, StringConstraints(max_length=500), AfterValidator(_clean)]
KnownCountry = Annotated[Country, AfterValidator(_iso)]
Zone = Annotated[str, StringConstraints(max_length=60), AfterValidator(_zone)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]


class Card(Value):
    """What is written into the roster: an unknown field is a mistake of the writer."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class RosterChannel(Card):
    """One way to reach somebody; the lowest `preference` is tried first.

    `never_write`: the address is known, but nothing is ever sent there. `via_partner`: a person of partner `via`
    is asked to speak to them; an address then says how, for the partner's eyes.
    """

    kind: Literal["email", "apprise", "phone", "via_partner", "outbox"]
    address: Address = ""
    preference: int = Field(default=0, ge=0, le=99)
    never_write: bool = False
    via: Id | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        fits = {
            "email": len(self.address) <= 254 and EMAIL.fullmatch(self.address) is not None,
            "apprise": "://" in self.address,
            "phone": PHONE.fullmatch(self.address) is not None,
            "via_partner": self.via is not None,
            "outbox": True,
        }
        if not fits[self.kind]:
            what = {
                "email": "the address does not look like name@example.org",
                "apprise": "the address does not look like kind://...",
                "phone": "the address does not look like +964 770 000 0000",
                "via_partner": "name the partner in `via`",
            }
            raise ValueError(what[self.kind])
        return self


class RosterPerson(Card):
    """A person as somebody writes them down; `base` is the town they live in.

    `email`, `phone` and `language` are taken as a short way to write.
    """

    id: Id
    name_native: Name = ""
    name_latin: Name = ""
    name_passport: Name = ""
    base: Name = ""
    languages: Annotated[tuple[Language, ...], Field(max_length=10)] = ()
    zone: Zone = "Asia/Baghdad"
    country: KnownCountry = "IQ"
    organisation: Id | None = None
    category: Category | None = None
    channels: Annotated[tuple[RosterChannel, ...], Field(max_length=20)] = ()

    @model_validator(mode="before")
    @classmethod
    def _short_ways(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        full = {name: value for name, value in given.items() if value is not None}
        languages, channels = full.get("languages", ()), full.get("channels", ())
        if isinstance(languages, str):
            languages = [one.strip() for one in languages.split(",") if one.strip()]
        first = full.pop("language", None)
        if isinstance(languages, list | tuple) and first is not None:
            languages = [first, *(one for one in languages if one != first)]
        short = [{"kind": kind, "address": full.pop(kind)} for kind in ("email", "phone") if kind in full]
        if isinstance(channels, list | tuple):
            channels = [*short, *channels]
        return full | {"languages": languages, "channels": channels}


class DatedCapacity(Card):
    """On what standing somebody comes, since when; the evidence's date says how fresh that knowledge is."""

    capacity: Capacity
    since: date
    evidence_on: date | None = None
    note: Text | None = None


class Consent(Card):
    """One line of the ledger of consents; without an initiative it holds for all."""

    scope: ConsentScope
    given_at: datetime
    withdrawn_at: datetime | None = None
    initiative: str | None = None


class RosterInstitution(Card):
    """An institution. A successor names the one it came from, so that the history stays one."""

    id: Id
    name_native: Name = ""
    name_latin: Name = ""
    country: KnownCountry = "IQ"
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,39}$")] = "institution"
    legal_entity: Id | None = None
    successor_of: Id | None = None


class Partnership(Card):
    """A partnership with an institution over days, the last one included; `terms` refers to a stored text."""

    institution: Id
    since: date
    until: date | None = None
    terms: Text | None = None


def read_person(given: Mapping[str, Any]) -> RosterPerson:
    """Return the person as given in a file or on a command line. Raises: RosterWrong, field by field."""
    try:
        return RosterPerson.model_validate(dict(given))
    except ValidationError as error:
        raise RosterWrong(plain_errors(error)) from None


def read_capacity(report: Mapping[str, Any]) -> DatedCapacity:
    """Return the capacity that a report tells. Raises: RosterWrong, field by field."""
    told = {"capacity": report["capacity"], "since": report["since"], "evidence_on": report.get("evidence")}
    try:
        return DatedCapacity.model_validate(told)
    except ValidationError as error:
        raise RosterWrong(plain_errors(error)) from None


def check_change(person: str, report: Mapping[str, Any]) -> None:
    """Return if the roster can take what a report says of somebody. Raises: RosterWrong."""
    kind = report.get("kind")
    if kind == "person_card_changed":
        told = {name: report[name] for name in ("country", "zone", "organisation", "language") if report.get(name)}
        read_person({"id": person, **told})
    elif kind == "capacity_changed":
        missing = [name for name in ("capacity", "since") if not report.get(name)]
        if missing:
            raise RosterWrong(f"{missing[0]}: is missing.")
        read_capacity(report)


def read_institution(given: Mapping[str, Any]) -> RosterInstitution:
    """Return the institution as given in a file or on a command line. Raises: RosterWrong, field by field."""
    try:
        return RosterInstitution.model_validate(dict(given))
    except ValidationError as error:
        raise RosterWrong(plain_errors(error)) from None
