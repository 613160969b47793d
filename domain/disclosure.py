"""What may leave in an export: each segment's rule of attribution, and pseudonyms that hold inside one export only.

An entry bound to a session is withheld as a whole where its rule forbids what it tells: the meeting itself, or who was
there, or who spoke. A redacted entry keeps days, numbers and words of closed lists; ids become pseudonyms, free text
and what describes a person are left out.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from typing import Any

from domain import vocabulary
from domain.initiative import Initiative
from domain.nouns import STANDINGS
from domain.record import ENGINE, ENGINE_FACTS, MILESTONES, Entry
from domain.rules import RULES
from domain.stages.attribution import may_disclose, may_name
from domain.vocabulary import AttributionRule, Issue, Role

PARTS = re.compile(r"[:/|,]")  # ids are made of parts: `sign_mou:P1`, `S1/opening`, `participant:p-20`
DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?")
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# What a field of these names holds is left out: it describes somebody, names the topic, or is free text.
LEFT_OUT = frozenset({
    "charter", "gender", "category", "marginalised", "outside_capital", "first_time", "zone", "language", "country",
    "organisation", "issue", "title", "why", "message", "digest", "tag", "told_fields", "about", "quiet", "stage_model",
    "verdict", "criteria",  # what a review says is for assessors
})  # fmt: skip
SPEAKS_AS = frozenset({*Role, "engine", "participant", "vetter", "partner", "script", "admin"})


# --- attribution ------------------------------------------------------------------------------------------------------
def withheld(entry: Entry, now: Initiative) -> str | None:
    """Return by which rule an entry is withheld from every export, or None; `now` is the state today.

    The rule is the strictest of the segment or session it is bound to; a breach freezes the segment (E3.16, E3.18).
    """
    parts = set(_parts([entry.fields, entry.by]))
    for session in sorted(parts & now.sessions.keys()):
        segments = now.sessions[session].segments
        segment = entry.fields.get("segment")
        bound = [segment] if isinstance(segment, str) and segment in segments else list(segments)
        strictest = max((segments[one].rule for one in bound), key=lambda one: one.strictness, default=None)
        rule = strictest or AttributionRule.OFF_RECORD_NO_USE
        allows = may_disclose(now, session, bound[0] if len(bound) == 1 else None)
        if not (allows.meeting and allows.content):
            return rule.value
        named = parts & {*now.participants, *(party.id for party in now.charter.parties)}
        if allows.identity and allows.attendance:
            continue
        if any(not _may_be_named(now, session, bound, one) for one in named):
            return rule.value
    return None


def _may_be_named(now: Initiative, session: str, segments: Iterable[str], who: str) -> bool:
    return all(may_name(now, session, one, who) for one in segments)


def _parts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from PARTS.split(value)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _parts(name)
            yield from _parts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _parts(one)


# --- redaction --------------------------------------------------------------------------------------------------------
class Redactor:
    """Redacts entries; `key` is new for every export, so that nobody can be followed from one export to the next."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def line(self, entry: Entry, rule: str | None) -> dict[str, Any]:
        """Return a redacted entry as JSON values; one withheld by `rule` keeps its number only."""
        if rule is not None:
            return {"seq": entry.seq, "kind": "withheld", "withheld": rule}
        return {
            "seq": entry.seq,
            "on": entry.at.date().isoformat(),
            "by": self.speaker(entry.by),
            "kind": entry.kind,
            "fields": self.fields(entry.fields),
            "reason_given": entry.reason is not None,
        }

    def speaker(self, by: str) -> str:
        role, _, id = by.partition(":")
        return by if by == ENGINE else f"{role if role in SPEAKS_AS else 'somebody'}:{self.pseudonym(id)}"

    def fields(self, given: dict[str, Any]) -> dict[str, Any]:
        kept = {name: self._value(value) for name, value in given.items() if name not in LEFT_OUT}
        return {self._word(name): value for name, value in kept.items() if value is not None}

    def pseudonym(self, id: str) -> str:
        return f"x-{hmac.new(self._key, id.encode(), hashlib.sha256).hexdigest()[:8]}"

    def _value(self, value: Any) -> Any:
        """Return what may stay of a value; None where nothing may."""
        if isinstance(value, str):
            return self._string(value)
        if isinstance(value, dict):
            return self.fields(value)
        if isinstance(value, list | tuple):
            return [one for one in map(self._value, value) if one is not None]
        return value

    def _string(self, value: str) -> str | None:
        if DAY.fullmatch(value):
            return value[:10]
        if value.startswith("text:"):
            return None
        if value in closed_words():  # a rule's id may hold what looks like parts
            return value
        parts = PARTS.split(value)
        return ":".join(self._word(part) for part in parts) if all(map(ID.fullmatch, parts)) else None

    def _word(self, part: str) -> str:
        return part if part in closed_words() or part.isdecimal() else self.pseudonym(part)


@cache
def closed_words() -> frozenset[str]:
    """Return every word the rules themselves choose: lists, kinds, rules, names of fields; never a topic."""
    lists = [one for one in vars(vocabulary).values() if isinstance(one, type) and issubclass(one, StrEnum)]
    words = {word.value for one in lists if one is not Issue for word in one}
    facts = (*MILESTONES.values(), *ENGINE_FACTS.values())
    for fact in facts:
        words |= set(fact.model_fields) | set(_choices(fact.model_json_schema()))
    return frozenset(words | {*MILESTONES, *ENGINE_FACTS, *RULES, *STANDINGS, "met"} - {one.value for one in Issue})


def _choices(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for name, one in schema.items():
            if name in ("enum", "const"):
                yield from (word for word in (one if isinstance(one, list) else [one]) if isinstance(word, str))
            else:
                yield from _choices(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from _choices(one)
