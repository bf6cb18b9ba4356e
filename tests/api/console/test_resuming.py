"""A form that arrives without a session gives its words back, to be sent by whoever signs in."""

from tests.api.browser import ORIGIN, PASSWORD
from tests.api.console.conftest import SignIn, hidden
from tests.api.office import Office

NOTE = "独一无二的记事"


async def test_a_form_whose_session_is_over_is_sent_after_signing_in_on_the_spot(
    live: Office, sign_in_live: SignIn
) -> None:
    incident, desk = await live.submitted(), await sign_in_live("baishi.editor")
    path = f"/console/incidents/{incident}/do/note"
    fields = hidden((await desk.get(path)).text) | {"text": NOTE}
    desk.http.cookies.delete("huiying_session")
    page = await desk.send(path, fields)
    assert page.status_code == 401
    assert f'name="kept.text" value="{NOTE}"' in page.text
    assert "kept.csrf" not in page.text
    kept = {name: value for name, value in hidden(page.text).items() if name == "to" or name.startswith("kept.")}
    wrong = await desk.send("/console/resume", kept | {"name": "baishi.editor", "password": "wrong"})
    assert wrong.status_code == 401
    assert NOTE in wrong.text
    shown = await desk.send("/console/resume", kept | {"name": "baishi.editor", "password": PASSWORD})
    assert shown.status_code == 200
    assert NOTE in shown.text
    assert (await desk.send(path, hidden(shown.text))).status_code == 303
    assert NOTE in (await live.get("baishi.editor", f"/incidents/{incident}/timeline")).text


async def test_words_are_asked_about_under_the_names_they_had_in_their_form(live: Office, sign_in_live: SignIn) -> None:
    incident, desk = await live.submitted(), await sign_in_live("baishi.reviewer")
    to = f"/console/tasks/{incident}/{'0' * 16}/review_confidentiality"
    kept = {"to": to, "kept.outcome": "undecided", "kept.comment": NOTE}
    shown = await desk.send("/console/resume", kept | {"name": "baishi.reviewer", "password": PASSWORD})
    assert "审查结论" in shown.text
    assert "审查意见" in shown.text
    assert "核实结果" not in shown.text


async def test_a_page_of_an_earlier_session_is_asked_about_once_more(live: Office, sign_in_live: SignIn) -> None:
    incident, desk = await live.submitted(), await sign_in_live("baishi.editor")
    path = f"/console/incidents/{incident}/do/assess"
    fields = hidden((await desk.get(f"/console/incidents/{incident}/do/note")).text) | {"level": "major", "text": NOTE}
    await desk.sign_in("baishi.editor")
    page = await desk.send(path, fields)
    assert page.status_code == 403
    assert "重大" in page.text
    assert NOTE in page.text
    assert hidden(page.text)["csrf"] != fields["csrf"]


async def test_another_sites_form_is_not_even_repeated(live: Office, sign_in_live: SignIn) -> None:
    incident, desk = await live.submitted(), await sign_in_live("baishi.editor")
    for signed_in in (True, False):
        if not signed_in:
            desk.http.cookies.delete("huiying_session")
        for path in (f"/console/incidents/{incident}/do/note", "/console/resume"):
            page = await desk.http.post(path, data={"text": NOTE, "kept.text": NOTE}, headers={"Origin": "http://evil"})
            assert page.status_code == 403
            assert NOTE not in page.text


async def test_a_script_that_asks_for_a_preview_hears_only_that_it_may_not(sign_in: SignIn) -> None:
    desk = await sign_in("baishi.editor")
    desk.http.cookies.delete("huiying_session")
    headers = {"Origin": ORIGIN, "HX-Request": "true"}
    answer = await desk.http.post("/console/report", data={"title": NOTE}, headers=headers)
    assert (answer.status_code, answer.text) == (401, "")
