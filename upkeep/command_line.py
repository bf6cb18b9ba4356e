"""What the command lines share: whose stack is meant, and how a command says that it could not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from runtime.settings import Settings

Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="The folder that holds everything of a stack.")]
StackData = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The folder of the stack (default: HUIYING_* if set, else var)."),
]


def settings_of(data: Path | None) -> Settings:
    """Of the stack on `data`; with no folder named, of the environment if it says anything."""
    # SQLAlchemy and the rest of a stack load slowly; only commands that run pay.
    from runtime.embedded.stack import settings_at

    return settings_at(data)


def refuse(why: object) -> NoReturn:
    """End with exit code 1 and one line."""
    typer.echo(f"huiying: {why}", err=True)
    raise typer.Exit(1)
