"""Ten thousand messages by two workers, one of them killed on the way: each arrives once, or stands as `unknown`."""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest

from channels.letter import letter
from channels.message import Contact
from channels.wording import render
from domain.outgoing import ListRow, Notice
from domain.record import GENESIS, Entry
from storage import ledger, notices, roster
from storage.database import Database, migrate, open_database
from storage.roster_input import read_person

sys.path.insert(0, str(Path(__file__).parents[1] / "activities"))
from delivery_house import NOW

HERE = Path(__file__).parent
MESSAGES = int(os.environ.get("JISR_LOAD_MESSAGES", "10000"))
INITIATIVES = [f"ini-{number:04x}" for number in range(20)]
EACH = MESSAGES // len(INITIATIVES)
KILL_AFTER = MESSAGES // 4  # messages that have arrived
SENDER, MANAGER = "dialogues@example.org", "p-9999"
LANGUAGES = ("ar", "ckb", "en")

pytestmark = [pytest.mark.mail, pytest.mark.xdist_group("mail"), pytest.mark.timeout(1800)]


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


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    made = Sink(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'jisr.db'}"
    migrate(url)
    made = open_database(url)
    yield made
    made.close()


def person(number: int) -> str:
    return f"p-{number:04d}"


def address(id: str) -> str:
    return f"{id}@example.net"


def language(number: int) -> str:
    return LANGUAGES[number % len(LANGUAGES)]


def fill(database: Database) -> dict[str, list[Notice]]:
    """Write everybody and every message down as if each initiative had just recorded them."""
    people: list[dict[str, Any]] = [
        {"id": person(number), "name_latin": f"Reader {number}", "email": address(person(number))}
        | {"languages": [language(number)], "zone": "Asia/Baghdad"}
        for number in range(EACH)
    ]
    people.append({"id": MANAGER, "name_latin": "Manager", "email": address(MANAGER)})
    for one in people:
        read_person(one)
    roster.add_missing(database, people, NOW)
    every = {id: [a_notice(id, number) for number in range(EACH)] for id in INITIATIVES}
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


async def test_ten_thousand_messages_arrive_once_each_though_a_worker_is_killed(
    tmp_path: Path, database: Database, sink: Sink
) -> None:
    every = fill(database)
    file = tmp_path / "jisr.db"
    first, second = INITIATIVES[::2], INITIATIVES[1::2]

    doomed, other = worker(file, sink, 1, first), worker(file, sink, 1, second)
    while len(sink.taken) < KILL_AFTER:
        assert doomed.poll() is None
        await asyncio.sleep(0.005)
    doomed.kill()
    began = float(doomed.communicate()[0].split()[0])
    heir = worker(file, sink, 2, first)
    ended = max(finished(other)[1], finished(heir)[1])

    ids = {f"{one.id()}@example.org" for waiting in every.values() for one in waiting}
    taken = Counter(sink.taken)
    unknown = {f"{one.notice.id()}@example.org" for one in notices.unknown(database)}
    counts = notices.counts(database)
    assert sum(counts.values()) == len(ids) == MESSAGES
    assert counts == {"sent": MESSAGES - len(unknown)} | ({"unknown": len(unknown)} if unknown else {})
    assert len(unknown) <= 1  # what the killed worker had in hand
    assert not [id for id, times in taken.items() if times > 1]
    assert set(taken) | unknown == ids
    assert set(taken) >= ids - unknown

    ours = MESSAGES / (ended - began)
    bare = await bare_rate(every, sink)
    print(
        f"\n{MESSAGES} messages, two workers, one killed: {len(taken)} arrived once each, {len(unknown)} unknown; "
        f"{ours:.0f}/s, a bare aiosmtplib loop {bare:.0f}/s, ratio {ours / bare:.2f}"
    )


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
    assert len(sink.taken) - before == MESSAGES
    return MESSAGES / took


def mail(notice: Notice) -> tuple[str, bytes]:
    id = notice.recipient
    contact = Contact(person=id, kind="email", address=address(id), answers_to=address(MANAGER))
    message = render(notice, language(int(id.removeprefix("p-"))), "Asia/Baghdad")
    return contact.address, letter(contact, message, SENDER)
