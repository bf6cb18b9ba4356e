"""A PostgreSQL server of our own: its cluster in one folder, reached over TCP on loopback.

Only the programs are taken from the wheel. There is no Unix socket, so every connection
needs the password, and nothing depends on the length of the folder's path.
"""

from __future__ import annotations

import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psutil

from runtime.embedded import binaries, ports
from runtime.embedded.failure import StackFailed
from runtime.embedded.files import write_atomically
from runtime.embedded.launch import Launch, plain_environment, start_process, stop_process
from runtime.embedded.marks import command_of, end_process, mark_process
from runtime.embedded.unprivileged import Disguise, choose_disguise

STOP_SIGNAL = signal.SIGINT
"""PostgreSQL's "fast" shutdown: open transactions are rolled back, then a checkpoint."""
STOP_SECONDS = 20.0
START_SECONDS = 60.0

BUILTIN_LOCALE_SINCE = 17

ADMISSION = "host all all 127.0.0.1/32 scram-sha-256\n"
"""pg_hba.conf: everybody needs the password, on loopback."""

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    # A segment of the write-ahead log that is put aside for another use goes on holding what it held.
    "wal_recycle": "off",
    # No content of a row may reach the log. Errors go to the caller, who asked; what the server
    # reports of itself is kept, without the details that quote values and statements.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# A test's database is thrown away with the machine it runs on, so it need not survive a crash.
CARELESS: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresFailed(StackFailed):
    """PostgreSQL could not be set up or asked."""


class OtherMajor(PostgresFailed):
    """The cluster is of a major version that these programs do not read; says what to do."""


class EmbeddedPostgres:
    """One cluster in `root/data`, owned by `user`, whose password is in the file `secret`.

    For tests: `start()` and `stop()`. For a supervisor: run `launch()` and ask `is_ready(pid)`.
    """

    def __init__(
        self,
        root: Path,
        *,
        port: int | None = None,
        secret: Path | None = None,
        user: str = "huiying",
        database: str = "huiying",
        durable: bool = True,
        programs: Path | None = None,
    ) -> None:
        """`programs` is the folder of another PostgreSQL than that of this installation."""
        self.root = root.resolve()
        self.data = self.root / "data"
        self.secret = (secret or self.root / "secret").resolve()
        self.log = self.root / "postgres.log"
        self.user = user
        self.database = database
        self.durable = durable
        self.port = port if port is not None else ports.free_port()
        self.bin = programs or binaries.postgres_bin_dir()
        self.disguise = Disguise()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def password(self) -> str:
        """Read from its file each time, so that there is one place it can be."""
        return self.secret.read_text()

    @property
    def upgraded(self) -> Path:
        """Where an upgrade makes the cluster that then takes the place of `data`."""
        return self.root / "upgraded" / "data"

    @property
    def kept_major(self) -> int | None:
        """The major version that the cluster is of; None while there is none."""
        version = self.data / "PG_VERSION"
        return int(version.read_text().split(".")[0]) if version.exists() else None

    @property
    def url(self) -> str:
        """For SQLAlchemy, through asyncpg."""
        return self.url_of(self.database)

    @property
    def dsn(self) -> str:
        """For `psql` and asyncpg itself."""
        return self.url.replace("postgresql+asyncpg://", "postgresql://", 1)

    def url_of(self, database: str) -> str:
        """The URL for SQLAlchemy of another database of this cluster."""
        return f"postgresql+asyncpg://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def launch(self) -> Launch:
        """What to run, once the cluster is there and what a killed server left behind is not.

        Repeating it changes nothing, but it stops a server of ours that runs on the same folder.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        # Whoever the server runs as must be able to pass through, not to look around.
        self.root.chmod(0o711)
        if self.upgraded.exists() and not self.data.exists():
            # An upgrade was ended between its last two steps.
            self.upgraded.rename(self.data)
        self.disguise = choose_disguise(self.bin / "postgres", self.root, self.data)
        self.require_readable()
        if self.data.exists():
            self._clear_pid_file()
        self._keep_password()
        settings = {"port": str(self.port), **SETTINGS, **({} if self.durable else CARELESS)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = (str(self.bin / "postgres"), "-D", str(self.data), *options)
        return Launch(command, disguise=self.disguise)

    def is_ready(self, pid: int) -> bool:
        """Whether the server running as `pid` accepts connections, by its own word."""
        lines = self._pid_file()
        return lines[:1] == [str(pid)] and lines[7:8] == ["ready"]

    def start(self, timeout: float = START_SECONDS) -> EmbeddedPostgres:
        """Set up if needed and run the server as our child; return when it answers.

        Raises `StackFailed` after `timeout` seconds.
        """
        self._process = start_process(self.launch(), self.log, self.is_ready, timeout)
        return self

    def stop(self) -> None:
        """Stop what `start` started; return when it has gone."""
        process, self._process = self._process, None
        if process is not None:
            stop_process(process, STOP_SIGNAL, STOP_SECONDS)

    def create_database(self, name: str, *, template: str | None = None) -> str:
        """Create an empty database, or a copy of `template`, and return its URL."""
        copied = f' template "{template}"' if template else ""
        self._ask(f'create database "{name}"{copied}')
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, closing whatever connections it has."""
        self._ask(f'drop database if exists "{name}" with (force)')

    def _ask(self, statement: str) -> None:
        command = [str(self.bin / "psql"), "-Xq", "-v", "ON_ERROR_STOP=1", "-c", statement]
        place = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": self.user, "PGDATABASE": "postgres"}
        environment = {**plain_environment(), **place, "PGPASSWORD": self.password}
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if answer.returncode:
            raise PostgresFailed(answer.stderr.strip())

    def _keep_password(self) -> None:
        """Establish: if the cluster and the secret both exist, the one is the password of the other.

        Killed at any point, the next call completes the work: a cluster gets its name only when it
        is whole, and a password is written down for an existing cluster only once it is set.
        """
        exists = self._is_cluster()
        if exists and self.secret.exists():
            return
        password = secrets.token_urlsafe(24)
        if exists:
            self._run_alone(self.data, f"alter role \"{self.user}\" password '{password}'")
            write_atomically(self.secret, password)
            return
        if not self.secret.exists():
            write_atomically(self.secret, password)
        self._make_cluster()

    def require_readable(self) -> None:
        """Raise OtherMajor, before the server says so in its log alone."""
        kept, ours = self.kept_major, self.major()
        if kept is None or kept == ours:
            return
        do = "huiying upgrade-postgres, with the same --data" if kept < ours else "go on with the newer one"
        raise OtherMajor(f"{self.data} is of PostgreSQL {kept}, and these programs are of {ours}: {do}")

    def _is_cluster(self) -> bool:
        if (self.data / "PG_VERSION").exists():
            return True
        if self.data.exists() and any(self.data.iterdir()):
            raise PostgresFailed(f"{self.data} holds something that is not a PostgreSQL cluster: move it away")
        return False

    def _make_cluster(self) -> None:
        unfinished = self.root / "data.unfinished"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        self.disguise.own(unfinished)
        locale = ["--locale=C.UTF-8"]
        if self.major() >= BUILTIN_LOCALE_SINCE:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        shape = ["--encoding=UTF8", "--data-checksums", "--auth=reject", f"--username={self.user}"]
        self._run("initdb", "-D", str(unfinished), *shape, *locale, "--no-instructions")
        (unfinished / "pg_hba.conf").write_text(ADMISSION)
        self._run_alone(
            unfinished,
            f"alter role \"{self.user}\" password '{self.password}'",
            f'create database "{self.database}"',
        )
        unfinished.rename(self.data)

    def _run_alone(self, data: Path, *statements: str) -> None:
        """Run statements in single-user mode: without a server, a port or a password."""
        quiet = ["-c", "log_statement=none", "-c", "log_min_messages=panic"]
        lines = "".join(f"{statement}\n" for statement in statements)
        self._run("postgres", "--single", "-D", str(data), *quiet, "postgres", given=lines)

    def major(self) -> int:
        """The major version of the programs."""
        return int(self._run("postgres", "--version").split()[2].split(".")[0])

    def _run(self, program: str, *arguments: str, given: str = "") -> str:
        done = subprocess.run(
            [*self.disguise.prefix, str(self.bin / program), *arguments],
            input=given,
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            start_new_session=True,
            **self.disguise.credentials,
        )
        if done.returncode:
            raise PostgresFailed(f"{program} failed: {done.stderr.strip()[-500:]}")
        return done.stdout

    def _clear_pid_file(self) -> None:
        """Stop a server that an earlier run left on our data, or remove a pid file that misleads.

        PostgreSQL refuses to start while any process has the recorded id, though after a reboot
        or in a new container that is somebody else, and after a kill it may be the dead server
        itself, until its parent has looked. Its shared memory still guards the data.
        """
        lines = self._pid_file()
        if not lines or not lines[0].isdigit():
            return
        pid = int(lines[0])
        command = command_of(pid)
        if str(self.data) in command:
            end_process(mark_process(pid, command), STOP_SIGNAL, STOP_SECONDS)
        elif psutil.pid_exists(pid):
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _pid_file(self) -> list[str]:
        """Its lines: the first is the process id, the eighth what state the server is in."""
        try:
            return [line.strip() for line in (self.data / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return []
