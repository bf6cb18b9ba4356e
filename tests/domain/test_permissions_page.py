"""The page about permissions says what the table says."""

from pathlib import Path

from domain.permissions import PERMISSIONS
from domain.permissions_page import page

KEPT = Path(__file__).parents[2] / "docs" / "permissions.md"


def test_the_page_is_the_one_that_the_table_makes() -> None:
    assert KEPT.read_text("utf-8") == page(), "stale: run `make permissions`"


def test_the_page_names_every_action_in_both_languages() -> None:
    told = page()
    assert all(f"`{action}` " in told for action in PERMISSIONS)
    assert "责任主体 lead" in told
