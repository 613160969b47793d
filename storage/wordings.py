"""A manager's own words, as the record tells them, and what is known that they must not name.

There is no table of them: the record says which words are in force, and the texts are among the free texts. So they
change with the record, in its order, and somebody who reads the record later knows what was said when.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from domain.conduct.wording import WordingChanged, WordingRemoved
from domain.own_words import OwnWords, Term
from storage import texts
from storage.database import Database
from storage.people_tables import InstitutionRow, PersonRow
from storage.sealing import opened
from storage.tables import EntryRow, SeatRow, TextRow

NAMES = ("name_latin", "name_native", "name_passport")
Key = tuple[str, str, str]  # ask, language, tone


def own_words(db: Database, initiative: str) -> dict[Key, OwnWords]:
    """Return the words in force, by ask, language and tone; one whose text is no longer held is left out."""
    kinds = (WordingChanged.kind, WordingRemoved.kind)
    asked = (
        select(col(EntryRow.kind), col(EntryRow.fields))
        .where(col(EntryRow.initiative) == initiative, col(EntryRow.kind).in_(kinds))
        .order_by(col(EntryRow.seq))
    )
    changed: dict[Key, WordingChanged] = {}
    with db.reading() as session:
        for kind, fields in session.execute(asked):
            one = (WordingChanged if kind == WordingChanged.kind else WordingRemoved).model_validate(fields)
            changed.pop((one.ask, one.language, one.tone), None)
            if isinstance(one, WordingChanged):
                changed[one.ask, one.language, one.tone] = one
    if not changed:
        return {}
    held = texts.get(db, {ref for one in changed.values() for ref in (one.subject, one.text) if ref})
    return {
        key: OwnWords(
            ask=one.ask,
            language=one.language,
            tone=one.tone,
            subject=held.get(one.subject or "", ""),
            text=held[one.text],
        )
        for key, one in changed.items()
        if one.text in held and (one.subject is None or one.subject in held)
    }


def sensitivity_of(db: Database, initiative: str) -> str | None:
    """Return the class an initiative is in as its list row says it, or None for one without a record."""
    from storage.tables import InitiativeRow  # noqa: PLC0415

    with db.reading() as session:
        row = session.get(InitiativeRow, initiative)
        return row.sensitivity if row is not None else None


def terms(db: Database, initiative: str) -> list[Term]:
    """Return what is known of an initiative that words for it must not name: everybody it knows, its institutions,
    its title, its issue, its parties and the zones of its sessions (these three by code)."""
    found: list[Term] = []
    with db.reading() as session:
        first = session.execute(
            select(col(EntryRow.fields)).where(col(EntryRow.initiative) == initiative, col(EntryRow.seq) == 1)
        ).scalar()
        charter: Mapping[str, Any] = (first or {}).get("charter", {})
        seated = select(PersonRow).join(SeatRow, col(SeatRow.person) == col(PersonRow.id))
        people = opened(session, session.execute(seated.where(col(SeatRow.initiative) == initiative)).scalars())
        partners = charter.get("partners", ())
        wanted = {one["organisation"] for one in people if one["organisation"]}
        wanted |= {one["institution"] for one in partners}
        named = select(InstitutionRow).where(col(InstitutionRow.id).in_(sorted(wanted)))
        institutions = opened(session, session.execute(named).scalars())
        found += [Term("person", one["id"], one[name]) for one in people for name in NAMES if one[name]]
        found += [Term("institution", one["id"], one[name]) for one in institutions for name in NAMES if one[name]]
        found += [Term("topic", "title", body) for body in _title(session, charter)]
        found += [Term("topic", "issue", str(charter.get("issue", "")))]
        found += [Term("party", one["id"], one["country"]) for one in charter.get("parties", ())]
        found += [Term("place", zone, zone) for zone in _zones(session, initiative)]
    return found


def _title(session: Session, charter: Mapping[str, Any]) -> list[str]:
    ref = charter.get("title")
    held = opened(session, session.execute(select(TextRow).where(col(TextRow.ref) == ref)).scalars()) if ref else []
    return [row["body"] for row in held]


def _zones(session: Session, initiative: str) -> list[str]:
    """Return the time zones sessions were set in: their names are places."""
    told = session.execute(
        select(col(EntryRow.fields)).where(
            col(EntryRow.initiative) == initiative, col(EntryRow.kind).startswith("session_", autoescape=True)
        )
    ).scalars()
    return sorted({str(fields["zone"]) for fields in told if fields.get("zone")})
