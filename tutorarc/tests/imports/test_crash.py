"""A worker is killed in the middle of an import: another one goes on, and imports every row exactly once."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing

from tutorarc.testing.server import ROOT

ROWS = 1_500  # three batches
START = f"""
import django
django.setup()
from tutorarc.imports.check import check
from tutorarc.imports.kinds import KINDS, read_upload
from tutorarc.imports.models import Import
from tutorarc.imports.work import start
from tutorarc.models import User
data = "email,name\\n" + "".join(f"p{{number}}@example.org,Person {{number}}\\n" for number in range({ROWS}))
by = User.objects.create_superuser("root@example.org", "a long password", display_name="Root")
about = Import(kind="people", file_name="people.csv", by=by)
check(about, read_upload(KINDS["people"], data.encode(), "people.csv").parts)
start(about)
"""
FIRST_BATCH = "SELECT done >= 500 FROM imports_import"
LEASE_ENDS = "UPDATE jobs_job SET due_at = '2000-01-01' WHERE kind = 'import'"
OUTCOME = """SELECT state, done, (SELECT count(*) FROM tutorarc_user WHERE email LIKE 'p%@example.org'),
    (SELECT count(DISTINCT e.user_id) FROM tutorarc_event e JOIN tutorarc_user u ON u.id = e.user_id
        WHERE e.type = 'user.created' AND u.email LIKE 'p%@example.org'),
    (SELECT count(*) FROM tutorarc_event e JOIN tutorarc_user u ON u.id = e.user_id
        WHERE e.type = 'user.created' AND u.email LIKE 'p%@example.org') FROM imports_import"""


def test_after_kill_9_of_its_worker_another_one_imports_every_row_exactly_once(tmp_path, provision):
    site = provision(tmp_path)

    def ask(statement):
        with closing(sqlite3.connect(tmp_path / "live.sqlite3", timeout=30)) as connection, connection:
            return connection.execute(statement).fetchone()

    def python(*arguments):
        return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=site.environment)  # noqa: S603

    assert python("-c", START).wait() == 0
    worker = python("manage.py", "work")
    try:
        while not ask(FIRST_BATCH)[0]:
            assert worker.poll() is None
            time.sleep(0.01)
    finally:
        worker.kill()
        worker.wait()
    state, done, people, *_ = ask(OUTCOME)
    assert (state, done) == ("running", people)
    assert people < ROWS
    ask(LEASE_ENDS)
    assert python("manage.py", "work", "--once").wait() == 0
    assert ask(OUTCOME) == ("done", ROWS, ROWS, ROWS, ROWS)
