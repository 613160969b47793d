"""What an import of people makes of each line, compared with the roster, and with the lines before it."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from domain.names import NameIndex, folded, likely_same
from domain.values import ID_PATTERN
from domain.vocabulary import Capacity
from storage import institutions, roster
from storage.database import Database
from storage.people_cells import Ways, zones_of
from storage.people_channels import channels_with, same_address
from storage.people_columns import Line
from storage.people_plan import Decisions, Like, Plan, RowPlan
from storage.people_tables import ConsentRow
from storage.roster import KnownPerson
from storage.roster_input import DatedCapacity, RosterPerson, RosterWrong, read_person
from storage.tables import SeatRow

SPELLINGS = ("name_native", "name_latin", "name_passport")
CARD = (*SPELLINGS, "base", "languages", "zone", "country", "organisation", "category")
HEARD = ("country", "zone", "languages", "organisation")  # what live initiatives know of a person
NUMBERED = re.compile(r"p-(\d{6})")


@dataclass
class Target:
    """Somebody as they will be after the import."""

    person: RosterPerson
    known: KnownPerson | None
    capacities: dict[date, DatedCapacity] = field(default_factory=dict)  # to write
    consents: dict[str, date | None] = field(default_factory=dict)  # to write, with the day they were given
    changed: bool = False


class Planner:
    """Compares lines with the roster and with each other."""

    def __init__(self, db: Database, session: Session, decisions: Decisions) -> None:
        self._known = {one.id: one for one in roster.people(db)}
        self._decisions = decisions
        self._institutions = _institution_words(db)
        standing = select(col(ConsentRow.person), col(ConsentRow.scope)).where(
            col(ConsentRow.withdrawn_at).is_(None), col(ConsentRow.initiative).is_(None)
        )
        self._consents = {(one.person, one.scope) for one in session.execute(standing)}
        seats = session.execute(select(col(SeatRow.person), col(SeatRow.initiative), col(SeatRow.live))).all()
        self._live: dict[str, list[str]] = {}
        for seat in seats:
            if seat.live:
                self._live.setdefault(seat.person, []).append(seat.initiative)
        taken = [found[1] for id in (*self._known, *(s.person for s in seats)) if (found := NUMBERED.fullmatch(id))]
        self._next = max(map(int, taken), default=0) + 1
        self._names: NameIndex[str] = NameIndex()
        self._with_address: dict[str, list[str]] = {}
        for one in self._known.values():
            self._remember(one.id, one, ())
        self._targets: dict[str, Target] = {}
        self._of_row: dict[int, str] = {}  # the id each row came to

    def plan(self, lines: Sequence[Line], notes: list[str]) -> tuple[Plan, dict[str, Target]]:
        """Return what would happen with each line, and the people as they will be."""
        plan = Plan([], notes)
        rows = {line.row for line in lines}
        for number in sorted({*self._decisions.same, *self._decisions.new} - rows):
            plan.rows.append(RowPlan(number, "error", errors=["--same or --new names a row that is not there."]))
        ids = [line.given["id"] for line in lines if "id" in line.given]
        twice = {id for id, count in Counter(ids).items() if count > 1}
        numbers = [int(found[1]) for id in ids if (found := NUMBERED.fullmatch(id))]
        self._next = max(self._next, max(numbers, default=0) + 1)
        for line in lines:
            row = RowPlan(line.row, errors=line.errors, notes=line.notes)
            row.name = line.given.get("name_latin") or line.given.get("name_native", "")
            if line.given.get("id") in twice:
                row.errors.append("id: stands in more than one row; keep one of them.")
            if not row.errors:
                self._plan_row(row, line)
            if row.errors:
                row.status = "error"
            plan.rows.append(row)
        plan.rows.sort(key=lambda row: row.row)
        if not lines:
            plan.notes.append("There is nobody in the file.")
        return plan, self._targets

    def _plan_row(self, row: RowPlan, line: Line) -> None:
        values = dict(line.given)
        spellings = [values[name] for name in SPELLINGS if values.get(name)]
        target = self._decided(row, values.get("id"))
        if row.errors:
            return
        if target is None:
            target = self._found(row, line, spellings)
        if row.status == "duplicate":
            row.id = values.get("id")
            return
        row.id = target or values.get("id") or self._number()
        self._apply(row, row.id, values)
        if not row.errors:
            self._of_row[row.row] = row.id
            if row.status == "new":
                self._remember(f"row:{row.row}", self._targets[row.id].person, spellings)

    def _decided(self, row: RowPlan, id: str | None) -> str | None:
        """Return whom a person said the row means."""
        same = self._decisions.same.get(row.row)
        if same is None:
            return None
        if row.row in self._decisions.new:
            row.errors.append(f"--same {row.row}=... and --new {row.row} contradict each other.")
        if same.startswith("row:"):
            earlier = self._of_row.get(int(same[4:])) if same[4:].isdecimal() else None
            if earlier is None:
                row.errors.append(f"--same {row.row}={same}: name an earlier row without errors.")
            same = earlier or same
        elif same not in self._known:
            row.errors.append(f"--same {row.row}={same}: nobody on the roster has this id.")
        if id is not None and id != same:
            row.errors.append(f"--same {row.row}={same}: the row itself says another id; correct one of the two.")
        return same

    def _found(self, row: RowPlan, line: Line, spellings: list[str]) -> str | None:
        """Return whom the row means on the roster; make it a duplicate where a person must say."""
        id: str | None = line.given.get("id")
        if row.row in self._decisions.new:
            if id in self._known:
                row.errors.append(f"--new {row.row}: {id} is on the roster; give the row another id.")
            return None
        if id in self._known:
            known = self._known[id]
            old = [name for name in spellings_of(known) if name]
            if old and spellings and not likely_same(spellings, old) and known.erased_at is None:
                self._ask(row, [(id, "the id is the same, but the name is quite another")])
            return id
        found = self._names.find(spellings)
        if id is None:
            exact = [who for who, _ in found if self._is_already(who, line)]
            if len(exact) == 1:
                return exact[0]
        self._ask(row, found, line)
        return None

    def _is_already(self, who: str, line: Line) -> bool:
        """Tell whether a row without an id says nothing new of somebody with this very name and address."""
        known = self._known.get(who)
        names = [name for name in ("name_native", "name_latin") if name in line.given]
        ways: Ways | None = line.given.get("ways")
        if known is None or not names or ways is None or not (ways.emails or ways.phones):
            return False
        if any(line.given[name] != getattr(known, name) for name in names):
            return False
        trial = RowPlan(line.row)
        target = self._merged(trial, who, dict(line.given))
        return target is not None and not trial.fields and not trial.errors

    def _ask(self, row: RowPlan, found: Iterable[tuple[str, str]], line: Line | None = None) -> None:
        ways: Ways | None = line.given.get("ways") if line else None
        mine = {same_address(one) for one in (*ways.emails, *ways.phones)} if ways else set()
        likes: dict[str, Like] = {}
        for who, why in found:
            real = self._of_row[int(who[4:])] if who.startswith("row:") else who
            shared = any(who in self._with_address.get(one, ()) for one in mine)
            person = self._known[who] if who in self._known else self._targets[real].person
            name = person.name_latin or person.name_native
            likes.setdefault(real, Like(who, name, f"{why}; an address is the same" if shared else why))
        row.like = list(likes.values())
        if row.like:
            row.status = "duplicate"

    def _number(self) -> str:
        self._next += 1
        return f"p-{self._next - 1:06d}"

    def _remember(self, who: str, person: RosterPerson, more: Sequence[str]) -> None:
        self._names.add(who, list(dict.fromkeys((*spellings_of(person), *more))))
        for channel in person.channels:
            if channel.kind in ("email", "phone"):
                self._with_address.setdefault(same_address(channel.address), []).append(who)

    # --- one person ------------------------------------------------------------------------------------------------

    def _apply(self, row: RowPlan, id: str, values: dict[str, Any]) -> None:
        """Work out what the row makes of somebody."""
        target = self._merged(row, id, values)
        if target is None or row.errors:
            return
        known = self._known.get(id)
        fresh = known is None and id not in self._targets
        row.status = "new" if fresh else "changed" if row.fields else "unchanged"
        self._say_more(row, target, known, fresh)
        if fresh:
            row.fields = []
        if not row.errors:
            target.changed = target.changed or row.status != "unchanged"
            self._targets[id] = target

    def _merged(self, row: RowPlan, id: str, values: dict[str, Any]) -> Target | None:
        """Return somebody with what a row says; the fields that differ and what is wrong go into the row."""
        known, before = self._known.get(id), self._targets.get(id)
        if known is not None and known.erased_at is not None:
            row.errors.append(f"id: {id} was erased at their request; use another id if they come back.")
            return None
        old: RosterPerson | None = before.person if before else known
        card = {name: values[name] for name in CARD if name in values}
        self._settle_places(row, card, old)
        whole = {name: getattr(old, name) for name in CARD} if old else {}
        channels = channels_with(old, values.get("ways"), row.notes, row.errors)
        try:
            person = read_person(
                {**whole, **card, "id": id, "channels": [one.model_dump(exclude_none=True) for one in channels]}
            )
        except RosterWrong as wrong:
            row.errors.append(_without_numbers(str(wrong)))
            return None
        if old is not None:
            row.fields += [name for name in (*CARD, "channels") if _kept(old, name) != _kept(person, name)]
        target = Target(person, known)
        if before is not None:
            target = Target(person, known, dict(before.capacities), dict(before.consents), before.changed)
        self._add_capacity(row, target, values)
        given = values.get("consents", ())
        new = [one for one in given if (id, one) not in self._consents and one not in target.consents]
        if new:
            row.fields.append("consents")
            target.consents |= dict.fromkeys(new, values.get("consent_on"))
        return target

    def _settle_places(self, row: RowPlan, card: dict[str, Any], old: RosterPerson | None) -> None:
        """Find the institution by its name, and the time zone by the country."""
        if "organisation" in card:
            found = self._institutions.get(card["organisation"]) or self._institutions.get(folded(card["organisation"]))
            if found is None and not re.fullmatch(ID_PATTERN, card["organisation"]):
                row.errors.append(
                    "organisation: no institution has this name; write its id, or add it first: "
                    "`jisr institutions add ID --name NAME`."
                )
            card["organisation"] = found or card["organisation"]
        moved = "country" in card and (old is None or old.country != card["country"])
        if moved and "zone" not in card and card["country"][:2] != "IQ":
            zones = zones_of(card["country"])
            if len(zones) == 1:
                card["zone"] = zones[0]
                row.notes.append(f"zone {zones[0]} comes from the country")
            elif zones:
                row.errors.append(f"zone: the country has several time zones; give one, such as {zones[0]}.")

    def _add_capacity(self, row: RowPlan, target: Target, values: dict[str, Any]) -> None:
        if "capacity" not in values:
            return
        standing = {one.since: one for one in target.known.capacities} if target.known else {}
        standing |= target.capacities
        latest = standing[max(standing)] if standing else None
        capacity = Capacity(values["capacity"])
        since = values.get("since") or (latest.since if latest and latest.capacity is capacity else None)
        if since is None:
            row.errors.append("since: since when do they have this capacity? Write a day such as 2026-03-01.")
            return
        same_day = standing.get(since)
        evidence = values.get("evidence_on") or (same_day.evidence_on if same_day else None)
        note = same_day.note if same_day and same_day.capacity is capacity else None
        made = DatedCapacity(capacity=capacity, since=since, evidence_on=evidence, note=note)
        if made == same_day:
            return
        live = self._live.get(target.person.id)
        if live:
            row.errors.append(
                f"capacity: {', '.join(sorted(live))} must hear of it; say it with `jisr people capacity "
                f"{target.person.id} {capacity} --since {since}` and leave it out here."
            )
        target.capacities[since] = made
        row.fields.append("capacity")

    def _say_more(self, row: RowPlan, target: Target, known: KnownPerson | None, fresh: bool) -> None:
        id = target.person.id
        if known is not None and known.silence is not None:
            row.notes.append({"died": "they died"}.get(known.silence, "they asked not to be contacted; that stays"))
        heard = [name for name in HEARD if name in row.fields]
        if heard and id in self._live:
            where = ", ".join(sorted(self._live[id]))
            row.notes.append(f"{where} does not hear of {', '.join(heard)}: report person_card_changed there")
        if fresh or "channels" in row.fields:
            for channel in target.person.channels:
                others = [one for one in self._with_address.get(same_address(channel.address), ()) if one != id]
                if channel.kind in ("email", "phone") and others:
                    row.notes.append(f"the {channel.kind} is also that of {', '.join(others)}")


def spellings_of(person: RosterPerson) -> tuple[str, ...]:
    return tuple(getattr(person, name) for name in SPELLINGS)


def _kept(person: RosterPerson, name: str) -> Any:
    value = getattr(person, name)
    return sorted(value, key=lambda one: one.preference) if name == "channels" else value


def _without_numbers(wrong: str) -> str:
    """Name a channel by what it is, not by its place in a list nobody wrote."""
    return re.sub(r"channels\.\d+: (Value error, )?", "email or phone: ", wrong).replace("Value error, ", "")


def _institution_words(db: Database) -> dict[str, str]:
    """Return the institutions by id and by name; a name that two have stands for neither."""
    words: dict[str, str] = {}
    several: set[str] = set()
    for one in institutions.institutions(db):
        for name in {folded(one.name_native), folded(one.name_latin)} - {""}:
            if words.setdefault(name, one.id) != one.id:
                several.add(name)
    found = {name: id for name, id in words.items() if name not in several}
    return found | {one.id: one.id for one in institutions.institutions(db)}
