"""`huiying admin`: what an administrator does beside the database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from runtime.settings import load_settings

app = typer.Typer(help="Accounts, units and officers.", no_args_is_help=True)


@app.command("sample-logins", hidden=True)
def sample_logins(file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the password is kept.")]) -> None:
    """Give the officers of the sample county a password. Part of `huiying up`."""
    from upkeep.sample_logins import give_logins

    settings = load_settings()
    if not settings.embedded:
        raise typer.BadParameter("sample logins are for `huiying up` alone")
    asyncio.run(give_logins(settings.database_url, file))
