"""Views of the incidents in Temporal's UI: a query over search attributes each. Saved there, or opened by a link."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

_INCIDENTS = "WorkflowType = 'IncidentWorkflow'"
_OPEN = f"{_INCIDENTS} AND ExecutionStatus = 'Running'"
_REAL = f"{_OPEN} AND Drill = false"


class View(NamedTuple):
    name: str
    name_zh: str
    query: str


class Link(NamedTuple):
    """A view and where it is opened."""

    name: str
    name_zh: str
    query: str
    url: str


VIEWS = (
    View("Needs attention", "需要处理", f"{_OPEN} AND NeedsAttention = true"),
    View(
        "Failing workflow task",
        "流程任务失败",
        f"{_OPEN} AND TemporalReportedProblems IN ('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')",
    ),
    View(
        "History does not fit the program",
        "历史与程序不符",
        f"{_OPEN} AND TemporalReportedProblems = 'cause=WorkflowTaskFailedCauseNonDeterministicError'",
    ),
    View("Overdue", "已逾期", f"{_REAL} AND Overdue = true"),
    View("Not assessed yet", "待研判", f"{_REAL} AND IncidentPhase = 'reported'"),
    View("Major and above", "重大以上", f"{_REAL} AND IncidentLevel IN ('especially_major', 'major')"),
    View("Open incidents", "在办事件", _REAL),
    View("Drills", "演练", f"{_OPEN} AND Drill = true"),
    View(
        "Ended by force",
        "被强行结束",
        f"{_INCIDENTS} AND ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut', 'Canceled')",
    ),
)
"""In the order in which one looks."""


def links(origin: str, namespace: str) -> Iterator[Link]:
    """Each view as a link to the UI at `origin`, as in `http://127.0.0.1:8233`."""
    for view in VIEWS:
        yield Link(*view, f"{origin}/namespaces/{namespace}/workflows?query={quote(view.query, safe='')}")
