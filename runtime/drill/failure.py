"""What can go wrong with a drill, in words for the person who plays it."""

from __future__ import annotations


class DrillFailed(Exception):
    """The drill cannot begin or go on. The text says why."""
