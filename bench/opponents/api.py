"""Our API in front of another engine: `python -m bench.opponents.api ENGINE`. All but the process is the same."""

import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import uvicorn
from fastapi import FastAPI

from api.__main__ import LONGEST_HEAD
from api.app import create_app
from api.process import Process
from bench.opponents.dbos_process import DbosProcess
from bench.opponents.dbos_worker import SYSTEM_DATABASE
from bench.opponents.polling_process import PollingProcess
from runtime.log import configure_logging
from runtime.settings import Settings, load_settings

ENGINES: Mapping[str, Callable[[Settings], Process]] = {
    "dbos": lambda _settings: DbosProcess(os.environ[SYSTEM_DATABASE]),
    "polling": lambda settings: PollingProcess(settings.database_url),
}


def with_engine(app: FastAPI, make: Callable[[], Process]) -> FastAPI:
    """The app, its commands carried to another engine."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        async with inner(app) as state:
            app.state.parts = replace(app.state.parts, process=make())
            yield state

    app.router.lifespan_context = lifespan
    return app


def main() -> None:
    settings = load_settings()
    configure_logging(settings.log_level)
    uvicorn.run(
        with_engine(create_app(settings), lambda: ENGINES[sys.argv[1]](settings)),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        server_header=False,
        http="h11",
        h11_max_incomplete_event_size=LONGEST_HEAD,
    )


if __name__ == "__main__":
    main()
