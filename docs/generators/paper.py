"""docs/paper.md: what the paper asks for, line by line, and what keeps it. The data is docs/paper.yaml."""

from pathlib import Path
from typing import Any

import yaml

from docs.generators.words import ROOT, kind_link, rule_link
from domain.record import MILESTONES
from domain.rules import RULES

DATA = Path(__file__).resolve().parents[1] / "paper.yaml"
LINES = 91


def page() -> str:
    groups = data()
    every = [line for group in groups for line in group["lines"]]
    kept = [line["line"] for line in every if "not_kept" not in line]
    partly = [line["line"] for line in every if "still_open" in line]
    lines = [
        "# What the paper asks for",
        "",
        "Jisr follows the research paper *Bridging the Gap: Multi-Track Diplomacy as a Strategic Necessity for",
        "Iraq* (Ali Al-Mawlawi, Al-Baidar Center for Studies and Planning, May 2025). These are its demands on a",
        "tool, in our own words, each with what keeps it here and the tests that show it.",
        "",
        f"Of {len(every)} lines {len(kept)} are kept ({len(partly)} of them with something still open) and "
        f"{len(every) - len(kept)} are not kept yet.",
        "",
        f"Not kept yet: {_numbers([one['line'] for one in every if 'not_kept' in one])}.",
        f"Kept, with something still open: {_numbers(partly)}.",
        "",
    ]
    for group in groups:
        lines += [f"## {group['about']}", ""]
        for line in group["lines"]:
            lines += _section(line)
    return "\n".join(lines)


def data() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return found


def _numbers(numbers: list[int]) -> str:
    return ", ".join(f"[{one}](#line-{one})" for one in numbers) or "none"


def _section(line: dict[str, Any]) -> list[str]:
    lines = [f"### Line {line['line']}", "", line["says"].strip(), ""]
    if "not_kept" in line:
        lines += [f"- **Not kept yet.** {line['not_kept']}"]
    if "kept_by" in line:
        lines += [f"- Kept by: {', '.join(_keeper(str(one)) for one in line['kept_by'])}"]
    if "tests" in line:
        lines += [f"- Tests: {', '.join(f'`{one}`' for one in line['tests'])}"]
    if "still_open" in line:
        lines += [f"- Still open: {line['still_open']}"]
    return [*lines, ""]


def _keeper(name: str) -> str:
    if name in RULES:
        return rule_link(name)
    if name in MILESTONES:
        return kind_link(name)
    inside = name.removeprefix("docs/")
    return f"[`{name}`]({inside if inside != name else '../' + name})" if (ROOT / name).exists() else f"`{name}`"
