"""Seals: a message proves who sent it, for which incident, and that nothing in it was changed."""

import hashlib
import hmac
from typing import Any

import rfc8785
from pydantic import BaseModel, ConfigDict

from domain.instants import Instant
from domain.vocabulary import CommandId, IncidentId, OfficerId


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

    def sealed(self, key: bytes) -> "SealedCommand":
        return self.model_copy(update={"seal": self._expected(key)})

    def is_sealed_with(self, key: bytes) -> bool:
        """Whether the seal fits every other field. Takes the same time whatever is wrong."""
        try:
            expected = self._expected(key)
        except rfc8785.CanonicalizationError:
            # A number that JSON can write and nobody can seal (infinite, or beyond 2^53).
            return False
        return hmac.compare_digest(self.seal.encode(), expected.encode())

    def _expected(self, key: bytes) -> str:
        fields = self.model_dump(mode="json", exclude={"seal"})
        return "s1:" + hmac.new(key, rfc8785.dumps(fields), hashlib.sha256).hexdigest()
