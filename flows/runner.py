"""`python -m flows.runner`: watches the schedules and starts each due run as a process of its own, until it is told to stop."""

from __future__ import annotations

import asyncio

from prefect.runner import Runner

from flows.deployments import deployments, start_now
from schemas.settings import load_settings


async def watch() -> None:
    """Register the deployments, catch up what was missed, then run what is due."""
    settings = load_settings()
    runner = Runner(name="cleardesk", pause_on_shutdown=False, query_seconds=2)
    due = await asyncio.to_thread(deployments, settings)
    for deployment in due:
        await runner.aadd_deployment(deployment)
    for deployment in due:
        if not deployment.paused:
            await asyncio.to_thread(start_now, str(deployment.flow_name))
    await runner.start()


if __name__ == "__main__":
    asyncio.run(watch())
