"""What is built is what runs: no package is left out of the image."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_image_is_built_from_every_package_of_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(packages) <= let_in
