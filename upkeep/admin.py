"""`huiying admin`: the commands of an administrator. Each does all it says, or nothing and says why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from pydantic import ValidationError

from runtime.settings import load_settings
from upkeep.command_line import StackData, refuse, settings_of

if TYPE_CHECKING:
    from domain.county import County
    from upkeep.administering import Login

app = typer.Typer(help="Accounts, units and officers.", no_args_is_help=True)
unit_app = typer.Typer(help="Units of the county.", no_args_is_help=True)
officer_app = typer.Typer(help="Officers and their posts.", no_args_is_help=True)
app.add_typer(unit_app, name="unit")
app.add_typer(officer_app, name="officer")

OfficerArgument = Annotated[str, typer.Argument(metavar="OFFICER", help="The officer's id, as in qixia.editor.")]
UnitArgument = Annotated[str, typer.Argument(metavar="UNIT", help="The unit's id, as in qixia.")]
T = TypeVar("T")


@app.command()
def first(
    officer: OfficerArgument,
    name: Annotated[str, typer.Option(help="Their name.")],
    county: Annotated[str, typer.Option(help="The county's name, where none is loaded yet.")] = "本县",
    data: StackData = None,
) -> None:
    """Make the first administrator, and print a password that serves once."""
    from upkeep.administering import make_first_administrator

    _hand_over(_done(make_first_administrator(_url(data), officer, name, county)))


@unit_app.command("add")
def add_unit(
    unit: UnitArgument,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help="As in department or township.")],
    data: StackData = None,
) -> None:
    """Add a unit, or give one another name."""
    from domain.county import Unit
    from upkeep.administering import change_county, with_unit

    made = _valid(lambda: Unit.model_validate({"id": unit, "name": name, "kind": kind}))
    _tell(_done(change_county(_url(data), with_unit(made))))


@unit_app.command("deactivate")
def deactivate_unit(unit: UnitArgument, data: StackData = None) -> None:
    """Take a unit out of the county. What it did stays; nobody may hold a post in it any more."""
    from upkeep.administering import change_county, without_unit

    _tell(_done(change_county(_url(data), without_unit(unit))))


@officer_app.command("add")
def add_officer(
    officer: OfficerArgument,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    unit: Annotated[str, typer.Option(help="The unit of the post.")],
    title: Annotated[str, typer.Option(help="What the post is called.")],
    role: Annotated[list[str], typer.Option(help="What it entitles to; may be given more than once.")],
    data: StackData = None,
) -> None:
    """Add an officer and print a password that serves once; for one who is there, add the post or change it."""
    from domain.county import Officer
    from upkeep import administering

    post = {"unit": unit, "title": title, "roles": role}
    made = _valid(lambda: Officer.model_validate({"id": officer, "name": name, "posts": [post]}))
    county, login = _done(administering.add_officer(_url(data), made))
    typer.echo(f"{county.name}: {len(county.officers)} officers", err=True)
    if login:
        _hand_over(login)


@officer_app.command("deactivate")
def deactivate_officer(officer: OfficerArgument, data: StackData = None) -> None:
    """Take an officer out of the county: sessions, tokens and the account end at once. What they did stays."""
    from upkeep.administering import change_county, without_officer

    _tell(_done(change_county(_url(data), without_officer(officer))))


@app.command()
def password(officer: OfficerArgument, data: StackData = None) -> None:
    """Print a new password of an officer that serves once; wherever they are signed in, that ends."""
    from upkeep.administering import reset_password

    _hand_over(_done(reset_password(_url(data), officer)))


@app.command()
def revoke(
    officer: OfficerArgument,
    tokens: Annotated[bool, typer.Option("--tokens", help="API tokens as well.")] = False,
    data: StackData = None,
) -> None:
    """End an officer's sessions."""
    from upkeep.administering import end_access

    ended = _done(end_access(_url(data), officer, tokens=tokens))
    typer.echo(f"{officer}: {ended.sessions} sessions ended, {ended.tokens} tokens revoked")


@app.command()
def link(
    officer: OfficerArgument,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The provider's `sub` of that person.")],
    data: StackData = None,
) -> None:
    """Let somebody in as this officer who signs in at the identity provider of the settings."""
    from upkeep import administering

    issuer = _issuer(data)
    _done(administering.link(_url(data), officer, issuer, subject))
    typer.echo(f"{officer}: {subject} at {issuer}")


@app.command("import")
def import_county(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A county as .json or .xlsx.")],
    logins: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Give officers without an account one, and write them here.")
    ] = None,
    data: StackData = None,
) -> None:
    """Make the county that of a file. Whoever is not in it leaves; administrators stay."""
    from db.county import read_county
    from runtime.embedded.files import write_atomically
    from upkeep import administering
    from upkeep.county_sheet import read_sheet

    if logins is not None and logins.exists():
        raise typer.BadParameter(f"{logins} exists already")
    try:
        county = read_sheet(file) if file.suffix.lower() == ".xlsx" else read_county(file)
    except (OSError, ValueError) as e:
        refuse(str(e))
    url = _url(data)
    county, given = _done(administering.import_county(url, county, give_logins=logins is not None))
    if logins is not None:
        write_atomically(logins, "".join(f"{one.officer},{one.password}\n" for one in given))
        typer.echo(f"{logins}: {len(given)} logins, each for one officer's eyes only")
    _tell(county)


@app.command()
def template(file: Annotated[Path, typer.Argument(metavar="FILE.xlsx")]) -> None:
    """Write a spreadsheet to fill in with a county, for `huiying admin import`."""
    from upkeep.county_sheet import write_template

    if file.exists():
        raise typer.BadParameter(f"{file} exists already")
    write_template(file)
    typer.echo(str(file))


@app.command("sample-county", hidden=True)
def sample_county(file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the password is kept.")]) -> None:
    """Load the sample county where there is none, and give its officers a password. Part of `huiying up`."""
    from upkeep.sample_county import give_logins, load_sample_county

    settings = load_settings()
    if not settings.embedded:
        raise typer.BadParameter("sample logins are for `huiying up` alone")
    asyncio.run(load_sample_county(settings.database_url))
    asyncio.run(give_logins(settings.database_url, file))


def _url(data: Path | None) -> str:
    return settings_of(data).database_url


def _issuer(data: Path | None) -> str:
    return settings_of(data).oidc_issuer or refuse("HUIYING_OIDC_ISSUER is not set")


def _done(doing: Coroutine[object, object, T]) -> T:
    from db.directory import NoCounty
    from policies import PolicyError
    from upkeep.administering import NotDone

    try:
        return asyncio.run(doing)
    except (NotDone, NoCounty, PolicyError) as e:
        refuse(str(e))
    except ValidationError as e:
        refuse(_said(e))


def _valid(make: Callable[[], T]) -> T:
    try:
        return make()
    except ValidationError as e:
        refuse(_said(e))


def _said(wrong: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in wrong.errors())


def _hand_over(login: Login) -> None:
    """The password alone on stdout, so that it can go where it is meant to; who it is for beside it."""
    typer.echo(f"{login.officer}: this password is shown once, and serves once, to choose another:", err=True)
    typer.echo(login.password)


def _tell(county: County) -> None:
    typer.echo(f"{county.name}: {len(county.units)} units, {len(county.officers)} officers")
