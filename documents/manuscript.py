"""A release version on paper: what it is called, what must be said of it in red, where it went, its words."""

from collections.abc import Iterable

from documents.dossier import ERASED, NOTHING, Dossier, at, listed, said
from documents.paper import Field, Prose, Table, field, pairs, table
from domain.consequences import stages_of
from domain.releases import Document, Release, StepView, Version, all_passed, step_views
from domain.vocabulary import ReleaseState, StepState


def name(release: Release, version: Version) -> str:
    return f"{said(release.kind)} 第 {version.number} 版"


def document(dossier: Dossier, version: Version) -> Document | None:
    """Its words, if they are there and have the digest that was decided on."""
    found = dossier.manuscripts.get(version.digest)
    return found if found is not None and found.digest() == version.digest else None


def title(dossier: Dossier, version: Version) -> str:
    found = document(dossier, version)
    return found.title if found else ERASED


def form(dossier: Dossier, release: Release, version: Version) -> tuple[tuple[Field, ...], ...]:
    """What identifies the version."""
    return (
        (field("事件", dossier.text(dossier.incident.title)),),
        (field("稿件标题", title(dossier, version)),),
        *pairs(
            field("稿件种类", name(release, version)),
            field("当前状态", said(release.state) if version == release.version else "已被替代"),
            field("起草单位", dossier.unit(release.unit)),
            field("起草人", dossier.person(version.author)),
            field("起草时间", at(version.drafted_at)),
            field("最早发布时间", at(version.embargo_until) if version.embargo_until else "审签完成即发布"),
            field("发布渠道", listed(said(channel) for channel in version.channels)),
            field("事件等级", said(dossier.incident.level)),
        ),
        (field("稿件指纹", version.digest),),
    )


def open_steps(dossier: Dossier, release: Release) -> list[StepView]:
    """Steps of the current version that have not passed."""
    views = step_views(release, stages_of(dossier.incident, release))
    return [view for view in views if view.decision is None or not view.decision.passes]


def marks(dossier: Dossier, release: Release, version: Version) -> Iterable[str]:
    """Whether anybody may rely on this version."""
    current = release.version
    if version != current:
        yield f"本版已被第 {current.number} 版替代，其上意见均已作废，不得据此发布"
        return
    passed = all_passed(release, stages_of(dossier.incident, release))
    if release.in_emergency and release.open_to_decisions and not passed:
        yield "紧急发布：尚有环节待补签"
    match release.state:
        case ReleaseState.WITHDRAWN:
            yield f"本稿已于 {at(release.withdrawn_at)} 撤回"
        case ReleaseState.CANCELLED:
            yield "本稿已取消，不得发布"
        case ReleaseState.CORRECTED:
            yield "本稿已发布，其后已更正，以更正稿为准"
        case ReleaseState.RETURNED | ReleaseState.REFUSED:
            yield f"本稿{said(release.state)}，不得发布"
        case ReleaseState.IN_REVIEW:
            yield "审签完成，尚未发布" if passed else "审签未完成，不得发布"
        case ReleaseState.PUBLISHING if not release.receipts:
            yield "正在发布，尚无渠道回执"
    if version.digest in dossier.manuscripts and document(dossier, version) is None:
        yield "所存文字与稿件指纹不符，不得据此发布"


def receipts(release: Release, heading: str) -> Table:
    """Where it appeared."""
    rows = [
        (said(receipt.channel), at(receipt.at), receipt.url or NOTHING, at(receipt.retracted_at))
        for receipt in release.receipts
    ]
    return table(heading, {"渠道": 3, "发布时间": 4, "网址": 9, "撤稿时间": 4}, rows)


def body(dossier: Dossier, version: Version, heading: str) -> Prose:
    found = document(dossier, version)
    lines = [line for line in found.body.splitlines() if line.strip()] if found else [ERASED]
    return Prose(heading=heading, paragraphs=tuple(lines))


def waiting(view: StepView) -> str:
    return said(view.state) + ("，须修改后重新审签" if view.state in (StepState.RETURNED, StepState.REFUSED) else "")
