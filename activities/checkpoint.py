"""Make the checkpoint of the day and put its file where the operator says. Doing it again makes no second one."""

import asyncio
from datetime import datetime
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.messages import MAKE_CHECKPOINT, CheckpointMade
from storage import checkpoints
from storage.database import Database
from storage.signing import SigningKeyAway, load_signer


class CheckpointActivities:
    """The signing key is read each time: a key put back while the worker runs is used."""

    def __init__(self, database: Database, key_file: Path, folder: Path) -> None:
        self._database = database
        self._key_file = key_file
        self._folder = folder

    @activity.defn(name=MAKE_CHECKPOINT)
    async def make_checkpoint(self) -> CheckpointMade:
        return await asyncio.to_thread(self._make, activity.info().scheduled_time)

    def _make(self, at: datetime) -> CheckpointMade:
        try:
            signer = load_signer(self._key_file)
            assert signer is not None
            made = checkpoints.make(self._database, signer, at)
        except SigningKeyAway as away:
            raise ApplicationError(str(away), type="signing-key-away") from None
        checkpoints.export(self._database, self._folder)
        if made.damaged:
            activity.logger.error("records have lost entries that a checkpoint holds: %s", ", ".join(made.damaged))
        return CheckpointMade(
            number=made.checkpoint.number, initiatives=len(made.checkpoint.heads), damaged=made.damaged
        )
