"""帮助: one manual, a page for each role, terms with their articles; and no more Markdown than it needs."""

import re
from importlib import resources
from pathlib import Path

import pytest

from api.console import markdown
from api.console.help import manual
from api.console.terms import TERMS
from tests.api.console.conftest import SignIn

ROLES = {"reporter", "head", "reviewer", "office", "press", "leading", "ops", "auditor"}


def test_the_manual_of_docs_is_the_one_that_is_shown() -> None:
    docs = Path(__file__).parents[3] / "docs/manual.zh.md"
    assert resources.files("api.console").joinpath("manual.zh.md").read_text("utf-8") == docs.read_text("utf-8")


def test_every_picture_of_the_manual_is_one_of_the_gallery() -> None:
    docs = Path(__file__).parents[3] / "docs"
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (docs / "manual.zh.md").read_text("utf-8"))
    assert len(pictures) >= 5
    assert [one for one in pictures if not (docs / one).is_file()] == []
    assert all("gallery" not in section.text.replace("docs/gallery", "") for section in manual().sections.values())


def test_the_manual_has_a_page_for_each_role() -> None:
    assert set(manual().sections) >= ROLES
    assert all("<" in section.text for section in manual().sections.values())


async def test_its_pages_are_there_and_what_they_link_to_as_well(sign_in: SignIn) -> None:
    desk = await sign_in("office.duty")
    first = (await desk.get("/console/help")).text
    for term in TERMS:
        assert term.meaning in first
    linked: set[str] = set()
    for name in manual().sections:
        assert f'href="/console/help/{name}"' in first
        page = await desk.get(f"/console/help/{name}")
        assert page.status_code == 200
        article = page.text.partition("<article")[2].partition("</article>")[0]
        linked |= {part.partition('"')[0] for part in article.split('href="')[1:]}
    # Its own report page comes with another part of the console.
    for path in linked - {"/console/report"}:
        assert (await desk.get(path)).status_code == 200, path
    assert (await desk.get("/console/help/none")).status_code == 404


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("一段\n\n二段", "<p>一段</p>\n<p>二段</p>"),
        ("- 甲\n- 乙", "<ul><li>甲</li><li>乙</li></ul>"),
        ("1. 甲\n2. 乙\n\n后", "<ol><li>甲</li><li>乙</li></ol>\n<p>后</p>"),
        ("### 小题", "<h3>小题</h3>"),
        ("**重** `码`", "<p><strong>重</strong> <code>码</code></p>"),
        ("[名册](/console/registers)", '<p><a href="/console/registers">名册</a></p>'),
        ("[坏](https://elsewhere.example)", "<p>[坏](https://elsewhere.example)</p>"),
        ("[坏](javascript:alert)", "<p>[坏](javascript:alert)</p>"),
        ("<script>&", "<p>&lt;script&gt;&amp;</p>"),
        ('[x"y](/console)', '<p><a href="/console">x&#34;y</a></p>'),
    ],
)
def test_only_what_the_manual_needs_has_a_meaning(text: str, html: str) -> None:
    assert markdown.render(text) == html
