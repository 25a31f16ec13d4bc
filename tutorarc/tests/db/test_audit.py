"""The last step of `.ci/run`: it reports known vulnerabilities of installed packages, and never fails."""

import subprocess

import pytest

from tutorarc.settings import BASE_DIR

SCRIPT = (BASE_DIR / ".ci" / "run").read_text()
STEP = SCRIPT[SCRIPT.index('step "known holes') :]


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("echo No known vulnerabilities found", "No known vulnerabilities found"),
        (
            "echo Found 1 known vulnerability; echo django 1.0; exit 1",
            "WARNING: Found 1 known vulnerability\ndjango 1.0",
        ),
        (
            "echo Traceback; echo ConnectionError: no network; exit 1",
            "WARNING: the audit could not reach its database, and says nothing: ConnectionError: no network",
        ),
    ],
)
def test_the_audit_only_warns(tmp_path, program, told):
    audit = tmp_path / ".venv" / "bin" / "pip-audit"
    audit.parent.mkdir(parents=True)
    audit.write_text(f'#!/bin/sh\n[ "$1" = --local ] || exit 9\n{program}\n')
    audit.chmod(0o755)
    script = f"set -euo pipefail\nstep() {{ :; }}\n{STEP}"
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603, S607
    assert done.stdout == f"{told}\n"
