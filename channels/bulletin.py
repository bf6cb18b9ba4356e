"""The county's own bulletin: the public pages of this program."""

from channels import Accepted, Publication


class Bulletin:
    """Public is what has a receipt: the page appears in the very transaction that keeps it."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    async def publish(self, publication: Publication) -> Accepted:
        """Nobody is called: the pages show what the receipt's transaction puts on the bulletin."""
        return Accepted(publication.digest, f"{self._public_url}/public/releases/{publication.digest}")
