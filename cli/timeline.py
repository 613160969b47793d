"""`jisr timeline`: the history of an initiative, as a table, as JSON, or in sentences of one language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from cli import admission, doors, output
from cli.initiatives import IdArgument, catch_up
from errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from domain.history import Change
    from domain.record import Entry
    from storage.database import Database

LANGUAGES = ("en", "ar", "ckb")
VETTING = ("review_given", "participant_nominated", "safety_consulted")  # kinds whose texts weigh a person


class Line(NamedTuple):
    """An entry, and what it changed."""

    entry: Entry
    changes: tuple[Change, ...]


def timeline(
    id: IdArgument,
    since: Annotated[str | None, typer.Option(metavar="SEQ|DATE", help="Only after this entry or day.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only entries of this kind.")] = None,
    language: Annotated[str | None, typer.Option(metavar="en|ar|ckb", help="In sentences of this language.")] = None,
    texts: Annotated[bool, typer.Option("--texts", help="With what people wrote, beyond reasons.")] = False,
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why you read it; it is noted with texts.")] = "",
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print JSON Lines.")] = False,
    json: output.JsonOption = False,
) -> int:
    """Print the record: who reported what, when, and why. That somebody read texts is noted: `jisr audit reads`."""
    from domain import decide as _whole_catalogue  # noqa: F401  fills the catalogue
    from domain.record import ENGINE_FACTS, MILESTONES
    from storage import ledger

    after, day = _since(since)
    if language is not None and language not in LANGUAGES:
        raise InvalidInput(f"--language: there is no {language[:20]!r} here. Choose one of {', '.join(LANGUAGES)}.")
    if kind is not None and kind not in MILESTONES and kind not in ENGINE_FACTS and kind != "initiative_opened":
        from desk import did_you_mean

        raise InvalidInput(f"--kind: nothing is recorded as {kind[:60]!r}. {did_you_mean(kind)}".strip())
    whole = catch_up(id)
    with doors.database() as db:
        if ledger.head(db, id).seq == 0:
            raise NotFound(f"There is no record of {id}. See `jisr list`.")
        every = _folded(ledger.entries(db, id)) if language else _plain(ledger.entries(db, id, after, kind))
        every = _in_sight(every, ledger.entries(db, id))
        found = [
            line
            for line in every
            if line.entry.seq > after
            and kind in (None, line.entry.kind)
            and (day is None or line.entry.heard_at >= day)
        ]
        known = _texts(db, found, texts)
        _note(db, id, found, known, why)
    if not whole:
        output.say(f"As recorded at seq {found[-1].entry.seq if found else after}; the engine may know more.")
    if json or jsonl:
        lines = [entry_line(line, known, language) for line in found]
        if json:
            output.data(lines)
        else:
            for one in lines:
                output.line(one)
    elif language:
        from channels.history import Teller

        tell = Teller(language).tell
        for line in found:
            output.text(output.clean(f"{line.entry.seq}. {tell(line.entry, line.changes, known)}"))
    else:
        headings = ("seq", "at", "by", "kind", "fields", "reason", "hash")
        output.table(headings, [_entry_row(line.entry, known) for line in found])
    return 0


def entry_line(line: Line, texts: dict[str, str], language: str | None) -> dict[str, Any]:
    """Return an entry as JSON values, with the text of its reason, and told as a sentence where asked for."""
    entry = line.entry
    told = entry.model_dump(mode="json")
    if entry.reason in texts:
        told["reason_text"] = texts[entry.reason]
    if language is None:
        return told
    from channels.history import Teller

    changes = [change._asdict() for change in line.changes]
    return {**told, "sentence": Teller(language).tell(entry, line.changes, texts), "changes": changes}


# --- what was written, and that it was read ---------------------------------------------------------------------------


def _texts(db: Database, lines: list[Line], every: bool) -> dict[str, str]:
    """Return the words behind the reasons, and behind every other reference if asked for."""
    from storage import texts

    wanted = {line.entry.reason for line in lines if line.entry.reason}
    if every:
        wanted |= {value for line in lines for value in line.entry.fields.values() if _is_text(value)}
    return texts.get(db, wanted)


def _note(db: Database, id: str, lines: list[Line], known: dict[str, str], why: str) -> None:
    """Write down that texts are read, before they are shown; of vetting under a word of its own."""
    from storage import readings

    if not known:
        return
    weighed = any(value in known for one in lines if one.entry.kind in VETTING for value in _refs(one.entry))
    at, by = datetime.now(UTC), doors.settings().actor
    readings.note(db, readings.Reading(at, by, "timeline.texts", id, None, why))
    if weighed:
        readings.note(db, readings.Reading(at, by, "vetting.texts", id, None, why))


def _refs(entry: Entry) -> list[str]:
    return [value for value in (*entry.fields.values(), entry.reason) if _is_text(value)]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("text:")


# --- entries ----------------------------------------------------------------------------------------------------------


def _plain(entries: Iterator[Entry]) -> Iterator[Line]:
    return (Line(entry, ()) for entry in entries)


def _folded(entries: Iterator[Entry]) -> Iterator[Line]:
    """Yield each entry with what it changed: the whole record is played once."""
    from domain.decide import evolve
    from domain.history import changes
    from domain.initiative import Initiative

    now: Initiative | None = None
    for entry in entries:
        before, now = now, evolve(now, entry)
        yield Line(entry, changes(before, now))


def _in_sight(lines: Iterator[Line], whole: Iterator[Entry]) -> Iterator[Line]:
    """Yield what whoever is signed in sees; `whole` tells who is assigned to whom."""
    from domain.access import Permission, Sight, permitted

    who = admission.here()
    sight = Sight(who, whole if who.named and permitted(who, Permission.VET) else ())
    for line in lines:
        seen = sight.of(line.entry)
        if seen is not None:
            yield Line(seen, line.changes)


def _entry_row(entry: Entry, reasons: dict[str, str]) -> tuple[Any, ...]:
    fields = " ".join(f"{name}={_brief(value)}" for name, value in entry.fields.items())
    reason = reasons.get(entry.reason, "(no longer held)") if entry.reason else ""
    return (entry.seq, entry.at, entry.by, entry.kind, fields, reason, entry.hash[:12])


def _brief(value: Any) -> str:
    import json

    said = ",".join(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value
    said = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return said if len(said) <= 60 else f"{said[:57]}..."


def _since(given: str | None) -> tuple[int, datetime | None]:
    if given is None:
        return 0, None
    if given.isdecimal():
        return int(given), None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise InvalidInput(f"--since: {given[:40]!r} is neither an entry's number nor a day like 2026-03-01.") from None
    return 0, moment if moment.tzinfo else datetime.combine(moment.date(), time.min, UTC)


def add_to(app: typer.Typer) -> None:
    app.command()(timeline)
