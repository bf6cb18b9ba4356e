"""What the OpenAPI document promises, held against what it gets for an answer: every operation, every role and nobody.

Temporal is away here, so a command that passes every check of the API ends in a documented 503. What is sent is the
same in every run; `make fuzz` sends many times as much, something else each time.
"""

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.generation.case import Case
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

from api.problems import Trouble
from db.session import make_engine, make_sessions
from domain.county import County
from domain.vocabulary import OfficerId, Role
from runtime.attachments.store import AttachmentStore
from tests.api.conftest import INCIDENT
from tests.api.office import Office, app_for, serving, settings_for
from tests.api.test_public import release
from tests.clock import FixedClock
from tests.files import attach
from tests.scene import RELEASE, Scene

PARTS = 42
"""Tests that the operations are divided among, for several processes to share."""
CASES = 1
"""Of each kind, for one operation; commands and seals are many and alike, and get one."""
AT_ONCE = 4
"""Callers take turns, so many with each case: all of them come to every operation."""
LONGEST = 60
"""Characters of a text that is made up. Thousands of them take longer than everything else, and are tried elsewhere."""
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
AnyCase = Case[Any]
Operation = APIOperation[Any, Any, Any, Any]


@dataclass(frozen=True)
class Desk:
    """An API with an incident in it, and everybody who may come to it."""

    run: Callable[..., Any]
    office: Office
    operations: list[Operation]
    callers: tuple[OfficerId | None, ...]
    known: Mapping[str, str]

    def send(self, case: AnyCase, caller: OfficerId | None) -> httpx2.Response:
        sent = case.as_transport_kwargs(base_url=str(self.office.http.base_url).rstrip("/"))
        kept = {n: v for n, v in sent["headers"].items() if n.lower() not in ("authorization", "cookie")}
        # As bytes: what is made up goes beyond ASCII.
        sent["headers"] = {name: value.encode("latin-1") for name, value in kept.items()}
        # No operation takes a cookie.
        sent.pop("cookies", None)
        if caller:
            sent["headers"] |= self.run(self.office.headers(caller))
        if "json" in sent:
            sent["content"] = json.dumps(sent.pop("json"))
        elif isinstance(sent.get("data"), bytes | str):
            sent["content"] = sent.pop("data")
        answer: httpx2.Response = self.run(self.office.http.request(**sent))
        return answer


@pytest.fixture(scope="module")
def desk(new_database: Callable[[], str], county: County, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """On a loop of its own: Hypothesis calls and cannot await."""
    url, clock, files = new_database(), FixedClock(), tmp_path_factory.mktemp("files").as_uri()
    with asyncio.Runner() as runner:
        engine = make_engine(url)
        sessions = make_sessions(engine)
        scene = Scene(sessions, county, clock, INCIDENT)
        digest, file = runner.run(_play(scene, AttachmentStore(files)))
        app = app_for(settings_for(url, attachments_url=files), clock)
        serving_ = serving(app, sessions, clock)
        office = runner.run(serving_.__aenter__())
        officers = [next(o.id for o in county.officers if any(role in p.roles for p in o.posts)) for role in Role]
        known = {
            "incident": INCIDENT,
            "release": RELEASE,
            "digest": digest,
            "file": file,
            "name": "ledger",
            "owner": "baishi",
            "unit": "baishi",
            "policy": county.policy,
        }
        yield Desk(runner.run, office, _operations(app), (*officers, None), known)
        runner.run(serving_.__aexit__(None, None, None))
        runner.run(engine.dispose())


async def _play(scene: Scene, store: AttachmentStore) -> tuple[str, str]:
    """A published release with a file; the digests of both."""
    await scene.submit()
    file = await attach(scene, store=store)
    return await release(scene, scene.document(attachments=(file,))), file


def _operations(app: FastAPI) -> list[Operation]:
    schema = schemathesis.openapi.from_dict(_shortened(app.openapi()))
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    # A stream has no end that an answer could be held against; tests/api/test_events.py reads it.
    return [operation for operation in found if operation.path != "/api/v1/events"]


def _shortened(node: Any) -> Any:  # noqa: ANN401  # Any JSON.
    """The document with short texts in it."""
    if isinstance(node, list):
        return [_shortened(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    made = {name: _shortened(inner) for name, inner in node.items()}
    if made.get("type") == "string" and made.get("pattern") == r"\S":
        del made["pattern"]
    if made.get("type") == "string" and made.get("maxLength", 0) > LONGEST:
        made["maxLength"] = LONGEST
    return made


def _try(desk: Desk, operation: Operation, cases: int, *, the_same: bool) -> None:
    """Send what the document allows and what it does not, to what is there and to what is not."""
    turns = itertools.cycle(desk.callers)
    files = {"digest": desk.known["file"]} if "attachments" in operation.path else {}
    known = {name: value for name, value in {**desk.known, **files}.items() if f"{{{name}}}" in operation.path}
    kinds: list[dict[str, Any]] = [
        {"generation_mode": GenerationMode.POSITIVE, "path_parameters": known},
        {"generation_mode": GenerationMode.NEGATIVE, "path_parameters": known},
        {"generation_mode": GenerationMode.POSITIVE},
    ]
    cases = 1 if cases == CASES and operation.path.count("/commands/") + operation.path.count("/seals/") else cases
    for kind in kinds if cases > CASES else kinds[:2]:

        @settings(
            max_examples=cases,
            derandomize=the_same,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(**kind))
        def hold(case: AnyCase) -> None:
            for caller in itertools.islice(turns, AT_ONCE):
                answer = desk.send(case, caller)
                _check(case, answer)

        try:
            hold()
        except Unsatisfiable:
            # Nothing is wrong for an operation that takes anything.
            assert kind["generation_mode"] is GenerationMode.NEGATIVE


def _check(case: AnyCase, answer: httpx2.Response) -> None:
    if answer.status_code >= 500:
        assert answer.json()["code"] == Trouble.PROCESS_AWAY, (case.method, case.formatted_path, answer.text)
    case.validate_response(answer, checks=CHECKS)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_answer_to_every_role_is_a_documented_one(desk: Desk, part: int, subtests: pytest.Subtests) -> None:
    # One in four; `make fuzz` tries them all.
    for operation in desk.operations[part::PARTS][::4]:
        with subtests.test(operation.label):
            _try(desk, operation, CASES, the_same=True)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_many_more_answers_are_documented_ones(desk: Desk, part: int, subtests: pytest.Subtests) -> None:
    for operation in desk.operations[part::PARTS]:
        with subtests.test(operation.label):
            _try(desk, operation, 60 * CASES, the_same=False)
