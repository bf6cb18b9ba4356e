"""`make gallery`: pictures of every page, from a stack that played a drill and has incidents of its own.

python -m tests.browser.gallery FOLDER
"""

import asyncio
import base64
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.browser.conftest import FLAGS
from tests.browser.desk import DESKTOP, HEIGHT, PHONE, sign_in
from tests.browser.places import Place, furnish, places
from tests.whole.stack import Stack, running
from tests.whole.test_backup import Caller

SIZES = {"wide": DESKTOP, "narrow": PHONE}
TALLEST = 1600
PICTURE = {"format": "webp", "quality": 45, "captureBeyondViewport": True}


async def take_pictures(stack: Stack, folder: Path) -> None:
    shown = places(furnish(Caller(stack)))
    password = (stack.data / "secrets" / "sample_password").read_text().strip()
    async with async_playwright() as playwright:
        path = os.environ.get("HUIYING_BROWSER") or shutil.which("chromium")
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        for officer in dict.fromkeys(place.officer for place in shown):
            mine = [place for place in shown if place.officer == officer]
            await _of_one(browser, stack.addresses["api"], officer, password, mine, folder)
        await browser.close()
    lines = [_line(place) for place in shown]
    (folder / "README.md").write_text("\n".join([*HEAD, *lines, ""]))


async def _of_one(
    browser: Browser, base: str, officer: str | None, password: str, mine: list[Place], folder: Path
) -> None:
    context = await browser.new_context(base_url=base, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    if officer:
        await page.goto("/console/login")
        await sign_in(page, officer, password)
        await page.wait_for_url("**/console")
    for place in mine:
        for size, width in SIZES.items():
            for scheme in ("light", "dark"):
                await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                await page.set_viewport_size({"width": width, "height": HEIGHT})
                await page.goto(place.path)
                height = await page.evaluate("document.documentElement.scrollHeight")
                clip = {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST), "scale": 1}
                taken = await devtools.send("Page.captureScreenshot", PICTURE | {"clip": clip})
                (folder / _file(place, size, scheme)).write_bytes(base64.b64decode(taken["data"]))
    await context.close()


def _file(place: Place, size: str, scheme: str) -> str:
    return f"{place.name}-{size}-{scheme}.webp"


def _line(place: Place) -> str:
    links = [f"[{size}, {scheme}]({_file(place, size, scheme)})" for size in SIZES for scheme in ("light", "dark")]
    return f"| {place.name} | {place.officer or '—'} | {' · '.join(links)} |"


HEAD = (
    "# Every page, light and dark, at a desk and on a phone",
    "",
    "Made by `make gallery` from a stack with the sample county, a drill that was played, and two incidents.",
    "",
    "| page | seen by | pictures |",
    "|---|---|---|",
)


def main(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with running() as stack:
        played = stack.call("drill", "canteen", "--speed", "fast")
        if played.returncode:
            raise subprocess.CalledProcessError(played.returncode, "drill", played.stdout, played.stderr)
        asyncio.run(take_pictures(stack, folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
