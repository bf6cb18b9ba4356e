"""`remember`: the state after one fact. Each family of facts registers how."""

from functools import singledispatch

from domain import events as e
from domain.incident import Incident
from domain.vocabulary import OfficerId


@singledispatch
def remember(fact: e.Fact, incident: Incident, entry: e.RecordedEntry) -> Incident:
    """Facts that leave the state as it is: notes, refusal counts."""
    return incident


def actor_of(entry: e.RecordedEntry) -> OfficerId:
    if entry.by.actor is None:
        raise ValueError(f"entry {entry.seq} ({entry.fact.type}) names no actor")
    return entry.by.actor
