"""Reports by chance, made from the catalogue itself: every milestone, every field, ids that mostly exist.

A new milestone is told here from the day it is written, because nothing is listed by hand but where ids come from.
"""

import random
from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from domain import decide as _whole_catalogue  # noqa: F401  fills the catalogue of milestones
from domain.checklists import CHECKLISTS
from domain.initiative import Initiative
from domain.ladders import LADDERS
from domain.record import MILESTONES

TEXT = "text:" + "c" * 32
COUNTRIES = ("IQ", "TR", "CH")
ZONES = ("Asia/Baghdad", "Europe/Istanbul", "Europe/Zurich", "America/New_York")
STRANGERS = ("p-20", "p-21", "p-26", "p-27", "p-28")

# What makes a life a hard one is told more often than the rest.
TROUBLE = (
    "stall_declared", "stall_resumed", "stall_reviewed", "mail_hold_declared", "mail_hold_lifted", "capacity_changed",
    "do_not_contact_asked", "contact_allowed_again", "participant_withdrew", "participant_reinstated",
    "session_postponed", "session_brought_forward", "charter_amended", "role_handed_over", "partner_frozen",
    "partner_unfrozen", "consent_withdrawn", "vetter_removed", "invitation_sent", "incident_reported",
    "incident_resolved", "transfer_outcome_recorded", "recommendation_revised", "person_card_changed",
)  # fmt: skip
BRINGS_IN = ("session_scheduled", "recommendation_drafted", "recommendation_taken_over", "balloon_floated",
             "indicator_defined")  # fmt: skip
# Told as often as the rest, these would end every life before it has begun.
FINAL = {"initiative_closed": 0.04, "person_died": 0.3, "person_erased": 0.3, "role_left": 0.3, "stage_skipped": 0.4}


class Chance:
    """One source of chance for one life: the same seed tells the same life."""

    def __init__(self, seed: int, told: Counter[str] | None = None) -> None:
        self._random = random.Random(seed)
        self._told = Counter() if told is None else told  # what was told least comes first

    def below(self, bound: int) -> int:
        return self._random.randrange(bound)

    def often(self, share: float) -> bool:
        return self._random.random() < share

    def pick(self, values: Any) -> Any:
        return self._random.choice(list(values))

    # --- a report ------------------------------------------------------------------------------------------------
    def report(self, now: Initiative, at: datetime) -> dict[str, Any]:
        """Return a report that is shaped as the catalogue says, about somebody or something that mostly exists."""
        kind = next((one for one in (self._kind(now) for _ in range(6)) if _has_what_it_needs(one, now)), "note_added")
        schema = _schema(kind)
        report: dict[str, Any] = {"kind": kind}
        for name, field in schema["properties"].items():
            if name in schema.get("required", ()) or self.often(0.4):
                report[name] = self._value(name, field, schema.get("$defs", {}), now, at)
        report["by"] = self._actor(kind, report)
        if MILESTONES[kind].needs_reason or self.often(0.5):
            report["reason"] = TEXT
        if self.often(0.2):
            report["at"] = (at - timedelta(hours=self.below(24 * 20))).isoformat()
        if self.often(0.3):
            report["key"] = f"k-{self.below(40)}"
        return {name: value for name, value in report.items() if value is not None}

    def _kind(self, now: Initiative) -> str:
        pool = TROUBLE if self.often(0.35) else tuple(sorted(MILESTONES))
        kind: str = min((self.pick(pool) for _ in range(4)), key=lambda one: self._told[one])
        self._told[kind] += 1
        if not self.often(FINAL.get(kind, 1.0)):
            return "note_added"
        if now.stalled and self.often(0.1):
            return "stall_resumed"
        return kind

    def _actor(self, kind: str, report: dict[str, Any]) -> str:
        if kind == "review_given" and "vetter" in report:
            return f"vetter:{report['vetter']}"
        if kind == "vetting_decided":
            return "vetting_lead:p-05"
        return str(self.pick(("manager:p-01", "script:cron", "deputy:p-02", "participant:p-21")))

    # --- one field -----------------------------------------------------------------------------------------------
    def _value(self, name: str, field: dict[str, Any], defs: dict[str, Any], now: Initiative, at: datetime) -> Any:
        field = _meant(field, defs)
        if name in OF_THEIR_OWN:
            return OF_THEIR_OWN[name](self, at)
        if "const" in field:
            return field["const"]
        if "enum" in field:
            return self.pick(field["enum"])
        kind = field.get("type")
        if kind == "boolean":
            return self.often(0.6)
        if kind in ("integer", "number"):
            low, high = field.get("minimum", -2), field.get("maximum", 12)
            return low + self.below(int(min(high, low + 20) - low) + 1)
        if kind == "array":
            many = [self._value(name, field["items"], defs, now, at) for _ in range(1 + self.below(3))]
            return list(dict.fromkeys(many))
        if kind == "object":
            rules = _meant(next(iter(field.get("patternProperties", {"": {"enum": ["public"]}}).values())), defs)
            return {f"s{number}": self.pick(rules["enum"]) for number in range(self.below(3))}
        return self._text(name, field, now, at)

    def _text(self, name: str, field: dict[str, Any], now: Initiative, at: datetime) -> str:
        if field.get("x-free-text"):
            return TEXT
        if field.get("format") == "date":
            return (at + timedelta(days=self.below(500) - 250)).date().isoformat()
        if field.get("format") == "date-time":
            return (at + timedelta(days=self.below(120))).replace(tzinfo=None).isoformat(timespec="minutes")
        return str(self.pick(_ids(name, now)))


def _ladders(chance: Chance, _at: datetime) -> dict[str, Any]:
    name = chance.pick(LADDERS)
    ladder = LADDERS[name].model_dump(mode="json", exclude_none=True)
    if ladder["rungs"][0]["offset"].startswith("-") or chance.often(0.3):
        return {name: ladder}
    steps = [{"offset": f"{2 + 5 * number}wd", "act": "remind"} for number in range(1 + chance.below(4))]
    return {name: {**ladder, "rungs": steps}}


def _quiet(chance: Chance, at: datetime) -> list[dict[str, Any]]:
    first = at + timedelta(days=chance.below(40))
    last = first + timedelta(days=chance.below(20))
    return [{"first": first.date().isoformat(), "last": last.date().isoformat()}]


# The tables inside an amendment of the charter; their shape says too little.
OF_THEIR_OWN = {
    "ladders": _ladders,
    "quiet": _quiet,
    "quotas": lambda chance, _at: {chance.pick(("women", "outside_capital", "first_time")): chance.below(10) / 10},
    "quorum": lambda chance, _at: {"share": chance.below(10) / 10},
    "patience": lambda chance, _at: {chance.pick(("vetting_months", "consent_months")): 1 + chance.below(24)},
    "stage_model": lambda chance, _at: chance.pick(("saunders", "kaye")),
}


def _ids(name: str, now: Initiative) -> tuple[str, ...]:
    """Return ids a field of this name may hold: mostly those the initiative knows."""
    people = (*now.participants, *now.participants, *now.people, *now.roles.values(), *now.vetters, *STRANGERS)
    known: dict[str, tuple[str, ...]] = {
        "partner": (*now.partners, "P3"),
        "formerly": (*now.partners, "P3"),
        "session": (*now.sessions, "S1", "S2"),
        "recommendation": (*now.recommendations, "R1", "R2", "R3"),
        "sources": (*now.recommendations, "R2"),
        "source": (*now.recommendations, "R2"),
        "into": ("R4", "R5", "R6"),
        "balloon": (*now.balloons, "B1"),
        "incident": (*now.incidents, "I1", "I2"),
        "indicator": (*now.indicators, "N1"),
        "objection": (*(o for s in now.sessions.values() for o in s.objections), "O1"),
        "vetter": (*now.vetters, "p-14"),
        "party": tuple(party.id for party in now.charter.parties),
        "parties": tuple(party.id for party in now.charter.parties),
        "country": COUNTRIES,
        "zone": ZONES,
        "language": ("ar", "ckb", "en"),
        "segment": ("all", "s0", "s1"),
        "item": tuple(item.rstrip("*") for items in CHECKLISTS.values() for item in items),
        "phase": tuple(p.id for p in now.charter.stage_model.phases) if now.charter.stage_model else ("probing",),
        "of": ("convenor", *now.charter.donors),
        "initiative": (*now.links, "ini-other", "ini-third"),
        "from_initiative": ("ini-other",),
        "to_initiative": (*now.links, "ini-other"),
        "payee": (*now.payees, "payee-1"),
        "institution": ("inst-1", "inst-5"),
        "organisation": ("inst-1", "inst-2", "inst-5"),
        "unchanged": ("R4", "R5"),
        "donor": ("donor-1",),
    }
    return known.get(name, people)


def _has_what_it_needs(kind: str, now: Initiative) -> bool:
    """Tell whether there is anything this milestone could speak of."""
    tables = {"session": now.sessions, "recommendation": now.recommendations, "balloon": now.balloons}
    tables |= {"incident": now.incidents, "indicator": now.indicators, "sources": now.recommendations}
    if kind in BRINGS_IN:
        return True
    return all(tables[name] for name in _schema(kind).get("required", ()) if name in tables)


def _meant(field: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    """Return a field's own schema: past `or null`, past references."""
    for one in field.get("anyOf", ()):
        if one.get("type") != "null":
            return _meant(one, defs)
    if "$ref" in field:
        return _meant(defs[field["$ref"].rsplit("/", 1)[-1]], defs)
    return field


@cache
def _schema(kind: str) -> dict[str, Any]:
    found = MILESTONES[kind].model_json_schema()
    return {"properties": {}, **found}
