"""Rings of keys as settings write them: `id:key` pairs, the first in use, all of them known."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Mapping

CODEC_KEY_BYTES = 32
_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_SEPARATORS = re.compile(r"[\s,]+")


def read_ring(text: str) -> Mapping[str, str]:
    """Keys by id, in their order, from pairs that white space or commas part. Raises ValueError, never with a key."""
    ring: dict[str, str] = {}
    for n, pair in enumerate(filter(None, _SEPARATORS.split(text)), start=1):
        id_, colon, key = pair.partition(":")
        if not colon or not key or not _ID.fullmatch(id_):
            raise ValueError(f"pair {n} must be id:key, the id of letters, digits, - and _")
        if id_ in ring:
            raise ValueError(f"two keys are called {id_}")
        ring[id_] = key
    return ring


def read_codec_ring(text: str) -> Mapping[str, bytes]:
    """The ring of the payload codec: `id:base64` pairs of 32 bytes each. Raises ValueError, never with a key."""
    ring: dict[str, bytes] = {}
    for id_, encoded in read_ring(text).items():
        try:
            ring[id_] = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise ValueError(f"the key {id_} is not base64") from None
        if len(ring[id_]) != CODEC_KEY_BYTES:
            raise ValueError(f"the key {id_} must have {CODEC_KEY_BYTES} bytes before base64")
    return ring


def new_codec_ring(id_: str) -> str:
    """A ring of one new key."""
    return f"{id_}:{base64.b64encode(secrets.token_bytes(CODEC_KEY_BYTES)).decode()}"
