"""`jisr people`: the roster on this machine. What every initiative must hear goes through the engine."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import doors, output
from cli.people_import import import_file, list_imports
from errors import InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:
    from client import Jisr
    from settings import Settings
    from storage.roster import KnownPerson

app = typer.Typer(
    help="The roster: people, how to reach them, on what standing they come.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("import")(import_file)
app.command("imports")(list_imports)
PersonArgument = Annotated[str, typer.Argument(metavar="ID", help="The person's id, for example p-07.")]
ByOption = Annotated[str | None, typer.Option("--by", metavar="WHO", help="Who reports it.")]


@app.command()
def add(
    id: PersonArgument,
    name_latin: Annotated[str | None, typer.Option("--name", help="The name in Latin letters.")] = None,
    name_native: Annotated[str | None, typer.Option(help="The name as the person writes it.")] = None,
    passport: Annotated[str | None, typer.Option(help="The name as the passport spells it.")] = None,
    base: Annotated[str | None, typer.Option(help="The town they live in.")] = None,
    languages: Annotated[str | None, typer.Option(help="The preferred one first: ckb,ar,en.")] = None,
    country: Annotated[str | None, typer.Option(help="Whose working days count: IQ, IQ-KR, TR.")] = None,
    zone: Annotated[str | None, typer.Option(help="The time zone, for example Asia/Baghdad.")] = None,
    organisation: Annotated[str | None, typer.Option(help="The id of an institution.")] = None,
    category: Annotated[str | None, typer.Option(help="For example researcher, religious_leader.")] = None,
    email: Annotated[str | None, typer.Option(help="An address to write to.")] = None,
    phone: Annotated[str | None, typer.Option(help="A number to call.")] = None,
    update: Annotated[bool, typer.Option("--update", help="Write over what is known otherwise.")] = False,
    json: output.JsonOption = False,
) -> int:
    """Write a person into the roster."""
    from storage import roster
    from storage.roster_input import RosterWrong, read_person

    given = {
        "id": id, "name_latin": name_latin, "name_native": name_native,
        "name_passport": passport, "base": base, "languages": languages, "country": country,
        "zone": zone, "organisation": organisation, "category": category, "email": email, "phone": phone,
    }  # fmt: skip
    try:
        person = read_person(given)
        with doors.database() as db:
            done = roster.add_person(db, person, update=update)
    except RosterWrong as wrong:
        raise InvalidInput(str(wrong)) from None
    tell_written(id, done, json)
    return 0


@app.command()
def show(
    id: PersonArgument,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write it for the person, in their language: a page, or text for .txt."),
    ] = None,
    json: output.JsonOption = False,
) -> int:
    """Show everything that is held about somebody: the answer to "what do you hold about me?"."""
    from storage import readings
    from storage.about import about_person

    with doors.database() as db:
        try:
            found = about_person(db, id)
        except LookupError as error:
            raise NotFound(str(error).strip("'\"")) from None
        readings.note(db, readings.Reading(datetime.now(UTC), doors.settings().actor, "people.show", None, id))
    if out is not None:
        return _hand_out(found, out, json)
    if json:
        output.data(found)
        return 0
    for name, value in found.items():
        output.text(f"{name.replace('_', ' ').capitalize()}:")
        rows = value if isinstance(value, list) and value else [value or "nothing"]
        for row in rows:
            said = (
                ", ".join(f"{k} {v}" for k, v in row.items() if v not in (None, "", []))
                if isinstance(row, dict)
                else row
            )
            output.text(output.clean(f"  {said}"))
    return 0


def _hand_out(found: dict[str, Any], out: Path, json: bool) -> int:
    """Write the answer into a new file for its owner's eyes only. Raises: InvalidInput."""
    import json as jsons
    import os

    from channels import about_page

    today = datetime.now(UTC).date()
    if json:
        content = jsons.dumps(found, ensure_ascii=False, indent=2) + "\n"
    else:
        content = (about_page.as_text if out.suffix == ".txt" else about_page.as_page)(found, today)
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(content)
    except FileExistsError:
        raise InvalidInput(f"--out: {out} is there already. Name a new file.") from None
    except OSError as error:
        raise InvalidInput(f"--out: {out} cannot be written: {error.strerror}. Name another file.") from None
    output.say(f"Written into {out}, readable by you only. Hand it over by a way that is safe for them.")
    return 0


@app.command("list")
def list_people(json: output.JsonOption = False) -> int:
    """List the roster: who, in which language, on what standing."""
    from storage import roster

    with doors.database() as db:
        found = roster.people(db)
    if json:
        output.data([one.model_dump(mode="json") for one in found])
        return 0
    headings = ("id", "name", "native", "country", "languages", "standing", "reached by", "silence")
    output.table(headings, [_row(one) for one in found])
    return 0


@app.command()
def capacity(
    id: PersonArgument,
    standing: Annotated[
        str, typer.Argument(metavar="CAPACITY", help="serving_official, former_official, non_official.")
    ],
    since: Annotated[str, typer.Option(metavar="DATE", help="Since when, for example 2026-03-01.")],
    evidence: Annotated[str | None, typer.Option(metavar="DATE", help="The date of the evidence.")] = None,
    by: ByOption = None,
    json: output.JsonOption = False,
) -> int:
    """Somebody took or left office: the roster and every live initiative that knows them hear of it."""
    from domain.vocabulary import Capacity

    if standing not in set(Capacity):
        raise InvalidInput(f"There is no capacity {standing[:40]!r}. Choose one of {', '.join(Capacity)}.")
    told = {"capacity": standing, "since": _day("--since", since).isoformat()}
    if evidence:
        told["evidence"] = _day("--evidence", evidence).isoformat()
    return _change(id, "capacity_changed", told, None, by, json)


@app.command()
def stop(id: PersonArgument, by: ByOption = None, json: output.JsonOption = False) -> int:
    """Somebody asked not to be written to: nothing is sent to them any more, from any initiative."""
    return _change(id, "do_not_contact_asked", {}, None, by, json)


@app.command()
def digests(
    id: PersonArgument,
    wanted: Annotated[str, typer.Argument(metavar="on|off", help="off: each request in a message of its own.")],
    json: output.JsonOption = False,
) -> int:
    """Say how somebody wants what waits for them at one time: as one message (on, as it begins), or each by itself."""
    from storage import roster

    if wanted not in ("on", "off"):
        raise InvalidInput(f"{wanted[:40]!r} says nothing here. Say on or off.")
    with doors.database() as db:
        try:
            roster.want_digests(db, id, wanted == "on")
        except LookupError as error:
            raise NotFound(str(error).strip("'\"")) from None
    if json:
        output.data({"person": id, "digests": wanted == "on"})
    else:
        output.text(f"{id}: {'several requests are one message' if wanted == 'on' else 'each request by itself'}.")
    return 0


@app.command()
def deceased(
    id: PersonArgument,
    on: Annotated[str | None, typer.Option(metavar="DATE", help="The day of death; default today.")] = None,
    by: ByOption = None,
    json: output.JsonOption = False,
) -> int:
    """Somebody died: nothing reaches for them any more, and every live initiative hears of it."""
    day = _day("--on", on) if on else None
    return _change(id, "person_died", {}, day, by, json)


@app.command()
def again(id: PersonArgument, by: ByOption = None, json: output.JsonOption = False) -> int:
    """Somebody who had asked not to be written to may be written to again; nothing is chased from before."""
    return _change(id, "contact_allowed_again", {}, None, by, json)


@app.command()
def withdrew(id: PersonArgument, by: ByOption = None, json: output.JsonOption = False) -> int:
    """Somebody leaves every dialogue they take part in; nothing more is asked of them in any."""
    return _change(id, "participant_withdrew", {}, None, by, json)


@app.command()
def unreachable(id: PersonArgument, by: ByOption = None, json: output.JsonOption = False) -> int:
    """Messages to somebody come back: the chase rests everywhere, and a human is asked to find another way."""
    return _change(id, "person_unreachable", {}, None, by, json)


@app.command()
def reachable(id: PersonArgument, by: ByOption = None, json: output.JsonOption = False) -> int:
    """Somebody can be reached again; nothing is chased from before."""
    return _change(id, "person_reachable", {}, None, by, json)


def _change(id: str, kind: str, told: dict[str, Any], day: date | None, by: str | None, json: bool) -> int:
    """Tell the roster and every live initiative, durably."""
    from desk import Desk
    from storage import roster

    own = doors.settings()
    now = datetime.now(UTC)
    at = min(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), now) if day else now
    report = {"kind": kind, "person": id, **told, "by": by or own.actor, "at": at.isoformat()}
    Desk(own).check(report)  # what is not well-formed is said here, and has changed nothing
    with doors.database(own) as db:
        if roster.person(db, id) is None:
            raise NotFound(f"{id} is not on the roster. Add them first: `jisr people add {id}`.")

    reached = announce(own, id, report, uuid.uuid4().hex)
    if json:
        output.data({"person": id, "kind": kind, **reached})
    else:
        output.text(
            f"{id}: {kind.replace('_', ' ')}. Heard by {', '.join(reached['reached']) or 'no live initiative'}."
        )
    if reached["gone"]:
        output.say(f"No longer running, so not told: {', '.join(reached['gone'])}.")
    return 0


def announce(own: Settings, id: str, report: dict[str, Any], change: str) -> dict[str, Any]:
    """Let the engine write a change into the roster and tell every live initiative; return who heard of it.

    The same change again does nothing. Raises: Unavailable, RefusedByRule.
    """

    async def tell(jisr: Jisr) -> dict[str, Any]:
        try:
            return await asyncio.wait_for(jisr.roster_change(change, id, report), own.temporal_timeout)
        except TimeoutError:
            raise _Taken from None

    try:
        return doors.with_engine(tell)
    except _Taken:
        raise Unavailable(
            "The engine has taken the change, but no worker has carried it out yet. It will be done as soon as one "
            "runs; do not send it again. See `jisr doctor`."
        ) from None
    except Unavailable as away:
        raise Unavailable(f"{away}\nThe roster was not changed.") from None


class _Taken(Exception):
    """The change is durable in the engine and waits for a worker."""


def tell_written(id: str, done: str, json: bool) -> None:
    if json:
        output.data({"id": id, "status": done})
    else:
        output.text(f"{id} {done}")


def _row(one: KnownPerson) -> tuple[Any, ...]:
    standing = f"{one.capacities[-1].capacity} since {one.capacities[-1].since}" if one.capacities else ""
    ways = ",".join(way.kind for way in one.channels if not way.never_write)
    languages = ",".join(one.languages)
    return (one.id, one.name_latin, one.name_native, one.country, languages, standing, ways, one.silence)


def _day(option: str, given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InvalidInput(f"{option}: {given[:40]!r} is no day; write it like 2026-03-01.") from None


def add_to(main: typer.Typer) -> None:
    from cli import people_erase

    people_erase.add_to(app)
    main.add_typer(app, name="people")
