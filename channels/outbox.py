"""The outbox: a folder of readable messages. The default; nothing leaves the machine."""

import asyncio
import os
import re
from pathlib import Path

from channels.message import Contact, Delivery, Message, NotNow

UNFIT = re.compile(r"[^A-Za-z0-9._-]")  # in the name of a file
TEMPORARY = ".part"


class OutboxChannel:
    """Writes `<outbox>/<YYYY-MM>/<YYYY-MM-DDTHHMM>-<recipient>-<ask>-<id>.txt`: all of it, once, or not at all.

    Time in the name is when the message was due where its reader is. The file names its reader by id only.
    """

    name = "outbox"
    repeatable = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def send(self, contact: Contact, message: Message) -> Delivery:
        await asyncio.to_thread(self._write, message)
        return Delivery(status="sent", channel=self.name)

    def path(self, message: Message) -> Path:
        name = f"{message.at:%Y-%m-%dT%H%M}-{_fit(message.person)}-{_fit(message.ask)}-{message.short_id}.txt"
        return self.folder / f"{message.at:%Y-%m}" / name

    def _write(self, message: Message) -> None:
        path = self.path(message)
        temporary = path.with_suffix(TEMPORARY)
        try:
            if path.exists():
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("w", encoding="utf-8", newline="\n") as file:
                file.write(as_file(message))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError as error:
            _forget(temporary)
            why = (error.strerror or type(error).__name__).lower()
            raise NotNow(
                f"The outbox folder {self.folder} can't be written: {why}. "
                "Make room or correct its permissions; the message is tried again by itself."
            ) from None


def count(folder: Path, person: str) -> int:
    """Return how many messages to somebody lie in an outbox. Raises: OSError."""
    return len(_to(folder, person))


def forget(folder: Path, person: str) -> None:
    """Remove every message to somebody from an outbox. Raises: OSError."""
    for file in _to(folder, person):
        file.unlink(missing_ok=True)


def _to(folder: Path, person: str) -> list[Path]:
    found = folder.glob(f"*/*-{_fit(person)}-*")
    return [file for file in found if file.read_text(encoding="utf-8").startswith(f"To: {person}\n")]


def as_file(message: Message) -> str:
    """Return the message as a person reads it: headers, an empty line, the text."""
    headers = {
        "To": message.person,
        "Date": message.at.isoformat(timespec="minutes"),
        "Subject": message.subject,
        "Message-ID": f"<{message.message_id}>",
        "Content-Language": message.language,
        **({"Invitation": message.event.method} if message.event else {}),
        **message.headers,
    }
    return "".join(f"{name}: {value}\n" for name, value in headers.items()) + f"\n{message.text}\n"


def _fit(id: str) -> str:
    return UNFIT.sub("_", id)[:60]


def _forget(temporary: Path) -> None:
    try:
        temporary.unlink(missing_ok=True)
    except OSError:
        return  # the folder is gone or read-only: then there is no half file either
