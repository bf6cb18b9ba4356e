"""`huiying`'s commands for those who look after an installation: prove, repair, deploy, erase, keep and bring back."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from runtime.settings import SettingsError, load_settings
from upkeep.command_line import Data, StackData, refuse, settings_of

T = TypeVar("T")
app = typer.Typer()


@app.command()
def verify(
    incident: Annotated[
        str | None, typer.Argument(metavar="[INCIDENT]", help="One incident; all when left out.")
    ] = None,
    anchors: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Anchors saved from the bulletin's anchors.json.")
    ] = None,
    data: StackData = None,
) -> None:
    """Prove that every ledger is whole, fits what is computed from it and its anchors; exit 1 when not."""
    from upkeep import verifying

    try:
        kept = [anchor for file in anchors or () for anchor in verifying.read_kept(file)]
    except (OSError, ValueError) as e:
        raise typer.BadParameter(str(e)) from e
    if not asyncio.run(verifying.verify(settings_of(data).database_url, incident, typer.echo, kept)):
        raise typer.Exit(1)


@app.command()
def evidence(
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's id.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write it (default: evidence-INCIDENT.zip).")
    ] = None,
    data: StackData = None,
) -> None:
    """Write a zip that proves what happened; the script in it verifies it on a machine without Huiying."""
    from evidence.gathering import NoLedger
    from runtime.attachments.store import StoreAway
    from upkeep.exporting import export_evidence

    file = out or Path(f"evidence-{incident}.zip")
    try:
        file.write_bytes(asyncio.run(export_evidence(settings_of(data), incident)))
    except NoLedger as e:
        raise typer.BadParameter(f"there is no incident {incident!r}") from e
    except (StoreAway, OSError) as e:
        refuse(e)
    typer.echo(file)


@app.command()
def anchor(data: StackData = None) -> None:
    """Sign at once where every ledger ends, as workers do every hour."""
    from upkeep.anchoring import anchor_now

    settings = settings_of(data)
    if settings.anchor_key is None:
        raise SettingsError("HUIYING_ANCHOR_KEY: needed to sign an anchor")
    made = asyncio.run(anchor_now(settings))
    typer.echo(f"anchor {made.number}: {made.size} ledgers, root {made.root}" if made else "no ledger grew since")


@app.command()
def repair(
    incident: Annotated[
        str | None, typer.Argument(metavar="[INCIDENT]", help="One incident; all when left out.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Do what is proposed; without this, only say it.")] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Look only for what a restored or lost database needs, and do it.")
    ] = False,
    leave_out: Annotated[
        int | None,
        typer.Option(metavar="EVENT", help="With --apply and INCIDENT: a message that a reset does not deliver again."),
    ] = None,
    chinese: Annotated[bool, typer.Option("--chinese", help="Say it in Chinese.")] = False,
    data: StackData = None,
) -> None:
    """Find what is stuck, say why and what to do about it, and do it when told; exit 1 while anything is stuck."""
    from domain.refusals import Language
    from domain.stuck import Remedy
    from domain.vocabulary import IncidentId
    from upkeep import repairing

    if leave_out is not None and not (apply and incident):
        raise typer.BadParameter("--leave-out is for one incident, with --apply")
    from_ledger = repairing.FROM_THE_LEDGER
    order = repairing.Order(
        IncidentId(incident) if incident else None,
        repairing.EVERYTHING if apply else from_ledger if rebuild else frozenset(),
        from_ledger if rebuild and not apply else frozenset(Remedy),
        leave_out,
        Language.ZH if chinese else Language.EN,
    )
    if not _of_temporal(repairing.repair(settings_of(data), typer.echo, order)):
        raise typer.Exit(1)


@app.command()
def replay(data: StackData = None) -> None:
    """Replay the incidents that are open with this version, before it is deployed; exit 1 and which do not replay."""
    from upkeep import replaying

    if not _of_temporal(replaying.replay_all(settings_of(data), typer.echo)):
        raise typer.Exit(1)


@app.command("take-over")
def take_over(data: StackData = None) -> None:
    """Have Temporal give all tasks to the workers of this version, which run already."""
    from runtime import deployment

    typer.echo(f"{_of_temporal(deployment.take_over_now(settings_of(data)))} gets all tasks")


@app.command()
def views(
    chinese: Annotated[bool, typer.Option("--chinese", help="Their names in Chinese.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: name, name_zh, query, url.")] = False,
    data: StackData = None,
) -> None:
    """Print links to views of the incidents in Temporal's UI, to be opened and saved there."""
    from upkeep import views

    settings = settings_of(data)
    found = views.links(settings.temporal_ui_origin, settings.temporal_namespace)
    if as_json:
        typer.echo(json.dumps([link._asdict() for link in found], ensure_ascii=False, indent=2))
        return
    for link in found:
        typer.echo(f"{link.name_zh if chinese else link.name}\n  {link.url}")


@app.command()
def forget(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be erased.")] = False,
    data: StackData = None,
) -> None:
    """Erase the words of ended incidents whose policy's period is over. The worker does so daily by itself."""
    from runtime.attachments.store import StoreAway
    from upkeep import forgetting

    try:
        asyncio.run(forgetting.forget(settings_of(data), typer.echo, dry_run=dry_run))
    except StoreAway:
        refuse("the attachment store does not answer; what is left is found again")


@app.command()
def backup(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it, as in huiying.tar.gz.")],
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="The stack's seal and codec keys too; without it, keep them apart.")
    ] = False,
    data: StackData = None,
) -> None:
    """Write the database and the attachments into one file, while everything goes on. Keep it as secret as them."""
    from runtime.attachments.store import StoreAway
    from runtime.embedded.folder import DataFolder
    from upkeep import backing_up

    settings = settings_of(data)
    if with_keys and data is None and "HUIYING_DATABASE_URL" in os.environ:
        raise typer.BadParameter("the keys of this installation are in its environment: keep them apart")
    keys = DataFolder(data or Path("var")).keys() if with_keys else {}
    try:
        files = backing_up.back_up(settings, archive, keys, datetime.now(UTC))
    except (backing_up.BackupFailed, StoreAway) as e:
        refuse(e)
    typer.echo(f"{archive}: {files} attachments, {'with' if keys else 'without'} keys")


@app.command()
def restore(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="What `huiying backup` wrote.")],
    data: StackData = None,
) -> None:
    """Fill a new data folder (nothing runs on it yet), or the empty database of the environment, from a backup."""
    from runtime.attachments.store import StoreAway
    from upkeep import backing_up, restoring

    try:
        if data is None and "HUIYING_DATABASE_URL" in os.environ:
            whole = restoring.restore_installation(load_settings(), archive, typer.echo)
        else:
            whole = restoring.restore_folder(data or Path("var"), archive, typer.echo)
    except (backing_up.BackupFailed, StoreAway) as e:
        refuse(e)
    if not whole:
        raise typer.Exit(1)


@app.command("upgrade-postgres")
def upgrade_postgres(
    data: Data = Path("var"),
    programs: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="The programs of the PostgreSQL it is of (default: the system's of that version)."
        ),
    ] = None,
) -> None:
    """Bring the database of a stack, which does not run, to the major version of PostgreSQL that is installed."""
    from upkeep import backing_up, upgrading

    try:
        whole = upgrading.upgrade_folder(data, programs, typer.echo)
    except backing_up.BackupFailed as e:
        refuse(e)
    if not whole:
        raise typer.Exit(1)


@app.command()
def revive(data: StackData = None) -> None:
    """Start the processes that open incidents lack, or that no key reads: what a restored database needs."""
    from upkeep import repairing

    typer.echo(f"{_of_temporal(repairing.revive_all(settings_of(data)))} processes started")


def _of_temporal(asked: Coroutine[Any, Any, T]) -> T:
    """What was asked of Temporal; where it does not answer, or not as wished, the command says so and ends."""
    from temporalio.service import RPCError

    from runtime.deployment import CannotTakeOver
    from runtime.temporal import TemporalUnavailable

    try:
        return asyncio.run(asked)
    except (TemporalUnavailable, CannotTakeOver, RPCError) as e:
        refuse(e)
