"""Stylesheets and scripts of the console: those that were taken from elsewhere are what the manifest says."""

import hashlib
import json
import re
from importlib import resources

ASSETS = resources.files("api.console.assets")


def test_what_was_taken_from_elsewhere_is_as_the_manifest_has_it() -> None:
    for entry in json.loads(ASSETS.joinpath("manifest.json").read_text()):
        assert hashlib.sha256(ASSETS.joinpath(entry["file"]).read_bytes()).hexdigest() == entry["sha256"], entry["file"]


def test_no_stylesheet_or_script_reaches_another_host() -> None:
    for file in ASSETS.iterdir():
        if file.name.endswith((".css", ".js")):
            elsewhere = set(re.findall(r"https?://[^\s\"')]+", file.read_text()))
            # The name of a vocabulary, which nothing fetches.
            assert elsewhere <= {"http://www.w3.org/2000/svg"}, file.name
