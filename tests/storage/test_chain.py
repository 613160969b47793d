"""The check of a chain, on any list of entries: a file, an export, a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_records import chain

from domain.chain import Head, check_chain
from domain.record import Entry

WHOLE = chain(6)


def verdict(entries: list[Entry], witness: Head | None = None) -> tuple[bool, int | None, str]:
    found = check_chain(entries, witness)
    return found.ok, found.first_bad, found.what


def test_a_whole_chain_verifies_and_says_where_it_ends() -> None:
    assert check_chain(iter(WHOLE)) == (True, 6, None, "", (6, WHOLE[-1].hash))


def test_an_empty_record_is_no_record() -> None:
    assert verdict([]) == (False, None, "no record")
    assert verdict([], Head(6, WHOLE[-1].hash)) == (False, 1, "no record")


def test_an_entry_sealed_again_after_an_edit_is_named_by_the_next_one() -> None:
    edited = WHOLE[2].but(by="x:y").sealed()
    assert verdict([*WHOLE[:2], edited, *WHOLE[3:]]) == (False, 3, "edited")


def test_entries_that_changed_places_are_told_from_missing_ones() -> None:
    assert verdict([WHOLE[0], WHOLE[2], WHOLE[1], *WHOLE[3:]]) == (False, 2, "reordered")
    assert verdict([WHOLE[0], WHOLE[0], *WHOLE[1:]]) == (False, 2, "reordered")
    assert verdict([WHOLE[0], *WHOLE[2:]]) == (False, 2, "missing")


def test_a_cut_end_needs_a_witness() -> None:
    assert verdict(WHOLE[:4]) == (True, None, "")
    assert verdict(WHOLE[:4], Head(6, WHOLE[-1].hash)) == (False, 5, "truncated")


def test_a_witness_of_an_earlier_end_is_enough_to_find_a_chain_written_anew() -> None:
    anew = chain(6, by="nobody:n")
    assert verdict(anew) == (True, None, "")
    assert verdict(anew, Head(4, WHOLE[3].hash)) == (False, 4, "rewritten")
    assert verdict(WHOLE, Head(4, WHOLE[3].hash)) == (True, None, "")


def test_two_records_in_one_file_do_not_pass_for_one() -> None:
    assert not check_chain([*WHOLE, *chain(1, "ini-2", after=WHOLE[-1])]).ok


@given(
    number=st.integers(0, 5),
    name=st.sampled_from(["seq", "by", "kind", "reason", "key", "digest", "prev", "hash", "initiative"]),
    as_written=st.booleans(),
)
def test_no_single_change_goes_unseen(number: int, name: str, as_written: bool) -> None:
    other = 99 if name == "seq" else "f" * 64
    changed = WHOLE[number].but(**{name: other})
    entries = [*WHOLE[:number], changed if as_written else changed.sealed(), *WHOLE[number + 1 :]]
    sealed_last = not as_written and number == 5 and name not in ("seq", "prev", "initiative")
    unchanged = entries == WHOLE
    assert check_chain(entries, Head(6, WHOLE[-1].hash)).ok == unchanged
    if not sealed_last:  # the last line sealed again is what only a witness sees
        assert check_chain(entries).ok == unchanged


@pytest.mark.parametrize("name", ["at", "heard_at"])
def test_a_moment_written_in_another_zone_is_an_edit(name: str) -> None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    moved = WHOLE[1].but(**{name: getattr(WHOLE[1], name).astimezone(ZoneInfo("Asia/Baghdad"))})
    assert verdict([WHOLE[0], moved, *WHOLE[2:]]) == (False, 2, "edited")
