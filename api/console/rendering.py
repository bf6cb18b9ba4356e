"""Renders the console's pages. Everything that goes into one is escaped; scripts and styles come from files."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2_fragments import render_block

from api.console import files, navigation
from api.console.clocks import countdown
from api.console.language import COOKIE, chosen, translations
from api.console.session import Visit
from api.console.terms import BY_WORD
from api.pages import paragraphs, size
from domain.labels import SHANGHAI, label
from domain.refusals import Language
from domain.vocabulary import CommandName

_LONGEST_DRAFT = 200


def moment(at: datetime) -> str:
    """`11月26日 14:05`, as people speak of it; Asia/Shanghai."""
    local = at.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def instant(at: datetime) -> str:
    """`2026-11-26 14:05:09`, exact; Asia/Shanghai."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def for_input(at: datetime) -> str:
    """What a `datetime-local` field takes; Asia/Shanghai."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


@cache
def _environment(language: Language) -> Environment:
    made = Environment(
        loader=PackageLoader("api.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]  # The extension adds it.
    made.globals |= {"asset": files.address, "language": language.value, "terms": BY_WORD}
    made.filters |= {
        "label": partial(label, language=language),
        "moment": moment_in(language),
        "day": day_in(language),
        "hour": lambda at: f"{at.astimezone(SHANGHAI):%H:%M}",
        "countdown": partial(countdown, language=language),
        "instant": instant,
        "for_input": for_input,
        "iso": lambda at: at.isoformat(),
        "paragraphs": paragraphs,
        "size": size,
    }
    return made


def _english_moment(at: datetime) -> str:
    local = at.astimezone(SHANGHAI)
    return f"{local:%b} {local.day}, {local:%H:%M}"


def moment_in(language: Language) -> Callable[[datetime], str]:
    return moment if language is Language.ZH else _english_moment


def day_in(language: Language) -> Callable[[datetime], str]:
    """`11月26日`; Asia/Shanghai."""
    return lambda at: moment_in(language)(at).rsplit(" ", 1)[0].rstrip(",")


def say(language: Language) -> Callable[[str], str]:
    """Translates sentences that are made outside a template."""
    return translations(language).gettext


def page(request: Request, visitor: Visit | None, template: str, status: int = 200, **shown: object) -> HTMLResponse:
    """A whole page for a signed-in person, or for nobody in particular."""
    made = _environment(chosen(request))
    html = made.get_template(template).render(_context(request, visitor), **shown)
    return HTMLResponse(html, status)


def part(request: Request, visitor: Visit, template: str, block: str, **shown: object) -> HTMLResponse:
    """One block of a page, for a script that puts it in place of the old one."""
    html = render_block(_environment(chosen(request)), template, block, **_context(request, visitor), **shown)
    return HTMLResponse(html)


def _done(request: Request) -> CommandName | None:
    """What the form before this page has brought about."""
    done = request.query_params.get("done", "")
    return CommandName(done) if done in list(CommandName) else None


def _context(request: Request, visitor: Visit | None) -> Mapping[str, Any]:
    language = chosen(request)
    common = {
        "path": request.url.path,
        "here": str(request.url.replace(scheme="", netloc="")),
        "visitor": visitor,
        "other_language": Language.ZH if language is Language.EN else Language.EN,
        "language_cookie": COOKIE,
        "htmx": "hx-request" in request.headers,
        "done": _done(request),
        "arrived": request.query_params.get("arrived", "")[:_LONGEST_DRAFT],
    }
    if visitor is None:
        return common | {"menu": ()}
    county = visitor.caller.county
    names = {unit.id: unit.name for unit in county.units}
    people = {officer.id: officer.name for officer in county.officers}
    return common | {
        "county": county.name,
        "menu": navigation.menu(visitor.caller.actor, request.url.path),
        "unit": lambda unit: names.get(unit, unit),
        "officer": lambda officer: people.get(officer, officer),
    }
