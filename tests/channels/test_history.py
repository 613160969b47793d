"""The history in plain sentences, in every language: who, what, when, why, before and after."""

import re
from datetime import UTC, datetime

import pytest
from life import Life

from channels.bidi import END, FIRST_STRONG, LTR
from channels.catalogue import LANGUAGES, words
from channels.history import Teller, disclaimer
from domain import decide as _whole_catalogue  # noqa: F401
from domain.chain import check_chain
from domain.decide import evolve
from domain.history import Change, changes
from domain.record import ENGINE_FACTS, MILESTONES

KINDS = sorted({*MILESTONES, *ENGINE_FACTS})
TEXT = "text:" + "0" * 32
ARABIC_SCRIPT = re.compile(r"[؀-ۿ]")


@pytest.mark.parametrize("language", ["ar", "ckb"])
def test_every_kind_has_a_sentence_of_its_own_and_no_sentence_is_for_nothing(language: str) -> None:
    book = words(language, "timeline")
    told = {id.removeprefix("kind.") for id in book.ids if id.startswith("kind.")}

    assert (sorted(set(KINDS) - told), sorted(told - set(KINDS))) == ([], [])
    sentences = [book(f"kind.{kind}") for kind in KINDS]
    assert [one for one in sentences if not one.endswith(".") or not ARABIC_SCRIPT.search(one)] == []
    assert len(set(sentences)) == len(sentences)


def test_in_english_a_kind_is_told_by_the_first_sentence_of_its_docstring() -> None:
    tell = Teller("en")

    assert [kind for kind in KINDS if not re.match(r"[A-Z].*\.$", tell.sentence(kind))] == []
    assert tell.sentence("partner_signed") == "A partner signed its memorandum of understanding."


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_frames_with_the_same_places(language: str) -> None:
    frames = {id for id in words("en", "timeline").ids if id.startswith("frame.")}
    own = words(language, "timeline")

    assert frames <= own.ids
    for id in frames:
        places = [set(re.findall(r"{(\w+)}", book._one[id])) for book in (own, words("en", "timeline"))]
        assert places[0] == places[1], id
    assert disclaimer(language)


def test_the_two_written_from_right_to_left_name_the_same_fields() -> None:
    fields = [{id for id in words(one, "timeline").ids if id.startswith("field.")} for one in ("ar", "ckb")]

    assert fields[0] == fields[1]


def told(language: str) -> str:
    """Tell one entry: a rest, with a reason, heard an hour later."""
    life = Life()
    before = life.now
    life.at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    life.report("stall_declared", reason=True, at=datetime(2026, 3, 2, 8, 30, tzinfo=UTC))
    entry = next(one for one in life.entries if one.kind == "stall_declared")
    return Teller(language).tell(entry, changes(before, evolve(before, entry)), {TEXT: "Elections are near."})


def test_a_sentence_says_who_what_when_why_before_and_after() -> None:
    assert told("en") == (
        "On 2026-03-02 08:30 UTC manager:p-01 reported: The dialogue rests, with a reason and perhaps a day on which "
        "to look again. It was heard on 2026-03-02 09:30 UTC. Reason: Elections are near. Before and after: rest: from "
        "nothing to 2026-03-02T08:30:00+00:00."
    )


@pytest.mark.parametrize("language", ["ar", "ckb"])
def test_ids_and_numbers_stand_apart_in_words_from_right_to_left(language: str) -> None:
    said = told(language)

    assert f"{LTR}manager:p-01{END}" in said
    assert f"{LTR}2026-03-02 08:30 UTC{END}" in said
    assert f"{FIRST_STRONG}Elections are near.{END}" in said
    outside = re.sub(f"[{LTR}{FIRST_STRONG}][^{END}]*{END}", "", said)
    assert re.findall(r"[A-Za-z0-9]", outside) == []


def test_a_text_that_is_no_longer_held_is_said_to_be_gone() -> None:
    life = Life().report("stall_declared", reason=True)
    entry = next(one for one in life.entries if one.kind == "stall_declared")

    assert "no longer held" in Teller("en").tell(entry)


def test_what_changed_is_told_entry_by_entry_and_nothing_else() -> None:
    life = Life().report("stage_begun_early", of="partners", reason=True)
    life.report("partner_approached", partner="P1").report("checklist_item_done", item="do_no_harm_screen")
    assert check_chain(life.entries).ok
    found, now = {}, None
    for entry in life.entries:
        before, now = now, evolve(now, entry)
        found[entry.kind] = changes(before, now)

    assert found["initiative_opened"] == found["checklist_item_done"] == ()
    assert found["partner_approached"] == (Change("partner", "P1", "", "approached"),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_charter_is_told_by_its_size_and_not_word_by_word(language: str) -> None:
    said = Teller(language).tell(Life().entries[0])

    assert "…" in said
    assert "inst-1" not in said
