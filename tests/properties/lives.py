"""A life that is told by chance and watched: after every step the laws that always hold are looked at.

The clock goes as the engine's does, from one due moment to the next. At random points the whole state travels as
JSON, as it does when a run continues as new: whatever only lived in memory is lost then.
"""

from collections import Counter
from datetime import timedelta
from typing import Any

from life import OPENED

from domain.agenda import Agenda
from domain.chain import Head
from domain.initiative import STAGES, Initiative
from domain.journal import Journal
from domain.record import Answer, Entry
from domain.rules import Refused
from domain.vocabulary import StageStatus, Status
from domain.working_days import Calendar
from tests.properties import laws
from tests.properties.chance import TEXT, Chance
from tests.properties.story import charter, story, told

CALENDARS: dict[str, Calendar] = {}
AT_ONCE = 12  # ticks that may follow each other at the same moment


class Life:
    """One initiative, the clock, all it has ever written down, and what its watchers remember."""

    def __init__(self, track: str = "1.5", urgent: bool = False, alone: bool = False) -> None:
        self.at = OPENED
        self.journal = Journal.open(charter(track, urgent, alone), OPENED, "manager:p-01")
        self.record: list[Entry] = []
        self.accepted: dict[str, tuple[dict[str, Any], Answer]] = {}  # key -> what it was first given with
        self.memory = laws.Memory()
        self._watch(self.journal.now)

    @property
    def now(self) -> Initiative:
        return self.journal.now

    @property
    def head(self) -> Head:
        return Head(self.journal.seq, self.journal.head)

    def agenda(self) -> Agenda:
        return self.journal.agenda(CALENDARS)

    # --- what may happen -----------------------------------------------------------------------------------------
    def hear(self, report: Any) -> Answer:
        """Give a report through both doors: the validator's opinion and the answer must agree."""
        before = self.now
        try:
            self.journal.check(report, self.at)
            fine = True
        except Refused:
            fine = False
        assert self.now is before, "looking at a report changes nothing"
        answer = self.journal.hear(report, self.at)
        assert fine is (answer.status is not Status.REFUSED), answer
        entries = self._watch(before)
        laws.answered(before, report, answer, entries, self.now)
        self._remember(report, answer)
        return answer

    def pass_hours(self, hours: float) -> None:
        """Let time pass as the engine does; what comes due is settled on the way."""
        until, same = self.at + timedelta(hours=hours), 0
        while (due := self.agenda().next_due()) is not None and due <= until:
            same = same + 1 if due <= self.at else 0
            assert same < AT_ONCE, f"the clock hangs at {self.at}"
            self.at = max(due, self.at)
            before, agenda = self.now, self.agenda()
            made = self.journal.tick(CALENDARS, self.at)
            assert made, f"nothing happened at {self.at}: the clock would hang"
            laws.ticked(before, agenda, self._watch(before))
        self.at = until

    def turn_the_page(self) -> None:
        """Continue as new: the state travels as JSON and nothing else of it survives."""
        carried = Initiative.model_validate_json(self.now.model_dump_json())
        assert carried == self.now
        seq, head = self.journal.seq, self.journal.head
        self.journal = Journal(carried, seq, head)

    def repeat(self, key: str) -> None:
        """Send a report again, word for word, and once more with other words."""
        report, first = self.accepted[key]
        before = self.now
        again = self.journal.hear(report, self.at)
        assert (again.status, again.seq) == (Status.DUPLICATE, first.seq)
        assert self.now == before
        assert not self.journal.unrecorded
        other = self.hear({**report, "reason": TEXT[:-1] + "d"})
        assert (other.status, other.rule) == (Status.REFUSED, "report.key-reused")

    # --- watching ------------------------------------------------------------------------------------------------
    def _watch(self, before: Initiative) -> list[Entry]:
        entries = self.journal.take()
        self.record += entries
        laws.always(before, entries, self.now, self.memory)
        return entries

    def _remember(self, report: Any, answer: Answer) -> None:
        if answer.status is Status.ACCEPTED and isinstance(report, dict) and report.get("key"):
            self.accepted[report["key"]] = (report, answer)


HOURS = (1, 5, 20, 24 * 3, 24 * 12, 24 * 45)


def tell(
    seed: int,
    track: str = "1.5",
    calm: int = 0,
    trouble: float = 0.35,
    urgent: bool = False,
    alone: bool = False,
    told_before: Counter[str] | None = None,
) -> Life:
    """Tell a life: the story beat by beat, and from beat `calm` on, between the beats, whatever chance brings."""
    chance, life = Chance(seed, told_before), Life(track, urgent, alone)
    for number, beat in enumerate(story(track)):
        while number >= calm and chance.often(trouble):
            stray(life, chance)
        life.pass_hours(beat.hours)
        answer = life.hear(told(beat, life.at))
        if answer.status is Status.REFUSED:
            mend(life, answer)
    for _ in range(10):
        stray(life, chance)
    return life


def stray(life: Life, chance: Chance) -> None:
    """Let one thing happen that is not in the story."""
    step = chance.below(20)
    if step == 0:
        life.turn_the_page()
    elif step in (1, 2):
        life.pass_hours(chance.pick(HOURS))
    elif step == 3 and life.accepted:
        life.repeat(chance.pick(sorted(life.accepted)))
    elif step == 4:
        chance.pick((rest, again, fall_silent))(life, chance)
    else:
        life.hear(chance.report(life.now, life.at))


def rest(life: Life, chance: Chance) -> None:
    """Let the dialogue rest, for weeks or years, and go on."""
    life.hear({"kind": "stall_declared", "by": "manager:p-01", "reason": TEXT})
    for _ in range(chance.below(4)):
        life.pass_hours(24 * chance.pick((5, 40, 150)))
        life.hear(chance.report(life.now, life.at))
    life.hear({"kind": "stall_resumed", "by": "manager:p-01"})


def again(life: Life, chance: Chance) -> None:
    """Open a stage that was done once more, and pass its gate once more."""
    done = [stage for stage in STAGES if life.now.stages[stage].status is StageStatus.DONE]
    for stage in done[-1:] if chance.often(0.5) else done[:1]:
        same = {"of": stage.value, "by": "manager:p-01", "reason": TEXT}
        life.hear({"kind": chance.pick(("stage_reopened", "stage_repeated")), **same})
        life.hear({"kind": "gate_decided", "decision": "go", **same})


def fall_silent(life: Life, chance: Chance) -> None:
    """Let somebody of the team, perhaps the last of it, be out of reach for ever or for long; time goes on."""
    kind = chance.pick(("person_died", "person_erased", "do_not_contact_asked", "mail_hold_declared"))
    who = chance.pick(life.now.roles.values())
    about = {"country": life.now.person(who).country} if kind == "mail_hold_declared" else {"person": who}
    life.hear({"kind": kind, "by": "manager:p-01", **about})
    life.pass_hours(24 * chance.pick((10, 40)))


def mend(life: Life, answer: Answer) -> None:
    """Do what a manager does when the story does not go on: reopen, begin the next stage early, settle what holds."""
    for incident in [one.id for one in life.now.open_incidents]:
        life.hear({"kind": "incident_resolved", "incident": incident, "by": "manager:p-01", "reason": TEXT})
    if answer.rule == "initiative.closed":
        life.hear({"kind": "initiative_reopened", "by": "manager:p-01", "reason": TEXT})
    if answer.rule in ("gate.requirements", "gate.held-by-incident", "stage.not-open"):
        waiting = [stage for stage in STAGES if life.now.stages[stage].status is StageStatus.WAITING]
        for stage in waiting[:1]:
            life.hear({"kind": "stage_begun_early", "of": stage.value, "by": "manager:p-01", "reason": TEXT})
