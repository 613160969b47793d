"""`jisr show` and `jisr agenda`: what waits on whom, since when, and what comes next."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from cli import doors, output
from cli.initiatives import IdArgument, words
from cli.preview import preview_of, show_previews
from errors import InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:
    from client import Jisr
    from domain.agenda import Calendars, Due
    from domain.initiative import Initiative

AHEAD = timedelta(days=60)


class Standing(NamedTuple):
    """Where one initiative stands: the answer to `show`, and the state it was worked out from."""

    shown: dict[str, Any]
    now: Initiative
    calendars: Calendars
    recorded_at: int | None = None  # the last entry read, when the record had to answer for the engine


def show(id: IdArgument, json: output.JsonOption = False) -> int:
    """Show where an initiative stands: what waits on whom, what is due next, what is missing or broken."""
    found = standing(id)
    if found.recorded_at is not None:
        output.say(f"The engine is away: as recorded at seq {found.recorded_at}.")
    if json:
        output.data(found.shown)
    else:
        for line in [*_told(found, _names(found.now)), *_in_doubt(id)]:
            output.text(output.clean(line))
    return 0


def _in_doubt(id: str) -> list[str]:
    """Return the messages somebody has to decide about; none while the database cannot be asked."""
    from storage import returned

    try:
        with doors.database() as db:
            found = returned.listed(db, id)
    except (Unavailable, InvalidInput):
        return []
    lines = [f"  {one.id[:12]} to {one.notice.recipient}: {words(one.notice.ask)}, {one.status}" for one in found]
    return ["", "Messages that failed or may not have arrived (see `jisr messages list`):", *lines] if found else []


def standing(id: str) -> Standing:
    """Return where an initiative stands: from the engine, else from its record. Raises: NotFound, Unavailable."""

    from client import whole_state

    async def ask(jisr: Jisr) -> Standing:
        shown, state = await jisr.show(id), await whole_state(jisr, id)
        now, calendars = read_state(state)
        shown["stage_since"] = _stage_since(now)
        return Standing(shown, now, calendars)

    try:
        return doors.with_engine(ask, doors.GLANCE)
    except (Unavailable, NotFound) as away:
        try:
            return _from_record(id, away)
        except Unavailable:
            raise away from None


def read_state(state: dict[str, Any]) -> tuple[Initiative, Calendars]:
    from domain import decide as _whole_catalogue  # noqa: F401
    from domain.initiative import Initiative
    from domain.working_days import Calendar

    calendars = {country: Calendar.model_validate(one) for country, one in state["calendars"].items()}
    return Initiative.model_validate(state["state"]), calendars


def _from_record(id: str, away: Unavailable | NotFound) -> Standing:
    """Work it out from the entries; `away` is raised when there are none."""
    from domain import view
    from domain.journal import Journal
    from storage import ledger

    with doors.database() as db:
        if ledger.head(db, id).seq == 0:
            raise NotFound(f"There is no initiative {id} here. See `jisr list`.") from None
        journal = Journal.fold(ledger.entries(db, id))
    at = datetime.now(UTC)
    calendars = doors.calendars(view.countries(journal.now), at)
    shown = view.shown(journal, calendars, at)
    shown["stage_since"] = _stage_since(journal.now)
    return Standing(shown, journal.now, calendars, journal.seq)


def _stage_since(now: Initiative) -> str | None:
    from domain.vocabulary import Stage

    since = now.closed_at if now.stage is Stage.CLOSED else now.stages[now.stage].opened_at
    return since.isoformat() if since else None


def _told(found: Standing, names: dict[str, str]) -> list[str]:
    """Return the screen, line by line."""
    from domain.rules import RULES

    shown, now = found.shown, found.now
    roles: dict[str, list[str]] = {}
    for role, person in now.roles.items():
        roles.setdefault(person, []).append(words(role.value))

    def who(id: str) -> str:
        said = ", ".join(roles.get(id, []))
        return " ".join(filter(None, (id, f"({said})" if said else "", names.get(id, ""))))

    def rule(id: str, why: str = "") -> str:
        says = RULES[id].says if id in RULES else ""
        return f"  {id}: {' '.join(filter(None, (says, why)))}"

    since = f" since {shown['stage_since'][:10]}" if shown.get("stage_since") else ""
    round_ = shown["round"].get(shown["stage"])
    state = f"stalled since {str(shown['stalled_since'])[:10]}" if shown["stalled"] else "live"
    lines = [
        f"{shown['id']}  track {shown['track']}  {shown['issue']}  {shown['mode']}  {shown['sensitivity']}",
        f"Stage: {shown['stage']}{since}" + (f", round {round_}" if round_ else ""),
        f"State: {'closed' if shown['closed_at'] else state}",
        "Stages: " + ", ".join(f"{stage} {status}" for stage, status in shown["stages"].items()),
        "", "Waits on:",
    ]  # fmt: skip
    for one in shown["waiting_on"]:
        about = " ".join(f"{k}={v}" for k, v in one["about"].items())
        lines.append(f"  {who(one['who'])}: {words(one['ask'])} {about}".rstrip() + f", since {one['since'][:10]}")
    lines += [] if shown["waiting_on"] else ["  nobody"]
    lines += ["", "Due next:"]
    for due in shown["next"][:5]:
        when = output.local(datetime.fromisoformat(due["due_at"]), due["zone"])
        lines.append(f"  {when}: {words(due['act'])} {who(due['recipient'])}: {words(due['ask'])}")
    lines += [] if shown["next"] else ["  nothing"]
    for stage, findings in shown["gate"].items():
        missing = [rule(one["rule"], one["why"]) for one in findings if not one["met"]]
        lines += ["", f"Gate of {stage}: " + ("missing" if missing else "all there"), *missing]
    if shown["held_by"]:
        lines.append(f"Held by incidents: {', '.join(shown['held_by'])}")
    if shown["broken"]:
        lines += ["", "Broken rules:", *(rule(id) for id in shown["broken"])]
    if now.open_incidents:
        lines += ["", "Open incidents:"]
        for one in now.open_incidents:
            holds = ", holds the next gate" if one.holds else ""
            lines.append(f"  {one.id}: {words(one.kind.value)}, since {one.opened_at:%Y-%m-%d}{holds}")
    return lines


def _names(now: Initiative) -> dict[str, str]:
    """Return the names the roster on this machine knows; they are for this screen only."""
    from storage import roster

    ids = {*now.roles.values(), *now.vetters, *now.participants}
    ids |= {person for partner in now.partners.values() for person in (partner.focal, partner.deputy) if person}
    try:
        with doors.database() as db:
            return {one.id: one.name_latin or one.name_native for one in roster.people(db, ids)}
    except (Unavailable, InvalidInput):
        return {}


# --- the agenda ------------------------------------------------------------------------------------------------------


def agenda(
    what: Annotated[
        str | None, typer.Argument(metavar="[ID|CHARTER]", help="An initiative, or a charter file.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="How far to look; default 60 days.")] = None,
    person: Annotated[str | None, typer.Option("--for", metavar="PERSON", help="Only what this person hears.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Print the very messages; nothing is sent.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="With --preview: write each into a file.")] = None,
    json: output.JsonOption = False,
) -> int:
    """Show what will be said to whom and when, if nothing else happens."""
    from domain.agenda import Agenda

    if out is not None and not preview:
        raise InvalidInput("--out goes with --preview: it is where the messages are written.")
    now = datetime.now(UTC)
    last = _day(until) if until else now + AHEAD
    ahead = [
        (one, [due for due in Agenda(one.now, one.calendars).ahead(last) if person in (None, due.recipient)])
        for one in _states(what, now)
    ]
    if preview:
        told = [preview_of(one.now, dues, one.people, now) for one, dues in ahead]
        return show_previews([message for of_one in told for message in of_one], out, json, last)
    found = [(one.now.id, due) for one, dues in ahead for due in dues]
    found.sort(key=lambda one: (one[1].due_at, one[0], one[1].obligation.id, one[1].rung))
    channels = _channels({due.recipient for _, due in found})
    lines = [_due_line(id, due, channels.get(due.recipient, "")) for id, due in found]
    if json:
        output.data(lines)
        return 0
    headings = ("due", "initiative", "recipient", "act", "wording", "rung", "channel", "about")
    output.table(
        headings,
        [
            (
                output.local(due.due_at, due.zone), id, due.recipient, line["act"], due.obligation.ask,
                f"{due.obligation.ladder} {due.rung}", line["channel"], due.obligation.id,
            )
            for (id, due), line in zip(found, lines, strict=True)
        ],
    )  # fmt: skip
    if not found:
        output.say(f"Nothing comes due until {last:%Y-%m-%d}.")
    return 0


class Ahead(NamedTuple):
    """An initiative whose agenda is looked at, and the people a charter would bring into the roster."""

    now: Initiative
    calendars: Calendars
    people: list[dict[str, Any]] = []


def _states(what: str | None, at: datetime) -> list[Ahead]:
    if what is None:
        from storage import ledger

        with doors.database() as db:
            ids = [row.id for row in ledger.initiatives(db) if row.closed_at is None]
        return [Ahead(one.now, one.calendars) for one in map(standing, ids)]
    if what == "-" or Path(what).suffix in (".yaml", ".yml", ".json") or Path(what).is_file():
        return [_of_charter(what, at)]
    found = standing(what)
    if found.recorded_at is not None:
        output.say(f"The engine is away: as recorded at seq {found.recorded_at}.")
    return [Ahead(found.now, found.calendars)]


def _of_charter(file: str, at: datetime) -> Ahead:
    """Return the initiative a charter would open now; nothing is opened or stored."""
    from cli.charter_file import read_charter_file
    from desk import read_charter
    from domain import view
    from domain.opening import opening

    charter, people, _ = read_charter(read_charter_file(file))
    now = opening(charter, at)
    return Ahead(now, doors.calendars(view.countries(now), at), people)


def _due_line(id: str, due: Due, channel: str) -> dict[str, Any]:
    from domain.view import due_line

    return {"initiative": id, **due_line(due), "wording": due.obligation.ask, "channel": channel}


def _channels(people: set[str]) -> dict[str, str]:
    """Return by which kind of channel each would be reached first; nothing when the roster does not know."""
    from storage import roster

    try:
        with doors.database() as db:
            ways = {id: roster.contact(db, id) for id in people}
    except (Unavailable, InvalidInput):
        return {}
    return {id: way[0].kind for id, way in ways.items() if way}


def _day(given: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(given), time.max, UTC)
    except ValueError:
        raise InvalidInput(f"--until: {given[:40]!r} is no day; write it like 2026-12-31.") from None


def add_to(app: typer.Typer) -> None:
    app.command()(show)
    app.command()(agenda)
