"""Write a change about one person into the roster, and say which live initiatives know them."""

import asyncio
from datetime import datetime
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.messages import APPLY_CHANGE, HELD, ROSTER_WRONG, RosterChange
from channels import outbox
from domain import decide as _whole_catalogue  # noqa: F401  fills the catalogue of milestones
from domain.record import Report
from domain.rules import Refused
from storage import erasure, roster
from storage.database import Database
from storage.holds import Held
from storage.roster_input import RosterWrong


class RosterActivities:
    """Idempotent: the same change written twice leaves the same roster."""

    def __init__(self, database: Database, outbox: Path | None = None) -> None:
        self._database = database
        self._outbox = outbox

    @activity.defn(name=APPLY_CHANGE)
    async def apply_roster_change(self, change: RosterChange) -> list[str]:
        return await asyncio.to_thread(self._apply, change, activity.info().scheduled_time)

    def _apply(self, change: RosterChange, asked: datetime) -> list[str]:
        _check(change)
        try:
            if change.report.get("kind") == "person_erased":
                self._erase(change, asked)
            else:
                roster.apply_change(self._database, change.person, change.report)
        except RosterWrong as wrong:  # trying again would not help: whoever reported it hears why
            raise ApplicationError(str(wrong), type=ROSTER_WRONG, non_retryable=True) from None
        except Held:
            # Without the words of the hold: what fails stands in the engine's history.
            raise ApplicationError("A legal hold stands.", type=HELD, non_retryable=True) from None
        return roster.live_initiatives(self._database, change.person)

    def _erase(self, change: RosterChange, asked: datetime) -> None:
        """Erase somebody from the database, then from the outbox; what broke off in between is done the next time."""
        given = change.report.get("at")
        at = datetime.fromisoformat(given) if given else asked
        messages = outbox.count(self._outbox, change.person) if self._outbox else 0
        try:
            erasure.erase(self._database, change.person, at, str(change.report.get("by") or ""), messages)
        except LookupError:
            return
        if self._outbox:
            outbox.forget(self._outbox, change.person)


def _check(change: RosterChange) -> None:
    """Return if initiatives can hear of this. Raises: ApplicationError; trying again would not help.

    Doors send what they have looked at; Temporal's own client starts a change with whatever is typed.
    """
    try:
        Report.read({**change.report, "key": f"roster/{change.id}"}).milestone()
    except Refused as refused:
        raise ApplicationError(refused.why, type=ROSTER_WRONG, non_retryable=True) from None
    if change.report.get("person") != change.person:
        raise ApplicationError("The report is about somebody else.", type=ROSTER_WRONG, non_retryable=True)
