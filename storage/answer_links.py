"""Answer links: one signed token a message, made from the key and the message's identity, kept as a hash.

A second attempt to send the same message makes the same token, so nothing secret has to be kept for it. What a token
is bound to is part of its signature: a row that somebody changed no longer fits its token.
"""

import hashlib
import hmac
from base64 import b32decode, b32encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from domain.answers import ALWAYS, Asked, asked
from domain.outgoing import Notice
from domain.record import canonical
from storage.answer_tables import AnswerLinkRow, GivenAnswerRow
from storage.database import Database, put
from storage.keyring import Keyring
from storage.keys import Keys

PURPOSE = "jisr answer link 1"
HALF = 16  # bytes of the id, and of the signature
ASK = "ask"  # the slot of the answers to the ask itself
A_DAY = timedelta(days=1)
TOKEN = 52  # characters: 32 bytes in base32, without padding, in small letters


class Said(NamedTuple):
    """One answer in the ledger: the same answer again is the same number."""

    number: int
    verb: str
    first_said: datetime
    again: bool


class AnswerLinks:
    """Makes tokens, finds what they are bound to, and numbers what was answered. Raises everywhere: DatabaseAway."""

    def __init__(self, database: Database, keys: Keys | Keyring) -> None:
        self._database = database
        self._keys = keys

    # --- made when a message is sent ---------------------------------------------------------------------------
    def token(self, notice: Notice) -> str:
        """Return the token for a message; the same one however often it is asked for."""
        bound = asked(notice)
        with self._database.session() as session:
            row = session.get(AnswerLinkRow, notice.id())
            if row is not None and (kept := self._token(row.key, row.notice, _bound(row))) is not None:
                return kept
            made = self._token(self._keys.current, notice.id(), bound)
            assert made is not None, "the current key is in the key file"
            values = {
                "notice": notice.id(), "token_hash": _hash(made), "key": self._keys.current,
                **bound.model_dump(exclude={"verbs"}), "verbs": list(bound.verbs),
            }  # fmt: skip
            put(session, AnswerLinkRow, [values], ("notice",), tuple(values))
        return made

    def _token(self, key: str, notice: str, bound: Asked) -> str | None:
        """Return id and signature as one word; None when the key is no longer held."""
        secret = self._keys.derived(key, PURPOSE)
        if secret is None:
            return None
        id = _mac(secret, b"id", notice.encode())
        signature = _mac(secret, b"bound", id + canonical(bound.model_dump(mode="json")))
        return b32encode(id + signature).decode().rstrip("=").lower()

    # --- found when somebody comes with one --------------------------------------------------------------------
    def find(self, token: str) -> Asked | None:
        """Return what a token is bound to; None for one that is not ours, was changed, or whose key is gone."""
        if not _is_token(token):
            return None
        with self._database.reading() as session:
            row = session.execute(
                select(AnswerLinkRow).where(col(AnswerLinkRow.token_hash) == _hash(token))
            ).scalar_one_or_none()
            if row is None:
                return None
            bound = _bound(row)
            right = self._token(row.key, row.notice, bound)
        return bound if right is not None and hmac.compare_digest(right, token) else None

    def replaced(self, bound: Asked) -> bool:
        """Tell whether a later link asks the same anew: a second invitation, a new version of a text."""
        same = select(AnswerLinkRow).where(
            col(AnswerLinkRow.initiative) == bound.initiative,
            col(AnswerLinkRow.person) == bound.person,
            col(AnswerLinkRow.ask) == bound.ask,
        )
        with self._database.reading() as session:
            others = [_bound(row) for row in session.execute(same).scalars()]
        return any(
            one.subject == bound.subject and one.obligation != bound.obligation and one.asked_at > bound.asked_at
            for one in others
        )

    # --- the ledger of answers -----------------------------------------------------------------------------------
    def say(self, bound: Asked, verb: str, given: Mapping[str, Any], at: datetime) -> Said:
        """Number an answer: the last one that counts, said again, keeps its number and moment; another gets the next.

        Language and stop hold for all initiatives and may be undone elsewhere: a day later they are said anew.
        """
        slot, digest = _slot(verb), self._digest(bound, verb, given)
        while True:
            with self._database.session() as session:
                rows = _said(session, bound, slot)
                last = next((row for row in rows if not row.refused), None)
                if last is not None and last.digest == digest and (slot == ASK or at - last.first_said < A_DAY):
                    return Said(last.number, last.verb, last.first_said, again=True)
                number = rows[0].number + 1 if rows else 1
                told = {"verb": verb, "digest": digest, "first_said": at, "refused": False}
                row = {**_whose(bound), "slot": slot, "number": number, **told}
                put(session, GivenAnswerRow, [row])
                stands = session.get_one(GivenAnswerRow, (*_whose(bound).values(), slot, number))
                if stands.digest == digest:  # ours, or that of the same click a moment ago
                    return Said(number, verb, stands.first_said, again=False)

    def refused(self, bound: Asked, verb: str, said: Said) -> None:
        """Write down that a rule did not take an answer: the one before it still stands."""
        with self._database.session() as session:
            session.get_one(GivenAnswerRow, (*_whose(bound).values(), _slot(verb), said.number)).refused = True

    def last(self, bound: Asked) -> Said | None:
        """Return what was answered last to this ask, by whichever of its links; what was refused does not count."""
        with self._database.reading() as session:
            rows = _said(session, bound, ASK)
            return next((Said(r.number, r.verb, r.first_said, again=True) for r in rows if not r.refused), None)

    def _digest(self, bound: Asked, verb: str, given: Mapping[str, Any]) -> str:
        """Return what tells two answers apart. Keyed: from it nobody guesses the words."""
        secret = self._keys.derived(self._keys.current, PURPOSE)
        assert secret is not None, "the current key is in the key file"
        told = {name: str(value) for name, value in given.items()}
        return _mac(secret, b"said", canonical([*bound.subject, verb, told])).hex()


def _slot(verb: str) -> str:
    return verb if verb in ALWAYS else ASK


def _whose(bound: Asked) -> dict[str, str]:
    return {"initiative": bound.initiative, "obligation": bound.obligation, "person": bound.person}


def _said(session: Session, bound: Asked, slot: str) -> Sequence[GivenAnswerRow]:
    """Return the answers of one slot, the newest first."""
    wanted = select(GivenAnswerRow).filter_by(**_whose(bound), slot=slot).order_by(col(GivenAnswerRow.number).desc())
    return session.execute(wanted).scalars().all()


def _bound(row: AnswerLinkRow) -> Asked:
    return Asked.model_validate(row.model_dump())


def _mac(secret: bytes, what: bytes, told: bytes) -> bytes:
    return hmac.new(secret, what + b"\0" + told, hashlib.sha256).digest()[:HALF]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _is_token(given: str) -> bool:
    if len(given) != TOKEN or given != given.lower():
        return False
    try:
        return len(b32decode(given.upper() + "====")) == 2 * HALF
    except ValueError:
        return False
