"""Questions the API, the console and the command line ask, one function each. Nothing here writes."""

from db.reads.changes import Change, Moment, changes, present
from db.reads.inboxes import Told, deliveries, notices, told_of_restricted
from db.reads.incidents import (
    Filters,
    Listed,
    Place,
    all_incidents,
    incident,
    list_incidents,
    open_incidents,
    open_states,
    states,
    title,
    titles,
)
from db.reads.releases import PublicPlace, PublicRelease, bulletin, bulletin_release, releases_showing

__all__ = [
    "Change",
    "Filters",
    "Listed",
    "Moment",
    "Place",
    "PublicPlace",
    "PublicRelease",
    "Told",
    "all_incidents",
    "bulletin",
    "bulletin_release",
    "changes",
    "deliveries",
    "incident",
    "list_incidents",
    "notices",
    "open_incidents",
    "open_states",
    "present",
    "releases_showing",
    "states",
    "title",
    "titles",
    "told_of_restricted",
]
