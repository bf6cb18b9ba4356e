"""One stack for all that deploying needs to hold to, with a website that answers when it is told to."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.whole.stack import Stack, running


@dataclass
class SlowWebsite:
    """Says that it published once it `may`."""

    asked: threading.Event = field(default_factory=threading.Event)
    may: threading.Event = field(default_factory=threading.Event)
    messages: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        self.messages.append(request.get_json())
        self.asked.set()
        self.may.wait(60)
        return Response(
            '{"status": "published", "id": "7", "url": "https://county.test/7"}', mimetype="application/json"
        )


@pytest.fixture(scope="module")
def website() -> Iterator[tuple[SlowWebsite, str]]:
    """With its address."""
    site = SlowWebsite()
    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        server.expect_request("/huiying").respond_with_handler(site.answer)
        yield site, server.url_for("/huiying")


@pytest.fixture(scope="module")
def stack(website: tuple[SlowWebsite, str]) -> Iterator[Stack]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HUIYING_WEBSITE_URL", website[1])
        environment.setenv("HUIYING_WEBSITE_SECRET", "the secret of a website that is none")
        with running() as stack:
            yield stack
