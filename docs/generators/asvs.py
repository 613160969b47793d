"""docs/asvs.md: the security standard ASVS 5.0 at level 2, section by section. The data is docs/asvs.yaml."""

from collections import Counter
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parents[1] / "asvs.yaml"
SECTIONS = {
    1: 5,
    2: 4,
    3: 7,
    4: 4,
    5: 4,
    6: 8,
    7: 6,
    8: 4,
    9: 2,
    10: 7,
    11: 7,
    12: 3,
    13: 4,
    14: 3,
    15: 4,
    16: 5,
    17: 3,
}
STATES = {
    "kept": "kept",
    "not_kept": "not kept yet",
    "console": "comes with the console",
    "not_applicable": "not applicable",
    "beyond": "beyond level 2",
}


def page() -> str:
    chapters = data()
    every = [section for chapter in chapters for section in chapter["sections"]]
    counted = Counter(state(section) for section in every)
    partly = sum("still_open" in section for section in every)
    lines = [
        "# A security standard, line by line",
        "",
        "The OWASP Application Security Verification Standard, version 5.0, asks some 250 things at level 2. Here are",
        "its sections in our own words: what is kept and by which tests that is shown, what is not, and why. Nobody",
        "from outside has verified it. What Jisr promises in its own terms is in [security](security.md).",
        "",
        f"Of {len(every)} sections {counted['kept']} are kept ({partly} of them with something still open), "
        f"{counted['not_kept']} are not kept yet, {counted['console']} come with the console, "
        f"{counted['not_applicable']} are not applicable, and {counted['beyond']} ask nothing at level 2.",
        "",
    ]
    for chapter in chapters:
        lines += [
            f"## {chapter['chapter']}",
            "",
            "| section | state | how, or why not | shown by |",
            "| --- | --- | --- | --- |",
        ]
        lines += [_row(section) for section in chapter["sections"]]
        lines += [""]
    return "\n".join(lines)


def data() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return found


def state(section: dict[str, Any]) -> str:
    """Return which of the states a section has. Raises: ValueError if it has none or several."""
    [only] = [one for one in STATES if one in section]
    return only


def _row(section: dict[str, Any]) -> str:
    of = state(section)
    open_still = f" **Still open:** {section['still_open']}" if "still_open" in section else ""
    tests = "<br>".join(f"`{one.removeprefix('tests/')}`" for one in section.get("tests", ()))
    about = f"**{section['section']}** {section['about']}"
    return f"| {about} | {STATES[of]} | {section[of]}{open_still} | {tests} |"
