from pathlib import Path

import pytest
from pydantic import SecretStr

from runtime.anchor_key import new_key
from runtime.embedded.addresses import program, stack_settings
from runtime.embedded.files import write_atomically
from runtime.embedded.folder import DataFolder
from runtime.embedded.ports import PortBlock

PORTS = PortBlock(8080)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path)
    folder.prepare()
    write_atomically(folder.database_password, "invented")
    return folder


@pytest.fixture
def stray_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of somebody who also works with another installation."""
    for name in ("SEAL_KEY", "SEAL_KEYS", "CODEC_KEYS"):
        monkeypatch.setenv(f"HUIYING_{name}", "of-another-installation-" * 3)
    monkeypatch.setenv("HUIYING_SEAL_KEY_FILE", "elsewhere")
    monkeypatch.setenv("HUIYING_ANCHOR_KEY", new_key())
    monkeypatch.setenv("HUIYING_DATABASE_URL", "postgresql+asyncpg://elsewhere/huiying")
    monkeypatch.setenv("HUIYING_LOG_LEVEL", "debug")
    monkeypatch.setenv("PGDATA", "/elsewhere")


@pytest.mark.usefixtures("stray_environment")
def test_a_stack_decides_over_a_stray_environment(folder: DataFolder) -> None:
    settings = stack_settings(folder, PORTS)
    assert list(settings.seal_ring) == ["k1"]
    assert settings.seal_ring["k1"].decode() in folder.seal_keys.read_text()
    assert list(settings.codec_ring) == ["k1"]
    assert settings.anchor_key == SecretStr(folder.anchor_key.read_text())
    assert settings.database_url == "postgresql+asyncpg://huiying:invented@127.0.0.1:8083/huiying"
    assert settings.temporal_address == "127.0.0.1:8081"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.log_level == "debug"


@pytest.mark.usefixtures("stray_environment")
def test_its_processes_are_told_the_same_and_the_keys_by_their_files(folder: DataFolder) -> None:
    environment = program(folder, PORTS, "worker").environment
    for name, path in folder.keys().items():
        assert environment[f"HUIYING_{name.upper()}_FILE"] == str(path)
    assert environment["HUIYING_DATABASE_URL"] == stack_settings(folder, PORTS).database_url
    assert environment["HUIYING_LOG_LEVEL"] == "debug"
    for name in ("SEAL_KEY", "SEAL_KEYS", "CODEC_KEYS", "ANCHOR_KEY", "SEAL_KEY_FILE"):
        assert f"HUIYING_{name}" not in environment
    assert "PGDATA" not in environment


def test_a_folder_of_a_version_without_anchors_still_answers_commands(folder: DataFolder) -> None:
    folder.anchor_key.unlink()
    assert stack_settings(folder, PORTS).anchor_key is None
