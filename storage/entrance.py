"""Who stands at the door: one query by the digest of a token. Nothing slow is imported for SQLite's usual address.

Without any account the house is open to whoever holds its files. With the first one, whoever shows no good token is
nobody. A mark in the home remembers that there are accounts, so that a database that is away opens no door.
"""

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from domain.access import HOUSE, MAY, NOBODY, Identity, SignIn
from storage.away import DatabaseAway

SESSION, MARK = "session", "guarded"
BUSY_SECONDS = 10.0
FRESH = timedelta(seconds=5)
LOOK = """
SELECT EXISTS (SELECT 1 FROM accounts),
       t.name, t.may, t.initiatives, t.kinds, t.expires_at, t.ended_at, a.id, a.role, a.initiatives, a.closed_at
FROM (SELECT 1 AS one) AS once
LEFT JOIN tokens t ON t.hash = :hash
LEFT JOIN accounts a ON a.id = t.account
"""


def digest(token: str) -> str:
    """Return what a token is kept as. It holds 256 random bits, so nothing slower is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def identify(url: str, home: Path, token: str | None, now: datetime) -> Identity:
    """Return who shows this token, or this home's session where none is given; the house itself, or nobody.

    Raises: DatabaseAway, if there are accounts and the database cannot be asked.
    """
    shown = token or session(home)
    try:
        found = _look(url, digest(shown or ""))
    except DatabaseAway:
        if _is_marked(home):
            raise
        found = None
    if found is None or not found[0]:
        if token:
            return NOBODY._replace(why="There are no accounts here: leave JISR_TOKEN out, or correct JISR_HOME.")
        return HOUSE
    _mark(home)
    return _who(found[1:], now) if shown else NOBODY


class Entrance:
    """Who stands at one door, asked again when the answer is some seconds old: a revoked token ends soon."""

    def __init__(self, url: str, home: Path, token: str | None) -> None:
        self._asks = (url, home, token)
        self._found: tuple[Identity, datetime] | None = None

    def who(self, now: datetime) -> Identity:
        """Return who it is. Raises: DatabaseAway."""
        if self._found is None or not timedelta(0) <= now - self._found[1] < FRESH:
            self._found = identify(*self._asks, now), now
        return self._found[0]


def _who(found: Sequence[Any], now: datetime) -> Identity:
    name, may, initiatives, kinds, expires_at, ended_at, account, role, own, closed_at = found
    if account is None or ended_at is not None or closed_at is not None:
        return NOBODY._replace(why="The token is not known here, or was revoked.")
    if _moment(expires_at) <= now:
        return NOBODY._replace(why="The sign-in or token has expired.")
    reach, within = tuple(json.loads(initiatives)), tuple(json.loads(own))
    if name is None:
        return Identity(account, SignIn(role), within)
    if within:  # whoever issued it may have been limited since
        reach = tuple(one for one in reach if one in within) or ("",)
    most = MAY[SignIn(role)]
    return Identity(
        name, SignIn.SCRIPT, reach, tuple(json.loads(kinds)), tuple(one for one in json.loads(may) if one in most)
    )


def _moment(kept: Any) -> datetime:
    made = kept if isinstance(kept, datetime) else datetime.fromisoformat(kept)
    return made.replace(tzinfo=UTC) if made.tzinfo is None else made


def _look(url: str, hash: str) -> Sequence[Any] | None:  # noqa: A002
    """Return the one row, or None where there is no database, or one from before there were accounts."""
    if url.startswith("sqlite:///") and not set("?%#") & set(url):
        return _look_in_file(Path(url.removeprefix("sqlite:///")), hash)
    from sqlalchemy import text  # noqa: PLC0415  slow to import

    from storage.database import connected, read_url  # noqa: PLC0415

    made = read_url(url)
    if made.get_backend_name() == "sqlite":
        return _look_in_file(Path(made.database or ""), hash)

    def ask(connection: Any) -> Sequence[Any] | None:
        if not connection.dialect.has_table(connection, "accounts"):
            return None
        row: Sequence[Any] = connection.execute(text(LOOK), {"hash": hash}).one()
        return row

    return connected(url, ask, reads=True)


def _look_in_file(file: Path, hash: str) -> Sequence[Any] | None:  # noqa: A002
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=rw", uri=True, timeout=BUSY_SECONDS)) as connection:
            given: Mapping[str, str] = {"hash": hash}
            row: Sequence[Any] = connection.execute(LOOK, given).fetchone()
            return row
    except sqlite3.Error as error:
        if "no such table" in str(error):
            return None
        raise DatabaseAway(f"The database file {file} cannot be asked who is signed in: {error}.") from None


# --- what lies in the home -------------------------------------------------------------------------------------------
def session(home: Path) -> str | None:
    """Return the token of whoever signed in on this home, if anybody is."""
    try:
        return (home / SESSION).read_text(encoding="utf-8").strip() or None
    except (OSError, ValueError):
        return None


def keep_session(home: Path, token: str) -> None:
    """Keep a session's token for the commands that follow, readable by its owner only. Raises: OSError."""
    forget_session(home)
    with os.fdopen(os.open(home / SESSION, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(f"{token}\n")


def forget_session(home: Path) -> None:
    """Remove it; there may be none. Raises: OSError."""
    (home / SESSION).unlink(missing_ok=True)


def _is_marked(home: Path) -> bool:
    return (home / MARK).exists()


def _mark(home: Path) -> None:
    if not _is_marked(home):
        with contextlib.suppress(OSError):
            os.close(os.open(home / MARK, os.O_CREAT | os.O_WRONLY, 0o600))
