"""Free text, handed in for a reference (a claim check): the words stay here, only the reference travels."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from domain.values import TEXT_MAX
from storage.data_keys import KeyDestroyed
from storage.database import Database
from storage.database import put as put_row
from storage.sealing import opened, sealed
from storage.tables import SaltRow, TextRow

SALT = 32  # bytes
TOGETHER = 500  # references asked for at once: databases limit the length of a statement


def put(db: Database, initiative: str, body: str, at: datetime | None = None, person: str | None = None) -> str:
    """Keep a text and return its reference; the same text of the same initiative has the same one.

    The reference is salted per initiative: who sees it can neither guess the text nor see that two initiatives
    wrote the same. With `person` the text is theirs: it has a reference of its own and is destroyed with their key;
    for somebody erased it is kept as the initiative's. Raises: ValueError for a text that cannot be kept, DatabaseAway.
    """
    if len(body) > TEXT_MAX:
        raise ValueError(f"The text has {len(body)} characters, {TEXT_MAX} at most; put it into a document.")
    try:
        told = body.encode()
    except UnicodeEncodeError:
        raise ValueError("The text holds half a character; write it again as UTF-8.") from None
    if "\0" in body:
        raise ValueError("The text holds a NUL character; take it out.")
    with db.session() as session:
        salt = _salt(session, initiative)
        values = {"initiative": initiative, "body": body, "made_at": at or datetime.now(UTC)}
        common = _reference(salt, told)
        if person is not None and session.get(TextRow, common) is None:
            own = _reference(salt, person.encode() + b"\0" + told)
            try:
                values = sealed(session, TextRow, {**values, "ref": own, "person": person})
            except KeyDestroyed:
                pass
            else:
                put_row(session, TextRow, [values])
                return own
        if session.get(TextRow, common) is None:
            put_row(session, TextRow, [sealed(session, TextRow, {**values, "ref": common, "person": None})])
    return common


def get(db: Database, refs: Iterable[str]) -> dict[str, str]:
    """Return the texts by reference; one that is not (or no longer) there is left out."""
    wanted = sorted(set(refs))
    found: dict[str, str] = {}
    with db.reading() as session:
        for start in range(0, len(wanted), TOGETHER):
            some = wanted[start : start + TOGETHER]
            rows = session.execute(select(TextRow).where(col(TextRow.ref).in_(some))).scalars()
            found |= {row["ref"]: row["body"] for row in opened(session, rows) if row["body"]}
    return found


def _reference(salt: bytes, told: bytes) -> str:
    return f"text:{hmac.new(salt, told, hashlib.sha256).hexdigest()[:32]}"


def _salt(session: Session, initiative: str) -> bytes:
    kept = select(col(SaltRow.salt)).where(col(SaltRow.initiative) == initiative)
    salt = session.execute(kept).scalar()
    if salt is None:
        put_row(session, SaltRow, [{"initiative": initiative, "salt": secrets.token_bytes(SALT)}])
        salt = session.execute(kept).scalar_one()  # ours, or that of whoever was faster
    return bytes(salt)
