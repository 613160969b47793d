"""Records to put into a database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.outgoing import ListRow, Notice, Waiting
from domain.record import GENESIS, Entry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def chain(count: int, initiative: str = "ini-1", after: Entry | None = None, **changes: Any) -> list[Entry]:
    """Return `count` entries, the first following `after`; `changes` are the same in all."""
    made: list[Entry] = []
    seq, prev = (after.seq, after.hash) if after else (0, GENESIS)
    for number in range(seq + 1, seq + count + 1):
        content = {
            "at": NOON + timedelta(minutes=number),
            "heard_at": NOON + timedelta(minutes=number, microseconds=7),
            "by": "manager:m-1",
            "kind": "theory_revised",
            "fields": {"version": number, "note": "جسر"},
        } | changes
        made.append(Entry(initiative=initiative, seq=number, prev=prev, **content).sealed())
        prev = made[-1].hash
    return made


def list_row(last: Entry, **changes: Any) -> ListRow:
    content: dict[str, Any] = {
        "track": "1.5",
        "stage": "concept",
        "mode": "preventive",
        "sensitivity": "restricted",
        "issue": "water",
        "stalled": False,
        "opened_at": NOON,
        "waiting_on": (Waiting(who="p-1", ask="sign_mou", since=NOON, obligation="sign_mou:P1"),),
    } | changes
    return ListRow(id=last.initiative, head_seq=last.seq, head_hash=last.hash, **content)


def notice(number: int = 1, initiative: str = "ini-1", **changes: Any) -> Notice:
    content: dict[str, Any] = {
        "obligation": f"sign_mou:P{number}",
        "ask": "sign_mou",
        "act": "remind",
        "rung": 0,
        "recipient": "p-1",
        "due_at": NOON + timedelta(minutes=number),
        "sensitivity": "restricted",
        "about": {"partner": f"P{number}"},
    } | changes
    return Notice(initiative=initiative, **content)
