"""Passwords: hashed with Argon2id, the parameters of RFC 9106 for little memory (64 MiB, three passes)."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 256  # characters; any of them, in any mixture


class PasswordWeak(ValueError):
    """Too short, too long, or the account's own id. Says what is wanted."""


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # noqa: PLC0415  only who signs in or sets one

    return PasswordHasher()


def hashed(password: str, account: str) -> str:
    """Return what is kept of a password. Raises: PasswordWeak."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordWeak(f"A password has {SHORTEST} to {LONGEST} characters. Several words are good.")
    if password.strip().lower() == account.lower() or len(set(password)) < 4:
        raise PasswordWeak("That is too easy to guess. Several words are good.")
    return _hasher().hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Tell whether it is the right password. It takes as long where there is none to compare with."""
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

    try:
        _hasher().verify(kept or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@cache
def _nobodys() -> str:
    import secrets  # noqa: PLC0415

    return _hasher().hash(secrets.token_urlsafe(32))
