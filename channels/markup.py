"""HTML for those who take nothing else: paragraphs of a release's plain text, and pictures of our own pages.

The text is escaped on the way in, and what comes of it is cleaned: whatever a mistake elsewhere lets through, no
script, no style, no link and no picture from another address goes out in the county's name.
"""

from collections.abc import Iterable
from html import escape

import nh3

_TAGS = {"p", "br", "img"}
_ATTRIBUTES = {"img": {"src", "alt"}}


def paragraph(lines: Iterable[str]) -> str:
    return f"<p>{'<br>'.join(escape(line) for line in lines)}</p>"


def picture(address: str, words: str) -> str:
    return f'<p><img src="{escape(address)}" alt="{escape(words)}"></p>'


def cleaned(html: str, own: str | None = None) -> str:
    """Only what stands above; pictures only below the address `own`, without one none at all."""

    def kept(_tag: str, attribute: str, value: str) -> str | None:
        return value if attribute != "src" or (own is not None and value.startswith(f"{own}/")) else None

    tags = _TAGS if own is not None else _TAGS - {"img"}
    attributes = _ATTRIBUTES if own is not None else {}
    return nh3.clean(
        html, tags=tags, attributes=attributes, attribute_filter=kept, url_schemes={"http", "https"}, link_rel=None
    )
