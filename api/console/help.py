"""帮助: the manual of docs/, a page for each role, and the terms with their articles."""

import re
from functools import cache
from importlib import resources
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from api.console import markdown
from api.console.rendering import page
from api.console.session import Visiting
from api.console.terms import TERMS
from api.problems import Problem, Trouble

router = APIRouter(prefix="/console/help", include_in_schema=False)

_SECTION = re.compile(r"^<!-- ([a-z]+) -->\n## (.+)\n", re.MULTILINE)


class Section(NamedTuple):
    """`name` is how its address calls it: the comment before its heading."""

    name: str
    title: str
    text: Markup


class Manual(NamedTuple):
    introduction: Markup
    sections: dict[str, Section]


@cache
def manual() -> Manual:
    """docs/manual.zh.md, which travels with the package: the one source."""
    source = resources.files("api.console").joinpath("manual.zh.md").read_text("utf-8")
    first, *rest = _SECTION.split(source)
    triples = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    sections = {name: Section(name, title, markdown.render(text)) for name, title, text in triples}
    return Manual(markdown.render(first.partition("\n")[2]), sections)


@router.get("", response_class=HTMLResponse)
async def show_help(request: Request, visit: Visiting) -> HTMLResponse:
    return page(request, visit, "help.html", manual=manual(), section=None, glossary=TERMS)


@router.get("/{name}", response_class=HTMLResponse)
async def show_section(request: Request, visit: Visiting, name: str) -> HTMLResponse:
    found = manual().sections.get(name)
    if found is None:
        raise Problem(Trouble.NOT_FOUND)
    return page(request, visit, "help.html", manual=manual(), section=found, glossary=())
