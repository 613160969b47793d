""" "What do you hold about me?", answered with a file that its reader can read: in their language, on any machine."""

import json
import re
from pathlib import Path

import pytest
from life import Life

from storage import texts
from storage.database import open_database
from tests.cli.conftest import Jisr, record

TITLES = {"en": "What is held about you", "ar": "ما هو محفوظ عنكم", "ckb": "ئەوەی دەربارەتان هەڵگیراوە"}


@pytest.fixture(autouse=True)
def _known(home: Path, jisr: Jisr) -> None:
    """A participant who speaks Arabic, and two words about them: how they were assessed is kept back."""
    record(home, Life())
    database = open_database(f"sqlite:///{home / 'jisr.db'}")
    good, weak = (texts.put(database, "ini-test", body) for body in ("Listens <b>well</b>.", "Weak under pressure."))
    database.close()
    told = Life().report("stage_begun_early", of="vetting", reason=True)
    nominated = {"party": "IQ", "country": "IQ", "organisation": "inst-20", "capacity": "non_official"}
    told.report("participant_nominated", person="p-20", statement=good, **nominated)
    told.report("vetter_assigned", person="p-20", vetter="p-11")
    given = {"verdict": "approve", "criteria": ["standing"], "assessment": weak}
    told.report("review_given", by="vetter:p-11", person="p-20", vetter="p-11", **given)
    record(home, told)
    assert (
        jisr("people", "add", "p-20", "--name", "Avan Canary", "--languages", "ar", "--email", "a@example.org").code
        == 0
    )


def test_it_is_a_page_in_the_persons_language(jisr: Jisr, tmp_path: Path) -> None:
    out = tmp_path / "about.html"

    done = jisr("people", "show", "p-20", "--out", str(out))

    page = out.read_text(encoding="utf-8")
    assert (done.code, out.stat().st_mode & 0o777) == (0, 0o600)
    assert '<html lang="ar" dir="rtl">' in page
    assert TITLES["ar"] in page
    assert "Avan Canary" in page and "a@example.org" in page
    assert "Listens &lt;b&gt;well" in page
    assert not re.search(r"https?:|src=", page)


@pytest.mark.parametrize("language", TITLES)
def test_plain_text_says_where_it_is_kept_and_how_it_is_erased(jisr: Jisr, tmp_path: Path, language: str) -> None:
    out = tmp_path / "about.txt"
    jisr(
        "people",
        "add",
        "p-20",
        "--name",
        "Avan Canary",
        "--languages",
        language,
        "--email",
        "a@example.org",
        "--update",
    )

    assert jisr("people", "show", "p-20", "--out", str(out)).code == 0

    text = out.read_text(encoding="utf-8")
    assert text.startswith(TITLES[language])
    assert "Weak under pressure" not in text, "how somebody was assessed is given out to nobody"
    assert "p-11" not in text, "nor who assessed them"
    if language == "en":
        assert "How to have it erased" in text
        assert "1 text is not shown" in text
        assert "Where it is kept" in text


def test_as_json_everything_is_there_once(jisr: Jisr, tmp_path: Path) -> None:
    out = tmp_path / "about.json"
    assert jisr("people", "show", "p-20", "--out", str(out), "--json").code == 0

    held = json.loads(out.read_text(encoding="utf-8"))
    assert held == jisr("people", "show", "p-20", "--json").json
    assert (held["person"]["name_latin"], held["kept_back"]) == ("Avan Canary", 1)
    assert [one["kind"] for one in held["entries"]] == ["participant_nominated", "vetter_assigned", "review_given"]


def test_a_file_that_is_there_is_not_written_over(jisr: Jisr, tmp_path: Path) -> None:
    out = tmp_path / "about.txt"
    out.write_text("mine")

    done = jisr("people", "show", "p-20", "--out", str(out))

    assert (done.code, out.read_text()) == (2, "mine")
    assert jisr("people", "show", "p-20", "--out", str(tmp_path / "no" / "x.txt")).code == 2
    assert jisr("people", "show", "p-none", "--out", str(tmp_path / "y.txt")).code == 4
    assert not (tmp_path / "y.txt").exists()


def test_on_the_screen_each_thing_is_one_line(jisr: Jisr) -> None:
    assert "Id:\n  p-20\n" in jisr("people", "show", "p-20").out


def test_how_somebody_wants_their_messages_is_set_and_shown(jisr: Jisr, tmp_path: Path) -> None:
    out = tmp_path / "about.txt"

    assert jisr("people", "digests", "p-20", "off").out == "p-20: each request by itself.\n"
    assert jisr("people", "show", "p-20", "--json").json["person"]["each_by_itself"] is True
    assert jisr("people", "show", "p-20", "--out", str(out)).code == 0
    assert "كل طلب في رسالة مستقلة: ✓" in out.read_text(encoding="utf-8")
    changed = jisr("people", "add", "p-20", "--name", "Avan Canary", "--languages", "en", "--update")
    assert changed.code == 0
    assert jisr("people", "show", "p-20", "--json").json["person"]["each_by_itself"] is True, "it outlives a new card"
    assert jisr("people", "digests", "p-20", "on", "--json").json == {"person": "p-20", "digests": True}
    assert jisr("people", "show", "p-20", "--json").json["person"]["each_by_itself"] is False


@pytest.mark.parametrize(("who", "wanted", "code", "says"), [("p-20", "yes", 2, "on or off"), ("p-77", "on", 4, "add")])
def test_a_wish_that_is_none_and_somebody_unknown_are_named(
    jisr: Jisr, who: str, wanted: str, code: int, says: str
) -> None:
    done = jisr("people", "digests", who, wanted)
    assert (done.code, says in done.err) == (code, True), done
