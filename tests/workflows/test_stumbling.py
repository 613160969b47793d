"""A rule that stumbles is a mistake of ours: the report is refused, nothing of it stays, and the run goes on."""

import pytest
from life import Life

from domain.initiative import Initiative
from domain.record import Said
from domain.rules import Refused
from domain.stages.checklist_milestones import ChecklistItemDone

REPORT = {"kind": "checklist_item_done", "item": "exit_criteria", "by": "manager:p-01", "key": "k-1"}


def stumble(self: ChecklistItemDone, now: Initiative, said: Said) -> Initiative:
    raise KeyError("p-20")


def test_a_handler_never_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    life = Life()
    before, head = life.now, life.journal.seq
    monkeypatch.setattr(ChecklistItemDone, "apply", stumble)

    answer = life.journal.hear(REPORT, life.at)

    assert (answer.status, answer.rule, answer.seq) == ("refused", "report.unexpected", ())
    assert life.now == before
    assert life.journal.seq == head + 1
    assert [entry.kind for entry in life.entries] == ["initiative_opened", "report_refused"]
    monkeypatch.undo()
    assert life.journal.hear(REPORT, life.at).status == "accepted"


def test_half_of_it_written_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    life = Life()
    first = iter([True])  # deciding goes well, writing down does not
    kept = ChecklistItemDone.apply
    monkeypatch.setattr(
        ChecklistItemDone,
        "apply",
        lambda self, now, said: kept(self, now, said) if next(first, False) else stumble(self, now, said),
    )

    answer = life.journal.hear(REPORT, life.at)

    assert answer.rule == "report.unexpected"
    assert [entry.seq for entry in life.entries] == [1, 2]
    assert life.entries[1].prev == life.entries[0].hash


def test_a_validator_raises_nothing_but_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    life = Life()
    monkeypatch.setattr(ChecklistItemDone, "apply", stumble)

    with pytest.raises(Refused) as refused:
        life.journal.check(REPORT, life.at)

    assert refused.value.rule.id == "report.unexpected"
    assert "p-20" not in str(refused.value)
