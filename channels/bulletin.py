"""The county's own bulletin: the public pages of this program."""

from datetime import datetime

from channels import Accepted, Call, Publication
from domain.releases import Receipt


class Bulletin:
    """Public is what has a receipt: the page appears, and is marked withdrawn, in the transaction that keeps it."""

    async def publish(self, publication: Publication, call: Call, now: datetime) -> Accepted:
        """Nobody is called: the pages show what the receipt's transaction puts on the bulletin."""
        return Accepted(publication.digest, publication.url, now)

    async def retract(self, publication: Publication, receipt: Receipt, now: datetime) -> None:
        """As `publish`: the mark comes with the transaction."""
