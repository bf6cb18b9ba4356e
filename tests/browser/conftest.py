"""One browser for all tests here; each test opens the pages it needs, signed in as whom it needs."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable
from typing import Any, Protocol, TypeAlias

import pytest
from playwright.async_api import Browser, BrowserContext, Page, StorageState, async_playwright

from tests.browser.desk import DESKTOP, HEIGHT, PATIENCE_MS, Desk, Watchman, sign_in
from tests.browser.places import Furnished, furnish
from tests.whole.stack import Stack
from tests.whole.test_backup import Caller

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        path = os.environ.get("HUIYING_BROWSER") or shutil.which("chromium")
        if not path:
            pytest.skip("no Chromium here: `make browser` installs Debian's, or says what to install")
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


Option: TypeAlias = Any
"""Of a browser context; playwright knows their types."""


class OpenPage(Protocol):
    """A page of nobody. `options` are the browser context's."""

    def __call__(self, width: int = ..., **options: Option) -> Awaitable[Page]: ...


class TakeSeat(Protocol):
    """A page of an officer who is signed in."""

    def __call__(self, officer: str, width: int = ..., **options: Option) -> Awaitable[Desk]: ...


@pytest.fixture
async def open_page(whole: Stack, chromium: Browser) -> AsyncIterator[OpenPage]:
    """Fails the test afterwards for whatever must not happen on any page."""
    opened: list[tuple[BrowserContext, Watchman]] = []

    async def begin(width: int = DESKTOP, **options: Option) -> Page:
        context = await chromium.new_context(
            base_url=whole.addresses["api"],
            viewport={"width": width, "height": HEIGHT},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        opened.append((context, Watchman(context)))
        return await context.new_page()

    yield begin
    await asyncio.gather(*(context.close() for context, _ in opened))
    seen = [what for _, watchman in opened for what in watchman.seen]
    assert not seen, seen


@pytest.fixture(scope="session")
def caller(whole: Stack) -> Caller:
    """Officers without a browser: what a page is to show is made by them."""
    return Caller(whole)


@pytest.fixture(scope="session")
def shown(caller: Caller) -> Furnished:
    """What pages show; nobody decides on it."""
    return furnish(caller)


@pytest.fixture(scope="session")
def password(whole: Stack) -> str:
    return (whole.data / "secrets" / "sample_password").read_text().strip()


@pytest.fixture(scope="session")
def signed_in() -> dict[str, StorageState]:
    """Cookies of whoever signed in already: nobody does so for every page."""
    return {}


@pytest.fixture
def take_seat(open_page: OpenPage, password: str, signed_in: dict[str, StorageState]) -> TakeSeat:
    async def begin(officer: str, width: int = DESKTOP, **options: Option) -> Desk:
        if officer in signed_in:
            return Desk(await open_page(width, storage_state=signed_in[officer], **options), officer)
        page = await open_page(width, **options)
        await page.goto("/console/login")
        await sign_in(page, officer, password)
        await page.wait_for_url("**/console")
        signed_in[officer] = await page.context.storage_state()
        return Desk(page, officer)

    return begin
