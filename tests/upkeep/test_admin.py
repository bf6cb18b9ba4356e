"""`huiying admin`, as an administrator types it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from typer.testing import CliRunner, Result

from cli import app
from db import accounts, console_sessions, directory
from db.console_sessions import Origin
from db.county import SAMPLE, read_county
from db.migrate import upgrade
from db.session import Sessions
from domain.access import Means
from domain.county import County
from domain.vocabulary import OfficerId, Role
from runtime.embedded.postgres import EmbeddedPostgres
from runtime.passwords import Passwords
from tests.api.office import SEAL_KEY
from tests.clock import START
from upkeep.county_sheet import SheetWrong, read_sheet, write_template

Admin = Callable[..., Awaitable[Result]]


@pytest.fixture
def admin(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Admin:
    """Runs `huiying admin …` at a database with the sample county."""
    monkeypatch.setenv("HUIYING_DATABASE_URL", database_url)
    monkeypatch.setenv("HUIYING_SEAL_KEY", SEAL_KEY)

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, ["admin", *arguments])

    return run


async def county_of(sessions: Sessions) -> County:
    async with sessions() as session:
        return await directory.county(session)


async def fits_once(sessions: Sessions, officer: str, password: str) -> bool:
    """Whether this is the officer's password, and serves to choose another."""
    async with sessions() as session:
        account = await accounts.of(session, officer)
    return account is not None and account.must_change and await Passwords().verify(password, account.password)


# -- people -------------------------------------------------------------------------------------------


async def test_the_first_administrator_comes_to_an_empty_database_and_only_once(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, admin: Admin
) -> None:
    url = postgres.create_database("bare")
    await asyncio.to_thread(upgrade, url)
    monkeypatch.setenv("HUIYING_DATABASE_URL", url)
    wrong = await admin("first", "Li Min", "--name", "李敏")
    assert (wrong.exit_code, wrong.stdout, wrong.stderr.startswith("huiying: id: ")) == (1, "", True)
    result = await admin("first", "li.min", "--name", "李敏", "--county", "某县")
    assert result.exit_code == 0, result.output
    password = result.stdout.strip()
    assert len(password) == 19, "the password alone, so that it can be handed on"
    again = await admin("first", "wang.lei", "--name", "王磊")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "li.min" in again.stderr
    sheet = await admin("import", "/nowhere.xlsx")
    assert sheet.exit_code == 1
    postgres.drop_database("bare")


async def test_an_officer_is_added_with_a_password_and_leaves_with_everything(admin: Admin, sessions: Sessions) -> None:
    added = await admin("officer", "add", "water.new", "新人", "--unit", "water", "--title", "科员", "--role", "editor")
    assert added.exit_code == 0, added.output
    assert await fits_once(sessions, "water.new", added.stdout.strip())
    more = await admin("officer", "add", "water.new", "新人", "--unit", "fire", "--title", "联络员", "--role", "editor")
    assert (more.exit_code, more.stdout) == (0, ""), "who is there has a password already"
    officer = (await county_of(sessions)).officer(OfficerId("water.new"))
    assert officer is not None
    assert [post.unit for post in officer.posts] == ["water", "fire"]
    async with sessions.begin() as session:
        token = await directory.issue_token(session, officer.id, START, "t")
        secret = await console_sessions.begin(session, officer.id, Means.PASSWORD, Origin("", ""), START)
    assert (await admin("officer", "deactivate", "water.new")).exit_code == 0
    back = await admin("officer", "add", "water.new", "新人", "--unit", "water", "--title", "科员", "--role", "editor")
    assert back.exit_code == 0
    async with sessions() as session:
        assert await directory.living_token(session, directory.hash_token(token), START) is None
        assert (await session.execute(text("SELECT count(*) FROM sessions"))).scalar_one() == 0
    assert secret
    assert await fits_once(sessions, "water.new", back.stdout.strip())


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("officer", "add", "x.y", "某", "--unit", "nowhere", "--title", "t", "--role", "editor"), "nowhere"),
        (("officer", "add", "x.y", "某", "--unit", "water", "--title", "t", "--role", "king"), "roles"),
        (("officer", "add", "X Y", "某", "--unit", "water", "--title", "t", "--role", "editor"), "id"),
        (("officer", "deactivate", "nobody.here"), "nobody.here"),
        (("officer", "deactivate", "office.admin"), "only administrator"),
        (("unit", "add", "new", "新单位", "kingdom"), "kind"),
        (("unit", "add", "second", "另一办公室", "county_office"), "exactly one"),
        (("unit", "deactivate", "water"), "water.head"),
        (("unit", "deactivate", "nowhere"), "nowhere"),
        (("password", "nobody.here"), "nobody.here"),
        (("first", "li.min", "--name", "李敏"), "office.admin"),
        (("link", "office.duty", "u1"), "HUIYING_OIDC_ISSUER"),
    ],
    ids=str,
)
async def test_what_cannot_be_done_is_said_and_nothing_is_changed(
    admin: Admin, sessions: Sessions, county: County, arguments: tuple[str, ...], why: str
) -> None:
    result = await admin(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert why in result.stderr
    assert "Traceback" not in result.stderr
    assert await county_of(sessions) == county


async def test_a_unit_comes_is_renamed_and_goes(admin: Admin, sessions: Sessions) -> None:
    for arguments in (("add", "parks", "公园处", "department"), ("add", "parks", "公园管理处", "department")):
        assert (await admin("unit", *arguments)).exit_code == 0
    assert {str(unit.id): unit.name for unit in (await county_of(sessions)).units}["parks"] == "公园管理处"
    assert (await admin("unit", "deactivate", "parks")).exit_code == 0
    assert "parks" not in {unit.id for unit in (await county_of(sessions)).units}


async def test_a_password_is_reset_and_access_ends(admin: Admin, sessions: Sessions) -> None:
    officer = OfficerId("office.duty")
    async with sessions.begin() as session:
        for _ in range(accounts.GUESSES + 1):
            await accounts.count_attempt(session, officer, accounts.STRANGERS, START)
        await console_sessions.begin(session, officer, Means.PASSWORD, Origin("", ""), START)
    reset = await admin("password", officer)
    assert await fits_once(sessions, officer, reset.stdout.strip())
    async with sessions.begin() as session:
        assert await accounts.count_attempt(session, officer, accounts.STRANGERS, START), "their name is open again"
        await console_sessions.begin(session, officer, Means.PASSWORD, Origin("", ""), START)
        await directory.issue_token(session, officer, START, "t")
    assert (await admin("revoke", officer)).stdout == "office.duty: 1 sessions ended, 0 tokens revoked\n"
    assert (await admin("revoke", officer, "--tokens")).stdout == "office.duty: 0 sessions ended, 1 tokens revoked\n"
    mistyped = await admin("revoke", "office.dutty")
    assert (mistyped.exit_code, mistyped.stderr) == (1, "huiying: there has never been an officer 'office.dutty'\n")


async def test_a_subject_of_the_provider_is_linked(
    admin: Admin, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIYING_OIDC_ISSUER", "https://id.example")
    monkeypatch.setenv("HUIYING_OIDC_CLIENT_ID", "huiying")
    for subject in ("u-1", "u-2"):
        assert (await admin("link", "office.duty", subject)).exit_code == 0
    async with sessions() as session:
        found = [await accounts.officer_of_identity(session, "https://id.example", s, None) for s in ("u-1", "u-2")]
    assert found == [None, "office.duty"]


# -- a county from a file -----------------------------------------------------------------------------


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "county.xlsx"
    write_template(path)
    return path


def put(path: Path, page: str, **cells: object) -> None:
    book = load_workbook(path)
    for cell, value in cells.items():
        book[page][cell] = value
    book.save(path)


async def test_the_template_is_a_county_that_can_be_imported(admin: Admin, sessions: Sessions, tmp_path: Path) -> None:
    file, logins = tmp_path / "new.xlsx", tmp_path / "logins.csv"
    assert (await admin("template", str(file))).exit_code == 0
    assert (await admin("template", str(file))).exit_code == 2, "nothing is written over"
    put(file, "单位", A6="water", B6="水务局", C6="县级部门")
    put(file, "人员", A3="water.head", B3="周明远")
    put(file, "岗位", A3="water.head", B3="water", C3="局长", D3="单位负责人、spokesperson")
    result = await admin("import", str(file), "--logins", str(logins))
    assert result.exit_code == 0, result.output
    county = await county_of(sessions)
    assert (county.name, len(county.units), len(county.officers)) == ("某某县", 5, 2)
    head = county.officer(OfficerId("water.head"))
    assert head is not None
    assert (head.posts[0].roles, head.posts[0].rank) == ((Role.UNIT_HEAD, Role.SPOKESPERSON), "head")
    given = dict(line.split(",") for line in logins.read_text().splitlines())
    assert set(given) == {"office.admin", "water.head"}
    assert await fits_once(sessions, "water.head", given["water.head"])
    assert logins.stat().st_mode & 0o777 == 0o600
    assert (await admin("import", str(file), "--logins", str(logins))).exit_code == 2


async def test_a_county_of_json_is_imported_and_administrators_stay(
    admin: Admin, sessions: Sessions, tmp_path: Path
) -> None:
    told = json.loads(
        read_county(SAMPLE).model_dump_json(exclude={"delegations", "duties", "on_duty", "spokespersons"})
    )
    told["officers"] = [officer for officer in told["officers"] if officer["id"] not in ("office.admin", "water.head")]
    file = tmp_path / "county.json"
    file.write_text(json.dumps(told))
    assert (await admin("import", str(file))).exit_code == 0
    county = await county_of(sessions)
    assert county.officer(OfficerId("water.head")) is None
    assert county.with_role(Role.ADMIN) == ("office.admin",)
    file.write_text("{")
    assert (await admin("import", str(file))).exit_code == 1
    assert await county_of(sessions) == county


@pytest.mark.parametrize(
    ("page", "cells", "where"),
    [
        ("单位", {"C3": "王国"}, "单位!C3"),
        ("单位", {"A4": "Not An Id"}, "单位!A4"),
        ("单位", {"A5": "office"}, "单位!A5: occurs twice"),
        ("单位", {"C2": "县级部门"}, "exactly one unit of kind county_office"),
        ("人员", {"B2": None}, "人员!B2"),
        ("人员", {"A3": "office.admin", "B3": "某"}, "人员!A3: occurs twice"),
        ("岗位", {"A2": "nobody.here"}, "岗位!A2"),
        ("岗位", {"B2": "nowhere"}, "岗位!B2"),
        ("岗位", {"D2": "国王"}, "岗位!D2"),
        ("岗位", {"D2": None}, "岗位!D2"),
        ("岗位", {"E2": "最高"}, "岗位!E2"),
        ("岗位", {"D1": "别的"}, "岗位!1: columns are missing: 角色"),
        ("县", {"A3": "另一县"}, "县: exactly one row"),
        ("县", {"A2": None, "B2": None, "C2": None}, "县: exactly one row"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_spreadsheet_is_said_by_cell(
    sheet: Path, page: str, cells: dict[str, object], where: str
) -> None:
    put(sheet, page, **cells)
    with pytest.raises(SheetWrong) as refusal:
        read_sheet(sheet)
    assert where in str(refusal.value)


async def test_a_wrong_spreadsheet_changes_nothing(
    admin: Admin, sessions: Sessions, county: County, sheet: Path, tmp_path: Path
) -> None:
    put(sheet, "岗位", B2="nowhere", D2="国王")
    result = await admin("import", str(sheet))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "岗位!B2" in result.stderr
    assert "岗位!D2" in result.stderr
    put(sheet, "岗位", B2="office", D2="admin")
    put(sheet, "县", C2="unknown-2020")
    assert (await admin("import", str(sheet))).exit_code == 1
    for name, content in (("none.xlsx", b"no spreadsheet"), ("empty.xlsx", b"")):
        (tmp_path / name).write_bytes(content)
        assert (await admin("import", str(tmp_path / name))).exit_code == 1
    assert await county_of(sessions) == county


def test_a_row_left_out_and_numbers_as_ids_do_not_matter(sheet: Path) -> None:
    put(sheet, "人员", A5="office.b", B5=20260101)
    county = read_sheet(sheet)
    assert [officer.name for officer in county.officers] == ["某某", "20260101"]
