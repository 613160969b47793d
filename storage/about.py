"""What do you hold about me? Everything the database knows of one person, for that person to read."""

import json
from typing import Any

from sqlalchemy import Text, cast, or_, select
from sqlmodel import col

from storage import consents, roster
from storage.answer_tables import GivenAnswerRow
from storage.database import Database
from storage.tables import EntryRow, NoticeRow, SeatRow


def about_person(db: Database, id: str) -> dict[str, Any]:
    """Return it as JSON values: card, consents, initiatives, messages, answers, and the entries that name the id.

    Free text is not searched: who wrote it might name somebody without their id, and `not_searched` says so.
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
        entries = session.execute(
            select(col(EntryRow.initiative), col(EntryRow.seq), col(EntryRow.kind), col(EntryRow.at))
            .where(col(EntryRow.initiative).in_(sorted(where)), or_(named, spoke))
            .order_by(col(EntryRow.initiative), col(EntryRow.seq))
        ).all()
        mine = select(GivenAnswerRow).where(col(GivenAnswerRow.person) == id).order_by(col(GivenAnswerRow.first_said))
        answers = session.execute(mine).scalars().all()
    if known is None and not seats and not notices:
        raise LookupError(f"Nothing is held about {id}.")
    sent = ("initiative", "ask", "rung", "made_at", "status", "channel", "settled_at")
    return {
        "person": known.model_dump(mode="json") if known else None,
        "consents": [one.model_dump(mode="json") for one in consents.consents(db, id)],
        "initiatives": [one.model_dump(mode="json", exclude={"person"}) for one in seats],
        "messages": [one.model_dump(mode="json", include=set(sent)) for one in notices],
        "answers": [one.model_dump(mode="json", include={"initiative", "verb", "first_said"}) for one in answers],
        "entries": [
            {"initiative": one.initiative, "seq": one.seq, "kind": one.kind, "at": one.at.isoformat()}
            for one in entries
        ],
        "not_searched": ["free text"],
    }
