"""A manager's own words: what they may hold, and what they must not name, in every script."""

import pytest

from domain.own_words import (
    DISCLOSES,
    LENGTH,
    PLACEHOLDER,
    PLAIN,
    QUIET,
    SCRIPT,
    SUBJECT_OPEN,
    OwnWords,
    Term,
    check,
    chosen,
    disclosed,
)
from domain.rules import Refused, Rule

TERMS = [
    Term("person", "p-20", "Dilan Canary-Aziz"),
    Term("person", "p-20", "دیلان عەزیز"),
    Term("institution", "inst-1", "Tigris Studies Centre"),
    Term("topic", "title", "Clear Channels"),
    Term("topic", "issue", "مياه"),
    Term("topic", "issue", "ئاوی"),
    Term("party", "IQ", "العراق"),
    Term("party", "TR", "Türkiye"),
    Term("place", "Europe/Istanbul", "Istanbul"),
]
NEUTRAL = frozenset({"clear", "please", "سلام"})
GOOD = {"en": "Please answer by {by}.", "ar": "يُرجى الرد قبل {by}.", "ckb": "تکایە تا {by} وەڵام بدەنەوە."}


def own(text: str, language: str = "en", **more: str) -> OwnWords:
    return OwnWords.model_validate({"ask": "sign_mou", "language": language, "text": text, **more})


def refused(rule: Rule, words: OwnWords, sensitivity: str = "restricted") -> None:
    with pytest.raises(Refused) as found:
        check(words, sensitivity, TERMS, NEUTRAL)
    assert found.value.rule is rule, found.value


@pytest.mark.parametrize("language", GOOD)
@pytest.mark.parametrize("sensitivity", ["open", "discreet", "restricted"])
def test_words_that_name_nothing_are_taken(language: str, sensitivity: str) -> None:
    check(own(GOOD[language], language), sensitivity, TERMS, NEUTRAL)


@pytest.mark.parametrize(
    "text", ["Dear {name}", "{by.year}", "{by!r}", "{by:>10}", "{0}", "{}", "left {open", "closed} early", "{by[0]}"]
)
def test_a_place_that_is_not_known_is_refused(text: str) -> None:
    refused(PLACEHOLDER, own(f"Please: {text}"))


@pytest.mark.parametrize("place", ["starts", "by", "who"])
def test_a_subject_leaves_nothing_open_but_the_task(place: str) -> None:
    refused(PLACEHOLDER, own("Please answer.", subject=f"Request {{{place}}}"), "open")
    check(own("Please answer.", subject="Request: {task}"), "open", TERMS, NEUTRAL)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Dear Dilan, please answer."),
        ("en", "Dear Dr. DILAN, please answer."),
        ("en", "Mr Canary-Aziz asks for an answer."),
        ("ar", "السيد ديلان المحترم"),  # another ye and kaf than in the roster
        ("ckb", "بەڕێز دیلان"),
    ],
)
def test_a_person_of_the_roster_is_named_nowhere(language: str, text: str) -> None:
    refused(DISCLOSES, own(text, language), "open")
    refused(DISCLOSES, own(text, language), "restricted")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Please answer about our Channels."),
        ("en", "Please answer before we meet in Turkiye."),
        ("en", "Please answer before we meet in ISTANBUL"),
        ("en", "Please answer the Tigris Studies Centre."),
        ("ar", "يُرجى الرد بشأن المياه"),
        ("ar", "يُرجى الرد بالمياه والعراق"),
        ("ar", "يُرجى الرد للعراق"),
        ("ckb", "تکایە دەربارەی ئاوی وەڵام بدەنەوە"),
    ],
)
def test_topic_party_place_and_institution_are_named_only_in_the_text_of_an_open_one(language: str, text: str) -> None:
    refused(DISCLOSES, own(text, language), "discreet")
    refused(DISCLOSES, own(text, language), "restricted")
    check(own(text, language), "open", TERMS, NEUTRAL)
    refused(DISCLOSES, own(GOOD[language], language, subject=text), "open")


def test_a_refusal_says_what_is_named_by_id_and_repeats_no_word() -> None:
    with pytest.raises(Refused) as found:
        check(own("Dear Dilan, please answer."), "restricted", TERMS, NEUTRAL)

    assert "person p-20" in found.value.why
    assert "Dilan" not in str(found.value)


def test_words_that_also_mean_something_else_name_nobody() -> None:
    named = [Term("person", "p-9", "Salam سلام"), Term("topic", "title", "Clear")]

    assert not list(disclosed("Please be clear. سلام", named, NEUTRAL))


def test_part_of_a_long_name_of_an_institution_is_no_name() -> None:
    assert not list(disclosed("the centre for studies", TERMS, NEUTRAL))


def test_a_subject_of_its_own_is_for_open_initiatives() -> None:
    for sensitivity in ("discreet", "restricted"):
        refused(SUBJECT_OPEN, own("Please answer.", subject="A message"), sensitivity)


def test_at_quiet_there_are_none() -> None:
    refused(QUIET, own("Please answer."), "quiet")


@pytest.mark.parametrize("odd", ["\x00", "\x1b[31m", "\u202e", "\u2066", "\u200f", "\u00ad", "\ufeff", "\t", "\u2028"])
def test_what_is_not_seen_is_refused(odd: str) -> None:
    refused(PLAIN, own(f"Please{odd} answer."))


def test_a_subject_is_one_line() -> None:
    refused(PLAIN, own("Please answer.", subject="Hello\nBcc: somebody"), "open")


def test_the_joiners_of_kurdish_and_persian_spelling_are_taken() -> None:
    check(own("تکایە ئه\u200cمڕۆ وەڵام بدەنەوە", "ckb"), "restricted", TERMS, NEUTRAL)


@pytest.mark.parametrize(("text", "subject"), [("", ""), (" \n ", ""), ("a" * 2_001, ""), ("Please.", "s" * 71)])
def test_what_is_empty_or_too_long_is_refused(text: str, subject: str) -> None:
    refused(LENGTH, own(text, subject=subject), "open")


@pytest.mark.parametrize(("language", "text"), [("ar", "Please answer."), ("ckb", "123 {by}"), ("en", GOOD["ar"])])
def test_another_script_than_the_languages_is_refused(language: str, text: str) -> None:
    refused(SCRIPT, own(text, language))


def test_a_turn_without_words_takes_those_of_the_first_request() -> None:
    first, last = own("First."), own("Last.", tone="escalate")
    every = {(one.ask, one.language, one.tone): one for one in (first, last)}

    assert chosen(every, "sign_mou", "en", "again") is first
    assert chosen(every, "sign_mou", "en", "tell") is first
    assert chosen(every, "sign_mou", "en", "escalate") is last
    assert chosen(every, "sign_mou", "en", "expire") is None
    assert chosen(every, "sign_mou", "ar", "remind") is None


def test_at_the_sensitivity_quiet_there_are_no_own_words() -> None:
    with pytest.raises(Refused) as refusal:
        check(own(GOOD["en"]), "quiet", TERMS, NEUTRAL)
    assert refusal.value.rule.id == "words.quiet"
