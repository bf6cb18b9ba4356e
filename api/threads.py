"""The public releases of one incident in order, and which of them stands in place of another."""

from collections.abc import Sequence

from db.reads import PublicRelease
from domain.vocabulary import Digest


def standing_instead(release: PublicRelease, thread: Sequence[PublicRelease]) -> Digest | None:
    """What holds in its place: of one corrected its correction, of one withdrawn the first that was published since
    and stands. None while there is nothing, and for a release that stands itself.
    """
    if release.corrected_by is not None:
        return release.corrected_by
    withdrawn_at = release.withdrawn_at
    if withdrawn_at is None:
        return None
    since = (one for one in thread if one.published_at >= withdrawn_at and one.withdrawn_at is None)
    return next((one.digest for one in since), None)
