"""The commands, as somebody types them: what they print, and with which code they leave."""

import asyncio
import json
import socket
import sys
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import uvicorn
from sqlalchemy import text
from structlog.testing import capture_logs
from temporalio.testing import WorkflowEnvironment
from typer.testing import CliRunner, Result

from cli import app
from db import accounts, directory, ledger
from db.session import Sessions
from domain.sealing import NAMELESS, SealedCommand
from domain.vocabulary import IncidentId, Origin
from runtime.anchor_key import new_key
from runtime.clock import SystemClock
from runtime.drill.script import names
from runtime.embedded.launch import plain_environment
from runtime.embedded.postgres import EmbeddedPostgres
from runtime.passwords import Passwords
from runtime.sealing import NotSealed, read_body
from tests.api.conftest import Running, running  # noqa: F401  # The process those tests use as well.
from tests.api.office import SEAL_KEY, settings_for
from tests.scene import INCIDENT, Scene
from tests.workflows.conftest import real_time  # noqa: F401  # Its workflow server.
from tests.workflows.test_codec import plain
from worker import activities_for, make_worker
from workflows.revival import is_running

Typed = Callable[..., Awaitable[Result]]


@pytest.fixture
def typed() -> Typed:
    """Runs `huiying …`. In a thread, since commands have an event loop of their own."""

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))

    return run


@pytest.fixture
def at_database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a machine where a database answers, and nothing else."""
    monkeypatch.setenv("HUIYING_DATABASE_URL", database_url)
    monkeypatch.setenv("HUIYING_SEAL_KEY", SEAL_KEY)


async def test_a_database_that_is_away_or_empty_is_said_to_be_in_one_line(
    postgres: EmbeddedPostgres, unused_tcp_port: int
) -> None:
    """As a process: what `main` says last is not the command's."""
    away = f"postgresql+asyncpg://huiying@127.0.0.1:{unused_tcp_port}/huiying"
    told = {
        away: b"huiying: the database cannot be used: ",
        postgres.create_database("empty"): b"huiying: the database lacks",
    }
    for url, begins in told.items():
        environment = plain_environment() | {"HUIYING_DATABASE_URL": url, "HUIYING_SEAL_KEY": SEAL_KEY}
        command = (sys.executable, "-m", "cli", "admin", "password", "office.duty")
        process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.PIPE)
        _, said = await process.communicate()
        assert (process.returncode, said.startswith(begins), said.count(b"\n")) == (1, True, 1), said


# -- policies and drills ------------------------------------------------------------------------------


async def test_policies_are_listed_and_shown(typed: Typed) -> None:
    listed = await typed("policy", "list")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["drill", "national-2016", "xiangyun-2019-54"]
    shown = await typed("policy", "show", "national-2016")
    assert json.loads(shown.stdout)["id"] == "national-2016"


async def test_a_policy_that_does_not_exist_is_named(typed: Typed) -> None:
    result = await typed("policy", "show", "nowhere")
    assert result.exit_code == 2
    assert "nowhere" in result.stderr


async def test_a_policy_file_may_extend_an_installed_one(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "stricter.toml"
    file.write_text('extends = "xiangyun-2019-54"\nid = "stricter"\nrefusals_per_hour = 5\n')
    result = await typed("policy", "check", str(file))
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("stricter: ")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('extends = "xiangyun-2019-54"\nid = "bad"\nrefusals_per_hour = 0\n', "refusals_per_hour"),
        ('extends = "xiangyun-2019-54"\nid = "bad"\nhour_secs = 1\n', "hour_secs"),
        ('extends = "nowhere"\nid = "bad"\n', "nowhere"),
        ('extends = "xiangyun-2019-54"\nid = "good"\n', "good"),
        ("id = ", "TOML"),
    ],
)
async def test_what_is_wrong_with_a_policy_file_is_said(typed: Typed, tmp_path: Path, content: str, why: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(content)
    result = await typed("policy", "check", str(file))
    assert result.exit_code == 1
    assert why in result.stderr
    assert (await typed("policy", "check", str(tmp_path / "none.toml"))).exit_code == 1


async def test_drills_are_listed_with_their_titles(typed: Typed) -> None:
    result = await typed("drill", "--list")
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(names())
    (canteen,) = [line for line in lines if line.startswith("canteen ")]
    assert canteen.split("  ")[1:3] == ["1.1 min", "栖霞镇中心学校部分学生身体不适"]


# -- tokens -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_database")
async def test_a_token_is_printed_alone_and_kept_only_as_its_hash(typed: Typed, sessions: Sessions) -> None:
    result = await typed("token", "qixia.editor", "--days", "1")
    assert result.exit_code == 0, result.output
    token = result.stdout.strip()
    assert result.stdout == f"{token}\n"
    async with sessions() as session:
        kept = (await session.execute(text("SELECT officer, hash, expires_at > created_at FROM api_tokens"))).all()
    assert [tuple(row) for row in kept] == [("qixia.editor", directory.hash_token(token), True)]


@pytest.mark.usefixtures("at_database")
async def test_nobody_gets_no_token(typed: Typed) -> None:
    result = await typed("token", "nobody.anywhere")
    assert result.exit_code == 2
    assert "nobody.anywhere" in result.stderr
    assert result.stdout == ""


@pytest.mark.usefixtures("at_database")
async def test_a_token_may_be_good_for_little(typed: Typed, sessions: Sessions) -> None:
    result = await typed("token", "qixia.editor", "--scope", "read", "--scope", "note", "--label", "monitor")
    assert result.exit_code == 0, result.output
    async with sessions() as session:
        kept = (await session.execute(text("SELECT label, scopes FROM api_tokens"))).one()
    assert tuple(kept) == ("monitor", ["note", "read"])
    wrong = await typed("token", "qixia.editor", "--scope", "fly")
    assert (wrong.exit_code, wrong.stdout) == (2, "")


# -- the sample county's logins ---------------------------------------------------------------------


@pytest.mark.usefixtures("at_database")
async def test_the_sample_countys_logins_are_made_once_and_for_the_embedded_stack_alone(
    typed: Typed, sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secrets" / "sample_password"
    assert (await typed("admin", "sample-county", str(file))).exit_code == 2
    assert not file.exists()
    monkeypatch.setenv("HUIYING_EMBEDDED", "true")
    for _ in range(2):
        result = await typed("admin", "sample-county", str(file))
        assert (result.exit_code, result.output) == (0, "")
    password = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    async with sessions() as session:
        account = await accounts.of(session, "qixia.editor")
        assert await accounts.without(session) == []
    assert account is not None
    assert await Passwords().verify(password, account.password)
    assert not account.must_change
    monkeypatch.setenv("HUIYING_API_HOST", "0.0.0.0")  # noqa: S104  # What must be refused.
    assert "loopback" in str((await typed("admin", "sample-county", str(file))).exception)


# -- signing ------------------------------------------------------------------------------------------


def test_fields_are_read_as_the_command_wants_them() -> None:
    body = read_body("assess", ['departments=["water"]', "level=major", "investigation=true", "reason=2026"])
    assert body == {"departments": ["water"], "level": "major", "investigation": True, "reason": "2026"}
    # An id of digits alone is an id.
    assert read_body("approve", ["release=123456789012"]) == {"release": "123456789012"}
    assert read_body("waive", ["obligation=response"], '{"reason": "理由"}') == {
        "obligation": "response",
        "reason": "理由",
    }


@pytest.mark.parametrize(
    ("name", "fields", "whole", "why"),
    [
        ("nothing", [], None, "nothing"),
        ("close", ["sumary=x"], None, "sumary"),
        ("close", ["summary"], None, "key=value"),
        ("close", [], "{", "JSON"),
        ("close", [], "[]", "object"),
    ],
)
def test_fields_that_no_command_has_are_refused(name: str, fields: list[str], whole: str | None, why: str) -> None:
    with pytest.raises(NotSealed, match=why):
        read_body(name, fields, whole)


@pytest.fixture
async def address(running: Running) -> AsyncIterator[str]:  # noqa: F811  # A fixture is asked for by its name.
    """The API on a real port."""
    transport = running.office.http._transport
    # Its log lines would land among what a command prints: both are in one process here.
    with capture_logs(), socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(transport.app, log_config=None, lifespan="off")  # type: ignore[attr-defined]  # It carries the app.
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


async def test_a_signed_command_is_taken_as_a_signal_once(
    typed: Typed,
    running: Running,  # noqa: F811  # As above.
    real_time: WorkflowEnvironment,  # noqa: F811  # As above.
    address: str,
) -> None:
    incident = IncidentId(await running.office.submitted())
    token = await running.office.token("baishi.editor")
    signing = ("sign", "note", incident, "--token", token, "--api", address, "text=已到现场")
    result = await typed(*signing)
    assert result.exit_code == 0, result.output
    message = SealedCommand.model_validate_json(result.stdout)
    assert message.is_sealed_with({NAMELESS: SEAL_KEY.encode()})
    assert "已到现场" not in result.stdout
    handle = real_time.client.get_workflow_handle(f"incident-{incident}")
    for _ in range(2):
        await handle.signal("note", json.loads(result.stdout))
    # An update that is answered comes after the signals.
    await running.office.command("baishi.editor", incident, "note", text="又一条")
    async with running.sessions() as session:
        entries = await ledger.entries(session, incident)
    noted = [entry.by.origin for entry in entries if entry.fact.type == "noted"]
    assert noted == [Origin.SIGNAL, Origin.UPDATE]


async def test_what_the_api_refuses_to_seal_is_said(
    typed: Typed,
    running: Running,  # noqa: F811  # As above.
    address: str,
) -> None:
    incident = await running.office.submitted()
    token = await running.office.token("baishi.editor")
    missing = await typed("sign", "approve", incident, "--token", token, "--api", address, "step=cosign")
    assert missing.exit_code == 1
    assert "digest" in missing.stderr
    unknown = await typed("sign", "note", incident, "--token", "hy_none", "--api", address, "text=x")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    nobody = await typed("sign", "note", incident, "--token", token, "--api", "http://127.0.0.1:1", "text=x")
    assert "does not answer" in nobody.stderr
    both = await typed("sign", "note", incident, "--token", token, "--officer", "baishi.editor", "text=x")
    assert both.exit_code == 2


# -- verifying and repairing --------------------------------------------------------------------------


@pytest.mark.usefixtures("at_database")
async def test_a_whole_ledger_verifies_and_a_row_that_lies_is_named(
    typed: Typed, scene: Scene, sessions: Sessions
) -> None:
    await scene.submit()
    assert (await typed("verify")).exit_code == 0
    assert (await typed("verify", INCIDENT)).exit_code == 0
    async with sessions.begin() as session:
        await session.execute(text("UPDATE incidents SET phase = 'closed'"))
    result = await typed("verify")
    assert result.exit_code == 1
    assert f"{INCIDENT}: the row says something else than the entries: phase" in result.stdout
    assert (await typed("verify", "ffffffffffff")).exit_code == 1


@pytest.mark.usefixtures("at_database")
async def test_repair_says_what_is_wrong_and_then_mends_it(
    typed: Typed,
    scene: Scene,
    sessions: Sessions,
    real_time: WorkflowEnvironment,  # noqa: F811  # As above.
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUIYING_TEMPORAL_ADDRESS", real_time.client.service_client.config.target_host)
    monkeypatch.setenv("HUIYING_TASK_QUEUE", "to-be-repaired")
    scene.id = IncidentId("5e" * 16)
    await scene.submit()
    async with sessions.begin() as session:
        await session.execute(text("DELETE FROM incidents"))
    told = await typed("repair")
    assert told.exit_code == 1
    assert "no worker asks for tasks" in told.stdout
    assert "the incident has no row" in told.stdout
    client = plain(real_time.client)
    assert not await is_running(client, scene.id)
    settings = settings_for("postgresql+asyncpg://nobody@127.0.0.1/none")
    async with make_worker(client, "to-be-repaired", activities_for(settings, client, sessions, SystemClock())):
        mended = await typed("repair", "--rebuild")
        assert mended.exit_code == 0, mended.output
        assert f"{scene.id}: rebuilt from its ledger" in mended.stdout
        assert "it has no process; done: start a process from the ledger" in mended.stdout
        assert await is_running(client, scene.id)
        async with asyncio.timeout(60):
            # The process reminds of what is late, and is looked at between an entry and its row.
            while "nobody of" not in (again := await typed("repair", scene.id)).stdout:
                assert "its process" not in again.stdout
        # That concerns people.
        assert (again.exit_code, again.stdout.count("\n")) == (1, 2)
        assert "nobody of baishi, which leads, has signed for it" in again.stdout
        await client.get_workflow_handle(f"incident-{scene.id}").terminate()
        missing = await typed("repair", "--chinese")
        assert missing.exit_code == 1
        assert "台账未了结，流程却已结束（terminated）；由台账另启流程" in missing.stdout
    wrong = await typed("repair", "--leave-out", "7")
    assert wrong.exit_code == 2


@pytest.mark.usefixtures("at_database")
async def test_a_broken_ledger_is_not_papered_over(
    typed: Typed,
    scene: Scene,
    sessions: Sessions,
    real_time: WorkflowEnvironment,  # noqa: F811  # As above.
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUIYING_TEMPORAL_ADDRESS", real_time.client.service_client.config.target_host)
    await scene.submit()
    async with sessions.begin() as session:
        await session.execute(text("ALTER TABLE ledger DISABLE TRIGGER append_only"))
        await session.execute(text("UPDATE ledger SET actor = 'office.head' WHERE seq = 1"))
    result = await typed("repair", "--rebuild")
    assert result.exit_code == 1
    assert "cannot be rebuilt: entry 1 does not have its hash" in result.stdout


@pytest.mark.usefixtures("at_database")
async def test_an_anchor_is_made_evidence_written_and_a_kept_list_compared(
    typed: Typed, scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HUIYING_ANCHOR_KEY", raising=False)
    refused = await typed("anchor")
    assert "HUIYING_ANCHOR_KEY" in str(refused.exception)
    monkeypatch.setenv("HUIYING_ANCHOR_KEY", new_key())
    assert (await typed("anchor")).stdout == "no ledger grew since\n"
    await scene.submit()
    assert (await typed("anchor")).stdout.startswith("anchor 1: 1 ledgers, root ")
    file = tmp_path / "evidence.zip"
    written = await typed("evidence", INCIDENT, "--out", str(file))
    assert (written.exit_code, written.stdout) == (0, f"{file}\n")
    with zipfile.ZipFile(file) as archive:
        (proof,) = json.loads(archive.read("anchors.json"))
    missing = await typed("evidence", "ffffffffffff", "--out", str(file))
    assert missing.exit_code == 2
    assert "ffffffffffff" in missing.stderr
    kept = tmp_path / "anchors.json"
    kept.write_text(json.dumps({"anchors": [proof["anchor"]]}))
    compared = await typed("verify", "--anchors", str(kept))
    assert compared.exit_code == 0, compared.output
    assert "1 anchors from outside compared" in compared.stdout
    kept.write_text("[]")
    assert (await typed("verify", "--anchors", str(kept))).exit_code == 2


async def test_a_folder_without_a_stack_is_named(typed: Typed, tmp_path: Path) -> None:
    result = await typed("verify", "--data", str(tmp_path))
    assert result.exit_code == 1
    assert str(tmp_path) in str(result.exception)
