"""What do you hold about me? Everything the database knows of one person, for that person to read."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, cast, or_, select
from sqlmodel import col

from domain import decide as _whole_catalogue  # noqa: F401  fills the catalogue of milestones
from domain.record import MILESTONES
from storage import consents, roster, texts
from storage.answer_tables import GivenAnswerRow
from storage.database import Database
from storage.people_tables import InstitutionRow
from storage.sealing import opened
from storage.tables import EntryRow, NoticeRow, SeatRow

# Texts of these are not shown: how somebody was judged, and what may put others in danger.
KEPT_BACK = ("domain.stages.reviews", "domain.stages.vetting", "domain.conduct.incidents")


def about_person(db: Database, id: str) -> dict[str, Any]:
    """Return it as JSON values: card, consents, initiatives, messages, answers, the entries that name the id, texts.

    Texts are those the person wrote, and those handed in with an entry that names them; assessments and incidents
    are only counted (`kept_back`), scores are nowhere. Other free text is not searched: who wrote it might name
    somebody without their id, and `not_searched` says so.
    Raises: LookupError for somebody of whom nothing is held, DatabaseAway.
    """
    known = roster.person(db, id)
    with db.reading() as session:
        seats = session.execute(select(SeatRow).where(col(SeatRow.person) == id)).scalars().all()
        told = select(NoticeRow).where(col(NoticeRow.recipient) == id).order_by(col(NoticeRow.made_at))
        notices = session.execute(told).scalars().all()
        named = cast(col(EntryRow.fields), Text).contains(json.dumps(id), autoescape=True)
        spoke = col(EntryRow.by).endswith(f":{id}", autoescape=True)
        where = {one.initiative for one in seats} | {one.initiative for one in notices}
        entries = (
            session.execute(
                select(EntryRow)
                .where(col(EntryRow.initiative).in_(sorted(where)), or_(named, spoke))
                .order_by(col(EntryRow.initiative), col(EntryRow.seq))
            )
            .scalars()
            .all()
        )
        mine = select(GivenAnswerRow).where(col(GivenAnswerRow.person) == id).order_by(col(GivenAnswerRow.first_said))
        answers = session.execute(mine).scalars().all()
        at = session.get(InstitutionRow, known.organisation) if known and known.organisation else None
        organisation = opened(session, [at])[0] if at else None
    if known is None and not seats and not notices:
        raise LookupError(f"Nothing is held about {id}.")
    sent = ("initiative", "ask", "rung", "made_at", "status", "channel", "settled_at")
    written, kept_back = _texts(db, entries, id)
    return {
        "id": id,
        "person": _card(known) if known else None,
        "organisation": organisation["name_native"] or organisation["name_latin"] if organisation else None,
        "consents": [one.model_dump(mode="json") for one in consents.consents(db, id)],
        "initiatives": [one.model_dump(mode="json", exclude={"person"}) for one in seats],
        "messages": [one.model_dump(mode="json", include=set(sent)) for one in notices],
        "answers": [one.model_dump(mode="json", include={"initiative", "verb", "first_said"}) for one in answers],
        "entries": [
            {"initiative": one.initiative, "seq": one.seq, "kind": one.kind, "at": one.at.isoformat()}
            for one in entries
        ],
        "texts": written,
        "kept_back": kept_back,
        "not_searched": ["free text"],
    }


def _card(known: roster.KnownPerson) -> dict[str, Any]:
    return {**known.model_dump(mode="json"), "bounced": sorted(address for _, address in known.came_back)}


def _texts(db: Database, entries: Sequence[EntryRow], id: str) -> tuple[list[dict[str, Any]], int]:
    """Return the texts by and about somebody, and how many are not shown; what is no longer held is neither."""
    found: list[tuple[EntryRow, str, bool]] = []
    for one in entries:
        refs = [value for value in (*one.fields.values(), one.reason) if _is_reference(value)]
        found += [(one, ref, one.by.endswith(f":{id}")) for ref in refs]
    held = texts.get(db, {ref for _, ref, _ in found})
    shown = [(one, ref, own) for one, ref, own in found if ref in held]
    open_ = [(one, ref, own) for one, ref, own in shown if own or not _is_kept_back(one.kind)]
    lines = [
        {
            "initiative": one.initiative,
            "seq": one.seq,
            "kind": one.kind,
            "at": one.at.isoformat(),
            "by_them": own,
            "text": held[ref],
        }
        for one, ref, own in open_
    ]
    return lines, len(shown) - len(open_)


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("text:")


def _is_kept_back(kind: str) -> bool:
    made = MILESTONES.get(kind)
    return made is not None and made.__module__ in KEPT_BACK
