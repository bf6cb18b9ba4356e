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


class Trouble(StrEnum):
    """What can go wrong before the process has a word to say."""

    KEY_MISSING = "idempotency_key_missing"
    JSON_MALFORMED = "json_malformed"
    FORM_MALFORMED = "form_malformed"
    UNAUTHENTICATED = "unauthenticated"
    FORGED = "request_not_from_console"
    PASSWORD_GIVEN = "password_change_needed"  # noqa: S105  # A code.
    SCOPE_TOO_NARROW = "scope_too_narrow"
    LOGIN_STALE = "login_stale"
    LOGIN_DENIED = "login_denied"
    LOGIN_UNKNOWN = "login_unknown"
    PROVIDER_AWAY = "identity_provider_unavailable"
    NOT_READABLE = "not_readable"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    PRECONDITION_FAILED = "precondition_failed"
    TOO_LARGE = "body_too_large"
    TOO_SLOW = "body_too_slow"
    UNSUPPORTED_TYPE = "unsupported_media_type"
    INVALID = "invalid"
    KEY_REUSED = "idempotency_key_reused"
    TOO_MANY = "too_many_requests"
    TOO_MANY_STREAMS = "too_many_event_streams"
    INTERNAL = "internal_error"
    PROCESS_AWAY = "process_unavailable"
    DATABASE_AWAY = "database_unavailable"
    STORE_AWAY = "attachment_store_unavailable"
    NO_SUCH_RANGE = "range_not_satisfiable"


class _Words(NamedTuple):
    status: int
    title: tuple[str, str]
    detail: tuple[str, str] | None


_TROUBLES: dict[Trouble, _Words] = {
    Trouble.KEY_MISSING: _Words(
        400,
        ("缺少幂等键", "Idempotency key missing"),
        (
            "每个 POST 请求都须携带 Idempotency-Key 请求头（1–200 个可见 ASCII 字符）",
            "Every POST carries an Idempotency-Key header of 1 to 200 visible ASCII characters",
        ),
    ),
    Trouble.JSON_MALFORMED: _Words(
        400,
        ("不是有效的 JSON", "Not valid JSON"),
        ("请求体须为一个 UTF-8 编码的 JSON 对象", "The body must be one JSON object in UTF-8"),
    ),
    Trouble.FORM_MALFORMED: _Words(
        400,
        ("表单无法读取", "Not a form that can be read"),
        ("请刷新页面后重新提交", "Reload the page and send the form again"),
    ),
    Trouble.UNAUTHENTICATED: _Words(
        401,
        ("未通过身份验证", "Not authenticated"),
        (
            "须携带有效的访问令牌（Authorization: Bearer <令牌>），或先登录控制台",
            "A valid token is needed (Authorization: Bearer <token>), or a session of the console",
        ),
    ),
    Trouble.LOGIN_STALE: _Words(
        400,
        ("登录已失效", "This login is over"),
        (
            "登录须在同一浏览器中于十分钟内完成，请重新登录",
            "Finish a login in the same browser within ten minutes; begin again",
        ),
    ),
    Trouble.LOGIN_DENIED: _Words(
        403,
        ("登录未成功", "Not signed in"),
        ("身份认证未通过，请重新登录", "The identity provider did not vouch for you; begin again"),
    ),
    Trouble.LOGIN_UNKNOWN: _Words(
        403,
        ("没有对应的人员", "Nobody here"),
        (
            "您在身份认证平台的账号尚未对应到本县人员，请联系系统管理员",
            "Your account at the identity provider is no officer's here; ask an administrator to link it",
        ),
    ),
    Trouble.PROVIDER_AWAY: _Words(
        503,
        ("身份认证平台暂不可用", "Identity provider unavailable"),
        ("请稍后重试，或用密码登录", "Try again shortly, or sign in with a password"),
    ),
    Trouble.FORGED: _Words(
        403,
        ("请求并非来自本系统页面", "Not from the console"),
        (
            "请刷新页面后重试；以登录会话修改内容时，须携带 X-CSRF-Token 及本站的 Origin",
            "Reload the page and try again; with a session, a change carries X-CSRF-Token and this site's Origin",
        ),
    ),
    Trouble.PASSWORD_GIVEN: _Words(
        403,
        ("须先修改初始密码", "Password change needed"),
        ("请先登录控制台修改初始密码", "Choose a password of your own in the console first"),
    ),
    Trouble.SCOPE_TOO_NARROW: _Words(
        403,
        ("令牌范围不足", "Scope too narrow"),
        ("这个访问令牌不得用于此项操作", "This token was not given for that"),
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
        ("此地址不支持该方法，可用方法见 Allow 响应头", "See the Allow header for the methods of this address"),
    ),
    Trouble.PRECONDITION_FAILED: _Words(
        412,
        ("内容已有变化", "Precondition failed"),
        ("事件已有新的进展，请重新读取后再操作", "The incident has moved on; read it again, then decide"),
    ),
    Trouble.TOO_SLOW: _Words(
        408,
        ("请求体传输过慢", "Body too slow"),
        ("请求体须在一分钟内传完，附件在十五分钟内", "A body arrives within a minute, a file within fifteen"),
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
            "这个 Idempotency-Key 已用于内容不同的请求，请换用新键",
            "This Idempotency-Key belongs to a request with other content; take a new one",
        ),
    ),
    Trouble.TOO_MANY: _Words(
        429,
        ("请求过于频繁", "Too many requests"),
        ("请在 Retry-After 所示秒数后重试", "Try again after the seconds that Retry-After says"),
    ),
    Trouble.TOO_MANY_STREAMS: _Words(
        429,
        ("打开的事件流过多", "Too many event streams"),
        ("请关闭不用的页面后再试", "Close pages that are not in use, then try again"),
    ),
    Trouble.INTERNAL: _Words(500, ("服务器内部错误", "Internal error"), None),
    Trouble.PROCESS_AWAY: _Words(
        503,
        ("流程引擎暂不可用", "Process unavailable"),
        (
            "请求已记下但尚未办理，请稍后以同一 Idempotency-Key 重试",
            "The process cannot answer now; send the same request with the same key again shortly",
        ),
    ),
    Trouble.DATABASE_AWAY: _Words(
        503,
        ("数据库暂不可用", "Database unavailable"),
        ("请稍后重试", "Send the same request again shortly"),
    ),
    Trouble.STORE_AWAY: _Words(
        503,
        ("附件存储暂不可用", "Attachment store unavailable"),
        ("请稍后重试", "Send the same request again shortly"),
    ),
    Trouble.NO_SUCH_RANGE: _Words(
        416,
        ("没有这一段内容", "Range not satisfiable"),
        ("文件没有所请求的字节范围", "The file has no such range of bytes"),
    ),
}

_NATURES: dict[Nature, tuple[int, tuple[str, str]]] = {
    Nature.FORBIDDEN: (403, ("不得办理", "Not yours to do")),
    Nature.MISSING: (404, ("不存在", "Not found")),
    Nature.CONFLICT: (409, ("与当前状态不符", "Not possible now")),
    Nature.TOO_LARGE: (413, ("文件过大", "File too large")),
    Nature.UNSUPPORTED: (415, ("不支持的文件类型", "Unsupported file type")),
    Nature.INVALID: (422, ("内容不符合要求", "Invalid request")),
}

_HEADERS: dict[int, dict[str, str]] = {
    401: {"WWW-Authenticate": 'Bearer realm="huiying"'},
    429: {"Retry-After": "30"},
    503: {"Retry-After": "3"},
}
"""What a status has to bring with it. A worker that was killed is replaced within seconds."""


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


class _Said(NamedTuple):
    """A problem in one language."""

    code: str
    status: int
    title: str
    detail: str | None

    def body(self, instance: str) -> dict[str, object]:
        shown: dict[str, object] = {"type": f"/problems/{self.code}", "title": self.title, "status": self.status}
        if self.detail is not None:
            shown["detail"] = self.detail
        return shown | {"code": self.code, "instance": instance}


def _trouble_in(language: Language, trouble: Trouble) -> _Said:
    status, title, detail = _TROUBLES[trouble]
    return _Said(trouble.value, status, _in(language, title), _in(language, detail) if detail else None)


def _refusal_in(language: Language, record: RefusalRecord, people: Mapping[str, str]) -> _Said:
    """The sentence that says why, with names in place of ids."""
    status, title = _NATURES[record.nature]
    detail = record.sentence(language, refusal_names(record, language, people))
    return _Said(record.code.value, status, _in(language, title), detail)


class Saying(NamedTuple):
    """A problem for a page."""

    status: int
    title: str
    detail: str


def said(language: Language, raised: Problem | Refused) -> Saying:
    """What went wrong, as a page says it."""
    if isinstance(raised, Problem):
        words = _trouble_in(language, raised.trouble)
        if raised.trouble in _ON_PAGES:
            return Saying(words.status, words.title, _in(language, _ON_PAGES[raised.trouble]))
    else:
        words = _refusal_in(language, raised.record, raised.people)
    return Saying(words.status, words.title, words.detail or "")


# Who fills in a form knows nothing of keys.
_ON_PAGES = {
    Trouble.PROCESS_AWAY: (
        "您填写的内容没有丢失，请返回后再次提交；同一份表单只会办理一次",
        "Nothing you wrote is lost: go back and send it again; the same form is acted on once",
    ),
}


def _in(language: Language, words: tuple[str, str]) -> str:
    return words[language is Language.EN]


def render(request: Request, problem: Problem) -> JSONResponse:
    language = of_request(request)
    said = _trouble_in(language, problem.trouble)
    errors = [FieldError(field=field, message=_in(language, message)) for field, message in problem.faults]
    return _answer(request, said, errors, _HEADERS.get(said.status, {}) | problem.headers)


def render_refusal(request: Request, refused: Refused) -> JSONResponse:
    said = _refusal_in(of_request(request), refused.record, refused.people)
    field = refused.record.params.get("field")
    errors = [FieldError(field=field, message=said.detail or said.title)] if field else []
    return _answer(request, said, errors, {})


def _answer(request: Request, said: _Said, errors: Sequence[FieldError], headers: Mapping[str, str]) -> JSONResponse:
    body = said.body(request.url.path)
    if errors:
        body["errors"] = [error.model_dump() for error in errors]
    shown = {"Content-Language": of_request(request).value, "Vary": "Accept-Language", **headers}
    return JSONResponse(body, status_code=said.status, media_type=MEDIA_TYPE, headers=shown)


def example(what: Trouble | RefusalRecord, people: Mapping[str, str] | None = None) -> tuple[int, dict[str, object]]:
    """The status and the body of a problem as documentation shows it."""
    english = Language.EN
    said = _trouble_in(english, what) if isinstance(what, Trouble) else _refusal_in(english, what, people or {})
    return said.status, said.body("/api/v1/incidents")
