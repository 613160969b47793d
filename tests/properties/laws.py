"""The laws every initiative keeps at every instant, in whatever life. Numbers in brackets are DOMAIN F2's.

Each law is worked out from the record or from plain facts of the state, not by the code that is to keep it.
"""

from dataclasses import dataclass, field
from typing import Any

from domain import composition, lifecycle
from domain.agenda import Agenda
from domain.charter import Charter
from domain.initiative import STAGES, Initiative
from domain.record import ENGINE, MILESTONES, Answer, Entry
from domain.vocabulary import Capacity, IncidentKind, Stage, StallPolicy, Status, Track, TransferState

ON_THE_ROSTER = ("cleared", "invited", "accepted")
SETTLING = ("rung_reached", "rung_lapsed", "notice_suppressed")
WRITTEN = ("remind", "escalate", "tell", "expire")  # what makes a message; a check is the engine's own work
SILENT_STANDINGS = ("died", "withdrew", "removed", "barred")


@dataclass
class Memory:
    """What a watcher knows from the record alone: whom no message may reach, and what was said before."""

    dead: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    quiet: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    said: set[tuple[str, str, int]] = field(default_factory=set)
    settled: dict[str, int] = field(default_factory=dict)
    seq: int = 0

    def heard(self, entry: Entry) -> None:
        person, country = entry.fields.get("person", ""), entry.fields.get("country", "")
        match entry.kind:
            case "person_died":
                self.dead.add(person)
            case "person_erased":
                self.erased.add(person)
            case "do_not_contact_asked":
                self.quiet.add(person)
            case "contact_allowed_again":
                self.quiet.discard(person)
            case "mail_hold_declared":
                self.held.add(country)
            case "mail_hold_lifted":
                self.held.discard(country)

    def silent(self, now: Initiative, person: str) -> bool:
        """Tell whether this person must not be written to."""
        sits = now.participants.get(person)
        left = sits is not None and sits.standing in SILENT_STANDINGS
        return left or person in self.dead | self.erased | self.quiet or now.person(person).country in self.held


# --- after whatever happened ----------------------------------------------------------------------------------------
def always(before: Initiative, entries: list[Entry], now: Initiative, memory: Memory) -> None:
    for entry in entries:
        assert entry.seq == memory.seq + 1, "numbered without gaps"
        memory.seq = entry.seq
        assert entry.by, "everything has somebody who says it"
        assert entry.kind not in MILESTONES or entry.by != ENGINE or entry.key, "milestones are not the engine's"
        if entry.kind in SETTLING:
            _said_once(entry, memory)
            _to_nobody_who_is_silent(entry, before, memory)
        memory.heard(entry)
    _gates_are_never_edited(before, now)
    _nobody_sits_who_may_not(now)
    _breaks_are_open_incidents(now)
    _one_state_and_its_history(before, now)
    _answers_are_kept(before, now)


def _said_once(entry: Entry, memory: Memory) -> None:
    """[1] Nothing is said twice for one (recipient, obligation, rung), and no ladder is climbed down."""
    said = (entry.fields["recipient"], entry.fields["obligation"], entry.fields["rung"])
    assert said not in memory.said, f"said twice: {said}"
    memory.said.add(said)
    reached = memory.settled.get(entry.fields["obligation"], -1)
    assert entry.fields["rung"] > reached, f"a rung below one already settled: {said}"
    memory.settled[entry.fields["obligation"]] = entry.fields["rung"]


def _to_nobody_who_is_silent(entry: Entry, before: Initiative, memory: Memory) -> None:
    """[2] Nobody is written to who must not be; that nothing was sent stands in the record."""
    if entry.kind == "rung_reached" and entry.fields["act"] in WRITTEN:
        assert not memory.silent(before, entry.fields["recipient"]), f"written to: {entry.fields}"
    if entry.kind == "notice_suppressed":
        assert memory.silent(before, entry.fields["recipient"]), f"kept from somebody: {entry.fields}"
        assert entry.fields["why"]


def _gates_are_never_edited(before: Initiative, now: Initiative) -> None:
    """[4] What a gate decision saw stays as it was, for ever."""
    for stage in STAGES:
        old, new = before.stages[stage].gates, now.stages[stage].gates
        assert new[: len(old)] == old, f"the gate of {stage} was edited"


def _nobody_sits_who_may_not(now: Initiative) -> None:
    """[5] Track 2 has no serving official on its roster at any instant."""
    if now.track is Track.TWO:
        serving = [
            p.person
            for p in now.participants.values()
            if p.standing in ON_THE_ROSTER and p.capacity is Capacity.SERVING_OFFICIAL
        ]
        assert not serving, f"serving officials on track 2: {serving}"


def _breaks_are_open_incidents(now: Initiative) -> None:
    """[4] While a rule of composition is broken its incident is open, and only then."""
    broken = {one.rule for one in composition.broken(now)}
    told = {one.rule for one in now.incidents.values() if one.kind is IncidentKind.COMPOSITION and one.open}
    assert broken == told
    for one in now.incidents.values():
        if one.kind is IncidentKind.COMPOSITION and one.open:
            assert one.holds is (one.rule not in composition.WARNS)


def _one_state_and_its_history(before: Initiative, now: Initiative) -> None:
    """[10] A recommendation has exactly one state, the last of a history that only grows."""
    assert set(before.recommendations) <= set(now.recommendations)
    for id, one in now.recommendations.items():
        states = [line["state"] for line in one.states]
        assert states, f"{id} has no history"
        assert states[-1] == one.state
        assert all(TransferState(state) for state in states)
        assert all(line["at"] and line["by"] for line in one.states)
        old = before.recommendations.get(id)
        if old is not None:
            assert one.states[: len(old.states)] == old.states, f"the history of {id} was edited"
            assert one.state is old.state or len(one.states) > len(old.states), f"{id} moved and nothing says so"
        if one.submitted_at is not None:
            assert TransferState.SUBMITTED in states, f"{id} was handed over and its history does not say so"


def _answers_are_kept(before: Initiative, now: Initiative) -> None:
    """[8] What a key was answered with is kept for the initiative's whole life."""
    for key, answer in before.answered.items():
        assert now.answered[key] == answer


# --- after the clock went on ----------------------------------------------------------------------------------------
def ticked(before: Initiative, agenda: Agenda, entries: list[Entry]) -> None:
    """[3] In a stall only ladders that run in it are climbed; nothing ever floods, after a stall neither."""
    asked = {one.id: one for one in agenda.obligations}
    rungs = [entry for entry in entries if entry.kind in SETTLING]
    obligations = [entry.fields["obligation"] for entry in rungs]
    assert len(set(obligations)) == len(obligations), "two rungs of one ladder at once"
    for entry in rungs:
        one = asked[entry.fields["obligation"]]
        policy = _charter(before).ladder(one.ladder).in_stall
        if before.stalled:
            assert policy in (StallPolicy.RUN, StallPolicy.ONLY), f"{one.ladder} was climbed in a stall"
        else:
            assert policy is not StallPolicy.ONLY, f"{one.ladder} was climbed without a stall"


def _charter(now: Initiative) -> Charter:
    return now.charter


# --- after a report -------------------------------------------------------------------------------------------------
def answered(before: Initiative, report: Any, answer: Answer, entries: list[Entry], now: Initiative) -> None:
    """[8] Every report is answered; what is accepted carries who said it; a refusal changes nothing but a line."""
    if answer.status is Status.ACCEPTED:
        assert answer.seq == tuple(entry.seq for entry in entries)
        said = entries[0]
        assert (said.kind, said.by, said.key) == (report["kind"], report["by"], report.get("key"))
        assert all(entry.by == ENGINE for entry in entries[1:]), "one report, one thing said by people"
        _gate_was_free(before, report, entries)
        _session_was_fit(before, report)
    elif answer.status is Status.REFUSED:
        assert answer.rule
        assert answer.rule != "report.unexpected", f"a rule stumbled over {report}"
        assert answer.why
        assert [entry.kind for entry in entries] in (["report_refused"], ["report_unreadable"])
        assert now == before
    else:
        assert not entries
        assert now == before


def _gate_was_free(before: Initiative, report: dict[str, Any], entries: list[Entry]) -> None:
    """[4] A gate is passed only while nothing holds it, and keeps exactly the findings it saw."""
    if report["kind"] != "gate_decided" or report["decision"] != "go":
        return
    assert not [one.id for one in before.incidents.values() if one.holds and one.resolved_at is None]
    seen = lifecycle.requirements(before, Stage(report["of"]))
    assert all(one.met for one in seen)
    kept = next(entry for entry in entries if entry.kind == "stage_done").fields["findings"]
    assert kept == [one.model_dump(mode="json", exclude_none=True) for one in seen]


def _session_was_fit(before: Initiative, report: dict[str, Any]) -> None:
    """[5] A session opens only with a table that may sit there."""
    if report["kind"] != "session_opened":
        return
    assert not [one.id for one in before.incidents.values() if one.holds and one.resolved_at is None]
    table = [p for p in before.participants.values() if p.standing == "accepted"]
    officials = [p for p in table if p.capacity is Capacity.SERVING_OFFICIAL]
    if before.track is Track.ONE_AND_A_HALF:
        assert officials, "track 1.5 without an official"
        assert len(officials) < len(table), "track 1.5 without anybody else"
        assert all(p.attested_on for p in officials)
    if before.track is Track.TWO:
        assert not officials
    assert set(report["present"] if isinstance(report["present"], list) else [report["present"]]) <= {
        p.person for p in table
    }
