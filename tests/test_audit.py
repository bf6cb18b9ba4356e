"""The audit of dependencies: a found weakness fails it, a service that is away does not, and neither goes unsaid."""

import importlib.util
import json
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SOUND = {"name": "a", "version": "1", "vulns": []}
WEAK = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-0", "fix_versions": ["3"]}]}
SKIPPED = {"name": "c", "skip_reason": "not found"}


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("huiying_audit", ROOT / "deploy" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("packages", "passes", "said"),
    [
        ([SOUND], True, ""),
        ([SOUND, WEAK], False, "lock: b 2 has PYSEC-0; mended in 3\n"),
        ([SOUND, SKIPPED], True, "NOT AUDITED: 1 OF 2 PACKAGES OF lock COULD NOT BE LOOKED UP FROM HERE.\n"),
        (None, True, "NOT AUDITED: lock. THE SERVICE OF KNOWN WEAKNESSES DOES NOT ANSWER FROM HERE.\n"),
    ],
)
def test_a_found_weakness_fails_and_an_unasked_question_is_said(
    audit: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    packages: Any,  # noqa: ANN401  # JSON.
    passes: bool,
    said: str,
) -> None:
    answer = "" if packages is None else json.dumps({"dependencies": packages})
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess((), 0, answer, ""))
    assert audit.audit("lock") is passes
    assert capsys.readouterr().out == said


def test_the_audit_knows_its_program(audit: ModuleType) -> None:
    assert importlib.util.find_spec(audit._AUDIT[1]) is not None
