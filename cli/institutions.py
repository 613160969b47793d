"""`jisr institutions`: those that outlive one initiative."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import doors, output
from cli.people import tell_written
from errors import InvalidInput, NotFound

app = typer.Typer(
    help="Institutions: partners and the places people come from.", no_args_is_help=True, rich_markup_mode=None
)
InstitutionArgument = Annotated[str, typer.Argument(metavar="ID", help="The institution's id.")]


@app.command()
def add(
    id: InstitutionArgument,
    name_latin: Annotated[str | None, typer.Option("--name", help="The name in Latin letters.")] = None,
    name_native: Annotated[str | None, typer.Option(help="The name as it writes itself.")] = None,
    country: Annotated[str | None, typer.Option(help="For example IQ or IQ-KR.")] = None,
    kind: Annotated[str | None, typer.Option(help="For example university, ministry, foundation.")] = None,
    legal_entity: Annotated[str | None, typer.Option(help="The id it signs contracts under.")] = None,
    successor_of: Annotated[str | None, typer.Option(help="The institution it came from.")] = None,
    update: Annotated[bool, typer.Option("--update", help="Write over what is known otherwise.")] = False,
    json: output.JsonOption = False,
) -> int:
    """Write an institution into the roster."""
    from storage import institutions
    from storage.roster_input import RosterWrong, read_institution

    given = {
        "id": id, "name_latin": name_latin, "name_native": name_native, "country": country, "kind": kind,
        "legal_entity": legal_entity, "successor_of": successor_of,
    }  # fmt: skip
    try:
        made = read_institution({name: value for name, value in given.items() if value is not None})
        with doors.database() as db:
            done = institutions.add_institution(db, made, update=update)
    except RosterWrong as wrong:
        raise InvalidInput(str(wrong)) from None
    tell_written(id, done, json)
    return 0


@app.command()
def show(id: InstitutionArgument, json: output.JsonOption = False) -> int:
    """Show an institution, what it came from, and the partnerships with it."""
    from storage import institutions

    with doors.database() as db:
        found = next((one for one in institutions.institutions(db) if one.id == id), None)
        if found is None:
            raise NotFound(f"There is no institution {id}. See `jisr institutions list`.")
        line = institutions.history(db, id)
        together = [one for one in institutions.partnerships(db) if one.institution in line]
    if json:
        partnerships = [one.model_dump(mode="json") for one in together]
        output.data({**found.model_dump(mode="json"), "history": line, "partnerships": partnerships})
        return 0
    output.text(output.clean(f"{found.id}  {found.name_latin}  {found.name_native}  {found.country}  {found.kind}"))
    if len(line) > 1:
        output.text(f"Came from: {', '.join(line[1:])}")
    for one in together:
        output.text(f"Partnership: {one.institution} since {one.since}" + (f" until {one.until}" if one.until else ""))
    return 0


@app.command("list")
def list_institutions(json: output.JsonOption = False) -> int:
    """List the institutions."""
    from storage import institutions

    with doors.database() as db:
        found = institutions.institutions(db)
    if json:
        output.data([one.model_dump(mode="json") for one in found])
        return 0
    headings = ("id", "name", "native", "country", "kind", "successor of")
    rows = [(one.id, one.name_latin, one.name_native, one.country, one.kind, one.successor_of) for one in found]
    output.table(headings, rows)
    return 0


def add_to(main: typer.Typer) -> None:
    main.add_typer(app, name="institutions")
