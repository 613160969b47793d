"""Backups of one home while everything runs: a tar file whose parts belong to one moment, and the way back.

The database is held still (others wait, nobody fails) while the engine's file is copied. So whatever the engine holds
as written down is in the copy of the database; what was written but not yet noted is written again, which changes
nothing. The other way round the engine would know less than the record, and could not go on.
"""

import gzip
import hashlib
import io
import json
import lzma
import os
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "jisr.db"
LEFT_OUT = {
    "logs",
    "outbox",
    "up.lock",
    "server.json",
    "engine.json",
    "signing.pem.next",
    "session",
}  # of this machine, or sent already
SQLITE = b"SQLite format 3\x00"
BUSY_SECONDS = 30.0
NAME_MAX = 200  # bytes of one name: every file system takes that


class BackupBroken(Exception):
    """The file is no whole backup. Says what is wrong with it; nothing was written."""


def take(
    home: Path, database: Path, target: Path, at: datetime, secrets: list[Path], with_secrets: bool
) -> dict[str, Any]:
    """Write a backup and return its manifest; the secrets, which may lie in the home, only `with_secrets`.

    Raises: OSError, sqlite3.Error; a target that is there already is FileExistsError. A half-written one is removed.
    """
    handle = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as out, tempfile.TemporaryDirectory(dir=target.parent) as folder:
            copied = Path(folder)
            with _held_still(database):
                _copy_database(database, copied / DATABASE)
                for name, file in _files(home, {database.resolve(), *(one.resolve() for one in secrets)}):
                    _copy(file, copied / name)
            for file in secrets if with_secrets else ():
                _copy(file, copied / file.name)
            return _pack(copied, out, at)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def put_back(backup: Path, home: Path) -> dict[str, Any]:
    """Unpack a backup into a folder that is empty or not there; return its manifest. Raises: BackupBroken, OSError."""
    try:
        with tarfile.open(backup) as tar:
            manifest = _manifest(tar)
            for name, file in manifest["files"].items():
                if _digest(_read(tar, name)) != file["sha256"]:
                    raise BackupBroken(f"{name} in it is not what was put in.")
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in manifest["files"]:
                place = home / name
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with os.fdopen(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
                    out.write(_read(tar, name))
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise BackupBroken(f"It cannot be read as a tar file ({type(error).__name__}).") from None
    return manifest


# --- taking --------------------------------------------------------------------------------------------------------
@contextmanager
def _held_still(database: Path) -> Iterator[None]:
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")


def _files(home: Path, but: set[Path]) -> Iterator[tuple[str, Path]]:
    """Yield what is kept of a home, by its name there; keys and what SQLite keeps beside its files are not."""
    for file in sorted(home.rglob("*")):
        name = file.relative_to(home)
        if name.parts[0] in LEFT_OUT or not file.is_file() or file.is_symlink() or file.resolve() in but:
            continue
        if not file.name.endswith(("-wal", "-shm", "-journal")) and name.as_posix() != DATABASE:
            yield name.as_posix(), file


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    with file.open("rb") as given:
        start = given.read(len(SQLITE))
        if start == SQLITE:
            _copy_database(file, to)
        else:
            to.write_bytes(start + given.read())


def _copy_database(file: Path, to: Path) -> None:
    """Copy a SQLite file as it stands at one moment, whoever writes to it."""
    there = f"{file.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(there, uri=True)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)


def _pack(folder: Path, out: Any, at: datetime) -> dict[str, Any]:
    files = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()}
    described = {
        name: {"sha256": _digest(file.read_bytes()), "size": file.stat().st_size} for name, file in files.items()
    }
    manifest = {"format": FORMAT, "made_at": at.isoformat(), "files": described}
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        content = json.dumps(manifest, indent=1).encode()
        tar.addfile(_entry(MANIFEST, len(content)), io.BytesIO(content))
        for name, file in files.items():
            with file.open("rb") as given:
                tar.addfile(_entry(name, file.stat().st_size), given)
    return manifest


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


# --- putting back --------------------------------------------------------------------------------------------------
def _manifest(tar: tarfile.TarFile) -> dict[str, Any]:
    try:
        manifest = json.loads(_read(tar, MANIFEST))
        named = {name: {**file, "sha256": str(file["sha256"])} for name, file in manifest["files"].items()}
        manifest["made_at"]
        "".join(named).encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BackupBroken("It has no list of what is in it.") from None
    if manifest.get("format") != FORMAT:
        raise BackupBroken("It was made by another release; put it back with that one, then upgrade.")
    if any(Path(name).is_absolute() or ".." in Path(name).parts or not Path(name).parts for name in named):
        raise BackupBroken("It names files outside the home.")
    folders = {folder.as_posix() for name in named for folder in Path(name).parents}
    long = any(len(part.encode()) > NAME_MAX for name in named for part in Path(name).parts)
    if long or any("\0" in name or Path(name).as_posix() in folders for name in named):
        raise BackupBroken("It names files that cannot stand in a home.")
    return {**manifest, "files": named}


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    try:
        member = tar.getmember(name)
    except KeyError:
        member = None
    found = tar.extractfile(member) if member is not None and member.isreg() else None  # what links is not followed
    if found is None:
        raise BackupBroken(f"{name!a} is missing in it.")
    return found.read()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
