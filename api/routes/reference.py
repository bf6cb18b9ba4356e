"""Reference data: units, officers, policies, and who I am."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

import policies
from api import documentation, examples
from api.auth import Asking
from api.problems import Problem, Trouble
from api.views.reference import OfficerShown, PolicyLine
from domain.commands import UnitRef
from domain.county import Post, Unit
from domain.policy import Policy
from domain.vocabulary import Role, UnitKind

router = APIRouter(prefix="/api/v1", tags=["reference"])


class UnitFilters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: UnitKind | None = None


class OfficerFilters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    unit: UnitRef | None = None
    role: Role | None = None

    def fit(self, post: Post) -> bool:
        return self.unit in (None, post.unit) and (self.role is None or self.role in post.roles)


@router.get("/me", responses=documentation.read() | {200: documentation.answers(examples.OFFICER)})
async def read_me(caller: Asking) -> OfficerShown:
    """Who the token stands for."""
    return OfficerShown.of(caller.officer)


@router.get("/units", responses=documentation.read(Trouble.INVALID) | {200: documentation.answers(examples.UNITS)})
async def list_units(caller: Asking, filters: Annotated[UnitFilters, Query()]) -> list[Unit]:
    """The county's units in its own order."""
    return [unit for unit in caller.county.units if filters.kind in (None, unit.kind)]


@router.get(
    "/officers", responses=documentation.read(Trouble.INVALID) | {200: documentation.answers([examples.OFFICER])}
)
async def list_officers(caller: Asking, filters: Annotated[OfficerFilters, Query()]) -> list[OfficerShown]:
    """Officers with their posts."""
    return [OfficerShown.of(o) for o in caller.county.officers if any(filters.fit(post) for post in o.posts)]


@router.get("/policies", responses=documentation.read() | {200: documentation.answers([examples.POLICY])})
async def list_policies(_caller: Asking) -> list[PolicyLine]:
    """The policies of this installation. An incident keeps the one it started with."""
    return [PolicyLine.of(policies.load(name)) for name in policies.names()]


@router.get(
    "/policies/{policy}",
    responses=documentation.read(Trouble.NOT_FOUND) | {200: documentation.answers(examples.POLICY, "All its rules")},
)
async def read_policy(_caller: Asking, policy: str) -> Policy:
    """A policy with all its rules."""
    if policy not in policies.names():
        raise Problem(Trouble.NOT_FOUND)
    return policies.load(policy)
