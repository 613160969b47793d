"""How an initiative looks from outside: the row in lists, the answer to `show`, the operator's line.

In a manager's words: where it stands, what waits on whom since when, what is due next, which rules are broken.
"""

from datetime import datetime
from typing import Any

from domain import composition, lifecycle
from domain.agenda import Agenda, Calendars, Due
from domain.initiative import STAGES, Initiative
from domain.journal import Journal
from domain.outgoing import ListRow, Seat, Waiting
from domain.record import Entry
from domain.vocabulary import Act


def list_row(journal: Journal, calendars: Calendars, last: Entry | None) -> ListRow:
    """Return the row as it stands after `last` (or at the head of the chain)."""
    now, agenda = journal.now, journal.agenda(calendars)
    return ListRow(
        id=now.id,
        track=now.track.value,
        stage=now.stage.value,
        mode=now.mode.value,
        sensitivity=now.charter.sensitivity.value,
        issue=now.charter.issue.value,
        stalled=now.stalled,
        stalled_since=now.stalls[-1].since if now.stalled else None,
        opened_at=now.opened_at,
        closed_at=now.closed_at,
        next_due=agenda.next_due(),
        waiting_on=waiting_on(agenda),
        broken=tuple(one.rule for one in composition.broken(now)),
        title=now.charter.title,
        head_seq=last.seq if last else journal.seq,
        head_hash=last.hash if last else journal.head,
    )


def waiting_on(agenda: Agenda) -> tuple[Waiting, ...]:
    """Return what waits on whom since when, the longest first. What is only told, nobody owes."""
    found = []
    for one in agenda.obligations:
        ladder = agenda.now.charter.ladder(one.ladder)
        if all(rung.act in (Act.TELL, Act.CHECK) for rung in ladder.rungs):
            continue
        found.append(Waiting(who=one.owes, ask=one.ask, since=one.anchor, obligation=one.id, about=dict(one.about)))
    return tuple(found)


def seats(now: Initiative) -> tuple[Seat, ...]:
    """Return everybody this initiative must hear about when something happens to them."""
    live = now.closed_at is None
    found = {person: f"role:{role}" for role, person in now.roles.items()}
    found |= dict.fromkeys(now.vetters, "vetter")
    found |= {person.person: person.standing for person in now.participants.values()}
    for partner in now.partners.values():
        found |= {person: "focal" for person in (partner.focal, partner.deputy) if person and person not in found}
    return tuple(
        Seat(initiative=now.id, person=person, standing=standing, live=live)
        for person, standing in sorted(found.items())
    )


def countries(now: Initiative) -> tuple[str, ...]:
    """Return the countries whose calendars count here."""
    every = {person.country for person in now.people.values()} | {party.country for party in now.charter.parties}
    every |= {partner.country for partner in now.partners.values()}
    return tuple(sorted(every))


def zones(now: Initiative) -> tuple[str, ...]:
    """Return the time zones whose clocks count here."""
    every = {person.zone for person in now.people.values()} | {session.zone for session in now.sessions.values()}
    return tuple(sorted(every | {now.person("").zone}))  # of somebody unknown, too


def shown(journal: Journal, calendars: Calendars, at: datetime) -> dict[str, Any]:
    """Return the whole answer to "where does it stand?" as JSON values."""
    now, agenda = journal.now, journal.agenda(calendars)
    row = list_row(journal, calendars, None).model_dump(mode="json")
    ahead = [due_line(due) for one in agenda.obligations for due in agenda.first(one)]
    return {
        **row,
        "as_of": at.isoformat(),
        "stages": {stage.value: now.stages[stage].status.value for stage in STAGES},
        "round": {stage.value: now.stages[stage].round for stage in STAGES if now.stages[stage].round > 1},
        "gate": {
            stage.value: [finding.model_dump() for finding in lifecycle.requirements(now, stage)]
            for stage in STAGES
            if now.is_open(stage)
        },
        "held_by": list(lifecycle.held_by(now)),
        "incidents": [one.id for one in now.open_incidents],
        "roster": _counts(now),
        "sessions": {s.id: {"status": s.status, "starts": s.starts and s.starts.isoformat(), "zone": s.zone}
                     for s in now.sessions.values()},
        "recommendations": {r.id: r.state.value for r in now.recommendations.values()},
        "next": sorted(ahead, key=lambda line: line["due_at"])[:10],
    }  # fmt: skip


def due_line(due: Due) -> dict[str, Any]:
    """Return one rung as JSON values: when (UTC and local), who, what, which rung of which ladder."""
    return {
        "due_at": due.due_at.isoformat(),
        "local": due.local.isoformat(timespec="minutes"),
        "zone": due.zone,
        "recipient": due.recipient,
        "ask": due.obligation.ask,
        "obligation": due.obligation.id,
        "ladder": due.obligation.ladder,
        "rung": due.rung,
        "act": due.act.value,
        "stage": due.obligation.stage.value,
        "about": dict(due.obligation.about),
    }


def details(now: Initiative, due: datetime | None) -> str:
    """Return the operator's line on Temporal's own page: states and counts, nothing that discloses."""
    state = "stalled" if now.stalled else "closed" if now.closed_at else "live"
    waits = f"next due {due.isoformat(timespec='minutes')}" if due else "nothing due"
    return f"**{now.stage}** · {state} · {waits} · {len(now.open_incidents)} open incidents"


def _counts(now: Initiative) -> dict[str, int]:
    counts: dict[str, int] = {}
    for person in now.participants.values():
        counts[person.standing] = counts.get(person.standing, 0) + 1
    return counts
