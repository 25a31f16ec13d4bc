"""Fixtures for tests that call a running server from outside: a key, programs, and npm packages."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

NPM_PACKAGES = [
    "typescript@5.9.3",
    "standardwebhooks@1.1.1",
    "openapi-typescript@7.13.0",
    "openapi-fetch@0.17.0",
    "@types/node@20.19.25",
    "ical.js@2.2.1",
]


class Running(NamedTuple):
    """A server at `url`, and a teacher's key for it."""

    url: str
    key: str

    def fit(self, sample: str, host: str) -> str:
        """The sample with its host and key changed, and nothing else."""
        if host not in sample or "your_api_key_here" not in sample:
            raise ValueError(sample)
        return sample.replace(host, self.url).replace("your_api_key_here", self.key)


@pytest.fixture
def running(live_server: Any, api: Any, alice: Any) -> Running:
    return Running(live_server.url, api(alice).defaults["HTTP_X_API_KEY"])


@pytest.fixture(scope="session")
def node_tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the npm packages; where npm or its registry can't be reached the test skips and says so."""
    for program in ("node", "npm"):
        need(program)
    directory = tmp_path_factory.mktemp("node")
    (directory / "package.json").write_text('{"private": true, "type": "module"}')
    install = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1", *NPM_PACKAGES]
    try:
        run(install, directory, timeout=180)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"npm could not install its packages: {str(error.stderr or error)[:200]}")
    return directory


def need(program: str) -> str:
    found = shutil.which(program)
    if not found:
        pytest.skip(f"{program} is not on this machine")
    return found


def run(command: list[str], directory: Path, timeout: int = 120, **environment: str) -> str:
    """The output of the command. Raises CalledProcessError with the error output as a note."""
    env = {**os.environ, **environment}
    done = subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, timeout=timeout)  # noqa: S603
    if done.returncode:
        error = subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
        error.add_note(done.stdout + done.stderr)
        raise error
    return done.stdout
