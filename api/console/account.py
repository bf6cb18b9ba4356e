"""An officer's own access: the password, and where they are signed in."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from api import pages, sessions
from api.console.session import Arriving, Posting, Visit, Visiting, check_form, page_after
from api.console.signing_in import change_password
from api.language import PageLanguage
from api.parts import AppParts
from db import console_sessions
from domain.passwords import Weakness
from domain.refusals import Language

router = APIRouter(prefix="/console", include_in_schema=False)

ACCOUNT = "/console/account"
_WRONG = ("当前密码不正确，或尝试次数过多", "That is not the current password, or there were too many attempts")
_DIFFERENT = ("两次输入的新密码不一致", "The new password was not repeated as it was")
_WEAK: dict[Weakness, tuple[str, str]] = {
    Weakness.TOO_SHORT: ("新密码至少 12 个字符", "A password has at least 12 characters"),
    Weakness.TOO_LONG: ("新密码至多 256 个字符", "A password has at most 256 characters"),
    Weakness.TOO_PLAIN: ("新密码过于简单", "This password is too easily guessed"),
    Weakness.LIKE_NAME: ("新密码不得包含用户名或姓名", "A password does not contain one's name"),
    Weakness.UNCHANGED: ("新密码不得与当前密码相同", "The new password is the current one"),
}


class NewPassword(BaseModel):
    current: str = ""
    new: str = ""
    repeated: str = ""


@router.get("")
async def show_first_page(_visit: Visiting) -> Response:
    return RedirectResponse(ACCOUNT, status_code=303)


@router.get("/password", response_class=HTMLResponse)
async def show_password(visit: Arriving, language: PageLanguage, next: str = "") -> Response:  # noqa: A002  # As it stands in the address.
    return _password_page(visit, language, page_after(next))


@router.post("/password")
async def save_password(
    request: Request,
    parts: AppParts,
    visit: Arriving,
    language: PageLanguage,
    form: Annotated[NewPassword, Form()],
    next: str = "",  # noqa: A002  # As above.
) -> Response:
    await check_form(request)
    wanted = page_after(next)
    if form.new != form.repeated:
        return _password_page(visit, language, wanted, _DIFFERENT)
    changed = await change_password(request, parts, visit.caller.officer, form.current, form.new)
    if changed is None or isinstance(changed, Weakness):
        return _password_page(visit, language, wanted, _WEAK[changed] if changed else _WRONG)
    response = RedirectResponse(wanted, status_code=303)
    sessions.set_cookie(response, parts.settings, sessions.COOKIE, changed)
    return response


@router.get("/account", response_class=HTMLResponse)
async def show_account(parts: AppParts, visit: Visiting, language: PageLanguage) -> Response:
    idle = timedelta(minutes=parts.settings.session_idle_minutes)
    async with parts.sessions() as session:
        mine = await console_sessions.living(session, await parts.clock.now(), idle, visit.caller.officer.id)
    return pages.page("console/account.html", language=language, visit=visit, sessions=mine)


@router.post("/sessions/{number}/end")
async def end_session(parts: AppParts, visit: Posting, number: int) -> Response:
    async with parts.sessions.begin() as session:
        await console_sessions.end_by_id(session, number, visit.caller.officer.id)
    return RedirectResponse(ACCOUNT, status_code=303)


def _password_page(visit: Visit, language: Language, wanted: str, wrong: tuple[str, str] | None = None) -> HTMLResponse:
    shown = {"language": language, "visit": visit, "next": wanted, "wrong": wrong}
    return pages.page("console/password.html", 422 if wrong else 200, **shown)
