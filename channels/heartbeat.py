"""The sign of life that a watchman outside waits for: where it stays away, he calls."""

import httpx2

from channels.asking import TIMEOUT, LostAnswer, NotSent

_REFUSED = 300


class Heartbeat:
    """Calls one address of the settings. What it answers is not read, and nobody is followed anywhere else."""

    def __init__(self, http: httpx2.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url

    async def beat(self) -> None:
        """Raises NotSent, LostAnswer: neither tells the address, which is all it takes to beat in our place."""
        try:
            async with self._http.stream("GET", self._url, timeout=TIMEOUT, follow_redirects=False) as response:
                status = response.status_code
        except httpx2.TransportError as error:
            raise NotSent(type(error).__name__) from None
        if status >= _REFUSED:
            raise LostAnswer(f"HTTP {status}")
