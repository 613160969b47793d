"""The generated pages are current, and leave nothing out."""

import pytest
import yaml

from docs import generate
from docs.generators import catalogue, commands, paper, rules
from docs.generators.obligations import asked
from docs.generators.words import ROOT
from domain.ladders import LADDERS
from domain.record import ENGINE_FACTS, MILESTONES
from domain.rules import RULES
from settings import Settings

DOCS = ROOT / "docs"


def read(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def test_the_generated_pages_are_current() -> None:
    assert not generate.stale(generate.generated()), "write them again with `make docs`"


def test_a_stale_page_is_named() -> None:
    pages = generate.generated()
    file = DOCS / "rules.md"

    assert generate.stale({**pages, file: pages[file] + "more\n"}) == ["rules.md"]


def test_every_rule_is_documented_with_where_it_comes_from() -> None:
    page = read("rules.md")

    assert [id for id in RULES if f"\n### {id}\n" not in page] == []
    known = set(rules.sources())
    strays = {part for one in RULES.values() for part in one.source.split(", ")} - known
    assert {part for part in strays if not part.startswith("A")} == set(), "docs/sources.yaml lacks these"


def test_every_milestone_and_every_fact_of_the_engine_is_documented() -> None:
    page = read("lifecycle.md")

    assert [kind for kind in MILESTONES if f"\n#### {kind}\n" not in page] == []
    assert [kind for kind in ENGINE_FACTS if f"| `{kind}` |" not in page] == []


def test_everything_that_is_asked_for_and_every_ladder_is_documented() -> None:
    page = read("lifecycle.md")
    left_out = {one.ask for one in asked() if f"| `{one.ask}` |" not in page}

    assert {ask for ask in left_out if not ask.startswith("complete_")} == set()
    assert [name for name in LADDERS if f"| `{name}` |" not in page] == []


def test_every_setting_is_documented_and_says_what_it_is() -> None:
    page = read("settings.md")

    for name, field in Settings.model_fields.items():
        assert f"`JISR_{name.upper()}`" in page
        assert field.description, name


def test_every_command_is_documented() -> None:
    page = read("commands.md")

    assert commands.verbs()
    for verb, command in commands.verbs().items():
        assert f"\n## {verb}\n" in page
        for param in command.params:
            assert all(name in page for name in param.opts if name.startswith("--")), f"{verb}: {param.opts}"


# --- the paper ------------------------------------------------------------------------------------------------------
LINES = [line for group in paper.data() for line in group["lines"]]


def test_every_line_of_the_paper_is_there_once() -> None:
    assert [line["line"] for line in LINES] == list(range(1, paper.LINES + 1))


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"line-{line['line']}")
def test_a_line_is_kept_and_tested_or_says_why_not(line: dict[str, object]) -> None:
    assert line.keys() <= {"line", "says", "kept_by", "tests", "still_open", "not_kept"}
    if "not_kept" in line:
        assert "tests" not in line
        assert line["not_kept"]
        return
    keepers, tests = line["kept_by"], line["tests"]
    assert isinstance(keepers, list)
    assert isinstance(tests, list)
    assert keepers
    assert tests
    strangers = [one for one in keepers if one not in RULES and one not in MILESTONES and not (ROOT / one).is_file()]
    assert strangers == [], "no such rule, milestone or file"
    assert [one for one in tests if one not in catalogue.tests()] == [], "no such test"


def test_the_paper_is_told_in_our_own_words() -> None:
    assert not [line["line"] for line in LINES if '"' in line["says"] or "“" in line["says"]]


def test_the_sources_are_named_once() -> None:
    assert isinstance(yaml.safe_load(read("sources.yaml")), dict)
