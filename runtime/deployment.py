"""Versions of the program as Temporal sees them: which one a worker is, and which one gets the tasks.

All workers of an installation are one worker deployment. Its current version gets every task, of incidents that other
versions began as well (AUTO_UPGRADE): they run for weeks, so none is kept back for them, and what a change of the
process must hold to is the replay gate.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version as version_of_package
from pathlib import Path

from temporalio.api.enums.v1 import TaskQueueType, WorkerVersioningMode
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

from runtime.settings import Settings
from runtime.temporal import connect

_DECIDES = ("activities", "domain", "workflows")
"""The packages that decide how a history goes on."""
_WORKFLOWS, _ACTIVITIES = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
_DIGITS = 12
RPC_TIMEOUT = timedelta(seconds=10)
RETRY_SECONDS = 0.1
TAKE_OVER_WITHIN = timedelta(seconds=30)
"""A version can take over once the server has seen it poll."""
SEEN_WITHIN = timedelta(seconds=75)
"""Who waits for a task asks anew every minute; whoever has not asked for longer has gone."""
_NOT_YET = (
    RPCStatusCode.ABORTED,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.FAILED_PRECONDITION,
    RPCStatusCode.NOT_FOUND,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.UNAVAILABLE,
)
"""The server has not seen a worker of the version, or is busy with what was said of versions before."""


class CannotTakeOver(Exception):
    """The server does not make the version the current one; says why."""


@cache
def build_id() -> str:
    """The version of the program with a digest of all code that decides: the same wherever the same code runs."""
    digest = hashlib.sha256()
    for package in _DECIDES:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for file in sorted(Path(folder).rglob("*.py")):
                digest.update(f"{package}/{file.relative_to(folder).as_posix()}\n".encode())
                digest.update(file.read_bytes())
    return f"{version_of_package('huiying')}-{digest.hexdigest()[:_DIGITS]}"


def own_version(settings: Settings) -> WorkerDeploymentVersion:
    """The version that a worker of these settings and this code is."""
    return WorkerDeploymentVersion(settings.deployment, settings.build_id or build_id())


def versioned(version: WorkerDeploymentVersion) -> WorkerDeploymentConfig:
    """What a worker is told of its version. On the workflow itself the behaviour would stick unversioned workers."""
    return WorkerDeploymentConfig(
        version=version, use_worker_versioning=True, default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE
    )


def unversioned() -> WorkerDeploymentConfig:
    """For a worker that gets what no version gets. It has a name all the same: the SDK would make one from every module
    that is loaded, which takes seconds.
    """
    return WorkerDeploymentConfig(version=WorkerDeploymentVersion("none", build_id()), use_worker_versioning=False)


async def take_over(
    client: Client, version: WorkerDeploymentVersion, task_queue: str, *, within: timedelta = TAKE_OVER_WITHIN
) -> None:
    """Have the server give all tasks to `version`, as soon as it has seen a worker of it, and return once the queue
    does. Repeating changes nothing. Raises `CannotTakeOver` when it has not `within` that time.
    """
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace,
        deployment_name=version.deployment_name,
        build_id=version.build_id,
        # A queue that the version before it had and this one has not would be a queue that nobody needs.
        ignore_missing_task_queues=True,
    )
    deadline = time.monotonic() + within.total_seconds()
    told = False
    while True:
        try:
            if not told:
                await client.workflow_service.set_worker_deployment_current_version(request, timeout=RPC_TIMEOUT)
                told = True
            if await _is_known_to(client, task_queue, version):
                return
            why = "NOT_YET_ROUTED"
        except RPCError as e:
            if e.status not in _NOT_YET:
                raise CannotTakeOver(f"Temporal does not give {_named(version)} the tasks ({e.status.name})") from e
            why = e.status.name
        if time.monotonic() >= deadline:
            raise CannotTakeOver(f"Temporal gives {_named(version)} no tasks ({why}): does a worker of it run?")
        await asyncio.sleep(RETRY_SECONDS)


async def _is_known_to(client: Client, task_queue: str, version: WorkerDeploymentVersion) -> bool:
    """Whether the queue gives its tasks to the version. It is asked itself: what the deployment says of its progress
    (`routing_config_update_state`) now and then stays "in progress" for ever.
    """
    answers = [await _queue(client, task_queue, kind) for kind in (_WORKFLOWS, _ACTIVITIES)]
    return all(one.versioning_info.current_deployment_version.build_id == version.build_id for one in answers)


async def _queue(client: Client, task_queue: str, kind: TaskQueueType.ValueType) -> DescribeTaskQueueResponse:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=task_queue), task_queue_type=kind
    )
    return await client.workflow_service.describe_task_queue(request, timeout=RPC_TIMEOUT)


def _named(version: WorkerDeploymentVersion) -> str:
    return f"version {version.build_id}" if version.build_id else "workers without a version"


async def current_build(client: Client, deployment: str) -> str | None:
    """The build that gets the tasks; None where unversioned workers do. Raises `RPCError`."""
    request = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment)
    try:
        answer = await client.workflow_service.describe_worker_deployment(request, timeout=RPC_TIMEOUT)
    except RPCError as e:
        if e.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None
    return answer.worker_deployment_info.routing_config.current_deployment_version.build_id or None


async def polling_builds(client: Client, task_queue: str, since: datetime) -> frozenset[str]:
    """Builds of the workers that asked for workflow tasks since then, "" for one without. Raises `RPCError`."""
    answer = await _queue(client, task_queue, _WORKFLOWS)
    polling = [poller for poller in answer.pollers if poller.last_access_time.ToDatetime(UTC) >= since]
    versioned = WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED
    options = [poller.deployment_options for poller in polling]
    return frozenset(one.build_id if one.worker_versioning_mode == versioned else "" for one in options)


async def is_at_work(client: Client, settings: Settings, since: datetime) -> bool:
    """Whether a worker of this version has asked for tasks since then, and gets them. Raises `RPCError`."""
    build = own_version(settings).build_id
    polling = await polling_builds(client, settings.task_queue, since)
    return build in polling and await current_build(client, settings.deployment) == build


async def take_over_now(settings: Settings) -> str:
    """Let this version have the tasks, by settings; its name. Raises TemporalUnavailable, CannotTakeOver."""
    version = own_version(settings)
    await take_over(await connect(settings), version, settings.task_queue)
    return version.to_canonical_string()
