"""The link in a message: in the reader's language, in text and on the page, and nothing of what it is about."""

import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.answer_link import with_link
from channels.catalogue import LANGUAGES, words
from channels.wording import render
from domain.answers import ALWAYS, ANSWERS
from domain.outgoing import Notice

sys.path.insert(0, str(Path(__file__).parent))
from asks_in_domain import asks

DUE = datetime(2026, 3, 15, 6, 0, tzinfo=UTC)
LINK = "https://answers.example.org/a/" + "k" * 52
NOTICE = Notice(
    initiative="ini-7f3a", obligation="answer_invitation:p-20:1", ask="answer_invitation", act="remind", rung=0,
    recipient="p-20", due_at=DUE, sensitivity="restricted", about={"person": "p-20"},
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("answers", [True, False])
def test_a_link_stands_once_in_the_text_and_is_one_to_click_on_the_page(language: str, answers: bool) -> None:
    plain = render(NOTICE, language, "Asia/Baghdad")
    message = with_link(plain, LINK, DUE + timedelta(days=30), answers)
    say = words(language)

    assert message.text.startswith(plain.text)
    assert message.text.count(LINK) == 1
    assert message.html.count(f'href="{LINK}"') == 1
    assert message.html.count("<p ") == plain.html.count("<p ") + 1
    assert message.html.endswith("</body>\n</html>\n")
    assert "\0" not in message.text + message.html
    assert say("link.own") in message.text
    assert f"\n{LINK}\n" in message.text  # nothing stands beside it that a mail program could take for a part of it
    assert ("2026" in message.text or "٢٠٢٦" in message.text) or not answers


def test_a_link_with_an_ampersand_is_written_as_a_page_needs_it() -> None:
    message = with_link(render(NOTICE, "en", "UTC"), LINK + '?a=1&b="', DUE, answers=True)

    assert re.search(r'href="[^"]*&amp;b=&quot;"', message.html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verb_is_said_in_every_language(language: str) -> None:
    names = {name for verbs in ANSWERS.values() for name in verbs} | set(ALWAYS)

    assert {f"verb.{name}" for name in names} <= words(language).ids
    assert "p…0" in words(language)("verb.attest", who="p…0")


def test_the_domain_asks_for_all_that_can_be_answered() -> None:
    assert set(ANSWERS) <= set(asks())
