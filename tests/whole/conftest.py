"""A stack of its own for each test that leaves none in order."""

from collections.abc import Iterator

import pytest

from tests.whole.stack import Stack, running


@pytest.fixture
def stack() -> Iterator[Stack]:
    with running() as stack:
        yield stack
