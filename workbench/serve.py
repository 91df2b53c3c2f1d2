"""Run the workbench of a desk until it is told to stop."""

from __future__ import annotations

import uvicorn

from reading.pool import ReaderPool
from schemas.settings import load_settings
from tasks.desk import Desk, open_desk
from tasks.logs import start_logging
from workbench.app import create_app

READERS = 1  # page images are drawn one at a time
IDLE_SECONDS = 75  # a person thinks longer than uvicorn's five seconds; a new connection each time would cost them


def serve(desk: Desk) -> None:
    """Serve on the address in the settings (the loopback interface by default); returns after SIGINT or SIGTERM."""
    with ReaderPool(READERS) as pool:
        server(desk, pool).run()


def server(desk: Desk, pool: ReaderPool) -> uvicorn.Server:
    """The server, not started yet. Requests are not logged: addresses hold what people search for."""
    settings = desk.settings
    return uvicorn.Server(
        uvicorn.Config(
            create_app(desk, pool),
            host=settings.workbench_host,
            port=settings.workbench_port,
            access_log=False,
            server_header=False,
            log_config=None,
            timeout_graceful_shutdown=5,
            timeout_keep_alive=IDLE_SECONDS,
        )
    )


def main() -> None:
    """Serve the desk that the environment names."""
    settings = load_settings()
    start_logging(settings)
    desk = open_desk(settings)
    try:
        serve(desk)
    finally:
        desk.close()


if __name__ == "__main__":
    main()
