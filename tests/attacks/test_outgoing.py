"""Calls that this program makes: to addresses of its settings alone, once, with an answer that has an end."""

import ast
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr, ValidationError
from pytest_httpserver import HTTPServer

from channels.asking import LARGEST_ANSWER, LostAnswer, ask
from channels.website import WebsiteSettings
from domain import commands as c
from domain.addresses import check_called, is_beside, is_web_address
from domain.vocabulary import ObligationKind
from runtime.identity_provider import IdentityProvider
from runtime.provider_keys import ProviderAway
from tests.api.office import Office, settings_for
from tests.api.test_public import release
from tests.scene import Scene

ROOT = Path(__file__).parents[2]
CALLERS = {
    "api/app.py": "the client of the identity provider",
    "channels": "platforms and services of the settings",
    "db/readiness.py": "an error's name, and no socket",
    "worker.py": "the client of the channels",
    "runtime/identity_provider.py": "the issuer of the settings",
    "runtime/sealing.py": "the API that `huiying sign` is told",
    "runtime/drill": "this machine's own API",
    "runtime/metrics_listener.py": "the engine's own numbers, on loopback",
    "runtime/embedded": "this machine's own processes",
}
CLIENTS = {"httpx2", "httpx", "requests", "aiohttp", "urllib.request", "http.client", "socket", "smtplib", "aiosmtplib"}


def test_nothing_else_in_the_program_can_call_anybody() -> None:
    """So no link in an incident, a release or a referral is ever fetched: who shows it has nothing to fetch with."""
    found = set()
    for path in sorted(ROOT.glob("**/*.py")):
        place = path.relative_to(ROOT).as_posix()
        if place.startswith((".", "tests/", "bench/", "build/", "var/")):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if CLIENTS & set(names):
                found.add(place)
    others = {place for place in found if not place.startswith(tuple(CALLERS))}
    assert others == set()


async def test_links_that_people_wrote_are_not_fetched(office: Office, scene: Scene, httpserver: HTTPServer) -> None:
    link = httpserver.url_for("/somebody")
    await scene.submit(links=[link], summary=f"见 {link}")
    await scene.do(
        "office.duty", c.RecordSuperiorRelease(link=link, scope="州统一发布", obligations=(ObligationKind.RESPONSE,))
    )
    digest = await release(scene, scene.document(f"详见 {link}"))
    for path in ("/documents/flash_report.docx", "/documents/flash_report.pdf", "/evidence", "", "/timeline"):
        assert (await office.get("office.duty", f"/incidents/{scene.id}{path}")).status_code == 200
    for path in ("/public", f"/public/releases/{digest}", "/public/feed.atom"):
        assert (await office.http.get(path)).status_code == 200
    assert httpserver.log == []


@pytest.mark.parametrize(
    "address",
    [
        "http://cms.county.example/in",
        "ftp://cms.county.example/in",
        "file:///etc/passwd",
        "//cms.county.example",
        "https://",
        "https://user:secret@cms.county.example",
        "https://169.254.169.254/latest/meta-data",
        "https://169.254.43518/latest",
        "https://0xa9fea9fe/latest",
        "https://2852039166/latest",
        "https://[::ffff:169.254.169.254]/latest",
        "https://[fe80::1]/",
        "https://[fd00:ec2::254]/latest",
        "https://metadata.google.internal/",
        "https://100.100.100.200/latest",
        "https://0.0.0.0/",
        "https://[::]/",
        "https://[1/",
        "http://127.0.0.1.example/",
        "http://0177.0.0.1/",
    ],
)
def test_no_setting_sends_secrets_to_nobody_in_particular(address: str) -> None:
    with pytest.raises(ValueError, match="must"):
        check_called(address)
    with pytest.raises(ValidationError):
        WebsiteSettings(url=address, secret=SecretStr("s"))


@pytest.mark.parametrize("address", ["https://10.1.2.3/in", "https://cms.county.example/in", "http://127.0.0.1:9/in"])
def test_the_operators_own_network_is_the_operators_word(address: str) -> None:
    assert check_called(address) == address


async def test_nobody_is_followed_to_another_address(httpserver: HTTPServer) -> None:
    """A platform that was taken over, or a setting with a slip, must not hand secrets on."""
    elsewhere = httpserver.url_for("/elsewhere")
    for status in (301, 302, 303, 307, 308):
        path = f"/in/{status}"
        httpserver.expect_request(path).respond_with_data("", status, {"Location": elsewhere})
        async with httpx2.AsyncClient(follow_redirects=True) as http:
            with pytest.raises(LostAnswer):
                await ask(http, "POST", httpserver.url_for(path), json={"secret": "s"})
    assert {request.path for request, _ in httpserver.log} == {f"/in/{status}" for status in (301, 302, 303, 307, 308)}


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    sent = 0

    class Endless(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            async def pieces() -> AsyncIterator[bytes]:
                nonlocal sent
                while True:
                    sent += 65_536
                    yield b" " * 65_536

            return httpx2.Response(200, content=pieces())

    async with httpx2.AsyncClient(transport=Endless()) as http:
        with pytest.raises(LostAnswer, match="without end"):
            await ask(http, "GET", "https://platform.example/")
    assert sent <= LARGEST_ANSWER + 65_536


@pytest.mark.parametrize(
    ("said", "called"),
    [
        ("http://127.0.0.1:5432/token", False),
        ("https://169.254.169.254/token", False),
        ("https://inside.example/token", False),
        ("http://id.example/token", False),
        ("https://id.example.evil.example/token", False),
        ("https://id.example@evil.example/token", False),
        ("javascript:alert(1)", False),
        ("", False),
        ("https://id.example:8443/token", True),
        ("https://tokens.example/token", True),
    ],
)
async def test_a_providers_document_does_not_say_whom_we_call(said: str, called: bool) -> None:
    issuer, asked = "https://id.example", []
    document = {"issuer": issuer, "token_endpoint": said, "jwks_uri": said, "authorization_endpoint": said}

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return httpx2.Response(200, json=document if "well-known" in request.url.path else {"id_token": 1, "keys": []})

    settings = settings_for(
        "postgresql+asyncpg://u:a-long-enough-secret-0@127.0.0.1/x",
        oidc_issuer=issuer,
        oidc_client_id="c",
        oidc_hosts="tokens.example",
    )
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as http:
        provider = IdentityProvider(settings, http)
        if called:
            assert (await provider.depart()).url.startswith(said)
        else:
            with pytest.raises(ProviderAway):
                await provider.depart()
    assert asked == [f"{issuer}/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", " https://a.example", 'https://a.example/"onclick="x', "data:text/html,x", "https://", "x"],
)
def test_what_is_no_web_address_is_no_link(link: str) -> None:
    assert not is_web_address(link)
    assert not is_beside(link, "https://a.example") or is_web_address(link) is False


def test_a_web_address_is_one() -> None:
    assert is_web_address("https://例子.example/路径?a=1#b")
