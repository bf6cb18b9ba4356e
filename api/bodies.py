"""Reads a request's body: JSON only, checked before any model sees it."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from api.faults import UNSTORABLE, faults_of, field_path
from api.problems import Fault, Problem, Trouble

_JSON = re.compile(r"^application/([a-z0-9.+-]+\+)?json$")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

DEEPEST = 16
"""Levels of nesting that are read at all."""

M = TypeVar("M", bound=BaseModel)


async def read_object(request: Request) -> bytes:
    """The body, if it is one JSON object whose strings can be stored. Raises Problem."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not _JSON.match(media_type):
        raise Problem(Trouble.UNSUPPORTED_TYPE)
    raw = await request.body()
    try:
        value = json.loads(raw.decode(), object_pairs_hook=_said_once, parse_constant=_no_number)
    # Nesting beyond the interpreter's limit is as unreadable as a missing brace.
    except (ValueError, RecursionError):
        raise Problem(Trouble.JSON_MALFORMED) from None
    if not isinstance(value, dict):
        raise Problem(Trouble.JSON_MALFORMED)
    if wrong := unstorable(value):
        raise Problem(Trouble.INVALID, wrong)
    return raw


def unstorable(value: object) -> list[Fault]:
    """A fault for each string that PostgreSQL cannot hold. Raises Problem for what nests too deep."""
    return [Fault(path, UNSTORABLE) for path in dict.fromkeys(_unstorable(value))]


def _said_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object. A field that is said twice could be checked as one value and taken as the other."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a field is said twice")
    return made


def _no_number(constant: str) -> object:
    """NaN and the infinities, which are no JSON."""
    raise ValueError(constant)


def _unstorable(value: object, path: tuple[object, ...] = ()) -> Iterator[str]:
    """Where strings stand that PostgreSQL cannot hold. Nothing here nests deeper than a list in an object."""
    if len(path) > DEEPEST:
        raise Problem(Trouble.JSON_MALFORMED)
    if isinstance(value, dict):
        for key, inner in value.items():
            if _UNSTORABLE.search(key):
                yield field_path((*path, key))
            yield from _unstorable(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _unstorable(inner, (*path, index))
    elif isinstance(value, str) and _UNSTORABLE.search(value):
        yield field_path(path)


def parse(model: type[M], raw: bytes) -> M:
    """The body as `model`, strictly: an instant is a string, a flag is true or false. Raises Problem."""
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        errors = error.errors(include_input=False, include_url=False)
        if any(e["type"] == "json_invalid" for e in errors):
            raise Problem(Trouble.JSON_MALFORMED) from None
        raise Problem(Trouble.INVALID, faults_of(errors)) from None


def body_of(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """A dependency that reads the body as `model`. It runs after those named before it: first who, then what."""

    async def read(request: Request) -> M:
        return parse(model, await read_object(request))

    return read


def documented(model: type[BaseModel], shown: dict[str, Any]) -> dict[str, Any]:
    """What OpenAPI says of such a body."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": shown}}}}
