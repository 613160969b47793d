"""`jisr sign-in`, `jisr sign-out`, `jisr whoami`: a session of twelve hours, kept in the home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import admission, doors, output
from cli.accounts import asked, new_password, now, opened
from errors import Forbidden, InvalidInput, Unavailable

if TYPE_CHECKING:
    from domain.access import Identity


def sign_in(
    id: Annotated[str, typer.Argument(metavar="ID", help="Your id, as `jisr accounts list` has it.")],
    change_password: Annotated[
        bool, typer.Option("--change-password", help="Then set a new password; other sessions end.")
    ] = False,
    json: output.JsonOption = False,
) -> int:
    """Sign in on this home; the password is asked for, or read from stdin. A new sign-in replaces the one before."""
    from storage import accounts
    from storage.entrance import keep_session

    own = doors.settings()
    with opened() as db:
        if not accounts.accounts(db):
            raise InvalidInput("This house has no accounts, so nobody signs in. `jisr accounts add` adds the first.")
        try:
            made = accounts.sign_in(db, now(), id, asked("Password: "))
            if change_password:
                accounts.set_password(db, id, now(), id, new_password())
                made = accounts.begin(db, now(), id, "sign-in")
        except accounts.SignInRefused as refused:
            raise Forbidden(str(refused)) from None
    try:
        keep_session(own.home, made.token)
    except OSError as error:
        raise Unavailable(
            f"{own.home} cannot be written: {error.strerror}. Set JISR_HOME to a folder of yours."
        ) from None
    if json:
        output.data({"id": id, "expires_at": made.expires_at.isoformat()})
    else:
        output.text(f"{id} is signed in until {made.expires_at:%Y-%m-%d %H:%M} UTC.")
    return 0


def sign_out(json: output.JsonOption = False) -> int:
    """End the session of this home."""
    from storage import accounts
    from storage.entrance import forget_session, session

    own = doors.settings()
    token = session(own.home)
    ended = False
    if token is not None:
        with opened() as db:
            ended = accounts.sign_out(db, now(), token)
        forget_session(own.home)
    if json:
        output.data({"ended": ended})
    else:
        output.text("Signed out." if ended else "Nobody was signed in here.")
    return 0


def whoami(json: output.JsonOption = False) -> int:
    """Say who is signed in here, and what they may do and report."""
    from domain.access import MAY, SignIn, permitted

    who = admission.who()
    may = sorted(one.value for one in MAY[who.role] if permitted(who, one))
    kinds = _kinds(who)
    told = {
        "actor": who.actor if who.named else None,
        "role": who.role.value,
        "initiatives": list(who.initiatives),
        "may": may,
        "kinds": kinds,
    }
    if json:
        output.data(told)
    elif who.role is SignIn.HOUSE:
        output.text(
            f"This house has no accounts: whoever holds its files may do everything, as {doors.settings().actor}."
        )
    elif who.role is SignIn.NOBODY:
        output.text(f"Nobody is signed in here. {who.why}".rstrip())
    else:
        output.text(f"{who.actor}; for {', '.join(who.initiatives) or 'every initiative'}")
        output.text(f"may: {', '.join(may)}")
        output.text(f"reports: {kinds if isinstance(kinds, str) else ', '.join(kinds)}")
    return 0


def _kinds(who: Identity) -> str | list[str]:
    from domain import decide as _whole_catalogue  # noqa: F401
    from domain.access import Permission, permitted, reports
    from domain.record import MILESTONES

    if not permitted(who, Permission.REPORT):
        return []
    not_theirs = [kind for kind in MILESTONES if not reports(who, kind)]
    if len(not_theirs) <= 1:
        return f"everything but {not_theirs[0]}" if not_theirs else "everything"
    return sorted(kind for kind in MILESTONES if reports(who, kind))


def add_to(app: typer.Typer) -> None:
    app.command("sign-in")(sign_in)
    app.command("sign-out")(sign_out)
    app.command()(whoami)
