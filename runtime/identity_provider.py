"""The county's own OpenID provider: where to send a browser, and who came back (OpenID Connect, code flow, PKCE)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx2
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from domain.addresses import is_beside
from runtime.provider_keys import Demands, NotProven, ProviderAway, ProviderKeys
from runtime.settings import Settings

TIMEOUT = httpx2.Timeout(10, connect=5)
_DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Departure:
    """A browser on its way to the provider, and what must be remembered until it is back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Person:
    """Who the provider says it is. `claimed`: what the configured claim names, an officer's id perhaps."""

    issuer: str
    subject: str
    claimed: str | None


class IdentityProvider:
    """Raises NotProven where somebody is not who they claim, and ProviderAway where nobody can tell."""

    def __init__(self, settings: Settings, http: httpx2.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._metadata: Mapping[str, Any] | None = None
        self._keys = ProviderKeys(self._fetch_keys)

    @property
    def callback(self) -> str:
        """What must be registered there as redirect URI."""
        return f"{self._settings.public_url}/console/oidc/callback"

    async def depart(self) -> Departure:
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        url: str = prepare_grant_uri(
            await self._endpoint("authorization_endpoint"),
            self._settings.oidc_client_id,
            "code",
            redirect_uri=self.callback,
            scope=self._settings.oidc_scope,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return Departure(url, state, nonce, verifier)

    async def arrive(self, code: str, nonce: str, verifier: str, now: datetime) -> Person:
        """Who came back with `code`."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": verifier,
            "client_id": self._settings.oidc_client_id,
        }
        secret, auth = self._settings.oidc_client_secret.get_secret_value(), None
        if secret and await self._takes_basic():
            auth = (quote(self._settings.oidc_client_id, safe=""), quote(secret, safe=""))
        elif secret:
            form["client_secret"] = secret
        answer = await self._ask("POST", await self._endpoint("token_endpoint"), data=form, auth=auth)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotProven("id_token")
        demands = Demands(self._settings.oidc_issuer, self._settings.oidc_client_id, nonce)
        return self._person(await self._keys.claims_of(token, demands, now))

    async def bearer(self, token: str, now: datetime) -> Person:
        """Whom an access token stands for, issued for us as its audience."""
        demands = Demands(self._settings.oidc_issuer, self._settings.oidc_audience)
        return self._person(await self._keys.claims_of(token, demands, now))

    async def farewell(self) -> str | None:
        """Where somebody signs out of the provider as well, if it can be done there."""
        if "end_session_endpoint" not in await self._discovered():
            return None
        back = {"client_id": self._settings.oidc_client_id, "post_logout_redirect_uri": self._settings.console_url}
        found: str = add_params_to_uri(await self._endpoint("end_session_endpoint"), list(back.items()))
        return found

    def _person(self, claims: Mapping[str, Any]) -> Person:
        claimed = claims.get(self._settings.oidc_claim) if self._settings.oidc_claim else None
        return Person(str(claims["iss"]), str(claims["sub"]), claimed if isinstance(claimed, str) else None)

    async def _takes_basic(self) -> bool:
        ways = (await self._discovered()).get("token_endpoint_auth_methods_supported")
        return not isinstance(ways, list) or "client_secret_basic" in ways

    async def _discovered(self) -> Mapping[str, Any]:
        if self._metadata is None:
            found = await self._ask("GET", self._settings.oidc_issuer.rstrip("/") + _DISCOVERY)
            if found.get("issuer") != self._settings.oidc_issuer:
                raise ProviderAway("issuer")
            self._metadata = found
        return self._metadata

    async def _endpoint(self, name: str) -> str:
        """On the issuer's own host, or one that the settings name: its document does not get to say whom we call."""
        address = str((await self._discovered()).get(name, ""))
        hosts = (self._settings.oidc_issuer, *(f"https://{host}" for host in self._settings.oidc_hosts.split()))
        if not any(is_beside(address, host) for host in hosts):
            raise ProviderAway(name)
        return address

    async def _fetch_keys(self) -> Mapping[str, Any]:
        return await self._ask("GET", await self._endpoint("jwks_uri"))

    async def _ask(self, method: str, url: str, **given: Any) -> Mapping[str, Any]:  # noqa: ANN401  # What httpx2 takes.
        try:
            answer = await self._http.request(
                method, url, timeout=TIMEOUT, headers={"Accept": "application/json"}, **given
            )
            found = answer.json()
        except (httpx2.HTTPError, ValueError):
            raise ProviderAway(method) from None
        if answer.status_code in (httpx2.codes.BAD_REQUEST, httpx2.codes.UNAUTHORIZED):
            raise NotProven("code")
        if not answer.is_success or not isinstance(found, dict):
            raise ProviderAway(str(answer.status_code))
        return found
