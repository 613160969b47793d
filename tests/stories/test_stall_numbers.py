"""Fourteen months of rest in numbers: what a clock that only catches up would send, and what is really sent.

Naive: a system that knows no stall. Every rung of every ladder whose due moment lies in the span is sent, because
the timers run on or are caught up on resume. It is worked out by asking the agenda of the state just before the stall
for everything ahead over its span, as if nobody answered. Stale: said after the resume, though it had come due on an
earlier day of the stall.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from domain.agenda import Agenda
from domain.vocabulary import StallPolicy
from examples.five_years import make
from rehearsal.expect import spoken
from tests.stories.told import calendars, played

SINCE, UNTIL = datetime(2028, 2, 15, 7, tzinfo=UTC), datetime(2029, 4, 15, 7, tzinfo=UTC)


def planned(last: date) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the dialogue on rivers up to a day, with the whole year ahead already planned: five sessions."""
    charter, reports = make.parent()
    begun = [one for one in reports if datetime.fromisoformat(one["at"]).date() < last]
    for number, month in enumerate((5, 7, 9, 10, 12), 10):
        at = datetime.combine(last, time(8, number), UTC).isoformat()
        day = f"2028-{month:02d}-12T10:00"
        begun.append({"kind": "session_scheduled", "by": "manager:p-01", "at": at, "session": f"S{number}",
                      "starts": day, "zone": "Asia/Baghdad", "country": "JO"})  # fmt: skip
    return charter, begun


def test_fourteen_months_of_rest_send_nothing_stale_where_catching_up_would_send_hundreds() -> None:
    charter, reports = planned(date(2028, 2, 9))
    before = played(charter, reports, SINCE - timedelta(minutes=1)).journal.now
    naive = Agenda(before, calendars()).ahead(UNTIL)
    kept_silent = [d for d in naive if before.charter.ladder(d.obligation.ladder).in_stall is not StallPolicy.RUN]

    rest = [
        {"kind": "stall_declared", "by": "manager:p-01", "at": SINCE.isoformat(), "reason": "Nobody can travel."},
        {"kind": "stall_resumed", "by": "manager:p-01", "at": UNTIL.isoformat()},
    ]
    entries = played(charter, [*reports, *rest], UNTIL + timedelta(days=14)).entries
    in_stall = [e for e in spoken(entries) if SINCE <= e.at < UNTIL]
    after = [e for e in spoken(entries) if e.at >= UNTIL]
    stale = [e for e in after if datetime.fromisoformat(e.fields["due_at"]).date() < UNTIL.date()]
    lapsed = [e for e in entries if e.kind == "rung_lapsed" and e.at >= UNTIL]

    print(
        f"\nnaive: {len(naive)} messages come due in the stall, {len(kept_silent)} of them on ladders that rest"
        f"\nreal:  {len(in_stall)} said in the stall (kept warm, reviewed, told), {len(stale)} stale after it,"
        f"\n       {len(after)} in the two weeks after it (what grew old is asked for), {len(lapsed)} lapsed visibly"
    )
    assert len(kept_silent) >= 200
    assert stale == []
    asked_once = [(e.fields["obligation"], e.fields["rung"]) for e in after]
    assert len(asked_once) == len(set(asked_once))
