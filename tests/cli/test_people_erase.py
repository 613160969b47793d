"""`jisr people erase` and `jisr people hold`, on a home of its own."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.record import canonical
from tests.cli.conftest import Jisr, Up, now

pytestmark = pytest.mark.xdist_group("jisr-up")


def test_somebody_is_erased_and_a_signed_certificate_is_handed_out(up: Up, tmp_path: Path) -> None:
    from base64 import b64decode  # noqa: PLC0415

    key = up.jisr("audit", "key", "--json").json["key"]
    up.jisr("people", "add", "p-77", "--name", "Layla Albasri", "--email", "layla@example.org")
    out = tmp_path / "certificate.json"
    done = up.jisr("people", "erase", "p-77", "--reason", "asked on 3 May", "--out", str(out))

    assert done.code == 0, done
    assert "p-77 was erased" in done.out
    assert "copies of the database made before" in done.out
    given = json.loads(out.read_text())
    assert "Layla" not in out.read_text()
    assert given["certificate"]["reason"] == "asked on 3 May"
    assert given["key"] == key
    public = Ed25519PublicKey.from_public_bytes(b64decode(key))
    public.verify(b64decode(given["signature"]), canonical(given["certificate"]))
    again = up.jisr("people", "erase", "p-77", "--reason", "once more", "--json")
    assert (again.code, again.json["certificate"]) == (0, given["certificate"])
    assert up.jisr("people", "list", "--json").json[0]["name_latin"] == ""


# Without an engine


def test_without_an_engine_nobody_is_erased(jisr: Jisr) -> None:
    jisr("migrate")
    jisr("people", "add", "p-7", "--name", "Layla Albasri")
    done = jisr("people", "erase", "p-7", "--reason", "asked")
    assert (done.code, jisr("people", "list", "--json").json[0]["name_latin"]) == (3, "Layla Albasri")
    assert "roster was not changed" in done.err


def test_a_hold_refuses_and_says_how_it_ends(jisr: Jisr) -> None:
    jisr("migrate")
    jisr("people", "add", "p-7", "--name", "Layla Albasri")
    until = (now().date() + timedelta(days=3)).isoformat()
    assert jisr("people", "hold", "p-7", "--until", until, "--reason", "court order 12").code == 0
    refused = jisr("people", "erase", "p-7", "--reason", "asked")
    assert refused.code == 5
    assert f"legal hold until {until}" in refused.err
    assert "jisr people hold p-7 --release" in refused.err
    assert jisr("people", "hold", "p-7", "--release").out == "p-7: 1 legal hold lifted.\n"
    assert jisr("people", "erase", "p-7", "--reason", "asked").code == 3  # now only the engine is missing


@pytest.mark.parametrize(
    ("typed", "code", "why"),
    [
        (("erase", "p-7", "--reason", "Layla asked"), 2, "would outlive them"),
        (("erase", "p-7", "--reason", " "), 2, "write one line"),
        (("erase", "p-none", "--reason", "asked"), 4, "not on the roster"),
        (("hold", "p-7"), 2, "--until and --reason"),
        (("hold", "p-7", "--until", "2099-01-01"), 2, "its last day and its reason"),
        (("hold", "p-7", "--until", "2001-01-01", "--reason", "x"), 2, "has passed"),
        (("hold", "p-7", "--until", "soon", "--reason", "x"), 2, "is no day"),
        (("hold", "p-none", "--release"), 4, "not on the roster"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    jisr: Jisr, typed: tuple[str, ...], code: int, why: str
) -> None:
    jisr("migrate")
    jisr("people", "add", "p-7", "--name", "Layla Albasri")
    done = jisr("people", *typed)
    assert (done.code, why in done.err) == (code, True), done
    assert "Layla" not in done.err
    assert jisr("people", "list", "--json").json[0]["name_latin"] == "Layla Albasri"


# Keys


def test_keys_are_shown_changed_and_dropped_and_never_printed(jisr: Jisr, home: Path) -> None:
    jisr("migrate")
    jisr("people", "add", "p-7", "--name", "Layla Albasri")
    [old] = jisr("keys", "show", "--json").json
    assert (old["current"], old["data_keys"]) == (True, 1)
    assert jisr("keys", "drop", old["id"]).code == 2
    rotated = jisr("keys", "rotate", "--json").json
    assert rotated["rewrapped"] == 1
    shown = jisr("keys", "show")
    assert "Not needed any more: " + old["id"] in shown.err
    assert jisr("keys", "drop", old["id"]).code == 0
    assert jisr("keys", "drop", old["id"]).code == 4
    secret = json.loads((home / "keys.json").read_text())
    assert list(secret["keys"]) == [rotated["current"]]
    assert secret["keys"][rotated["current"]] not in shown.out + shown.err
    assert jisr("people", "list", "--json").json[0]["name_latin"] == "Layla Albasri"
