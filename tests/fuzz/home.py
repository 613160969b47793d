"""One home on this machine, without an engine, that every file is offered to; and what it must not do with one."""

import contextlib
import hashlib
import io
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from life import Life
from typer.main import get_command

import cli.main
from tests.cli.conftest import NOWHERE, environment, record

# What a person can act on: contract of the command line. 1 is a mistake of the program.
FINE = (0, 2, 3, 4, 5, 6, 7)
PATIENCE = 10.0  # seconds one file may take
CANARY = "Zubaydacanary"  # a name that no error repeats


COMMAND = get_command(cli.main.make_app())  # made once: it takes a tenth of a second


class Done(NamedTuple):
    """What came of one command."""

    code: int
    out: str
    err: str


class Home:
    """A home with a database, keys and one record; commands run inside this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.life = Life().report("checklist_item_done", item="do_no_harm_screen")
        record(self.home, self.life)
        assert self.run("migrate").code == 0

    def file(self, name: str, content: bytes) -> Path:
        place = self.folder / name
        place.write_bytes(content)
        return place

    def run(self, *arguments: str, input: bytes = b"", **more: str) -> Done:
        """Run one command; its exit code is one a person can act on, and it takes no longer than some seconds."""
        own = environment(self.home, TEMPORAL_ADDRESS=NOWHERE, JISR_TEMPORAL_TIMEOUT="0.05", **more)
        before, stdin = dict(os.environ), sys.stdin
        out, err = io.StringIO(), io.StringIO()
        began = time.monotonic()
        try:
            os.environ.clear()
            os.environ.update(own)
            sys.stdin = io.TextIOWrapper(io.BytesIO(input))
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), made_already():
                code = cli.main.run(arguments)
        finally:
            sys.stdin = stdin
            os.environ.clear()
            os.environ.update(before)
        done = Done(code, out.getvalue(), err.getvalue())
        assert code in FINE, (arguments, done)
        assert "Traceback" not in done.err
        assert time.monotonic() - began < PATIENCE, arguments
        return done

    def offer(self, *arguments: str, input: bytes = b"", may_say: bool = False, **more: str) -> Done:
        """Run a command with something that may be nonsense: refused, it changes nothing and repeats no name."""
        before = self.state()
        done = self.run(*arguments, input=input, **more)
        if done.code in (2, 4, 6, 7):
            assert self.state() == before, (arguments, done)
            assert (done.err + done.out).strip(), "what was wrong is said"
            assert may_say or CANARY.casefold() not in done.err.casefold(), done.err
        return done

    def state(self) -> str:
        """Return one word for all that is in the database."""
        with contextlib.closing(sqlite3.connect(self.home / "jisr.db")) as db:
            return hashlib.sha256("\n".join(db.iterdump()).encode(errors="surrogatepass")).hexdigest()


@contextlib.contextmanager
def made_already() -> Iterator[None]:
    """Let a run use the command that was made."""
    with patch.object(cli.main, "make_app", lambda: None), patch.object(cli.main, "get_command", lambda _: COMMAND):
        yield
