"""What a drill reaches in place of every outside channel: nothing that could open a socket."""

from datetime import datetime

from channels import Accepted, Call, Publication
from domain.releases import Receipt
from domain.vocabulary import Channel


class Rehearsal:
    """Answers as the place would, with the page of our own bulletin for an address."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def publish(self, publication: Publication, call: Call, now: datetime) -> Accepted:
        return Accepted(f"drill-{publication.digest[:16]}", f"{publication.url}#{self._channel}", now)

    async def retract(self, publication: Publication, receipt: Receipt, now: datetime) -> None:
        """Nothing stands anywhere."""
