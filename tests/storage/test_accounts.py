"""Accounts, sessions and tokens in both databases: what is kept opens nothing by itself, and an admin always stays."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.access import Identity, Permission, SignIn
from storage import accounts
from storage.accounts import AccountWrong, SignInRefused
from storage.database import Database

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORD = "three plain old words"
BOSS = Identity("p-00", SignIn.ADMIN)


@pytest.fixture
def closed(database: Database) -> Database:
    accounts.add(database, "cli:local", NOW, "p-00", "admin", WORD)
    return database


def test_the_last_admin_for_every_initiative_stays(closed: Database) -> None:
    accounts.add(closed, BOSS.actor, NOW, "p-01", "admin", WORD, ("ini-1",))

    with pytest.raises(AccountWrong, match="must stay"):
        accounts.close(closed, BOSS.actor, NOW, "p-00")
    with pytest.raises(AccountWrong, match="must stay"):
        accounts.change(closed, BOSS.actor, NOW, "p-00", "manager", ())
    accounts.change(closed, BOSS.actor, NOW, "p-01", "admin", ())
    accounts.close(closed, "admin:p-01", NOW, "p-00")

    assert [(one.id, one.closed_at is None) for one in accounts.accounts(closed)] == [("p-00", False), ("p-01", True)]


def test_a_session_opens_with_the_right_password_only_and_a_token_reaches_what_it_lists(closed: Database) -> None:
    with pytest.raises(SignInRefused):
        accounts.sign_in(closed, NOW, "p-00", "another old word or two")
    signed_in = accounts.sign_in(closed, NOW, "p-00", WORD)
    assert signed_in.expires_at == NOW + accounts.SESSION_LASTS

    accounts.issue(closed, BOSS, NOW, "donors", (Permission.EXPORT_DONOR,), ("ini-1",), (), days=30)
    [token] = accounts.tokens(closed)
    assert token.may == (Permission.EXPORT_DONOR, Permission.VERIFY)  # an export waits for the record
    assert token.expires_at == NOW + timedelta(days=30)
    accounts.revoke(closed, BOSS, NOW, token.id)

    assert accounts.sign_out(closed, NOW, signed_in.token)
    assert not accounts.sign_out(closed, NOW, signed_in.token)
    noted = [(one.what, one.why) for one in accounts.log(closed)]
    assert noted[1] == ("sign-in.refused", "password")
    assert [what for what, _ in noted][2:] == ["sign-in", "token.issued", "token.revoked", "sign-out"]
