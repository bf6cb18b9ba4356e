"""`python deploy/audit.py LOCK…`: fails if a locked package has a known weakness, by pip-audit and its service.

Where the service cannot be asked, as behind a mirror that has packages and nothing else, that is said in capitals and
fails nothing: a build must not depend on it. What could not be looked up is never counted as sound.
"""  # noqa: INP001  # A script of the Makefile.

import json
import subprocess
import sys

PATIENCE = 180
"""Seconds for a lock."""
_AUDIT = ("-m", "pip_audit", "--require-hashes", "--disable-pip", "--timeout", "5", "--progress-spinner", "off")


def audit(lock: str) -> bool:
    """Whether nothing is known against the packages of `lock`; says what is, and what could not be looked up."""
    try:
        ran = subprocess.run(
            [sys.executable, *_AUDIT, "--format", "json", "--requirement", lock],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        packages = json.loads(ran.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError):
        print(f"NOT AUDITED: {lock}. THE SERVICE OF KNOWN WEAKNESSES DOES NOT ANSWER FROM HERE.")  # noqa: T201
        return True
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    found = [(package, weakness) for package in packages for weakness in package.get("vulns", ())]
    if unknown:
        print(f"NOT AUDITED: {len(unknown)} OF {len(packages)} PACKAGES OF {lock} COULD NOT BE LOOKED UP FROM HERE.")  # noqa: T201
    for package, weakness in found:
        mended = ", ".join(weakness["fix_versions"]) or "nothing yet"
        print(f"{lock}: {package['name']} {package['version']} has {weakness['id']}; mended in {mended}")  # noqa: T201
    return not found


if __name__ == "__main__":
    sound = [audit(lock) for lock in sys.argv[1:]]
    sys.exit(0 if all(sound) else 1)
