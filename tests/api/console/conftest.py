"""A browser of somebody who is signed in, before a database alone or the whole process."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from html import unescape
from typing import Any

import httpx2
import pytest

from tests.api.browser import Browser, give_password
from tests.api.office import Office
from tests.api.test_commands import drafted, published, sign

_KEY = re.compile(r'name="key" value="([^"]*)"')

Fields = dict[str, Any]
"""Of a form: each with one value or several."""
SignIn = Callable[[str], Awaitable["Desk"]]


class Desk(Browser):
    """Fills in forms: the token and the key of the page it looks at go along."""

    async def fill(self, path: str, **fields: str | list[str]) -> httpx2.Response:
        """Open the page of a form, and send it with these fields."""
        page = await self.get(path)
        assert page.status_code == 200, (page.status_code, page.headers.get("location"), page.text)
        return await self.send(path.partition("?")[0], hidden(page.text) | fields)

    async def send(self, path: str, fields: Fields) -> httpx2.Response:
        return await self.http.post(path, data=fields, headers={"Origin": str(self.http.base_url).rstrip("/")})


def hidden(html: str) -> Fields:
    """The hidden fields of a page's main form."""
    main = html.partition("<main")[2]
    found: Fields = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', main):
        found[unescape(name)] = unescape(value)
    return found


async def sit_down(office: Office, officer: str) -> Desk:
    await give_password(office.sessions, officer)
    desk = Desk(office.http._transport.app)  # type: ignore[attr-defined]  # It carries the app.
    assert (await desk.sign_in(officer)).status_code == 303
    return desk


@pytest.fixture
async def sign_in(office: Office) -> AsyncIterator[SignIn]:
    """Signs somebody in where Temporal is down."""
    desks: list[Desk] = []

    async def begin(officer: str) -> Desk:
        desks.append(await sit_down(office, officer))
        return desks[-1]

    yield begin
    for desk in desks:
        await desk.http.aclose()


@pytest.fixture
async def sign_in_live(live: Office) -> AsyncIterator[SignIn]:
    """Signs somebody in before the whole process."""
    desks: list[Desk] = []

    async def begin(officer: str) -> Desk:
        desks.append(await sit_down(live, officer))
        return desks[-1]

    yield begin
    for desk in desks:
        await desk.http.aclose()


@pytest.fixture
async def running_release(live: Office) -> tuple[str, str]:
    """An incident with a release that is public, and the release."""
    incident, made = await drafted(live)
    await sign(live, incident, made)
    await published(live, incident, made["release"])
    return incident, str(made["release"])
