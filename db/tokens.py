"""What a text is found by: its characters and pairs of neighbours, as Chinese has no spaces to part words at."""

from itertools import pairwise


def tokens(text: str) -> list[str]:
    """Every token of a part of `text` is one of these, so an index on them never overlooks what contains the part."""
    lower = text.lower()
    pairs = (first + second for first, second in pairwise(lower))
    return sorted({token for token in (*lower, *pairs) if not any(map(str.isspace, token))})
