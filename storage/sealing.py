"""What stands encrypted in the database: names, addresses, affiliations and free texts.

One seam: `sealed` before a row is written, `opened` after it was read. Each value is AES-256-GCM with a random nonce,
under the data key of its owner, bound to table, row and column: a value moved elsewhere does not open.

What stays readable without a key: ids, dates, countries, zones, languages, categories, kinds of channels.
"""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from sqlmodel import Session, SQLModel

from storage.data_keys import INSTALLATION, NONCE, reading_keys, writing_key
from storage.keyring import DataKey, Owner
from storage.keys import KeysAway
from storage.people_tables import ChannelRow, InstitutionRow, PersonRow
from storage.tables import TextRow

MARK = "sealed:1:"
PURPOSE = "jisr stored value 1"

Values = Mapping[str, Any]


class Sealing(NamedTuple):
    """Which columns of a table are sealed, whose they are, and what tells one row from another."""

    columns: tuple[str, ...]
    owner: Callable[[Values], Owner]
    place: Callable[[Values], str]


def person(id: str) -> Owner:
    return Owner("person", id)


def initiative(id: str) -> Owner:
    return Owner("initiative", id)


SEALED: dict[type[SQLModel], Sealing] = {
    PersonRow: Sealing(
        ("name_native", "name_latin", "name_passport", "base", "organisation"),
        lambda v: person(v["id"]),
        lambda v: v["id"],
    ),
    ChannelRow: Sealing(("address",), lambda v: person(v["person"]), lambda v: v["id"]),
    InstitutionRow: Sealing(
        ("name_native", "name_latin", "legal_entity"), lambda _: INSTALLATION, lambda v: f"{v['id']}"
    ),
    TextRow: Sealing(
        ("body",),
        lambda v: person(v["person"]) if v.get("person") else initiative(v["initiative"]),
        lambda v: v["ref"],
    ),
}


def sealed(session: Session, table: type[SQLModel], values: Values) -> dict[str, Any]:
    """Return the values of one row as they are to be stored. Raises: KeyDestroyed, KeysAway."""
    how = SEALED[table]
    made = dict(values)
    for column in how.columns:
        if made.get(column):
            made[column] = _seal(writing_key(session, how.owner(made)), _bound(table, how, made, column), made[column])
    return made


def opened(session: Session, rows: Iterable[SQLModel]) -> list[dict[str, Any]]:
    """Return rows of one table as they were given; see `opened_lines`. Raises: KeysAway."""
    found = list(rows)
    return opened_lines(session, type(found[0]), [row.model_dump() for row in found]) if found else []


def opened_lines(session: Session, table: type[SQLModel], lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return lines of a table as they were given. What belonged to somebody erased is empty. Raises: KeysAway."""
    how = SEALED.get(table)
    if how is None:
        return [*lines]
    closed = [how.owner(values) for values in lines if _is_closed(how, values)]
    keys = reading_keys(session, closed) if closed else {}
    return [_opened(table, values, keys) for values in lines]


def _opened(table: type[SQLModel], values: dict[str, Any], keys: Mapping[Owner, DataKey | None]) -> dict[str, Any]:
    how = SEALED[table]
    if not _is_closed(how, values):
        return values
    owner = how.owner(values)
    if owner not in keys:
        raise KeysAway(f"The data key of {owner.kind} {owner.id} is not in the database. Restore it whole.")
    key = keys[owner]
    made = dict(values)
    for column in how.columns:
        if is_sealed(values[column]):
            empty = None if table.model_fields[column].default is None else ""
            made[column] = empty if key is None else _open(key, _bound(table, how, values, column), values[column])
    return made


def is_sealed(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(MARK)


def _is_closed(how: Sealing, values: Values) -> bool:
    return any(is_sealed(values[column]) for column in how.columns)


def _seal(key: DataKey, bound: bytes, value: str) -> str:
    nonce = secrets.token_bytes(NONCE)
    return MARK + b64encode(nonce + key.cipher(PURPOSE).encrypt(nonce, value.encode(), bound)).decode()


def _open(key: DataKey, bound: bytes, value: str) -> str:
    try:
        raw = b64decode(value[len(MARK) :], validate=True)
        return key.cipher(PURPOSE).decrypt(raw[:NONCE], raw[NONCE:], bound).decode()
    except (InvalidTag, ValueError):
        raise KeysAway(
            f"A stored value ({bound.decode()}) was changed or moved: it does not open. Restore the database."
        ) from None


def _bound(table: type[SQLModel], how: Sealing, values: Values, column: str) -> bytes:
    return f"{table.__tablename__}|{how.place(values)}|{column}".encode()
