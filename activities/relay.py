"""Tell linked initiatives what concerns them: an errand is a report one initiative gives another."""

import asyncio

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.messages import RELAY, ErrandDone, Order
from storage import errands
from storage.database import Database

log = structlog.get_logger("jisr.relay")


class RelayActivities:
    """Signals, keyed by the entry they come from: told twice is heard once."""

    def __init__(self, database: Database, client: Client) -> None:
        self._database = database
        self._client = client

    @activity.defn(name=RELAY)
    async def relay(self, order: Order) -> list[ErrandDone]:
        done = await self._of_earlier_attempts(order)
        not_now: RPCError | None = None
        for errand in await asyncio.to_thread(errands.waiting, self._database, order.initiative):
            try:
                delivered = await self._tell(errand.to, errand.report)
            except RPCError as error:
                not_now = error  # the others are told all the same
                continue
            await asyncio.to_thread(
                errands.settle, self._database, errand, "done" if delivered else "refused", order.now
            )
            if errand.to != order.initiative:  # what it hears of its own people is an entry already
                done.append(ErrandDone(initiative=errand.to, kind=errand.report["kind"], delivered=delivered))
        if not_now is not None:
            raise not_now
        return done

    async def _of_earlier_attempts(self, order: Order) -> list[ErrandDone]:
        """Return what was settled for this very order by an attempt whose answer was lost."""
        if activity.info().attempt == 1:
            return []
        settled = await asyncio.to_thread(errands.settled, self._database, order.initiative, order.now)
        return [
            ErrandDone(initiative=e.to, kind=e.report["kind"], delivered=done)
            for e, done in settled
            if e.to != order.initiative
        ]

    async def _tell(self, initiative: str, report: dict[str, object]) -> bool:
        """Signal one initiative; False when there is none of that id. Anything else is tried again by Temporal."""
        try:
            await self._client.get_workflow_handle(f"initiative/{initiative}").signal("report", report)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            log.warning("linked initiative not found", initiative=initiative)
            return False
        return True
