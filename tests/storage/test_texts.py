"""Free text is handed in for a reference that tells nothing."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.values import TEXT_MAX
from storage import texts
from storage.database import Database


def test_a_text_comes_back_for_its_reference(database: Database) -> None:
    ref = texts.put(database, "ini-1", "نص حرّ\nwith two lines")
    assert texts.get(database, [ref, ref, "text:" + "0" * 32]) == {ref: "نص حرّ\nwith two lines"}
    assert ref.startswith("text:")
    assert len(ref) == 37


def test_the_same_text_has_the_same_reference_in_one_initiative_and_another_in_the_next(database: Database) -> None:
    one, again, elsewhere = (texts.put(database, ini, "yes") for ini in ("ini-1", "ini-1", "ini-2"))
    assert one == again != elsewhere


def test_many_texts_at_once_share_one_salt(database: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        refs = set(threads.map(lambda _: texts.put(database, "ini-1", "yes"), range(24)))
    assert len(refs) == 1


def test_more_texts_than_one_question_holds(database: Database) -> None:
    refs = [texts.put(database, "ini-1", str(number)) for number in range(3)]
    assert len(texts.get(database, [*refs, *(f"text:{n:032x}" for n in range(2 * texts.TOGETHER))])) == 3


@pytest.mark.parametrize(
    ("body", "why"),
    [("a\0b", "NUL"), ("\ud800", "half a character"), ("a" * (TEXT_MAX + 1), "put it into a document")],
)
def test_what_cannot_be_kept_is_refused_without_being_repeated(database: Database, body: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as error:
        texts.put(database, "ini-1", body)
    assert body not in str(error.value)
