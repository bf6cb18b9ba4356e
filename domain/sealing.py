"""Seals: a message proves who sent it, for which incident, and that nothing in it was changed.

Keys come in a ring: the first seals, all verify, so that one can follow another while commands are on their way.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import rfc8785
from pydantic import BaseModel, ConfigDict

from domain.instants import Instant
from domain.vocabulary import CommandId, IncidentId, OfficerId

PLAINTEXT = "huiying/plaintext"
UNREADABLE = "huiying/unreadable"
"""What stands in place of a message that came unencrypted, or that no key reads, before a digest of it."""

NAMELESS = ""
"""The id of a key from before there were ids. Its seals begin with `s1:` and name none."""

SealKeys = Mapping[str, bytes]
"""Keys by id, at least one; the first is in use."""


class SealedCommand(BaseModel):
    """A command as it travels to the process. `body` holds references in place of words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    command_id: CommandId
    incident: IncidentId
    name: str
    actor: OfficerId
    body: dict[str, Any]
    issued_at: Instant
    expires_at: Instant
    seal: str = ""

    def sealed(self, keys: SealKeys) -> "SealedCommand":
        id_, key = next(iter(keys.items()))
        return self.model_copy(update={"seal": _prefix(id_) + self._digest(key)})

    def is_sealed_with(self, keys: SealKeys) -> bool:
        """Whether the seal fits every other field under the key it names. Takes the same time whatever is wrong."""
        fits = False
        for id_, key in keys.items():
            try:
                digest = self._digest(key)
            except rfc8785.CanonicalizationError:
                # A number that JSON can write and nobody can seal (infinite, or beyond 2^53).
                return False
            # A seal that names no key may be of any: a nameless one gets its name when it joins a ring.
            for prefix in (_prefix(id_), _prefix(NAMELESS)):
                fits |= hmac.compare_digest(self.seal.encode(), (prefix + digest).encode())
        return fits

    def _digest(self, key: bytes) -> str:
        fields = self.model_dump(mode="json", exclude={"seal"})
        return hmac.new(key, rfc8785.dumps(fields), hashlib.sha256).hexdigest()


def _prefix(id_: str) -> str:
    return "s1:" if id_ == NAMELESS else f"s2:{id_}:"
