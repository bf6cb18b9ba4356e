"""`huiying`: a list of commands. What they do is elsewhere; here they are given their arguments."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.drill.failure import DrillFailed
from runtime.embedded.failure import StackFailed
from runtime.settings import SettingsError, load_settings
from upkeep import admin, operating
from upkeep.command_line import Data, StackData, refuse, settings_of

if TYPE_CHECKING:
    from domain.access import Grantable
    from runtime.drill.summary import Where
    from runtime.settings import Settings

app = typer.Typer(
    name="huiying",
    help="Runs a county's public-opinion incidents.",
    no_args_is_help=True,
    # Its pretty tracebacks print what variables hold, and some of these are secrets or texts.
    pretty_exceptions_enable=False,
)

Api = Annotated[str | None, typer.Option("--api", metavar="URL", help="Where the API is (default: that of the stack).")]
HIGHEST_PORT = 65535 - 7
SIGNING = timedelta(minutes=15)
"""How long a token is good for that a command needs for itself."""


@app.command()
def up(
    data: Data = Path("var"),
    port: Annotated[
        int, typer.Option(metavar="P", min=1, max=HIGHEST_PORT, help="First of the eight ports P to P+7.")
    ] = 8080,
    no_drill: Annotated[bool, typer.Option("--no-drill", help="Play no drill on an empty data folder.")] = False,
) -> None:
    """Start everything on this machine, and keep it running until Ctrl-C."""
    from rich.console import Console

    from runtime.drill.first import FIRST
    from runtime.embedded.folder import DataFolder
    from runtime.embedded.plan import plan_stack
    from runtime.embedded.ports import PortBlock
    from runtime.embedded.progress import Progress
    from runtime.embedded.stack import FirstDrill, Stack

    folder, ports = DataFolder(data), PortBlock(port)

    async def is_wanted(settings: Settings) -> bool:
        return await _wants_first_drill(data, settings)

    drill = None if no_drill else FirstDrill(is_wanted, ("drill", FIRST, "--first", "--data", str(folder.path)))
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
) -> None:
    """Make the units, officers and posts of the database those of a file."""
    from db.county import load_county_file

    url = load_settings().database_url
    try:
        county = asyncio.run(load_county_file(url, source))
    except (OSError, ValueError) as e:
        raise typer.BadParameter(str(e)) from e
    typer.echo(f"{county.name}: {len(county.units)} units, {len(county.officers)} officers")


@app.command()
def drill(
    name: Annotated[str, typer.Argument(help="Which drill; --list shows them.")] = "flood",
    speed: Annotated[
        str, typer.Option(metavar="SECONDS", help="Seconds an hour lasts, or slow, normal, fast.")
    ] = "normal",
    data: StackData = None,
    api: Api = None,
    first: Annotated[
        bool, typer.Option("--first", help="The one drill of a new data folder, resumed if cut short.")
    ] = False,
    key: Annotated[str | None, typer.Option(help="Go on with the run of this key.")] = None,
    english: Annotated[bool, typer.Option("--english", help="Narrate in English.")] = False,
    record: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a picture of it (SVG).")] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Say which drills there are, and how long each takes.")
    ] = False,
) -> None:
    """Play an incident of the sample county, on a clock of seconds, through the HTTP API."""
    from domain.refusals import Language
    from runtime.drill.order import Order, carry_out, make_console
    from runtime.drill.run import SPEEDS
    from runtime.drill.script import load, names
    from runtime.drill.stage import Surroundings

    if listed:
        for script in map(load, names()):
            minutes = script.hours * SPEEDS["normal"] / 60
            typer.echo(f"{script.name}  {minutes:.1f} min  {script.title.zh}  {script.title.en}")
        return
    from upkeep import tokens

    folder = data or Path("var")
    settings = load_settings() if first and "HUIYING_DATABASE_URL" in os.environ else settings_of(data)
    around = Surroundings(
        api=api or _api_of(settings),
        tokens=tokens.for_drills(settings.database_url),
        console=make_console(),
        language=Language.EN if english else Language.ZH,
        addresses=_addresses(settings, folder),
        record=record,
    )
    carry_out(Order(name, speed, folder if first else None, key), around)


@app.command()
def token(
    officer: Annotated[str, typer.Argument(metavar="OFFICER", help="The officer's id, as in qixia.editor.")],
    data: StackData = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How long it is good for.")] = 90,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="What it is good for: read, write, ops, or a command by name; more than once (default: all)."
        ),
    ] = None,
    label: Annotated[str, typer.Option(help="What it is for, to tell it from others.")] = "huiying token",
) -> None:
    """Print a new API token of an officer. It is shown this once; only its hash is kept."""
    from domain.access import EVERYTHING, parse_scopes

    try:
        scopes = parse_scopes(scope) if scope else EVERYTHING
    except ValueError as e:
        raise typer.BadParameter(str(e)) from e
    typer.echo(_issue(settings_of(data), officer, label, timedelta(days=days), scopes))


@app.command()
def sign(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The command, as in approve.")],
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's id.")],
    fields: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="The command's fields.")] = None,
    body: Annotated[str | None, typer.Option(metavar="JSON", help="All fields at once, in place of KEY=VALUE.")] = None,
    token: Annotated[str | None, typer.Option(help="The token of the officer who commands.")] = None,
    officer: Annotated[str | None, typer.Option(help="The officer, where this machine may issue tokens.")] = None,
    data: StackData = None,
    api: Api = None,
) -> None:
    """Print a sealed command for `temporal workflow signal --name NAME --input`."""
    from runtime.sealing import NotSealed, ask_seal, read_body

    if (token is None) == (officer is None):
        raise typer.BadParameter("give either --token or --officer")
    settings = None if api and token else settings_of(data)
    try:
        content = read_body(name, fields or [], body)
        if settings is not None and officer is not None:
            token = _issue(settings, officer, "huiying sign", SIGNING)
        where = api or (_api_of(settings) if settings else "")
        typer.echo(ask_seal(where, token or "", name, incident, content))
    except NotSealed as e:
        refuse(e)


# Without a name: its commands stand among these.
app.add_typer(operating.app)
app.add_typer(admin.app, name="admin")
policy = typer.Typer(help="The policies of this installation.", no_args_is_help=True)
app.add_typer(policy, name="policy")


@policy.command("list")
def list_policies() -> None:
    """One line for each policy."""
    import policies

    for known in map(policies.load, policies.names()):
        typer.echo(f"{known.id}  {known.title}  {known.source}  {known.effective}")


@policy.command("show")
def show_policy(name: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """All rules of a policy, those of the one it extends included, as JSON."""
    import policies

    try:
        typer.echo(policies.load(name).model_dump_json(indent=2))
    except policies.PolicyError as e:
        raise typer.BadParameter(str(e)) from e


@policy.command("check")
def check_policy(file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Whether a file makes sense as a policy; exit 1 and what is wrong when not."""
    import policies

    try:
        found = policies.load_file(file)
    except policies.PolicyError as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(1) from e
    typer.echo(f"{found.id}: {found.title} ({found.source}, {found.effective})")


def _issue(
    settings: Settings, officer: str, label: str, lifetime: timedelta, scopes: frozenset[Grantable] | None = None
) -> str:
    from db.directory import UnknownOfficer
    from domain.access import EVERYTHING
    from upkeep import tokens

    try:
        return asyncio.run(tokens.issue(settings.database_url, officer, label, lifetime, scopes or EVERYTHING))
    except UnknownOfficer as e:
        raise typer.BadParameter(f"there is no officer {officer!r}") from e


def _api_of(settings: Settings) -> str:
    return f"http://{settings.api_host}:{settings.api_port}"


def _addresses(settings: Settings, data: Path) -> dict[Where, str]:
    """Where to read on after a drill. `{incident}` stands for its id."""
    from domain.vocabulary import IncidentId, process_id
    from runtime.embedded.folder import DataFolder
    from runtime.embedded.ports import LOOPBACK

    found: dict[Where, str] = {"bulletin": f"{settings.public_url}/public"}
    ports = DataFolder(data).kept_ports()
    if ports is not None and ports.api == settings.api_port:
        namespace = settings.temporal_namespace
        process = process_id(IncidentId("{incident}"))
        found["temporal"] = f"http://{LOOPBACK}:{ports.temporal_ui}/namespaces/{namespace}/workflows/{process}"
    return found


async def _wants_first_drill(data: Path, settings: Settings) -> bool:
    """A first drill that was cut short goes on; a county that has incidents of its own needs none."""
    from db import once, reads
    from runtime.drill.first import read_first

    begun = read_first(data)
    if begun is not None:
        return not begun.finished
    async with once.opened(settings.database_url) as sessions, sessions() as session:
        return not await reads.all_incidents(session)


def main() -> None:
    """Run the command line; say in one line what a person can mend, and leave with its exit code."""
    code: int | str | None = 0
    try:
        app()
    except (StackFailed, SettingsError, DrillFailed) as e:
        typer.echo(f"huiying: {e}", err=True)
        code = 1
    except SystemExit as e:
        code = e.code
    except Exception as e:
        # Loads slowly, and most commands end otherwise.
        from db.readiness import mended_by_a_person

        why = mended_by_a_person(e)
        if why is None:
            raise
        typer.echo(f"huiying: {why}", err=True)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    if "temporalio" in sys.modules:
        # Threads of the Temporal SDK can crash an interpreter that takes itself apart, after all
        # work is done: one exit in twelve, with a signal in place of the code.
        os._exit(code if isinstance(code, int) else 1)
    sys.exit(code)


if __name__ == "__main__":
    main()
