"""Every page, light and dark, wide and narrow: nothing for axe to find, nothing beside the screen, nothing heavy."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.conftest import OpenPage, TakeSeat
from tests.browser.desk import DESKTOP, HEIGHT, PHONE
from tests.browser.places import Furnished, Place, places

pytestmark = pytest.mark.long

MOST_BYTES = 100_000
CONTRAST = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
ALL = {"resultTypes": ["violations"]}


async def open_place(place: Place, width: int, take_seat: TakeSeat, open_page: OpenPage, color_scheme: str) -> Page:
    page = (
        (await take_seat(place.officer, width, color_scheme=color_scheme)).page
        if place.officer
        else await open_page(width, color_scheme=color_scheme)
    )
    answer = await page.goto(place.path)
    assert answer is not None
    assert answer.status == place.status, f"{place.name}: {answer.status}"
    # What is folded away is read as well.
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    return page


async def faults(page: Page, options: dict[str, Any]) -> list[str]:
    found = (await Axe().run(page, options=options)).response["violations"]
    return [
        f"{one['id']}: {node['html'][:120]} {node['failureSummary'][:200]}" for one in found for node in one["nodes"]
    ]


async def beside(page: Page) -> int:
    """Pixels by which the page is wider than the screen."""
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return int(wide)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("part", range(4))
async def test_pages_are_for_everybody(
    shown: Furnished, take_seat: TakeSeat, open_page: OpenPage, scheme: str, part: int
) -> None:
    """The whole of axe once for each width, the contrast in either light."""
    found: list[str] = []
    for place in places(shown)[part::4]:
        page = await open_place(place, DESKTOP, take_seat, open_page, scheme)
        full, narrow = (ALL, CONTRAST) if scheme == "light" else (CONTRAST, ALL)
        found += [f"{place.name}, wide, {fault}" for fault in await faults(page, full)]
        await page.set_viewport_size({"width": PHONE, "height": HEIGHT})
        found += [f"{place.name}, narrow, {fault}" for fault in await faults(page, narrow)]
        if over := await beside(page):
            found.append(f"{place.name} is {over} pixels wider than a phone")
        await page.context.close()
    assert not found, "\n".join(found)


async def test_pages_are_light(shown: Furnished, take_seat: TakeSeat, open_page: OpenPage) -> None:
    """At the first visit, with nothing in the cache: what travels, as compressed."""
    heavy: dict[str, int] = {}
    for place in places(shown):
        page = (await take_seat(place.officer)).page if place.officer else await open_page()
        network = await page.context.new_cdp_session(page)
        await network.send("Network.enable")
        sizes: list[int] = []
        network.on("Network.loadingFinished", lambda event, sizes=sizes: sizes.append(int(event["encodedDataLength"])))
        await page.goto(place.path, wait_until="load")
        assert sizes
        if sum(sizes) > MOST_BYTES:
            heavy[place.name] = sum(sizes)
        await page.context.close()
    assert not heavy, heavy
