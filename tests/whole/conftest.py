"""A stack of its own for each test of the whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.whole.stack import Stack, new_stack


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Running, with the sample county and nothing else; stopped at the end whatever was done to it."""
    # PostgreSQL under root runs as another user, who must be able to reach the folder.
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o711)
    stack = new_stack(tmp_path)
    stack.start()
    yield stack
    stack.stop()
