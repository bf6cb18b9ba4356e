"""Every way a request can fail, as RFC 9457 problems in Chinese and English. The one table of statuses.

A problem names fields and codes; it never repeats what was sent.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.language import of_request
from domain.labels import refusal_names
from domain.refusals import Language, Nature, RefusalRecord

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 3


class Trouble(StrEnum):
    """What can go wrong before the process has a word to say."""

    KEY_MISSING = "idempotency_key_missing"
    JSON_MALFORMED = "json_malformed"
    UNAUTHENTICATED = "unauthenticated"
    NOT_READABLE = "not_readable"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    PRECONDITION_FAILED = "precondition_failed"
    TOO_LARGE = "body_too_large"
    UNSUPPORTED_TYPE = "unsupported_media_type"
    INVALID = "invalid"
    KEY_REUSED = "idempotency_key_reused"
    INTERNAL = "internal_error"
    PROCESS_AWAY = "process_unavailable"
    DATABASE_AWAY = "database_unavailable"


class _Words(NamedTuple):
    status: int
    title: tuple[str, str]
    detail: tuple[str, str] | None


_TROUBLES: dict[Trouble, _Words] = {
    Trouble.KEY_MISSING: _Words(
        400,
        ("缺少幂等键", "Idempotency key missing"),
        (
            "每个 POST 请求都须携带 Idempotency-Key 请求头(1–200 个可见 ASCII 字符)",
            "Every POST carries an Idempotency-Key header of 1 to 200 visible ASCII characters",
        ),
    ),
    Trouble.JSON_MALFORMED: _Words(
        400,
        ("不是有效的 JSON", "Not valid JSON"),
        ("请求体须为一个 UTF-8 编码的 JSON 对象", "The body must be one JSON object in UTF-8"),
    ),
    Trouble.UNAUTHENTICATED: _Words(
        401,
        ("未通过身份验证", "Not authenticated"),
        (
            "须携带有效的访问令牌:Authorization: Bearer <令牌>",
            "A valid token is needed: Authorization: Bearer <token>",
        ),
    ),
    Trouble.NOT_READABLE: _Words(
        403,
        ("无权查看", "Not yours to read"),
        ("您的岗位无权查看这一内容", "None of your posts entitles you to read this"),
    ),
    Trouble.NOT_FOUND: _Words(404, ("不存在", "Not found"), ("此地址下没有内容", "There is nothing at this address")),
    Trouble.METHOD_NOT_ALLOWED: _Words(
        405,
        ("不支持的方法", "Method not allowed"),
        ("此地址不支持该方法,可用方法见 Allow 响应头", "See the Allow header for the methods of this address"),
    ),
    Trouble.PRECONDITION_FAILED: _Words(
        412,
        ("内容已有变化", "Precondition failed"),
        ("事件已有新的进展,请重新读取后再操作", "The incident has moved on; read it again, then decide"),
    ),
    Trouble.TOO_LARGE: _Words(
        413, ("请求体过大", "Body too large"), ("请求体不得超过 1 MiB", "A body may have at most 1 MiB")
    ),
    Trouble.UNSUPPORTED_TYPE: _Words(
        415,
        ("不支持的内容类型", "Unsupported media type"),
        ("请求体须为 application/json", "The body must be application/json"),
    ),
    Trouble.INVALID: _Words(
        422,
        ("内容不符合要求", "Invalid request"),
        ("请按 errors 所列字段修改", "Mend the fields that `errors` lists"),
    ),
    Trouble.KEY_REUSED: _Words(
        422,
        ("幂等键已用于其他请求", "Idempotency key reused"),
        (
            "这个 Idempotency-Key 已用于内容不同的请求,请换用新键",
            "This Idempotency-Key belongs to a request with other content; take a new one",
        ),
    ),
    Trouble.INTERNAL: _Words(500, ("服务器内部错误", "Internal error"), None),
    Trouble.PROCESS_AWAY: _Words(
        503,
        ("流程引擎暂不可用", "Process unavailable"),
        (
            "请求已记下但尚未办理,请稍后以同一 Idempotency-Key 重试",
            "The process cannot answer now; send the same request with the same key again shortly",
        ),
    ),
    Trouble.DATABASE_AWAY: _Words(
        503,
        ("数据库暂不可用", "Database unavailable"),
        ("请稍后重试", "Send the same request again shortly"),
    ),
}

_NATURES: dict[Nature, tuple[int, tuple[str, str]]] = {
    Nature.FORBIDDEN: (403, ("不得办理", "Not yours to do")),
    Nature.MISSING: (404, ("不存在", "Not found")),
    Nature.CONFLICT: (409, ("与当前状态不符", "Not possible now")),
    Nature.INVALID: (422, ("内容不符合要求", "Invalid request")),
}


class FieldError(BaseModel):
    """One wrong field of a request, by its path: `links.3`."""

    field: str
    message: str


class ProblemBody(BaseModel):
    """An RFC 9457 problem. `code` is for programs; `title` and `detail` follow Accept-Language."""

    type: str = Field(examples=["/problems/own_draft"])
    title: str
    status: int
    detail: str | None = None
    code: str
    instance: str
    errors: list[FieldError] | None = None


class Fault(NamedTuple):
    """A wrong field and what is wrong with it in both languages."""

    field: str
    message: tuple[str, str]


class Problem(Exception):
    """Raised anywhere in the API for what the caller must know; rendered once, by `render`."""

    def __init__(
        self, trouble: Trouble, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.faults = tuple(faults)
        self.headers = dict(headers or {})


class Refused(Exception):
    """The process (or the rule it shares with the API) said no. `people` names officers and units."""

    def __init__(self, record: RefusalRecord, people: Mapping[str, str]) -> None:
        super().__init__(record.code)
        self.record = record
        self.people = people


def render(request: Request, problem: Problem) -> JSONResponse:
    status, title, detail = _TROUBLES[problem.trouble]
    headers = problem.headers
    if status == 401:  # noqa: PLR2004  # The status says more here than a name for it would.
        headers = headers | {"WWW-Authenticate": 'Bearer realm="huiying"'}
    if status == 503:  # noqa: PLR2004  # As above.
        headers = headers | {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return _answer(request, problem.trouble, status, title, detail, problem.faults, headers)


def render_refusal(request: Request, refused: Refused) -> JSONResponse:
    """A refusal with the sentence that says why, names in place of ids."""
    record, language = refused.record, of_request(request)
    status, title = _NATURES[record.nature]
    detail = record.sentence(language, refusal_names(record, language, refused.people))
    field = record.params.get("field")
    faults = [Fault(field, (detail, detail))] if field else []
    return _answer(request, record.code, status, title, (detail, detail), faults, {})


def _answer(  # The parts of one answer; only the two functions above put them together.
    request: Request,
    code: str,
    status: int,
    title: tuple[str, str],
    detail: tuple[str, str] | None,
    faults: Sequence[Fault],
    headers: Mapping[str, str],
) -> JSONResponse:
    language = of_request(request)
    body: dict[str, object] = {"type": f"/problems/{code}", "title": _in(language, title), "status": status}
    if detail is not None:
        body["detail"] = _in(language, detail)
    body |= {"code": code, "instance": request.url.path}
    if faults:
        body["errors"] = [{"field": fault.field, "message": _in(language, fault.message)} for fault in faults]
    shown = {"Content-Language": language.value, "Vary": "Accept-Language", **headers}
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=shown)


def _in(language: Language, words: tuple[str, str]) -> str:
    return words[language is Language.EN]


def example(trouble: Trouble) -> dict[str, object]:
    """A problem of this kind as documentation shows it."""
    status, title, detail = _TROUBLES[trouble]
    shown: dict[str, object] = {"type": f"/problems/{trouble}", "title": title[1], "status": status}
    if detail:
        shown["detail"] = detail[1]
    return shown | {"code": trouble.value, "instance": "/api/v1/incidents"}


def status_of(trouble: Trouble) -> int:
    return _TROUBLES[trouble].status
