"""What leaves this machine and comes back: exports, checkpoints, backups, links; and the file naming the channels."""

import contextlib
import io
import json
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import verify_export
from channels.config import ChannelFileWrong, limits_of, open_channels
from domain.outgoing import Notice
from storage.answer_links import AnswerLinks
from storage.backup import BackupBroken, put_back
from storage.database import open_database
from storage.keys import read_keys
from tests.fuzz.budget import tries
from tests.fuzz.home import Done, Home
from tests.fuzz.junk import JUNK, ODD_WORDS, damaged, spoilt
from tests.fuzz.test_files import TRAPS


class Kept(NamedTuple):
    """A home, and what was taken out of it."""

    home: Home
    export: list[str]
    key: Path
    checkpoints: Path
    backup: bytes
    token: str


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    home = Home(tmp_path_factory.mktemp("kept"))
    assert home.run("audit", "checkpoint").code == 0
    export = home.run("audit", "export", "ini-test").out.splitlines()
    key = home.file("key.pem", home.run("audit", "key").out.encode())
    taken = home.folder / "one.tar.gz"
    assert home.run("backup", str(taken), "--with-keys").code == 0
    return Kept(home, export, key, home.home / "checkpoints", taken.read_bytes(), _token(home))


def _token(home: Home) -> str:
    keys = home.home / "keys.json"
    database = open_database(f"sqlite:///{home.home / 'jisr.db'}", keys)
    notice = Notice(
        initiative="ini-test", obligation="answer_invitation/p-20/1", ask="answer_invitation", act="remind", rung=0,
        recipient="p-20", due_at=datetime.now(UTC), sensitivity="internal",
        about={"person": "p-20", "manager": "p-01"},
    )  # fmt: skip
    token = AnswerLinks(database, read_keys(keys)).token(notice)
    database.close()
    return token


# --- exports --------------------------------------------------------------------------------------------------------
def verified(*arguments: str) -> Done:
    """Run the one file that auditors have, inside this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = verify_export.main(arguments)
        except SystemExit as left:
            code = int(left.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


@st.composite
def exports(draw: st.DrawFn, lines: list[str]) -> bytes:
    """Return an export with a line spoilt, taken out or doubled, or with its bytes damaged."""
    made = list(lines)
    where = draw(st.integers(0, len(made) - 1))
    how = draw(st.sampled_from(("spoil", "spoil", "out", "double", "junk", "bytes")))
    if how == "bytes":
        return draw(damaged("\n".join(made).encode()))
    if how == "out":
        del made[where]
    elif how == "double":
        made.insert(where, made[where])
    else:
        made[where] = json.dumps(draw(JUNK if how == "junk" else spoilt(json.loads(made[where]))))
    return "\n".join(made).encode()


@tries(60)
@given(data=st.data())
def test_an_export_of_any_shape_gets_a_verdict(kept: Kept, data: st.DataObject) -> None:
    content = data.draw(exports(kept.export))
    file = kept.home.file("export.jsonl", content)
    done = verified(str(file), "--key", str(kept.key), "--checkpoints", str(kept.checkpoints))
    same = [json.loads(one) for one in kept.export]

    assert done.code in (0, 2, 6), done
    if done.code == 0:
        assert [json.loads(one) for one in content.decode("utf-8-sig").splitlines() if one.strip()] == same
    assert kept.home.offer("audit", "verify", "--file", str(file), "--key", str(kept.key)).code in (0, 2, 6)


@tries(30)
@given(data=st.data())
def test_a_checkpoint_and_a_key_of_any_shape_get_a_verdict(kept: Kept, data: st.DataObject) -> None:
    folder = kept.home.folder / "given"
    folder.mkdir(exist_ok=True)
    [one] = sorted(kept.checkpoints.iterdir())[:1]
    (folder / one.name).write_bytes(
        data.draw(damaged(one.read_bytes()) | spoilt(json.loads(one.read_bytes())).map(_as_json))
    )
    key = kept.home.file("other.pem", data.draw(damaged(kept.key.read_bytes())))
    file = kept.home.file("export.jsonl", "\n".join(kept.export).encode())

    assert verified(str(file), "--key", str(kept.key), "--checkpoints", str(folder)).code in (0, 2, 6)
    assert verified(str(file), "--key", str(key)).code in (0, 2, 6)


def _as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


# --- backups --------------------------------------------------------------------------------------------------------
def offered(content: bytes, folder: Path) -> bool:
    """Offer a backup; say whether it was taken. Refused, nothing was written; taken, nothing stands elsewhere."""
    file, home, beside = folder / "backup.tar.gz", folder / "new", set(folder.parent.iterdir())
    file.write_bytes(content)
    try:
        put_back(file, home)
    except BackupBroken:
        assert not home.exists()
        return False
    finally:
        assert set(folder.parent.iterdir()) == beside
        assert {one.name for one in folder.iterdir()} <= {"backup.tar.gz", "new"}
    assert not [one for one in home.rglob("*") if one.is_symlink()]
    return True


@tries(40)
@given(data=st.data())
def test_a_damaged_backup_is_not_put_back(
    kept: Kept, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = data.draw(damaged(kept.backup))
    offered(content, tmp_path_factory.mktemp("away"))


def packed(manifest: Any, *members: tuple[str, bytes], links: tuple[tuple[str, str, bytes], ...] = ()) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in (("manifest.json", json.dumps(manifest).encode()), *members):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        for name, target, kind in links:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, target
            tar.addfile(entry)
    return out.getvalue()


EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def manifest(*names: str, **more: Any) -> dict[str, Any]:
    return {"format": 1, "made_at": "2026-01-01T00:00:00+00:00",
            "files": {name: {"sha256": EMPTY, "size": 0} for name in names}, **more}  # fmt: skip


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "a way out": lambda: packed(manifest("../out"), ("../out", b"")),
    "a way out inside": lambda: packed(manifest("a/../../out"), ("a/../../out", b"")),
    "from the root": lambda: packed(manifest("/tmp/out"), ("/tmp/out", b"")),
    "a name of nothing": lambda: packed(manifest(""), ("", b"")),
    "the home itself": lambda: packed(manifest("."), (".", b"")),
    "a file and a folder": lambda: packed(manifest("a", "a/b"), ("a", b""), ("a/b", b"")),
    "a NUL": lambda: packed(manifest("a\0b"), ("ab", b"")),
    "half a character": lambda: packed(manifest("\ud800"), ("x", b"")),
    "a name too long": lambda: packed(manifest("x" * 300), ("x" * 300, b"")),
    "a link out": lambda: packed(manifest("a"), links=(("a", "/etc/passwd", tarfile.SYMTYPE),)),
    "a link to itself": lambda: packed(manifest("a"), links=(("a", "a", tarfile.SYMTYPE),)),
    "a hard link to itself": lambda: packed(manifest("a"), links=(("a", "a", tarfile.LNKTYPE),)),
    "a device": lambda: packed(manifest("a"), links=(("a", "", tarfile.CHRTYPE),)),
    "no digest": lambda: packed({**manifest(), "files": {"a": {}}}, ("a", b"")),
    "no list": lambda: packed([]),
    "a list that is none": lambda: packed({**manifest(), "files": 5}),
    "a file that is none": lambda: packed({**manifest(), "files": {"a": 5}}),
    "another release": lambda: packed(manifest(format=99)),
    "no date": lambda: packed({"format": 1, "files": {}}),
    "nested": lambda: packed_raw(b"[" * 100_000),
    "no tar": lambda: b"nothing",
    "nothing": lambda: b"",
    "a broken stream": lambda: packed(manifest())[:40],
}


def packed_raw(content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize("what", ARCHIVES)
def test_an_archive_that_is_a_trap_is_not_put_back(kept: Kept, what: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()

    assert not offered(ARCHIVES[what](), folder)
    file = kept.home.file("trap.tar.gz", ARCHIVES[what]())
    assert kept.home.offer("restore", str(file), "--home", str(folder / "new")).code == 2


# --- links ----------------------------------------------------------------------------------------------------------
@tries(60)
@given(data=st.data(), verb=st.none() | st.sampled_from(("yes", "no", "stop", "nonsense")))
def test_a_token_changed_in_one_place_opens_nothing(kept: Kept, data: st.DataObject, verb: str | None) -> None:
    token = data.draw(damaged(kept.token.encode())).decode(errors="replace")
    done = kept.home.offer("answer", "--", token, *([verb] if verb else []))

    if token.strip().rpartition("/")[2].lower() != kept.token:
        assert done.code in (2, 7), done
    assert kept.token not in done.err


@tries(30)
@given(
    verb=st.sampled_from(("yes", "no", "stop", "alternatives", "language", "consent", "")) | st.text(max_size=8),
    fields=st.lists(st.tuples(st.sampled_from(("reason", "i_am", "starts", "scopes", "language", "x")),
                              st.text(max_size=8) | st.sampled_from(ODD_WORDS)).map("=".join), max_size=3),
)  # fmt: skip
def test_an_answer_of_any_words(kept: Kept, verb: str, fields: list[str]) -> None:
    done = kept.home.offer("answer", "--", kept.token, verb, *fields)

    assert done.code in (2, 3, 7), done


# --- the channel file -----------------------------------------------------------------------------------------------
CHANNELS = {
    "email": {"host": "localhost", "port": 587, "from": "us@example.org", "username": "us", "password": {"env": "PATH"},
              "seconds": 20, "ca_file": "/nowhere.pem"},
    "apprise": {"ops": {"env": "PATH"}},
    "rate": {"email": "30/min, 500/hour"},
}  # fmt: skip


def _opened(folder: Path, content: bytes) -> None:
    file = folder / "channels.yaml"
    file.write_bytes(content)
    with contextlib.suppress(ChannelFileWrong):
        limits_of(file)
    try:
        open_channels(file, folder)
    except ChannelFileWrong as wrong:
        assert "SECRET" not in str(wrong)


@tries(50)
@given(
    content=spoilt(CHANNELS).map(lambda one: yaml.safe_dump(one).encode(errors="surrogatepass"))
    | damaged(yaml.safe_dump(CHANNELS).encode())
)
def test_a_channel_file_of_any_shape(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    _opened(tmp_path_factory.getbasetemp(), content)


@pytest.mark.parametrize("trap", [*TRAPS.values(), b"email: {password: SECRET}", b"5", b"apprise: {ops: SECRET}"])
def test_a_trap_in_the_channel_file(tmp_path: Path, trap: bytes) -> None:
    _opened(tmp_path, trap)


def test_what_was_kept_is_good_before_it_is_spoilt(kept: Kept, tmp_path: Path) -> None:
    file = kept.home.file("export.jsonl", "\n".join(kept.export).encode())

    assert verified(str(file), "--key", str(kept.key), "--checkpoints", str(kept.checkpoints)).code == 0
    assert offered(kept.backup, tmp_path)
    assert kept.home.run("answer", kept.token).code == 0
