"""The OpenAPI document: complete, with examples that its own models accept, and nothing fetched from elsewhere."""

from typing import Any

import pytest
from pydantic import BaseModel

from api import examples
from api.drafts import Draft
from api.listing import IncidentList
from api.routes.anchors import AnchorList
from api.routes.seals import Sealed
from api.views.access import SessionShown, TokenShown
from api.views.incident import IncidentShown
from api.views.notice import AddressBook, NoticeShown
from api.views.proceedings import ReferralShown
from api.views.reference import OfficerShown, PolicyLine
from api.views.register import DelegationShown, DutyShown, Spokespersons
from api.views.release import ReleaseShown, ReleaseText
from api.views.task import MyTasks
from api.views.timeline import Timeline
from domain.commands import COMMANDS
from domain.county import Unit
from domain.vocabulary import CommandName
from tests.api.office import Office


@pytest.fixture
async def document(desk: Office) -> dict[str, Any]:
    answer = await desk.http.get("/openapi.json", headers=await desk.headers("office.duty"))
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, told) for path, methods in document["paths"].items() for method, told in methods.items()]


def test_every_command_has_its_route_and_its_seal(document: dict[str, Any]) -> None:
    for name in CommandName:
        sealed = f"/api/v1/incidents/{{incident}}/seals/{name}" in document["paths"]
        sent = f"/api/v1/incidents/{{incident}}/commands/{name}" in document["paths"]
        assert (sealed, sent) == (name not in (CommandName.SUBMIT, CommandName.ABSORB),) * 2


def test_every_body_and_every_answer_of_the_api_has_an_example(document: dict[str, Any]) -> None:
    for path, method, told in operations(document):
        if not path.startswith("/api/"):
            continue
        if method not in ("get", "delete"):
            (body,) = told["requestBody"]["content"].values()
            assert "example" in body, path
        for status, answer in told["responses"].items():
            if status == "204":
                continue
            for content in answer["content"].values():
                assert "example" in content or "examples" in content, (path, method, status)


def test_every_failure_is_documented_as_a_problem(document: dict[str, Any]) -> None:
    for path, method, told in operations(document):
        if not path.startswith("/api/"):
            continue
        failures = {status: answer for status, answer in told["responses"].items() if int(status) >= 400}
        assert {"401", "500", "503"} <= set(failures), path
        if method == "post":
            assert {"400", "403", "409", "413", "415", "422"} <= set(failures), path
        for answer in failures.values():
            assert list(answer["content"]) == ["application/problem+json"], path


def test_every_reference_in_the_document_resolves(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    def check(node: object) -> None:
        if isinstance(node, dict):
            if isinstance(reference := node.get("$ref"), str):
                assert reference.removeprefix("#/components/schemas/") in schemas
            for inner in node.values():
                check(inner)
        elif isinstance(node, list):
            for inner in node:
                check(inner)

    check(document)


@pytest.mark.parametrize("name", list(CommandName))
def test_the_example_of_a_command_is_one(name: CommandName) -> None:
    COMMANDS[name].model_validate(examples.COMMANDS[name])


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        (Draft, examples.DRAFT),
        (IncidentShown, examples.STATE),
        (IncidentList, examples.INCIDENTS),
        (ReleaseShown, examples.RELEASE_SHOWN),
        (ReleaseText, examples.RELEASE_TEXT),
        (MyTasks, examples.TASKS),
        (Timeline, examples.TIMELINE),
        (Sealed, examples.SEALED),
        (Unit, examples.UNITS[0]),
        (ReferralShown, examples.REFERRAL),
        (Spokespersons, examples.SPOKESPERSONS),
        (NoticeShown, examples.NOTICE),
        (AddressBook, examples.ADDRESSES),
        (DutyShown, examples.DUTY),
        (DelegationShown, examples.DELEGATION),
        (OfficerShown, examples.OFFICER),
        (SessionShown, examples.SESSION),
        (TokenShown, examples.TOKEN),
        (PolicyLine, examples.POLICY),
        (AnchorList, examples.ANCHORS),
    ],
)
def test_the_example_of_an_answer_is_one(model: type[BaseModel], shown: dict[str, Any]) -> None:
    assert set(model.model_validate(shown).model_dump()) == set(shown)


async def test_no_documentation_page_loads_scripts_from_elsewhere(desk: Office) -> None:
    for path in ("/docs", "/redoc"):
        assert (await desk.http.get(path)).status_code == 404
