"""A browser at the console: keeps cookies, says where its forms come from, and fills in what a page's form holds."""

import re
from html import unescape

import httpx2
from fastapi import FastAPI

from db import accounts
from db.session import Sessions
from domain.vocabulary import OfficerId
from tests.api.office import CHEAP_PASSWORDS
from tests.clock import START

ORIGIN = "http://127.0.0.1:8080"
PASSWORD = "correct horse battery"
_CSRF = re.compile(r'name="csrf" value="([^"]*)"')


class Browser:
    """Follows no redirect by itself."""

    def __init__(self, app: FastAPI, address: str = "127.0.0.1") -> None:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 4242))
        self.http = httpx2.AsyncClient(transport=transport, base_url=ORIGIN)

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        return await self.http.get(path, headers={"Accept": "text/html"} | headers)

    async def submit(self, path: str, origin: str | None = ORIGIN, **fields: str) -> httpx2.Response:
        """Send a form as it is."""
        headers = {"Accept": "text/html"} | ({"Origin": origin} if origin is not None else {})
        return await self.http.post(path, data=fields, headers=headers)

    async def csrf(self, page: str = "/console/password") -> str:
        """The token in the forms of a page."""
        found = _CSRF.search((await self.get(page)).text)
        assert found, "the page has no form"
        return unescape(found[1])

    async def sign_in(self, name: str, password: str = PASSWORD, path: str = "/console/login") -> httpx2.Response:
        return await self.submit(path, name=name, password=password)

    @property
    def session(self) -> str | None:
        return self.http.cookies.get("huiying_session")


async def give_password(
    sessions: Sessions, officer: str, password: str = PASSWORD, *, must_change: bool = False
) -> None:
    hashed = await CHEAP_PASSWORDS.hash(password)
    async with sessions.begin() as session:
        await accounts.set_password(session, OfficerId(officer), hashed, START, must_change=must_change)
