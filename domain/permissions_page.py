"""The permission table as a page for people, in Chinese and English: `python -m domain.permissions_page`."""

import sys
from collections.abc import Iterable, Iterator

from domain.labels import label
from domain.permissions import PERMISSIONS, Grant
from domain.refusals import Language
from domain.vocabulary import CommandName, ReadName, Relation, Role

_ABOUT = """\
# 权限表 · Who may do and read what

Made from the table in `domain/permissions.py` by `make permissions`; a test fails while it says something else.
由 `domain/permissions.py` 中的权限表生成，修改权限表后执行 `make permissions` 重新生成。

A post with the role may do it when its unit (or its officer) stands so to the incident.
某岗位角色在其单位（或本人）与事件具有所列关系时，可以办理或查看。

**Restricted incidents 限定知悉.** Of a restricted incident nobody does or reads anything who is not also named under
`know_of_restricted`: to them it is as if it did not exist, on every surface. Who knows is set by `restrict_incident`,
with a reason that stands in the ledger, or from the first moment by `"restricted": true` in a submission, which names
whoever submits. Coordinators, cooperators, the reporting unit and the office's officers on duty know of it only when
they are named. Operations see that it is there, its phase and what is stuck, and none of its words; auditors see all.
What was published stays public until it is withdrawn.
涉密、敏感事件经限定知悉后，未列入 `know_of_restricted` 的人员在任何页面、列表、检索、通知、导出中均不知其存在；
调整知悉范围须说明理由并记入台账；已公开的稿件在撤回前仍然公开。

**Merging 并入.** Two incidents are merged only if both are restricted or neither is; whoever knew of one then knows of
the other. 两件事件须同为限定知悉或同不限定方可并入。
"""


def page() -> str:
    """The whole page in Markdown."""
    commands = [action for action in PERMISSIONS if isinstance(action, CommandName)]
    reads = [action for action in PERMISSIONS if isinstance(action, ReadName)]
    parts = [_ABOUT, *_table("指令 · Commands", commands), *_table("查看 · Reading", reads)]
    return "\n".join(parts) + "\n"


def _table(title: str, actions: Iterable[CommandName | ReadName]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| | role 角色 | when its unit or officer is 关系 |"
    yield "|---|---|---|"
    for action in actions:
        for number, (role, relations) in enumerate(_by_role(PERMISSIONS[action])):
            name = f"`{action}` {_both(action)}" if number == 0 else ""
            yield f"| {name} | {_both(role)} | {'; '.join(map(_both, relations))} |"
    yield ""


def _by_role(grants: frozenset[Grant]) -> Iterator[tuple[Role, list[Relation]]]:
    for role in Role:
        relations = [relation for relation in Relation if Grant(role, relation) in grants]
        if relations:
            yield role, [Relation.ANY] if Relation.ANY in relations else relations


def _both(word: CommandName | ReadName | Role | Relation) -> str:
    return f"{label(word, Language.ZH)} {label(word, Language.EN)}"


if __name__ == "__main__":
    sys.stdout.write(page())
