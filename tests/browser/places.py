"""Every page there is, by whose it is; with what they show made beforehand, through the API."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.whole.stack import wait_until
from tests.whole.test_backup import Caller, draft_and_decide, submission


class Place(NamedTuple):
    """`name` is that of its picture; `officer` None for the public."""

    name: str
    path: str
    officer: str | None = "office.duty"
    status: int = 200


class Furnished(NamedTuple):
    """An incident with a public release, and one with a release that waits for the reviewer."""

    public: str
    waiting: str
    release: str
    digest: str
    """Of the public release."""


def furnish(caller: Caller) -> Furnished:
    titles = ("栖霞镇桥头路面塌陷", "栖霞镇集镇停水")
    reported = [submission() | {"title": title} for title in titles]
    public, waiting = (caller.ask("qixia.editor", "POST", "/incidents", **one)["id"] for one in reported)
    level = {"level": "major", "reason": "影响面大"}
    caller.ask("office.duty", "POST", f"/incidents/{public}/commands/assess", **level)
    about = draft_and_decide(caller, public, to_the_end=True)
    caller.ask("office.head", "POST", f"/incidents/{public}/commands/approve", step="county_approval", **about)
    at = (datetime.now(UTC) + timedelta(hours=5)).isoformat()
    conference = {"attendees": ["qixia.head"], "at": at, "venue": "县政府新闻发布厅"}
    caller.ask("press.desk", "POST", f"/incidents/{public}/commands/schedule_conference", **conference)
    fact = {"fact": "受影响车辆约三百辆", "checked": True, "may_say": True, "verified_by": "qixia"}
    caller.ask("qixia.editor", "POST", f"/incidents/{public}/commands/agree_figure", **fact)
    release = draft_and_decide(caller, waiting, to_the_end=False)["release"]
    wait_until(lambda: about["digest"] in caller.stack.bulletin(), "the release is public")
    return Furnished(public, waiting, release, about["digest"])


def places(made: Furnished) -> list[Place]:
    public, waiting = f"/console/incidents/{made.public}", f"/console/incidents/{made.waiting}"
    return [
        Place("login", "/console/login", None),
        Place("board", "/console"),
        Place("wall", "/console?wall=true"),
        Place("tasks", "/console/tasks", "qixia.reviewer"),
        Place("incident", public),
        Place("deciding", f"/console/tasks/{made.waiting}/{made.release}", "qixia.reviewer"),
        Place("report", "/console/report", "qixia.editor"),
        Place("assess", f"{waiting}/do/assess"),
        Place("conference", f"{public}/do/schedule_conference", "press.desk"),
        Place("figure", f"{public}/do/agree_figure", "qixia.editor"),
        Place("consultation", f"{public}/do/convene_consultation"),
        Place("merge", f"{public}/do/merge_into"),
        Place("not-offered", f"{public}/do/refer_rumour", status=409),
        Place("withdrawal", f"{public}/do/withdraw_release"),
        Place("closing", f"{public}/do/close"),
        Place("draft", f"{public}/releases/new", "qixia.editor"),
        Place("revise", f"{waiting}/releases/{made.release}/edit", "qixia.editor"),
        Place("versions", f"{waiting}/releases/{made.release}/versions", "qixia.editor"),
        Place("notices", "/console/notices", "qixia.reviewer"),
        Place("registers", "/console/registers"),
        Place("spokesperson", "/console/registers/spokesperson/new", "qixia.editor"),
        Place("delegation", "/console/registers/delegation/new", "qixia.head"),
        Place("contacts", "/console/registers/contacts/qixia.editor", "qixia.editor"),
        Place("channels", "/console/channels"),
        Place("statistics", "/console/statistics"),
        Place("policies", "/console/policies"),
        Place("policy", "/console/policies/xiangyun-2019-54"),
        Place("simulator", "/console/policies/xiangyun-2019-54/simulator"),
        Place("templates", "/console/templates"),
        Place("template", "/console/templates/first", "press.head"),
        Place("help", "/console/help"),
        Place("account", "/console/account"),
        Place("password", "/console/password"),
        Place("nothing-here", "/console/incidents/none", status=404),
        Place("bulletin", "/public", None),
        Place("release", f"/public/releases/{made.digest}", None),
        Place("thread", f"/public/threads/{made.digest}", None),
        Place("anchors", "/public/anchors", None),
    ]
