"""`jisr keys`: the master keys in the key file. No command ever prints a key."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import doors, output
from errors import InvalidInput, NotFound, Unavailable

app = typer.Typer(help="The keys that open what is stored encrypted.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def show(json: output.JsonOption = False) -> int:
    """Show which master keys there are and what still needs each; never a key itself."""
    from storage import rotation

    with doors.database() as db:
        if not db.keyring.has_file():
            db.keyring.keys()  # says what to do
        found = rotation.master_keys(db)
    if json:
        output.data([one._asdict() for one in found])
    else:
        output.table(("key", "current", "in file", "data keys", "links"), found)
    lost = [one.id for one in found if not one.in_file]
    if lost:
        output.say(f"Needed and not in the key file: {', '.join(lost)}. Put the right file back, from the copy.")
    unused = [one.id for one in found if one.in_file and not one.current and not one.data_keys and not one.links]
    if unused:
        output.say(f"Not needed any more: {', '.join(unused)}. `jisr keys drop` takes a key out of the file.")
    return 0


@app.command()
def rotate(
    signing: Annotated[
        bool, typer.Option("--signing", help="The key that signs checkpoints and exports, instead of the master key.")
    ] = False,
    json: output.JsonOption = False,
) -> int:
    """Make a new master key and wrap every data key with it. The old one stays in the file until you drop it."""
    if signing:
        return _rotate_signing(json)
    from storage import rotation

    with doors.database() as db:
        current, done = rotation.rotate(db)
    if json:
        output.data({"current": current, "rewrapped": done})
    else:
        output.text(f"{current} is the current key; {done} data keys are wrapped with it.")
    output.say("Copy the new key file to its second place, and to every machine that runs Jisr.")
    return 0


def _rotate_signing(json: bool) -> int:
    from storage import checkpoints, signing_rotation
    from storage.signing import SigningKeyAway

    own = doors.settings()
    with doors.database(own) as db:
        try:
            made = signing_rotation.rotate(db, own.signing_key_file())
            checkpoints.export(db, own.checkpoint_folder())
        except SigningKeyAway as away:
            raise Unavailable(str(away)) from None
        except OSError as error:
            raise Unavailable(
                f"The key is replaced, but {own.checkpoint_folder()} cannot be written: {error.strerror}. Make it "
                "writable; the next checkpoint brings the missing files."
            ) from None
    if json:
        output.data({"key": made.key, "checkpoint": made.number})
    else:
        output.text(f"A new key signs from checkpoint {made.number} on; the old one vouches for it there, and is gone.")
    output.say(
        "Give auditors the new public key (`jisr audit key`), copy signing.pem to its second place and to every "
        "machine that runs Jisr. If the old key was stolen, tell them not to trust it any more."
    )
    return 0


@app.command()
def drop(
    id: Annotated[str, typer.Argument(metavar="KEY", help="The key's id, as `jisr keys show` says it.")],
    end_links: Annotated[bool, typer.Option("--end-links", help="Even if links made with it still hold.")] = False,
    json: output.JsonOption = False,
) -> int:
    """Take a master key out of the file that nothing needs any more. Older copies of the database stay closed then."""
    from storage import rotation

    with doors.database() as db:
        try:
            rotation.drop(db, id, end_links)
        except rotation.KeyInUse as used:
            raise InvalidInput(str(used)) from None
        except LookupError as unknown:
            raise NotFound(str(unknown).strip("'\"")) from None
    if json:
        output.data({"dropped": id})
    else:
        output.text(f"{id} is no longer in the key file.")
    output.say(
        "Drop it from the copies of the key file, too: what it opened in old copies of the database stays closed."
    )
    return 0


def add_to(main: typer.Typer) -> None:
    main.add_typer(app, name="keys")
