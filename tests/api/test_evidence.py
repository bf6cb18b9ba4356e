"""Evidence over HTTP: for whom the table says, and as the script in it wants it."""

import subprocess
import sys
from pathlib import Path

from sqlalchemy import text

from domain import commands as c
from tests.api.office import Office
from tests.api.test_problems import is_problem
from tests.evidence.conftest import SCRIPT
from tests.scene import Scene


def verified(content: bytes, folder: Path) -> tuple[int, str]:
    file = folder / "bundle.zip"
    file.write_bytes(content)
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(SCRIPT), str(file)]
    ran = subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout


async def test_who_answers_for_the_whole_gets_evidence_that_verifies(
    office: Office, scene: Scene, tmp_path: Path
) -> None:
    await scene.submit()
    await scene.draft()
    for officer in ("office.duty", "leading.head", "audit.reader", "baishi.head"):
        answer = await office.get(officer, f"/incidents/{scene.id}/evidence")
        assert answer.status_code == 200, officer
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["cache-control"] == "no-store"
        assert "filename*=UTF-8''%E9%9D%92" in answer.headers["content-disposition"]
        code, said = verified(answer.content, tmp_path)
        assert code == 0, said
    for officer in ("baishi.editor", "water.head"):
        is_problem(await office.get(officer, f"/incidents/{scene.id}/evidence"), 403, "not_readable")
    is_problem(await office.get("office.duty", f"/incidents/{'0' * 32}/evidence"), 404, "no_incident")


async def test_what_was_tampered_with_is_exported_and_named(office: Office, scene: Scene, tmp_path: Path) -> None:
    await scene.submit()
    await scene.do("baishi.editor", c.Note(text="已通知供水公司"))
    async with scene.sessions.begin() as session:
        await session.execute(text("ALTER TABLE ledger DISABLE TRIGGER append_only"))
        await session.execute(text("UPDATE ledger SET actor = 'baishi.deputy' WHERE seq = 2"))
        await session.execute(text("UPDATE texts SET text = text || '。' WHERE text = '已通知供水公司'"))
    answer = await office.get("office.duty", f"/incidents/{scene.id}/evidence")
    code, said = verified(answer.content, tmp_path)
    assert code == 1
    assert "entry 2 does not have its hash: it was rewritten" in said
    assert "was changed" in said


async def test_erased_texts_leave_evidence_that_verifies(office: Office, scene: Scene, tmp_path: Path) -> None:
    await scene.submit()
    await scene.draft()
    async with scene.sessions.begin() as session:
        await session.execute(text("DELETE FROM texts"))
    answer = await office.get("office.duty", f"/incidents/{scene.id}/evidence")
    code, said = verified(answer.content, tmp_path)
    assert code == 0, said
    assert said.count("it was erased") == 3
