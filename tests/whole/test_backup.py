"""A backup of a running stack, its folder destroyed: what is restored goes on, and nothing is published twice."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.whole.stack import Stack, wait_until


class Caller:
    """Officers of a stack over HTTP."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.tokens: dict[str, str] = {}

    def ask(self, officer: str, method: str, path: str, **body: object) -> dict[str, Any]:
        if officer not in self.tokens:
            self.tokens[officer] = self.stack.token(officer)
        headers = {"Authorization": f"Bearer {self.tokens[officer]}", "Idempotency-Key": uuid4().hex}
        url = f"{self.stack.addresses['api']}/api/v1{path}"
        answer = httpx2.request(method, url, json=body or None, headers=headers, timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def submission() -> dict[str, object]:
    return {
        "title": "栖霞镇桥头路面塌陷",
        "summary": "网民发布现场视频，无人员伤亡。",
        "category": "livelihood",
        "level": "general",
        "townships": ["qixia"],
        "detected_at": datetime.now(UTC).isoformat(),
        "source": "social",
    }


def draft_and_decide(caller: Caller, incident: str, *, to_the_end: bool) -> dict[str, Any]:
    body = "现场已设置警戒，抢修人员正在作业。\n\n预计今晚 22 时前恢复通行，进展将持续发布。"
    draft = {"kind": "first", "title": "桥头路面塌陷情况通报", "body": body, "channels": ["bulletin"]}
    release = caller.ask("qixia.editor", "POST", f"/incidents/{incident}/releases", **draft)
    about = {"release": release["release"], "digest": release["digest"]}
    caller.ask("qixia.head", "POST", f"/incidents/{incident}/commands/approve", step="unit_approval", **about)
    if to_the_end:
        clear(caller, incident, about)
    return about


def clear(caller: Caller, incident: str, about: dict[str, Any]) -> None:
    path = f"/incidents/{incident}/commands/review_confidentiality"
    caller.ask("qixia.reviewer", "POST", path, outcome="cleared", **about)


@pytest.mark.long
def test_a_destroyed_folder_is_restored_and_goes_on(whole: Stack, tmp_path: Path) -> None:
    stack, caller, archive = whole, Caller(whole), tmp_path / "backup.tar.gz"
    stood = stack.bulletin()
    incidents = [caller.ask("qixia.editor", "POST", "/incidents", **submission())["id"] for _ in range(2)]
    public = draft_and_decide(caller, incidents[0], to_the_end=True)
    wait_until(lambda: public["digest"] in stack.bulletin(), "the release is public")
    waiting = draft_and_decide(caller, incidents[1], to_the_end=False)
    states = [caller.ask("office.duty", "GET", f"/incidents/{incident}") for incident in incidents]

    made = stack.call("backup", str(archive), "--with-keys")
    assert made.returncode == 0, made.stderr
    assert stack.stop() == 0
    keys = (stack.data / "secrets" / "codec_keys").read_text()
    shutil.rmtree(stack.data)
    restored = stack.call("restore", str(archive))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "nothing is wrong" in restored.stdout
    assert (stack.data / "secrets" / "codec_keys").read_text() == keys
    stack.start()

    # Tokens are part of what was backed up, and so is everything that was decided.
    assert [caller.ask("office.duty", "GET", f"/incidents/{incident}") for incident in incidents] == states
    clear(caller, incidents[1], waiting)
    wait_until(lambda: waiting["digest"] in stack.bulletin(), "the other one is public")
    assert sorted(stack.bulletin()) == sorted([public["digest"], waiting["digest"], *stood])
    caller.ask("qixia.editor", "POST", f"/incidents/{incidents[0]}/commands/note", text="之后")
    for incident in incidents:
        entries = caller.ask("office.duty", "GET", f"/incidents/{incident}/timeline")["items"]
        assert [entry["type"] for entry in entries].count("published") == 1
    assert stack.call("verify").returncode == 0
    refused = stack.call("restore", str(archive))
    assert refused.returncode == 1
    assert "already runs" in refused.stderr
