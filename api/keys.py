"""Idempotency keys and everything that follows from one: command ids, incident ids, the memory of a body."""

import hashlib
import hmac
import re
import uuid
from typing import Annotated

import rfc8785
from fastapi import Depends, Request
from pydantic import BaseModel

from api.problems import Problem, Trouble
from db.idempotency import BodyHash
from domain.sealing import SealKeys
from domain.vocabulary import CommandId, IncidentId, OfficerId, ReleaseId, UnitId

_KEY = re.compile(r"^[\x21-\x7e]{1,200}$")
_NAMESPACE = uuid.UUID("5c2b1f0e-7a3d-5e0b-9d57-3f8f0c5f6a11")


async def _required(request: Request) -> str:
    key = request.headers.get("idempotency-key", "")
    if not _KEY.match(key):
        raise Problem(Trouble.KEY_MISSING)
    return key


IdempotencyKey = Annotated[str, Depends(_required)]


def _derived(*parts: str) -> str:
    return uuid.uuid5(_NAMESPACE, "\n".join(parts)).hex


def unit_scope(unit: UnitId) -> str:
    """Submissions: whoever of a unit repeats its key means the same incident."""
    return f"unit:{unit}"


def officer_scope(officer: OfficerId) -> str:
    return f"officer:{officer}"


def incident_id(scope: str, key: str) -> IncidentId:
    return IncidentId(_derived("incident", scope, key))


def command_id(scope: str, key: str, incident: IncidentId, route: str) -> CommandId:
    return CommandId(_derived("command", scope, key, incident, route))


def release_id(command: CommandId) -> ReleaseId:
    """The release that a drafting command founds."""
    return ReleaseId(_derived("release", command)[:16])


def hash_body(keys: SealKeys, body: BaseModel) -> BodyHash:
    """What is kept to notice another body under the same key. Keyed, so that it tells nothing of the words."""
    fields = rfc8785.dumps(body.model_dump(mode="json", exclude_unset=True))
    return _hash(keys, b"idempotency\n" + fields)


def hash_upload(keys: SealKeys, digest: str) -> BodyHash:
    """The same for a file, by the SHA-256 of what was sent."""
    return _hash(keys, b"idempotency of a file\n" + digest.encode())


def _hash(keys: SealKeys, content: bytes) -> BodyHash:
    return tuple(hmac.new(key, content, hashlib.sha256).hexdigest() for key in keys.values())
