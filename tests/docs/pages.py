"""The pages as the tests read them: their text, their commands, the files they tell a reader to save."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")],
    key=lambda file: file.relative_to(ROOT).as_posix(),
)
BLOCK = re.compile(
    r"(?:<!-- file: (?P<file>[\w.-]+) -->\n)?```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


class Step(NamedTuple):
    """A file to save, or a command to type and what it says: `...` stands for anything."""

    page: str
    file: str = ""
    body: str = ""
    command: str = ""
    says: str = ""
    code: int = 0


def steps(page: Path) -> Iterator[Step]:
    """Yield what a reader of a page does, in order: the files it names, and its ```console blocks."""
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["file"]:
            yield Step(name(page), file=block["file"], body=block["body"])
        elif block["kind"] == "console":
            yield from _typed(name(page), block["body"])


def _typed(page: str, body: str) -> Iterator[Step]:
    for typed in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, said = typed.partition("\n")
        code = re.search(r"^\(exit (\d+)\)\n", said, re.MULTILINE)
        says = said.replace(code[0], "") if code else said
        yield Step(page, command=command, says=says.strip(), code=int(code[1]) if code else 0)


def matches(expected: str, said: str) -> bool:
    """Tell whether what was said is what a page shows; `...` stands for anything, also for nothing."""
    parts = [re.escape(part.strip()) for part in expected.split("...")]
    return re.fullmatch(r"\s*" + r".*?".join(rf"\s*{part}\s*" for part in parts) + r"\s*", said, re.DOTALL) is not None
