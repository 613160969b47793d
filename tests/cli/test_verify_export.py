"""An export is checked on a machine that has nothing but one file, Python and `cryptography`."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from life import Life

from tests.cli.conftest import Jisr

PROGRAM = Path(__file__).parents[2] / "verify_export.py"


class Export(NamedTuple):
    """A folder with nothing but the program, the export, the public key and one checkpoint; and the lines."""

    folder: Path
    lines: list[str]

    def check(self, lines: list[str], *arguments: str) -> tuple[int, str]:
        """Run the one file there by a bare Python: no package of ours, no environment, another folder."""
        (self.folder / "export.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-I", "verify_export.py", "export.jsonl", *arguments],
            cwd=self.folder, env={"PYTHONUTF8": "1"}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def export(jisr: Jisr, home: Path, life: Life, tmp_path: Path) -> Export:
    assert jisr("audit", "checkpoint").code == 0
    folder = tmp_path / "auditor"
    folder.mkdir()
    shutil.copy(PROGRAM, folder)
    (folder / "key.pem").write_text(jisr("audit", "key").out)
    shutil.copytree(home / "checkpoints", folder / "checkpoints")
    return Export(folder, jisr("audit", "export", "ini-test").out.splitlines())


def changed(line: str, **fields: object) -> str:
    return json.dumps({**json.loads(line), **fields}, ensure_ascii=False)


Manipulation = Callable[[list[str]], list[str]]
MANIPULATIONS: dict[str, tuple[Manipulation, str]] = {
    "an edit": (lambda a: [*a[:2], a[2].replace("do_no_harm_screen", "budget_envelope"), *a[3:]], "entry 2"),
    "a deletion": (lambda a: [*a[:2], *a[3:]], "entry 2 is missing"),
    "another order": (lambda a: [a[0], a[2], a[1], *a[3:]], "entry 1 does not stand where it belongs"),
    "other numbers": (
        lambda a: [*a[:2], changed(a[3], seq=2), changed(a[2], seq=3), a[4]],
        "entry 2 does not stand where it belongs",
    ),
    "a cut tail": (lambda a: a[:-1], "ends before entry 4"),
    "half a line": (lambda a: [*a[:4], a[4][:50]], "entry 4"),
    "a field more": (lambda a: [*a[:4], changed(a[4], note="added")], "entry 4"),
    "an entry more": (lambda a: [*a, changed(a[4], seq=5)], "entry 5"),
    "nothing left": (lambda a: a[:1], "no record at a"),
    "another date on the cover": (lambda a: [changed(a[0], made_at="2020-01-01"), *a[1:]], "not signed"),
    "another note on the cover": (lambda a: [changed(a[0], disclaimer=""), *a[1:]], "not signed"),
    "a shorter record under the same cover": (
        lambda a: [changed(a[0], head=[3, json.loads(a[3])["hash"]], checkpoints=[]), *a[1:4]],
        "not signed",
    ),
    "an entry withheld afterwards": (
        lambda a: [
            *a[:4],
            json.dumps(
                {k: json.loads(a[4])[k] for k in ("initiative", "seq", "kind", "prev", "hash")} | {"withheld": "x"}
            ),
        ],
        "not signed",
    ),
    "no cover": (lambda a: a[1:], "no signature"),
}


def test_an_honest_export_verifies_by_one_file_and_a_public_key(export: Export) -> None:
    code, said = export.check(export.lines, "--key", "key.pem", "--checkpoints", "checkpoints")

    assert (code, "export.jsonl: verifies. 4 entries" in said) == (0, True), said
    assert "signed by the key given" in said
    assert "2 checkpoints agree" in said


def test_without_a_key_it_says_that_nobody_vouches_for_the_signature(export: Export) -> None:
    code, said = export.check(export.lines)

    assert (code, "nobody vouched for" in said) == (0, True), said


@pytest.mark.parametrize("manipulation", MANIPULATIONS)
def test_every_manipulation_is_seen_and_named(export: Export, jisr: Jisr, manipulation: str) -> None:
    change, says = MANIPULATIONS[manipulation]
    lines = change(export.lines)

    code, said = export.check(lines, "--key", "key.pem")
    assert (code, "DOES NOT VERIFY" in said, says in said) == (6, True, True), said
    done = jisr("audit", "verify", "--file", str(export.folder / "export.jsonl"), "--key",
                str(export.folder / "key.pem"))  # fmt: skip
    assert (done.code, says in done.out) == (6, True), "the command runs the same code"


def test_a_record_signed_anew_is_seen_by_a_checkpoint_somebody_kept(export: Export, jisr: Jisr) -> None:
    entries = [json.loads(line) for line in export.lines[1:]]
    from verify_export import _hash  # noqa: PLC0415

    entries[1]["by"] = "manager:p-99"
    for before, entry in zip([None, *entries], entries, strict=False):
        entry["prev"] = before["hash"] if before else "0" * 64
        entry["hash"] = _hash(entry)
    lines = [json.dumps(entry) for entry in entries]

    assert export.check(lines)[0] == 0, "nobody remembers"
    code, said = export.check(lines, "--checkpoints", "checkpoints")
    assert (code, "written anew" in said) == (6, True), said


def test_a_forged_checkpoint_in_the_folder_is_seen(export: Export) -> None:
    file = export.folder / "checkpoints" / "checkpoint-000001.json"
    file.write_text(changed(file.read_text(), heads=[]))
    assert export.check(export.lines, "--key", "key.pem", "--checkpoints", "checkpoints")[0] == 0, "heads were left out"

    file.write_text(changed(file.read_text(), made_at="2020-01-01T00:00:00+00:00"))
    code, said = export.check(export.lines, "--key", "key.pem", "--checkpoints", "checkpoints")
    assert (code, "checkpoint 1 is forged" in said) == (6, True), said


def test_what_cannot_be_checked_is_called_so(export: Export) -> None:
    (export.folder / "key.pem").write_text("no key")

    assert export.check(export.lines, "--key", "key.pem")[0] == 2
    assert export.check(export.lines, "--key", "not there")[0] == 2


def test_an_export_is_read_from_stdin_by_the_command(jisr: Jisr, export: Export) -> None:
    assert jisr("audit", "verify", "--file", "-", input="\n".join(export.lines)).code == 0
    assert jisr("audit", "verify", "--file", "-", input="\n".join(export.lines[:-1])).code == 6
    plain = jisr("audit", "verify", "--file", "-", input="\n".join(export.lines[1:]))
    assert (plain.code, "nothing tells its end" in plain.out) == (0, True)
