"""The pages hold together: links resolve, terms are explained, nothing names a machine or a registry."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs.generators.words import slug
from domain import nouns, vocabulary
from domain.values import Value
from tests.docs.pages import PAGES, ROOT, name

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?^```$", re.MULTILINE | re.DOTALL)


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.*)$", CODE.sub("", read(page)), re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(CODE.sub("", read(page))):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_heading_stands_twice(page: Path) -> None:
    headings = re.findall(r"^#+ (.*)$", CODE.sub("", read(page)), re.MULTILINE)
    twice = {one for one in headings if headings.count(one) > 1}
    assert twice <= {"Added", "Changed", "Fixed", "Removed", "Not there yet"}


@pytest.mark.parametrize("page", [*PAGES, *ROOT.glob("docs/*.yaml"), ROOT / "docs" / "picture.svg"], ids=name)
def test_no_page_names_a_registry_a_machine_or_a_real_address(page: Path) -> None:
    text = read(page)
    machines = re.findall(r"(?<![\w./])/(?:home|root|work|Users|tmp)/", text)
    hosts = [one for one in re.findall(r"https?://([\w.-]+)", text) if one != "www.w3.org"]  # the name of SVG
    addresses = [one for one in re.findall(r"[\w.]+@([\w.-]+\.\w+)", text) if one != "example.org"]
    registries = re.findall(r"\b(?:pypi|npmjs|docker\.io|ghcr)\b", text, re.IGNORECASE)

    assert machines + hosts + addresses + registries == []


def test_every_decision_has_its_three_parts_and_stands_in_the_list() -> None:
    listed = read(ROOT / "docs" / "decisions" / "README.md")
    pages = [page for page in (ROOT / "docs" / "decisions").glob("*.md") if page.name != "README.md"]

    assert sorted(page.name[:4] for page in pages) == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        assert page.name in listed
        assert [part for part in ("Context", "Decision", "Consequences") if f"\n**{part}.** " not in read(page)] == []


# --- the glossary ---------------------------------------------------------------------------------------------------
GLOSSARY = read(ROOT / "docs" / "glossary.md")
TERMS = re.findall(r"^- \*\*(.+?)\*\*(?: \(`(\w+)`\))?: (.+)$", GLOSSARY, re.MULTILINE)


def test_every_list_of_words_and_every_noun_is_in_the_glossary() -> None:
    rooms = (vocabulary, nouns)
    mine = [
        one.__name__
        for room in rooms
        for one in vars(room).values()
        if isinstance(one, type) and one.__module__ == room.__name__
    ]

    assert issubclass(nouns.Partner, Value)
    assert [one for one in mine if one not in {source for _, source, _ in TERMS}] == []


def test_each_term_stands_once_in_one_sentence_in_the_order_of_the_alphabet() -> None:
    terms = [term for term, _, _ in TERMS]

    assert len(terms) == GLOSSARY.count("\n- **"), "each line reads: - **Term** (`Class`): one sentence."
    assert terms == sorted(set(terms), key=str.lower)
    assert [term for term, _, sentence in TERMS if not sentence.endswith(".") or ". " in sentence] == []


# --- the picture ----------------------------------------------------------------------------------------------------
def test_the_picture_says_in_words_what_it_shows_and_has_colours_for_the_dark() -> None:
    text = read(ROOT / "docs" / "picture.svg")
    picture = ElementTree.fromstring(text)

    assert picture.find("{http://www.w3.org/2000/svg}title") is not None
    assert picture.find("{http://www.w3.org/2000/svg}desc") is not None
    assert "prefers-color-scheme: dark" in text
    assert 'direction="rtl"' in text
