"""Asking the API to seal a command that somebody wants to send as a signal."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import httpx2
from pydantic import TypeAdapter, ValidationError

from domain.commands import COMMANDS, Command
from domain.vocabulary import CommandName

_TIMEOUT_SECONDS = 30


class NotSealed(Exception):
    """There is no seal; the text says why."""


def read_body(name: str, fields: Sequence[str], whole: str | None = None) -> dict[str, Any]:
    """The body of command `name` from `key=value` words over `whole`, a JSON object. Raises NotSealed.

    A value is taken as it stands where the field wants a string, and as JSON where it wants
    anything else.
    """
    model = _model(name)
    body = _object(whole) if whole is not None else {}
    for field in fields:
        key, equals, value = field.partition("=")
        if not equals:
            raise NotSealed(f"{field!r} is not key=value")
        if key not in model.model_fields:
            raise NotSealed(f"{name} has no field {key!r}; it has {', '.join(model.model_fields) or 'none'}")
        body[key] = value if _takes_text(model, key, value) else _json(value)
    return body


def _model(name: str) -> type[Command]:
    if name not in list(CommandName):
        raise NotSealed(f"there is no command {name!r}; there are {', '.join(CommandName)}")
    return COMMANDS[CommandName(name)]


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise NotSealed(f"the body is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise NotSealed("the body is not a JSON object")
    return found


def _takes_text(model: type[Command], key: str, value: str) -> bool:
    field = model.model_fields[key]
    wanted: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    try:
        # As over HTTP: what is no string there is none here either.
        TypeAdapter(wanted).validate_json(json.dumps(value), strict=True)
    except ValidationError:
        return False
    return True


def _json(value: str) -> object:
    try:
        parsed: object = json.loads(value)
    except ValueError:
        # The API says what is wrong with it.
        return value
    return parsed


def ask_seal(api: str, token: str, name: str, incident: str, body: Mapping[str, Any]) -> str:
    """What to give a signal as its `--input`: one line of JSON, encrypted if the API encrypts. Raises NotSealed."""
    # The key is new each time: every call is a command of its own.
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"seal.{secrets.token_hex(16)}"}
    url = f"{api.rstrip('/')}/api/v1/incidents/{incident}/seals/{name}"
    try:
        answer = httpx2.post(url, json=dict(body), headers=headers, timeout=_TIMEOUT_SECONDS, trust_env=False)
    except httpx2.TransportError as error:
        raise NotSealed(f"the API at {api} does not answer: {error}") from None
    if not answer.is_success:
        raise NotSealed(_reason(answer))
    sealed: str = answer.json()["input"]
    return sealed


def _reason(answer: httpx2.Response) -> str:
    if "json" not in answer.headers.get("content-type", ""):
        return f"{answer.status_code} {answer.reason_phrase}"
    problem = answer.json()
    faults = "; ".join(f"{fault['field']}: {fault['message']}" for fault in problem.get("errors") or ())
    return f"{answer.status_code} {problem.get('detail') or problem.get('title')}" + (f" ({faults})" if faults else "")
