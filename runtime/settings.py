"""Settings of a process: read once from the environment, validated, then frozen.

Every name is an environment variable with the prefix `HUIYING_`, or with `_FILE` behind it the name of a file
that holds its value, as containers mount secrets. Secrets have no default: a process without its seal key or its
database does not start.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.addresses import LOOPBACK_NAMES, check_called
from domain.hashing import Algorithm
from domain.sealing import NAMELESS, SealKeys
from domain.vocabulary import AttachmentKind
from runtime.anchor_key import read_key
from runtime.keys import read_codec_ring, read_ring
from runtime.weak_secrets import weakness_of_database, weakness_of_key

SHORTEST_SEAL_KEY = 32
"""Characters. Seals are HMAC-SHA-256; a shorter key would be weaker than the hash."""
_PREFIX = "HUIYING_"
_IN_FILE = "_FILE"
_MIB = 1024 * 1024


class SettingsError(Exception):
    """The environment does not describe a process that can run; says what to set."""


class Settings(BaseSettings):
    """What a worker, an API process or a command needs to know about its surroundings."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        frozen=True,
        extra="forbid",
        # A validation error would otherwise print the key or the password it refuses.
        hide_input_in_errors=True,
    )

    database_url: str = Field(repr=False)
    """`postgresql+asyncpg://user:password@host:port/name`."""
    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    temporal_tls: bool = False
    """Whether Temporal is reached over TLS; any of the five below says so as well. Without a CA, the system's count."""
    temporal_ca: str = ""
    """PEM of the authority that Temporal's certificate is checked against, as HUIYING_TEMPORAL_CA_FILE most easily."""
    temporal_cert: str = ""
    """PEM of the certificate that this process shows to Temporal (mutual TLS), with its key below."""
    temporal_key: SecretStr = SecretStr("")
    temporal_server_name: str = ""
    """What Temporal's certificate says, where that is not the host of its address."""
    temporal_api_key: SecretStr = SecretStr("")
    """Of Temporal Cloud, in place of a certificate."""
    task_queue: str = "incidents"
    deployment: str = Field(default="huiying", pattern=r"^[A-Za-z0-9_-]{1,80}$")
    """What Temporal calls the workers of this installation together."""
    build_id: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,80}$")
    """Which version a worker is; empty: that of the program, with a digest of the code that decides."""
    takes_over: bool = True
    """Whether a worker's version gets all tasks as soon as it runs; false: when `huiying take-over` says so."""
    seal_key: SecretStr | None = None
    """The one key of the HMAC that seals commands; beside `seal_keys`, the last of them."""
    seal_keys: SecretStr | None = Field(default=None, validate_default=True)
    """A ring of such keys, `id:key` pairs: the first seals, all verify."""
    codec_keys: SecretStr = SecretStr("")
    """The ring that encrypts what Temporal stores, `id:base64` pairs of 32 bytes: the first encrypts, all decrypt."""
    temporal_ui_origin: str = Field(default="", pattern=r"^(https?://[^/?#\s]+)?$")
    """Where Temporal's UI is opened, as browsers write an origin: it alone may ask for payloads to be decoded."""
    anchor_key: SecretStr | None = None
    """Ed25519 key that signs the ledgers' heads: 32 bytes in Base64, or PEM. Only workers need it; without it, none
    is signed.
    """
    anchor_minutes: int = Field(default=60, ge=1)
    """How long after an anchor the next is made, if a ledger grew since."""
    ledger_hash: Algorithm = Algorithm.SHA256
    """What new entries and anchors are hashed with. What is written stays as it is, whichever it was."""
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8080, ge=1, le=65535)
    public_url: str = Field(default_factory=lambda known: f"http://{known['api_host']}:{known['api_port']}")
    """Base of the links in feeds and notices, without a slash at the end."""
    console_url: str = Field(default_factory=lambda known: f"{known.get('public_url', '')}/console")
    """Where the links of notices lead, without a slash at the end."""
    embedded: bool = False
    """Whether this is the stack of `huiying up`, on one machine's loopback alone; set by it, and by nobody else."""
    session_idle_minutes: int = Field(default=60, ge=5, le=720)
    """After how long without a request a session of the console is over."""
    logins_per_minute: int = Field(default=10, ge=1)
    """Attempts for one name, from strangers or from a known device; six times as many from one address."""
    submissions_per_minute: int = Field(default=30, ge=1)
    """Incidents that one officer may report; four times as many a unit."""
    uploads_per_minute: int = Field(default=60, ge=1)
    """Files that one officer may send."""
    documents_per_minute: int = Field(default=60, ge=1)
    """Documents, evidence and searches that one officer may ask for."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses of reverse proxies, with commas, whose word about where a request comes from is taken."""
    oidc_issuer: str = ""
    """The county's identity provider; empty: officers sign in with passwords alone."""
    oidc_hosts: str = ""
    """Hosts besides the issuer's own, with spaces, that its endpoints may be on, over https."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    """Empty for a public client: PKCE is used in any case."""
    oidc_scope: str = "openid profile"
    oidc_claim: str = ""
    """The claim that holds an officer's id; without one, only linked subjects are somebody."""
    oidc_audience: str = ""
    """What access tokens for the API are issued for; without one, none of them is taken."""
    oidc_title: str = "统一身份认证"
    """What the login page calls it."""
    quiet_hours: str = Field(default="22:00-07:00", pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$")
    """When no reminder of a soft target leaves the console, by the county's clocks; empty: never."""
    show_drills: bool = False
    """Whether the bulletin shows releases of drills, marked, in a section of their own."""
    audit_minutes: int = Field(default=5, ge=1, le=60)
    """How often the clocks are audited."""
    heartbeat_url: SecretStr = SecretStr("")
    """What is called after every audit, for a watchman outside who calls when it stays away. A secret."""
    metrics_host: str = "127.0.0.1"
    """Where this process serves its metrics, apart from everything else; beyond loopback only with `metrics_token`."""
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """0: nowhere."""
    metrics_token: SecretStr = SecretStr("")
    """What whoever reads them has to bear; on loopback, if it is set."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    attachments_url: str = Field(default_factory=lambda: Path("var/attachments").absolute().as_uri())
    """Where attachments are kept, the same place for API and workers: `file:///folder`, or `s3://bucket/prefix`
    with the credentials, region and endpoint of the usual `AWS_…` variables.
    """
    attachment_image_mib: int = Field(default=10, ge=1)
    """MiB that one file of the kind may have as it is uploaded; the same for the three below."""
    attachment_table_mib: int = Field(default=20, ge=1)
    attachment_audio_mib: int = Field(default=50, ge=1)
    attachment_video_mib: int = Field(default=200, ge=1)

    @property
    def attachment_limits(self) -> dict[AttachmentKind, int]:
        """Bytes that one file of each kind may have."""
        return {kind: getattr(self, f"attachment_{kind}_mib") * _MIB for kind in AttachmentKind}

    @property
    def seal_ring(self) -> SealKeys:
        """The keys that seals are made and verified with."""
        named = read_ring(self.seal_keys.get_secret_value()) if self.seal_keys else {}
        ring = {id_: key.encode() for id_, key in named.items()}
        return ring | ({NAMELESS: self.seal_key.get_secret_value().encode()} if self.seal_key else {})

    @property
    def codec_ring(self) -> Mapping[str, bytes]:
        """The keys of the payload codec; none: Temporal stores payloads as they are."""
        return read_codec_ring(self.codec_keys.get_secret_value())

    @field_validator("database_url")
    @classmethod
    def require_asyncpg(cls, url: str) -> str:
        """Refuse any other driver here rather than at the first query."""
        if not url.startswith("postgresql+asyncpg://"):
            raise ValueError("must start with postgresql+asyncpg://")
        return url

    @field_validator("attachments_url")
    @classmethod
    def require_known_store(cls, url: str) -> str:
        """Refuse here what no upload could be written to."""
        if not url.startswith(("file:///", "s3://")):
            raise ValueError("must start with file:/// or s3://")
        return url

    @field_validator("seal_key")
    @classmethod
    def require_strong_key(cls, key: SecretStr | None) -> SecretStr | None:
        """Refuse a key that could be guessed."""
        if key is not None and len(key.get_secret_value()) < SHORTEST_SEAL_KEY:
            raise ValueError(f"must have at least {SHORTEST_SEAL_KEY} characters")
        return key

    @field_validator("seal_keys")
    @classmethod
    def require_strong_ring(cls, keys: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        """The same of each key of the ring. There must be one, here or by itself."""
        ring = read_ring(keys.get_secret_value()) if keys else {}
        if not ring and info.data.get("seal_key", keys) is None:
            raise ValueError("must be set, or HUIYING_SEAL_KEY")
        if weak := [id_ for id_, key in ring.items() if len(key) < SHORTEST_SEAL_KEY]:
            raise ValueError(f"must have at least {SHORTEST_SEAL_KEY} characters in each key: {', '.join(weak)}")
        return keys

    @field_validator("codec_keys")
    @classmethod
    def require_whole_keys(cls, keys: SecretStr) -> SecretStr:
        """Refuse here what would encrypt nothing."""
        read_codec_ring(keys.get_secret_value())
        return keys

    @model_validator(mode="after")
    def require_secrets(self) -> Self:
        """Refuse what an example or a default left behind. The embedded stack makes its own."""
        if self.embedded:
            return self
        named = {NAMELESS: "HUIYING_SEAL_KEY"}
        wrong = {
            **{
                named.get(id_, f"HUIYING_SEAL_KEYS ({id_})"): weakness_of_key(key.decode())
                for id_, key in self.seal_ring.items()
            },
            "HUIYING_DATABASE_URL": weakness_of_database(self.database_url),
            **{f"HUIYING_CODEC_KEYS ({id_})": weakness_of_key(key.hex()) for id_, key in self.codec_ring.items()},
        }
        if self.anchor_key is not None:
            seed = read_key(self.anchor_key.get_secret_value()).private_bytes_raw()
            wrong["HUIYING_ANCHOR_KEY"] = weakness_of_key(seed.hex())
        for name, given in (
            ("HUIYING_OIDC_CLIENT_SECRET", self.oidc_client_secret),
            ("HUIYING_METRICS_TOKEN", self.metrics_token),
        ):
            if secret := given.get_secret_value():
                wrong[name] = weakness_of_key(secret)
        if told := [f"{name} {why}" for name, why in wrong.items() if why]:
            raise ValueError("; ".join(told))
        return self

    @model_validator(mode="after")
    def require_whole_provider(self) -> Self:
        """A provider is reached safely, knows us, and tells tokens for people from tokens for the API."""
        if not self.oidc_issuer:
            return self
        try:
            check_called(self.oidc_issuer)
        except ValueError as why:
            raise ValueError(f"HUIYING_OIDC_ISSUER {why}") from None
        if not self.oidc_client_id:
            raise ValueError("HUIYING_OIDC_CLIENT_ID is missing")
        if self.oidc_audience == self.oidc_client_id:
            raise ValueError("HUIYING_OIDC_AUDIENCE must not be the client id: an ID token would open the API")
        return self

    @model_validator(mode="after")
    def require_whole_certificate(self) -> Self:
        """A certificate proves nothing without its key."""
        if bool(self.temporal_cert) != bool(self.temporal_key.get_secret_value()):
            raise ValueError("HUIYING_TEMPORAL_CERT and HUIYING_TEMPORAL_KEY come together")
        return self

    @model_validator(mode="after")
    def require_loopback(self) -> Self:
        """What is meant for one machine is served to no other."""
        if self.embedded and self.api_host != "127.0.0.1":
            raise ValueError("HUIYING_EMBEDDED is for loopback: HUIYING_API_HOST must be 127.0.0.1")
        return self

    @model_validator(mode="after")
    def require_metrics_guarded(self) -> Self:
        """Who waits for whom is not for everybody on the network."""
        if self.metrics_port and self.metrics_host not in LOOPBACK_NAMES and not self.metrics_token.get_secret_value():
            raise ValueError("HUIYING_METRICS_TOKEN is missing: HUIYING_METRICS_HOST is not this machine alone")
        return self

    @field_validator("heartbeat_url")
    @classmethod
    def require_callable(cls, url: SecretStr) -> SecretStr:
        """Refuse here what must not be called."""
        if address := url.get_secret_value():
            check_called(address)
        return url

    @field_validator("anchor_key")
    @classmethod
    def require_ed25519(cls, key: SecretStr | None) -> SecretStr | None:
        """Refuse here what no anchor could be signed with."""
        if key is not None:
            read_key(key.get_secret_value())
        return key

    @field_validator("ledger_hash")
    @classmethod
    def require_available(cls, algorithm: Algorithm) -> Algorithm:
        """Refuse what this machine cannot compute before an entry is to be written with it."""
        if not algorithm.is_available:
            raise ValueError(f"the OpenSSL of this Python has no {algorithm.upper()}")
        return algorithm

    @field_validator("public_url", "console_url")
    @classmethod
    def strip_slash(cls, url: str) -> str:
        """Links are built by appending a path that begins with a slash."""
        return url.rstrip("/")


def load_settings(**given: Any) -> Settings:  # noqa: ANN401 - as many types as there are fields
    """Settings from the environment, with `given` taking precedence.

    Raises `SettingsError` naming each variable that is missing or wrong, never its value.
    """
    files = read_files(os.environ)
    found = {field: files[name] for field in Settings.model_fields if (name := f"{_PREFIX}{field.upper()}") in files}
    try:
        return Settings(**(found | given))
    except ValidationError as e:
        # A default made from other settings has nothing to say when one of those is wrong.
        wrong = [error for error in e.errors() if error["type"] != "default_factory_not_called"]
        sentences = [f"{_variable_of(error['loc'])}: {error['msg'].removeprefix('Value error, ')}" for error in wrong]
        raise SettingsError("; ".join(sentences)) from None


def read_files(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables whose values are in files: of each `X_FILE`, unless X itself is set, X with what the file holds.

    Raises `SettingsError` naming a variable whose file cannot be read.
    """
    found: dict[str, str] = {}
    for name, path in environment.items():
        variable = name.removesuffix(_IN_FILE)
        if not path or variable == name or not name.startswith(_PREFIX) or environment.get(variable):
            continue
        try:
            found[variable] = Path(path).read_text().strip()
        except OSError as e:
            raise SettingsError(f"{name} cannot be read: {e.strerror}") from e
    return found


def _variable_of(location: tuple[int | str, ...]) -> str:
    return _PREFIX + str(location[0]).upper() if location else "settings"
