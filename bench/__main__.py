"""`python -m bench`: what Huiying costs, as ratios in one run, with one JSON, one drawing and one page to read.

make bench                              all sections but the long one; about half an hour
make bench ARGS="--only posts whole"    these sections; the others stay as they were found last
make bench ARGS="--quick"               a minute or two, to see that everything runs; nothing is kept
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench import report
from bench.arena import Arena
from bench.findings import Findings
from bench.sections import crowd, growth, listing, posts, waiting, whole
from bench.stack import services

SECTIONS: Mapping[str, Callable[[Arena], Awaitable[Findings]]] = {
    "posts": posts.measure,
    "whole": whole.measure,
    "list": listing.measure,
    "growth": growth.measure,
    "waiting": waiting.measure,
    "crowd": crowd.measure,
}
LONG = frozenset({"crowd"})
"""Only when named."""
FOLDER = Path(__file__).resolve().parent.parent / "docs" / "benchmarks"


async def run(root: Path, chosen: list[str], seed: int, keep: Callable[[str, Findings], None], *, quick: bool) -> None:
    with services(root) as running:
        arena = Arena(running, random.Random(seed), quick)
        try:
            for name in chosen:
                begun = time.monotonic()
                found = await SECTIONS[name](arena)
                keep(name, found)
                print(f"{name}: {time.monotonic() - begun:.0f} s")
                for ratio in found.ratios:
                    print("  " + report.line(ratio), flush=True)
        finally:
            arena.leave()


def tell_ends(root: Path) -> None:
    """What each process said last; its folder will be gone."""
    for log in sorted(root.glob("*.log")):
        print(f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-12:], sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=sorted(SECTIONS), metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--seed", type=int, default=2019, help="of the order of what is interleaved")
    parser.add_argument("--quick", action="store_true", help="a little of everything, kept nowhere")
    parser.add_argument("--to", type=Path, default=FOLDER, metavar="FOLDER", help="for JSON, drawing and page")
    given = parser.parse_args()

    def keep(name: str, found: Findings) -> None:
        """At once: a section that fails takes no other with it."""
        if not given.quick or given.to != FOLDER:
            report.write(given.to, {name: found}, given.seed, datetime.now(UTC))

    chosen = given.only or [name for name in SECTIONS if name not in LONG]
    # Not a folder that only its owner may enter: PostgreSQL under root runs as another user.
    with tempfile.TemporaryDirectory(prefix="huiying-bench-") as folder:
        Path(folder).chmod(0o711)
        try:
            asyncio.run(run(Path(folder), chosen, given.seed, keep, quick=given.quick))
        except Exception:
            tell_ends(Path(folder))
            raise


if __name__ == "__main__":
    main()
