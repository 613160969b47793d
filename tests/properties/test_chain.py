"""One single thing done to a record, and it is found: edited, taken out, put in, moved, cut off, written anew."""

from collections.abc import Callable
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.chain import Head, check_chain
from domain.record import Entry
from tests.properties.lives import tell

TOLD = tell(11, "2", calm=150)
RECORD, HEAD = tuple(TOLD.record), TOLD.head
WHERE = st.integers(0, len(RECORD) - 1)
MANY = 10 * settings().max_examples

EDITS: dict[str, Callable[[Entry], dict[str, Any]]] = {
    "who": lambda e: {"by": f"{e.by}x"},
    "when": lambda e: {"at": e.at.replace(year=e.at.year - 1)},
    "heard when": lambda e: {"heard_at": e.heard_at.replace(year=e.heard_at.year - 1)},
    "what": lambda e: {"kind": "note_added" if e.kind != "note_added" else "roles_confirmed"},
    "about whom": lambda e: {"fields": {**e.fields, "person": "p-99"}},
    "less of it": lambda e: {"fields": dict(list(e.fields.items())[1:]) if e.fields else {"person": "p-99"}},
    "why": lambda e: {"reason": None if e.reason else "text:" + "0" * 32},
    "under which key": lambda e: {"key": None if e.key else "k-99"},
    "after what": lambda e: {"prev": "f" * 64},
    "which number": lambda e: {"seq": e.seq + 1},
    "whose": lambda e: {"initiative": "ini-other"},
    "its hash": lambda e: {"hash": "f" * 64},
}


def test_the_record_as_it_was_written_verifies() -> None:
    assert check_chain(RECORD).ok
    assert check_chain(RECORD, HEAD).ok


@settings(max_examples=MANY)
@given(where=WHERE, edit=st.sampled_from(sorted(EDITS)))
def test_an_edited_entry_is_found_and_named(where: int, edit: str) -> None:
    forged = list(RECORD)
    forged[where] = RECORD[where].but(**EDITS[edit](RECORD[where]))
    verdict = check_chain(forged)

    assert not verdict.ok
    assert verdict.first_bad in (where + 1, where)


@settings(max_examples=MANY)
@given(where=WHERE, edit=st.sampled_from(sorted(set(EDITS) - {"its hash"})))
def test_an_edited_entry_whose_hash_was_made_to_fit_is_found_too(where: int, edit: str) -> None:
    forged = list(RECORD)
    forged[where] = RECORD[where].but(**EDITS[edit](RECORD[where])).sealed()

    assert not check_chain(forged, HEAD).ok
    if where + 1 < len(RECORD):
        assert not check_chain(forged).ok


@settings(max_examples=MANY)
@given(where=WHERE, edit=st.sampled_from(("who", "about whom", "why")))
def test_a_record_written_anew_from_one_entry_on_is_found_by_the_witness(where: int, edit: str) -> None:
    forged = list(RECORD[:where])
    changed = RECORD[where].but(**EDITS[edit](RECORD[where]))
    for entry in (changed, *RECORD[where + 1 :]):
        prev = forged[-1].hash if forged else entry.prev
        forged.append(entry.but(prev=prev).sealed())

    assert check_chain(forged).ok, "a chain alone cannot show this"
    assert check_chain(forged, HEAD).what == "rewritten"


@settings(max_examples=MANY)
@given(where=WHERE)
def test_a_missing_entry_is_found(where: int) -> None:
    verdict = check_chain((*RECORD[:where], *RECORD[where + 1 :]), HEAD)

    assert not verdict.ok
    assert verdict.first_bad == where + 1
    assert verdict.what in ("missing", "truncated")


@settings(max_examples=MANY)
@given(one=WHERE, other=WHERE)
def test_two_entries_that_changed_places_are_found(one: int, other: int) -> None:
    assume(one != other)
    forged = list(RECORD)
    forged[one], forged[other] = forged[other], forged[one]
    verdict = check_chain(forged)

    assert (verdict.ok, verdict.what, verdict.first_bad) == (False, "reordered", min(one, other) + 1)


@settings(max_examples=MANY)
@given(where=WHERE, again=WHERE)
def test_an_entry_put_in_is_found(where: int, again: int) -> None:
    assert not check_chain((*RECORD[:where], RECORD[again], *RECORD[where:]), HEAD).ok


@settings(max_examples=MANY)
@given(left=WHERE)
def test_a_record_cut_off_anywhere_is_found_by_the_witness(left: int) -> None:
    verdict = check_chain(RECORD[:left], HEAD)

    assert not verdict.ok
    assert verdict.what == ("truncated" if left else "no record")
    assert verdict.first_bad == left + 1


def test_a_witness_of_another_end_is_not_believed() -> None:
    assert check_chain(RECORD, Head(HEAD.seq, "f" * 64)).what == "rewritten"
