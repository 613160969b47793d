"""Write a change about one person into the roster, and say which live initiatives know them."""

import asyncio

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.messages import APPLY_CHANGE, ROSTER_WRONG, RosterChange
from storage import roster
from storage.database import Database
from storage.roster_input import RosterWrong


class RosterActivities:
    """Idempotent: the same change written twice leaves the same roster."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name=APPLY_CHANGE)
    async def apply_roster_change(self, change: RosterChange) -> list[str]:
        return await asyncio.to_thread(self._apply, change)

    def _apply(self, change: RosterChange) -> list[str]:
        try:
            roster.apply_change(self._database, change.person, change.report)
        except RosterWrong as wrong:  # trying again would not help: whoever reported it hears why
            raise ApplicationError(str(wrong), type=ROSTER_WRONG, non_retryable=True) from None
        return roster.live_initiatives(self._database, change.person)
