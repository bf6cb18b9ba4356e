"""Documents over HTTP: who may have which, what cannot be had, and how a browser is to treat them."""

import io
from datetime import timedelta
from urllib.parse import unquote

import openpyxl
import pytest

from tests.api.office import Office
from tests.api.test_problems import is_problem
from tests.scene import RELEASE, Scene

STARTS = {"docx": b"PK", "pdf": b"%PDF", "xlsx": b"PK"}


async def test_everything_on_the_list_can_be_had(office: Office, scene: Scene) -> None:
    await scene.submit()
    await scene.draft()
    # No real clock ever shows a whole second.
    scene.clock.advance(timedelta(microseconds=123_456))
    listed = (await office.get("office.duty", f"/incidents/{scene.id}/documents")).json()["items"]
    assert {one["name"] for one in listed} >= {"flash_report", "special_report", "sign_off", "ledger"}
    for one in listed:
        query = {name: one[name] for name in ("release", "conference") if one[name]}
        for kind in one["formats"]:
            answer = await office.get("office.duty", f"/incidents/{scene.id}/documents/{one['name']}.{kind}", **query)
            assert answer.status_code == 200, answer.text
            assert answer.content.startswith(STARTS[kind])
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "no-store" in answer.headers["cache-control"]
            assert answer.headers["content-disposition"].startswith("attachment")
            assert one["title"] in unquote(answer.headers["content-disposition"])


async def test_who_may_not_read_the_words_has_no_document_of_them(office: Office, scene: Scene) -> None:
    await scene.submit()
    await scene.draft()
    path = f"/incidents/{scene.id}/documents"
    for stranger in ("health.editor", "water.head"):
        is_problem(await office.get(stranger, path), 403, "not_readable")
        is_problem(await office.get(stranger, f"{path}/flash_report.pdf"), 403, "not_readable")
    # Ops repair processes; they need no unpublished words to do it.
    is_problem(await office.get("ops.oncall", f"{path}/sign_off.pdf", release=RELEASE), 403, "not_readable")
    offered = (await office.get("ops.oncall", path)).json()["items"]
    assert "sign_off" not in {one["name"] for one in offered}


@pytest.mark.parametrize("name", ["diary.pdf", "flash_report.xlsx", "flash_report.exe", "..%2Fledger.pdf"])
async def test_what_there_is_not_is_not_found(office: Office, scene: Scene, name: str) -> None:
    await scene.submit()
    is_problem(await office.get("office.duty", f"/incidents/{scene.id}/documents/{name}"), 404, "not_found")


async def test_a_sheet_about_a_release_names_one_that_exists(office: Office, scene: Scene) -> None:
    await scene.submit()
    path = f"/incidents/{scene.id}/documents/sign_off.pdf"
    is_problem(await office.get("office.duty", path), 422, "invalid")
    missing = await office.get("office.duty", path, release="0" * 12)
    assert missing.status_code in (403, 404), missing.text
    is_problem(await office.get("office.duty", f"/incidents/{'0' * 32}/documents/ledger.pdf"), 404, "no_incident")


async def test_the_countys_ledger_lists_what_its_reader_may_see(office: Office, scene: Scene) -> None:
    state = await scene.submit()

    async def numbers(officer: str) -> set[object]:
        answer = await office.get(officer, "/documents/ledger.xlsx")
        page = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        return {cell.value for row in page.iter_rows() for cell in row}

    assert state.number in await numbers("office.duty")
    assert state.number not in await numbers("health.editor")
