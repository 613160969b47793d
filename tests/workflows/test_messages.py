"""What fails or is in doubt, through the real workflow and a real mail server: each step stands in the record."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from domain.record import Entry
from storage import returned, roster
from storage.roster_input import read_person
from tests.conftest import House
from tests.workflows import story
from tests.workflows.test_answers import Table, table
from tests.workflows.watching import recorded, until

sys.path.insert(0, str(Path(__file__).parents[1] / "activities"))
from delivery_house import NOW
from mailboxes import Mailboxes, serving

READER, MANAGER = "p-20@canary.example", "p-01@canary.example"


def mail_to(house: House, port: int) -> None:
    """Let this house send by that server, and write its reader and its manager down."""
    file = house.settings.home / "channels.yaml"
    server = f"{{host: 127.0.0.1, port: {port}, from: dialogues@example.org, starttls: false}}"
    file.write_text(f"email: {server}\n")
    house.settings = house.settings.model_copy(update={"channels": file})
    for id, address in (("p-20", READER), ("p-01", MANAGER)):
        roster.add_person(house.database, read_person({"id": id, "email": address}), NOW)


async def delivered(at: Table, status: str) -> Entry:
    """Wait until the record says so of the invitation; return the entry. Good news rides with the next entry."""

    async def found() -> list[Entry]:
        await at.report(story.said("note_added", note=story.TEXT))
        every = [one for one in recorded(at.house.database, at.id) if one.kind == "notice_delivered"]
        return [one for one in every if (one.fields["recipient"], one.fields["status"]) == ("p-20", status)]

    return (await until(found))[-1]


async def test_an_address_nobody_has_becomes_a_task_in_the_managers_mailbox_and_an_entry(house: House) -> None:
    async with serving(Mailboxes(READER)) as boxes:
        mail_to(house, boxes.port)
        async with table(house, "p-20") as at:
            entry = await delivered(at, "sent")

    assert entry.fields["channel"] == "task"
    assert entry.fields["tried"] == ["email 550"]
    assert boxes.of(READER) == []
    tasks = [mail for mail in boxes.of(MANAGER) if mail["Message-ID"] == f"<{one_id(entry)}@example.org>"]
    assert len(tasks) == 1
    assert "p-20" in tasks[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]


def one_id(entry: Entry) -> str:
    return str(entry.fields["message"]).partition("@")[0]


async def test_a_doubt_is_decided_by_a_person_with_a_command(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JISR_HOME", str(house.settings.home))
    monkeypatch.setenv("TEMPORAL_ADDRESS", house.engine.service_client.config.target_host)
    async with serving(Mailboxes(dropped=(READER,))) as boxes:
        mail_to(house, boxes.port)
        async with table(house, "p-20") as at:
            doubt = await delivered(at, "unknown")
            assert doubt.fields["code"] == "dropped"
            [row] = [one for one in returned.listed(house.database, at.id) if one.notice.recipient == "p-20"]
            boxes.dropped.clear()

            assert await jisr("messages", "settle", row.id[:12], "again", "--by", "manager:p-01") == 0
            sent = await delivered(at, "sent")
            assert await jisr("messages", "settle", row.id[:12], "again") == 2  # there is nothing to decide any more

    [decided] = [one for one in recorded(house.database, at.id) if one.kind == "message_decided"]
    assert decided.by == "manager:p-01"
    assert decided.fields == {"message": row.id, "person": "p-20", "decision": "again"}
    assert doubt.seq < decided.seq < sent.seq
    assert [mail["Message-ID"] for mail in boxes.of(READER)] == [f"<{row.id}@example.org>"]
    assert "is sent" in capsys.readouterr().err


async def jisr(*words: Any) -> int:
    """Run a command as a person would, beside the worker."""
    return await asyncio.to_thread(run, list(words))
