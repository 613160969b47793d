"""`jisr answer`: a look at what a link asks, and what is said when it cannot be answered."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.setup import make_home
from domain.outgoing import Notice
from settings import Settings
from storage import roster
from storage.answer_links import AnswerLinks
from storage.database import migrate, open_database
from storage.keys import read_keys
from storage.roster_input import read_person
from tests.cli.conftest import Jisr

NAME = "Shirin Canary"


def token_for(home: Path, due: datetime | None = None, **changes: str) -> str:
    """Return the token of a message to p-20, whom the roster knows."""
    own = Settings(home=home)
    make_home(own)
    migrate(own.database)
    database = open_database(own.database)
    roster.add_person(database, read_person({"id": "p-20", "name_latin": NAME, "languages": ["en"]}))
    content = {
        "initiative": "ini-7f3a", "obligation": "attest_personal_capacity:p-20:1:1", "ask": "attest_personal_capacity",
        "act": "remind", "rung": 0, "recipient": "p-20", "due_at": due or datetime.now(UTC),
        "sensitivity": "restricted", **changes,
    }  # fmt: skip
    token = AnswerLinks(database, read_keys(own.key_file())).token(Notice.model_validate(content))
    database.close()
    return token


def test_a_look_shows_what_can_be_answered_and_masks_for_whom(jisr: Jisr, home: Path) -> None:
    token = token_for(home)
    page = jisr("answer", token, "--json").json

    assert page["for"] == "p…0"
    attest = page["verbs"][0]
    assert (attest["verb"], [one["name"] for one in attest["fields"] if one["needed"]]) == ("attest", ["i_am"])
    assert attest["says"].startswith("I am p…0.")
    told = jisr("answer", "-", input=f"<\u2066https://answers.example.org/a/{token}\u2069>\n")
    assert told.code == 0
    assert "I am p…0" in told.out
    assert "p-20" not in told.out
    assert NAME not in told.out


@pytest.mark.parametrize("given", ["", "a" * 52, "../../keys.json", "https://answers.example.org/a/"])
def test_a_forged_link_is_forbidden_and_not_repeated(jisr: Jisr, home: Path, given: str) -> None:
    token_for(home)
    for done in (jisr("answer", given), jisr("answer", given, "yes")):  # the engine need not be there
        assert done.code == 7
        assert "no link of ours" in done.err
        assert not given or given not in done.err


def test_an_expired_link_says_until_when_it_was_good_and_whom_to_ask(jisr: Jisr, home: Path) -> None:
    done = jisr("answer", token_for(home, datetime.now(UTC) - timedelta(days=400)))

    assert done.code == 7
    assert "good until" in done.err
    assert "Ask the person who usually writes to you." in done.err


def test_at_quiet_a_look_says_no_more_than_the_message_did(jisr: Jisr, home: Path) -> None:
    page = jisr("answer", token_for(home, sensitivity="quiet"), "--json").json

    assert [one["verb"] for one in page["verbs"]] == ["language", "stop"]
    assert page["reference"] is None
    assert "capacity" not in page["asked"]


def test_whoever_is_dead_or_stopped_is_asked_nothing(jisr: Jisr, home: Path) -> None:
    token = token_for(home)
    database = open_database(Settings(home=home).database)
    roster.mark_deceased(database, "p-20", datetime.now(UTC).date())
    database.close()

    done = jisr("answer", token)
    assert done.code == 7
    assert "any more" in done.err


def test_without_its_keys_nothing_is_answered(jisr: Jisr, home: Path) -> None:
    token = token_for(home)
    (home / "keys.json").unlink()
    done = jisr("answer", token)

    assert done.code == 3
    assert "jisr migrate" in done.err


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (("yes", "p-20"), "no field=value"),
        (("yes", "reason=a", "reason=b"), "twice"),
        (("yes", "token=x"), "no field=value"),
        (("attest",), "i_am="),
        (("attest", "i_am=p-20", "reason=text:" + "0" * 32), "the words themselves"),
        (("language", "language=Kurdish spoken"), "language"),
    ],
)
def test_what_is_misshapen_is_said_before_the_engine_is_asked_for(
    jisr: Jisr, home: Path, typed: tuple[str, ...], why: str
) -> None:
    done = jisr("answer", token_for(home), *typed)

    assert done.code == 2
    assert why in done.err


def test_only_an_answer_is_recorded_on_somebodys_behalf(jisr: Jisr) -> None:
    done = jisr("report", "ini-test", "partner_signed", "partner=P1", "--on-behalf-of", "p-20")

    assert done.code == 2
    assert "invitation_answered" in done.err


def test_in_a_batch_each_line_says_for_whom_it_is(jisr: Jisr, tmp_path: Path) -> None:
    done = jisr("report", "ini-test", "--batch", "-", "--on-behalf-of", "p-20", input="{}")

    assert done.code == 2
    assert "on_behalf_of stand in each line" in done.err
