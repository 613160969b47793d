"""Write a change about one person into the roster, and say which live initiatives know them."""

import asyncio

from temporalio import activity

from activities.messages import APPLY_CHANGE, RosterChange
from storage import roster
from storage.database import Database


class RosterActivities:
    """Idempotent: the same change written twice leaves the same roster."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name=APPLY_CHANGE)
    async def apply_roster_change(self, change: RosterChange) -> list[str]:
        return await asyncio.to_thread(self._apply, change)

    def _apply(self, change: RosterChange) -> list[str]:
        roster.apply_change(self._database, change.person, change.report)
        return roster.live_initiatives(self._database, change.person)
