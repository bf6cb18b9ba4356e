"""Whatever is sent, the API answers: never with a 500, never with what was sent."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import examples
from domain.county import County
from domain.vocabulary import CommandName, IncidentId
from tests.api.office import Office
from tests.clock import FixedClock
from tests.scene import Scene

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from(["2026-07-11T00:00:00Z", "water"])
)
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
HASTE = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
async def known(desk: Office, county: County) -> str:
    """An incident that commands can be sent to."""
    scene = Scene(desk.sessions, county, FixedClock(), IncidentId("f" * 32))
    return (await scene.submit()).id


@st.composite
def bodies(draw: st.DrawFn) -> tuple[CommandName, Any]:
    """A command's body with some of its fields replaced, or anything at all."""
    # One incident says `absorb` to another; nobody says it over HTTP.
    name = draw(st.sampled_from([name for name in CommandName if name is not CommandName.ABSORB]))
    body: dict[str, Any] = dict(examples.COMMANDS[name])
    for field in draw(st.lists(st.sampled_from([*body, "surprise"]), max_size=3)):
        body[field] = draw(ANYTHING)
    return name, draw(st.one_of(st.just(body), ANYTHING))


@HASTE
@given(sent=bodies())
async def test_no_body_breaks_the_api(desk: Office, known: str, sent: tuple[CommandName, Any]) -> None:
    name, body = sent
    path = "/incidents" if name is CommandName.SUBMIT else f"/incidents/{known}/commands/{name}"
    key = {"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}
    headers = await desk.headers("baishi.editor") | key
    answer = await desk.http.post(f"/api/v1{path}", content=json.dumps(body), headers=headers)
    assert answer.status_code in (400, 422, 503), answer.text


@HASTE
@given(raw=st.binary(max_size=200))
async def test_no_bytes_break_the_api(desk: Office, raw: bytes) -> None:
    headers = await desk.headers("baishi.editor") | {"Idempotency-Key": "fuzz", "Content-Type": "application/json"}
    answer = await desk.http.post("/api/v1/incidents", content=raw, headers=headers)
    assert answer.status_code in (400, 422)


@HASTE
@given(position=ANYTHING, path=st.sampled_from(["/api/v1/incidents", "/public", "/public/anchors"]))
async def test_no_cursor_breaks_a_list(desk: Office, position: Any, path: str) -> None:  # noqa: ANN401  # Anything.
    cursor = base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")
    answer = await desk.http.get(path, params={"cursor": cursor}, headers=await desk.headers("office.duty"))
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize("position", [[2**31], [-1], [True], ["1"], [], [1, 2], {"a": 1}])
async def test_no_cursor_breaks_a_timeline(office: Office, scene: Any, position: Any) -> None:  # noqa: ANN401
    await scene.submit()
    cursor = base64.urlsafe_b64encode(json.dumps(position).encode()).decode()
    answer = await office.get("office.duty", f"/incidents/{scene.id}/timeline", cursor=cursor)
    assert answer.status_code == 422


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00"])
async def test_no_instant_in_a_cursor_breaks_a_list(desk: Office, moment: str) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps([moment, "0" * 64]).encode()).decode()
    for path in ("/api/v1/incidents", "/public"):
        answer = await desk.http.get(path, params={"cursor": cursor}, headers=await desk.headers("office.duty"))
        assert answer.status_code == 422
