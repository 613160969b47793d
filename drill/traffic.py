"""What goes on meanwhile: sessions that move again and again; reported, signalled, sent twice, out of order."""

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from temporalio.service import RPCError

from client import Jisr, utc_now
from drill.town import Town
from errors import JisrError, Unavailable

MANAGER = "manager:p-01"
MORNING = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)  # a Tuesday: whoever is written to is at work
MOVES = 15  # how often one session moves
ITEMS = [f"extra-{number}" for number in range(50)]
Report = dict[str, Any]


def charter(id: str) -> dict[str, Any]:
    """Return a charter under which few reports suffice; who sits at the table has a mail address, the team has none."""
    return {
        "id": id,
        "track": "1.5",
        "issue": "water",
        "purposes": ["analyse"],
        "parties": [{"id": "IQ", "country": "IQ"}, {"id": "TR", "country": "TR"}],
        "partners": [{"id": "P1", "institution": "inst-1", "country": "IQ", "focal": "p-41"}],
        "roles": {"manager": "p-01", "director": "p-03", "facilitator": "p-04", "vetting_lead": "p-05"},
        "vetters": ["p-11", "p-12"],
        "people": [
            {"id": "p-01", "name_latin": "Salma al-Rawi", "languages": ["ar"], "country": "IQ", "zone": "Asia/Baghdad"},
            {"id": "p-20", "name_latin": "Dilan Aziz", "languages": ["ckb"], "country": "IQ", "zone": "Asia/Baghdad",
             "email": "dilan@example.org"},
            {"id": "p-21", "name_latin": "Emre Tan", "languages": ["en"], "country": "TR", "zone": "Europe/Istanbul",
             "email": "emre@example.org"},
        ],
        "checklists": {"concept": ITEMS},
        "waived": ["safety_consultation", "diversity_matrix", "nomination_sources"],
        "quotas": {"women": 0.0, "per_party": 0, "first_time": 0.0},
        "quorum": {"share": 0.0, "per_party": 0},
        "patience": {"postponements": 20},
    }  # fmt: skip


class Traffic:
    """The reporters of all initiatives; they insist until there is an answer, and remember what was accepted."""

    def __init__(self, town: Town, initiatives: int, seed: int) -> None:
        self._town = town
        self.initiatives = [f"drill-{seed}-{number}" for number in range(initiatives)]
        self._chances = {id: random.Random(f"{seed}/{id}") for id in self.initiatives}
        self.accepted: dict[str, dict[str, list[int]]] = {id: {} for id in self.initiatives}  # key to seq
        self.signalled: dict[str, list[str]] = {id: [] for id in self.initiatives}
        self.stop = False
        self.doubts = 0  # how often an answer did not come and the same was reported again

    async def prepare(self) -> None:
        for id in self.initiatives:
            opening = await asyncio.to_thread(self._town.jisr.desk.opening, charter(id))
            await self._town.jisr.open_prepared(opening, MANAGER, shift=(MORNING - utc_now()).total_seconds())
            for number, report in enumerate(_seats()):
                await self._insist(id, {**report, "key": f"begin-{number}"})

    async def go_on(self) -> None:
        """Report until told to stop."""
        await asyncio.gather(*(self._one(id) for id in self.initiatives))

    async def _one(self, id: str) -> None:
        chance = self._chances[id]
        for number, report in enumerate(_moves()):
            if self.stop:
                return
            keyed = {**report, "key": f"k-{number}"}
            await self._insist(id, keyed)
            if chance.random() < 0.2:
                await self._insist(id, keyed)  # somebody reports the same once more
            if chance.random() < 0.3:
                await self._signal(id, number, chance)
            await asyncio.sleep(chance.uniform(0.2, 0.9))

    async def _insist(self, id: str, report: Report) -> None:
        fields = {name: value for name, value in report.items() if name != "kind"}
        while True:
            try:
                answer = await self._town.jisr.report(id, report["kind"], **fields)
            except Unavailable:
                self.doubts += 1
                await asyncio.sleep(0.2)
                continue
            if answer.status not in ("accepted", "duplicate"):
                raise JisrError(f"{id}: {report['kind']} was refused by {answer.rule}: {answer.why}")
            known = self.accepted[id].setdefault(report["key"], list(answer.seq))
            if known != list(answer.seq):
                raise JisrError(f"{id}: {report['key']} was answered with {known} and with {list(answer.seq)}")
            return

    async def _signal(self, id: str, number: int, chance: random.Random) -> None:
        """Signal three milestones, each once or twice, in any order."""
        keys = [f"s-{number}-{part}" for part in range(3)]
        copies = [key for key in keys for _ in range(chance.randint(1, 2))]
        chance.shuffle(copies)
        handle = self._town.client.get_workflow_handle(f"initiative/{id}")
        for key in copies:
            report = {"kind": "checklist_item_done", "item": ITEMS[number % len(ITEMS)], "by": MANAGER, "key": key}
            while True:
                try:
                    await handle.signal("report", report)
                    break
                except RPCError:
                    self.doubts += 1
                    await asyncio.sleep(0.2)
        self.signalled[id] += keys


def _said(kind: str, by: str = MANAGER, **fields: Any) -> Report:
    return {"kind": kind, "by": by, **fields}


def _seats() -> Iterator[Report]:
    for stage in ("vetting", "sessions"):
        yield _said("stage_begun_early", of=stage, reason="The drill begins here.")
    for person, party in (("p-20", "IQ"), ("p-21", "TR")):
        yield _said("participant_nominated", person=person, country=party, party=party, organisation="inst-20",
                    capacity="non_official")  # fmt: skip
        for vetter in ("p-11", "p-12"):
            yield _said("vetter_assigned", person=person, vetter=vetter)
            yield _said("review_given", f"vetter:{vetter}", person=person, vetter=vetter, verdict="approve",
                        criteria=["standing"])  # fmt: skip
        yield _said("vetting_decided", "vetting_lead:p-05", person=person, decision="cleared")
        yield _said("invitation_sent", person=person)
        yield _said("invitation_answered", person=person, answer="accepted")
        yield _said("consent_given", person=person, scopes=["participate", "store"])
        yield _said("terms_accepted", person=person)


def _moves() -> Iterator[Report]:
    """Yield sessions and their moves without end; every move is told to both at the table."""
    number = 0
    while True:
        number += 1
        yield _said("session_scheduled", session=f"S{number}", starts="2026-07-01T10:00")
        for day in range(2, 2 + MOVES):
            yield _said("session_postponed", session=f"S{number}", starts=f"2026-07-{day:02}T10:00", reason="It moves.")


async def recorded(jisr: Jisr, id: str, patience: float) -> bool:
    """Return whether the record has caught up with the engine."""
    try:
        return await jisr.recorded(id, patience=patience)
    except Unavailable:
        return False
