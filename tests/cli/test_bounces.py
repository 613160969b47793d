"""`jisr bounces read`: reports from a file, an mbox, a folder or a pipe; each counts once, nothing is dropped."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.outgoing import Delivery
from storage import returned, roster
from storage.database import open_database
from storage.roster_input import read_person
from tests.cli.conftest import Jisr
from tests.cli.test_messages import AT, settled

sys.path.insert(0, str(Path(__file__).parents[1] / "channels"))
from test_bounces import HEADERS_ONLY, ID, recipient, report

__all__ = ["settled"]


def about(message: Delivery, status: str = "5.1.1", action: str = "failed") -> bytes:
    """Return what a mail server reports of the mail this message went out as."""
    returned_mail = HEADERS_ONLY.replace(ID, f"{message.id}@example.org")
    return report(recipient(action, status), returned_mail)


@pytest.fixture
def sent(settled: Callable[..., Delivery], home: Path) -> Delivery:
    """A message that went to somebody with one address."""
    database = open_database(f"sqlite:///{home / 'jisr.db'}")
    roster.add_person(database, read_person({"id": "p-41", "email": "p-41@example.org"}), AT)
    database.close()
    return settled("p-41", "sent", "250")


def state(home: Path, message: Delivery) -> tuple[str, list[str]]:
    database = open_database(f"sqlite:///{home / 'jisr.db'}")
    found = returned.find(database, message.id)
    database.close()
    return found.status, [way.told for way in found.ways]


def test_a_mail_that_came_back_is_written_down_though_the_engine_is_away(
    jisr: Jisr, home: Path, sent: Delivery
) -> None:
    done = jisr("bounces", "read", "-", input=about(sent))

    assert (done.code, "read it again when the engine is there" in done.err) == (3, True)
    assert f"-\tcame back\t{sent.id[:12]}\t5.1.1\tini-test\tp-41" in done.out
    assert state(home, sent) == ("waiting", ["apprise not-configured", "email 5.1.1"])
    assert "known already" in jisr("bounces", "read", "-", input=about(sent)).out
    assert state(home, sent) == ("waiting", ["apprise not-configured", "email 5.1.1"])


def test_a_folder_and_an_mbox_are_read_and_what_is_not_ours_is_listed(
    jisr: Jisr, home: Path, tmp_path: Path, sent: Delivery
) -> None:
    folder = tmp_path / "mails" / "new"
    folder.mkdir(parents=True)
    (folder / "1").write_bytes(b"From: somebody@example.org\n\nI am away until Monday.\n")
    stranger = report(recipient())
    box = b"From MAILER-DAEMON Tue Mar 31\n" + stranger + b"\r\n\r\nFrom MAILER-DAEMON Tue Mar 31\n"
    (folder / "2.mbox").write_bytes(box + about(sent, "4.4.1", "delayed"))

    done = jisr("bounces", "read", str(folder.parent), "--json")

    assert done.code == 0
    assert [(Path(one["where"]).name, one["state"]) for one in done.json] == [
        ("1", "no report"),
        ("2.mbox:1", "not ours"),
        ("2.mbox:2", "on its way"),
    ]
    assert state(home, sent) == ("sent", ["apprise not-configured"])


def test_a_place_that_is_not_there_is_said(jisr: Jisr, tmp_path: Path) -> None:
    assert jisr("bounces", "read", str(tmp_path / "none")).code == 2
