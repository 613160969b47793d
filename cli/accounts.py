"""`jisr accounts`: who may sign in, as what, and for which initiatives. A password is never an argument."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli import admission, doors, output
from errors import InvalidInput

if TYPE_CHECKING:
    from storage.database import Database

ROLES = "admin, manager, vetter, facilitator, rapporteur or auditor"
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The person's id, as the record knows them.")]
RoleOption = Annotated[str, typer.Option("--role", metavar="ROLE", help=ROLES)]
ReachOption = Annotated[
    list[str] | None, typer.Option("--initiative", metavar="ID", help="Only for these initiatives; repeat it.")
]

app = typer.Typer(
    help="Who may sign in. Without any account, whoever holds the files of this house may do everything.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def add(id: IdArgument, role: RoleOption, initiative: ReachOption = None, json: output.JsonOption = False) -> int:
    """Add an account; its password is asked for, or read from stdin. The first is an admin's."""
    import re

    from domain.values import ID_PATTERN
    from storage import accounts

    if not re.match(ID_PATTERN, id):
        raise InvalidInput("An account's id is a person's id, for example p-01: letters, digits, dots and dashes.")
    with opened() as db:
        accounts.add(db, by(), now(), id, role, new_password(), tuple(initiative or ()))
    if json:
        output.data({"id": id, "role": role, "initiatives": initiative or []})
    else:
        output.text(id)
    output.say(f"Sign in with `jisr sign-in {id}`.")
    return 0


@app.command("list")
def list_accounts(json: output.JsonOption = False) -> int:
    """List the accounts, closed ones too."""
    from storage import accounts

    with opened() as db:
        found = accounts.accounts(db)
    if json:
        output.data([one._asdict() for one in found])
    else:
        rows = [(one.id, one.role, ", ".join(one.initiatives), one.made_at, one.closed_at) for one in found]
        output.table(("id", "role", "only for", "since", "closed"), rows)
    return 0


@app.command()
def role(id: IdArgument, role: RoleOption, initiative: ReachOption = None, json: output.JsonOption = False) -> int:
    """Give an account another role and reach; its sessions end."""
    from storage import accounts

    with opened() as db:
        accounts.change(db, by(), now(), id, role, tuple(initiative or ()))
    return _done({"id": id, "role": role, "initiatives": initiative or []}, json)


@app.command()
def password(id: IdArgument, json: output.JsonOption = False) -> int:
    """Set somebody's password anew, asked for or read from stdin; their sessions end."""
    from storage import accounts

    with opened() as db:
        accounts.set_password(db, by(), now(), id, new_password())
    return _done({"id": id}, json)


@app.command()
def close(id: IdArgument, json: output.JsonOption = False) -> int:
    """Close an account for good, with its sessions and the tokens it issued."""
    from storage import accounts

    with opened() as db:
        ended = accounts.close(db, by(), now(), id)
    return _done({"id": id, "ended": ended}, json)


@app.command()
def log(json: output.JsonOption = False) -> int:
    """List every sign-in, refusal and change of an account or token, the oldest first."""
    from storage import accounts

    with opened() as db:
        found = accounts.log(db)
    if json:
        output.data([{**one._asdict(), "at": one.at.isoformat()} for one in found])
    else:
        output.table(accounts.Noted._fields, found)
    return 0


def _done(told: dict[str, object], json: bool) -> int:
    if json:
        output.data(told)
    else:
        output.text(str(told["id"]))
    return 0


# --- shared with tokens and sign-in -----------------------------------------------------------------------------------
@contextmanager
def opened() -> Iterator[Database]:
    """Yield the database; what is wrong with accounts is said as bad input."""
    from storage.accounts import AccountWrong
    from storage.passwords import PasswordWeak

    with doors.database() as db:
        try:
            yield db
        except (AccountWrong, PasswordWeak) as wrong:
            raise InvalidInput(str(wrong)) from None


def by() -> str:
    return admission.actor() or doors.settings().actor


def now() -> datetime:
    return datetime.now(UTC)


def asked(prompt: str) -> str:
    """Return a password: typed unseen on a terminal, else the next line of stdin. Raises: InvalidInput."""
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass(prompt, stream=sys.stderr)
    line = sys.stdin.readline()
    if not line.strip():
        raise InvalidInput("No password was given: type it when asked, or write it into stdin, one line.")
    return line.rstrip("\r\n")


def new_password() -> str:
    """Return a new password; on a terminal it is typed twice. Raises: InvalidInput."""
    given = asked("New password: ")
    if sys.stdin.isatty() and asked("The same again: ") != given:
        raise InvalidInput("The two are not the same. Nothing has changed.")
    return given


def add_to(main: typer.Typer) -> None:
    main.add_typer(app, name="accounts")
