"""名册 on a page: what the JSON routes file, forms file, and nobody sees a form that is not theirs."""

import re

import pytest

from db import registers
from domain.registers import DelegationFiling, DutyFiling, SpokespersonFiling
from tests.api.console.conftest import SignIn
from tests.api.office import Office

NEW = "/console/registers/spokesperson/new?unit=water"
SPOKEN = {"unit": "water", "spokesperson": "water.head", "deputy": "water.deputy", "changed_on": "2026-10-30"}


async def history(office: Office, kind: str) -> list[object]:
    async with office.sessions() as session:
        return [one.filing for one in await registers.history(session, kind)]


async def test_a_spokesperson_is_filed_and_then_stands_in_the_register(office: Office, sign_in: SignIn) -> None:
    desk = await sign_in("water.editor")
    assert "按岗位设定，未另行报备" in (await desk.get("/console/registers")).text
    answer = await desk.fill(NEW, **SPOKEN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/registers#spokesperson")
    assert await history(office, "spokesperson") == [SpokespersonFiling.model_validate(SPOKEN)]
    shown = (await desk.get("/console/registers")).text
    assert "施望舒" in shown
    assert "/console/registers/spokespersons/water" in shown
    assert "现行" in (await desk.get("/console/registers/spokespersons/water")).text


async def test_the_same_form_sent_twice_files_once(office: Office, sign_in: SignIn) -> None:
    desk = await sign_in("water.editor")
    page = (await desk.get(NEW)).text
    key = re.search(r'name="key" value="(\w+)"', page)
    assert key is not None
    fields: dict[str, str | list[str]] = {**SPOKEN, "key": key[1], "csrf": await desk.csrf(NEW)}
    for _ in range(2):
        assert (await desk.send(NEW.partition("?")[0], fields)).status_code == 303
    assert len(await history(office, "spokesperson")) == 1


async def test_a_late_change_is_marked(sign_in: SignIn) -> None:
    desk = await sign_in("water.editor")
    await desk.fill(NEW, **SPOKEN | {"changed_on": "2026-09-01"})
    assert "逾期报备" in (await desk.get("/console/registers")).text
    assert "逾期报备" in (await desk.get("/console/registers/spokespersons/water")).text


async def test_a_wrong_filing_comes_back_with_its_words_and_its_fault(office: Office, sign_in: SignIn) -> None:
    desk = await sign_in("water.editor")
    answer = await desk.fill(NEW, **SPOKEN | {"changed_on": ""})
    assert answer.status_code == 422
    assert 'href="#changed_on"' in answer.text
    assert 'name="deputy" value="water.deputy" checked' in answer.text
    refused = await desk.fill(NEW, **SPOKEN | {"deputy": "water.head"})
    assert refused.status_code == 422
    assert 'id="refusal"' in refused.text
    assert await history(office, "spokesperson") == []


@pytest.mark.parametrize("unit", ["health", "nowhere"])
async def test_nobody_files_for_a_unit_that_is_not_theirs(office: Office, sign_in: SignIn, unit: str) -> None:
    desk = await sign_in("water.editor")
    shown = (await desk.get("/console/registers")).text
    assert "spokesperson/new?unit=water" in shown
    assert "spokesperson/new?unit=health" not in shown
    answer = await desk.fill(NEW, **SPOKEN | {"unit": unit})
    assert answer.status_code in (403, 422)
    assert await history(office, "spokesperson") == []


async def test_a_roster_keeps_the_order_of_calling(office: Office, sign_in: SignIn) -> None:
    desk = await sign_in("baishi.editor")
    given = {"unit": "baishi", "leader": "baishi.head", "starts_at": "2026-11-02T08:00", "ends_at": "2026-11-09T08:00"}
    called = ["baishi.deputy", "baishi.editor", "", "", ""]
    answer = await desk.fill("/console/registers/duty/new?unit=baishi", **given, on_duty=called)
    assert answer.status_code == 303, answer.text
    (filed,) = await history(office, "duty")
    assert isinstance(filed, DutyFiling)
    assert filed.on_duty == ("baishi.deputy", "baishi.editor")
    assert "当班" in (await desk.get("/console/registers")).text


async def test_a_post_is_handed_on_and_taken_back(office: Office, sign_in: SignIn) -> None:
    desk = await sign_in("baishi.head")
    page = (await desk.get("/console/registers/delegation/new?unit=baishi")).text
    principals = page.partition('name="principal"')[2].partition('name="delegate"')[0]
    assert "baishi.deputy" not in principals, "a post is its holder's to hand on"
    given = {"principal": "baishi.head", "delegate": "baishi.editor"}
    period = {"starts_at": "2026-11-02T08:00", "ends_at": "2026-11-09T08:00"}
    answer = await desk.fill("/console/registers/delegation/new?unit=baishi", **given, **period)
    assert answer.status_code == 303, answer.text
    (filed,) = await history(office, "delegation")
    assert isinstance(filed, DelegationFiling)
    stranger = await sign_in("health.head")
    listed = (await stranger.get("/console/registers")).text
    assert "提前结束" not in listed
    shown = (await desk.get("/console/registers")).text
    end = re.search(r"/console/registers/delegations/\d+/end", shown)
    assert end is not None
    refused = await stranger.send(end[0], {"csrf": await stranger.csrf("/console/registers"), "key": "abc"})
    assert refused.status_code == 403
    done = await desk.send(end[0], {"csrf": await desk.csrf("/console/registers"), "key": "def"})
    assert done.status_code == 303
    assert "已结束的授权" in (await desk.get("/console/registers")).text


async def test_addresses_are_kept_in_their_order_and_only_by_who_may(office: Office, sign_in: SignIn) -> None:
    desk = await sign_in("baishi.editor")
    path = "/console/registers/contacts/baishi.editor"
    lines = {"means": ["sms", "email", "wecom"], "address": ["+8613800000000", "", "zhang"], "to": ["person"] * 3}
    assert (await desk.fill(path, **lines)).status_code == 303
    kept = (await office.get("baishi.editor", "/contacts/baishi.editor")).json()["contacts"]
    assert [(one["means"], one["address"]) for one in kept] == [("sms", "+8613800000000"), ("wecom", "zhang")]
    wrong = await desk.fill(path, **lines | {"address": ["two words", "", ""]})
    assert wrong.status_code == 422
    assert "two words" in wrong.text
    assert 'href="#address-0"' in wrong.text
    assert (await desk.get("/console/registers/contacts/health.head")).status_code == 403
    assert (await desk.get("/console/registers/contacts/nobody")).status_code == 404


async def test_an_unknown_register_and_a_form_of_nobodys_are_not_there(sign_in: SignIn) -> None:
    desk = await sign_in("office.duty")
    assert (await desk.get("/console/registers/cars/new")).status_code == 404
    assert (await desk.get("/console/registers/spokespersons/nowhere")).status_code == 404
