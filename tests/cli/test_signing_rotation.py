"""The key that signs is changed: what was signed before verifies with the new key, and later things with the old."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from life import Life

from storage import checkpoints
from storage.database import open_database
from storage.signing import Signer, SigningKeyAway, load_signer
from tests.cli.conftest import Jisr
from verify_export import check_checkpoints, check_export, follows, read_checkpoints


@pytest.fixture
def keys(jisr: Jisr, home: Path, life: Life, tmp_path: Path) -> list[Path]:
    """Three public keys, one after the other, a checkpoint at least by each; and the private one of the first."""
    assert life.entries
    found = [public(jisr, tmp_path / "key-1.pem")]
    jisr("audit", "checkpoint")
    shutil.copy(home / "signing.pem", tmp_path / "stolen.pem")
    for number in (2, 3):
        done = jisr("keys", "rotate", "--signing", "--json")
        assert (done.code, done.json["checkpoint"]) == (0, 2 * number - 2), done
        jisr("audit", "checkpoint")
        found.append(public(jisr, tmp_path / f"key-{number}.pem"))
    return found


def public(jisr: Jisr, file: Path) -> Path:
    file.write_text(jisr("audit", "key").out)
    return file


def test_every_checkpoint_verifies_with_each_of_the_keys_and_with_no_other(
    jisr: Jisr, home: Path, keys: list[Path], tmp_path: Path
) -> None:
    assert len({file.read_text() for file in keys}) == 3
    assert jisr("audit", "verify", "ini-test").code == 0
    for key in keys:
        done = jisr("audit", "verify", "ini-test", "--key", str(key))
        assert (done.code, "checkpoint 5 of" in done.out) == (0, True), done
    stranger = tmp_path / "stranger.pem"
    made = load_signer(tmp_path / "other.pem")
    assert made is not None
    stranger.write_text(made.public_pem())
    assert jisr("audit", "verify", "ini-test", "--key", str(stranger)).code == 6
    assert (home / "signing.pem").stat().st_mode & 0o777 == 0o600
    assert not (home / "signing.pem.next").exists()
    told = jisr("audit", "key", "--all")
    assert told.out.strip() == "\n".join(key.read_text().strip() for key in keys)
    assert [one["until"] is None for one in jisr("audit", "key", "--all", "--json").json] == [False, False, True]


def test_an_export_carries_what_an_auditor_with_an_older_key_needs(jisr: Jisr, home: Path, keys: list[Path]) -> None:
    text = jisr("audit", "export", "ini-test").out
    file = home.parent / "export.jsonl"
    file.write_text(text)
    folder = str(home / "checkpoints")
    for key in keys:
        done = jisr("audit", "verify", "--file", str(file), "--key", str(key), "--checkpoints", folder)
        assert (done.code, "6 checkpoints agree" in done.out) == (0, True), done
    cover = json.loads(text.partition("\n")[0])
    assert [one["after"] for one in cover["keys"]] == [1, 3]
    without = text.replace(json.dumps(cover["keys"]), "[]")
    assert without != text
    file.write_text(without)
    assert jisr("audit", "verify", "--file", str(file), "--key", str(keys[0])).code == 6
    assert jisr("audit", "verify", "--file", str(file), "--key", str(keys[2])).code == 6, (
        "the cover was signed with them"
    )


def test_checkpoints_of_before_hold_an_export_of_later(
    jisr: Jisr, home: Path, keys: list[Path], tmp_path: Path
) -> None:
    early = tmp_path / "early"
    early.mkdir()
    shutil.copy(home / "checkpoints" / "checkpoint-000001.json", early)
    text = jisr("audit", "export", "ini-test").out
    from verify_export import read_key  # noqa: PLC0415

    for key in keys:
        assert check_export(text, read_key(key.read_text()), read_checkpoints(early)).ok


def test_whoever_stole_the_old_key_signs_no_checkpoint_after_it(
    jisr: Jisr, home: Path, keys: list[Path], tmp_path: Path
) -> None:
    stolen = load_signer(tmp_path / "stolen.pem")
    assert stolen is not None and len(keys) == 3
    db = open_database(f"sqlite:///{home / 'jisr.db'}")
    with pytest.raises(SigningKeyAway, match="was replaced by another"):
        checkpoints.make(db, stolen, datetime.now(UTC))
    every = [one.document() for one in checkpoints.kept(db)]
    last = checkpoints.newest(db)
    assert last is not None
    db.close()
    made = last.but(number=6, previous=last.digest(), key=stolen.public)
    forged = made.but(signature=stolen.sign(made.body())).document()
    assert check_checkpoints(every, every[-1]["key"]) == ""
    assert "checkpoint 6 is signed by a key" in check_checkpoints([*every, forged], every[-1]["key"])
    early = made.but(number=2)
    inserted = [every[0], early.but(signature=stolen.sign(early.body())).document(), *every[2:]]
    assert check_checkpoints(inserted, every[-1]["key"]) != ""
    shutil.copy(tmp_path / "stolen.pem", home / "signing.pem")
    done = jisr("audit", "checkpoint")
    assert (done.code, "was replaced by another" in done.err) == (3, True), done


def test_a_statement_counts_only_with_both_signatures(tmp_path: Path) -> None:
    old, new, thief = (signer(tmp_path, name) for name in ("old", "new", "thief"))
    true = checkpoints._vouched(old, new, 1, "2026-01-01T00:00:00+00:00")
    assert follows(old.public, new.public, [true], after=1)
    assert not follows(old.public, new.public, [true], after=2), "the old key went on signing"
    assert not follows(new.public, old.public, [true])
    for change in ({"key": thief.public}, {"after": 9}, {"signature": "AAAA"}, {"countersigned": true["signature"]}):
        assert not follows(old.public, str({**true, **change}["key"]), [{**true, **change}])


def signer(folder: Path, name: str) -> Signer:
    made = load_signer(folder / f"{name}.pem")
    assert made is not None
    return made


@pytest.mark.parametrize("after", ["the new key", "the checkpoint"])
def test_a_change_that_broke_off_is_finished_and_makes_no_third_key(
    jisr: Jisr, home: Path, life: Life, after: str, tmp_path: Path
) -> None:
    jisr("audit", "checkpoint")
    before = load_signer(home / "signing.pem")
    draft = load_signer(home / "signing.pem.next")
    assert life.entries and before is not None and draft is not None
    if after == "the checkpoint":
        db = open_database(f"sqlite:///{home / 'jisr.db'}")
        checkpoints.make(db, before, datetime.now(UTC), heir=draft)
        db.close()
    done = jisr("keys", "rotate", "--signing", "--json")
    assert (done.code, done.json) == (0, {"key": draft.public, "checkpoint": 2}), done
    assert jisr("audit", "key", "--json").json == {"key": draft.public}
    assert jisr("audit", "verify", "ini-test", "--key", str(public(jisr, tmp_path / "key.pem"))).code == 0


def test_a_key_that_cannot_be_replaced_is_said_and_the_change_goes_on_later(
    jisr: Jisr, home: Path, life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert life.entries
    jisr("audit", "checkpoint")
    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", refuse)
        done = jisr("keys", "rotate", "--signing")
        assert (done.code, "cannot be replaced: full" in done.err) == (3, True), done
    assert jisr("keys", "rotate", "--signing").code == 0
    assert jisr("audit", "verify", "ini-test").code == 0


def refuse(_file: Path, _place: Path) -> None:
    raise OSError(28, "full")
