"""The answer to "what do you hold about me?", for that person to read: in their language, as a page or as plain text.

Values stand as they are held; words around them are the reader's. A page loads nothing from anywhere.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from html import escape
from typing import Any, NamedTuple

from babel.dates import format_date

from channels.bidi import FIRST_STRONG, as_markup, isolate
from channels.catalogue import Words, words
from channels.page import ALIGN, BOX, FONTS
from channels.wording import DAY, language_of

PARTS = ("person", "consents", "initiatives", "messages", "answers", "entries", "texts")
Row = list[tuple[str, str]]  # label and value


class Section(NamedTuple):
    """A heading, and what stands under it: rows of labels and values, or sentences."""

    heading: str
    rows: list[Row]
    said: list[str]


def as_text(held: Mapping[str, Any], on: date) -> str:
    """Return what `storage.about` found as plain text, in the person's first language that we write."""
    say = _words(held)
    blocks = [say("held.title").strip(), _made(held, on, say)]
    for section in _sections(held, say):
        rows = ["\n".join(f"  {label}: {value}" for label, value in row) for row in section.rows]
        blocks.append("\n\n".join([section.heading, *rows, *(f"  {one}" for one in section.said)]))
    return "\n\n".join(blocks) + "\n"


def as_page(held: Mapping[str, Any], on: date) -> str:
    """Return the same as one HTML page that needs nothing else."""
    say = _words(held)
    lang, way = say.language, say.direction
    title = escape(say("held.title"))
    body = [f"<h1>{title}</h1>", _paragraph(_made(held, on, say))]
    for section in _sections(held, say):
        body.append(f"<h2>{escape(section.heading)}</h2>")
        for row in section.rows:
            told = "".join(f"<dt>{escape(label)}</dt><dd>{as_markup(escape(value))}</dd>" for label, value in row)
            body.append(f"<dl>{told}</dl>")
        body += [_paragraph(one) for one in section.said]
    inside = "\n".join(body)
    return (
        f'<!doctype html>\n<html lang="{lang}" dir="{way}">\n<head><meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        "<style>dl { border-top: 1px solid #cccccc; padding-top: 8px } dt { font-size: 14px; color: #555555 } "
        "dd { margin: 0 0 6px; white-space: pre-wrap; overflow-wrap: anywhere }</style></head>\n"
        f'<body dir="{way}">\n<div style="{BOX}; {FONTS[way]}; text-align: {ALIGN[way]}">\n{inside}\n</div>\n'
        "</body>\n</html>\n"
    )


def _words(held: Mapping[str, Any]) -> Words:
    return words(language_of((held["person"] or {}).get("languages") or ()))


def _made(held: Mapping[str, Any], on: date, say: Words) -> str:
    return say("held.made", day=_day(on, say), id=say.apart(str(held["id"])))


def _sections(held: Mapping[str, Any], say: Words) -> Iterator[Section]:
    for part in PARTS:
        found = held[part]
        rows = [_row(one, say) for one in ([found] if isinstance(found, Mapping) else found or ())]
        if part == "person" and rows and held["organisation"]:
            rows[0].append((say("held.label.organisation"), _apart(held["organisation"])))
        yield Section(say(f"held.{part}"), rows, [] if rows else [say("held.nothing")])
    kept_back = [say.count("held.kept-back", held["kept_back"])] if held["kept_back"] else []
    yield Section(say("held.where"), [], [say("held.where-told"), *kept_back, say("held.not-searched")])
    yield Section(say("held.erase"), [], [say("held.erase-told")])


def _row(one: Mapping[str, Any], say: Words) -> Row:
    """Return label and value of everything that is there."""
    given = {name: _value(name, value, say) for name, value in one.items()}
    return [(say(f"held.label.{name}"), value) for name, value in given.items() if value]


def _value(name: str, value: Any, say: Words) -> str:
    """Return a value as its reader sees it. What is no word of their language keeps its own direction."""
    match value:
        case None | "" | False | []:
            return ""
        case True:
            return "✓"
        case Mapping():
            return ", ".join(filter(None, (_value("", one, say) for one in value.values())))
        case list() | tuple():
            return "; ".join(_value("", one, say) for one in value)
    if name == "ask" and say.knows(f"task.{value}"):
        return say(f"task.{value}")
    if isinstance(value, str) and (moment := _moment(value)) is not None:
        return _day(moment, say)
    return _apart(str(value))


def _moment(given: str) -> date | None:
    try:
        return datetime.fromisoformat(given).date() if len(given) >= len("2026-01-31") else None
    except ValueError:
        return None


def _day(day: date, say: Words) -> str:
    return say.run(format_date(day, DAY, locale=say.locale))


def _apart(text: str) -> str:
    return isolate(text, FIRST_STRONG)


def _paragraph(text: str) -> str:
    return f"<p>{as_markup(escape(text))}</p>"
