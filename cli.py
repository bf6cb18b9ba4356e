"""`huiying`: a list of commands. What they do is elsewhere; here they are given their arguments."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.embedded.failure import StackFailed
from runtime.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from runtime.settings import Settings

app = typer.Typer(
    name="huiying",
    help="Runs a county's public-opinion incidents.",
    no_args_is_help=True,
    # Its pretty tracebacks print what variables hold, and some of these are secrets or texts.
    pretty_exceptions_enable=False,
)

Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="The folder that holds everything of a stack.")]
HIGHEST_PORT = 65535 - 5


@app.command()
def up(
    data: Data = Path("var"),
    port: Annotated[
        int, typer.Option(metavar="P", min=1, max=HIGHEST_PORT, help="First of the six ports P to P+5.")
    ] = 8080,
    no_drill: Annotated[bool, typer.Option("--no-drill", help="Play no drill on an empty data folder.")] = False,
) -> None:
    """Start everything on this machine, and keep it running until Ctrl-C."""
    from rich.console import Console

    from runtime.embedded.folder import DataFolder
    from runtime.embedded.plan import plan_stack
    from runtime.embedded.ports import PortBlock
    from runtime.embedded.progress import Progress
    from runtime.embedded.stack import FirstDrill, Stack

    folder, ports = DataFolder(data), PortBlock(port)

    async def is_wanted(settings: Settings) -> bool:
        return await _wants_first_drill(data, settings)

    drill = None if no_drill else FirstDrill(is_wanted, ("drill", "--data", str(folder.path)))
    stack = Stack(folder, ports, plan_stack(folder, ports), Progress(Console(highlight=False)), drill)
    raise typer.Exit(stack.run())


@app.command()
def migrate() -> None:
    """Bring the database's tables to the newest version."""
    from db.migrate import upgrade

    upgrade(load_settings().database_url)


@app.command("load-county")
def load_county(
    source: Annotated[str, typer.Argument(metavar="FILE|sample", help="A county's file, or the invented county.")],
    if_none: Annotated[bool, typer.Option("--if-none", help="Only if no county is loaded yet.")] = False,
) -> None:
    """Make the units, officers and posts of the database those of a file."""
    from db.county import load_county_file

    url = load_settings().database_url
    if if_none and asyncio.run(_has_county(url)):
        return
    try:
        county = asyncio.run(load_county_file(url, source))
    except (OSError, ValueError) as e:
        raise typer.BadParameter(str(e)) from e
    typer.echo(f"{county.name}: {len(county.units)} units, {len(county.officers)} officers")


async def _has_county(database_url: str) -> bool:
    from db import directory
    from db.session import make_engine, make_sessions

    engine = make_engine(database_url)
    try:
        async with make_sessions(engine)() as session:
            await directory.county_version(session)
    except directory.NoCounty:
        return False
    finally:
        await engine.dispose()
    return True


async def _wants_first_drill(data: Path, settings: Settings) -> bool:
    """A first drill that was cut short goes on; a county that has incidents of its own needs none."""
    from db.reads.incidents import all_incidents
    from db.session import make_engine, make_sessions
    from runtime.drill.first import read_first

    begun = read_first(data)
    if begun is not None:
        return not begun.finished
    engine = make_engine(settings.database_url)
    try:
        async with make_sessions(engine)() as session:
            return not await all_incidents(session)
    finally:
        await engine.dispose()


def main() -> None:
    """Run the command line; say in one line what a person can mend, and leave with its exit code."""
    code: int | str | None = 0
    try:
        app()
    except (StackFailed, SettingsError) as e:
        typer.echo(f"huiying: {e}", err=True)
        code = 1
    except SystemExit as e:
        code = e.code
    sys.stdout.flush()
    sys.stderr.flush()
    if "temporalio" in sys.modules:
        # Threads of the Temporal SDK can crash an interpreter that takes itself apart, after all
        # work is done: one exit in twelve, with a signal in place of the code.
        os._exit(code if isinstance(code, int) else 1)
    sys.exit(code)


if __name__ == "__main__":
    main()
