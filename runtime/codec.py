"""What Temporal stores, encrypted: every payload compressed, then sealed with AES-GCM under a named key.

Reading never raises, because an exception would stick the workflow task. What cannot be read, and what came in
plain text, turns into a mark of `domain.sealing`: a JSON string, which no model of ours accepts for a value, and
which admission refuses by name.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import zlib
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from domain.sealing import PLAINTEXT, UNREADABLE

ENCODING = b"binary/encrypted"
_NONCE_BYTES = 12
_WHOLE, _COMPRESSED = b"\x00", b"\x01"
_WRAPPED = "encrypted"
"""The one field of a JSON object that carries an encrypted payload through a tool that sends JSON only."""
_NOTHING = (b"", b"null", b'""')
"""What says nothing needs no key: a signal without an argument, as Temporal's UI sends it."""


class _CannotRead(Exception):
    """Another key, or bytes that were altered."""


class Codec(PayloadCodec):
    """A ring of keys of 32 bytes: the first encrypts, all decrypt."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._ciphers = {id_: AESGCM(key) for id_, key in keys.items()}
        self._first = next(iter(self._ciphers))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self.lock(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self.unlock(payload) for payload in payloads]

    def lock(self, payload: Payload) -> Payload:
        """The payload under the first key. The same twice never looks the same."""
        content = payload.SerializeToString()
        packed = zlib.compress(content)
        whole = _COMPRESSED + packed if len(packed) < len(content) else _WHOLE + content
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self._first].encrypt(nonce, whole, _bound_to(self._first))
        return Payload(metadata={"encoding": ENCODING, "key": self._first.encode()}, data=nonce + sealed)

    def unlock(self, payload: Payload) -> Payload:
        """What was locked, or a mark in its place."""
        if _says_nothing(payload):
            return payload
        locked = unwrap(payload)
        if locked is None:
            return _mark(PLAINTEXT, payload)
        try:
            inner = self._open(locked)
            # Signed output sent by a tool that encrypts too is encrypted twice.
            again = unwrap(inner)
            return self._open(again) if again is not None else inner
        except _CannotRead:
            return _mark(UNREADABLE, payload)

    def show(self, payload: Payload) -> Payload:
        """For people who look on: what was never encrypted stands as it is."""
        return self.unlock(payload) if unwrap(payload) is not None else payload

    def reads(self, payload: Payload) -> bool:
        """Whether this was encrypted under a key of the ring."""
        locked = unwrap(payload)
        try:
            return locked is not None and bool(self._open(locked))
        except _CannotRead:
            return False

    def _open(self, payload: Payload) -> Payload:
        id_ = payload.metadata.get("key", b"").decode(errors="replace")
        cipher = self._ciphers.get(id_)
        if cipher is None:
            raise _CannotRead
        try:
            whole = cipher.decrypt(payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:], _bound_to(id_))
            content = zlib.decompress(whole[1:]) if whole[:1] == _COMPRESSED else whole[1:]
            return Payload.FromString(content)
        except (InvalidTag, ValueError, zlib.error, DecodeError) as error:
            raise _CannotRead from error


def wrap(payload: Payload) -> str:
    """An encrypted payload as one line of JSON, for a tool that sends JSON only."""
    return json.dumps({_WRAPPED: base64.b64encode(payload.SerializeToString()).decode()})


def unwrap(payload: Payload) -> Payload | None:
    """The encrypted payload that this is, or that its JSON carries; None where there is none."""
    if payload.metadata.get("encoding") == ENCODING:
        return payload
    # Looked at before it is parsed: whatever else was sent may be large, or nested without end.
    if not payload.data.startswith(f'{{"{_WRAPPED}"'.encode()):
        return None
    try:
        carried = Payload.FromString(base64.b64decode(json.loads(payload.data)[_WRAPPED], validate=True))
    except (ValueError, TypeError, KeyError, RecursionError, DecodeError):
        return None
    return carried if carried.metadata.get("encoding") == ENCODING else None


def _says_nothing(payload: Payload) -> bool:
    return payload.metadata.get("encoding") != ENCODING and payload.data in _NOTHING


def _mark(kind: str, payload: Payload) -> Payload:
    """The same payload always gets the same mark, so that a replay reads what was read."""
    digest = hashlib.sha256(payload.data).hexdigest()
    return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(f"{kind}:{digest}").encode())


def _bound_to(id_: str) -> bytes:
    return b"huiying payload 1 " + id_.encode()
