"""A page for each command: only what is offered opens, nothing that was written is lost, twice is once."""

import re

from api.routes.commands import BY_NAME
from domain.county import Actor
from domain.offering import offers
from domain.vocabulary import CommandName, OfficerId
from tests.api.console.conftest import Fields, SignIn, hidden
from tests.api.office import Office, draft
from tests.scene import Scene

EDITED = (CommandName.DRAFT_RELEASE, CommandName.REVISE_RELEASE)


def do(incident: str, command: str, query: str = "") -> str:
    return f"/console/incidents/{incident}/do/{command}{query}"


async def test_every_offered_command_has_a_page_and_no_other_opens(scene: Scene, sign_in: SignIn) -> None:
    await scene.submit(level="major", departments=("water",))
    incident = await scene.draft()
    for officer in ("office.duty", "baishi.head", "press.desk"):
        who = scene.county.officer(OfficerId(officer))
        assert who is not None
        desk = await sign_in(officer)
        offered = offers(incident, Actor.of(who), scene.county.roster(), scene.clock.at)
        names = {offer.command for offer in offered}
        for name in BY_NAME:
            page = await desk.get(do(scene.id, name))
            if name in EDITED:
                assert page.status_code == 303
            elif name in names:
                assert page.status_code == 200, (officer, name)
            else:
                assert page.status_code in (403, 409), (officer, name, page.status_code)


async def test_pages_speak_english_as_well(scene: Scene, sign_in: SignIn) -> None:
    await scene.submit()
    desk = await sign_in("office.duty")
    desk.http.cookies.set("huiying_lang", "en")
    page = await desk.get(do(scene.id, "assess"))
    assert "What you leave alone stays as it is" in page.text
    assert "事件等级" not in page.text


async def test_nobody_learns_of_an_incident_by_trying_its_commands(scene: Scene, sign_in: SignIn) -> None:
    await scene.submit()
    desk = await sign_in("songxi.editor")
    there, nowhere = await desk.get(do(scene.id, "note")), await desk.get(do("0" * 32, "note"))
    assert there.status_code == nowhere.status_code == 404
    assert "停水" not in there.text


async def test_a_command_is_given_once_and_what_was_refused_keeps_its_words(live: Office, sign_in_live: SignIn) -> None:
    incident, desk = await live.submitted(), await sign_in_live("office.duty")
    path = do(incident, "note")
    fields = hidden((await desk.get(path)).text) | {"text": "已电话回访"}
    answers = [await desk.send(path, fields) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert "done=note" in answers[0].headers["location"]
    timeline = (await live.get("office.duty", f"/incidents/{incident}/timeline")).text
    assert timeline.count("已电话回访") == 1
    other = await desk.send(path, fields | {"text": "另一句话"})
    assert other.status_code == 422
    assert "另一句话" in other.text


async def test_two_who_decide_at_once_are_told_apart(live: Office, sign_in_live: SignIn) -> None:
    incident = await live.submitted()
    release = (await live.done("baishi.editor", f"/incidents/{incident}/releases", draft()))["release"]
    one, other = await sign_in_live("baishi.head"), await sign_in_live("baishi.deputy")
    path = do(incident, "approve")
    first, second = [hidden((await desk.get(path)).text) for desk in (one, other)]
    assert first["release"] == release
    assert (await one.send(path, first)).status_code == 303
    late = await other.send(path, second | {"comment": "我也同意"})
    assert late.status_code == 409
    assert "我也同意" in late.text
    assert 'id="refusal"' in late.text


async def test_an_assessment_changes_only_what_was_changed_and_can_be_seen_before(
    live: Office, sign_in_live: SignIn
) -> None:
    incident, desk = await live.submitted(), await sign_in_live("office.duty")
    path = do(incident, "assess")
    page = await desk.get(path)
    fields = hidden(page.text) | chosen_in(page.text)
    seen = await desk.send(path, fields | {"level": "major", "preview": "1"})
    assert seen.status_code == 200
    assert "新闻发布会" in seen.text
    assert "提交后将是" in seen.text
    done = await desk.send(path, fields | {"level": "significant"})
    assert done.status_code == 303, done.text
    state = (await live.get("office.duty", f"/incidents/{incident}")).json()
    assert (state["level"], state["townships"]) == ("significant", ["baishi"])


async def test_only_an_incident_one_may_see_can_be_merged_into(live: Office, sign_in_live: SignIn) -> None:
    incident, desk = await live.submitted(), await sign_in_live("office.duty")
    other = await live.submitted(title="云山镇断路抢通")
    page = await desk.get(do(incident, "merge_into", "?q=断路抢通"))
    assert "云山镇断路抢通" in page.text
    assert f'value="{other}"' in page.text
    assert f'value="{incident}"' not in page.text


async def test_closing_says_what_is_still_owed(live: Office, sign_in_live: SignIn) -> None:
    incident, desk = await live.submitted(level="major"), await sign_in_live("office.duty")
    page = await desk.get(do(incident, "close"))
    assert page.status_code == 200
    assert 'id="refusal"' in page.text


def chosen_in(html: str) -> Fields:
    """What a browser would send of a form that nobody touched."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="(?:radio|checkbox)" name="([^"]*)" value="([^"]*)" checked', html):
        found.setdefault(name, []).append(value)
    for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', html, re.DOTALL):
        found[name] = re.findall(r'value="([^"]*)" selected', options)
    for value, name in re.findall(r'type="datetime-local" value="([^"]*)" id="[^"]*" name="([^"]*)"', html):
        found[name] = [value]
    return {**found}


async def test_a_restricted_incident_says_so_to_those_who_know_and_nothing_to_others(
    live: Office, sign_in_live: SignIn
) -> None:
    incident = await live.submitted()
    director, duty = await sign_in_live("office.deputy"), await sign_in_live("office.duty")
    path = do(incident, "restrict_incident")
    page = (await director.get(path)).text
    assert all(word in page for word in ("知悉单位", "知悉人员", "限定理由"))
    answer = await director.send(path, hidden(page) | {"officers": ["press.desk"], "reason": "涉及未公开的侦查情况"})
    assert answer.status_code == 303
    assert (await duty.get(f"/console/incidents/{incident}")).status_code == 404
    for address in ("/console", f"/console/incidents/{incident}"):
        assert '<span class="mark soon">限定知悉</span>' in (await director.get(address)).text
    # Restricting it again begins with those who know already.
    assert 'value="press.desk" checked' in (await director.get(path)).text
    lift = do(incident, "lift_restriction")
    fields = hidden((await director.get(lift)).text) | {"reason": "案情已公开通报"}
    assert (await director.send(lift, fields)).status_code == 303
    assert (await duty.get(f"/console/incidents/{incident}")).status_code == 200
