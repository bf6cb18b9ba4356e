"""Tokens that the identity provider signed: its public keys, kept and renewed, and what a token must say."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

from runtime.log import get_logger

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Asymmetric ones alone: with a shared secret, whoever can check a token can make one."""
KEPT_SECONDS = 3600.0
RENEWED_AT_MOST_EVERY = 60.0
"""Seconds. Tokens that name keys nobody has must not make us ask the provider for each."""
LEEWAY = 60
"""Seconds by which its clock and ours may differ."""
LONGEST = 16 * 1024
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})

log = get_logger(__name__)


class NotProven(Exception):
    """A token, or an answer, that does not prove what it claims. Says no more than which part was wrong."""


class ProviderAway(Exception):
    """The provider does not answer, or not as one does."""


class Demands(NamedTuple):
    """What a token must say to count."""

    issuer: str
    audience: str
    nonce: str | None = None


class ProviderKeys:
    """The provider's keys by id. A key it has just begun to use is fetched, one it dropped is forgotten."""

    def __init__(
        self, fetch: Callable[[], Awaitable[Mapping[str, Any]]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str | None, Key] = {}
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._fetching = asyncio.Lock()

    async def claims_of(self, token: str, demands: Demands, now: datetime) -> dict[str, Any]:
        """What the token says. Raises NotProven, ProviderAway."""
        key = await self._key_of(_header_of(token))
        try:
            decoded = jwt.decode(token, key, algorithms=ALGORITHMS)
            _registry(demands, now).validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise NotProven(type(error).__name__) from None
        claims = decoded.claims
        _check_party(claims, demands)
        return claims

    async def _key_of(self, header: Mapping[str, object]) -> Key:
        if header.get("alg") not in ALGORITHMS or str(header.get("typ", "JWT")).lower() not in _TYPES:
            raise NotProven("header")
        kid = header.get("kid")
        known = str(kid) if kid is not None else None
        if self._is_old() or self._find(known) is None:
            await self._renew()
        key = self._find(known)
        if key is None:
            raise NotProven("key")
        return key

    def _find(self, kid: str | None) -> Key | None:
        """A token that names no key is checked with the only one there is."""
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    def _is_old(self) -> bool:
        return self._fetched_at is None or self._clock() - self._fetched_at > KEPT_SECONDS

    async def _renew(self) -> None:
        """Ask for the keys, unless that was done a moment ago. Keys in hand outlast a provider that is away."""
        async with self._fetching:
            if self._asked_at is not None and self._clock() - self._asked_at < RENEWED_AT_MOST_EVERY:
                if self._fetched_at is None:
                    raise ProviderAway("keys")
                return
            self._asked_at = self._clock()
            try:
                self._keys = _usable(await self._fetch())
                self._fetched_at = self._clock()
            except ProviderAway:
                log.warning("provider_keys_not_renewed", kept=len(self._keys))
                if self._fetched_at is None:
                    raise


def _header_of(token: str) -> Mapping[str, object]:
    if len(token) > LONGEST:
        raise NotProven("length")
    try:
        return dict(jws.extract_compact(token.encode()).headers())
    except (JoseError, ValueError):
        raise NotProven("form") from None


def _registry(demands: Demands, now: datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": demands.issuer},
        aud={"essential": True, "value": demands.audience},
        exp={"essential": True},
        sub={"essential": True},
    )


def _check_party(claims: Mapping[str, Any], demands: Demands) -> None:
    if demands.nonce is None:
        return
    if claims.get("nonce") != demands.nonce:
        raise NotProven("nonce")
    # A token for several is ours only if we are the one it was made for.
    parties = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", demands.audience if len(parties) == 1 else None) != demands.audience:
        raise NotProven("azp")


def _usable(document: Mapping[str, Any]) -> dict[str | None, Key]:
    """Public keys for signatures, by id. What is of another kind is left out, a shared secret above all."""
    found: dict[str | None, Key] = {}
    given = document.get("keys")
    for one in given if isinstance(given, list) else []:
        if not isinstance(one, dict) or one.get("use", "sig") != "sig" or one.get("kty") not in ("RSA", "EC", "OKP"):
            continue
        try:
            key = import_key(one)
        except (JoseError, ValueError):
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey):
            found[str(one["kid"]) if "kid" in one else None] = key
    return found
