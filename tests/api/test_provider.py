"""Signing in at an identity provider: a real one, on this machine."""

import hashlib
import socket
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlalchemy import text

from db import accounts, provider_logins
from db.session import Sessions
from domain.vocabulary import OfficerId
from runtime.clock import SystemClock
from runtime.identity_provider import IdentityProvider
from tests.api.browser import Browser
from tests.api.office import Office, app_for, serving, settings_for
from tests.api.test_problems import is_problem
from tests.clock import START, FixedClock
from tests.runtime.places import eventually

CLIENT, AUDIENCE, SECRET = "huiying-console", "huiying-api", "9f2c7e1d5a8b04"


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """The provider as a process of its own: it is built on what warns of its own end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx2.get(f"{address}/jwks", trust_env=False).status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False

    try:
        eventually(answers, "the provider")
        yield address
    finally:
        running.terminate()
        running.wait()


@asynccontextmanager
async def with_provider(
    database_url: str, sessions: Sessions, issuer: str, **changes: object
) -> AsyncIterator[tuple[Office, Browser]]:
    given = {"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "oidc_audience": AUDIENCE}
    settings, clock = settings_for(database_url, **given | changes), SystemClock()
    async with serving(app_for(settings, clock), sessions, clock) as office:
        yield office, Browser(office.http._transport.app)  # type: ignore[attr-defined]  # It carries the app.


@pytest.fixture
async def pair(database_url: str, sessions: Sessions, issuer: str) -> AsyncIterator[tuple[Office, Browser]]:
    async with with_provider(database_url, sessions, issuer, oidc_claim="sub") as found:
        yield found


async def authorize(departure: str, subject: str | None) -> str:
    """What the provider sends the browser back with, once somebody has signed in there or was denied."""
    async with httpx2.AsyncClient(trust_env=False) as http:
        form = {"sub": subject} if subject else {"action": "deny"}
        back = (await http.post(departure, data=form)).headers["location"]
    at = urlsplit(back)
    assert back.startswith("http://127.0.0.1:8080/console/oidc/callback")
    return f"{at.path}?{at.query}"


async def depart(browser: Browser, path: str = "/console/oidc/login") -> str:
    answer = await browser.get(path)
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_an_officer_signs_in_and_comes_to_where_they_wanted(pair: tuple[Office, Browser]) -> None:
    office, browser = pair
    page = await browser.get("/console/login?next=/console/account")
    assert 'href="/console/oidc/login?next=/console/account"' in page.text
    departure = await depart(browser, "/console/oidc/login?next=/console/account")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(departure).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) == len(asked["nonce"]) == 64
    async with office.sessions() as session:
        kept = (await session.execute(text("SELECT * FROM provider_logins"))).mappings().one()
    challenge = urlsafe_b64encode(hashlib.sha256(kept["verifier"].encode()).digest()).decode().rstrip("=")
    assert (asked["code_challenge"], asked["nonce"]) == (challenge, kept["nonce"])
    assert asked["state"] not in kept.values()
    answer = await browser.get(await authorize(departure, "office.duty"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/account")
    assert "赵文远" in (await browser.get("/console/account")).text
    async with office.sessions() as session:
        assert (await session.execute(text("SELECT * FROM provider_logins"))).all() == []


async def test_the_code_is_exchanged_with_what_only_we_know(database_url: str, sessions: Sessions, issuer: str) -> None:
    sent: list[httpx2.Request] = []

    async def note(request: httpx2.Request) -> None:
        sent.append(request)

    async with httpx2.AsyncClient(event_hooks={"request": [note]}) as http:
        settings = settings_for(
            database_url, oidc_issuer=issuer, oidc_client_id=CLIENT, oidc_client_secret="9f:/%+2c7e1d5a8b04"
        )
        provider = IdentityProvider(settings, http)
        departure = await provider.depart()
        code = parse_qs(urlsplit(await authorize(departure.url, "u1")).query)["code"][0]
        person = await provider.arrive(code, departure.nonce, departure.verifier, await SystemClock().now())
    assert (person.issuer, person.subject, person.claimed) == (issuer, "u1", None)
    exchange = next(request for request in sent if request.method == "POST")
    assert parse_qs(exchange.content.decode())["code_verifier"] == [departure.verifier]
    assert exchange.headers["authorization"].startswith("Basic ")


async def test_signing_out_leads_to_signing_out_there_as_well(pair: tuple[Office, Browser], issuer: str) -> None:
    _, browser = pair
    await browser.get(await authorize(await depart(browser), "office.duty"))
    answer = await browser.submit("/console/logout", csrf=await browser.csrf("/console/account"))
    assert answer.headers["location"] == "/console/login?ended=provider"
    assert "/console/oidc/logout" in (await browser.get(answer.headers["location"])).text
    there = (await browser.get("/console/oidc/logout")).headers["location"]
    assert there.startswith(f"{issuer}/oauth2/end_session?")
    assert (await browser.get("/console/account")).status_code == 303


async def test_a_login_is_finished_once_by_the_browser_that_began_it(pair: tuple[Office, Browser]) -> None:
    office, browser = pair
    back = await authorize(await depart(browser), "office.duty")
    victim = Browser(office.http._transport.app)  # type: ignore[attr-defined]  # As above.
    assert (await victim.get(back)).status_code == 400
    assert victim.session is None
    await depart(victim)
    assert (await victim.get(back)).status_code == 400, "a login of its own does not finish another's"
    assert (await browser.get(back)).status_code == 303
    assert (await browser.get(back)).status_code == 400, "not twice"
    for path in ("/console/oidc/callback", "/console/oidc/callback?state=x&code=y"):
        assert (await browser.get(path)).status_code == 400


async def test_a_login_that_took_too_long_or_was_denied_says_so(pair: tuple[Office, Browser]) -> None:
    office, browser = pair
    back = await authorize(await depart(browser), "office.duty")
    async with office.sessions.begin() as session:
        await session.execute(text("UPDATE provider_logins SET expires_at = expires_at - INTERVAL '11 minutes'"))
    answer = await browser.get(back)
    assert answer.status_code == 400
    assert "登录已失效" in answer.text
    departure = await depart(browser)
    # This provider forgets what RFC 6749 (4.1.2.1) has it send back with a refusal.
    back = f"{await authorize(departure, None)}&state={parse_qs(urlsplit(departure).query)['state'][0]}"
    assert "error=access_denied" in back
    browser.http.cookies.set("huiying_lang", "en", domain="127.0.0.1", path="/")
    denied = await browser.get(back)
    assert denied.status_code == 403
    assert "did not vouch" in denied.text
    wrong = (await authorize(await depart(browser), "office.duty")).replace("code=", "code=x")
    assert (await browser.get(wrong)).status_code == 403
    mixed_up = await authorize(await depart(browser), "office.duty") + "&iss=https%3A%2F%2Fevil.example"
    assert (await browser.get(mixed_up)).status_code == 400
    assert browser.session is None


async def test_somebody_who_is_no_officer_is_told_so(pair: tuple[Office, Browser]) -> None:
    _, browser = pair
    answer = await browser.get(await authorize(await depart(browser), "stranger"))
    assert answer.status_code == 403
    assert "没有对应的人员" in answer.text
    assert browser.session is None


async def test_a_linked_subject_is_its_officer_and_no_claim_takes_that_officer_over(
    database_url: str, sessions: Sessions, issuer: str
) -> None:
    async with sessions.begin() as session:
        await accounts.link(session, OfficerId("office.head"), issuer, "u-4711", START)
    async with with_provider(database_url, sessions, issuer, oidc_claim="sub") as (_, browser):
        assert (await browser.get(await authorize(await depart(browser), "office.head"))).status_code == 403
        assert (await browser.get(await authorize(await depart(browser), "u-4711"))).status_code == 303
        assert (await browser.http.get("/api/v1/me")).json()["id"] == "office.head"
    async with with_provider(database_url, sessions, issuer) as (_, browser):
        answer = await browser.get(await authorize(await depart(browser), "office.duty"))
        assert answer.status_code == 403, "without a claim, only linked subjects are somebody"


async def test_a_provider_that_is_away_is_a_page_and_passwords_go_on(database_url: str, sessions: Sessions) -> None:
    async with with_provider(database_url, sessions, "http://127.0.0.1:1") as (office, browser):
        answer = await browser.get("/console/oidc/login")
        assert answer.status_code == 503
        assert "text/html" in answer.headers["content-type"]
        assert (await browser.get("/console/login")).status_code == 200
        headers = {"Authorization": "Bearer aaa.bbb.ccc"}
        is_problem(await office.http.get("/api/v1/me", headers=headers), 401, "unauthenticated")


async def test_without_a_provider_there_is_no_such_login(desk: Office) -> None:
    for path in ("/console/oidc/login", "/console/oidc/callback?state=a&code=b", "/console/oidc/logout"):
        assert (await desk.http.get(path)).status_code == 404
    assert "oidc" not in (await desk.http.get("/console/login")).text


async def id_token(issuer: str, client: str, subject: str) -> str:
    """A token that the provider signed for `client`."""
    query = {"client_id": client, "redirect_uri": "http://127.0.0.1:8080/console/oidc/callback", "scope": "openid"}
    asked = httpx2.QueryParams(query | {"response_type": "code", "state": "s", "nonce": "n"})
    code = parse_qs(urlsplit(await authorize(f"{issuer}/oauth2/authorize?{asked}", subject)).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": query["redirect_uri"]}
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{issuer}/oauth2/token", data=form, auth=(client, "s"))
    return str(answer.json()["id_token"])


async def test_a_token_of_the_provider_for_the_api_opens_it_and_no_other_does(
    pair: tuple[Office, Browser], issuer: str
) -> None:
    office, _ = pair

    async def me(token: str) -> httpx2.Response:
        return await office.http.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})

    good = await id_token(issuer, AUDIENCE, "office.duty")
    assert (await me(good)).json()["id"] == "office.duty"
    is_problem(await me(await id_token(issuer, CLIENT, "office.duty")), 401, "unauthenticated")
    is_problem(await me(await id_token(issuer, AUDIENCE, "stranger")), 401, "unauthenticated")
    is_problem(await me(good[:-6] + "AAAAAA"), 401, "unauthenticated")


async def test_an_expired_token_of_the_provider_opens_nothing(
    database_url: str, sessions: Sessions, issuer: str
) -> None:
    token = await id_token(issuer, AUDIENCE, "office.duty")
    settings = settings_for(
        database_url, oidc_issuer=issuer, oidc_client_id=CLIENT, oidc_audience=AUDIENCE, oidc_claim="sub"
    )
    clock = FixedClock(await SystemClock().now() + timedelta(minutes=59))
    async with serving(app_for(settings, clock), sessions, clock) as office:
        headers = {"Authorization": f"Bearer {token}"}
        assert (await office.http.get("/api/v1/me", headers=headers)).status_code == 200
        clock.advance(timedelta(minutes=3))
        is_problem(await office.http.get("/api/v1/me", headers=headers), 401, "unauthenticated")


async def test_what_is_over_is_swept(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        login = provider_logins.ProviderLogin("n", "v", "/console")
        await provider_logins.begin(session, "s", "b", login, START)
        await provider_logins.sweep(session, START + timedelta(minutes=9))
        assert (await session.execute(text("SELECT count(*) FROM provider_logins"))).scalar_one() == 1
        await provider_logins.sweep(session, START + provider_logins.LASTS)
        assert (await session.execute(text("SELECT count(*) FROM provider_logins"))).scalar_one() == 0
