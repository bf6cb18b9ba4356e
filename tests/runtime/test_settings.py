from pathlib import Path

import pytest
from pydantic import ValidationError

from runtime.settings import SettingsError, load_settings

URL = "postgresql+asyncpg://huiying:geheim@127.0.0.1/huiying"
KEY = "k" * 64


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "SEAL_KEY", "SEAL_KEY_FILE", "API_HOST", "API_PORT", "PUBLIC_URL"):
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


def test_the_key_may_be_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    path.write_text(KEY + "\n")
    monkeypatch.setenv("HUIYING_SEAL_KEY_FILE", str(path))

    assert load_settings(database_url=URL).seal_key.get_secret_value() == KEY


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HUIYING_SEAL_KEY_FILE cannot be read"):
        load_settings(database_url=URL, seal_key_file=tmp_path / "none")


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
