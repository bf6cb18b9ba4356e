"""An officer's own access: the password, and where they are signed in."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from api import sessions
from api.console.language import N_
from api.console.rendering import page
from api.console.session import Arriving, Posting, Visit, Visiting, check_form, page_after
from api.console.signing_in import change_password
from api.parts import AppParts
from api.routes.access import Number
from db import console_sessions
from domain.passwords import Weakness

router = APIRouter(prefix="/console", include_in_schema=False)

ACCOUNT = "/console/account"
_WRONG = N_("当前密码不正确，或尝试次数过多")
_DIFFERENT = N_("两次输入的新密码不一致")
_WEAK: dict[Weakness, str] = {
    Weakness.TOO_SHORT: N_("新密码至少 12 个字符"),
    Weakness.TOO_LONG: N_("新密码至多 256 个字符"),
    Weakness.TOO_PLAIN: N_("新密码过于简单"),
    Weakness.LIKE_NAME: N_("新密码不得包含用户名或姓名"),
    Weakness.UNCHANGED: N_("新密码不得与当前密码相同"),
}


class NewPassword(BaseModel):
    current: str = ""
    new: str = ""
    repeated: str = ""


@router.get("/password", response_class=HTMLResponse)
async def show_password(request: Request, visit: Arriving, next: str = "") -> Response:  # noqa: A002  # As it stands in the address.
    return _password_page(request, visit, page_after(next))


@router.post("/password")
async def save_password(
    request: Request,
    parts: AppParts,
    visit: Arriving,
    form: Annotated[NewPassword, Form()],
    next: str = "",  # noqa: A002  # As above.
) -> Response:
    await check_form(request)
    wanted = page_after(next)
    if form.new != form.repeated:
        return _password_page(request, visit, wanted, _DIFFERENT)
    changed = await change_password(request, parts, visit.caller.officer, form.current, form.new)
    if changed is None or isinstance(changed, Weakness):
        return _password_page(request, visit, wanted, _WEAK[changed] if changed else _WRONG)
    response = RedirectResponse(wanted, status_code=303)
    sessions.set_cookie(response, parts.settings, sessions.COOKIE, changed)
    return response


@router.get("/account", response_class=HTMLResponse)
async def show_account(request: Request, parts: AppParts, visit: Visiting) -> Response:
    idle = timedelta(minutes=parts.settings.session_idle_minutes)
    async with parts.sessions() as session:
        mine = await console_sessions.living(session, await parts.clock.now(), idle, visit.caller.officer.id)
    return page(request, visit, "account.html", sessions=mine)


@router.post("/sessions/{number}/end")
async def end_session(parts: AppParts, visit: Posting, number: Number) -> Response:
    async with parts.sessions.begin() as session:
        await console_sessions.end_by_id(session, number, visit.caller.officer.id)
    return RedirectResponse(ACCOUNT, status_code=303)


def _password_page(request: Request, visit: Visit, wanted: str, wrong: str = "") -> HTMLResponse:
    return page(request, visit, "password.html", 422 if wrong else 200, next=wanted, wrong=wrong)
