import base64
import hashlib
import re
import secrets
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import ValidationError

from domain.hashing import Algorithm
from domain.sealing import NAMELESS
from runtime.anchor_key import new_key, read_key
from runtime.keys import new_codec_ring
from runtime.settings import SettingsError, load_settings

PASSWORD = "geheim-7Qx2vN4z"
URL = f"postgresql+asyncpg://huiying:{PASSWORD}@127.0.0.1/huiying"
KEY = "5f0c7e21b9d84a63" + "a1e6d30f52c9874b" + "0d3f86b7e5a2914c"
CODEC = new_codec_ring("k1")
NOTHING = base64.b64encode(bytes(32)).decode()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "DATABASE_URL",
        "SEAL_KEY",
        "SEAL_KEYS",
        "CODEC_KEYS",
        "ANCHOR_KEY",
        "API_HOST",
        "API_PORT",
        "PUBLIC_URL",
    ):
        monkeypatch.delenv(f"HUIYING_{name}", raising=False)


def test_the_environment_fills_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYING_DATABASE_URL", URL)
    monkeypatch.setenv("HUIYING_SEAL_KEY", KEY)
    monkeypatch.setenv("HUIYING_API_PORT", "9100")

    settings = load_settings()

    assert settings.database_url == URL
    assert settings.public_url == "http://127.0.0.1:9100"
    assert settings.show_drills is False


def test_there_is_no_default_for_a_secret() -> None:
    with pytest.raises(SettingsError, match=r"HUIYING_DATABASE_URL.*HUIYING_SEAL_KEY"):
        load_settings()


def test_a_short_key_and_another_driver_are_refused_without_being_repeated() -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings(database_url="postgresql://huiying:geheim@127.0.0.1/huiying", seal_key="kurz")

    assert "postgresql+asyncpg://" in str(refusal.value)
    assert "32 characters" in str(refusal.value)
    assert "geheim" not in str(refusal.value)
    assert "kurz" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("SEAL_KEY", KEY), ("SEAL_KEYS", f"k1:{KEY}"), ("CODEC_KEYS", CODEC), ("DATABASE_URL", URL)],
    # A key is another one in each process that collects, and no secret belongs in a name.
    ids=["SEAL_KEY", "SEAL_KEYS", "CODEC_KEYS", "DATABASE_URL"],
)
def test_a_secret_may_be_in_a_file(name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    path.write_text(value + "\n")
    monkeypatch.setenv(f"HUIYING_{name}_FILE", str(path))
    others = {"database_url": URL, "seal_key": KEY}
    others.pop(name.lower(), None)

    found = getattr(load_settings(**others), name.lower())

    assert value == (found if isinstance(found, str) else found.get_secret_value())


def test_a_file_yields_to_the_variable_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYING_SEAL_KEY", KEY)
    monkeypatch.setenv("HUIYING_SEAL_KEY_FILE", str(tmp_path / "none"))
    assert load_settings(database_url=URL).seal_ring == {NAMELESS: KEY.encode()}


def test_a_missing_secret_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYING_SEAL_KEYS_FILE", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="HUIYING_SEAL_KEYS_FILE cannot be read"):
        load_settings(database_url=URL)


def test_the_single_key_is_the_last_of_the_ring() -> None:
    ring = load_settings(database_url=URL, seal_key=KEY, seal_keys=f"k2:{KEY[::-1]}2,k1:{KEY}1").seal_ring
    assert list(ring) == ["k2", "k1", NAMELESS]
    assert list(load_settings(database_url=URL, seal_keys=f"k1:{KEY}").seal_ring) == ["k1"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"seal_keys": "k1:geheim"}, "HUIYING_SEAL_KEYS: .*32 characters.*k1"),
        ({"seal_keys": f"k1:{KEY}, geheim"}, "HUIYING_SEAL_KEYS: .*pair 2"),
        ({"seal_keys": f"k1:{KEY} k1:geheim"}, "HUIYING_SEAL_KEYS: .*two keys are called k1"),
        ({"seal_keys": ""}, "HUIYING_SEAL_KEYS: must be set"),
        ({"seal_keys": f"k1:{KEY}", "codec_keys": "k1:geheim"}, "HUIYING_CODEC_KEYS: .*k1 is not base64"),
        ({"seal_keys": f"k1:{KEY}", "codec_keys": "k1:Z2VoZWlt"}, "HUIYING_CODEC_KEYS: .*k1 must have 32 bytes"),
        ({"seal_keys": f"k1:{KEY}", "codec_keys": f"a/b:{CODEC}"}, "HUIYING_CODEC_KEYS: .*pair 1"),
    ],
)
def test_a_ring_that_makes_no_sense_is_refused_without_being_repeated(given: dict[str, str], why: str) -> None:
    with pytest.raises(SettingsError, match=why) as refusal:
        load_settings(database_url=URL, **given)
    assert "geheim" not in str(refusal.value)
    assert "Z2VoZWlt" not in str(refusal.value)


def test_they_are_frozen_and_show_no_secret() -> None:
    settings = load_settings(database_url=URL, seal_key=KEY)

    assert "geheim" not in repr(settings)
    assert KEY not in repr(settings)
    with pytest.raises(ValidationError):
        settings.api_port = 1  # type: ignore[misc]  # The type checker knows it too.


def test_attachments_lie_in_a_folder_or_a_bucket_and_nowhere_else() -> None:
    given = {"database_url": URL, "seal_key": KEY}
    assert load_settings(**given).attachments_url == (Path("var/attachments").absolute().as_uri())
    assert load_settings(**given, attachments_url="s3://county/files").attachments_url == "s3://county/files"
    for wrong in ("https://127.0.0.1/files", "memory:///", "var/attachments"):
        with pytest.raises(SettingsError, match="HUIYING_ATTACHMENTS_URL"):
            load_settings(**given, attachments_url=wrong)


def test_a_kind_of_attachment_has_its_own_limit() -> None:
    limits = load_settings(database_url=URL, seal_key=KEY, attachment_video_mib=1).attachment_limits
    assert {kind.value: most // 2**20 for kind, most in limits.items()} == {
        "image": 10,
        "table": 20,
        "audio": 50,
        "video": 1,
    }


def test_the_key_of_anchors_is_a_seed_or_a_pem_given_or_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, seed = {"database_url": URL, "seal_key": KEY}, new_key()
    pem = read_key(seed).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    file = tmp_path / "key"
    file.write_text(pem)
    public = read_key(seed).public_key()
    assert load_settings(**given).anchor_key is None
    monkeypatch.setenv("HUIYING_ANCHOR_KEY_FILE", str(file))
    for settings in (
        load_settings(**given, anchor_key=seed),
        load_settings(**given, anchor_key=pem),
        load_settings(**given),
    ):
        assert settings.anchor_key is not None
        assert read_key(settings.anchor_key.get_secret_value()).public_key() == public
    monkeypatch.setenv("HUIYING_ANCHOR_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="HUIYING_ANCHOR_KEY_FILE cannot be read"):
        load_settings(**given)


def test_what_is_no_ed25519_key_is_refused_without_being_repeated() -> None:
    other = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for wrong in ("geheim", new_key()[:-4], "-----BEGIN geheim", other):
        with pytest.raises(SettingsError, match="HUIYING_ANCHOR_KEY: must be an Ed25519 key") as refusal:
            load_settings(database_url=URL, seal_key=KEY, anchor_key=wrong)
        assert wrong not in str(refusal.value)


def test_a_hash_that_this_machine_lacks_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"database_url": URL, "seal_key": KEY, "ledger_hash": "sm3"}
    assert load_settings(**given).ledger_hash is Algorithm.SM3
    monkeypatch.setattr(hashlib, "algorithms_available", {"sha256"})
    with pytest.raises(SettingsError, match="HUIYING_LEDGER_HASH: the OpenSSL of this Python has no SM3"):
        load_settings(**given)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"seal_key": "k" * 64}, "HUIYING_SEAL_KEY repeats itself"),
        ({"seal_keys": f"new:{KEY} old:{'k' * 64}"}, "HUIYING_SEAL_KEYS .old. repeats itself"),
        ({"seal_key": "0a1b" * 16}, "HUIYING_SEAL_KEY repeats itself"),
        ({"seal_key": "3f9a7c21" * 5}, "HUIYING_SEAL_KEY repeats itself"),
        ({"seal_key": "change-me-before-you-start-anything"}, "HUIYING_SEAL_KEY is a placeholder"),
        ({"seal_key": "a key of an EXAMPLE, long enough for it"}, "HUIYING_SEAL_KEY is a placeholder"),
        ({"seal_key": "$(openssl rand -hex 32) goes in here, really"}, "HUIYING_SEAL_KEY is a placeholder"),
        ({"database_url": URL.replace(PASSWORD, "short")}, "HUIYING_DATABASE_URL has a password"),
        ({"database_url": URL.replace(PASSWORD, "postgres-postgres")}, "HUIYING_DATABASE_URL has a password"),
        ({"database_url": URL.replace(PASSWORD, "huiying-huiying-1")}, "HUIYING_DATABASE_URL has a password"),
        ({"database_url": URL.replace(PASSWORD, "change%2Dme%2Dnow")}, "HUIYING_DATABASE_URL has a password"),
        ({"database_url": "postgresql+asyncpg://db/h?user=h&password=postgres"}, "HUIYING_DATABASE_URL has a pass"),
        ({"database_url": f"{URL}?password=huiying"}, "HUIYING_DATABASE_URL has a password"),
        ({"oidc_client_secret": "change-me"}, "HUIYING_OIDC_CLIENT_SECRET is a placeholder"),
        ({"codec_keys": f"k1:{NOTHING}"}, "HUIYING_CODEC_KEYS .k1. repeats itself"),
        ({"anchor_key": NOTHING}, "HUIYING_ANCHOR_KEY repeats itself"),
        ({"metrics_token": "change-me"}, "HUIYING_METRICS_TOKEN is a placeholder"),
    ],
    ids=str,
)
def test_what_an_example_left_behind_starts_nothing_but_the_embedded_stack(changes: dict[str, str], named: str) -> None:
    given = {"database_url": URL, "seal_key": KEY} | changes
    with pytest.raises(SettingsError, match=named) as refusal:
        load_settings(**given)
    for value in changes.values():
        assert value not in str(refusal.value)
    assert load_settings(**given, embedded=True).embedded


def test_no_example_value_of_a_secret_starts_anything() -> None:
    """Whatever deploy/compose.env.example says of a secret is refused as one."""
    lines = (Path(__file__).parents[2] / "deploy/compose.env.example").read_text("utf-8").splitlines()
    values = dict(line.lstrip("# ").split("=", 1) for line in lines if re.match(r"#? ?[A-Z_]+=", line))
    given = {name: value for name, value in values.items() if re.search("PASSWORD|KEY|SECRET", name) and value}
    for value in given.values():
        with pytest.raises(SettingsError):
            load_settings(database_url=URL, seal_key=value)
    for name in ("HUIYING_ANCHOR_KEY", "HUIYING_DB_PASSWORD", "POSTGRES_PASSWORD", "HUIYING_OIDC_CLIENT_SECRET"):
        assert values[name] == "", f"{name} has an example value"


def test_random_keys_are_taken() -> None:
    for key in (secrets.token_hex(32), secrets.token_urlsafe(32), secrets.token_hex(16)):
        assert load_settings(database_url=URL, seal_key=key).seal_ring == {NAMELESS: key.encode()}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"oidc_issuer": "http://id.example", "oidc_client_id": "c"}, "HUIYING_OIDC_ISSUER must start with https"),
        ({"oidc_issuer": "https://id.example"}, "HUIYING_OIDC_CLIENT_ID is missing"),
        (
            {"oidc_issuer": "https://id.example", "oidc_client_id": "c", "oidc_audience": "c"},
            "HUIYING_OIDC_AUDIENCE must not be the client id",
        ),
        ({"embedded": "true", "api_host": "0.0.0.0"}, "loopback"),  # noqa: S104  # What must be refused.
    ],
    ids=str,
)
def test_settings_that_would_let_the_wrong_people_in_are_refused(changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings(database_url=URL, seal_key=KEY, **changes)
