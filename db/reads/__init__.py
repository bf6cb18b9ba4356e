"""Questions the API, the console and the command line ask, one function each. Nothing here writes."""

from db.reads.changes import Change, Moment, changes, present
from db.reads.channels import Outlet, Service, outlets, services, waiting_for_a_person
from db.reads.inboxes import Told, deliveries, notices, told_of_restricted
from db.reads.incidents import (
    Counted,
    Filters,
    Listed,
    Order,
    Place,
    all_incidents,
    count_incidents,
    incident,
    list_incidents,
    open_incidents,
    open_states,
    states,
    title,
    titles,
)
from db.reads.releases import (
    PublicPlace,
    PublicRelease,
    bulletin,
    bulletin_changes,
    bulletin_release,
    bulletin_thread,
    releases_showing,
)
from db.reads.statistics import courses

__all__ = [
    "Change",
    "Counted",
    "Filters",
    "Listed",
    "Moment",
    "Order",
    "Outlet",
    "Place",
    "PublicPlace",
    "PublicRelease",
    "Service",
    "Told",
    "all_incidents",
    "bulletin",
    "bulletin_changes",
    "bulletin_release",
    "bulletin_thread",
    "changes",
    "count_incidents",
    "courses",
    "deliveries",
    "incident",
    "list_incidents",
    "notices",
    "open_incidents",
    "open_states",
    "outlets",
    "present",
    "releases_showing",
    "services",
    "states",
    "title",
    "titles",
    "told_of_restricted",
    "waiting_for_a_person",
]
