"""`jisr answer`: what the page behind a link does, from a command line. Looking never acts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli import doors, output
from cli.report import code_of, tell
from errors import InvalidInput

if TYPE_CHECKING:
    from answer_desk import AnswerDesk
    from client import Jisr
    from domain.record import Answer


def answer(
    token: Annotated[
        str, typer.Argument(metavar="TOKEN|-", help="The link of a message, or its last part; - reads it.")
    ],
    verb: Annotated[
        str | None, typer.Argument(metavar="[VERB]", help="What to answer; without it, what can be.")
    ] = None,
    fields: Annotated[
        list[str] | None, typer.Argument(metavar="[field=value]...", help="For example scopes=participate,store.")
    ] = None,
    json: output.JsonOption = False,
) -> int:
    """Show what a link asks, or answer it as the person it was sent to."""
    if token == "-":
        token = sys.stdin.readline()
    if verb is None:
        return _show(token, json)
    given = _given(fields or [])
    with _desk() as desk:
        desk.check(token, verb, given, datetime.now(UTC))  # before the engine is asked for

    async def send(jisr: Jisr) -> Answer:
        return await jisr.answer(token, verb, **given)

    done = doors.with_engine(send)
    if json:
        output.data(done.model_dump(mode="json"))
    else:
        tell(done)
    return code_of(done)


def _given(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.isidentifier() or name in found or name in ("token", "verb"):
            raise InvalidInput(f"{word[:30]!r} is no field=value, or stands there twice. See `jisr answer TOKEN`.")
        found[name] = value
    return found


@contextmanager
def _desk() -> Iterator[AnswerDesk]:
    from answer_desk import AnswerDesk
    from desk import Desk

    own = doors.settings()
    desk = Desk(own)
    try:
        yield AnswerDesk(desk, own)
    finally:
        desk.close()


def _show(token: str, json: bool) -> int:
    with _desk() as desk:
        page = desk.page(token, datetime.now(UTC))
    if json:
        output.data(page)
        return 0
    output.text(f"For {page['for']}, until {page['valid_until'][:10]}")
    output.text(page["asked"])
    if page["given"]:
        output.text(f"Answered with {page['given']['verb']} at {page['given']['at'][:16]}")
    rows = []
    for one in page["verbs"]:
        takes = [field["name"] if field["needed"] else f"[{field['name']}]" for field in one["fields"]]
        rows.append((one["verb"], " ".join(takes), one["says"]))
    output.table(("verb", "fields", "says"), rows)
    return 0


def add_to(app: typer.Typer) -> None:
    app.command()(answer)
