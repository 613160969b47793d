"""Accounts, sessions and tokens through `jisr`: closed by default from the first account on, open before it."""

import sqlite3
import stat
from pathlib import Path
from typing import Any, cast

import pytest
from life import Life
from typer.main import get_command

from cli.admission import leaves
from cli.codec_server import make_server
from cli.main import make_app
from client import Jisr as Client
from domain.access import Permission
from domain.verbs import CLIENT, COMMANDS, HTTP
from storage.accounts import TRIES
from tests.cli.conftest import Jisr

ADMIN, WORD = "p-00", "three plain old words"


def test_every_verb_of_every_door_has_a_rule() -> None:
    assert {name for name, _ in leaves(get_command(make_app()))} == COMMANDS.keys()
    assert {name for name in vars(Client) if not name.startswith("_")} == CLIENT.keys()
    with make_server(cast(Any, None), 0) as server:
        methods = {name.removeprefix("do_") for name in dir(server.RequestHandlerClass) if name.startswith("do_")}
    assert methods == {name.split()[0] for name in HTTP}


def test_what_an_argument_is_called_is_what_it_is_called() -> None:
    for name, leaf in leaves(get_command(make_app())):
        arguments = {param.name for param in leaf.params}
        assert {COMMANDS[name].initiative, *COMMANDS[name].instead} - {None} <= arguments, name


@pytest.fixture
def closed(jisr: Jisr, life: Life, monkeypatch: pytest.MonkeyPatch) -> Jisr:
    """A house with one admin, nobody signed in."""
    assert jisr("accounts", "add", ADMIN, "--role", "admin", input=WORD).code == 0
    return jisr


def enter(jisr: Jisr, id: str, role: str, *more: str) -> None:
    """Add an account as the admin and sign in with it."""
    assert jisr("sign-in", ADMIN, input=WORD).code == 0
    if role != "admin":
        assert jisr("accounts", "add", id, "--role", role, *more, input=WORD).code == 0
        assert jisr("sign-in", id, input=WORD).code == 0


def test_without_accounts_everything_is_as_it_was(jisr: Jisr, life: Life, home: Path) -> None:
    assert jisr("timeline", life.now.id).code == 0
    assert jisr("whoami", "--json").json["role"] == "house"
    assert jisr("report", life.now.id, "partner_signed", "partner=P1", "--by", "manager:anybody").code == 3
    assert jisr("sign-in", "p-01", input=WORD).code == 2
    assert jisr("tokens", "issue", "crm", "--initiative", "ini-1", "--kind", "partner_signed").code == 2
    assert jisr("accounts", "add", "p-01", "--role", "manager", input=WORD).code == 2
    assert not (home / "guarded").exists()


def test_from_the_first_account_on_nobody_comes_in_without_signing_in(closed: Jisr, life: Life) -> None:
    for name, leaf in sorted(leaves(get_command(make_app())))[::5]:  # a sample: each costs a whole command
        if COMMANDS[name].to is not Permission.ANYONE:
            needed = [
                "sent" if p.name == "decision" else "x"
                for p in leaf.params
                if p.param_type_name == "argument" and p.required
            ]
            options = [w for p in leaf.params if p.param_type_name == "option" and p.required for w in (p.opts[0], "x")]
            done = closed(*name.split(), *needed, *options)
            assert done.code == 7, f"{name}: {done}"
            assert "jisr sign-in" in done.err


def test_signed_in_the_record_knows_who(closed: Jisr, life: Life, home: Path) -> None:
    enter(closed, ADMIN, "admin")
    assert stat.S_IMODE((home / "session").stat().st_mode) == 0o600
    assert closed("whoami", "--json").json["actor"] == "admin:p-00"
    assert closed("people", "add", "p-77", "--name", "Somebody", "--country", "IQ").code in (0, 2)
    assert closed("timeline", life.now.id, "--texts").code == 0
    assert closed("report", life.now.id, "partner_signed", "partner=P1", "--by", "manager:p-02").code == 7
    assert closed("report", life.now.id, "review_given", "person=p-20", "vetter=p-11", "verdict=approve").code == 7
    assert closed("report", life.now.id, "partner_signed", "partner=P1").code == 3  # allowed; the engine is away
    assert closed("sign-out").code == 0
    assert closed("list").code == 7
    log = [(one["by"], one["what"], one["about"]) for one in _log(closed)]
    assert (ADMIN, "sign-in", log[1][2]) == log[1]
    assert ("admin:p-00", "refused", "report") in log
    assert ("nobody", "refused", "list") in log


def _log(jisr: Jisr) -> list[dict[str, str]]:
    assert jisr("sign-in", ADMIN, input=WORD).code == 0
    found: list[dict[str, str]] = jisr("accounts", "log", "--json").json
    return found


def test_a_role_may_what_stands_beside_it_and_no_more(closed: Jisr, life: Life) -> None:
    enter(closed, "p-90", "auditor")
    assert closed("audit", "export", life.now.id, "--redacted").code == 0
    assert closed("audit", "verify", life.now.id).code == 0
    for refused in (
        ("timeline", life.now.id),
        ("show", life.now.id),
        ("audit", "export", life.now.id),
        ("keys", "show"),
    ):
        done = closed(*refused)
        assert (done.code, "access.role" in done.err) == (7, True), refused


def test_an_account_reaches_its_own_initiatives_only(closed: Jisr, life: Life) -> None:
    enter(closed, "p-01", "manager", "--initiative", "ini-other")
    assert closed("timeline", life.now.id).code == 7
    assert closed("people", "list").code == 7
    assert closed("list", "--json").json == []


def test_a_token_is_shown_once_kept_as_a_digest_and_reaches_what_it_lists(
    closed: Jisr, life: Life, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(closed, "p-01", "manager")
    id = life.now.id
    issued = closed("tokens", "issue", "crm", "--initiative", id, "--kind", "partner_signed", "--json")
    token = issued.json["token"]
    assert all(token.encode() not in file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert token not in closed("tokens", "list").out
    kinds = ("--kind", "vetting_decided"), ("--kind", "review_given"), ("--kind", "no_such_thing")
    assert [closed("tokens", "issue", "x", "--initiative", id, *kind).code for kind in kinds] == [2, 2, 2]
    assert closed("tokens", "issue", "x", "--initiative", id, "--may", "keys").code == 2

    monkeypatch.setenv("JISR_TOKEN", token)
    assert closed("whoami", "--json").json["actor"] == "script:crm"
    assert closed("report", id, "partner_signed", "partner=P1").code == 3  # allowed; the engine is away
    assert closed("report", id, "mou_sent", "partner=P1").code == 7
    assert closed("report", "ini-other", "partner_signed", "partner=P1").code == 7
    assert closed("show", id).code == 7

    monkeypatch.delenv("JISR_TOKEN")
    assert closed("tokens", "revoke", issued.json["id"]).code == 0
    monkeypatch.setenv("JISR_TOKEN", token)
    assert "revoked" in closed("report", id, "partner_signed", "partner=P1").err


def test_what_has_expired_opens_nothing(closed: Jisr, home: Path) -> None:
    enter(closed, ADMIN, "admin")
    with sqlite3.connect(home / "jisr.db") as db:
        db.execute("UPDATE tokens SET expires_at = '2020-01-01 00:00:00.000000'")
    db.close()
    done = closed("list")
    assert (done.code, "expired" in done.err) == (7, True)


def test_guessing_is_slowed_and_the_right_password_waits_too(closed: Jisr) -> None:
    wrong = [closed("sign-in", ADMIN, input="a wrong password") for _ in range(TRIES)]
    assert {one.code for one in wrong} == {7}
    assert closed("sign-in", "p-unknown", input="a wrong password").err == wrong[0].err
    done = closed("sign-in", ADMIN, input=WORD)
    assert (done.code, "Too many" in done.err) == (7, True)


def test_a_closed_account_takes_its_tokens_along_and_an_admin_stays(
    closed: Jisr, life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(closed, "p-01", "manager")
    more = ("--initiative", life.now.id, "--may", "verify", "--json")
    token = closed("tokens", "issue", "nightly", *more).json["token"]
    assert closed("sign-in", ADMIN, input=WORD).code == 0
    assert closed("accounts", "close", ADMIN).code == 2
    assert closed("accounts", "role", ADMIN, "--role", "manager").code == 2
    assert closed("accounts", "close", "p-01").code == 0
    assert closed("sign-in", "p-01", input=WORD).code == 7
    monkeypatch.setenv("JISR_TOKEN", token)
    assert closed("audit", "verify", life.now.id).code == 7


def test_a_password_is_changed_by_whoever_knows_it(closed: Jisr) -> None:
    assert closed("sign-in", ADMIN, "--change-password", input=f"{WORD}\nshort\n").code == 2
    assert closed("sign-in", ADMIN, "--change-password", input=f"{WORD}\nfour other plain words\n").code == 0
    assert closed("list").code == 0
    assert closed("sign-in", ADMIN, input=WORD).code == 7


def test_a_database_that_is_away_opens_no_door(closed: Jisr, home: Path, life: Life) -> None:
    assert closed("list").code == 7
    (home / "jisr.db").write_bytes(b"no database at all" * 100)
    assert closed("report", life.now.id, "partner_signed", "partner=P1").code == 3
    assert "cannot be asked" in closed("report", life.now.id, "partner_signed", "partner=P1").err


def test_a_verb_without_a_rule_is_refused(jisr: Jisr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(COMMANDS, "list")
    assert jisr("list").code == 7
