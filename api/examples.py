"""The examples in the OpenAPI document: one invented incident, told through every route."""

from typing import Any

INCIDENT = "3f6c1d0a9be24c7f8a51d2e4b7c90f13"
RELEASE = "9a4e2b7c61d05f38"
DIGEST = "6b1f0c7d2a9e4853b0c6d1e7f2a83945c0d7e6f1a2b3c4d5e6f708192a3b4c5d"
FILE = "e1d2c3b4a5968778695a4b3c2d1e0f0f1e2d3c4b5a69788796a5b4c3d2e1f001"

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
    "acknowledge": {"obligation": "first_release"},
    "agree_figure": {
        "fact": "受影响居民约两千户",
        "checked": True,
        "may_say": True,
        "verified_by": "water",
        "valid_until": "2026-11-03T20:00:00+08:00",
    },
    "withdraw_figure": {"figure": "f1", "reason": "户数有新核实结果"},
    "approve": {"release": RELEASE, "step": "unit_approval", "digest": DIGEST, "comment": "同意发布"},
    "return_release": {"release": RELEASE, "step": "unit_approval", "digest": DIGEST, "reason": "请补充检测时间"},
    "settle_disagreement": {
        "release": RELEASE,
        "unit": "health",
        "digest": DIGEST,
        "reason": "经会商，数据以水务局检测结果为准",
    },
    "review_confidentiality": {"release": RELEASE, "digest": DIGEST, "outcome": "cleared"},
    "assign_step": {
        "release": RELEASE,
        "step": "confidentiality",
        "officer": "office.reviewer",
        "reason": "审查员外出",
    },
    "emergency_release": {"release": RELEASE, "digest": DIGEST, "reason": "山洪红色预警，须立即告知群众转移"},
    "withdraw_release": {"release": RELEASE, "reason": "检测数据有误，先行撤回"},
    "resolve_publication": {
        "release": RELEASE,
        "channel": "wechat",
        "outcome": "published",
        "url": "https://mp.weixin.example/s/1",
        "published_at": "2026-11-03T17:05:00+08:00",
    },
    "record_superior_release": {
        "link": "https://www.zhou.example/news/1",
        "scope": "州指挥部统一发布灾情与救援进展",
        "obligations": ["response"],
    },
    "cancel_release": {"release": RELEASE, "reason": "情况有变，另行起草"},
    "pause_updates": {"reason": "无新进展"},
    "restrict_incident": {"units": ["police"], "officers": ["press.head"], "reason": "涉及未公开的侦查情况"},
    "lift_restriction": {"reason": "案情已公开通报"},
    "resume_updates": {"reason": "检测有新结果"},
    "schedule_conference": {
        "at": "2026-11-04T10:00:00+08:00",
        "venue": "县政府新闻发布厅",
        "attendees": ["water.head"],
        "statement": RELEASE,
        "invited": ["县融媒体中心"],
    },
    "approve_conference": {"conference": "c1", "comment": "同意"},
    "postpone_conference": {"conference": "c1", "at": "2026-11-04T15:00:00+08:00", "reason": "等待检测结果"},
    "cancel_conference": {"conference": "c1", "reason": "改为书面回应"},
    "record_conference": {"held_at": "2026-11-04T10:00:00+08:00", "attendees": ["water.head"]},
    "convene_consultation": {
        "participants": ["water", "health"],
        "at": "2026-11-03T16:30:00+08:00",
        "agenda": "研判水质异常原因与回应口径",
    },
    "conclude_consultation": {
        "consultation": "m1",
        "conclusions": "余氯偏高，水质合格",
        "release_plan": "今晚发布检测结果，明日上午召开发布会",
        "handling_plan": "逐户回访，设置供水点",
    },
    "assign_task": {
        "what": "复检末梢水并报送结果",
        "unit": "health",
        "officer": "health.editor",
        "due_at": "2026-11-04T09:00:00+08:00",
        "consultation": "m1",
    },
    "complete_task": {"task": "t1", "outcome": "done", "report": "复检合格"},
    "designate_lead": {"lead": "water", "reason": "供水管理职责在水务局"},
    "refer_rumour": {
        "claim": "网传水厂遭人投毒、多人死亡",
        "nature": "fabrication",
        "falsehood": "水质检测合格，无人就医",
        "intent": "经公开辟谣后仍多次编造发布",
        "harm": "引发抢购，扰乱社会秩序",
        "legal_ground": "《治安管理处罚法》第二十九条",
        "links": ["https://video.example/watch/1"],
        "receiver": "police",
        "release": RELEASE,
    },
    "confirm_referral": {"referral": "r1", "confirmed": True},
    "acknowledge_referral": {"referral": "r1", "receipt": "青公网〔2026〕12号"},
    "merge_into": {"survivor": "5b2c1d0a9be24c7f8a51d2e4b7c90f44", "reason": "同一水厂引起的同一事件"},
    "absorb": {"incident": "5b2c1d0a9be24c7f8a51d2e4b7c90f44"},
    "waive": {"obligation": "first_release", "reason": "上级统一发布"},
    "close": {"summary": "供水恢复正常，诉求已答复。"},
    "reopen": {"reason": "再次出现异味反映"},
    "note": {"text": "已电话回访反映人。"},
    "retry_blocked": {},
}

REFERRAL: dict[str, Any] = {
    **{name: COMMANDS["refer_rumour"][name] for name in ("claim", "nature", "falsehood", "intent", "harm")},
    **{name: COMMANDS["refer_rumour"][name] for name in ("legal_ground", "links", "receiver", "release")},
    "id": "r1",
    "proposed_by": "office.duty",
    "proposed_at": "2026-11-03T10:00:00Z",
    "confirmed_by": "office.duty2",
    "confirmed_at": "2026-11-03T10:20:00Z",
    "declined_at": None,
    "acknowledged_at": None,
    "receipt": None,
}

_FIGURE: dict[str, Any] = {
    "id": "f1",
    "text": COMMANDS["agree_figure"]["fact"],
    "checked": True,
    "may_say": True,
    "verified_by": "water",
    "valid_until": "2026-11-03T12:00:00Z",
    "agreed_at": "2026-11-03T08:00:00Z",
    "agreed_by": "water.editor",
    "withdrawn_at": None,
    "holds": True,
}

SPOKESPERSON_FILING: dict[str, Any] = {
    "unit": "water",
    "spokesperson": "water.head",
    "deputy": "water.deputy",
    "changed_on": "2026-11-01",
}
SPOKESPERSON: dict[str, Any] = SPOKESPERSON_FILING | {
    "id": 1,
    "filed_by": "water.editor",
    "filed_at": "2026-11-03T02:00:00Z",
    "late": False,
}
SPOKESPERSONS: dict[str, Any] = {"items": [SPOKESPERSON], "owed": [{"unit": "health", "left": ["health.head"]}]}
_WEEK = {"starts_at": "2026-11-02T00:00:00+08:00", "ends_at": "2026-11-09T00:00:00+08:00"}
DUTY_FILING: dict[str, Any] = {
    "unit": "water",
    **_WEEK,
    "leader": "water.head",
    "on_duty": ["water.editor", "water.deputy"],
}
DUTY: dict[str, Any] = DUTY_FILING | {"id": 2, "filed_by": "water.editor", "filed_at": "2026-11-01T02:00:00Z"}
DELEGATION_FILING: dict[str, Any] = {
    "unit": "water",
    **_WEEK,
    "principal": "water.head",
    "delegate": "water.editor",
    "reason": "外出培训",
}
DELEGATION: dict[str, Any] = DELEGATION_FILING | {
    "id": 3,
    "filed_by": "water.head",
    "filed_at": "2026-11-01T02:00:00Z",
    "in_force": True,
}

ATTACHMENT: dict[str, Any] = {"digest": FILE, "media_type": "image/png", "bytes": 48_211, "kind": "image"}

DRAFT: dict[str, Any] = {
    "kind": "first",
    "title": "关于栖霞镇自来水异味的情况说明",
    "body": "县水务局已到场排查，正在取样检测。\n\n检测结果将及时公布。",
    "channels": ["bulletin"],
    "embargo_until": None,
    "corrects": None,
    "interpreters": [],
    "experts": [],
    "attachments": [FILE],
}

_STEP: dict[str, Any] = {
    "step": "unit_approval",
    "unit": "water",
    "holders": ["water.head"],
    "state": "open",
    "by": None,
    "at": None,
    "ground": None,
    "review": None,
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
    "attachments": [FILE],
    "embargo_until": None,
    "corrects": None,
    "corrected_by": None,
    "withdrawn_at": None,
    "emergency": False,
    "interpreters": [],
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
    "files": [ATTACHMENT],
    "versions": [_VERSION],
    "figures": [_FIGURE],
}

_TASK: dict[str, Any] = {
    "what": "unit_approval",
    "command": "approve",
    "unit": "water",
    "release": RELEASE,
    "step": "unit_approval",
    "digest": DIGEST,
    "about": None,
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
            "because": None,
            "acknowledged_by": None,
            "acknowledged_at": None,
            "article": "10",
            "counted_from": "2026-11-03T07:20:00Z",
            "release": None,
            "explanation": "祥政办通〔2019〕54号第10条：自发现时间（2026-11-03 15:20）起 4 个自然小时",
        }
    ],
    "releases": [RELEASE_SHOWN],
    "conferences": [],
    "consultations": [],
    "tasks": [],
    "referrals": [],
    "figures": [_FIGURE],
    "merging_into": None,
    "merged_into": None,
    "restriction": None,
    "absorbed": [],
    "updates_paused": False,
    "waiting_for": [_TASK],
}

LISTED: dict[str, Any] = _HEAD | {"next_due_at": "2026-11-03T11:20:00Z", "needs_attention": False, "restricted": False}
EVENTS = (
    'id: 90412-\r\nevent: ready\r\ndata: {"resumed": true}\r\n\r\n'
    f"id: 90415-{INCIDENT}\r\nevent: incident\r\n"
    f'data: {{"incident": "{INCIDENT}", "seq": 12, "kind": "step_decided"}}\r\n\r\n'
)

INCIDENTS: dict[str, Any] = {"items": [LISTED], "next": None}

TASKS: dict[str, Any] = {
    "items": [
        {name: value for name, value in _TASK.items() if name != "holders"}
        | {name: _HEAD[name] for name in ("number", "title", "level", "phase", "drill", "overdue", "stale")}
        | {"incident": INCIDENT}
    ]
}

NOTICE: dict[str, Any] = {
    "id": 42,
    "officer": "water.editor",
    "incident": INCIDENT,
    "number": "青岫舆〔2026〕1号",
    "kind": "duty_opened",
    "said": "青岫舆〔2026〕1号：硬性时限任务“回应”，请签收（时限 2026-11-05 03:20）",
    "data": {"id": "o2", "kind": "response", "due_at": "2026-11-04T19:20:00Z", "hard": True},
    "at": "2026-11-03T07:30:00Z",
    "read_at": None,
    "delivery": "delivered",
    "means": "wecom",
    "code": None,
    "sent_at": "2026-11-03T07:30:01Z",
}
NOTICES: dict[str, Any] = {"items": [NOTICE], "next": None}
ADDRESSES: dict[str, Any] = {
    "contacts": [
        {"means": "wecom", "address": "zhoumingyuan", "to": "person"},
        {"means": "sms", "address": "+8613900000000", "to": "person"},
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

DOCUMENTS: dict[str, Any] = {
    "items": [
        {
            "name": "sign_off",
            "title": "审签单",
            "formats": ["docx", "pdf"],
            "release": RELEASE,
            "version": 1,
            "conference": None,
        }
    ]
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
    },
    "input": '{"encrypted": "ChoKCGVuY29kaW5nEg5iaW5hcnkvZW5jcnlwdGVk…"}',
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

ANCHORS: dict[str, Any] = {
    "keys": [{"key": "79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664", "first": 1, "last": 12}],
    "anchors": [
        {
            "v": 1,
            "number": 12,
            "at": "2026-11-03T08:00:00.000000Z",
            "algorithm": "sha256",
            "size": 57,
            "root": "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6",
            "prev": "615b2d4ac0a7e9b4e0c1d6f57a6f2f0a4b46e0b1d8a3a1d3c1a2e7f6b5d4c3e2",
            "key": "79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664",
            "signature": "5f" * 64,
        }
    ],
    "next": None,
}
SESSION: dict[str, Any] = {
    "id": 7,
    "officer": "water.head",
    "means": "password",
    "address": "10.20.0.14",
    "agent": "Mozilla/5.0",
    "created_at": "2026-07-11T00:00:00Z",
    "seen_at": "2026-07-11T00:40:00Z",
    "expires_at": "2026-07-11T12:00:00Z",
}
TOKEN: dict[str, Any] = {
    "id": 3,
    "officer": "water.head",
    "label": "huiying token",
    "scopes": ["note", "read"],
    "created_at": "2026-07-11T00:00:00Z",
    "expires_at": "2026-10-09T00:00:00Z",
    "last_used_at": None,
}
