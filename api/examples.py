"""The examples in the OpenAPI document: one invented incident, told through every route."""

from typing import Any

INCIDENT = "3f6c1d0a9be24c7f8a51d2e4b7c90f13"
RELEASE = "9a4e2b7c61d05f38"
DIGEST = "6b1f0c7d2a9e4853b0c6d1e7f2a83945c0d7e6f1a2b3c4d5e6f708192a3b4c5d"

COMMANDS: dict[str, dict[str, Any]] = {
    "submit": {
        "title": "栖霞镇自来水异味",
        "summary": "居民反映自来水有异味，短视频平台出现相关视频。",
        "category": "livelihood",
        "level": "general",
        "townships": ["qixia"],
        "departments": ["water", "health"],
        "superior_department": None,
        "detected_at": "2026-11-03T15:20:00+08:00",
        "source": "hotline",
        "links": ["https://video.example/watch/1"],
        "drill": False,
    },
    "assess": {"level": "significant", "lead": "water", "respond": True, "reason": "影响面扩大，由水务局牵头"},
    "confirm_facts": {"summary": "管网检修后余氯偏高，水质检测合格。"},
    "draft_release": {"release": RELEASE, "digest": DIGEST, "channels": ["bulletin"], "kind": "first"},
    "revise_release": {"release": RELEASE, "digest": DIGEST, "channels": ["bulletin"]},
    "approve": {"release": RELEASE, "step": "unit_approval", "digest": DIGEST, "comment": "同意发布"},
    "return_release": {"release": RELEASE, "step": "unit_approval", "digest": DIGEST, "reason": "请补充检测时间"},
    "review_confidentiality": {"release": RELEASE, "digest": DIGEST, "outcome": "cleared"},
    "assign_step": {
        "release": RELEASE,
        "step": "confidentiality",
        "officer": "office.reviewer",
        "reason": "审查员外出",
    },
    "cancel_release": {"release": RELEASE, "reason": "情况有变，另行起草"},
    "pause_updates": {"reason": "无新进展"},
    "resume_updates": {"reason": "检测有新结果"},
    "schedule_conference": {
        "at": "2026-11-04T10:00:00+08:00",
        "venue": "县政府新闻发布厅",
        "attendees": ["water.head"],
    },
    "record_conference": {"held_at": "2026-11-04T10:00:00+08:00", "attendees": ["water.head"]},
    "waive": {"obligation": "first_release", "reason": "上级统一发布"},
    "close": {"summary": "供水恢复正常，诉求已答复。"},
    "reopen": {"reason": "再次出现异味反映"},
    "note": {"text": "已电话回访反映人。"},
    "retry_blocked": {},
}

DRAFT: dict[str, Any] = {
    "kind": "first",
    "title": "关于栖霞镇自来水异味的情况说明",
    "body": "县水务局已到场排查，正在取样检测。\n\n检测结果将及时公布。",
    "channels": ["bulletin"],
    "embargo_until": None,
    "corrects": None,
}

_STEP: dict[str, Any] = {
    "step": "unit_approval",
    "unit": "water",
    "holders": ["water.head"],
    "state": "open",
    "by": None,
    "at": None,
    "ground": None,
    "open_since": "2026-11-03T08:05:00Z",
}

RELEASE_SHOWN: dict[str, Any] = {
    "release": RELEASE,
    "kind": "first",
    "unit": "water",
    "round": 1,
    "version": 1,
    "digest": DIGEST,
    "state": "in_review",
    "channels": ["bulletin"],
    "embargo_until": None,
    "corrects": None,
    "corrected_by": None,
    "author": "water.editor",
    "drafted_at": "2026-11-03T08:05:00Z",
    "steps": [_STEP],
    "receipts": [],
    "parked": [],
}

_VERSION = {"version": 1, "digest": DIGEST, "author": "water.editor", "drafted_at": "2026-11-03T08:05:00Z"}
RELEASE_TEXT: dict[str, Any] = RELEASE_SHOWN | {
    "title": DRAFT["title"],
    "body": DRAFT["body"],
    "versions": [_VERSION],
}

_TASK: dict[str, Any] = {
    "what": "unit_approval",
    "command": "approve",
    "unit": "water",
    "release": RELEASE,
    "step": "unit_approval",
    "digest": DIGEST,
    "holders": ["water.head"],
    "since": "2026-11-03T08:05:00Z",
    "due_at": "2026-11-03T11:20:00Z",
}

_HEAD: dict[str, Any] = {
    "id": INCIDENT,
    "number": "青岫舆〔2026〕1号",
    "title": COMMANDS["submit"]["title"],
    "level": "general",
    "category": "livelihood",
    "phase": "responding",
    "lead": "water",
    "drill": False,
    "detected_at": "2026-11-03T07:20:00Z",
    "submitted_at": "2026-11-03T07:31:00Z",
    "overdue": False,
    "seq": 9,
    "stale": False,
}

STATE: dict[str, Any] = _HEAD | {
    "policy": "xiangyun-2019-54",
    "summary": COMMANDS["submit"]["summary"],
    "links": COMMANDS["submit"]["links"],
    "source": "hotline",
    "round": 1,
    "reporter": "qixia",
    "townships": ["qixia"],
    "departments": ["water", "health"],
    "superior_department": None,
    "assessed_at": "2026-11-03T07:45:00Z",
    "facts_confirmed_at": None,
    "investigation": False,
    "coordinators": ["office", "publicity"],
    "cooperators": ["health", "qixia"],
    "route": {"article": "3", "reason": "several_departments"},
    "obligations": [
        {
            "id": "o1",
            "round": 1,
            "kind": "first_release",
            "due_at": "2026-11-03T11:20:00Z",
            "state": "pending",
            "met_at": None,
            "hard": False,
            "overdue": False,
            "ran_late": False,
            "article": "10",
            "counted_from": "2026-11-03T07:20:00Z",
            "release": None,
            "explanation": "祥政办通〔2019〕54号第10条：自发现时间（2026-11-03 15:20）起 4 个自然小时",
        }
    ],
    "releases": [RELEASE_SHOWN],
    "conferences": [],
    "updates_paused": False,
    "waiting_for": [_TASK],
}

LISTED: dict[str, Any] = _HEAD | {"next_due_at": "2026-11-03T11:20:00Z", "needs_attention": False}
INCIDENTS: dict[str, Any] = {"items": [LISTED], "next": None}

TASKS: dict[str, Any] = {
    "items": [
        {name: value for name, value in _TASK.items() if name != "holders"}
        | {name: _HEAD[name] for name in ("number", "title", "level", "phase", "drill", "overdue", "stale")}
        | {"incident": INCIDENT}
    ]
}

TIMELINE: dict[str, Any] = {
    "items": [
        {
            "seq": 5,
            "type": "noted",
            "issued_at": "2026-11-03T07:50:00Z",
            "decided_at": "2026-11-03T07:50:00.120000Z",
            "actor": "qixia.editor",
            "seat": {"unit": "qixia", "role": "editor"},
            "on_behalf_of": None,
            "origin": "update",
            "command_id": "0d6f3a5be8c14a7792f1b3c5d7e90246",
            "data": {"text": "t1:" + DIGEST},
            "words": {"text": COMMANDS["note"]["text"]},
        }
    ],
    "next": None,
}

SEALED: dict[str, Any] = {
    "message": {
        "command_id": "0d6f3a5be8c14a7792f1b3c5d7e90246",
        "incident": INCIDENT,
        "name": "note",
        "actor": "qixia.editor",
        "body": {"text": "t1:" + DIGEST},
        "issued_at": "2026-11-03T07:50:00Z",
        "expires_at": "2026-11-03T08:05:00Z",
        "seal": "s1:" + DIGEST,
    }
}

UNITS: list[dict[str, Any]] = [{"id": "water", "name": "县水务局", "kind": "department"}]
OFFICER: dict[str, Any] = {
    "id": "water.head",
    "name": "周明远",
    "posts": [{"unit": "water", "title": "局长", "roles": ["unit_head"], "rank": "head"}],
}
POLICY: dict[str, Any] = {
    "id": "xiangyun-2019-54",
    "title": "县政务舆情监测处置回应和新闻发布工作制度",
    "title_en": "County work system for public-opinion response and news release",
    "source": "祥政办通〔2019〕54号",
    "effective": "2019-07-02",
}
