"""Headers that lie: about the host, about who is asking, about the method; and names of files that end a header."""

import re
from urllib.parse import quote

import httpx2
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api import printing
from api.uploads import file_name
from db.session import Sessions
from tests.api.browser import ORIGIN, Browser
from tests.api.office import Office, app_for, serving, settings_for
from tests.api.test_problems import is_problem
from tests.api.test_public import release
from tests.clock import FixedClock
from tests.scene import Scene
from tests.uploads import png

EVIL = "evil.example"
SPOOFED = {
    "Host": EVIL,
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": f"//{EVIL}",
    "X-Original-URL": f"//{EVIL}/public",
    "X-Rewrite-URL": "/api/v1/incidents",
    "Forwarded": f"host={EVIL};proto=https",
}


async def test_no_answer_believes_the_host_it_was_asked_as(office: Office, scene: Scene) -> None:
    await scene.submit()
    digest = await release(scene, scene.document())
    headers = await office.headers("office.duty") | SPOOFED
    for path in (
        "/",
        "/public",
        f"/public/releases/{digest}",
        "/public/feed.atom",
        "/public/feed.json",
        "/public/anchors",
        "/console",
        "/console/login",
        "/api/v1/incidents?limit=1",
        f"/api/v1/incidents/{scene.id}",
        "/nowhere",
    ):
        answer = await office.http.get(path, headers=headers)
        told = answer.text + "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
        assert EVIL not in told, path


async def test_another_host_signs_nobody_in(database_url: str, sessions: Sessions, clock: FixedClock) -> None:
    """Where a request comes from is told by Origin against the setting, whatever Host says."""
    app = app_for(settings_for(database_url), clock)
    async with serving(app, sessions, clock):
        browser = Browser(app)
        for origin in (f"http://{EVIL}", "null", "", ORIGIN + ".evil.example", ORIGIN.upper() + "/"):
            answer = await browser.http.post("/console/login", headers={"Host": EVIL, "Origin": origin})
            assert answer.status_code == 403, origin


async def test_only_a_trusted_proxy_says_where_a_request_comes_from(
    database_url: str, sessions: Sessions, clock: FixedClock
) -> None:
    """Else a guesser would be somebody else with every guess."""
    settings = settings_for(database_url, logins_per_minute=1)
    app = app_for(settings, clock)
    behind = ProxyHeadersMiddleware(app, settings.trusted_proxies)  # type: ignore[arg-type]  # Its own types of the same.
    async with serving(app, sessions, clock):
        for client, last in (("203.0.113.9", 429), ("127.0.0.1", 401)):
            transport = httpx2.ASGITransport(app=behind, client=(client, 1))  # type: ignore[arg-type]  # An ASGI app of uvicorn's own types.
            statuses = []
            async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as http:
                for number in range(7):
                    answer = await http.post(
                        "/console/login",
                        data={"name": f"nobody{number}", "password": "x"},
                        headers={"Origin": ORIGIN, "X-Forwarded-For": f"198.51.100.{number}"},
                    )
                    statuses.append(answer.status_code)
            assert statuses[-1] == last, client


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
async def test_a_method_is_what_the_request_says_it_is(desk: Office, name: str) -> None:
    headers = await desk.headers("office.admin") | {name: "DELETE"}
    assert (await desk.http.get("/api/v1/tokens", headers=headers)).status_code == 200
    for method in ("GET", "POST"):
        answer = await desk.http.request(method, "/api/v1/tokens/1", headers=headers, params={"_method": "DELETE"})
        is_problem(answer, 405, "method_not_allowed")
    for method in ("TRACE", "CONNECT", "PATCH", "DELETE\t"):
        answer = await desk.http.request(method, "/api/v1/tokens", headers=headers)
        assert answer.status_code == 405, method


async def test_what_a_file_is_called_ends_no_header(office: Office, scene: Scene) -> None:
    await scene.submit()
    for number, name in enumerate(
        (
            'a"; filename="evil.html',
            "a\\..\\..\\evil.exe",
            "../../etc/passwd",
            "\u202egnp.exe",
            "%0d%0aSet-Cookie: a=b",
            "a" * 5000,
        )
    ):
        sent = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
        uploaded = await office.upload("baishi.editor", scene.id, png(shade=number), **sent)
        assert uploaded.status_code == 201, name
        told = (
            await office.http.get(uploaded.headers["location"], headers=await office.headers("office.duty"))
        ).headers
        assert re.fullmatch(r'inline; filename="[0-9a-f]{12}\.png"', told["content-disposition"])
        assert "set-cookie" not in told


@pytest.mark.parametrize(
    "title", ['a"b', "a\r\nSet-Cookie: a=b", "a;b=c", "../a", "\u202e", "\x00", "青岫舆〔2026〕1号"]
)
def test_no_title_ends_the_header_it_stands_in(title: str) -> None:
    (value,) = printing.to_be_kept("ledger.xlsx", title).values()
    assert re.fullmatch(r"attachment; filename=\"ledger\.xlsx\"; filename\*=UTF-8''[A-Za-z0-9%._~-]*", value)


@pytest.mark.parametrize(
    "said",
    ["attachment; filename=../../a", 'attachment; filename="a/b\\c\x00"', "\r\nX: y", "attachment; filename*=x''%ff"],
)
def test_a_name_that_is_kept_is_no_path(said: str) -> None:
    assert not set(file_name(said)) & set("/\\\x00\r\n")
