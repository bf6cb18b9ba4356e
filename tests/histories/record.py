"""Record the histories that every later version must replay: `python -m tests.histories.record [SUFFIX]`.

It records the stories that have none yet. What is recorded stays, as an older version wrote it; where a change of the
workflow is patched, the stories are recorded once more, under names that end with what the patch is called.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from db.county import SAMPLE, load_county_file
from db.migrate import upgrade
from db.session import make_engine, make_sessions
from runtime.embedded.binaries import temporal_binary
from runtime.embedded.postgres import EmbeddedPostgres
from runtime.temporal import prepare_namespace
from tests.workflows.stories import STORIES
from tests.workflows.world import working

FOLDER = Path(__file__).parent


async def record(url: str, suffix: str) -> None:
    """Play every story that has no history; keep it, and the state it ended in."""
    await load_county_file(url, SAMPLE)
    engine = make_engine(url)
    sessions = make_sessions(engine)
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_binary()),
        data_converter=pydantic_data_converter,
        identity="recorder",
    ) as env:
        await prepare_namespace(env.client)
        for story, play in STORIES.items():
            name = f"{story}{suffix}"
            if (FOLDER / f"{name}.history.json").exists():
                continue
            async with working(env, sessions) as world:
                await play(world)
                history = await world.handle.fetch_history()
                (FOLDER / f"{name}.history.json").write_text(history.to_json())
                (FOLDER / f"{name}.state.json").write_text((await world.state()).model_dump_json(indent=1) + "\n")
    await engine.dispose()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="huiying-histories-") as folder:
        server = EmbeddedPostgres(Path(folder), durable=False)
        server.start()
        try:
            url = server.create_database("histories")
            upgrade(url)
            asyncio.run(record(url, "".join(f"-{word}" for word in sys.argv[1:])))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
