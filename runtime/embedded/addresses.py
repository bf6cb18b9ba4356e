"""Where the parts of a stack are found: by its own processes, by commands, and by other programs."""

from __future__ import annotations

import sys
from pathlib import Path

import runtime
from runtime.embedded.folder import DataFolder
from runtime.embedded.launch import Launch, own_variables, plain_environment
from runtime.embedded.ports import LOOPBACK, PortBlock
from runtime.embedded.postgres import EmbeddedPostgres
from runtime.settings import Settings, load_settings

PROJECT = Path(runtime.__file__).resolve().parent.parent
"""Where `worker`, `api` and `cli` are found, whether the project is installed or not."""
NAMESPACE = "default"
"""Which the development server makes by itself."""


def postgres_of(folder: DataFolder, ports: PortBlock) -> EmbeddedPostgres:
    """The stack's database server, whether it runs or not."""
    return EmbeddedPostgres(folder.postgres, port=ports.postgres, secret=folder.database_password)


def stack_values(folder: DataFolder, ports: PortBlock) -> dict[str, str]:
    """What a stack decides of `Settings`, by name. Its cluster must have been made."""
    return {
        "database_url": postgres_of(folder, ports).url,
        "temporal_address": f"{LOOPBACK}:{ports.temporal}",
        "temporal_namespace": NAMESPACE,
        "api_host": LOOPBACK,
        "api_port": str(ports.api),
        "attachments_url": folder.attachments.as_uri(),
        "embedded": "true",
        "temporal_ui_origin": f"http://{LOOPBACK}:{ports.temporal_ui}",
        # A newcomer looks at the bulletin of the first drill.
        "show_drills": "true",
    }


def stack_settings(folder: DataFolder, ports: PortBlock) -> Settings:
    """The settings of every process of the stack; what it does not decide comes from the environment."""
    keys = {name: path.read_text() for name, path in folder.keys().items() if path.exists()}
    return load_settings(**stack_values(folder, ports), **keys, seal_key=None)


def program(folder: DataFolder, ports: PortBlock, module: str, *arguments: str) -> Launch:
    """A module of the project as a process of the stack."""
    environment = plain_environment() | own_variables()
    environment |= {f"HUIYING_{name.upper()}": value for name, value in stack_values(folder, ports).items()}
    # By their files: an environment can be read by more than the process it is meant for.
    for name in ("SEAL_KEY", "SEAL_KEYS", "CODEC_KEYS", "ANCHOR_KEY"):
        environment.pop(f"HUIYING_{name}", None)
        environment.pop(f"HUIYING_{name}_FILE", None)
    environment |= {f"HUIYING_{name.upper()}_FILE": str(path) for name, path in folder.keys().items()}
    served = {"api": ports.api_metrics, "worker": ports.worker_metrics}
    environment |= {"HUIYING_METRICS_HOST": LOOPBACK, "HUIYING_METRICS_PORT": str(served.get(module, 0))}
    return Launch((sys.executable, "-m", module, *arguments), environment, PROJECT)


def addresses(folder: DataFolder, ports: PortBlock) -> dict[str, str]:
    """What `ready.json` says. `database` holds the password."""
    return {
        "api": f"http://{LOOPBACK}:{ports.api}",
        "console": f"http://{LOOPBACK}:{ports.api}/",
        "temporal": f"{LOOPBACK}:{ports.temporal}",
        "temporal_ui": f"http://{LOOPBACK}:{ports.temporal_ui}",
        "database": postgres_of(folder, ports).dsn,
    }
