"""A person at a browser, and what must never happen in front of them."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from tests.network import is_local

DESKTOP, PHONE = 1280, 390
HEIGHT = 844
PATIENCE_MS = 30_000
"""For a machine that does much else; an idle one needs a second."""

expect.set_options(timeout=PATIENCE_MS)


_ANSWERS = ("Failed to load resource", "Response Status Error Code")
"""How the browser and htmx begin to tell of an answer that is a refusal."""


class Watchman:
    """Notes each request to another host and each error of a script, for the end of the test."""

    def __init__(self, context: BrowserContext) -> None:
        self.seen: list[str] = []
        context.on("request", self._asked)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.seen.append(f"script: {error.error}"))

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob", "about") and not is_local(address.hostname):
            self.seen.append(f"request: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        # A page that answers 409 or 422 is meant to; the browser calls every such status an error.
        if message.type == "error" and not message.text.startswith(_ANSWERS):
            self.seen.append(f"console: {message.text} at {message.page.url if message.page else ''}")


class Desk:
    """An officer's page. Waits are the browser's own: for what is named to be there."""

    def __init__(self, page: Page, officer: str) -> None:
        self.page = page
        self.officer = officer

    async def go(self, path: str) -> None:
        answer = await self.page.goto(path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    async def open_task(self, words: str, incident: str) -> None:
        """From one's own list, as people do."""
        await self.go("/console/tasks")
        row = self.page.locator("tr", has=self.page.locator(f'a[href="/console/incidents/{incident}"]'))
        await row.get_by_role("link", name=words).first.click()

    async def choose_action(self, incident: str, words: str) -> None:
        """A button of the incident's page."""
        await self.go(f"/console/incidents/{incident}")
        await self.page.locator("main").get_by_role("link", name=words, exact=True).first.click()

    async def fill(self, **fields: str | Iterable[str]) -> None:
        """Fields by their names; several values are boxes to tick. What is folded away is opened first."""
        for name, value in fields.items():
            await self._put(name.replace("__", "."), value)

    async def _put(self, name: str, value: str | Iterable[str]) -> None:
        found = self.page.locator(f'main [name="{name}"]')
        await self._unfold(found.first)
        kind = await found.first.evaluate("f => f.tagName === 'SELECT' ? 'select' : f.type")
        if kind == "select":
            await found.first.select_option(value if isinstance(value, str) else list(value))
        elif kind in ("checkbox", "radio"):
            for one in [value] if isinstance(value, str) else value:
                await self.page.locator(f'main [name="{name}"][value="{one}"]').check()
        else:
            assert isinstance(value, str)
            await found.first.fill(value)

    async def _unfold(self, field: Locator) -> None:
        folded = field.locator("xpath=ancestor::details[not(@open)]")
        while await folded.count():
            await folded.first.locator("> summary").click()

    async def press(self, words: str) -> None:
        await self.page.locator("main").get_by_role("button", name=words, exact=True).click()

    async def sees(self, words: str) -> None:
        await expect(self.page.locator("main")).to_contain_text(words)

    @property
    def incident(self) -> str:
        """Of the page's address."""
        found = re.search(r"/incidents/([0-9a-f]{12,32})", self.page.url)
        assert found, self.page.url
        return found[1]


async def sign_in(page: Page, officer: str, password: str) -> None:
    """On the login page."""
    await page.get_by_label("用户名").fill(officer)
    await page.get_by_label("密码").fill(password)
    await page.get_by_role("button", name="登录").click()
