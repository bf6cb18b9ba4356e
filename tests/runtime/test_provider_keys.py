"""Tokens of the identity provider: every way to forge one, and how its keys are kept."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from runtime.provider_keys import KEPT_SECONDS, RENEWED_AT_MOST_EVERY, Demands, NotProven, ProviderAway, ProviderKeys

NOW = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
DEMANDS = Demands("https://id.example", "huiying-api")
RSA = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "two"})
CLAIMS = {"iss": "https://id.example", "aud": "huiying-api", "sub": "u1", "exp": SECONDS + 300, "iat": SECONDS}


class Provider:
    """What its JWKS address answers, and how often it was asked."""

    def __init__(self, *keys: Key) -> None:
        self.document: dict[str, Any] = {"keys": [key.as_dict(private=False) for key in keys]}
        self.asked = 0
        self.away = False
        self.seconds = 0.0
        self.keys = ProviderKeys(self.fetch, lambda: self.seconds)

    async def fetch(self) -> Mapping[str, Any]:
        self.asked += 1
        if self.away:
            raise ProviderAway("keys")
        return self.document

    async def claims(self, token: str, demands: Demands = DEMANDS) -> dict[str, Any]:
        return await self.keys.claims_of(token, demands, NOW)


def signed(key: Key = RSA, alg: str = "RS256", header: Mapping[str, Any] | None = None, **claims: object) -> str:
    given = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return jwt.encode({"alg": alg, "kid": key.kid} | dict(header or {}), given, key, algorithms=[alg])


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def test_a_token_signed_by_the_provider_says_who_it_is_for() -> None:
    provider = Provider(RSA, EC)
    assert (await provider.claims(signed()))["sub"] == "u1"
    assert (await provider.claims(signed(EC, "ES256", aud=["other", "huiying-api"])))["sub"] == "u1"
    assert provider.asked == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": SECONDS - 61},
        {"exp": None},
        {"exp": "never"},
        {"nbf": SECONDS + 120},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-api"},
        {"aud": None},
        {"aud": []},
        {"sub": None},
    ],
    ids=str,
)
async def test_an_expired_or_foreign_token_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(NotProven):
        await Provider(RSA).claims(signed(**claims))


async def test_a_token_without_signature_is_refused() -> None:
    for alg in ("none", "None", "NONE", ""):
        for signature in ("", "AAAA"):
            token = f"{encoded({'alg': alg, 'kid': 'one'})}.{encoded(CLAIMS)}.{signature}"
            with pytest.raises(NotProven):
                await Provider(RSA).claims(token)


async def test_a_token_sealed_with_the_public_key_as_a_secret_is_refused() -> None:
    """The algorithm is ours to choose, not the token's."""
    for secret in (RSA.as_pem(private=False), json.dumps(RSA.as_dict(private=False)).encode()):
        signing = f"{encoded({'alg': 'HS256', 'kid': 'one', 'typ': 'JWT'})}.{encoded(CLAIMS)}"
        mac = base64.urlsafe_b64encode(hmac.digest(secret, signing.encode(), hashlib.sha256)).decode().rstrip("=")
        with pytest.raises(NotProven):
            await Provider(RSA).claims(f"{signing}.{mac}")


async def test_a_shared_secret_among_the_keys_opens_nothing() -> None:
    secret = OctKey.import_key(
        "a secret of sixty-four characters, that somebody put where it is not to be", {"kid": "one"}
    )
    provider = Provider(RSA)
    provider.document["keys"] = [secret.as_dict()]
    with pytest.raises(NotProven):
        await provider.claims(signed(secret, "HS256"))
    with pytest.raises(NotProven):
        await provider.claims(signed())


async def test_a_key_that_came_with_the_token_opens_nothing() -> None:
    for header in (
        {"jwk": OTHER.as_dict(private=False)},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example"},
    ):
        with pytest.raises(NotProven):
            await Provider(RSA).claims(signed(OTHER, header=header))


async def test_another_key_of_the_same_name_a_changed_claim_and_rubbish_are_refused() -> None:
    good = signed()
    head, _, tail = good.split(".")
    changed = f"{head}.{encoded(CLAIMS | {'sub': 'office.head'})}.{tail}"
    for token in (signed(OTHER), changed, good[:-4] + "AAAA", "a.b.c", "..", "é.é.é", "x" * 20_000, good + ".x"):
        with pytest.raises(NotProven):
            await Provider(RSA).claims(token)


async def test_a_token_of_another_type_is_refused() -> None:
    assert await Provider(RSA).claims(signed(header={"typ": "at+jwt"}))
    with pytest.raises(NotProven):
        await Provider(RSA).claims(signed(header={"typ": "logout+jwt"}))


async def test_an_id_token_answers_the_question_that_was_asked() -> None:
    provider, demands = Provider(RSA), DEMANDS._replace(nonce="n-1")
    assert await provider.claims(signed(nonce="n-1"), demands)
    assert await provider.claims(signed(nonce="n-1", aud=["huiying-api", "b"], azp="huiying-api"), demands)
    for claims in (
        {"nonce": None},
        {"nonce": "n-2"},
        {"nonce": "n-1", "aud": ["huiying-api", "b"]},
        {"nonce": "n-1", "azp": "b"},
    ):
        with pytest.raises(NotProven):
            await provider.claims(signed(**claims), demands)


async def test_a_new_key_is_fetched_and_an_old_one_forgotten() -> None:
    provider = Provider(RSA)
    await provider.claims(signed())
    provider.document = Provider(EC).document
    provider.seconds = RENEWED_AT_MOST_EVERY
    assert await provider.claims(signed(EC, "ES256"))
    with pytest.raises(NotProven):
        await provider.claims(signed())


async def test_tokens_that_name_unknown_keys_do_not_make_us_ask_for_each() -> None:
    provider = Provider(RSA)
    await provider.claims(signed())
    for number in range(50):
        with pytest.raises(NotProven):
            await provider.claims(signed(header={"kid": f"unknown-{number}"}))
    assert provider.asked == 1
    assert await provider.claims(signed())


async def test_keys_outlast_a_provider_that_is_away() -> None:
    provider = Provider(RSA)
    provider.away = True
    for _ in range(3):
        with pytest.raises(ProviderAway):
            await provider.claims(signed())
    assert provider.asked == 1
    provider.away, provider.seconds = False, RENEWED_AT_MOST_EVERY
    await provider.claims(signed())
    provider.away, provider.seconds = True, provider.seconds + KEPT_SECONDS + 1
    assert await provider.claims(signed())


async def test_a_document_that_is_none_gives_no_keys() -> None:
    provider = Provider(RSA)
    for document in ({}, {"keys": None}, {"keys": ["x", {"kty": "RSA"}, {"kty": "EC", "crv": "P-999"}]}):
        provider.document = document
        provider.keys = ProviderKeys(provider.fetch, lambda: 0.0)
        with pytest.raises(NotProven):
            await provider.claims(signed())
