"""Many messages that wait, and who sends them: shared by the load test and the benchmark."""

import asyncio
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiosmtplib

from channels.letter import letter
from channels.message import Contact
from channels.wording import render
from domain.outgoing import ListRow, Notice
from domain.record import GENESIS, Entry
from storage import ledger, roster
from storage.database import Database
from storage.roster_input import read_person

sys.path.insert(0, str(Path(__file__).parents[1] / "activities"))
from delivery_house import NOW

HERE = Path(__file__).parent
INITIATIVES = [f"ini-{number:04x}" for number in range(20)]
SENDER, MANAGER = "dialogues@example.org", "p-9999"
LANGUAGES = ("ar", "ckb", "en")


class Sink:
    """The mail server, a process of its own, and what it was given."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "taken"
        self.file.touch()
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "sink.py"), str(self.file)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    @property
    def taken(self) -> list[str]:
        return self.file.read_text().splitlines()

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


def person(number: int) -> str:
    return f"p-{number:04d}"


def address(id: str) -> str:
    return f"{id}@example.net"


def language(number: int) -> str:
    return LANGUAGES[number % len(LANGUAGES)]


def fill(database: Database, messages: int) -> dict[str, list[Notice]]:
    """Write everybody and every message down as if each initiative had just recorded them."""
    each = messages // len(INITIATIVES)
    people: list[dict[str, Any]] = [
        {"id": person(number), "name_latin": f"Reader {number}", "email": address(person(number))}
        | {"languages": [language(number)], "zone": "Asia/Baghdad"}
        for number in range(each)
    ]
    people.append({"id": MANAGER, "name_latin": "Manager", "email": address(MANAGER)})
    for one in people:
        read_person(one)
    roster.add_missing(database, people, NOW)
    every = {id: [a_notice(id, number) for number in range(each)] for id in INITIATIVES}
    for id, waiting in every.items():
        entry = Entry(
            initiative=id, seq=1, at=NOW, heard_at=NOW, by=f"manager:{MANAGER}", kind="theory_revised", fields={},
            prev=GENESIS,
        ).sealed()  # fmt: skip
        row = ListRow(
            id=id, track="1.5", stage="sessions", mode="preventive", sensitivity="discreet", issue="water",
            stalled=False, opened_at=NOW, head_seq=1, head_hash=entry.hash,
        )  # fmt: skip
        ledger.append(database, [entry], row, waiting)
    return every


def a_notice(initiative: str, number: int) -> Notice:
    """Every fifth one tells a date, with an invitation."""
    ask, act = ("note_date", "tell") if number % 5 == 0 else ("sign_mou", "remind")
    about = {"session": "S1", "starts": "2026-06-01T10:00", "zone": "Asia/Baghdad", "moves": "0", "days": "1"}
    return Notice(
        initiative=initiative, obligation=f"{ask}:S1:{person(number)}", ask=ask, act=act, rung=0,
        recipient=person(number), due_at=NOW + timedelta(seconds=number), sensitivity="discreet",
        about={"manager": MANAGER, **(about if act == "tell" else {})},
    )  # fmt: skip


def worker(database: Path, sink: Sink, attempt: int, initiatives: list[str]) -> "subprocess.Popen[str]":
    order = [str(HERE / "load_worker.py"), f"sqlite:///{database}", str(sink.port), str(attempt), *initiatives]
    return subprocess.Popen([sys.executable, *order], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(process: "subprocess.Popen[str]") -> tuple[float, float]:
    """Return when a worker began and ended."""
    out, errors = process.communicate()
    assert process.returncode == 0, errors[-3000:]
    began, ended = map(float, out.split())
    return began, ended


async def bare_rate(every: dict[str, list[Notice]], sink: Sink) -> float:
    """Return how many of the same mails a second a loop sends that knows no ledger, no roster and no words."""
    mails = [mail(one) for waiting in every.values() for one in waiting]
    before = len(sink.taken)
    began = time.monotonic()
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=sink.port, start_tls=False) as smtp:
        for to, content in mails:
            await smtp.sendmail(SENDER, to, content)
    took = time.monotonic() - began
    await asyncio.sleep(0.1)
    assert len(sink.taken) - before == len(mails)
    return len(mails) / took


def mail(notice: Notice) -> tuple[str, bytes]:
    id = notice.recipient
    contact = Contact(person=id, kind="email", address=address(id), answers_to=address(MANAGER))
    message = render(notice, language(int(id.removeprefix("p-"))), "Asia/Baghdad")
    return contact.address, letter(contact, message, SENDER)
