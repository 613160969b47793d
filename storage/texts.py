"""Free text, handed in for a reference (a claim check): the words stay here, only the reference travels."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from domain.values import TEXT_MAX
from storage.database import Database
from storage.database import put as put_row
from storage.tables import SaltRow, TextRow

SALT = 32  # bytes
TOGETHER = 500  # references asked for at once: databases limit the length of a statement


def put(db: Database, initiative: str, body: str, at: datetime | None = None) -> str:
    """Keep a text and return its reference; the same text of the same initiative has the same one.

    The reference is salted per initiative: who sees it can neither guess the text nor see that two initiatives
    wrote the same. Raises: ValueError for a text that cannot be kept, DatabaseAway.
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
        digest = hmac.new(_salt(session, initiative), told, hashlib.sha256).hexdigest()
        ref = f"text:{digest[:32]}"
        made_at = at or datetime.now(UTC)
        put_row(session, TextRow, [{"ref": ref, "initiative": initiative, "body": body, "made_at": made_at}])
    return ref


def get(db: Database, refs: Iterable[str]) -> dict[str, str]:
    """Return the texts by reference; one that is not (or no longer) there is left out."""
    wanted = sorted(set(refs))
    found: dict[str, str] = {}
    with db.reading() as session:
        for start in range(0, len(wanted), TOGETHER):
            some = wanted[start : start + TOGETHER]
            rows = session.execute(select(col(TextRow.ref), col(TextRow.body)).where(col(TextRow.ref).in_(some)))
            found |= {row.ref: row.body for row in rows}
    return found


def _salt(session: Session, initiative: str) -> bytes:
    kept = select(col(SaltRow.salt)).where(col(SaltRow.initiative) == initiative)
    salt = session.execute(kept).scalar()
    if salt is None:
        put_row(session, SaltRow, [{"initiative": initiative, "salt": secrets.token_bytes(SALT)}])
        salt = session.execute(kept).scalar_one()  # ours, or that of whoever was faster
    return bytes(salt)
