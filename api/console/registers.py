"""名册: who speaks for a unit, who is on duty, who acts for whom. The forms file what the JSON routes file."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from api import filing
from api.auth import Caller
from api.console import choices, forms
from api.console.forms import Many, Option
from api.console.language import chosen
from api.console.navigation import can
from api.console.rendering import page
from api.console.sending import key_of
from api.console.session import Posting, Visit, Visiting
from api.parts import AppParts, Reading
from api.problems import Problem, Refused, Saying, Trouble, said
from api.views.register import DutyShown, SpokespersonShown
from db import registers
from domain.county import Delegation, Unit
from domain.refusals import Refusal
from domain.registers import (
    DelegationFiling,
    DutyFiling,
    SpokespersonFiling,
    check_end,
    keeps,
    owed_filings,
)
from domain.vocabulary import CommandName, Role, UnitId, UnitKind

router = APIRouter(prefix="/console/registers", include_in_schema=False)

HOME = "/console/registers"
_ABOUT = "filing"
"""Whose words the fields of all three forms go by."""
KINDS: dict[str, type[SpokespersonFiling | DutyFiling | DelegationFiling]] = {
    "spokesperson": SpokespersonFiling,
    "duty": DutyFiling,
    "delegation": DelegationFiling,
}
_SPEAKING = (UnitKind.TOWNSHIP, UnitKind.DEPARTMENT)


class Asked(BaseModel):
    """Whose register. A form sends what was left open as an empty string."""

    model_config = ConfigDict(extra="ignore")

    unit: Annotated[str, Field(max_length=64)] = ""


@dataclass(frozen=True)
class Speaking:
    """A unit with its filing, if it has one; `owed`: it has to file; `left`: whom it filed is there no more."""

    unit: Unit
    filed: SpokespersonShown | None
    owed: bool
    left: tuple[str, ...]
    mine: bool


@router.get("", response_class=HTMLResponse)
async def show_registers(request: Request, parts: AppParts, visit: Visiting, session: Reading) -> HTMLResponse:
    caller, now = visit.caller, await parts.clock.now()
    register = await registers.register(session)
    filed = {one.unit: one for one in filing.spokespersons_shown(caller, register.spokespersons.values())}
    owed = {one.unit: one.left for one in owed_filings(caller.county, register)}
    duties = [
        DutyShown.of(one, one.filing)
        for one in reversed(await registers.history(session, "duty"))
        if isinstance(one.filing, DutyFiling) and one.filing.ends_at > now
    ]
    delegations = await filing.delegations_shown(session, now)
    return page(
        request,
        visit,
        "registers.html",
        speaking=[
            Speaking(unit, filed.get(unit.id), unit.id in owed, owed.get(unit.id, ()), keeps(caller.actor, unit.id))
            for unit in caller.county.units
            if unit.kind in _SPEAKING or unit.id in filed
        ],
        days=filing.days_to_report(caller),
        duties=duties,
        delegations=[one for one in reversed(delegations) if one.ends_at > now],
        ended=[one for one in reversed(delegations) if one.ends_at <= now][:20],
        endable={one.id for one in register.delegations if one.ends_at > now and _may_end(one, caller)},
        key=secrets.token_hex(),
        units=[unit for unit in caller.county.units if keeps(caller.actor, unit.id)],
        owners=owners(caller),
        drafts=can(caller.actor, CommandName.DRAFT_RELEASE),
        now=now,
    )


@router.get("/spokespersons/{unit}", response_class=HTMLResponse)
async def show_history(request: Request, visit: Visiting, session: Reading, unit: str) -> HTMLResponse:
    """All that a unit ever filed, the newest first."""
    _known(visit.caller, unit)
    filed = filing.spokespersons_shown(visit.caller, await registers.history(session, "spokesperson", UnitId(unit)))
    mine, days = keeps(visit.caller.actor, UnitId(unit)), filing.days_to_report(visit.caller)
    return page(request, visit, "spokespersons.html", of=unit, filed=filed[::-1], days=days, mine=mine)


@router.get("/{kind}/new", response_class=HTMLResponse)
async def show_form(request: Request, visit: Visiting, kind: str, asked: Annotated[Asked, Query()]) -> HTMLResponse:
    """The form for one unit; which, is asked first where it may be several."""
    model = _model(kind)
    units = [one.id for one in _units(model, visit.caller)]
    if not units:
        raise Problem(Trouble.NOT_READABLE)
    if asked.unit:
        _known(visit.caller, asked.unit)
    unit = asked.unit or (units[0] if len(units) == 1 else None)
    values: dict[str, list[str]] = {"unit": [unit] if unit else []}
    return _form_page(request, visit, kind, values)


@router.post("/{kind}/new")
async def file(request: Request, parts: AppParts, visit: Posting, kind: str) -> Response:
    model, posted = _model(kind), forms.given(await request.form())
    try:
        await filing.file(parts, visit.caller, key_of(posted), forms.read(model, posted))
    except Problem as wrong:
        if wrong.trouble is not Trouble.INVALID:
            raise
        return _form_page(request, visit, kind, posted, wrong=wrong)
    except Refused as refused:
        return _form_page(request, visit, kind, posted, refused=said(chosen(request), refused))
    return RedirectResponse(f"{HOME}#{kind}", status_code=303)


@router.post("/delegations/{delegation}/end")
async def end(request: Request, parts: AppParts, visit: Posting, delegation: int) -> Response:
    await filing.end(parts, visit.caller, key_of(forms.given(await request.form())), delegation)
    return RedirectResponse(f"{HOME}#delegation", status_code=303)


def owners(caller: Caller) -> list[str]:
    """Whose addresses they keep as their own: theirs, and those of the units they write for or head."""
    writing = {Role.EDITOR, Role.UNIT_HEAD}
    units = (post.unit for post in caller.officer.posts if writing & set(post.roles))
    return list(dict.fromkeys([str(caller.officer.id), *map(str, units)]))


def _form_page(
    request: Request,
    visit: Visit,
    kind: str,
    values: Many,
    wrong: Problem | None = None,
    refused: Saying | None = None,
) -> HTMLResponse:
    model, caller = _model(kind), visit.caller
    unit = next(iter(values.get("unit", ())), "")
    form = forms.make(
        model,
        chosen(request),
        values,
        about=_ABOUT,
        options=_options(caller, unit),
        fixed=["unit"] if unit else [],
        faults=wrong.faults if wrong else (),
    )
    status = 422 if wrong else refused.status if refused else 200
    units = _units(model, caller)
    return page(request, visit, "filing.html", status, kind=kind, form=form, of=unit, units=units, refused=refused)


def _options(caller: Caller, unit: str) -> Mapping[str, tuple[Option, ...]]:
    people = choices.officers(caller.county, [UnitId(unit)])
    mine = tuple(one for one in people if one.value == caller.officer.id)
    principals = people if caller.actor.has(Role.COUNTY_OFFICE) else mine
    names = ("spokesperson", "deputy", "leader", "on_duty", "delegate")
    return {"unit": choices.units(caller.county), "principal": principals, **dict.fromkeys(names, people)}


def _units(model: type[BaseModel], caller: Caller) -> list[Unit]:
    """For which units they may file this."""
    actor = caller.actor
    if model is DelegationFiling and not actor.has(Role.COUNTY_OFFICE):
        own = {post.unit for post in caller.officer.posts if not post.on_behalf_of}
        return [unit for unit in caller.county.units if unit.id in own]
    return [unit for unit in caller.county.units if keeps(actor, unit.id)]


def _may_end(delegation: Delegation, caller: Caller) -> bool:
    try:
        check_end(delegation, caller.actor)
    except Refusal:
        return False
    return True


def _model(kind: str) -> type[SpokespersonFiling | DutyFiling | DelegationFiling]:
    if kind not in KINDS:
        raise Problem(Trouble.NOT_FOUND)
    return KINDS[kind]


def _known(caller: Caller, unit: str) -> None:
    if all(one.id != unit for one in caller.county.units):
        raise Problem(Trouble.NOT_FOUND)
