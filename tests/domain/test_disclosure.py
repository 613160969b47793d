"""What may leave: every segment's rule is obeyed, a pseudonym holds inside one export, a small number is never told."""

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from life import Life
from seated import EVERYBODY, held, opened, scheduled

from domain.disclosure import Redactor, withheld
from domain.donor import LEAST, guarded, tables
from domain.record import Entry

TEXT = "text:" + "0" * 32


def session(rule: str) -> Life:
    """Return a life with a session held under a rule: who was there, who spoke first, a note, a voice afterwards."""
    life = scheduled(segments={"main": rule})
    life = opened_now(life)
    life.report("speaking_order_set", session="S1", order=["IQ", "TR"])
    if rule != "off_record_no_use":
        life.report("note_taken", session="S1", segment="main", by="rapporteur:p-09")
    life.report("session_closed", session="S1")
    return life.report("feedback_given", session="S1", person="p-20", by="participant:p-20")


def opened_now(life: Life) -> Life:
    life.report("neutrality_declared", session="S1", person="p-04")
    life.report("venue_attested", session="S1")
    return life.report("session_opened", session="S1", present=list(EVERYBODY))


def left(life: Life) -> dict[str, str | None]:
    """Return what becomes of each kind of entry that is bound to the session."""
    kinds = ("session_scheduled", "session_opened", "speaking_order_set", "note_taken", "session_closed",
             "feedback_given")  # fmt: skip
    return {one.kind: withheld(one, life.now) for one in life.entries if one.kind in kinds}


def test_under_the_chatham_house_rule_nobody_is_named_and_the_meeting_is() -> None:
    found = left(session("chatham_house"))

    named = ("session_opened", "speaking_order_set", "feedback_given")
    assert {kind for kind, rule in found.items() if rule == "chatham_house"} == set(named)
    assert {kind for kind, rule in found.items() if rule is None} == {
        "session_scheduled", "note_taken", "session_closed",
    }  # fmt: skip


@pytest.mark.parametrize("rule", ["no_disclosure_of_attendance", "off_record_no_use"])
def test_where_attendance_is_not_disclosed_the_meeting_itself_is_withheld(rule: str) -> None:
    assert set(left(session(rule)).values()) == {rule}


def test_what_is_on_the_record_is_exported_whole() -> None:
    assert set(left(session("on_record")).values()) == {None}


def test_with_consent_those_are_named_who_all_agreed_to_be_named() -> None:
    life = session("attribution_with_consent")
    assert left(life)["feedback_given"] == "attribution_with_consent"

    life.report("consent_given", person="p-20", scopes=["name_in_report"])
    assert left(life)["feedback_given"] is None
    assert left(life)["session_opened"] == "attribution_with_consent", "the others did not"


def test_e3_16_a_rule_tightened_later_and_a_breach_hold_for_what_was_recorded_before() -> None:
    life = session("on_record")
    life.report("attribution_rule_tightened", session="S1", rule="chatham_house")
    assert left(life)["session_opened"] == "chatham_house"

    life.report("breach_reported", session="S1", segment="main", breach="leak", at_risk=[])
    assert None not in left(life).values()


def test_the_message_that_asks_a_guest_for_feedback_is_bound_to_the_session_too() -> None:
    life = held(scheduled())
    reached = [one for one in life.pass_days(10) if one.fields.get("recipient") in EVERYBODY]

    assert reached
    assert {withheld(one, life.now) for one in reached} == {"chatham_house"}


def test_what_no_session_is_named_in_stays() -> None:
    life = opened()

    assert [
        one.kind for one in life.entries if "session" not in json.dumps(one.fields) and withheld(one, life.now)
    ] == []


# --- redaction --------------------------------------------------------------------------------------------------------


def redacted(life: Life, key: bytes = b"k" * 32) -> list[dict[str, Any]]:
    redactor = Redactor(key)
    return [redactor.line(one, withheld(one, life.now)) for one in life.entries]


def test_a_redacted_export_keeps_words_of_the_rules_and_no_id() -> None:
    life = Life(title=TEXT).report("checklist_item_done", item="do_no_harm_screen", evidence=TEXT)
    life.report("do_not_contact_asked", person="p-41").report("contact_logged", person="p-41", note=TEXT)
    told = json.dumps(redacted(life))

    for hidden in ("p-41", "p-01", "inst-1", "Baghdad", "IQ", "text:", "aml", "ini-test", life.entries[1].hash):
        assert hidden not in told, hidden
    assert '"kind": "do_not_contact_asked"' in told
    assert '"by": "manager:x-' in told


def test_a_pseudonym_is_the_same_inside_one_export_and_another_in_the_next() -> None:
    life = Life().report("do_not_contact_asked", person="p-41").report("contact_logged", person="p-41")
    one, other = redacted(life, b"a" * 32), redacted(life, b"b" * 32)
    who = [line["fields"]["person"] for line in one[1:]]

    assert who[0] == who[1]
    assert who[0] != other[1]["fields"]["person"]


ANYTHING = st.text(min_size=4, max_size=20).map(lambda text: f"Zq{text}")


@given(by=ANYTHING, kind=ANYTHING, value=ANYTHING, name=st.sampled_from(["person", "refused_kind", "obligation", "x"]))
def test_whatever_somebody_wrote_into_a_field_does_not_leave(by: str, kind: str, value: str, name: str) -> None:
    life = Life()
    fields = {name: value, "list": [value], "within": {value: value}}
    entry = Entry.model_construct(**{**life.entries[0].model_dump(), "by": f"{by}:{value}", "fields": fields})
    line = Redactor(b"k" * 32).line(entry, None)

    assert value not in json.dumps(line, ensure_ascii=False)
    assert by not in json.dumps(line, ensure_ascii=False)


# --- counts -----------------------------------------------------------------------------------------------------------


def test_nothing_below_five_is_told_of_a_small_table() -> None:
    shown = [number for cells in tables(held().now).values() for number in cells.values()]

    assert [number for number in shown if number is not None and number < LEAST] == []


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ({"a": 9, "b": 8}, {"a": 9, "b": 8}),
        ({"a": 3, "b": 8, "c": 20}, {"a": None, "b": None, "c": 20}),
        ({"a": 0, "b": 5, "c": 20}, {"a": None, "b": None, "c": 20}),
        ({"a": 9, "b": 11, "c": 0, "d": 0}, {"a": None, "b": 11, "c": None, "d": None}),
        ({"a": 0, "b": 0, "c": 20}, {}),
        ({"a": 1, "b": 2}, {}),
        ({"a": 3}, {}),
    ],
)
def test_a_small_cell_takes_others_with_it(cells: dict[str, int], shown: dict[str, int | None]) -> None:
    assert guarded(cells) == shown


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_no_hidden_number_can_be_worked_out_from_the_total_and_the_rules(numbers: list[int]) -> None:
    cells = {f"c{place}": number for place, number in enumerate(numbers)}
    shown = guarded(cells)
    hidden = [name for name, number in shown.items() if number is None]
    rest = sum(cells[name] for name in hidden)
    possible: dict[str, set[int]] = {name: set() for name in hidden}
    for guess in product(range(rest + 1), repeat=len(hidden)):
        if sum(guess) == rest and guarded({**cells, **dict(zip(hidden, guess, strict=True))}) == shown:
            for name, number in zip(hidden, guess, strict=True):
                possible[name].add(number)

    assert [name for name, numbers in possible.items() if len(numbers) < 2] == []
