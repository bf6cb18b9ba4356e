"""Markup, scripts, formulas and templates in every text anybody can leave here: shown as the characters they are.

The words of an incident are all kept in one table, so all of them become the attack at once; names of people and units
too. Every page there is, those of the console as they come, is then read as a browser would read it.
"""

import json
import re
import zipfile
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from fastapi import FastAPI
from pypdf import PdfReader
from sqlalchemy import text

from api.pages import link
from channels.markup import cleaned, paragraph, picture
from db.session import Sessions
from domain import commands as c
from domain.vocabulary import ConferenceForm, OfficerId
from tests.api.browser import Browser, give_password
from tests.api.office import Office, app_for, serving, settings_for
from tests.api.surfaces import routes_of
from tests.api.test_public import release
from tests.clock import FixedClock
from tests.scene import RELEASE, Scene

ATTACK = (
    """=1+1<x-attack onattack="1">'"></title></script><img src="//evil.example/x" onerror=alert(1)>"""
    """<a href="javascript:alert(1)">{{7*7}}{%raw%}#read("/etc/hosts")]]><!--"""
)
"""Begins as a formula and goes on as HTML; ends as a template, a typesetter's program, CDATA and a comment."""
NAME = """<x-attack onattack=1>"'<img src=//evil>"""
"""The same, as short as a name."""
_OURS = re.compile(r"(?:/[^/\\]|#|https?://127\.0\.0\.1:8080/|$)")


class Page(HTMLParser):
    """What a browser would make of a page; `wrong` is what no page of ours has in it."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.words = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "x-attack" or (tag == "script" and not (given.get("src") or "").startswith("/")):
            self.wrong.append(tag)
        for name, value in attrs:
            leads = name in ("src", "href", "action", "formaction", "srcset", "data", "poster")
            if (
                name.startswith("on")
                or name == "style"
                or (leads and not self._may_lead(tag, name, value or "", given))
            ):
                self.wrong.append(f"{tag} {name}={value}")

    def _may_lead(self, tag: str, name: str, value: str, given: dict[str, str | None]) -> bool:
        """Pages lead anywhere on the web by a link that takes nothing along, and load from here alone."""
        if tag == "a" and value.startswith(("https://", "http://")) and not _OURS.match(value):
            return {"noopener", "nofollow"} <= set((given.get("rel") or "").split())
        return bool(_OURS.match(value))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture
async def app(database_url: str, clock: FixedClock, tmp_path: Path) -> FastAPI:
    return app_for(settings_for(database_url, attachments_url=tmp_path.as_uri()), clock)


@pytest.fixture
async def attacked(app: FastAPI, scene: Scene, sessions: Sessions, clock: FixedClock) -> AsyncIterator[Office]:
    """A county where everybody and everything is called like the attack."""
    await scene.submit(links=["https://v.example/1"])
    await scene.do("office.duty", c.Assess(reason="研判", respond=True, investigation=True))
    await scene.do("baishi.editor", c.ConfirmFacts(summary="已核实"))
    await scene.do("baishi.editor", c.Note(text="已通知"))
    figure = {"fact": "约两千户", "checked": True, "may_say": True, "verified_by": "baishi"}
    await scene.do("baishi.editor", c.AgreeFigure.model_validate(figure))
    await release(scene, scene.document(ATTACK, title=ATTACK[:190]))
    await scene.do(
        "press.desk",
        c.ScheduleConference(
            at=clock.at.replace(hour=12),
            venue="发布厅",
            attendees=(OfficerId("baishi.head"),),
            form=ConferenceForm.CONFERENCE,
            statement=RELEASE,
            invited=("县融媒体中心",),
        ),
    )
    async with sessions.begin() as session:
        # Sorting by kind: a release's words are bound to their digest and hold the attack already.
        await session.execute(text("UPDATE texts SET text = :attack WHERE salt IS NOT NULL"), {"attack": ATTACK})
        for table in ("units", "officers"):
            await session.execute(text(f"UPDATE {table} SET name = :attack"), {"attack": NAME})  # noqa: S608  # Our own names.
    await give_password(sessions, "office.duty")
    async with serving(app, sessions, clock) as office:
        yield office


def _pages(app: FastAPI, known: dict[str, str]) -> list[str]:
    """Addresses of everything that may be a page: all that is read outside the API."""
    paths = sorted(route.removeprefix("GET ") for route in routes_of(app) if route.startswith("GET "))
    read = [path for path in paths if not path.startswith("/api/")]
    return [re.sub(r"{(\w+)[^}]*}", lambda m: known.get(m[1], m[1]), path) for path in read]


async def test_no_page_makes_anything_of_what_people_wrote(
    attacked: Office, app: FastAPI, scene: Scene, sessions: Sessions
) -> None:
    digest = (await scene.state()).releases[RELEASE].version.digest
    known = {"incident": scene.id, "release": RELEASE, "digest": digest, "number": "1", "conference": "c1"}
    browser = Browser(app)
    browser.http.headers["User-Agent"] = ATTACK
    await browser.sign_in("office.duty")
    seen: dict[str, str] = {}
    for address in _pages(app, known):
        answer = await browser.get(address)
        assert answer.status_code in (200, 303, 307, 403, 404, 409), address
        if answer.headers.get("content-type", "").startswith("text/html"):
            page = Page(answer.text)
            assert page.wrong == [], address
            assert "49" not in page.words.replace("{{7*7}}", "") or "7*7" in page.words, address
            seen[address] = page.words
        for name in ("script-src", "default-src"):
            policy = answer.headers["content-security-policy"]
            assert f"{name} 'unsafe-inline'" not in policy
    assert ATTACK in seen[f"/public/releases/{digest}"]
    assert sum(ATTACK[:60] in words for words in seen.values()) >= 3


async def test_feeds_give_readers_text_and_our_own_pictures(attacked: Office) -> None:
    atom = await attacked.http.get("/public/feed.atom")
    (entry,) = ET.fromstring(atom.content).iter("{http://www.w3.org/2005/Atom}entry")  # noqa: S314  # Our own feed.
    summary = entry.findtext("{http://www.w3.org/2005/Atom}summary")
    assert summary is not None
    page = Page(summary)
    assert page.wrong == []
    assert ATTACK in page.words
    (item,) = json.loads((await attacked.http.get("/public/feed.json")).content)["items"]
    # Told to be text, and no HTML beside it.
    assert item["content_text"] == ATTACK
    assert "content_html" not in item


async def test_documents_hold_the_characters_and_nothing_that_runs(attacked: Office, scene: Scene) -> None:
    for name in ("flash_report", "special_report", "ledger", "sign_off", "confidentiality_review"):
        about = {"release": RELEASE} if name in ("sign_off", "confidentiality_review") else {}
        answer = await attacked.get("office.duty", f"/incidents/{scene.id}/documents/{name}.docx", **about)
        assert answer.status_code == 200, name
        with zipfile.ZipFile(BytesIO(answer.content)) as archive:
            words = ""
            for part in archive.namelist():
                if part.endswith((".xml", ".rels")):
                    root = ET.fromstring(archive.read(part))  # noqa: S314  # Our own document.
                    tags = {element.tag for element in root.iter()}
                    assert not any("x-attack" in tag or tag.endswith(("}instrText", "}fldSimple")) for tag in tags) or (
                        part.startswith("word/footer")
                    )
                    external = [e.get("Target") for e in root.iter() if e.get("TargetMode") == "External"]
                    assert external == [], part
                    words += "".join(root.itertext())
        assert "<x-attack" in words, name
    answer = await attacked.get("office.duty", f"/incidents/{scene.id}/documents/flash_report.pdf")
    printed = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    assert "#read" in printed
    assert "localhost" not in printed


async def test_no_cell_of_a_sheet_is_a_formula(attacked: Office, scene: Scene) -> None:
    for path in ("/documents/ledger.xlsx", f"/incidents/{scene.id}/documents/ledger.xlsx"):
        answer = await attacked.get("office.duty", path)
        cells = [
            cell
            for sheet in openpyxl.load_workbook(BytesIO(answer.content))
            for row in sheet.iter_rows()
            for cell in row
        ]
        assert any(str(cell.value).startswith("=1+1") for cell in cells)
        assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
        assert not any(cell.hyperlink for cell in cells)


def test_html_for_a_platform_is_paragraphs_of_text() -> None:
    assert Page(cleaned(paragraph([ATTACK]))).words == ATTACK
    assert cleaned(paragraph(["甲", "乙"])) == "<p>甲<br>乙</p>"


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        "<p onclick=alert(1)>a</p>",
        '<a href="https://evil.example">a</a>',
        '<img src="https://evil.example/a.png">',
        '<img src="//evil.example/a.png">',
        '<img src="https://county.example.evil.example/a.png">',
        "<img src=x onerror=alert(1)>",
        "<svg><animate onbegin=alert(1)>",
        "<style>p{background:url(//evil.example)}</style>",
        '<p style="background:url(//evil.example)">a</p>',
        '<iframe src="https://county.example/"></iframe>',
        "<!--<img title=--><img src=1 onerror=alert(1)>-->",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    ],
)
def test_what_a_mistake_lets_through_is_taken_out(markup: str) -> None:
    """As if somebody had forgotten to escape."""
    for own in (None, "https://county.example"):
        made = cleaned(f"<p>前{markup}后</p>", own)
        assert Page(made).wrong == []
        assert "evil" not in made
        assert "alert(1)" not in made or "<script" in markup or "<style" in markup


@pytest.mark.parametrize(
    "address", [ATTACK, "javascript:alert(1)", 'https://a.example/"onclick="x', "data:text/html,a"]
)
def test_an_address_that_is_none_is_shown_as_it_was_written(address: str) -> None:
    shown = Page(link(address))
    assert (shown.wrong, shown.words) == ([], address)
    assert "<a " not in link(address)


def test_a_link_takes_nothing_along() -> None:
    assert link("https://a.example/?a=1&b") == (
        '<a href="https://a.example/?a=1&amp;b" rel="noopener noreferrer nofollow">https://a.example/?a=1&amp;b</a>'
    )


def test_our_own_pictures_stay() -> None:
    own = picture("https://county.example/public/attachments/a", '附图"1')
    assert cleaned(own, "https://county.example") == own.replace("&quot;1", "&quot;1")
    assert "<img" not in cleaned(own)
