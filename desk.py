"""The desk behind every door: what is done before anything reaches the engine.

Free text goes into the database first and is replaced by a reference (claim check); people in a charter file go
into the roster; a report is checked for shape. What fails here has been sent nowhere and has changed nothing.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from domain import decide as _whole_catalogue  # noqa: F401  fills the catalogue of milestones
from domain.answers import NotAnAnswer, on_behalf, whose_text
from domain.charter import Charter, Person, with_defaults
from domain.conduct.wording import WordingChanged
from domain.own_words import KNOWN_ASK, OwnWords, check
from domain.record import MILESTONES, Report, canonical, nearest, plain_errors
from domain.rules import Refused, require
from domain.values import TEXT_MAX, is_free_text
from errors import InvalidInput, NotFound, Unavailable
from settings import Settings

if TYPE_CHECKING:
    from storage.database import Database

PLACEHOLDER = "text:" + "0" * 32
CHARTER_BYTES = 300_000  # a run carries its charter from page to page, beside all that has happened
CHARTER_TEXTS = ("title", "summary")
OWN = ("kind", "by", "at", "reason", "key")


@dataclass(frozen=True)
class Opening:
    """A charter ready for the engine, and the people whose contact data stay here."""

    charter: Charter
    people: tuple[dict[str, Any], ...]


class Desk:
    """Prepares reports and charters; opens the database only when something has to be read or kept there."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database: Database | None = None

    @property
    def database(self) -> Database:
        """Return the database, made on first use. Raises: Unavailable."""
        if self._database is None:
            from storage.database import (  # noqa: PLC0415  slow to import
                DatabaseAway,
                DatabaseNewer,
                DatabaseUrlWrong,
                migrate,
                open_database,
            )

            try:
                if self._settings.database_url is None:
                    self._settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
                migrate(self._settings.database)
                self._database = open_database(self._settings.database, self._settings.key_file())
            except (DatabaseAway, DatabaseNewer) as away:
                raise Unavailable(str(away)) from None
            except OSError as error:
                raise Unavailable(
                    f"{self._settings.home} cannot be made: {error.strerror}. "
                    "Set JISR_HOME to a folder you may write to."
                ) from None
            except DatabaseUrlWrong as wrong:
                raise InvalidInput(str(wrong)) from None
        return self._database

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    # --- reports -----------------------------------------------------------------------------------------------
    def prepare(self, initiative: str, given: Mapping[str, Any]) -> Report:
        """Return the report as it travels: well-formed, with a key, its free text stored and referred to.

        Raises: InvalidInput, or Refused for words that name what they must not; nothing is stored then.
        """
        read, fields, texts = self.check(given)
        if read.kind == WordingChanged.kind:
            self._check_words(initiative, fields, texts)
        owner = whose_text(read.by, fields)
        kept = {name: self._keep(initiative, body, owner) for name, body in texts.items()}
        reason = kept.pop("reason", read.reason)
        return read.model_copy(update={"fields": {**fields, **kept}, "reason": reason})

    def check(self, given: Mapping[str, Any]) -> tuple[Report, dict[str, Any], dict[str, str]]:
        """Return a well-formed report, its fields, and the free texts that are to be stored. Raises: InvalidInput.

        Fields are as the milestone reads them: `seats=3` typed and `"seats": 3` sent by a program are the same report.
        """
        flat = {name: value for name, value in given.items() if value is not None}
        flat.setdefault("by", self._settings.actor)
        try:
            flat = on_behalf(flat)
        except NotAnAnswer as wrong:
            raise InvalidInput(str(wrong)) from None
        flat.setdefault("key", f"auto-{uuid.uuid4().hex}")
        kind = str(flat.get("kind", ""))
        if kind not in MILESTONES:
            raise InvalidInput(
                f"There is no milestone {kind[:60]!r}. {did_you_mean(kind)} See `jisr milestones`.",
                "report.unknown-kind",
            )
        texts = [name for name in (*free_texts(kind), "reason") if name in flat and not _is_reference(flat[name])]
        for name in texts:
            _check_text(name, flat[name])
        try:
            read = Report.read({**flat, **dict.fromkeys(texts, PLACEHOLDER)})
            milestone = read.milestone()
        except Refused as refused:
            hints = [_field_meant(kind, name) for name in flat if name not in OWN]
            words = [refused.why, *filter(None, hints), f"See `jisr milestones {kind}`."]
            raise InvalidInput(" ".join(words), refused.rule.id) from None
        fields = milestone.model_dump(mode="json", exclude_none=True, exclude_unset=True)
        return read, fields, {name: flat[name] for name in texts}

    def check_change(self, person: str, report: Mapping[str, Any]) -> None:
        """Return if the roster can take what a report says of somebody. Raises: InvalidInput."""
        from storage.roster_input import RosterWrong, check_change  # noqa: PLC0415  slow to import

        try:
            check_change(person, report)
        except RosterWrong as wrong:
            raise InvalidInput(f"{wrong} The roster was not changed.", "people.roster-wrong") from None

    def _check_words(self, initiative: str, fields: Mapping[str, Any], given: Mapping[str, str]) -> None:
        """Look at own words before they are stored: only here are the names they must not hold. Raises: Refused."""
        from channels.catalogue import words  # noqa: PLC0415  slow to import
        from channels.undisclosed import neutral, spelled_out  # noqa: PLC0415
        from storage import texts, wordings  # noqa: PLC0415
        from storage.database import DatabaseAway  # noqa: PLC0415

        require(words("en").knows(f"ask.{fields['ask']}"), KNOWN_ASK)
        try:
            sensitivity = wordings.sensitivity_of(self.database, initiative)
            if sensitivity is None:
                raise NotFound(f"There is no record of {initiative} here yet. See `jisr list`.")
            held = texts.get(self.database, {str(fields[name]) for name in ("subject", "text") if name in fields})
            terms = list(spelled_out(wordings.terms(self.database, initiative)))
        except DatabaseAway as away:
            raise Unavailable(f"{away} Own words are looked at before they are stored; nothing was sent.") from None
        bodies = {name: given.get(name) or held.get(str(fields.get(name)), "") for name in ("subject", "text")}
        shape = {name: fields[name] for name in ("ask", "language", "tone") if name in fields}
        check(OwnWords(**shape, **bodies), sensitivity, terms, neutral())

    def _keep(self, initiative: str, body: str, person: str | None = None) -> str:
        from storage import texts  # noqa: PLC0415  slow to import
        from storage.database import DatabaseAway  # noqa: PLC0415

        try:
            return texts.put(self.database, initiative, body, person=person)
        except DatabaseAway as away:
            raise Unavailable(f"{away} The report has free text, which is stored first; nothing was sent.") from None

    # --- charters ----------------------------------------------------------------------------------------------
    def opening(self, given: Mapping[str, Any]) -> Opening:
        """Return a charter file's content ready to open. Raises: InvalidInput; nothing is stored then."""
        charter, people, texts = read_charter(given)
        from storage import roster  # noqa: PLC0415  slow to import
        from storage.database import DatabaseAway  # noqa: PLC0415

        try:
            known = roster.cards(self.database, _named_in(charter))
            roster.add_missing(self.database, people)
            kept = {name: self._keep(charter.id, body) for name, body in texts.items()}
        except DatabaseAway as away:
            raise Unavailable(str(away)) from None
        except ValueError as error:
            raise InvalidInput(f"people: {error}") from None
        cards = {**{id: Person(**card) for id, card in known.items()}, **charter.people}
        return Opening(charter.but(people=cards, **kept), tuple(people))

    # --- the record --------------------------------------------------------------------------------------------
    def head(self, initiative: str) -> tuple[int, str]:
        """Return how far the record has come: (seq, hash)."""
        from storage import ledger  # noqa: PLC0415  slow to import

        found: tuple[int, str] = ledger.head(self.database, initiative)
        return found


def read_charter(given: Mapping[str, Any]) -> tuple[Charter, list[dict[str, Any]], dict[str, str]]:
    """Return the charter (its texts not yet stored), its people for the roster, its texts.

    A file without an id gets one made of its content, so that the same file opens the same initiative.
    Raises: InvalidInput, field by field.
    """
    if not isinstance(given, Mapping):
        raise InvalidInput("A charter is a table of fields; see examples/clear_channels/charter.yaml.")
    raw = dict(given)
    _require_portable(raw)
    raw.setdefault("id", f"ini-{hashlib.sha256(canonical(_plain(raw))).hexdigest()[:10]}")
    people = _people(raw)
    texts = {name: raw.pop(name) for name in CHARTER_TEXTS if raw.get(name) is not None}
    for name, body in texts.items():
        _check_text(name, body)
    cards = {one["id"]: {k: one[k] for k in Person.model_fields if one.get(k) is not None} for one in people}
    try:
        charter = Charter.model_validate(with_defaults({**raw, "people": cards}))
    except ValidationError as error:
        raise InvalidInput(f"The charter cannot be opened: {plain_errors(error)}", "charter.invalid") from None
    size = len(charter.model_dump_json())
    if size > CHARTER_BYTES:
        raise InvalidInput(
            f"The charter has {size:,} bytes; at most {CHARTER_BYTES:,} fit. Leave people to the roster, "
            "texts to documents.",
            "charter.invalid",
        )
    return charter, people, texts


def _people(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """Take the people out of the charter: their names and addresses are for the roster only."""
    people = raw.pop("people", None) or []
    if isinstance(people, Mapping):
        people = [
            {"id": id, **(card or {})} if isinstance(card or {}, Mapping) else None for id, card in people.items()
        ]
    if not isinstance(people, list) or not all(isinstance(p, dict) and "id" in p for p in people):
        raise InvalidInput("people: a list of tables, each with an id.", "charter.invalid")
    for person in people:
        person["id"] = str(person["id"])
        languages = person.get("languages")
        if languages and isinstance(languages, list) and "language" not in person:
            person["language"] = languages[0]
    return people


def _named_in(charter: Charter) -> set[str]:
    """Return everybody the charter names by id."""
    focal = {person for partner in charter.partners for person in (partner.focal, partner.deputy) if person}
    return {*charter.roles.values(), *charter.vetters, *focal}


@cache
def free_texts(kind: str) -> tuple[str, ...]:
    """Return the fields of a milestone that hold free text."""
    fields = MILESTONES[kind].model_fields.items()
    return tuple(name for name, field in fields if is_free_text([*field.metadata, field.annotation]))


def did_you_mean(kind: str) -> str:
    """Return a hint at the milestone that was probably meant, or nothing."""
    close = get_close_matches(kind.lower(), MILESTONES, n=1, cutoff=0.75)
    return f"Did you mean {close[0]}?" if close else nearest(kind)


def _field_meant(kind: str, name: str) -> str:
    known = MILESTONES[kind].model_fields
    close = [] if name in known else get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]}?" if close else ""


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("text:") and len(value) == len(PLACEHOLDER)


def _check_text(name: str, body: Any) -> None:
    if not isinstance(body, str) or not body.strip():
        raise InvalidInput(f"{name}: write a text, not {type(body).__name__}.")
    if len(body) > TEXT_MAX:
        raise InvalidInput(
            f"{name}: {len(body):,} characters are too long; at most {TEXT_MAX:,} fit. Put the rest into a document."
        )
    odd = sorted({f"U+{ord(c):04X}" for c in body if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"})
    if odd:
        raise InvalidInput(f"{name}: control characters ({', '.join(odd[:3])}) cannot be stored; take them out.")


def _require_portable(raw: dict[str, Any]) -> None:
    """Return if a charter can be written as JSON in UTF-8. Raises: InvalidInput."""
    try:
        json.dumps(_plain(raw), allow_nan=False, ensure_ascii=False).encode()
    except RecursionError:
        raise InvalidInput("The charter is nested too deeply.", "charter.invalid") from None
    except ValueError:
        raise InvalidInput("The charter holds half a character, or a number that is none.", "charter.invalid") from None


def _plain(value: Any) -> Any:
    """Return YAML's values (dates, for example) as JSON can write them."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
