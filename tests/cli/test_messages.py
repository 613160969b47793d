"""`jisr messages`: what failed or is in doubt is shown, and nothing is decided twice or in passing."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from life import Life

from channels.message import message_id
from domain import view
from domain.outgoing import Delivery, Notice, Way
from storage import ledger, notices
from storage.database import open_database
from tests.cli.conftest import Jisr

AT = datetime(2026, 3, 15, 6, 0, tzinfo=UTC)


@pytest.fixture
def settled(home: Path, life: Life) -> Callable[[str, str, str], Delivery]:
    """Let a message to somebody have come to this state, by email."""

    def write(recipient: str, status: str, code: str) -> Delivery:
        notice = Notice(
            initiative="ini-test", obligation=f"sign_mou:{recipient}", ask="sign_mou", act="remind", rung=0,
            recipient=recipient, due_at=AT, sensitivity="restricted",
        )  # fmt: skip
        database = open_database(f"sqlite:///{home / 'jisr.db'}")
        ledger.append(database, [], view.list_row(life.journal, life.calendars, None), [notice])
        notices.claim(database, "ini-test", "worker-1", AT)
        ways = (Way(channel="apprise", code="not-configured"),)
        outcome = notices.Outcome(notice.id(), status, AT, "email", message_id(notice), code, ways)  # type: ignore[arg-type]
        notices.settle_all(database, [outcome])
        [one] = [one for one in notices.of_initiative(database, "ini-test") if one.id == notice.id()]
        database.close()
        return one

    return write


def test_what_is_in_doubt_is_listed_with_what_to_type(jisr: Jisr, settled: Callable[..., Delivery]) -> None:
    doubt, sent = settled("p-41", "unknown", "dropped"), settled("p-42", "sent", "250")

    done = jisr("messages", "list")
    assert (done.code, doubt.id[:12] in done.out, sent.id[:12] in done.out) == (0, True, False)
    assert "unknown\temail\tdropped\tapprise not-configured" in done.out
    assert "jisr messages settle MESSAGE sent|again|drop" in done.err
    every = jisr("messages", "list", "ini-test", "--all", "--json").json
    assert {one["message"]: one["status"] for one in every} == {doubt.id: "unknown", sent.id: "sent"}
    assert jisr("messages", "list", "ini-other", "--json").json == []


def test_show_and_doctor_tell_of_it(jisr: Jisr, settled: Callable[..., Delivery]) -> None:
    assert "may not have arrived" not in jisr("show", "ini-test").out
    doubt = settled("p-41", "unknown", "dropped")

    assert f"{doubt.id[:12]} to p-41: sign mou, unknown" in jisr("show", "ini-test").out
    [check] = [one for one in jisr("doctor", "--json").json if one["what"] == "messages"]
    assert (check["state"], check["says"].startswith("1 may or may not have arrived, 0 failed.")) == ("warn", True)


def test_with_the_engine_away_nothing_is_decided(jisr: Jisr, settled: Callable[..., Delivery]) -> None:
    doubt = settled("p-41", "unknown", "dropped")

    assert jisr("messages", "settle", doubt.id[:12], "again").code == 3
    assert [one["status"] for one in jisr("messages", "list", "--json").json] == ["unknown"]


def test_what_cannot_be_decided_is_said(jisr: Jisr, settled: Callable[..., Delivery]) -> None:
    sent = settled("p-42", "sent", "250")

    done = jisr("messages", "settle", sent.id[:12], "again")
    assert (done.code, "is sent. There is nothing to decide." in done.err) == (2, True)
    assert jisr("messages", "settle", sent.id[:12], "perhaps").code == 2
    assert jisr("messages", "settle", "0123456789ab", "sent").code == 4
