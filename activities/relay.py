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
        waiting = await asyncio.to_thread(errands.waiting, self._database, order.initiative)
        done = []
        for errand in waiting:
            delivered = await self._tell(errand.to, errand.report)
            await asyncio.to_thread(
                errands.settle, self._database, errand, "done" if delivered else "refused", order.now
            )
            done.append(ErrandDone(initiative=errand.to, kind=errand.report["kind"], delivered=delivered))
        return done

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
