"""What a message says, and above all what it does not say."""

import re
import sys
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel.messages.pofile import read_po

from channels.catalogue import FOLDER, LANGUAGES, words
from channels.message import Contact, Message, message_id
from channels.wording import NEWS, language_of, render, render_call
from domain.outgoing import Notice
from domain.vocabulary import Act, Issue

sys.path.insert(0, str(Path(__file__).parent))
from asks_in_domain import asks

DUE = datetime(2026, 3, 15, 6, 0, tzinfo=UTC)  # nine in the morning in Baghdad
SENSITIVITIES = ("open", "discreet", "restricted", "quiet")
TOPICS = {issue.value for issue in Issue} - {"other", "ai"}


def a_notice(**changes: Any) -> Notice:
    content: dict[str, Any] = {
        "initiative": "ini-7f3a",
        "obligation": "sign_mou:P1",
        "ask": "sign_mou",
        "act": "remind",
        "rung": 0,
        "recipient": "p-41",
        "due_at": DUE,
        "sensitivity": "restricted",
        "about": {"partner": "P1"},
    }
    return Notice(**{**content, **changes})


def written(language: str = "en", zone: str = "Asia/Baghdad", **changes: Any) -> Message:
    return render(a_notice(**changes), language, zone)


# --- every ask has its words ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_ask_of_the_domain_is_worded_in_every_language(language: str) -> None:
    say = words(language)
    missing = {ask: file for ask, file in asks().items() if not (say.knows(f"ask.{ask}") and say.knows(f"task.{ask}"))}
    assert not missing, f"locale/{language}/messages.po lacks task.<ask> and ask.<ask> for {missing}"


def test_the_domain_asks_for_many_things() -> None:
    assert {"sign_mou", "decide_gate", "give_consent", "note_new_date", "complete_concept", "keep_warm"} <= set(asks())


def test_what_only_tells_is_worded() -> None:
    assert all(words("en").knows(f"ask.{ask}") for ask in NEWS)


@pytest.mark.parametrize("language", ["ar", "ckb"])
def test_the_languages_say_the_same_sentences_with_the_same_places(language: str) -> None:
    english, other = _sentences("en"), _sentences(language)
    assert set(english) == set(other)
    for id, forms in other.items():
        places = {place for form in forms for place in _places(form)}
        assert places == {place for form in english[id] for place in _places(form)}, id
        assert all(form.strip() for form in forms), id


@pytest.mark.parametrize("language", ["ar", "ckb"])
def test_a_translation_is_in_its_own_script(language: str) -> None:
    for id, forms in _sentences(language).items():
        for form in forms:
            assert not re.search(r"[A-Za-z]", re.sub(r"\{\w+\}", "", form)), f"{id}: {form}"


def test_sorani_uses_its_own_letters() -> None:
    """Arabic kaf and yeh look alike and sort and search wrongly."""
    assert not [id for id, forms in _sentences("ckb").items() for form in forms if re.search("[كيىةثذضظط]", form)]


def test_an_ask_without_words_gets_the_generic_ones() -> None:
    for language in LANGUAGES:
        message = written(language, ask="never_heard_of")
        assert words(language)("ask.generic") in message.text


def _sentences(language: str) -> dict[str, tuple[str, ...]]:
    with (FOLDER / language / "messages.po").open("rb") as file:
        catalog = read_po(file)
    return {
        m.id if isinstance(m.id, str) else m.id[0]: (m.string,) if isinstance(m.string, str) else tuple(m.string)
        for m in catalog
        if m.id
    }


def _places(form: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(form) if name}


# --- what it never says -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sensitivity", SENSITIVITIES)
@pytest.mark.parametrize("act", [act.value for act in Act if act is not Act.CHECK])
def test_no_message_names_a_topic_a_party_or_a_place(sensitivity: str, act: str) -> None:
    about = {"party": "TR", "of": "inst-9", "session": "S1", "starts": "2026-03-26T10:00", "zone": "Europe/Istanbul"}
    for ask in asks():
        message = written(ask=ask, act=act, sensitivity=sensitivity, about=about)
        said = f"{message.subject}\n{message.text}\n{message.html}"
        assert not re.search(r"\bTR\b|inst-9|Istanbul|Turkey|Baghdad|Iraq", said), ask
        told = set(re.findall(r"[a-z]+", said.lower()))
        assert not told & TOPICS, (ask, told & TOPICS)


@pytest.mark.parametrize("sensitivity", SENSITIVITIES)
def test_a_subject_holds_no_id(sensitivity: str) -> None:
    for ask in asks():
        for act in ("remind", "tell", "escalate", "expire"):
            subject = written(ask=ask, act=act, sensitivity=sensitivity, about={"owes": "p-9", "session": "S1"}).subject
            assert not re.search(r"\d|ini-|p-|S1", subject), (ask, subject)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_restricted_subject_is_the_same_for_everything(language: str) -> None:
    subjects = {written(language, ask=ask, act=act).subject for ask in asks() for act in ("remind", "tell", "escalate")}
    assert len(subjects) == 1


def test_a_discreet_subject_tells_a_request_from_news_and_nothing_more() -> None:
    subjects = {written(ask=ask, sensitivity="discreet").subject for ask in asks()}
    assert subjects == {"A short request", "A message for you"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quiet_message_says_nothing_but_get_in_touch(language: str) -> None:
    said = {
        re.sub(r"[0-9a-f]{12}", "#", f"{message.subject}\n{message.text}")
        for ask in asks()
        for act in ("remind", "tell", "escalate", "expire")
        for message in [written(language, ask=ask, act=act, sensitivity="quiet", about={"session": "S1"})]
    }
    assert len(said) == 1
    assert "ini-7f3a" not in said.pop()


def test_an_unknown_sensitivity_says_as_little_as_quiet() -> None:
    assert written(sensitivity="secret").subject == written(sensitivity="quiet").subject


# --- what it says -----------------------------------------------------------------------------------------------


def test_an_open_subject_says_what_kind_of_task_it_is_and_in_which_tone() -> None:
    subjects = [written(sensitivity="open", rung=rung).subject for rung in (0, 1)]
    subjects += [written(sensitivity="open", act=act).subject for act in ("tell", "escalate", "expire")]
    assert subjects == [
        "Request: Memorandum of understanding",
        "Reminder: Memorandum of understanding",
        "Memorandum of understanding",
        "Please take up: Memorandum of understanding",
        "Closed: Memorandum of understanding",
    ]


def test_a_second_message_says_that_it_is_a_reminder_and_the_first_does_not() -> None:
    assert "reminder" not in written(rung=0).text
    assert "This is a friendly reminder." in written(rung=1).text


def test_an_escalation_names_by_id_who_has_not_answered() -> None:
    message = written(act="escalate", recipient="p-01", about={"owes": "p-41"})
    assert "p-41 has not answered yet. Please take this up: Memorandum of understanding." in message.text
    assert "There is no answer yet." in written(act="escalate", about={}).text


def test_an_expired_ask_asks_for_nothing_any_more() -> None:
    text = written(act="expire", ask="answer_invitation").text
    assert "have closed this for now" in text
    assert "as soon as you can" not in text


def test_news_is_no_request_and_no_reminder() -> None:
    text = written(ask="keep_warm_note", rung=3).text
    assert "reminder" not in text
    assert "Please answer" not in text


def test_a_date_is_said_by_the_readers_clock_with_its_offset() -> None:
    about = {"session": "S1", "starts": "2026-03-26T10:00", "zone": "Europe/Zurich"}
    assert "Thursday 26 March 2026, 12:00 (UTC+03:00) (in 11 days)" in written(about=about).text
    assert "Thursday 26 March 2026, 10:00 (UTC+01:00) (in 11 days)" in written(zone="Europe/Zurich", about=about).text


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ar", "الخميس 26 آذار 2026"),
        ("ckb", "پێنجشەممە 26 ئازار 2026"),
    ],
)
def test_a_date_is_in_the_readers_language_with_western_digits(language: str, expected: str) -> None:
    text = written(language, about={"starts": "2026-03-26T10:00", "zone": "Asia/Baghdad"}).text
    assert expected in text
    assert not re.search("[٠-٩۰-۹]", text)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-03-15", "(اليوم)"),
        ("2026-03-16", "(بعد يوم واحد)"),
        ("2026-03-17", "(بعد يومين)"),
        ("2026-03-20", "(بعد \u20665\u2069 أيام)"),
        ("2026-03-26", "(بعد \u206611\u2069 يومًا)"),
        ("2026-06-23", "(بعد \u2066100\u2069 يوم)"),
    ],
)
def test_arabic_counts_days_in_its_six_forms(day: str, said: str) -> None:
    assert said in written("ar", about={"by": day}).text


def test_english_says_one_day_and_two_days() -> None:
    assert "Please answer by Monday 16 March 2026 (in 1 day)." in written(about={"by": "2026-03-16"}).text
    assert "(in 2 days)" in written(about={"by": "2026-03-17"}).text


@pytest.mark.parametrize(
    ("language", "moon"),
    [("ar", "الموافق \u20677 شوال 1447\u2069"), ("ckb", "بەرامبەر بە \u20677 شەوال 1447\u2069"), ("en", "")],
)
def test_the_hijri_date_stands_behind_the_other_in_arabic_and_sorani(language: str, moon: str) -> None:
    text = written(language, about={"by": "2026-03-26"}).text
    assert moon in text
    assert ("1447" in text) == bool(moon)
    assert text.index("2026") < text.index(moon) if moon else True


def test_a_year_whose_hijri_date_nobody_has_reckoned_is_said_without() -> None:
    text = written("ar", about={"by": "2090-01-02"}).text
    assert "2090" in text
    assert "الموافق" not in text


def test_a_date_that_cannot_be_read_is_left_out() -> None:
    for given in ("soon", "2026-13-01", ""):
        assert "as soon as you can" in written(about={"by": given, "zone": "Nowhere/Else"}).text


def test_a_zone_this_machine_does_not_know_stops_nobodys_message() -> None:
    assert written(zone="Mars/Base").at == DUE


# --- direction --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ar", "ckb"])
def test_e3_32_right_to_left_text_isolates_ids_numbers_and_dates(language: str) -> None:
    message = written(language, about={"partner": "P1", "starts": "2026-03-26T10:00", "zone": "Asia/Baghdad"})
    bare = re.sub("[\u2066\u2067][^\u2069]*\u2069", "", message.text)
    assert not re.search(r"[A-Za-z0-9]", bare)
    assert "\u2066ini-7f3a / P1\u2069" in message.text
    assert message.text.count("\u2069") == len(re.findall("[\u2066-\u2068]", message.text))
    assert message.direction == "rtl"
    assert f'<html lang="{language}" dir="rtl">' in message.html
    assert '<bdi dir="ltr">ini-7f3a / P1</bdi>' in message.html
    assert not re.search("[\u2066-\u2069]", message.html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_list_of_mails_shows_of_the_text_is_the_same_for_everything(language: str) -> None:
    pages = [written(language, ask=ask, sensitivity=one).html for ask in asks() for one in ("open", "restricted")]
    hidden = {page.partition("display: none")[2].partition("</div>")[0] for page in pages}
    assert len(hidden) == 1
    assert escape(words(language)("preview")) in hidden.pop()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_loads_nothing_from_anywhere(language: str) -> None:
    for one in SENSITIVITIES:
        assert not re.search(r"https?:|src=|url\(|<link|<script|@import", written(language, sensitivity=one).html)


def test_left_to_right_text_needs_no_marks() -> None:
    message = written(about={"partner": "P1", "starts": "2026-03-26T10:00"})
    assert not re.search("[\u2066-\u2069]", message.text)
    assert '<html lang="en" dir="ltr">' in message.html


def test_a_page_escapes_what_stands_in_it() -> None:
    assert "<b>" not in written(about={"partner": "<b>"}).html


# --- identity ---------------------------------------------------------------------------------------------------


def test_the_same_notice_is_the_same_message_in_any_language() -> None:
    assert {written(language).message_id for language in LANGUAGES} == {message_id(a_notice())}
    others = [a_notice(rung=1), a_notice(recipient="p-42"), a_notice(initiative="ini-8"), a_notice(obligation="x:P1")]
    assert len({message_id(one) for one in [a_notice(), *others]}) == 5


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        (["ar-IQ"], "ar"),
        (["tr", "ckb"], "ckb"),
        (["ku-Arab-IQ"], "ckb"),
        (["ku"], "en"),  # Kurmanji is written in Latin letters
        (["fr"], "en"),
        ([], "en"),
    ],
)
def test_somebody_is_written_to_in_the_first_language_we_write(languages: list[str], expected: str) -> None:
    assert language_of(languages) == expected


def test_a_call_is_a_task_for_the_team_that_names_ids_only() -> None:
    message = render_call(a_notice(), Contact(person="p-41", kind="via_partner", address="+964", via="P2"))
    assert message.person == "tasks"
    assert "Please do not write to p-41. Please ask P2 to pass this on by word of mouth:" in message.text
    assert "+964" not in message.text
