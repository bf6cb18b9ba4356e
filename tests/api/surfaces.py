"""Every route of the API and what governs it, and what one person must get of an incident on each that reads.

What is expected is worked out from the table and from how the incident was built, never by the code that reads it.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from domain.permissions import PERMISSIONS, Grant
from domain.vocabulary import CommandName, ReadName, Relation, Role, StepKind
from tests.api.cells import UNITS, is_holder


class Open(StrEnum):
    """What is no incident's, or shows of incidents only what the caller's list or inbox may."""

    PUBLIC = "public words and health: no login"
    REFERENCE = "the county's own data: any officer"
    KEEPERS = "registers and addresses: who keeps them"
    LISTS = "incidents that the caller may read, each by the table"
    ACCOUNT = "signing in, and one's own account"
    OWN = "what the caller was told, of what they may know"


I = "/api/v1/incidents/{incident}"  # noqa: E741  # The prefix of most.
PAGE = "/console/incidents/{incident}"
Governing = Open | tuple[ReadName | CommandName, ...]
_COMMANDS: dict[str, Governing] = {
    f"POST {I}/{way}/{name}": (name,)
    for way in ("commands", "seals")
    for name in CommandName
    if name not in (CommandName.SUBMIT, CommandName.ABSORB)
}
GOVERNED: dict[str, Governing] = _COMMANDS | {
    "GET /openapi.json": Open.PUBLIC,
    "GET /": Open.PUBLIC,
    "GET /public": Open.PUBLIC,
    "GET /public/releases/{digest}": Open.PUBLIC,
    "GET /public/releases/{digest}/document": Open.PUBLIC,
    "GET /public/threads/{digest}": Open.PUBLIC,
    "GET /public/attachments/{digest}": Open.PUBLIC,
    "GET /public/feed.atom": Open.PUBLIC,
    "GET /public/feed.json": Open.PUBLIC,
    "GET /public/style.css": Open.PUBLIC,
    "GET /public/anchors": Open.PUBLIC,
    "GET /public/anchors.json": Open.PUBLIC,
    "GET /public/verify.py": Open.PUBLIC,
    "GET /healthz": Open.PUBLIC,
    "GET /readyz": Open.PUBLIC,
    "GET /console/assets/{name}": Open.PUBLIC,
    "POST /console/preferences": Open.PUBLIC,
    "POST /console/resume": Open.ACCOUNT,
    "GET /console/oidc/login": Open.ACCOUNT,
    "GET /console/oidc/callback": Open.ACCOUNT,
    "GET /console/oidc/logout": Open.ACCOUNT,
    "GET /console/login": Open.ACCOUNT,
    "POST /console/login": Open.ACCOUNT,
    "POST /console/logout": Open.ACCOUNT,
    "GET /console/account": Open.ACCOUNT,
    "GET /console/password": Open.ACCOUNT,
    "POST /console/password": Open.ACCOUNT,
    "POST /console/sessions/{number}/end": Open.ACCOUNT,
    "POST /codec/encode": (ReadName.PAYLOADS,),
    "POST /codec/decode": (ReadName.PAYLOADS,),
    # One's own, and everybody's for whom the table names.
    "GET /api/v1/sessions": (ReadName.ACCESS,),
    "GET /api/v1/tokens": (ReadName.ACCESS,),
    "DELETE /api/v1/sessions/{number}": (ReadName.ACCESS,),
    "DELETE /api/v1/tokens/{number}": (ReadName.ACCESS,),
    "GET /api/v1/me": Open.REFERENCE,
    "GET /api/v1/units": Open.REFERENCE,
    "GET /api/v1/officers": Open.REFERENCE,
    "GET /api/v1/policies": Open.REFERENCE,
    "GET /api/v1/policies/{policy}": Open.REFERENCE,
    "GET /api/v1/spokespersons": Open.REFERENCE,
    "GET /api/v1/spokespersons/{unit}/history": Open.REFERENCE,
    "GET /api/v1/duty-rosters": Open.REFERENCE,
    "GET /api/v1/delegations": Open.REFERENCE,
    "POST /api/v1/spokespersons": Open.KEEPERS,
    "POST /api/v1/duty-rosters": Open.KEEPERS,
    "POST /api/v1/delegations": Open.KEEPERS,
    "POST /api/v1/delegations/{delegation}/end": Open.KEEPERS,
    "GET /api/v1/contacts/{owner}": Open.KEEPERS,
    "PUT /api/v1/contacts/{owner}": Open.KEEPERS,
    "GET /api/v1/incidents": Open.LISTS,
    "GET /api/v1/documents/ledger.xlsx": Open.LISTS,
    "GET /api/v1/tasks": Open.LISTS,
    "GET /api/v1/events": Open.LISTS,
    "GET /api/v1/deliveries": Open.LISTS,
    "GET /api/v1/notices": Open.OWN,
    "PUT /api/v1/notices/seen": Open.OWN,
    "POST /api/v1/incidents": (CommandName.SUBMIT,),
    f"GET {I}": (ReadName.INCIDENT,),
    f"GET {I}/timeline": (ReadName.TIMELINE,),
    f"GET {I}/evidence": (ReadName.EVIDENCE,),
    f"GET {I}/documents": (ReadName.INCIDENT,),
    f"GET {I}/documents/{{name}}.docx": (ReadName.INCIDENT, ReadName.RELEASE, ReadName.TIMELINE),
    f"GET {I}/documents/{{name}}.pdf": (ReadName.INCIDENT, ReadName.RELEASE, ReadName.TIMELINE),
    f"GET {I}/documents/{{name}}.xlsx": (ReadName.INCIDENT, ReadName.TIMELINE),
    f"GET {I}/releases/{{release}}": (ReadName.RELEASE,),
    f"GET {I}/attachments/{{digest}}": (ReadName.RELEASE,),
    f"GET {I}/referrals/{{referral}}": (ReadName.REFERRAL,),
    f"POST {I}/releases": (CommandName.DRAFT_RELEASE,),
    f"PUT {I}/releases/{{release}}": (CommandName.REVISE_RELEASE,),
    f"POST {I}/attachments": (CommandName.REVISE_RELEASE,),
    # The console's pages go through the functions of the routes above.
    "GET /console": Open.LISTS,
    "GET /console/tally": Open.LISTS,
    "GET /console/board/{incident}": (ReadName.INCIDENT,),
    "GET /console/tasks": Open.LISTS,
    "GET /console/statistics": Open.LISTS,
    "GET /console/statistics/statistics.{format_}": Open.LISTS,
    "GET /console/channels": Open.LISTS,
    "GET /console/notices": Open.OWN,
    "POST /console/notices/seen": Open.OWN,
    "GET /console/help": Open.REFERENCE,
    "GET /console/help/{name}": Open.REFERENCE,
    "GET /console/policies": Open.REFERENCE,
    "GET /console/policies/{policy}": Open.REFERENCE,
    "GET /console/policies/{policy}/simulator": Open.REFERENCE,
    "GET /console/registers": Open.REFERENCE,
    "GET /console/registers/spokespersons/{unit}": Open.REFERENCE,
    "GET /console/registers/{kind}/new": Open.KEEPERS,
    "POST /console/registers/{kind}/new": Open.KEEPERS,
    "POST /console/registers/delegations/{delegation}/end": Open.KEEPERS,
    "GET /console/registers/contacts/{owner}": Open.KEEPERS,
    "POST /console/registers/contacts/{owner}": Open.KEEPERS,
    "GET /console/templates": Open.REFERENCE,
    "GET /console/templates/{kind}": Open.KEEPERS,
    "POST /console/templates/{kind}": Open.KEEPERS,
    "GET /console/report": (CommandName.SUBMIT,),
    "POST /console/report": (CommandName.SUBMIT,),
    f"GET {PAGE}": (ReadName.INCIDENT,),
    f"GET {PAGE}/do/{{command}}": (ReadName.INCIDENT,),
    f"POST {PAGE}/do/{{command}}": (ReadName.INCIDENT,),
    f"GET {PAGE}/releases/new": (CommandName.DRAFT_RELEASE,),
    f"POST {PAGE}/releases/new": (CommandName.DRAFT_RELEASE,),
    f"GET {PAGE}/releases/{{release}}/edit": (CommandName.REVISE_RELEASE,),
    f"POST {PAGE}/releases/{{release}}/edit": (CommandName.REVISE_RELEASE,),
    f"GET {PAGE}/releases/{{release}}/versions": (ReadName.RELEASE,),
    "GET /console/tasks/{incident}/{release}": (ReadName.RELEASE,),
    "POST /console/tasks/{incident}/{release}/{command}": (ReadName.RELEASE,),
    # Names that are none.
    f"POST {I}/commands/{{name}}": Open.REFERENCE,
    f"POST {I}/seals/{{name}}": Open.REFERENCE,
}


def routes_of(app: FastAPI) -> set[str]:
    """Every method and path the app answers to."""
    return {f"{method} {path}" for path, methods in _flat(app.routes) for method in methods - {"HEAD"}}


def _flat(routes: list[BaseRoute]) -> Iterator[tuple[str, set[str]]]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _flat(inner.routes)
        else:
            methods = route.methods if isinstance(route, APIRoute) else getattr(route, "methods", {"MOUNT"})
            yield str(getattr(route, "path", route)), set(methods or ())


class Person(NamedTuple):
    """An officer who holds one post with one role."""

    unit: str
    role: Role
    in_charge: bool = False

    @property
    def id(self) -> str:
        return f"{self.unit}.only-{self.role.replace('_', '-')}" + ("-director" if self.in_charge else "")


PEOPLE = [Person(unit, role) for unit in UNITS for role in Role] + [Person("health", Role.COUNTY_OFFICE, True)]
NAMED_UNIT = "fire"
NAMED_PERSON = Person("health", Role.EDITOR)


class View(NamedTuple):
    """An incident as its builder knows it, before somebody."""

    person: Person
    restricted: bool

    @property
    def standing(self) -> set[Relation]:
        relation = UNITS[self.person.unit]
        found = {Relation.ANY} | ({relation} if relation else set())
        if self.restricted and (self.person.unit == NAMED_UNIT or self.person == NAMED_PERSON):
            found.add(Relation.NAMED)
        if self.person.in_charge or self.person.role in (Role.UNIT_HEAD, Role.LEADING_GROUP):
            found.add(Relation.IN_CHARGE)
        return found

    @property
    def holds(self) -> bool:
        steps = (StepKind.UNIT_APPROVAL, StepKind.CONFIDENTIALITY)
        return any(is_holder(self.person.unit, self.person.role, step) for step in steps)

    def granted(self, action: ReadName | CommandName) -> bool:
        held = {Relation.HOLDER} if isinstance(action, ReadName) and self.holds else set()
        return any(Grant(self.person.role, relation) in PERMISSIONS[action] for relation in self.standing | held)

    @property
    def known(self) -> bool:
        return not self.restricted or self.granted(ReadName.RESTRICTED)

    def reads(self, *actions: ReadName) -> bool:
        return self.known and all(map(self.granted, actions))

    @property
    def listed(self) -> bool:
        """Being a holder shows an incident among the tasks, not in the list."""
        grants = PERMISSIONS[ReadName.INCIDENT]
        places = self.standing & (set(Relation) if self.restricted else set(Relation) - {Relation.NAMED})
        readable = any(Grant(self.person.role, place) in grants for place in places)
        known = any(Grant(self.person.role, place) in PERMISSIONS[ReadName.RESTRICTED] for place in self.standing)
        return readable and (known or not self.restricted)

    @property
    def worded(self) -> bool:
        return self.reads(ReadName.INCIDENT) and (not self.restricted or self.reads(ReadName.RELEASE))
