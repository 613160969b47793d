"""`jisr people erase` and `jisr people hold`: what names somebody is destroyed, unless a legal hold forbids it."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import doors, output
from cli.witnesses import signer
from errors import InvalidInput, NotFound, RefusedByRule

PersonArgument = Annotated[str, typer.Argument(metavar="ID", help="The person's id, for example p-07.")]
ByOption = Annotated[str | None, typer.Option("--by", metavar="WHO", help="Who does it.")]
REASON_MAX = 300  # characters


def erase(
    id: PersonArgument,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it stands in the certificate and names nobody.")],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the certificate as JSON, too.")] = None,
    by: ByOption = None,
    json: output.JsonOption = False,
) -> int:
    """Destroy what names somebody: their key, names, addresses, texts, links. It cannot be undone."""
    from cli.people import announce
    from storage import erasure, roster
    from storage.holds import Held

    own, now = doors.settings(), datetime.now(UTC)
    who = by or own.actor
    if out is not None and out.exists():
        raise InvalidInput(f"--out: {out} is there already. Name a new file.")
    with doors.database(own) as db:
        known = roster.person(db, id)
        if known is None:
            raise NotFound(f"{id} is not on the roster. See `jisr people list`.")
        _check_reason(reason, known)
        try:
            made = erasure.ask(db, id, who, reason, now)
        except Held as held:
            raise RefusedByRule(str(held)) from None
    reached: dict[str, Any] = {}
    if made is None:
        report = {"kind": "person_erased", "person": id, "by": who, "at": now.isoformat()}
        reached = announce(own, id, report, f"erase-{id}")
        with doors.database(own) as db:
            made = erasure.certificate(db, id)
    else:
        output.say(f"{id} was erased before; this is the certificate of then.")
    assert made is not None, "what was announced was carried out"
    signed = _signed(made)
    if out is not None:
        _write(out, signed)
    if json:
        output.data({**signed, **reached})
    else:
        _tell(made, signed, reached)
    if reached.get("gone"):
        output.say(f"No longer running, so not told: {', '.join(reached['gone'])}.")
    return 0


def hold(
    id: PersonArgument,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="The last day, for example 2027-06-30.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; it names nobody.")] = None,
    release: Annotated[bool, typer.Option("--release", help="Lift every hold of this person.")] = False,
    by: ByOption = None,
    json: output.JsonOption = False,
) -> int:
    """Put somebody under a legal hold: nothing of them is erased before it ends, by itself or by --release."""
    from storage import holds, roster

    own, now = doors.settings(), datetime.now(UTC)
    if release == (until is not None or reason is not None):
        raise InvalidInput("Give --until and --reason, or only --release.")
    with doors.database(own) as db:
        known = roster.person(db, id)
        if known is None:
            raise NotFound(f"{id} is not on the roster. See `jisr people list`.")
        if release:
            ended = holds.release(db, id, by or own.actor, now)
            said = f"{id}: {ended} legal hold{'s' if ended != 1 else ''} lifted."
        else:
            if until is None or reason is None:
                raise InvalidInput("A hold needs its last day and its reason: --until DATE --reason TEXT.")
            day = _day(until)
            _check_reason(reason, known)
            try:
                holds.hold(db, id, day, reason, by or own.actor, now)
            except ValueError as wrong:
                raise InvalidInput(f"--until: {wrong}") from None
            except LookupError as gone:
                raise NotFound(str(gone).strip("'\"")) from None
            said = f"{id} is under a legal hold until {day.isoformat()}; it ends by itself after that day."
        told = [row.model_dump(mode="json", exclude={"id"}) for row in holds.holds(db, id)]
    if json:
        output.data(told)
    else:
        output.text(said)
    return 0


def _check_reason(reason: str, known: Any) -> None:
    from storage.erasure import names_them

    if not reason.strip() or len(reason) > REASON_MAX or not reason.isprintable():
        raise InvalidInput(f"--reason: write one line of up to {REASON_MAX} characters.")
    if names_them(reason, known):
        raise InvalidInput(
            "--reason: it holds a name or an address of this person, and would outlive them. Use the id."
        )


def _signed(made: dict[str, Any]) -> dict[str, Any]:
    """Return the certificate with a signature, where there is a key to sign with."""
    from domain.record import canonical

    signs = signer(doors.settings(), make=False)
    if signs is None:
        return {"certificate": made}
    return {"certificate": made, "signature": signs.sign(canonical(made)), "key": signs.public}


def _write(out: Path, signed: dict[str, Any]) -> None:
    import json as jsons

    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(jsons.dumps(signed, ensure_ascii=False, indent=2) + "\n")
    except OSError as error:
        output.say(f"--out: {out} cannot be written: {error.strerror}. `jisr people erase` again prints it again.")


def _tell(made: dict[str, Any], signed: dict[str, Any], reached: dict[str, Any]) -> None:
    output.text(f"{made['person']} was erased at {made['at']}, by {made['by']}: {made['reason']}")
    output.text("Erased:")
    for name, value in made["erased"].items():
        count = ("yes" if value else "no") if isinstance(value, bool) else value
        output.text(f"  {name.replace('_', ' ')}: {count}")
    output.text(f"Known in: {', '.join(made['initiatives']) or 'no initiative'}.")
    if reached:
        output.text(f"Heard by: {', '.join(reached['reached']) or 'no live initiative'}.")
    output.text("Stays:")
    for says in made["stays"].values():
        output.text(f"  {says}")
    if "signature" not in signed:
        output.say(
            "Not signed: there is no signing key yet. `jisr audit key` makes one; then erase again prints it signed."
        )


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InvalidInput(f"--until: {given[:40]!r} is no day; write it like 2027-06-30.") from None


def add_to(people: typer.Typer) -> None:
    people.command()(erase)
    people.command()(hold)
