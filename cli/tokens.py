"""`jisr tokens`: what scripts sign in with. A token is shown once, ends by itself, and reaches only what it lists."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import admission, output
from cli.accounts import now, opened
from errors import InvalidInput, NotFound

app = typer.Typer(help="Tokens for scripts, which use them as JISR_TOKEN.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def issue(
    name: Annotated[str, typer.Argument(metavar="NAME", help="How the record calls the script.")],
    initiative: Annotated[list[str], typer.Option("--initiative", metavar="ID", help="For these only; repeat it.")],
    kind: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="A milestone it reports; repeat it.")
    ] = None,
    may: Annotated[
        list[str] | None,
        typer.Option("--may", metavar="WORD", help="report (default), list, show, verify or export.donor; repeat it."),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="How long it is good.")] = 90,
    json: output.JsonOption = False,
) -> int:
    """Issue a token for a script and print it: the only time it can be read."""
    import re

    from desk import did_you_mean
    from domain.record import MILESTONES
    from domain.values import ID_PATTERN
    from storage import accounts

    if not re.match(ID_PATTERN, name):
        raise InvalidInput("A script's name is letters, digits, dots and dashes, at most 40.")
    if strange := [one for one in kind or () if one not in MILESTONES]:
        raise InvalidInput(f"--kind: there is no milestone {strange[0][:60]!r}. {did_you_mean(strange[0])}".strip())
    with opened() as db:
        made = accounts.issue(
            db, admission.here(), now(), name, tuple(may or ("report",)), tuple(initiative), tuple(kind or ()), days
        )
    if json:
        output.data({"token": made.token, "id": made.id, "expires_at": made.expires_at.isoformat()})
    else:
        output.text(made.token)
    output.say(
        f"{made.id}, good until {made.expires_at:%Y-%m-%d %H:%M} UTC. It is not shown again: put it away safely."
    )
    return 0


@app.command("list")
def list_tokens(json: output.JsonOption = False) -> int:
    """List the tokens you issued, as an admin everybody's; never a token itself."""
    from domain.access import Permission, permitted
    from storage import accounts

    who = admission.here()
    with opened() as db:
        found = accounts.tokens(db, None if permitted(who, Permission.ACCOUNTS) else who.id)
    if json:
        output.data([one._asdict() for one in found])
    else:
        rows = [
            (one.id, one.name, one.by, " ".join(one.may), " ".join(one.initiatives), one.expires_at, one.ended_at)
            for one in found
        ]
        output.table(("id", "name", "by", "may", "initiatives", "until", "ended"), rows)
    return 0


@app.command()
def revoke(
    id: Annotated[str, typer.Argument(metavar="TOKEN", help="Its id, as `jisr tokens list` says it.")],
    json: output.JsonOption = False,
) -> int:
    """End a token at once: one of yours, as an admin anybody's."""
    from storage import accounts

    with opened() as db:
        try:
            accounts.revoke(db, admission.here(), now(), id)
        except LookupError as unknown:
            raise NotFound(str(unknown).strip("'\"")) from None
    if json:
        output.data({"revoked": id})
    else:
        output.text(f"{id} is revoked.")
    return 0


def add_to(main: typer.Typer) -> None:
    main.add_typer(app, name="tokens")
