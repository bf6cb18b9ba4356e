"""Enough Markdown for the manual: headings, paragraphs, lists, bold, code, links within the console. Nothing else has
a meaning, and everything is escaped. Pictures are left out: they show the console to whoever is not in it.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from markupsafe import Markup, escape

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\[([^\]]+)\]\((/console[/a-z?=&amp;;-]*)\)")
_ITEM = re.compile(r"(?:- |\d+\. )(.*)")


def render(text: str) -> Markup:
    """A section's text. A paragraph is one line; a list ends with the line that is none of its items."""
    return Markup("\n").join(_blocks(text.splitlines()))


def _blocks(lines: list[str]) -> Iterator[Markup]:
    for kind, group in groupby((line.strip() for line in lines), _kind):
        block = list(group)
        match kind:
            case "ul" | "ol":
                items = Markup("").join(Markup("<li>{}</li>").format(_inline(_words(line))) for line in block)
                yield Markup(f"<{kind}>{{}}</{kind}>").format(items)  # noqa: S704  # One of two tags.
            case "h3":
                yield from (Markup("<h3>{}</h3>").format(_inline(line.removeprefix("### "))) for line in block)
            case "p":
                yield from (Markup("<p>{}</p>").format(_inline(line)) for line in block)


def _kind(line: str) -> str:
    if not line or line.startswith("!["):
        return ""
    if line.startswith("### "):
        return "h3"
    return "ul" if line.startswith("- ") else "ol" if _ITEM.match(line) else "p"


def _words(line: str) -> str:
    found = _ITEM.match(line)
    return found[1] if found else line


def _inline(words: str) -> Markup:
    """Marks are looked for in what is escaped already, and bring no text of their own."""
    marked = _BOLD.sub(r"<strong>\1</strong>", str(escape(words)))
    marked = _CODE.sub(r"<code>\1</code>", marked)
    return Markup(_LINK.sub(r'<a href="\2">\1</a>', marked))  # noqa: S704  # Escaped above.
