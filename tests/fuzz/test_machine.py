"""Valid and invalid reports by chance, against a small model that knows a handful of the rules by itself.

The model is written from what the rules say, not from how they are written. Where both speak, they must agree on the
answer and on the rule; where the model is silent, what must always hold is looked at all the same.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from life import CHARTER, OPENED

from domain.chain import Head, check_chain
from domain.charter import Charter, with_defaults
from domain.initiative import Initiative
from domain.journal import Journal
from domain.record import Answer, Entry
from domain.vocabulary import Status
from tests.fuzz.budget import tries
from tests.fuzz.junk import JUNK, spoilt

TEXT = "text:" + "0" * 32
MANAGER, LEAD = "manager:p-01", "vetting_lead:p-05"
NEEDS_STAGE = {
    "partner_approached": "partners", "participant_nominated": "vetting", "vetter_assigned": "vetting",
    "review_given": "vetting", "vetting_decided": "vetting",
}  # fmt: skip
NEEDS_REASON = {"stall_declared", "stage_begun_early", "initiative_reopened", "stage_skipped"}
AFTER_THE_END = {"initiative_reopened", "note_added", "person_died", "do_not_contact_asked", "contact_allowed_again"}
WRITES = ("remind", "escalate", "tell", "expire")
PEOPLE = st.sampled_from(("p-20", "p-21", "p-22"))
DECIDERS = st.sampled_from((LEAD, LEAD, MANAGER, "vetter:p-11"))
VETTERS = st.sampled_from(("p-11", "p-12", "p-13"))
STAGES = st.sampled_from(("partners", "vetting", "sessions"))
UNSURE = object()  # of this the model knows only that it is not accepted


class Nominee(NamedTuple):
    """What the model remembers of somebody who was nominated."""

    official: bool
    standing: str = "nominated"
    assigned: tuple[str, ...] = ()
    reviews: tuple[tuple[str, str], ...] = ()  # who, and what they said


class Model:
    """The handful of rules, once more and in other words."""

    def __init__(self, track: str) -> None:
        self.track = track
        self.begun = {"concept"}
        self.stalled = self.closed = False
        self.dead: set[str] = set()
        self.quiet: set[str] = set()
        self.nominees: dict[str, Nominee] = {}
        self.keys: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {}

    def refuses(self, report: dict[str, Any]) -> Any:
        """Return the rule that refuses this report, UNSURE, or None where it is to be accepted."""
        kind, reason = report["kind"], report.get("reason")
        if "at" in report:
            return "report.in-the-future" if report["at"] > "2026" else "report.before-opening"
        if self.closed and kind not in AFTER_THE_END:
            return "initiative.closed"
        if kind in NEEDS_REASON and not reason:
            return "report.reason-required"
        if kind in NEEDS_STAGE and NEEDS_STAGE[kind] not in self.begun:
            return "stage.not-open"
        return getattr(self, f"_{kind}", lambda _: None)(report)

    def _known(self, report: dict[str, Any]) -> Any:
        who, kind = report["person"], report["kind"]
        if who not in {"p-03", "p-04", *self.nominees}:
            return "report.unknown-id"
        so = who in (self.dead if kind == "person_died" else self.quiet)
        return "people.already" if so is (kind != "contact_allowed_again") else None

    _person_died = _do_not_contact_asked = _contact_allowed_again = _known

    def _initiative_closed(self, report: dict[str, Any]) -> Any:
        return None if report.get("reason") else UNSURE

    def _initiative_reopened(self, _: dict[str, Any]) -> Any:
        return None if self.closed else UNSURE

    def _stage_begun_early(self, report: dict[str, Any]) -> Any:
        return "stage.status" if report["of"] in self.begun else None

    def _stall_declared(self, _: dict[str, Any]) -> Any:
        return "stall.already" if self.stalled else None

    def _stall_resumed(self, _: dict[str, Any]) -> Any:
        return None if self.stalled else "stall.none"

    def _participant_nominated(self, report: dict[str, Any]) -> Any:
        who = report["person"]
        if who in self.dead:
            return "people.gone"
        if who in self.nominees and self.nominees[who].standing != "rejected":
            return "vetting.already-nominated"
        if who in self.nominees and not report.get("reason"):
            return "vetting.new-round-reason"
        official = report["capacity"] == "serving_official"
        return "composition.no-serving-official" if official and self.track == "2" else None

    def _undecided(self, report: dict[str, Any]) -> Any:
        who = report["person"]
        if who not in self.nominees:
            return "report.unknown-id"
        if who in self.dead:
            return "people.gone"
        return None if self.nominees[who].standing == "nominated" else "vetting.standing"

    def _vetter_assigned(self, report: dict[str, Any]) -> Any:
        wrong = self._undecided(report)
        if wrong is None and report["vetter"] in self.nominees[report["person"]].assigned:
            return "vetting.once"
        return wrong

    def _review_given(self, report: dict[str, Any]) -> Any:
        wrong = self._undecided(report)
        if wrong is not None:
            return wrong
        if report["by"].startswith("vetter:") and report["by"] != f"vetter:{report['vetter']}":
            return "vetting.own-review"
        nominee = self.nominees[report["person"]]
        if report["vetter"] in dict(nominee.reviews):
            return "vetting.one-review-each"
        return None if report["vetter"] in nominee.assigned else "vetting.assigned-first"

    def _vetting_decided(self, report: dict[str, Any]) -> Any:
        wrong = self._undecided(report)
        if wrong is not None:
            return wrong
        nominee, who = self.nominees[report["person"]], report["by"].partition(":")[2]
        if who == "p-01" or who in nominee.assigned:  # p-01 nominates everybody here
            return "vetting.four-eyes"
        said = [verdict for _, verdict in nominee.reviews]
        if len(said) < 2:
            return "vetting.two-reviews"
        if said.count("approve") * 2 == len(said):
            return "vetting.split-needs-third"
        approved = said.count("approve") * 2 > len(said)
        if report["decision"] == "rejected":
            return "vetting.against-reviews" if approved and not report.get("reason") else None
        if not approved:
            return "vetting.against-reviews"
        return "vetting.capacity-evidence" if nominee.official else None

    # --- what is accepted changes the model ----------------------------------------------------------------------
    def takes(self, report: dict[str, Any]) -> None:
        kind, person = report["kind"], report.get("person", "")
        match kind:
            case "stage_begun_early":
                self.begun.add(report["of"])
            case "stall_declared" | "stall_resumed":
                self.stalled = kind == "stall_declared"
            case "initiative_closed" | "initiative_reopened":
                self.closed = kind == "initiative_closed"
                self.stalled = self.stalled and not self.closed
            case "person_died":
                self.dead.add(person)
            case "do_not_contact_asked":
                self.quiet.add(person)
            case "contact_allowed_again":
                self.quiet.discard(person)
            case "participant_nominated":
                self.nominees[person] = Nominee(report["capacity"] == "serving_official")
            case "vetter_assigned":
                one = self.nominees[person]
                self.nominees[person] = one._replace(assigned=(*one.assigned, report["vetter"]))
            case "review_given":
                one = self.nominees[person]
                self.nominees[person] = one._replace(reviews=(*one.reviews, (report["vetter"], report["verdict"])))
            case "vetting_decided":
                self.nominees[person] = self.nominees[person]._replace(standing=report["decision"])


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    """Return a report about few people and few stages, so that what was said before matters."""
    person = draw(PEOPLE)
    made = draw(
        st.sampled_from(
            (
                {"kind": "stage_begun_early", "of": draw(STAGES)},
                {"kind": "stage_begun_early", "of": "vetting"},
                {"kind": "stall_declared"},
                {"kind": "stall_resumed"},
                {"kind": "note_added", "note": TEXT},
                {"kind": "checklist_item_done", "item": "do_no_harm_screen"},
                {"kind": "partner_approached", "partner": "P1"},
                {"kind": "participant_nominated", "person": person, "country": "IQ",
                 "capacity": draw(st.sampled_from(("non_official", "non_official", "serving_official")))},
                *({"kind": "vetter_assigned", "person": person, "vetter": draw(VETTERS)},) * 3,
                *({"kind": "review_given", "person": person, "vetter": (vetter := draw(VETTERS)),
                   "verdict": draw(st.sampled_from(("approve", "approve", "reject"))),
                   "by": f"vetter:{draw(st.sampled_from((vetter, vetter, 'p-11')))}"},) * 4,
                *({"kind": "vetting_decided", "person": person, "by": draw(DECIDERS),
                   "decision": draw(st.sampled_from(("cleared", "rejected", "reserve")))},) * 3,
                {"kind": draw(st.sampled_from(("do_not_contact_asked", "contact_allowed_again", "person_died"))),
                 "person": draw(st.sampled_from((person, "p-04", "p-03")))},
                {"kind": draw(st.sampled_from(("initiative_closed", "initiative_reopened"))), "outcome": "cancelled"},
            )
        )
    )  # fmt: skip
    if made["kind"] == "initiative_reopened":
        made = {"kind": "initiative_reopened"}
    made.setdefault("by", MANAGER)
    if draw(st.integers(0, 3)):
        made["reason"] = TEXT
    if draw(st.integers(0, 14)) == 0:
        made["at"] = draw(st.sampled_from(("2020-01-01T00:00:00+00:00", "2190-01-01T00:00:00+00:00")))
    if draw(st.integers(0, 2)) == 0:
        made["key"] = f"k-{draw(st.integers(0, 9))}"
    return made


class Machine(RuleBasedStateMachine):
    """One initiative, its model, its whole record, and a clock."""

    @initialize(track=st.sampled_from(("1.5", "2")))
    def opens(self, track: str) -> None:
        given = {**CHARTER, "track": track, "waived": ["safety_consultation"]}
        self.at = OPENED
        self.journal = Journal.open(Charter.model_validate(with_defaults(given)), OPENED, MANAGER)
        self.model = Model(track)
        self.record: list[Entry] = self.journal.take()

    def _hears(self, report: Any) -> tuple[Answer, list[Entry]]:
        answer = self.journal.hear(report, self.at)
        entries = self.journal.take()
        self.record += entries
        return answer, entries

    @rule(report=reports())
    def says(self, report: dict[str, Any]) -> None:
        before, known = self.journal.now, self.model.keys.get(report.get("key", ""))
        answer, entries = self._hears(report)
        if known is not None:
            same = {**report, "key": ""} == {**known[0], "key": ""}
            assert answer.status is (Status.DUPLICATE if same else Status.REFUSED)
            assert (answer.seq, answer.rule) == ((known[1], None) if same else ((), "report.key-reused"))
            assert self.journal.now == before
            return
        expected = self.model.refuses(report)
        assert (answer.status is Status.REFUSED) == (expected is not None), (report, expected, answer)
        if expected is not None:
            assert expected is UNSURE or answer.rule == expected, (report, expected, answer)
            assert [one.kind for one in entries] == ["report_refused"]
            assert self.journal.now == before, "a refused report changes nothing"
            return
        assert answer.seq == tuple(one.seq for one in entries)
        self.model.takes(report)
        if "key" in report:
            self.model.keys[report["key"]] = (report, answer.seq)

    @precondition(lambda self: self.model.keys)
    @rule(data=st.data(), changed=st.booleans())
    def says_it_again(self, data: st.DataObject, changed: bool) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.keys)))
        report, seq = self.model.keys[key]
        again = {**report, "reason": "text:" + "1" * 32} if changed else report
        answer, _ = self._hears(again)

        assert (answer.status, answer.seq) == ((Status.REFUSED, ()) if changed else (Status.DUPLICATE, seq))

    @rule(report=JUNK | reports().flatmap(spoilt))
    def says_nonsense(self, report: Any) -> None:
        """What is spoilt may by chance still be good; then it is told to nobody else, and not taken here."""
        before = self.journal.now, self.journal.seq, self.journal.head
        answer, entries = self._hears(report)
        if answer.status is Status.REFUSED:
            assert answer.rule and answer.rule != "report.unexpected"
            assert [one.kind for one in entries] in (["report_refused"], ["report_unreadable"])
            assert self.journal.now == before[0]
        elif answer.status is Status.ACCEPTED:
            self.journal = Journal(*before)
            del self.record[len(self.record) - len(entries) :]

    @rule(days=st.sampled_from((1, 3, 10, 40, 200)))
    def waits(self, days: int) -> None:
        until, stands = self.at + timedelta(days=days), 0
        while (due := self.journal.agenda({}).next_due()) is not None and due <= until:
            stands = stands + 1 if due <= self.at else 0
            assert stands < 12, "the clock stands"
            self.at = max(due, self.at)
            assert self.journal.tick({}, self.at)
            entries = self.journal.take()
            self.record += entries
            written = {e.fields["recipient"] for e in entries if e.kind == "rung_reached" and e.fields["act"] in WRITES}
            assert not written & (self.model.dead | self.model.quiet), (
                "nobody is written to who died or asked for silence"
            )
        self.at = until

    @rule()
    def turns_the_page(self) -> None:
        carried = Initiative.model_validate_json(self.journal.now.model_dump_json())
        assert carried == self.journal.now
        self.journal = Journal(carried, self.journal.seq, self.journal.head)

    @invariant()
    def the_record_is_one_chain_and_tells_the_state(self) -> None:
        if not hasattr(self, "journal"):
            return
        assert check_chain(self.record, Head(self.journal.seq, self.journal.head)).ok
        assert Journal.fold(self.record).now == self.journal.now

    @invariant()
    def the_model_and_the_state_agree(self) -> None:
        if not hasattr(self, "journal"):
            return
        now = self.journal.now
        assert (now.stalled, now.closed_at is not None) == (self.model.stalled, self.model.closed)
        assert {one for one, state in now.stages.items() if state.status != "waiting"} == self.model.begun
        for id, nominee in self.model.nominees.items():
            assert now.participants[id].standing == ("died" if id in self.model.dead else nominee.standing)
        assert self.journal.agenda({}).obligations is not None


TestMachine = Machine.TestCase
TestMachine.settings = tries(25, stateful_step_count=40)  # type: ignore[assignment]
