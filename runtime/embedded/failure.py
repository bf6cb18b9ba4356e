"""What can go wrong with the stack, in words for the person who started it."""

from __future__ import annotations


class StackFailed(Exception):
    """The stack cannot do what was asked. The text says what is wrong and what to do about it."""
