"""Patterns that see what people send take as long as it is long, and no longer."""

import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

import activities
import api
import channels
import db
import documents
import domain
import runtime
from api.language import preferred
from api.pages import paragraphs
from api.uploads import file_name
from domain.privacy import is_public_link, personal_data

LENGTHS = (2_000, 20_000, 100_000)
"""Growing, so that a pattern that takes for ever on the longest is found out by a shorter one."""
SECONDS = 1.0
"""Of this process's own time; what is linear takes a hundredth of it."""
PIECES = (
    *("a", "0", " ", "\n", "\r\n", "/", "-", ".", '"', "\\", "<", "=", "a.", "a ", "a-", "0-", "0 ", "1.", "ab12"),
    *("á", "赵", "，", "某", "赵 ", "赵某", "t1:", "http://", "http://a/", "x=1;", '"a",', "\x00", "\xff\xd8", "+86 "),
)
PACKAGES = (activities, api, channels, db, documents, domain, runtime)


def _patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes], bool]]:
    """Every pattern that a module of ours keeps, alone or in a table; whether it is looked for anywhere in a text."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." in found.name or found.name.endswith(("__main__", "weak_secrets")):
                # The last reads the settings of whoever runs it.
                continue
            module = importlib.import_module(found.name)
            source = inspect.getsource(module)
            for name, value in vars(module).items():
                kept = value.values() if isinstance(value, dict) else [value]
                whole = not isinstance(value, dict) and not re.search(rf"\b{name}\.(?!match|fullmatch)\w+\(", source)
                yield from ((f"{found.name}.{name}", one, not whole) for one in kept if isinstance(one, re.Pattern))


def _hold(what: str, use: Callable[[int], object]) -> None:
    for length in LENGTHS:
        began = time.process_time()
        use(length)
        taken = time.process_time() - began
        assert taken < SECONDS, f"{what}: {taken:.1f} s for {length} characters"


def _spend(pattern: re.Pattern[Any], text: Any, anywhere: bool, length: int) -> None:  # noqa: ANN401  # A text or bytes.
    if not anywhere:
        pattern.fullmatch(text[-length:])
        return
    for _ in pattern.finditer(text[-length:]):
        pass


@pytest.mark.long
def test_no_pattern_of_ours_takes_longer_than_its_text_is_long() -> None:
    patterns = list(_patterns())
    assert len(patterns) > 25
    for name, pattern, anywhere in patterns:
        for piece in PIECES:
            words = (piece * (LENGTHS[-1] // len(piece) + 1))[: LENGTHS[-1]] + "!\n"
            text: Any = words.encode() if isinstance(pattern.pattern, bytes) else words
            _hold(f"{name} on {piece!r}", partial(_spend, pattern, text, anywhere))


@pytest.mark.parametrize("reads", [preferred, paragraphs, file_name, is_public_link], ids=lambda one: one.__name__)
def test_what_reads_headers_and_words_reads_them_once(reads: Callable[[str], object]) -> None:
    for piece in PIECES:
        printable = piece.encode("ascii", "ignore").decode().strip("\r\n\x00") or "a"

        def use(length: int, piece: str = printable) -> object:
            return reads(piece * (length // len(piece)))

        _hold(f"{reads.__name__} on {piece!r}", use)


@pytest.mark.parametrize("piece", ["赵某说", "1 3 8 0 ", "张三", "a"])
def test_a_text_that_must_hold_no_person_is_read_in_time(piece: str) -> None:
    """The longest text that a command takes."""
    began = time.process_time()
    personal_data((piece * 20_000)[:20_000])
    assert time.process_time() - began < 10 * SECONDS
