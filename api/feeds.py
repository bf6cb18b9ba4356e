"""The bulletin as feeds. What is not real, a drill, never leaves the county's own page."""

import json
from collections.abc import Sequence
from typing import Any

from feedgenerator import Atom1Feed, Enclosure

from api.pages import kind_label, paragraphs
from channels.markup import cleaned, paragraph, picture
from db.reads import PublicRelease
from domain.attachments import Attachment
from domain.vocabulary import AttachmentKind

_ERASED = "（内容已删除）"


class _ThreadedFeed(Atom1Feed):  # type: ignore[misc]  # The library has no types.
    """Every entry links to all releases about the same matter."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:  # noqa: ANN401  # The library's writer.
        super().add_item_elements(handler, item)
        handler.addQuickElement("link", "", {"rel": "related", "href": item["thread"], "title": "本事件的全部发布"})


def atom(releases: Sequence[PublicRelease], county: str, base: str) -> str:
    """An Atom feed (RFC 4287) in the order given. `base` is the public address without a slash at the end."""
    feed = _ThreadedFeed(
        title=_title_of(county),
        link=f"{base}/public",
        feed_url=f"{base}/public/feed.atom",
        description="",
        language="zh-CN",
        author_name=county,
    )
    for release in releases:
        feed.add_item(
            title=_headline(release),
            link=_address(release, base),
            unique_id=f"urn:huiying:release:{release.digest}",
            description=_markup(release, base),
            author_name=release.unit,
            pubdate=release.published_at,
            updateddate=release.updated_at,
            thread=_thread(release, base),
            categories=(kind_label(release.kind),),
            enclosures=[Enclosure(_file(file, base), str(file.bytes), file.media_type) for file in release.attachments],
        )
    return str(feed.writeString("utf-8"))


def json_feed(releases: Sequence[PublicRelease], county: str, base: str) -> str:
    """A JSON Feed 1.1 in the order given."""
    items = [
        {
            "id": f"urn:huiying:release:{release.digest}",
            "url": _address(release, base),
            "title": _headline(release),
            "content_text": _text(release),
            "authors": [{"name": release.unit}],
            "date_published": release.published_at.isoformat(),
            "date_modified": release.updated_at.isoformat(),
            "tags": [kind_label(release.kind)],
            "attachments": [
                {"url": _file(file, base), "mime_type": file.media_type, "size_in_bytes": file.bytes}
                for file in release.attachments
            ],
            "_huiying": {
                "about": f"{base}/public",
                "digest": release.digest,
                "thread": _thread(release, base),
                "kind": release.kind,
                "corrects": release.corrects,
                "corrected_by": release.corrected_by,
                "withdrawn_at": release.withdrawn_at.isoformat() if release.withdrawn_at else None,
            },
        }
        for release in releases
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title_of(county),
        "home_page_url": f"{base}/public",
        "feed_url": f"{base}/public/feed.json",
        "language": "zh-CN",
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False)


def _title_of(county: str) -> str:
    return f"{county}信息发布公告栏"


def _address(release: PublicRelease, base: str) -> str:
    return f"{base}/public/releases/{release.digest}"


def _thread(release: PublicRelease, base: str) -> str:
    return f"{base}/public/threads/{release.thread}"


def _headline(release: PublicRelease) -> str:
    mark = "【已撤回】" if release.withdrawn_at else "【已更正】" if release.corrected_by else ""
    return mark + (release.document.title if release.document else _ERASED)


def _text(release: PublicRelease) -> str:
    if release.withdrawn_at is not None:
        return "本稿已撤回。"
    return release.document.body if release.document else _ERASED


def _file(file: Attachment, base: str) -> str:
    return f"{base}/public/attachments/{file.digest}"


def _markup(release: PublicRelease, base: str) -> str:
    """Feed readers take a description for HTML, so the plain text becomes some, with its pictures."""
    words = (paragraph(lines) for lines in paragraphs(_text(release)))
    pictures = (
        picture(_file(file, base), f"附图{number}")
        for number, file in enumerate(release.attachments, 1)
        if file.kind is AttachmentKind.IMAGE
    )
    return cleaned("".join((*words, *pictures)), base)
