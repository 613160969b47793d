"""How a manager's own words look in a message: filled in, isolated, with what must never be missing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from channels.bidi import END, LTR, RTL
from channels.message import Contact
from channels.undisclosed import neutral, spelled_out
from channels.wording import render, render_call
from domain.outgoing import Notice
from domain.own_words import OwnWords, Term

DUE = datetime(2026, 3, 15, 6, 0, tzinfo=UTC)
ARABIC = "نرجو منكم الرد قبل {by}.\n\nشكرًا\nلكم."


def notice(**changes: Any) -> Notice:
    content: dict[str, Any] = {
        "initiative": "ini-7f3a", "obligation": "sign_mou:P1", "ask": "sign_mou", "act": "remind", "rung": 0,
        "recipient": "p-41", "due_at": DUE, "sensitivity": "restricted", "about": {"partner": "P1", "by": "2026-04-01"},
    }  # fmt: skip
    return Notice(**{**content, **changes})


def mine(text: str, language: str = "en", tone: str = "remind", **more: str) -> dict[tuple[str, str, str], OwnWords]:
    given = {"ask": "sign_mou", "language": language, "tone": tone, "text": text, **more}
    return {("sign_mou", language, tone): OwnWords.model_validate(given)}


def test_own_words_take_the_place_of_what_is_asked_and_nothing_else() -> None:
    own, house = (render(notice(), "en", "UTC", words).text.split("\n\n") for words in (mine("Kindly sign."), {}))

    assert own[1] == "Kindly sign."
    assert [own[0], *own[2:]] == [house[0], *house[2:]]


def test_a_date_in_them_is_isolated_and_not_said_again() -> None:
    made = render(notice(), "ar", "Asia/Baghdad", mine(ARABIC, "ar"))

    paragraphs = made.text.split("\n\n")
    assert RTL in paragraphs[1] and END in paragraphs[1]
    assert paragraphs[2] == "شكرًا لكم."
    assert made.text.count("2026") + made.text.count("٢٠٢٦") == 1
    assert LTR in paragraphs[-1], "the reference stays"


@pytest.mark.parametrize("text", ["Come on {starts}.", "Ask {who}."])
def test_where_a_place_stays_open_the_house_speaks(text: str) -> None:
    assert render(notice(), "en", "UTC", mine(text)).text == render(notice(), "en", "UTC").text


def test_a_reminder_says_so_before_the_words_of_the_first_request() -> None:
    again = render(notice(rung=1), "en", "UTC", mine("Kindly sign.")).text
    own = render(notice(rung=1), "en", "UTC", mine("Once more: kindly sign.", tone="again")).text

    assert "This is a friendly reminder. Kindly sign." in again
    assert "friendly" not in own


def test_an_escalation_has_words_of_its_own_or_the_houses() -> None:
    escalated = notice(act="escalate", recipient="p-01", about={"owes": "p-41"})

    assert "Kindly" not in render(escalated, "en", "UTC", mine("Kindly sign.")).text
    assert "Call p-41." in render(escalated, "en", "UTC", mine("Call {who}.", tone="escalate")).text


@pytest.mark.parametrize("sensitivity", ["discreet", "restricted", "quiet"])
def test_a_subject_of_their_own_is_said_only_where_it_is_open(sensitivity: str) -> None:
    own = mine("Kindly sign.", subject="Kindly: {task}")

    closed = render(notice(sensitivity=sensitivity), "en", "UTC", own)
    assert closed.subject == render(notice(sensitivity=sensitivity), "en", "UTC").subject
    assert render(notice(sensitivity="open"), "en", "UTC", own).subject.startswith("Kindly: ")


def test_at_quiet_the_house_speaks() -> None:
    assert render(notice(sensitivity="quiet"), "en", "UTC", mine("Kindly sign.")) == render(
        notice(sensitivity="quiet"), "en", "UTC"
    )


def test_markup_in_them_is_shown_and_not_obeyed() -> None:
    made = render(notice(), "en", "UTC", mine("Kindly <b>sign</b> & answer."))

    assert "<b>" not in made.html
    assert "&lt;b&gt;" in made.html


def test_the_task_for_the_team_passes_them_on() -> None:
    assert "Kindly sign." in render_call(notice(), Contact(person="p-41", kind="phone"), mine("Kindly sign.")).text


def test_countries_cities_and_issues_are_known_in_every_language() -> None:
    codes = [Term("party", "TR", "TR"), Term("place", "z", "Europe/Istanbul"), Term("topic", "issue", "water")]

    words = {one.words for one in spelled_out(codes)}

    assert {"Türkiye", "تركيا", "تورکیا", "Istanbul", "water", "مياه"} <= words


def test_no_issue_is_spelled_out_in_words_the_house_uses() -> None:
    assert {"meeting", "answer"} <= neutral()
    assert not {"water", "laundering", "border"} & neutral()
