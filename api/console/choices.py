"""What the fields of a command may be chosen from: units, officers, releases and items that there are."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from api.console.forms import Option
from domain.county import County
from domain.incident import Incident
from domain.labels import label
from domain.refusals import Language
from domain.releases import Release
from domain.vocabulary import OfficerId, ReleaseId, UnitId, UnitKind

_NO_DEPARTMENTS = (UnitKind.TOWNSHIP, UnitKind.LEADING_GROUP)
_SHOWN = 40
"""Characters of an item's words that tell it from others."""


def units(county: County, kinds: Collection[UnitKind] = tuple(UnitKind)) -> tuple[Option, ...]:
    return tuple(Option(unit.id, unit.name) for unit in county.units if unit.kind in kinds)


def townships(county: County) -> tuple[Option, ...]:
    return units(county, (UnitKind.TOWNSHIP,))


def departments(county: County) -> tuple[Option, ...]:
    """Whatever can be named as a department: any unit but townships and the leading group."""
    return units(county, [kind for kind in UnitKind if kind not in _NO_DEPARTMENTS])


def officers(county: County, of: Collection[UnitId] | None = None) -> tuple[Option, ...]:
    """Everybody with a post of their own in one of the units (in any when None), under the unit's name."""
    found = []
    for unit in county.units:
        if of is not None and unit.id not in of:
            continue
        for officer in county.officers:
            own = [post for post in officer.posts if post.unit == unit.id and not post.on_behalf_of]
            if own:
                found.append(Option(officer.id, f"{officer.name}（{own[0].title}）", unit.name))
    return tuple(found)


def speakers(incident: Incident, county: County) -> tuple[Option, ...]:
    """Who may face the press: responsible persons of the lead, and its spokespersons as filed (Art. 15)."""
    lead = incident.route.lead
    roster = county.roster([lead])
    able: Iterable[OfficerId] = (*roster.heads.get(lead, ()), *roster.spokespersons.get(lead, ()))
    return tuple(_person(county, officer) for officer in dict.fromkeys(able))


def _person(county: County, officer: OfficerId) -> Option:
    found = county.officer(officer)
    if found is None:
        return Option(officer, officer)
    return Option(officer, f"{found.name}（{found.posts[0].title}）" if found.posts else found.name)


Words = Mapping[str, str]


def for_incident(
    incident: Incident, county: County, words: Words, titles: Mapping[ReleaseId, str], language: Language
) -> dict[str, Sequence[Option]]:
    """For every field of every command. `words` are the texts behind references, `titles` those of releases."""
    all_units, everybody = units(county), officers(county)
    named = {unit.id: unit.name for unit in county.units}
    involved = dict.fromkeys((*incident.townships, *incident.concerned_departments, incident.office))
    releases = [one for one in incident.releases.values() if not one.cancelled]
    return {
        "townships": townships(county),
        "departments": departments(county),
        "superior_department": departments(county),
        "lead": tuple(Option(unit, named.get(unit, unit)) for unit in involved),
        **dict.fromkeys(("participants", "units", "unit", "originator", "verified_by", "receiver"), all_units),
        **dict.fromkeys(("officer", "officers", "interpreters"), everybody),
        "attendees": speakers(incident, county),
        **dict.fromkeys(("release", "statement"), _releases(releases, titles, language)),
        "corrects": _releases([one for one in releases if one.receipts], titles, language),
        "channels": tuple(Option(channel.value, label(channel, language)) for channel in incident.policy.channels),
        **_items_of(incident, words),
    }


def _releases(releases: Iterable[Release], titles: Mapping[ReleaseId, str], language: Language) -> tuple[Option, ...]:
    return tuple(Option(one.id, f"{label(one.kind, language)} · {titles.get(one.id, one.id)}") for one in releases)


def _items_of(incident: Incident, words: Words) -> dict[str, Sequence[Option]]:
    """What is still open of each kind, by its words and else by its number."""
    consulted = [one for one in incident.consultations if one.round == incident.round]
    found: dict[str, list[tuple[str, str | None]]] = {
        "figure": [(one.id, one.text) for one in incident.figures if one.withdrawn_at is None],
        "task": [(one.id, one.what) for one in incident.assignments if one.pending],
        "referral": [(one.id, one.claim) for one in incident.referrals],
        "consultation": [(one.id, one.agenda) for one in consulted],
        "conference": [(one.id, one.venue) for one in incident.conferences if one.open],
    }
    return {name: tuple(_item(id_, words.get(text or "")) for id_, text in items) for name, items in found.items()}


def _item(id_: str, text: str | None) -> Option:
    number = id_[1:]
    return Option(id_, f"{number}. {text[:_SHOWN]}" if text else f"{number}.")
