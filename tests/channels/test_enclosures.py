"""Files beside a release: handed over where they can be, pointed to where they cannot."""

from dataclasses import replace
from datetime import timedelta

import httpx2

from channels import Accepted, Enclosure, NotYet, Publication, Publisher
from channels.wechat import SEE_ORIGINAL
from channels.weibo import post_of
from domain.attachments import Attachment
from domain.vocabulary import Channel, Digest
from tests.channels.conftest import MemoryCall, Places, publication
from tests.clock import START

CHART = Attachment(digest=Digest("a" * 64), media_type="image/png", bytes=7)
URL = f"http://county.example/public/attachments/{CHART.digest}"
ENCLOSED = replace(publication(), enclosures=(Enclosure(CHART, URL),))


async def put_out(adapter: Publisher, one: Publication) -> Accepted:
    call, now = MemoryCall(), START
    for _ in range(20):
        try:
            return await adapter.publish(one, call, now)
        except NotYet as later:
            now += timedelta(seconds=later.seconds)
    raise AssertionError("never accepted")


async def test_the_website_is_told_what_each_file_is_and_where_to_fetch_it(
    places: Places, http: httpx2.AsyncClient
) -> None:
    await put_out(places.adapters(http)[Channel.WEBSITE], ENCLOSED)
    told = {"digest": CHART.digest, "media_type": "image/png", "bytes": 7, "url": URL}
    assert places.website.files == {ENCLOSED.digest: [told]}


async def test_an_article_sends_its_readers_to_the_page_that_has_the_files(
    places: Places, http: httpx2.AsyncClient
) -> None:
    adapter = places.adapters(http)[Channel.WECHAT]
    await put_out(adapter, ENCLOSED)
    await put_out(adapter, publication(body="没有附件。"))
    enclosed, plain = places.wechat.articles.values()
    assert enclosed["content"].endswith(f"<p>{SEE_ORIGINAL.format(count=1)}</p>")
    assert enclosed["content_source_url"] == ENCLOSED.url
    assert plain["content"] == "<p>没有附件。</p>"


async def test_a_post_is_the_same_with_files_and_without(places: Places, http: httpx2.AsyncClient) -> None:
    await put_out(places.adapters(http)[Channel.WEIBO], ENCLOSED)
    assert places.weibo.posted == [ENCLOSED.url]
    assert post_of(ENCLOSED) == post_of(publication())
