"""What Temporal's UI and command line ask for: ops alone, one namespace, one origin."""

import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload

from api.problems import Trouble
from db.session import Sessions
from runtime.codec import Codec, unwrap
from runtime.keys import new_codec_ring, read_codec_ring
from tests.api.browser import Browser, give_password
from tests.api.office import Office, app_for, serving, settings_for
from tests.clock import FixedClock
from tests.scene import Scene

UI = "http://127.0.0.1:8082"
RING = new_codec_ring("k1")
CODEC = Codec(read_codec_ring(RING))
HERE = {"X-Namespace": "default"}


@pytest.fixture
async def coding(database_url: str, sessions: Sessions, clock: FixedClock) -> AsyncIterator[Office]:
    settings = settings_for(database_url, codec_keys=SecretStr(RING), temporal_ui_origin=UI)
    async with serving(app_for(settings, clock), sessions, clock) as office:
        yield office


def body(*payloads: Payload) -> dict[str, Any]:
    """As Temporal's UI writes them."""
    return {
        "payloads": [
            {
                "metadata": {name: b64encode(value).decode() for name, value in payload.metadata.items()},
                "data": b64encode(payload.data).decode(),
            }
            for payload in payloads
        ]
    }


PLAIN = Payload(metadata={"encoding": b"json/plain"}, data='{"incident": "塌方"}'.encode())


async def ask(office: Office, path: str, given: object, officer: str = "ops.oncall", **headers: str) -> httpx2.Response:
    sent = await office.headers(officer) | HERE | {name.replace("_", "-"): value for name, value in headers.items()}
    return await office.http.post(f"/codec/{path}", json=given, headers=sent)


async def test_ops_encrypt_and_decrypt(coding: Office) -> None:
    locked = (await ask(coding, "encode", body(PLAIN, PLAIN))).json()
    assert len(locked["payloads"]) == 2
    assert "incident" not in json.dumps([b64decode(one["data"]).decode(errors="replace") for one in locked["payloads"]])
    assert (await ask(coding, "decode", locked)).json() == body(PLAIN, PLAIN)


async def test_the_ui_shows_what_was_never_encrypted_and_what_cannot_be_read(coding: Office) -> None:
    other = Codec({"k2": b"2" * 32}).lock(PLAIN)
    shown = (await ask(coding, "decode", body(PLAIN, other, CODEC.lock(PLAIN)))).json()
    assert [b64decode(one["data"])[:20] for one in shown["payloads"]] == [
        PLAIN.data[:20],
        b'"huiying/unreadable:',
        PLAIN.data[:20],
    ]


@pytest.mark.parametrize("path", ["encode", "decode"])
@pytest.mark.parametrize("officer", ["office.duty", "baishi.editor", "audit.reader"])
async def test_nobody_else_may(coding: Office, path: str, officer: str) -> None:
    answer = await ask(coding, path, body(CODEC.lock(PLAIN)), officer)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_readable")


@pytest.mark.parametrize("path", ["encode", "decode"])
async def test_nobody_without_a_token(coding: Office, path: str) -> None:
    answer = await coding.http.post(f"/codec/{path}", json=body(PLAIN), headers=HERE)
    assert answer.status_code == 401


@pytest.mark.parametrize("namespace", ["other", "", "DEFAULT"])
async def test_another_namespace_is_not_ours(coding: Office, namespace: str) -> None:
    answer = await ask(coding, "decode", body(CODEC.lock(PLAIN)), X_Namespace=namespace)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "X-Namespace"


@pytest.mark.parametrize("given", [{"payloads": 7}, {"payloads": [{"data": 7}]}, {"other": []}, []], ids=repr)
async def test_nonsense_is_refused(coding: Office, given: object) -> None:
    assert (await ask(coding, "decode", given)).status_code == 422


async def test_a_body_without_end_is_cut_off(coding: Office) -> None:
    assert (await ask(coding, "decode", {"payloads": ["x" * 2**20]})).status_code == 413


def preflight(origin: str) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,authorization-extras,content-type,x-namespace",
    }


async def test_the_ui_of_this_installation_may_call_from_its_page(coding: Office) -> None:
    allowed = await coding.http.options("/codec/decode", headers=preflight(UI))
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == UI
    headers = allowed.headers["access-control-allow-headers"].lower().split(", ")
    assert {"content-type", "x-namespace", "authorization", "authorization-extras"} <= set(headers)
    assert "*" not in headers
    answer = await ask(coding, "decode", body(PLAIN), Origin=UI)
    assert answer.headers["access-control-allow-origin"] == UI


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8083", "https://127.0.0.1:8082", "http://evil.example", "null"])
async def test_no_other_page_may(coding: Office, origin: str) -> None:
    refused = await coding.http.options("/codec/decode", headers=preflight(origin))
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers
    answer = await ask(coding, "decode", body(PLAIN), Origin=origin)
    assert "access-control-allow-origin" not in answer.headers


async def signed_in(coding: Office, officer: str) -> Browser:
    await give_password(coding.sessions, officer)
    browser = Browser(coding.http._transport.app)  # type: ignore[attr-defined]  # It carries the app.
    assert (await browser.sign_in(officer)).status_code == 303
    return browser


async def test_the_ui_decrypts_with_the_session_of_who_looks_at_it(coding: Office) -> None:
    browser = await signed_in(coding, "ops.oncall")
    answer = await browser.http.post("/codec/decode", json=body(CODEC.lock(PLAIN)), headers=HERE | {"Origin": UI})
    assert answer.json() == body(PLAIN)
    assert answer.headers["access-control-allow-origin"] == UI
    assert answer.headers["access-control-allow-credentials"] == "true"
    # What a form of a page can send, without asking first, is no JSON.
    content = json.dumps(body(CODEC.lock(PLAIN)))
    plain = HERE | {"Origin": UI, "Content-Type": "text/plain"}
    assert (await browser.http.post("/codec/decode", content=content, headers=plain)).status_code == 422


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8083", "https://127.0.0.1:8082", "null", "", f"{UI}/"])
async def test_a_session_serves_no_other_page_and_does_nothing_else(coding: Office, origin: str) -> None:
    browser = await signed_in(coding, "ops.oncall")
    answer = await browser.http.post("/codec/decode", json=body(CODEC.lock(PLAIN)), headers=HERE | {"Origin": origin})
    assert (answer.status_code, answer.json()["code"]) == (403, Trouble.FORGED)
    answer = await browser.http.post("/codec/encode", json=body(PLAIN), headers=HERE | {"Origin": UI})
    assert (answer.status_code, answer.json()["code"]) == (403, Trouble.FORGED)


async def test_the_session_of_somebody_else_decrypts_nothing(coding: Office) -> None:
    browser = await signed_in(coding, "office.duty")
    answer = await browser.http.post("/codec/decode", json=body(CODEC.lock(PLAIN)), headers=HERE | {"Origin": UI})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_readable")


async def test_no_other_route_is_opened_to_it(coding: Office) -> None:
    answer = await coding.http.get("/api/v1/tasks", headers=await coding.headers("ops.oncall") | {"Origin": UI})
    assert "access-control-allow-origin" not in answer.headers


async def test_without_keys_there_is_nothing_here(office: Office) -> None:
    assert (await ask(office, "decode", body(PLAIN))).status_code == 404
    refused = await office.http.options("/codec/decode", headers=preflight(UI))
    assert "access-control-allow-origin" not in refused.headers


async def test_what_is_sealed_for_sending_is_encrypted(coding: Office, scene: Scene) -> None:
    await scene.submit()
    answer = await coding.done("baishi.editor", f"/incidents/{scene.id}/seals/note", {"text": "已到现场"})
    carried = answer["input"]
    assert "baishi.editor" not in carried
    locked = unwrap(Payload(data=carried.encode()))
    assert locked is not None
    assert json.loads(CODEC.unlock(locked).data) == answer["message"]


async def test_without_keys_it_is_sent_as_it_is(office: Office, scene: Scene) -> None:
    await scene.submit()
    answer = await office.done("baishi.editor", f"/incidents/{scene.id}/seals/note", {"text": "已到现场"})
    assert json.loads(answer["input"]) == answer["message"]
