"""One report, one process, nothing but Temporal: `python -m bench.bare_report ADDRESS WORKFLOW`."""

import asyncio
import os
import sys

from temporalio.client import Client


async def main(address: str, workflow: str) -> None:
    client = await Client.connect(address)
    print(await client.get_workflow_handle(workflow).execute_update("report", {"kind": "note_added"}))


asyncio.run(main(sys.argv[1], sys.argv[2]))
sys.stdout.flush()
os._exit(0)
