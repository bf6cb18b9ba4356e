"""Signing in to the console, and every way it must not be had."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.console.session import page_after
from api.problems import Trouble
from db import accounts, console_sessions, directory
from domain.passwords import Weakness, weakness_of
from domain.vocabulary import OfficerId
from tests.api.browser import ORIGIN, PASSWORD, Browser, give_password
from tests.api.office import Office, app_for, serving, settings_for
from tests.api.test_problems import is_problem
from tests.clock import FixedClock

DUTY = "office.duty"


@pytest.fixture
def app(office: Office) -> FastAPI:
    found = office.http._transport.app  # type: ignore[attr-defined]  # It carries the app.
    assert isinstance(found, FastAPI)
    return found


@pytest.fixture
async def browser(app: FastAPI, office: Office) -> AsyncIterator[Browser]:
    await give_password(office.sessions, DUTY)
    found = Browser(app)
    async with found.http:
        yield found


@pytest.fixture
async def signed_in(browser: Browser) -> Browser:
    assert (await browser.sign_in(DUTY)).status_code == 303
    return browser


# -- the pages ----------------------------------------------------------------------------------------


async def test_the_login_page_speaks_chinese_unless_english_is_asked_for(browser: Browser) -> None:
    assert "用户名" in (await browser.get("/console/login")).text
    page = "/console/login?next=/console/account"
    answer = await browser.submit("/console/preferences", language="en", back=page)
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert "Sign in" in (await browser.get(page)).text


async def test_pages_of_the_console_hold_no_script_of_their_own_and_send_forms_to_nobody_else(browser: Browser) -> None:
    page = await browser.get("/console/login")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.text.count("<script") == len(
        re.findall(r'<script src="/console/assets/[^"]+"(?: defer)?></script>', page.text)
    )
    assert page.headers["cache-control"] == "no-store"
    # Otherwise browsers would say `Origin: null` of every form.
    assert page.headers["referrer-policy"] == "same-origin"


async def test_whoever_signs_in_gets_a_cookie_that_no_script_reads_and_comes_to_where_they_wanted(
    browser: Browser,
) -> None:
    answer = await browser.sign_in(DUTY, path="/console/login?next=%2Fconsole%2Faccount%3Fa%3D1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/account?a=1")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("huiying_session="))
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Max-Age" not in cookie
    page = await browser.get("/console/account")
    assert page.status_code == 200
    assert "赵文远" in page.text


async def test_the_cookies_of_an_encrypted_site_travel_encrypted_only(database_url: str, office: Office) -> None:
    settings = settings_for(database_url, public_url="https://huiying.example")
    clock = FixedClock()
    await give_password(office.sessions, DUTY)
    async with serving(app_for(settings, clock), office.sessions, clock) as encrypted:
        browser = Browser(encrypted.http._transport.app)  # type: ignore[attr-defined]  # As above.
        answer = await browser.submit("/console/login", "https://huiying.example", name=DUTY, password=PASSWORD)
        assert answer.status_code == 303
        assert all("Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))
        assert "max-age" in answer.headers["strict-transport-security"]
        assert (await browser.submit("/console/login", "http://huiying.example", name=DUTY)).status_code == 403


async def test_only_the_hash_of_a_sessions_secret_is_kept(signed_in: Browser, office: Office) -> None:
    async with office.sessions() as session:
        kept = (await session.execute(text("SELECT * FROM sessions"))).mappings().one()
    assert kept["hash"] == accounts.hash_secret(signed_in.session or "")
    assert str(signed_in.session) not in map(str, kept.values())


# -- who is not let in --------------------------------------------------------------------------------


async def test_nobody_learns_whether_a_name_exists_or_is_closed(browser: Browser, office: Office) -> None:
    wrong, unknown = await browser.sign_in(DUTY, "wrong"), await browser.sign_in("office.nobody", "wrong")
    without_account = await browser.sign_in("office.head", "wrong")
    for _ in range(accounts.GUESSES):
        await browser.sign_in(DUTY, "wrong")
    closed = await browser.sign_in(DUTY)
    odd = await browser.sign_in("\x00'; --", "wrong\x00")
    answers = (wrong, unknown, without_account, closed, odd)
    assert {(a.status_code, a.text) for a in answers} == {(401, wrong.text)}
    assert browser.session is None


async def test_no_bytes_break_the_login(browser: Browser) -> None:
    content = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n+2AA-\x00\r\n'
    body = content % b"name" + content % b"password" + b"--x--\r\n"
    for charset in ("utf-7", "utf-16", "nonsense"):
        kind = f"multipart/form-data; boundary=x; charset={charset}"
        answer = await browser.http.post(
            "/console/login", content=body, headers={"Origin": ORIGIN, "Content-Type": kind}
        )
        assert answer.status_code in (400, 401, 422), charset


async def test_every_failure_hashes_exactly_once(
    browser: Browser, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Timing by counting: what takes long takes as long for everybody."""
    seen: list[str] = []
    passwords = app.state.parts.passwords
    verify = passwords._passwords.verify

    def counted(password: str, known: str) -> bool:
        seen.append(known.rsplit("$", 2)[0])
        return bool(verify(password, known))

    monkeypatch.setattr(passwords._passwords, "verify", counted)
    for name, password in (
        (DUTY, "wrong"),
        ("office.nobody", "wrong"),
        ("office.head", "wrong"),
        ("X" * 999, "y" * 999),
    ):
        await browser.sign_in(name, password)
    for _ in range(accounts.GUESSES):
        await browser.sign_in(DUTY, "wrong")
    assert len(seen) == 4 + accounts.GUESSES
    assert len(set(seen)) == 1, "nobody's password costs something else than somebody's"


async def test_a_name_closes_after_failures_and_opens_again(browser: Browser, clock: FixedClock) -> None:
    for _ in range(accounts.GUESSES):
        assert (await browser.sign_in(DUTY, "wrong")).status_code == 401
    assert (await browser.sign_in(DUTY)).status_code == 401
    clock.advance(accounts.CLOSED_FOR)
    assert (await browser.sign_in(DUTY)).status_code == 303


async def test_a_hundred_guesses_at_once_are_no_more_than_one_after_the_other(office: Office) -> None:
    async def guess() -> bool:
        async with office.sessions.begin() as session:
            return await accounts.count_attempt(session, DUTY, accounts.STRANGERS, FixedClock().at)

    assert sum(await asyncio.gather(*(guess() for _ in range(20)))) == accounts.GUESSES


async def test_waiting_ends_although_a_stranger_goes_on_guessing(browser: Browser, clock: FixedClock) -> None:
    for _ in range(accounts.GUESSES + 1):
        await browser.sign_in(DUTY, "wrong")
    clock.advance(accounts.CLOSED_FOR - timedelta(seconds=1))
    await browser.sign_in(DUTY, "wrong")
    clock.advance(timedelta(seconds=1))
    assert (await browser.sign_in(DUTY)).status_code == 303


async def test_strangers_lock_nobody_out_of_their_own_browser(signed_in: Browser, app: FastAPI) -> None:
    assert signed_in.http.cookies.get("huiying_device")
    stranger = Browser(app, "10.9.9.9")
    for _ in range(accounts.GUESSES):
        await stranger.sign_in(DUTY, "wrong")
    assert (await stranger.sign_in(DUTY)).status_code == 401, "the name is closed to strangers"
    assert (await signed_in.get("/console/account")).status_code == 200, "who is signed in stays so"
    del signed_in.http.cookies["huiying_session"]
    assert (await signed_in.sign_in(DUTY)).status_code == 303
    # And the device of one officer says nothing for another.
    assert (await signed_in.sign_in("office.head", "wrong")).status_code == 401


async def test_a_known_device_has_no_more_guesses_than_a_stranger(signed_in: Browser) -> None:
    for _ in range(accounts.GUESSES):
        await signed_in.sign_in(DUTY, "wrong")
    assert (await signed_in.sign_in(DUTY)).status_code == 401


async def test_an_officer_who_left_is_out_at_once(signed_in: Browser, office: Office) -> None:
    async with office.sessions.begin() as session:
        county = await directory.county(session)
        stayed = tuple(officer for officer in county.officers if officer.id != DUTY)
        await directory.save_county(session, county.model_copy(update={"officers": stayed}))
    assert (await signed_in.get("/console/account")).headers["location"].startswith("/console/login")
    assert (await signed_in.sign_in(DUTY)).status_code == 401


# -- sessions -----------------------------------------------------------------------------------------


async def test_a_session_ends_when_nobody_uses_it(signed_in: Browser, clock: FixedClock) -> None:
    for _ in range(3):
        clock.advance(timedelta(minutes=59))
        assert (await signed_in.get("/console/account")).status_code == 200
    clock.advance(timedelta(minutes=60))
    answer = await signed_in.get("/console/account?a=b")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/login?next=%2Fconsole%2Faccount%3Fa%3Db"


async def test_a_session_ends_after_half_a_day_however_busy(signed_in: Browser, clock: FixedClock) -> None:
    for _ in range(13):
        clock.advance(timedelta(minutes=54))
        assert (await signed_in.get("/console/account")).status_code == 200
    clock.advance(timedelta(minutes=54))
    assert (await signed_in.get("/console/account")).status_code == 303


async def test_a_session_planted_in_a_browser_is_not_the_one_that_signs_in(browser: Browser, app: FastAPI) -> None:
    attacker = Browser(app)
    await attacker.sign_in(DUTY)
    planted = attacker.session or ""
    browser.http.cookies.set("huiying_session", planted, domain="127.0.0.1", path="/")
    answer = await browser.sign_in(DUTY)
    assert answer.status_code == 303
    assert f"huiying_session={planted}" not in str(answer.headers.get_list("set-cookie"))
    assert (await attacker.get("/console/account")).status_code == 303, "the planted session is over"
    browser.http.cookies.clear()
    browser.http.cookies.set("huiying_session", "chosen-by-an-attacker", domain="127.0.0.1", path="/")
    await browser.sign_in(DUTY)
    assert browser.session != "chosen-by-an-attacker"


async def test_signing_out_ends_the_session_itself(signed_in: Browser) -> None:
    secret, csrf = signed_in.session or "", await signed_in.csrf()
    answer = await signed_in.submit("/console/logout", csrf=csrf)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/login")
    assert signed_in.session is None
    signed_in.http.cookies.set("huiying_session", secret, domain="127.0.0.1", path="/")
    assert (await signed_in.get("/console/account")).status_code == 303


async def test_one_ends_a_session_of_ones_own_and_nobody_elses(
    signed_in: Browser, app: FastAPI, office: Office
) -> None:
    elsewhere, other = Browser(app), Browser(app)
    await elsewhere.sign_in(DUTY)
    await give_password(office.sessions, "office.head")
    await other.sign_in("office.head")
    async with office.sessions() as session:
        living = await console_sessions.living(session, FixedClock().at, timedelta(hours=1))
    numbers = {(one.officer, n): one.id for n, one in enumerate(living)}
    csrf = await signed_in.csrf()
    for number in (numbers[(OfficerId(DUTY), 1)], numbers[(OfficerId("office.head"), 0)]):
        assert (await signed_in.submit(f"/console/sessions/{number}/end", csrf=csrf)).status_code == 303
    assert (await elsewhere.get("/console/account")).status_code == 303
    assert (await other.get("/console/account")).status_code == 200
    # No database counts as far as that.
    assert (await signed_in.submit(f"/console/sessions/{2**63}/end", csrf=csrf)).status_code == 422


# -- forged requests ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example", "http://127.0.0.1:8081", ORIGIN + ".evil.example"]
)
async def test_another_sites_page_changes_nothing_and_signs_nobody_in(
    signed_in: Browser, app: FastAPI, origin: str | None
) -> None:
    csrf = await signed_in.csrf()
    answer = await signed_in.submit("/console/logout", origin, csrf=csrf)
    assert answer.status_code == 403
    assert (await signed_in.get("/console/account")).status_code == 200
    fresh = Browser(app)
    assert (await fresh.submit("/console/login", origin, name=DUTY, password=PASSWORD)).status_code == 403
    assert fresh.session is None


async def test_a_form_without_this_sessions_token_changes_nothing(signed_in: Browser, app: FastAPI) -> None:
    other = Browser(app)
    await other.sign_in(DUTY)
    for csrf in ("", "0" * 64, "é", await other.csrf()):
        answer = await signed_in.submit("/console/logout", csrf=csrf)
        assert answer.status_code == 403
        assert "刷新" in answer.text
    assert (await signed_in.get("/console/account")).status_code == 200
    # The other name of this machine is this site as well.
    assert (await signed_in.submit("/console/logout", "http://localhost:8080", csrf=await signed_in.csrf())).is_redirect


async def test_the_api_takes_a_session_for_reads_and_for_changes_with_its_token_only(
    signed_in: Browser,
) -> None:
    assert (await signed_in.http.get("/api/v1/me")).json()["id"] == DUTY
    csrf = await signed_in.csrf()
    good = {"X-CSRF-Token": csrf, "Origin": ORIGIN}
    for headers in ({}, {"X-CSRF-Token": csrf}, {"Origin": ORIGIN}, good | {"Origin": "https://evil.example"}):
        answer = await signed_in.http.put("/api/v1/notices/seen", json={"up_to": 1}, headers=headers)
        is_problem(answer, 403, Trouble.FORGED)
    assert (await signed_in.http.put("/api/v1/notices/seen", json={"up_to": 1}, headers=good)).status_code == 204


async def test_a_token_in_the_header_goes_before_the_cookie(signed_in: Browser, office: Office) -> None:
    headers = await office.headers("office.head")
    assert (await signed_in.http.get("/api/v1/me", headers=headers)).json()["id"] == "office.head"
    wrong = {"Authorization": "Bearer hy_unknown"}
    is_problem(await signed_in.http.get("/api/v1/me", headers=wrong), 401, "unauthenticated")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/console\\..\\evil",
        "/console.evil.example",
        "/console@evil.example",
        "javascript:alert(1)",
        "/public",
        "/console/login?next=/console/login",
        "/console/logout",
        "/console/\r\nSet-Cookie: a=b",
        "/console/" + "x" * 3000,
        "",
    ],
)
async def test_nobody_is_sent_away_from_the_console(browser: Browser, wanted: str) -> None:
    assert page_after(wanted) == "/console"
    page = await browser.http.get("/console/login", params={"next": wanted})
    assert re.findall(r'action="([^"]*)"', page.text) == ["/console/preferences", "/console/login?next=/console"]
    answer = await browser.http.post(
        "/console/login", params={"next": wanted}, data={"name": DUTY, "password": PASSWORD}, headers={"Origin": ORIGIN}
    )
    assert answer.headers["location"] == "/console"


async def test_htmx_is_told_to_take_the_whole_page_to_the_login(browser: Browser) -> None:
    answer = await browser.get("/console/account", **{"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/console/login")


# -- passwords ----------------------------------------------------------------------------------------


async def test_a_password_that_was_given_serves_only_to_choose_another(app: FastAPI, office: Office) -> None:
    await give_password(office.sessions, DUTY, must_change=True)
    browser = Browser(app)
    assert (await browser.sign_in(DUTY)).headers["location"] == "/console/password"
    assert (await browser.get("/console/account")).headers["location"].startswith("/console/password?next=")
    is_problem(await browser.http.get("/api/v1/me"), 403, "password_change_needed")
    fields = {
        "csrf": await browser.csrf(),
        "current": PASSWORD,
        "new": "my own long secret",
        "repeated": "my own long secret",
    }
    assert (await browser.submit("/console/password", **fields)).headers["location"] == "/console"
    assert (await browser.http.get("/api/v1/me")).status_code == 200
    assert (await Browser(app).sign_in(DUTY)).status_code == 401
    assert (await Browser(app).sign_in(DUTY, "my own long secret")).headers["location"] == "/console"


async def test_changing_the_password_ends_every_other_session_and_renews_this_one(
    signed_in: Browser, app: FastAPI
) -> None:
    elsewhere, before = Browser(app), signed_in.session
    await elsewhere.sign_in(DUTY)
    fields = {
        "csrf": await signed_in.csrf(),
        "current": PASSWORD,
        "new": "my own long secret",
        "repeated": "my own long secret",
    }
    assert (await signed_in.submit("/console/password", **fields)).status_code == 303
    assert signed_in.session != before
    assert (await signed_in.get("/console/account")).status_code == 200
    assert (await elsewhere.get("/console/account")).status_code == 303


async def test_what_is_wrong_with_a_new_password_is_said(signed_in: Browser) -> None:
    csrf = await signed_in.csrf()
    for current, new, repeated, why in (
        ("wrong", "my own long secret", "my own long secret", "当前密码不正确"),
        (PASSWORD, "my own long secret", "my own other secret", "不一致"),
        (PASSWORD, "short", "short", "至少 12"),
        (PASSWORD, PASSWORD, PASSWORD, "相同"),
    ):
        answer = await signed_in.submit("/console/password", csrf=csrf, current=current, new=new, repeated=repeated)
        assert answer.status_code == 422
        assert why in answer.text
        assert new not in answer.text


async def test_an_open_desk_is_not_the_place_to_guess_a_password(signed_in: Browser) -> None:
    csrf, new = await signed_in.csrf(), "my own long secret"
    for _ in range(accounts.GUESSES):
        await signed_in.submit("/console/password", csrf=csrf, current="wrong", new=new, repeated=new)
    answer = await signed_in.submit("/console/password", csrf=csrf, current=PASSWORD, new=new, repeated=new)
    assert "尝试次数过多" in answer.text


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("short", Weakness.TOO_SHORT),
        ("x" * 257, Weakness.TOO_LONG),
        ("aaaabbbbcccc", Weakness.TOO_PLAIN),
        ("123456789012", Weakness.TOO_PLAIN),
        ("password1234!", Weakness.TOO_PLAIN),
        ("my office.duty secret", Weakness.LIKE_NAME),
        ("我的名字是赵文远一二三四", Weakness.LIKE_NAME),
        ("correct horse battery", None),
        ("云海翻腾山花开满春天来到了", None),
    ],
)
def test_a_password_is_long_and_not_easily_guessed(password: str, weakness: Weakness | None) -> None:
    assert weakness_of(password, (DUTY, "赵文远"), unchanged=False) is weakness
