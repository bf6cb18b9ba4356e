"""规则: every policy as tables with its articles, and a simulator that asks the rules themselves."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

import policies
from api.auth import Caller
from api.console import choices, forms
from api.console.forecasts import Forecast
from api.console.forms import Many, local
from api.console.language import chosen
from api.console.rendering import page
from api.console.session import Visiting
from api.errands import refused
from api.parts import AppParts
from api.problems import Problem, Saying, Trouble, said
from domain import commands as c
from domain.county import ActingPost, Actor
from domain.foreseeing import foresee, foresee_submission
from domain.incident import Incident
from domain.instants import Instant
from domain.policy import Chase, Policy
from domain.refusals import RefusalRecord
from domain.telling.words import AUDIENCES
from domain.vocabulary import Category, Level, OfficerId, Rank, Role, UnitId

router = APIRouter(prefix="/console/policies", include_in_schema=False)

_WORDS = "-"
"""In place of what no rule reads."""


class Supposed(BaseModel):
    """As much of a report as rules depend on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: Level
    category: Category
    townships: tuple[UnitId, ...] = ()
    departments: tuple[UnitId, ...] = ()
    superior_department: UnitId | None = None
    detected_at: Instant


@router.get("", response_class=HTMLResponse)
async def list_policies(request: Request, visit: Visiting) -> HTMLResponse:
    found = [policies.load(name) for name in policies.names()]
    return page(request, visit, "policies.html", policies=found, ours=visit.caller.county.policy)


@router.get("/{policy}", response_class=HTMLResponse)
async def show_policy(request: Request, visit: Visiting, policy: str) -> HTMLResponse:
    found, language = _load(policy), chosen(request)
    english = language.value == "en"
    told = {audience: words[english] for audience, words in AUDIENCES.items()}
    ladders = [(name, ladder) for name in Chase.model_fields if (ladder := getattr(found.chase, name))]
    shown: dict[str, Any] = {"policy": found, "told": told, "ladders": ladders, "english": english}
    return page(request, visit, "policy.html", **shown, ours=visit.caller.county.policy)


@router.get("/{policy}/simulator", response_class=HTMLResponse)
async def simulate(request: Request, parts: AppParts, visit: Visiting, policy: str) -> HTMLResponse:
    """Nothing is stored: the address holds what is supposed, and may be sent to a colleague."""
    found, language, caller = _load(policy), chosen(request), visit.caller
    now = await parts.clock.now()
    query = {name: request.query_params.getlist(name) for name in request.query_params}
    values: Many = query or {"detected_at": [local(now.replace(second=0, microsecond=0))], "level": ["general"]}
    faults: tuple[Any, ...] = ()
    failure: Saying | None = None
    forecast: Forecast | None = None
    try:
        outcome = _foresee(forms.read(Supposed, query), found, caller, now) if query else None
        if isinstance(outcome, RefusalRecord):
            failure = said(language, await refused(parts, outcome))
        elif outcome is not None:
            forecast = Forecast.of(outcome, language)
    except Problem as wrong:
        if wrong.trouble is not Trouble.INVALID:
            raise
        faults = tuple(wrong.faults)
    options = {
        "townships": choices.townships(caller.county),
        "departments": choices.departments(caller.county),
        "superior_department": choices.departments(caller.county),
    }
    form = forms.make(Supposed, language, values, about="submit", options=options, faults=faults)
    status = 422 if faults or failure else 200
    shown: dict[str, Any] = {"policy": found, "form": form, "forecast": forecast, "refused": failure}
    return page(request, visit, "simulator.html", status, **shown)


def _foresee(supposed: Supposed, policy: Policy, caller: Caller, now: datetime) -> Incident | RefusalRecord:
    """As if the county office had reported and assessed it, however far ahead."""
    at = max(now, supposed.detected_at)
    office = Actor(
        officer=OfficerId("foreseen"),
        posts=(ActingPost(unit=caller.roster.office, roles=(Role.COUNTY_OFFICE,), rank=Rank.MEMBER),),
    )
    report = c.Submit.model_validate(supposed.model_dump() | {"title": _WORDS, "summary": _WORDS, "source": "patrol"})
    submitted = foresee_submission(report, office, caller.county.roster(), policy, at)
    if isinstance(submitted, RefusalRecord):
        return submitted
    return foresee(submitted, c.Assess(respond=True), office, caller.county.roster(), at)


def _load(policy: str) -> Policy:
    if policy not in policies.names():
        raise Problem(Trouble.NOT_FOUND)
    return policies.load(policy)
