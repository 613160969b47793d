"""The outbox writes readable files, each once, whole or not at all."""

import os
from pathlib import Path
from typing import Any

import pytest

from channels.message import Contact, Message, NotNow
from channels.outbox import OutboxChannel
from channels.wording import render
from domain.outgoing import Notice


def a_message(language: str = "en", **changes: Any) -> Message:
    content: dict[str, Any] = {
        "initiative": "ini-7f3a", "obligation": "sign_mou:P1", "ask": "sign_mou", "act": "remind", "rung": 0,
        "recipient": "p-41", "due_at": "2026-03-31T21:30:00Z", "sensitivity": "open",
    }  # fmt: skip
    return render(Notice.model_validate({**content, **changes}), language, "Asia/Baghdad")


def files_in(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]


async def test_a_message_is_one_readable_file_named_by_the_readers_time(tmp_path: Path) -> None:
    message = a_message("ckb")
    delivery = await OutboxChannel(tmp_path).send(Contact(person="p-41", address="secret@example.org"), message)
    assert (delivery.status, delivery.channel) == ("sent", "outbox")
    [file] = files_in(tmp_path)
    name = f"2026-04/2026-04-01T0030-p-41-sign_mou-{message.short_id}.txt"
    assert file.relative_to(tmp_path).as_posix() == name
    head, _, text = file.read_text(encoding="utf-8").partition("\n\n")
    assert head.split("\n") == [
        "To: p-41",
        "Date: 2026-04-01T00:30+03:00",
        "Subject: داواکاری: یادداشتی لێکتێگەیشتن",
        f"Message-ID: <{message.message_id}>",
        "Content-Language: ckb",
    ]
    assert text == message.text + "\n"
    assert "secret" not in file.read_text(encoding="utf-8")


async def test_a_message_that_goes_with_an_invitation_says_so(tmp_path: Path) -> None:
    about = {"session": "S1", "starts": "2026-06-01T10:00", "zone": "Asia/Baghdad"}
    await OutboxChannel(tmp_path).send(Contact(person="p-41"), a_message(ask="note_date", act="tell", about=about))
    [file] = files_in(tmp_path)
    assert "\nInvitation: REQUEST\n" in file.read_text(encoding="utf-8")


async def test_the_same_message_again_stays_one_file_as_it_was(tmp_path: Path) -> None:
    outbox = OutboxChannel(tmp_path)
    await outbox.send(Contact(person="p-41"), a_message())
    [file] = files_in(tmp_path)
    file.write_text("somebody's note\n")
    await outbox.send(Contact(person="p-41"), a_message())
    assert files_in(tmp_path) == [file]
    assert file.read_text() == "somebody's note\n"
    assert outbox.repeatable


async def test_a_strange_id_stays_inside_the_folder(tmp_path: Path) -> None:
    outbox = OutboxChannel(tmp_path / "out")
    await outbox.send(Contact(person="x"), a_message(recipient="../../p", ask="a/b"))
    [file] = files_in(tmp_path)
    assert file.parent.parent == tmp_path / "out"


async def test_a_folder_that_cannot_be_made_is_not_now_in_one_plain_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotNow, match=r"The outbox folder .* can't be written: .* Make room or correct") as caught:
        await OutboxChannel(tmp_path / "file").send(Contact(person="p-41"), a_message())
    assert caught.value.whole


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="this machine has no /dev/full")
async def test_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    outbox, message = OutboxChannel(tmp_path), a_message()
    path = outbox.path(message)
    path.parent.mkdir(parents=True)
    path.with_suffix(".part").symlink_to("/dev/full")  # every write there fails as on a full disk
    with pytest.raises(NotNow, match="no space left on device"):
        await outbox.send(Contact(person="p-41"), message)
    assert list(path.parent.iterdir()) == []
    await outbox.send(Contact(person="p-41"), message)
    assert list(path.parent.iterdir()) == [path]
