"""Whatever fails answers as a problem, in the reader's language, and repeats nothing of what was sent."""

from typing import Any

import httpx2
import pytest
from sqlalchemy.exc import ProgrammingError
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from api.problems import MEDIA_TYPE
from api.watch import Watch
from db import reads
from domain.labels import refusal_names
from domain.refusals import Code, Language, RefusalRecord
from tests.api.office import Office, draft
from tests.scene import Scene


def is_problem(answer: httpx2.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE), answer.text
    body = answer.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"/problems/{code}")
    assert body["title"]
    assert body["instance"] == answer.request.url.path


async def test_an_unknown_address_is_a_problem(desk: Office) -> None:
    is_problem(await desk.http.get("/nowhere"), 404, "not_found")
    is_problem(await desk.http.get("/api/v1/incidents/"), 404, "not_found")


async def test_a_wrong_method_says_which_are_right(desk: Office) -> None:
    answer = await desk.http.delete("/api/v1/incidents")
    is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"]


async def test_a_problem_speaks_the_language_asked_for(desk: Office) -> None:
    chinese = await desk.http.get("/api/v1/me")
    english = await desk.http.get("/api/v1/me", headers={"Accept-Language": "en-GB"})
    assert (chinese.headers["content-language"], english.headers["content-language"]) == ("zh", "en")
    assert (chinese.json()["title"], english.json()["title"]) == ("未通过身份验证", "Not authenticated")
    assert "Accept-Language" in chinese.headers["vary"]


@pytest.mark.parametrize("key", [b"", b"with space", b"x" * 201, "钥匙".encode(), b"tab\t"])
async def test_a_post_needs_a_usable_key(desk: Office, key: bytes) -> None:
    sent = {**await desk.headers("baishi.editor")}
    headers = {name.encode(): value.encode() for name, value in sent.items()} | {b"Idempotency-Key": key}
    answer = await desk.http.post("/api/v1/incidents", json=await desk.submission(), headers=headers)
    is_problem(answer, 400, "idempotency_key_missing")


async def test_a_post_without_a_key_is_refused(desk: Office) -> None:
    answer = await desk.http.post(
        "/api/v1/incidents", json=await desk.submission(), headers=await desk.headers("baishi.editor")
    )
    is_problem(answer, 400, "idempotency_key_missing")


@pytest.mark.parametrize("body", [b"", b"{", b'{"title": }', b"\xff\xfe", b"[" * 100_000, b"[]", b'"text"', b"NaN"])
async def test_a_body_that_is_no_json_object_is_malformed(desk: Office, body: bytes) -> None:
    headers = await desk.headers("baishi.editor") | {"Idempotency-Key": "k", "Content-Type": "application/json"}
    is_problem(await desk.http.post("/api/v1/incidents", content=body, headers=headers), 400, "json_malformed")


async def test_nesting_deeper_than_any_command_is_malformed(desk: Office) -> None:
    body = '{"title": ' + "[" * 20 + "]" * 20 + "}"
    headers = await desk.headers("baishi.editor") | {"Idempotency-Key": "k", "Content-Type": "application/json"}
    is_problem(await desk.http.post("/api/v1/incidents", content=body, headers=headers), 400, "json_malformed")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
async def test_only_json_is_taken(desk: Office, media_type: str) -> None:
    headers = await desk.headers("baishi.editor") | {"Idempotency-Key": "k", "Content-Type": media_type}
    is_problem(await desk.http.post("/api/v1/incidents", content=b"{}", headers=headers), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"title": ""}, ["title"]),
        ({"title": "  "}, ["title"]),
        ({"title": 7}, ["title"]),
        ({"title": "长" * 201}, ["title"]),
        ({"level": "huge", "category": "none"}, ["category", "level"]),
        ({"links": ["", "https://v.example/1"]}, ["links.0"]),
        ({"detected_at": "2026-07-11"}, ["detected_at"]),
        ({"detected_at": "2026-07-11T02:40:00"}, ["detected_at"]),
        ({"detected_at": 1783708800}, ["detected_at"]),
        ({"detected_at": "0001-01-01T00:00:00Z"}, ["detected_at"]),
        ({"drill": "yes"}, ["drill"]),
        ({"hour_seconds": 1e9}, ["hour_seconds"]),
        ({"townships": ["No Such!"]}, ["townships.0"]),
        ({"colour": "red"}, ["colour"]),
        ({"颜色 秘密": "red"}, ["?"]),
        ({"summary": "有\x00字符"}, ["summary"]),
        ({"summary": "半个\ud83d字符"}, ["summary"]),
        ({"links": ["好", {"\ud800": 1}]}, ["links.1.?"]),
    ],
)
async def test_wrong_fields_are_named_and_their_content_is_not_repeated(
    desk: Office, changes: dict[str, Any], fields: list[str]
) -> None:
    answer = await desk.post("baishi.editor", "/incidents", await desk.submission(**changes))
    is_problem(answer, 422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == fields
    assert all(error["message"] for error in answer.json()["errors"])
    for said in ("huge", "red", "秘密", "No Such", "2026-07-11", "供水管"):
        assert said not in answer.text


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/incidents?phase=asleep", "phase"),
        ("/incidents?colour=red", "colour"),
        ("/incidents?limit=0", "limit"),
        ("/incidents?limit=201", "limit"),
        ("/incidents?limit=many", "limit"),
        ("/incidents?overdue=perhaps", "overdue"),
        ("/incidents?q=%00", "q"),
        ("/incidents?cursor=nonsense", "cursor"),
        ("/incidents?cursor=WzFd", "cursor"),
        ("/incidents?cursor=WyIyMDI2IiwgIngiXQ", "cursor"),
        ("/units?kind=village", "kind"),
        ("/officers?name=x", "name"),
    ],
)
async def test_a_wrong_or_unknown_parameter_is_named(desk: Office, path: str, field: str) -> None:
    answer = await desk.get("office.duty", path)
    is_problem(answer, 422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("incident", ["0" * 32, "unknown", "%00", "..", "a" * 500])
async def test_an_unknown_incident_is_missing(desk: Office, incident: str) -> None:
    answer = await desk.get("office.duty", f"/incidents/{incident}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == MEDIA_TYPE


async def test_an_unknown_command_is_missing(office: Office, scene: Scene) -> None:
    await scene.submit()
    answer = await office.post("office.duty", f"/incidents/{scene.id}/commands/explode", {})
    is_problem(answer, 404, "unknown_command")
    assert "explode" in answer.json()["detail"]
    seal = await office.post("office.duty", f"/incidents/{scene.id}/seals/submit", {})
    is_problem(seal, 404, "unknown_command")


async def test_what_nobody_expected_is_a_500_without_a_word_of_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def break_down(*_: object) -> None:
        raise ProgrammingError("SELECT '停水'", {}, Exception("停水"))

    monkeypatch.setattr(reads, "list_incidents", break_down)
    with capture_logs() as events:
        answer = await office.get("office.duty", "/incidents", q="停水")
    is_problem(answer, 500, "internal_error")
    assert "detail" not in answer.json()
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert [event["event"] for event in events] == ["request_failed", "request_answered"]
    assert "停水" not in str(events)


async def test_whoever_leaves_while_sending_is_no_failure_of_ours() -> None:
    async def read(scope: Scope, receive: Receive, _send: Send) -> None:
        await Request(scope, receive).body()

    async def leave() -> Message:
        return {"type": "http.disconnect"}

    async def nobody(message: Message) -> None:
        raise AssertionError(message)

    with capture_logs() as events:
        await Watch(read)({"type": "http", "method": "POST", "path": "/", "headers": []}, leave, nobody)
    assert [(event["event"], event["status"]) for event in events] == [("request_answered", 499)]


async def test_a_lost_database_is_told_to_come_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(reads, "list_incidents", refuse)
    answer = await office.get("office.duty", "/incidents")
    is_problem(answer, 503, "database_unavailable")
    assert 1 <= int(answer.headers["retry-after"]) <= 5


async def test_every_answer_carries_the_security_headers(desk: Office) -> None:
    kept = []
    for path in ("/public", "/healthz", "/nowhere", "/api/v1/me"):
        headers = (await desk.http.get(path)).headers
        kept.append(headers["cache-control"])
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert kept == ["no-cache", "no-cache", "no-cache", "no-store"]


async def test_with_temporal_away_a_command_says_when_to_come_back(office: Office, scene: Scene) -> None:
    await scene.submit()
    note = await office.post("baishi.editor", f"/incidents/{scene.id}/commands/note", {"text": "已到场"})
    first = await office.post("baishi.editor", f"/incidents/{scene.id}/releases", draft())
    for answer in (note, first):
        is_problem(answer, 503, "process_unavailable")
        assert 2 <= int(answer.headers["retry-after"]) <= 5


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("code", list(Code))
def test_every_refusal_has_a_sentence_with_names(code: Code, language: Language) -> None:
    params = {
        "actor": "water.head",
        "holders": "water.head,water.deputy",
        "step": "unit_approval",
        "command": "approve",
        "kind": "response",
        "kinds": "first_release,response",
        "phase": "closed",
        "state": "returned",
        "needed": "leading_group_head",
        "units": "water,health",
        "unit": "water",
        "officers": "water.head",
        "fields": "title",
        "field": "detected_at",
        "channels": "weibo",
        "at": "2026-11-03T08:00:00+00:00",
        "expired_at": "2026-11-03T08:00:00+00:00",
        "version": "2",
        "channel": "weibo",
        "nature": "criticism",
        "releases": "0a1b2c3d4e5f6071",
        "conferences": "p1,p2",
        "tasks": "t1",
        "officer": "water.head",
        "count": "3",
        "days": "30",
        "survivor": "5b2c1d0a9be24c7f8a51d2e4b7c90f44",
        "types": "jpg,png",
        "type": "png",
        "attachment": "image",
        "attachments": "0123456789ab",
        "most": "10",
    }
    record = RefusalRecord(code=code, params=params)
    names = {"water.head": "周明远", "water.deputy": "高见山", "water": "县水务局", "health": "县卫生健康局"}
    said = record.sentence(language, refusal_names(record, language, names))
    assert "{" not in said
    for code_word in ("water", "unit_approval", "leading_group", "T08:00"):
        assert code_word not in said
