"""Accounts, sessions and script tokens. A token is shown once; what is kept is its digest. All is noted in a log."""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from domain.access import (
    ACCOUNT_ROLES,
    IN_PERSON,
    MAY,
    Identity,
    Permission,
    SignIn,
    permitted,
    reports,
)
from storage.account_tables import AccessRow, AccountRow, TokenRow
from storage.database import Database
from storage.entrance import digest
from storage.passwords import fits, hashed

SESSION_LASTS = timedelta(hours=12)
TOKEN_LASTS, TOKEN_MOST = 90, 366  # days
TRIES = 5  # wrong passwords before there is a wait, which then doubles
WAIT, WAIT_MOST = timedelta(minutes=1), timedelta(hours=1)
UNKNOWN = "unknown"  # in the log: what was typed may be a password in the wrong place


class AccountWrong(ValueError):
    """What was asked of the accounts cannot be done; says why. Nothing has changed."""


class SignInRefused(Exception):
    """The id and the password do not fit, or it is too early to try again. It does not say which was wrong."""


class Account(NamedTuple):
    """One account, as it is listed."""

    id: str
    role: str
    initiatives: tuple[str, ...]
    password: bool
    made_at: datetime
    closed_at: datetime | None


class Token(NamedTuple):
    """One token of a script, as it is listed; never the token itself."""

    id: str
    name: str
    by: str
    may: tuple[str, ...]
    initiatives: tuple[str, ...]
    kinds: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None


class Issued(NamedTuple):
    """A token that was just made: the only time it is there to be read."""

    token: str
    id: str
    expires_at: datetime


class Noted(NamedTuple):
    """One line of the log: `by` did `what` to `about`."""

    at: datetime
    by: str
    what: str
    about: str
    why: str = ""


# --- accounts ----------------------------------------------------------------------------------------------------
def add(
    db: Database, by: str, now: datetime, id: str, role: str, password: str | None, initiatives: tuple[str, ...] = ()
) -> None:
    """Make an account; the first is an admin's, and from then on the house asks who is there. Raises: AccountWrong,
    PasswordWeak."""
    if role not in ACCOUNT_ROLES:
        raise AccountWrong(f"There is no role {role[:30]!r}. Choose one of {', '.join(ACCOUNT_ROLES)}.")
    kept = hashed(password, id) if password is not None else None
    with db.session() as session:
        if session.get(AccountRow, id) is not None:
            raise AccountWrong(f"There is an account {id} already; an id is never given twice.")
        first = session.execute(select(col(AccountRow.id)).limit(1)).first() is None
        if first and (role != SignIn.ADMIN or initiatives or kept is None):
            raise AccountWrong("The first account is that of an admin, for every initiative, with a password.")
        made = AccountRow(
            id=id, role=role, initiatives=sorted(initiatives), password=kept, made_at=now, made_by=by, failures=0
        )
        session.add(made)
        _note(session, Noted(now, by, "account.added", id, _told(role, initiatives)))


def change(db: Database, by: str, now: datetime, id: str, role: str, initiatives: tuple[str, ...]) -> None:
    """Give an account another role and reach; its sessions end. Raises: AccountWrong."""
    if role not in ACCOUNT_ROLES:
        raise AccountWrong(f"There is no role {role[:30]!r}. Choose one of {', '.join(ACCOUNT_ROLES)}.")
    with db.session() as session:
        row = _open(session, id)
        row.role, row.initiatives = role, sorted(initiatives)
        session.flush()
        _one_admin_stays(session)
        _end(session, now, id, scripts=False)
        _note(session, Noted(now, by, "account.role", id, _told(role, initiatives)))


def close(db: Database, by: str, now: datetime, id: str) -> int:
    """Close an account for good, with its sessions and the tokens it issued; return how many ended.

    Raises: AccountWrong.
    """
    with db.session() as session:
        row = _open(session, id)
        row.closed_at, row.password = now, None
        session.flush()
        _one_admin_stays(session)
        ended = _end(session, now, id, scripts=True)
        _note(session, Noted(now, by, "account.closed", id))
        return ended


def set_password(db: Database, by: str, now: datetime, id: str, password: str) -> None:
    """Set a password and let it be tried at once; sessions end. Raises: AccountWrong, PasswordWeak."""
    kept = hashed(password, id)
    with db.session() as session:
        row = _open(session, id)
        row.password, row.failures, row.wait_until = kept, 0, None
        _end(session, now, id, scripts=False)
        _note(session, Noted(now, by, "account.password", id))


def accounts(db: Database) -> list[Account]:
    """Return every account there ever was, by id."""
    with db.reading() as session:
        rows = session.execute(select(AccountRow).order_by(col(AccountRow.id))).scalars().all()
    return [
        Account(one.id, one.role, tuple(one.initiatives), one.password is not None, one.made_at, one.closed_at)
        for one in rows
    ]


def _open(session: Session, id: str) -> AccountRow:
    row = session.get(AccountRow, id)
    if row is None or row.closed_at is not None:
        raise AccountWrong(f"There is no open account {id[:40]}. See `jisr accounts list`.")
    return row


def _one_admin_stays(session: Session) -> None:
    """Raises: AccountWrong, which undoes the transaction."""
    wanted = select(func.count()).select_from(AccountRow)
    wanted = wanted.where(
        col(AccountRow.role) == SignIn.ADMIN, col(AccountRow.closed_at).is_(None), col(AccountRow.initiatives) == []
    )
    if not session.execute(wanted).scalar():
        raise AccountWrong("An admin for every initiative must stay. Add another one first.")


def _told(role: str, initiatives: tuple[str, ...]) -> str:
    return f"{role}: {', '.join(initiatives)}" if initiatives else role


# --- signing in ---------------------------------------------------------------------------------------------------
def sign_in(db: Database, now: datetime, id: str, password: str) -> Issued:
    """Return a session's token for the right password. Raises: SignInRefused."""
    with db.session() as session:  # each try is counted before it is made, so many at once are no way around
        row = session.get(AccountRow, id)
        kept = row.password if row is not None and row.closed_at is None else None
        wait = row.wait_until if row is not None else None
        if row is not None and not (wait and wait > now):
            row.failures += 1
            if row.failures >= TRIES:
                row.wait_until = now + min(WAIT * 2 ** min(row.failures - TRIES, 10), WAIT_MOST)
    if wait and wait > now:
        note(db, Noted(now, id, "sign-in.refused", id, "too early"))
        raise SignInRefused(f"Too many wrong passwords. Try again after {wait:%H:%M} UTC, or ask an admin.")
    if not fits(kept, password):
        about = id if row is not None else UNKNOWN
        note(db, Noted(now, about, "sign-in.refused", about, "password"))
        raise SignInRefused("The id and the password do not fit. Nothing has changed; try again, or ask an admin.")
    return begin(db, now, id, "sign-in")


def begin(db: Database, now: datetime, id: str, what: str) -> Issued:
    """Begin a session of somebody whose password was right."""
    made = _token(now + SESSION_LASTS)
    with db.session() as session:
        row = _open(session, id)
        row.failures, row.wait_until = 0, None
        session.add(
            TokenRow(
                hash=digest(made.token), id=made.id, account=id, initiatives=[], made_at=now,
                expires_at=made.expires_at,
            )
        )  # fmt: skip
        _note(session, Noted(now, id, what, made.id))
    return made


def sign_out(db: Database, now: datetime, token: str) -> bool:
    """End a session; tell whether there was one."""
    with db.session() as session:
        row = session.get(TokenRow, digest(token))
        if row is None or row.name is not None or row.ended_at is not None:
            return False
        row.ended_at = now
        _note(session, Noted(now, row.account, "sign-out", row.id))
        return True


# --- tokens of scripts --------------------------------------------------------------------------------------------
def issue(
    db: Database,
    by: Identity,
    now: datetime,
    name: str,
    may: tuple[str, ...],
    initiatives: tuple[str, ...],
    kinds: tuple[str, ...],
    days: int = TOKEN_LASTS,
) -> Issued:
    """Make a token for a script. It reaches no further than whoever issues it, and no kind that asks for a person.

    Raises: AccountWrong.
    """
    if Permission.EXPORT_DONOR in may:  # an export waits until the record has caught up
        may = tuple({*may, Permission.VERIFY})
    _within(by, may, initiatives, kinds)
    if not 1 <= days <= TOKEN_MOST:
        raise AccountWrong(f"A token lasts 1 to {TOKEN_MOST} days.")
    made = _token(now + timedelta(days=days))
    with db.session() as session:
        if session.execute(select(col(TokenRow.id)).where(col(TokenRow.name) == name)).first() is not None:
            raise AccountWrong(f"There is or was a token named {name}: the record tells scripts apart by it.")
        session.add(
            TokenRow(
                hash=digest(made.token), id=made.id, account=by.id, name=name, may=sorted(may),
                initiatives=sorted(initiatives), kinds=sorted(kinds), made_at=now, expires_at=made.expires_at,
            )
        )  # fmt: skip
        _note(session, Noted(now, by.actor, "token.issued", made.id, name))
    return made


def _within(by: Identity, may: tuple[str, ...], initiatives: tuple[str, ...], kinds: tuple[str, ...]) -> None:
    if not by.named:
        raise AccountWrong("Without accounts nobody needs a token. Add an admin first: `jisr accounts add ID`.")
    most = sorted(one for one in MAY[SignIn.SCRIPT] if permitted(by, one))
    if not may or not set(may) <= set(most):
        raise AccountWrong(f"--may: choose from {', '.join(most)}.")
    if not initiatives or (by.initiatives and not set(initiatives) <= set(by.initiatives)):
        raise AccountWrong("Name the initiatives it is for with --initiative: yours, at least one.")
    if (Permission.REPORT in may) is not bool(kinds):
        raise AccountWrong("Name the kinds it reports with --kind, at least one; without --may report none.")
    if in_person := sorted(set(kinds) & IN_PERSON):
        raise AccountWrong(f"{in_person[0]} is reported by a person in their own name, never by a script.")
    if beyond := sorted(kind for kind in kinds if not reports(by, kind)):
        raise AccountWrong(f"You do not report {beyond[0]} yourself.")


def tokens(db: Database, by: str | None = None) -> list[Token]:
    """Return the tokens of scripts, the oldest first; of one issuer where given."""
    wanted = select(TokenRow).where(col(TokenRow.name).is_not(None)).order_by(col(TokenRow.made_at), col(TokenRow.id))
    if by is not None:
        wanted = wanted.where(col(TokenRow.account) == by)
    with db.reading() as session:
        rows = session.execute(wanted).scalars().all()
    return [
        Token(
            one.id, one.name or "", one.account, tuple(one.may or ()), tuple(one.initiatives), tuple(one.kinds or ()),
            one.made_at, one.expires_at, one.ended_at,
        )
        for one in rows
    ]  # fmt: skip


def revoke(db: Database, by: Identity, now: datetime, id: str) -> None:
    """End a script's token at once: one's own, or as an admin anybody's. Raises: LookupError."""
    with db.session() as session:
        wanted = select(TokenRow).where(
            col(TokenRow.id) == id, col(TokenRow.name).is_not(None), col(TokenRow.ended_at).is_(None)
        )
        row = session.execute(wanted).scalar()
        if row is None or not (row.account == by.id or permitted(by, Permission.ACCOUNTS)):
            raise LookupError(f"There is no token {id[:20]} of yours in use. See `jisr tokens list`.")
        row.ended_at = now
        _note(session, Noted(now, by.actor, "token.revoked", id, row.name or ""))


def _token(expires_at: datetime) -> Issued:
    return Issued(f"jisr_{secrets.token_urlsafe(32)}", f"t-{secrets.token_hex(4)}", expires_at)


def _end(session: Session, now: datetime, account: str, scripts: bool) -> int:
    """End what an account is signed in with, and with `scripts` the tokens it issued; return how many."""
    ends = update(TokenRow).where(col(TokenRow.account) == account, col(TokenRow.ended_at).is_(None))
    if not scripts:
        ends = ends.where(col(TokenRow.name).is_(None))
    return int(session.execute(ends.values(ended_at=now)).rowcount)  # type: ignore[attr-defined]


# --- the log ------------------------------------------------------------------------------------------------------
def note(db: Database, noted: Noted) -> None:
    """Write it into the log. Raises: DatabaseAway."""
    with db.session() as session:
        _note(session, noted)


def log(db: Database) -> list[Noted]:
    """Return the log, the oldest first."""
    with db.reading() as session:
        rows = session.execute(select(AccessRow).order_by(col(AccessRow.id))).scalars().all()
    return [Noted(row.at, row.by, row.what, row.about, row.why) for row in rows]


def _note(session: Session, noted: Noted) -> None:
    session.add(AccessRow(**noted._asdict()))
