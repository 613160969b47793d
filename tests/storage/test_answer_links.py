"""Answer links: the same message has the same token, no row gives it away, and only ours is found."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update
from sqlmodel import col

from domain.answers import asked
from domain.outgoing import Notice
from storage.answer_links import AnswerLinks
from storage.answer_tables import AnswerLinkRow
from storage.database import Database
from storage.keys import Keys, KeysAway, read_keys

NOW = datetime(2026, 3, 15, 6, 0, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32


def a_notice(**changes: Any) -> Notice:
    content: dict[str, Any] = {
        "initiative": "ini-7f3a", "obligation": "answer_invitation:p-20:1", "ask": "answer_invitation",
        "act": "remind", "rung": 0, "recipient": "p-20", "due_at": NOW, "sensitivity": "restricted",
        "about": {"person": "p-20", "manager": "p-01"},
    }  # fmt: skip
    return Notice(**{**content, **changes})


@pytest.fixture
def links(database: Database) -> AnswerLinks:
    return AnswerLinks(database, Keys("old", {"old": OLD}))


def test_the_same_message_has_the_same_token_and_another_has_another(links: AnswerLinks) -> None:
    token = links.token(a_notice())

    assert links.token(a_notice()) == token
    assert links.token(a_notice(rung=1)) != token
    assert links.token(a_notice(recipient="p-21")) != token
    assert links.find(token) == asked(a_notice())


def test_a_token_survives_a_new_key_as_long_as_the_old_one_is_kept(database: Database, links: AnswerLinks) -> None:
    token = links.token(a_notice())
    rotated = AnswerLinks(database, Keys("new", {"old": OLD, "new": NEW}))
    assert rotated.token(a_notice()) == token
    assert rotated.find(token) is not None

    destroyed = AnswerLinks(database, Keys("new", {"new": NEW}))
    assert destroyed.find(token) is None
    made = destroyed.token(a_notice())
    assert made != token
    assert destroyed.find(made) == asked(a_notice())


def test_a_token_names_nothing_and_stands_nowhere_in_the_database(database: Database, links: AnswerLinks) -> None:
    token = links.token(a_notice())
    links.say(asked(a_notice()), "yes", {"reason": "Canary words"}, NOW)

    with database.reading() as session:
        rows = [
            str(row)
            for table in ("answer_links", "given_answers")
            for row in session.execute(text(f"SELECT * FROM {table}"))
        ]
    assert len(rows) == 2
    assert not any(token in row or "Canary" in row for row in rows)
    assert "p-20" not in token


@pytest.mark.parametrize("forged", ["", "a", "a" * 52, "A" * 52, "é" * 52, "a" * 51 + "!", "../../etc"])
def test_what_is_no_token_of_ours_is_not_found(links: AnswerLinks, forged: str) -> None:
    links.token(a_notice())

    assert links.find(forged) is None


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.text(max_size=60), st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=52, max_size=52)))
def test_nothing_that_somebody_makes_up_is_found_or_breaks_anything(links: AnswerLinks, made_up: str) -> None:
    assert links.find(made_up) is None


def test_a_token_with_one_letter_changed_is_not_found(links: AnswerLinks) -> None:
    token = links.token(a_notice())
    changed = ("b" if token[0] == "a" else "a") + token[1:]

    assert links.find(changed) is None


@pytest.mark.parametrize(
    "change", [{"person": "p-21"}, {"verbs": ["yes", "attest"]}, {"expires_at": NOW + timedelta(days=900)}]
)
def test_a_row_that_somebody_changed_no_longer_fits_its_token(
    database: Database, links: AnswerLinks, change: dict[str, Any]
) -> None:
    token = links.token(a_notice())
    with database.session() as session:
        session.execute(update(AnswerLinkRow).where(col(AnswerLinkRow.person) == "p-20").values(**change))

    assert links.find(token) is None


def test_a_later_message_that_asks_anew_replaces_a_link(links: AnswerLinks) -> None:
    links.token(a_notice())
    links.token(a_notice(rung=1, due_at=NOW + timedelta(days=5)))
    assert not links.replaced(asked(a_notice()))
    links.token(a_notice(obligation="answer_invitation:p-20:2", due_at=NOW + timedelta(days=40)))
    assert links.replaced(asked(a_notice()))


def test_the_same_answer_keeps_its_number_and_a_changed_mind_gets_the_next(links: AnswerLinks) -> None:
    bound, later = asked(a_notice()), NOW + timedelta(days=1)
    again = asked(a_notice(rung=1))
    assert links.last(bound) is None

    assert links.say(bound, "yes", {}, NOW)[:3] == (1, "yes", NOW)
    assert links.say(again, "yes", {}, later) == (1, "yes", NOW, True)
    assert links.say(bound, "no", {}, later)[:3] == (2, "no", later)
    assert links.say(bound, "yes", {}, later).number == 3
    last = links.last(again)
    assert last is not None
    assert last.verb == "yes"


def test_a_refused_answer_leaves_the_one_before_it_standing(links: AnswerLinks) -> None:
    bound = asked(a_notice())
    links.say(bound, "yes", {}, NOW)
    links.refused(bound, "no", links.say(bound, "no", {}, NOW))

    assert links.say(bound, "yes", {}, NOW) == (1, "yes", NOW, True)
    assert links.say(bound, "no", {}, NOW)[:2] == (3, "no")


def test_choosing_a_language_changes_no_answer_and_is_said_anew_a_day_later(links: AnswerLinks) -> None:
    bound, later = asked(a_notice()), NOW + timedelta(days=2)
    links.say(bound, "yes", {}, NOW)
    assert links.say(bound, "language", {"language": "ar"}, NOW)[::3] == (1, False)
    assert links.say(bound, "language", {"language": "ar"}, NOW).again
    assert links.say(bound, "language", {"language": "ar"}, later)[::3] == (2, False)

    assert links.say(bound, "yes", {}, later).again


# --- the key file -------------------------------------------------------------------------------------------
def test_a_key_file_is_read_as_it_was_made(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"current": "k1", "keys": {"k1": b64encode(OLD).decode()}}))
    keys = read_keys(file)

    assert keys.current == "k1"
    assert keys.derived("k1", "one") != keys.derived("k1", "another")
    assert keys.derived("k2", "one") is None


@pytest.mark.parametrize(
    "content", ["", "[]", '{"current": "a", "keys": {}}', '{"current": "a", "keys": {"a": "c2hvcnQ="}}']
)
def test_a_file_that_holds_no_keys_is_said_and_not_repeated(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(content)

    with pytest.raises(KeysAway, match="no key file") as wrong:
        read_keys(file)
    assert "c2hvcnQ" not in str(wrong.value)
    with pytest.raises(KeysAway, match="jisr migrate"):
        read_keys(tmp_path / "none.json")
