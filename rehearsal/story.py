"""The story of an initiative, told from its record: month by month, in plain English, without a name.

What happened, what a rule refused, what the engine found out, who was reminded of what and when, what a stall kept
silent, and the numbers at the end. Names appear only where a lookup for them is given.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from domain.agenda import Agenda
from domain.decide import evolve
from domain.initiative import Initiative
from domain.record import ENGINE, MILESTONES, Answer, Entry
from domain.vocabulary import Role, StallPolicy
from rehearsal.expect import spoken
from rehearsal.words import ASKED, FOUND, HAPPENED, QUIET

Names = Callable[[str], str | None]
DETAILS = 3  # lines a month for those who were waited for longest
FEW = 2  # so few messages in a month are told one by one
FIELD = re.compile(r"{(\w+)}")
DID = {"remind": "reminders", "tell": "told at once", "escalate": "escalations", "expire": "expired"}
ACTS = {"escalate": "escalated to", "expire": "ran out for", "tell": "told"}
UNSAID = ("initiative_opened", "notice_delivered", "rung_reached", "report_refused", "composition_checked")


class Telling:
    """One record on its way to becoming a story: the state it ends in, whose names may be said, which clock counts."""

    def __init__(self, entries: Sequence[Entry], names: Names | None) -> None:
        self.entries = entries
        self._names = names or (lambda person: None)
        self.rested: dict[datetime, Counter[str]] = {}  # what each stall kept silent, by when it ended
        self.final = self._fold()
        self.zone = ZoneInfo(self.final.person(self.final.holder(Role.MANAGER) or "").zone)

    def _fold(self) -> Initiative:
        now: Initiative | None = None
        before_stall: Initiative | None = None
        for entry in self.entries:
            if entry.kind == "stall_resumed" and before_stall is not None:
                self.rested[entry.at] = kept_silent(before_stall, entry.at)
            if entry.kind == "stall_declared":
                before_stall = now
            now = evolve(now, entry)
        assert now is not None, "a record begins with its opening"
        return now

    # --- words ------------------------------------------------------------------------------------------------------
    def who(self, person: str) -> str:
        """Return `p-07 (logistics)`; the name before it where one is known."""
        name = self._names(person)
        return f"{f'{name}, ' if name else ''}{person} ({self.part_of(person)})"

    def part_of(self, person: str) -> str:
        now = self.final
        for role, holder in (*now.roles.items(), *((role, held) for role, held, _ in now.former_roles)):
            if holder == person:
                return role.value.replace("_", " ")
        if person in now.vetters:
            return "vetter"
        for partner in now.partners.values():
            if person in (partner.focal, partner.deputy):
                return f"for partner {partner.id}"
        party = now.participants[person].party if person in now.participants else None
        return f"participant, {party}" if party else "participant"

    def day(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%-d %b}"

    def local(self, entry: Entry) -> str:
        """Return when a message went out, on the wall where it was read."""
        zone = self.final.person(entry.fields["recipient"]).zone
        return f"{entry.at.astimezone(ZoneInfo(zone)):%a %-d %b %H:%M}"

    def town(self, person: str) -> str:
        return self.final.person(person).zone.rpartition("/")[2].replace("_", " ")


def tell(entries: Iterable[Entry], names: Names | None = None, answers: Sequence[Answer] = ()) -> Iterator[str]:
    """Yield the story line by line. With the `answers` the duplicates, which leave no entry, are counted too."""
    entries = list(entries)
    if not entries:
        return
    telling = Telling(entries, names)
    yield from _opening(telling)
    for _, month in groupby(entries[1:], key=lambda e: f"{e.at.astimezone(telling.zone):%Y-%m}"):
        yield from _month(telling, list(month))
    yield from _numbers(telling, answers)


def _opening(telling: Telling) -> Iterator[str]:
    now, opened = telling.final, telling.entries[0]
    parties = " and ".join(party.id for party in now.charter.parties)
    yield f"# {now.id}: a dialogue on track {now.track}, between {parties}"
    yield ""
    yield (
        f"Opened on {opened.at.astimezone(telling.zone):%A, %-d %B %Y}. {now.charter.seats} seats, "
        f"{len(now.charter.partners)} partners, {len(now.charter.vetters)} vetters; messages are "
        f"{now.charter.sensitivity}: they disclose accordingly little. Times are those of whoever is written to."
    )


def _month(telling: Telling, entries: list[Entry]) -> Iterator[str]:
    yield ""
    yield f"## {entries[0].at.astimezone(telling.zone):%B %Y}"
    happened = _happened(telling, entries)
    if happened:
        yield happened
    yield from _refused(telling, entries)
    yield from _stall(telling, entries)
    yield from _asked(telling, spoken(entries))


# --- what happened --------------------------------------------------------------------------------------------------
def _happened(telling: Telling, entries: list[Entry]) -> str:
    """Return one phrase a kind of thing, in the order in which they first happened."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.kind not in UNSAID and entry.kind not in QUIET:
            one, _, many = _phrases(entry).partition("|")
            groups.setdefault(f"{entry.kind} {_filled(many or one, entry, n='', all='')}", []).append(entry)
    told = [f"{_told(found)} ({_when(telling, found)})" for found in groups.values()]
    line = "; ".join(told)
    return f"{line if line[1:2] == '-' else line[:1].upper() + line[1:]}." if line else ""


def _when(telling: Telling, found: list[Entry]) -> str:
    first, last = telling.day(found[0].at), telling.day(found[-1].at)
    return first if first == last else f"{first} {'to' if len(found) > 2 else 'and'} {last}"


def _told(found: list[Entry]) -> str:
    """Return how one such thing is told, or several of them together; ids take the place of names."""
    one, _, many = _phrases(found[0]).partition("|")
    if len(found) == 1 or not many:
        return _filled(one, found[0]) + (f", {len(found)} times" if len(found) > 1 else "")
    first = FIELD.search(one)
    ids = dict.fromkeys(str(e.fields.get(first[1])) for e in found) if first else {}
    return _filled(many, found[0], n=len(found), all=listed(list(ids)))


def _phrases(entry: Entry) -> str:
    plain = entry.kind.replace("_", " ")
    return FOUND.get(entry.kind) or HAPPENED.get(entry.kind) or f"{plain}|{plain}, {{n}} times"


def _filled(phrase: str, entry: Entry, **more: object) -> str:
    fields = {name: _plain(name, value) for name, value in entry.fields.items()}
    return phrase.format_map(defaultdict(str, fields | more))


def _plain(name: str, value: object) -> str:
    if name == "starts":
        return f"{datetime.fromisoformat(str(value)):%-d %B, %H:%M}"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) if name == "rule" else str(value).replace("_", " ")


def listed(words: Sequence[str]) -> str:
    """Return `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _refused(telling: Telling, entries: list[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.kind == "report_refused":
            what = entry.fields["refused_kind"].replace("_", " ")
            yield f"- Refused on {telling.day(entry.at)}: {what}, by the rule {entry.fields['rule']}."


# --- the stall ------------------------------------------------------------------------------------------------------
def kept_silent(before: Initiative, until: datetime) -> Counter[str]:
    """Return what a stall kept from being said, by wording class: as if all had gone on and nobody had answered."""
    ahead = Agenda(before, {}).ahead(until)
    silent = (StallPolicy.FREEZE, StallPolicy.DROP)
    return Counter(d.obligation.ask for d in ahead if before.charter.ladder(d.obligation.ladder).in_stall in silent)


def _stall(telling: Telling, entries: list[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.kind != "stall_resumed":
            continue
        stall = next(one for one in telling.final.stalls if one.until == entry.at)
        days = round((entry.at - stall.since) / timedelta(days=1))
        during = [e for e in spoken(telling.entries) if stall.since <= e.at < entry.at]
        said = Counter(e.fields["ask"] for e in during)
        yield f"- The dialogue rested {days} days, {telling.day(stall.since)} to {telling.day(entry.at)}."
        yield f"- Said while it rested: {len(during)} messages ({_counted(said) or 'nothing'})."
        silent = telling.rested[entry.at]
        yield (
            f"- Kept silent: {silent.total()} reminders that would have come due ({_counted(silent) or 'none'}); "
            "none of them is caught up, each goes on where it stood."
        )


def _counted(asks: Counter[str]) -> str:
    return ", ".join(f"{_ask(ask)}{f' ({n})' if n > 1 else ''}" for ask, n in asks.most_common())


def _ask(ask: str) -> str:
    return ASKED.get(ask, ask.replace("_", " "))


# --- who was asked --------------------------------------------------------------------------------------------------
def _asked(telling: Telling, said: list[Entry]) -> Iterator[str]:
    """Yield who was waited for longest in detail, and everything else in one line."""
    owed: dict[str, list[Entry]] = {}
    for entry in said:
        owed.setdefault(entry.fields["obligation"], []).append(entry)
    chased = sorted(owed.values(), key=lambda one: (-max(map(_weight, one)), -len(one), one[0].at))
    if len(said) > FEW:
        chased = [one for one in chased if len(one) > 1 or _weight(one[0])]
    ladders: dict[str, list[list[Entry]]] = {}
    for found in chased:
        ladders.setdefault(f"{found[0].fields['ask']} {_steps(telling, found)}", []).append(found)
    for alike in list(ladders.values())[:DETAILS]:
        ids = [id for one in alike if (id := _about(telling, one[0]))]
        what = _ask(alike[0][0].fields["ask"])
        about = f" ({listed(ids)})" if ids else ""
        yield f"- {what[:1].upper()}{what[1:]}{about}: {_steps(telling, alike[0])}."
    if len(said) > FEW:
        people = len({e.fields["recipient"] for e in said})
        to = f"{people} people" if people > 1 else telling.who(said[0].fields["recipient"])
        yield f"- In all {len(said)} messages to {to}: {_counted(Counter(e.fields['ask'] for e in said))}."


def _weight(entry: Entry) -> int:
    return {"expire": 2, "escalate": 2}.get(entry.fields["act"], 0)


def _steps(telling: Telling, found: list[Entry]) -> str:
    """Return how one thing was chased: who was reminded when, and who was told in the end."""
    steps = []
    for (person, act), theirs in groupby(found, key=lambda e: (e.fields["recipient"], e.fields["act"])):
        when = " and ".join(telling.local(e) for e in theirs)
        steps.append(f"{ACTS.get(act, 'reminded')} {telling.who(person)} {when} {telling.town(person)}")
    return ", then ".join(steps)


def _about(telling: Telling, entry: Entry) -> str | None:
    """Return the id an obligation is about, unless it is the person asked."""
    return next((id for id in entry.fields["obligation"].split(":")[1:2] if id in _known(telling)), None)


def _known(telling: Telling) -> set[str]:
    now = telling.final
    return {*now.partners, *now.participants, *now.sessions, *now.recommendations, *now.balloons, *now.links}


# --- the numbers ----------------------------------------------------------------------------------------------------
def _numbers(telling: Telling, answers: Sequence[Answer]) -> Iterator[str]:
    now, entries = telling.final, telling.entries
    said = spoken(entries)
    kinds = Counter(e.kind for e in entries)
    accepted = sum(e.kind in MILESTONES and e.by != ENGINE for e in entries)
    refused = kinds["report_refused"]
    duplicates = sum(answer.status == "duplicate" for answer in answers)
    by_act = Counter(e.fields["act"] for e in said)
    yield ""
    yield "## The numbers"
    total = f"{accepted + refused + duplicates} reports: {accepted} accepted, {refused} refused"
    yield f"- {total}{f', {duplicates} duplicate' if answers else ''}; {len(entries)} entries in the record."
    acts = ", ".join(f"{n} {DID.get(act, act)}" for act, n in by_act.most_common())
    yield f"- {len(said)} messages to {len({e.fields['recipient'] for e in said})} people: {acts}."
    collapsed = sum(e.fields.get("collapsed", 0) for e in entries)
    yield (
        f"- {kinds['notice_suppressed']} suppressed because the person must not be written to, {kinds['rung_lapsed']} "
        f"lapsed because they had become pointless, {collapsed} passed over for a later one."
    )
    yield (
        f"- {kinds['composition_checked']} checks of the composition, {kinds['composition_broken']} breaks, "
        f"{kinds['composition_repaired']} repairs."
    )
    states = ", ".join(
        f"{r.id} {'let go' if r.dropped_at else r.state.value.replace('_', ' ')}" for r in now.recommendations.values()
    )
    yield f"- It ends {now.stage.value.replace('_', ' ')}; recommendations: {states or 'none'}."
