"""What the pages share: tables, links, the words of the source."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, or a dash when there are no rows."""
    lines = ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
    if not lines:
        return "None.\n"
    return "\n".join(
        ["| " + " | ".join(headings) + " |", "| " + " | ".join("---" for _ in headings) + " |", *lines, ""]
    )


def slug(heading: str) -> str:
    """Return the anchor under which a heading is found."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def words(name: str) -> str:
    return name.replace("_", " ")


def first_sentence(documented: Any) -> str:
    """Return the first paragraph of a docstring on one line; nothing when it has none of its own."""
    return " ".join((documented.__doc__ or "").split("\n\n")[0].split())


def rule_link(id: str, page: str = "rules.md") -> str:
    return f"[`{id}`]({page}#{slug(id)})"


def kind_link(kind: str, page: str = "lifecycle.md") -> str:
    return f"[`{kind}`]({page}#{slug(kind)})"
