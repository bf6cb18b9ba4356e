"""How a release will look where it is published, and what it must not outgrow there."""

from collections.abc import Sequence
from typing import NamedTuple

from api.console.language import N_
from channels import Publication
from channels.wechat import LONGEST_TITLE
from channels.weibo import LONGEST, length, post_of
from domain.releases import Document
from domain.vocabulary import Channel, Digest, UnitId

_ADDRESS_COUNTS = 10
"""What an address counts at Weibo, however long it is."""
_UNFILLED = ("【", "】")


class Count(NamedTuple):
    """So many of at most so many; no bound when `most` is None."""

    what: str
    counted: int
    most: int | None = None

    @property
    def over(self) -> bool:
        return self.most is not None and self.counted > self.most


class Outlook(NamedTuple):
    """`text` is what the channel shows in place of title and body, where it makes a text of its own."""

    channel: Channel
    counts: tuple[Count, ...]
    text: str | None = None
    url: str = ""


def outlooks(document: Document, unit: UnitId, url: str, *, drill: bool) -> Sequence[Outlook]:
    """One for each of the document's channels; composed by the very adapters that publish."""
    return [_outlook(channel, document, unit, url, drill=drill) for channel in document.channels]


def _outlook(channel: Channel, document: Document, unit: UnitId, url: str, *, drill: bool) -> Outlook:
    title, body = Count(N_("标题"), len(document.title)), Count(N_("正文"), len(document.body))
    if channel is Channel.WEIBO:
        publication = Publication(document, Digest(""), 1, unit, drill, url)
        text = post_of(publication)
        # The platform counts two letters of ASCII as one, and rounds up.
        counted = -int(-(length(text) + 0.5 + _ADDRESS_COUNTS) // 1)
        return Outlook(channel, (Count(N_("全文"), counted, LONGEST),), text, url)
    if channel is Channel.WECHAT:
        return Outlook(channel, (title._replace(most=LONGEST_TITLE), body))
    return Outlook(channel, (title, body))


def unfilled(document: Document) -> int:
    """Places of a template that nobody has filled in."""
    opening, closing = _UNFILLED
    words = document.title + document.body
    return min(words.count(opening), words.count(closing))
