"""What the OpenAPI document says beyond what the routes say themselves."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.problems import MEDIA_TYPE, ProblemBody, Trouble, example
from domain.attachments import FORMATS
from domain.refusals import Code, Nature, RefusalRecord

Responses = dict[int | str, dict[str, Any]]

_REFUSALS = {
    Nature.FORBIDDEN: RefusalRecord(
        code=Code.NOT_YOUR_STEP, params={"step": "cosign", "holders": "health.head", "actor": "water.head"}
    ),
    Nature.MISSING: RefusalRecord(code=Code.NO_INCIDENT),
    Nature.CONFLICT: RefusalRecord(code=Code.INCIDENT_ENDED, params={"phase": "closed"}),
    Nature.INVALID: RefusalRecord(code=Code.UNKNOWN_UNIT, params={"units": "nowhere"}),
}
_FILES = (
    RefusalRecord(code=Code.ATTACHMENT_TOO_LARGE, params={"attachment": "image", "most": "10"}),
    RefusalRecord(code=Code.ATTACHMENT_TYPE, params={"types": "jpg,png,xlsx,mp4"}),
    RefusalRecord(code=Code.ATTACHMENT_DAMAGED, params={"type": "png"}),
    RefusalRecord(code=Code.ATTACHMENT_ACTIVE),
)
_PEOPLE = {"health.head": "邹思齐", "water.head": "施望舒"}
_ALWAYS = (Trouble.INTERNAL, Trouble.DATABASE_AWAY)
# While the provider's keys are not to be had, nobody can say whose its tokens are.
_LET_IN = (Trouble.UNAUTHENTICATED, Trouble.FORGED, Trouble.PASSWORD_GIVEN, Trouble.SCOPE_TOO_NARROW)
_ASKED = (*_LET_IN, Trouble.PROVIDER_AWAY, *_ALWAYS)
_WRITTEN = (
    Trouble.JSON_MALFORMED,
    Trouble.TOO_LARGE,
    Trouble.TOO_SLOW,
    Trouble.UNSUPPORTED_TYPE,
    Trouble.INVALID,
    Trouble.PROCESS_AWAY,
    *_ASKED,
)


def read(*troubles: Trouble, missing: bool = False) -> Responses:
    """Problems of a route that officers read from."""
    return _responses((*_ASKED, *troubles), (Nature.MISSING,) if missing else ())


def posted(*troubles: Trouble) -> Responses:
    """Problems of a route that sends a command under an idempotency key."""
    return _responses((*_WRITTEN, Trouble.KEY_MISSING, Trouble.KEY_REUSED, *troubles), tuple(_REFUSALS))


def filed() -> Responses:
    """Problems of a route that writes reference data under an idempotency key."""
    written = tuple(trouble for trouble in _WRITTEN if trouble is not Trouble.PROCESS_AWAY)
    return _responses((*written, Trouble.KEY_MISSING, Trouble.KEY_REUSED), tuple(_REFUSALS))


def written(*troubles: Trouble) -> Responses:
    """Problems of a route that writes reference data; saying it again changes nothing."""
    kept = tuple(trouble for trouble in _WRITTEN if trouble is not Trouble.PROCESS_AWAY)
    return _responses((*kept, *troubles), (Nature.FORBIDDEN,))


def uploaded() -> Responses:
    """Problems of a route that takes a file under an idempotency key."""
    troubles = (
        *_ASKED,
        Trouble.KEY_MISSING,
        Trouble.KEY_REUSED,
        Trouble.STORE_AWAY,
        Trouble.TOO_SLOW,
        Trouble.TOO_MANY,
    )
    return _responses(troubles, (Nature.FORBIDDEN, Nature.MISSING, Nature.CONFLICT), _FILES)


def put(*troubles: Trouble) -> Responses:
    """Problems of a route that sends a command whose content is its own key."""
    return _responses((*_WRITTEN, *troubles), tuple(_REFUSALS))


def public(*troubles: Trouble) -> Responses:
    """Problems of a page that anybody may read."""
    return _responses((*_ALWAYS, *troubles), ())


def _responses(
    troubles: tuple[Trouble, ...], natures: tuple[Nature, ...], further: tuple[RefusalRecord, ...] = ()
) -> Responses:
    shown: dict[int, dict[str, Any]] = {}
    told: list[Trouble | RefusalRecord] = [*troubles, *(_REFUSALS[nature] for nature in natures), *further]
    for what in told:
        status, body = example(what, _PEOPLE)
        shown.setdefault(status, {})[str(body["code"])] = {"value": body}
    schema = {"$ref": "#/components/schemas/ProblemBody"}
    return {
        status: {
            "description": ", ".join(examples),
            "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}},
        }
        for status, examples in sorted(shown.items())
    }


def answers(shown: object, description: str = "") -> dict[str, Any]:
    """A successful answer with its example."""
    return {"description": description or "Success", "content": {"application/json": {"example": shown}}}


def file(media_type: str, shown: str) -> dict[str, Any]:
    """A successful answer that is a file to be kept."""
    content = {"schema": {"type": "string", "format": "binary"}, "example": shown}
    return {"description": "The file", "content": {media_type: content}}


IDEMPOTENT: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "The same key with the same body is the same request, however often it is sent.",
            "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
            "example": "b7c7b1de-5f39-4c86-8f5c-2f0a1f2d9c11",
        }
    ]
}
_BYTES: dict[str, Any] = {
    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}, "example": "(the file's bytes)"}
}
FILE: dict[str, Any] = {
    "description": "The file, under its own media type",
    "content": dict.fromkeys(FORMATS, _BYTES["application/octet-stream"]),
}
FILE_BODY: dict[str, Any] = {
    "parameters": [
        *IDEMPOTENT["parameters"],
        {
            "name": "Content-Disposition",
            "in": "header",
            "required": False,
            "description": "What the uploader calls the file; shown to nobody outside.",
            "schema": {"type": "string"},
            "example": "attachment; filename*=UTF-8''%E7%8E%B0%E5%9C%BA.png",
        },
    ],
    "requestBody": {"required": True, "content": _BYTES},
}
IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the state the decision rests on.",
    "schema": {"type": "string"},
    "example": '"9"',
}


def with_if_match(extra: dict[str, Any]) -> dict[str, Any]:
    return extra | {"parameters": [*extra.get("parameters", []), IF_MATCH]}


def describe(app: FastAPI, bodies: tuple[type[BaseModel], ...]) -> Callable[[], dict[str, Any]]:
    """Makes the document once, with the schemas of the bodies that routes read by themselves."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            template = "#/components/schemas/{model}"
            wanted = [(model, "validation") for model in (*bodies, ProblemBody)]
            _, definitions = models_json_schema(wanted, ref_template=template)  # type: ignore[arg-type]  # The mode is a literal.
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas |= {name: schema for name, schema in definitions["$defs"].items() if name not in schemas}
            _drop_default_failures(document)
            app.openapi_schema = document
        return app.openapi_schema

    return openapi


def _drop_default_failures(document: dict[str, Any]) -> None:
    """Take out the validation error that FastAPI adds by itself: none of our answers has its shape."""
    for methods in document["paths"].values():
        for operation in methods.values():
            if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
