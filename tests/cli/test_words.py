"""`jisr words`: what is read from a file, what is shown, and what is said when something is missing."""

from pathlib import Path

import pytest
from life import Life

from cli.words import _read
from storage import texts
from storage.database import open_database
from tests.cli.conftest import Jisr, record


@pytest.fixture
def worded(home: Path) -> str:
    """An initiative whose manager has words of their own for two asks; one of them names a party."""
    record(home, Life())
    told = Life()
    database = open_database(f"sqlite:///{home / 'jisr.db'}")
    for ask, body in (("write_theory", "Kindly write it down."), ("decide_gate", "Please decide on Iraq.")):
        ref = texts.put(database, "ini-test", body)
        for tone in ("remind", "escalate"):
            told.report("wording_changed", ask=ask, language="en", text=ref, tone=tone)
    database.close()
    record(home, told)
    return "ini-test"


def test_what_is_not_said_now_is_shown_with_the_reason(jisr: Jisr, worded: str) -> None:
    lines = {line["ask"]: line for line in jisr("words", "show", worded, "--json").json}

    assert (lines["write_theory"]["said"], lines["write_theory"]["text"]) == (True, "Kindly write it down.")
    assert (lines["decide_gate"]["said"], lines["decide_gate"]["rule"]) == (False, "words.discloses")
    shown = jisr("words", "show", worded).out
    assert "NOT SAID (words.discloses)" in shown
    assert "the party IQ" in shown


def test_the_preview_says_them(jisr: Jisr, worded: str) -> None:
    lines = jisr("agenda", str(worded), "--preview", "--json").json

    said = [line for line in lines if line["ask"] == "write_theory"]
    assert [line["language"] for line in said if "Kindly write it down." in line["text"]]
    assert not any("Iraq" in line["text"] for line in lines)


def test_none_are_said_to_be_none(jisr: Jisr, home: Path) -> None:
    record(home, Life())

    assert "house" in jisr("words", "show", "ini-test").err
    assert jisr("words", "show", "ini-other").code == 4
    assert jisr("words", "remove", "ini-test", "write_theory", "-l", "en").code == 4


def test_a_subject_is_the_first_line() -> None:
    assert _read("Subject: Kindly: {task}\n\nWrite.\n") == ("Kindly: {task}", "Write.")
    assert _read("Write.\nSubject: no\n") == ("", "Write.\nSubject: no")


@pytest.mark.parametrize(
    ("arguments", "text", "code"),
    [
        (("-l", "en"), "Subject: only\n", 2),
        (("-l", "en"), "", 2),
        (("-l", "fr"), "Bonjour.", 2),
        (("-l", "en", "--tone", "loud"), "Write.", 2),
        (("-l", "en"), "Write.", 3),  # there is no engine here
    ],
)
def test_what_cannot_be_taken_is_said_and_changes_nothing(
    jisr: Jisr, worded: str, arguments: tuple[str, ...], text: str, code: int
) -> None:
    before = jisr("words", "show", worded, "--json").json

    done = jisr("words", "set", worded, "write_theory", "-", *arguments, input=text)

    assert (done.code, bool(done.err)) == (code, True)
    assert jisr("words", "show", worded, "--json").json == before
