"""Renders pages. Everything that goes into one is escaped; none has a script."""

from importlib import resources

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from domain.addresses import is_web_address
from domain.labels import label, local_time
from domain.refusals import Language
from domain.vocabulary import ReleaseKind

_templates = Environment(
    loader=PackageLoader("api"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_MEGABYTE = 1_000_000
STYLE = resources.files("api").joinpath("templates/style.css").read_text("utf-8")


def paragraphs(body: str) -> list[list[str]]:
    """Plain text as paragraphs of lines: an empty line ends a paragraph."""
    found: list[list[str]] = [[]]
    for line in body.splitlines():
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [lines for lines in found if lines]


def kind_label(kind: ReleaseKind) -> str:
    return label(kind, Language.ZH)


def size(bytes_: int) -> str:
    """`1.2 MB`, as people are told before they download."""
    return f"{bytes_ / 1e6:.1f} MB" if bytes_ >= _MEGABYTE else f"{max(1, round(bytes_ / 1e3))} kB"


_templates.filters |= {"paragraphs": paragraphs, "kind": kind_label, "local": local_time, "size": size}


def link(address: str) -> Markup:
    """What somebody wrote as an address: a link that takes nothing along, if it leads to the web at all."""
    if not is_web_address(address):
        return escape(address)
    return Markup('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>').format(address)


_templates.filters["link"] = link


def page(template: str, status: int = 200, **shown: object) -> HTMLResponse:
    return HTMLResponse(_templates.get_template(template).render(**shown), status_code=status)
