"""Templates of releases, with those the program brings along."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_KNOWN, _DONE, _OPEN, _NEXT = "一、已知事实", "二、已采取措施", "三、正在核实", "四、下次发布时间"

_TEMPLATES = {
    "first": (
        "关于【事件】的情况说明",
        (
            f"{_KNOWN}\n【时间】，【地点】发生【事件】。截至【时间】，已确认：【已核实的事实】。\n\n"
            f"{_DONE}\n接报后，【单位】已赶赴现场，【救援、排查、安置等措施】。\n\n"
            f"{_OPEN}\n【原因、人数等尚未核实的内容】正在核实，未经核实的信息请勿传播。\n\n"
            f"{_NEXT}\n我们将于【时间】前通过本县公告栏发布最新进展。联系电话：【电话】。"
        ),
    ),
    "update": (
        "【事件】最新进展",
        (
            f"{_KNOWN}\n截至【时间】，【最新核实的事实】。此前发布的【内容】现更新为【内容】。\n\n"
            f"{_DONE}\n【新增的处置措施】。\n\n{_OPEN}\n【仍在核实的内容】。\n\n{_NEXT}\n【时间】前。"
        ),
    ),
    "response": (
        "关于【事件】的回应",
        (
            f"{_KNOWN}\n经【单位】核实：【逐项回应公众关切】。\n\n{_DONE}\n【整改、处置、救助等措施】。\n\n"
            f"{_OPEN}\n【仍在核实的内容；没有的删去本项】。\n\n{_NEXT}\n【后续安排、监督和咨询渠道】。"
        ),
    ),
    "result": (
        "关于【事件】调查处理结果的通报",
        (
            "一、调查情况\n【调查组织、经过和认定的事实】。\n\n二、原因和责任\n【原因、责任认定】。\n\n"
            "三、处理结果\n【对单位和人员的处理、整改措施】。\n\n四、后续工作\n【长效措施、监督渠道】。"
        ),
    ),
    "interpretation": (
        "关于【政策】的解读",
        (
            "一、政策依据\n【文件名称和条款】。\n\n二、主要内容\n【与公众有关的规定】。\n\n"
            "三、关切问题\n问：【问题】？\n答：【回答】。\n\n四、咨询渠道\n【单位、电话、时间】。"
        ),
    ),
    "correction": (
        "关于【事件】有关信息的更正",
        (
            "【时间】发布的《【标题】》中，【原表述】有误，现更正为：【更正后的表述】。\n\n"
            "更正原因：【原因】。由此造成的不便，敬请谅解。"
        ),
    ),
}
_SHIPPED_AT = datetime(2026, 11, 26, tzinfo=UTC)


def upgrade() -> None:
    table = op.create_table(
        "release_templates",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("saved_by", sa.Text, sa.ForeignKey("officers.id")),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.Text, nullable=False, unique=True),
    )
    shipped = (
        {"kind": kind, "title": title, "body": body, "saved_at": _SHIPPED_AT, "key": f"shipped/{kind}"}
        for kind, (title, body) in _TEMPLATES.items()
    )
    op.bulk_insert(table, list(shipped))
