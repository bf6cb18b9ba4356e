"""What ops search by is named in three places; they agree."""

import re
from pathlib import Path

from runtime.temporal import SEARCH_ATTRIBUTES
from workflows import visibility

SCRIPT = Path(__file__).parents[2] / "deploy" / "temporal" / "create-namespace.sh"
KEYS = (
    visibility.LEVEL,
    visibility.PHASE,
    visibility.LEAD,
    visibility.NEXT_DUE,
    visibility.OVERDUE,
    visibility.WAITING,
    visibility.ATTENTION,
    visibility.DRILL,
)


def test_the_process_sets_exactly_the_attributes_the_namespace_gets() -> None:
    assert {key.name: int(key.indexed_value_type) for key in KEYS} == {k: int(v) for k, v in SEARCH_ATTRIBUTES.items()}


def test_production_registers_the_same_attributes() -> None:
    script = SCRIPT.read_text()
    assert all(re.search(rf"\b{name}\b", script) for name in SEARCH_ATTRIBUTES)
