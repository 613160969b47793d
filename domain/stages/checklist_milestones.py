"""Ticking a checklist: an item is done, with evidence, or waived with a reason. The same for every stage."""

from collections.abc import Iterator

from domain.checklists import known_items, missing, put_off
from domain.initiative import STAGES, Initiative
from domain.nouns import Ticked
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.values import Id, Text
from domain.vocabulary import Role, Stage

CHECKLIST = rule(
    "gate.checklist",
    "Every item of the stage's checklist is done or waived.",
    "Report checklist_item_done with evidence, or checklist_item_waived with a reason, for each item named.",
    "B3",
)
UNKNOWN_ITEM = rule(
    "gate.unknown-item",
    "There is no such item on the checklist.",
    "See the items with `jisr show ID`; a charter may add its own.",
    "B3",
)


def checklist_owed(now: Initiative, stage: Stage) -> Iterator[Obligation]:
    """Yield the reminders of a stage's open items: one for all of them, one for each that was put off."""
    state = now.stages[stage]
    if state.opened_at is None:
        return
    late = put_off(now, stage)
    if now.is_open(stage) and set(missing(now, stage)) - set(late):
        ids = (stage.value, str(state.round))
        yield owed(now, "tick_checklist", Role.MANAGER, "gate", state.opened_at, stage, *ids, of=stage.value)
    for item in late:
        ask = f"complete_{stage.value}"
        yield owed(now, ask, Role.MANAGER, "task", state.opened_at, stage, item, item=item)


class ChecklistItem(Milestone, abstract=True):
    """What both share: which item, and of which stage if that is to be exact."""

    item: Id
    of: Stage | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        where = STAGES if self.of is None else tuple(stage for stage in STAGES if stage is self.of)
        known = any(self.item in known_items(now, stage) for stage in where)
        require(known, UNKNOWN_ITEM, f"Not on it: {self.item}.")


class ChecklistItemDone(ChecklistItem):
    """An item of a stage's checklist was done."""

    evidence: Text | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.put("checklist", self.item, Ticked(at=said.at, by=said.by))


class ChecklistItemWaived(ChecklistItem):
    """An item of a stage's checklist was waived, with a reason."""

    needs_reason = True

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.put("checklist", self.item, Ticked(at=said.at, by=said.by, waived=True))
