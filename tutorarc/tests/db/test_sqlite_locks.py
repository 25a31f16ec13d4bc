"""What one process writes to a SQLite file stays when another one, such as the worker, opens and closes the file."""

import subprocess
import sys

from tutorarc.db.sqlite.base import DatabaseWrapper
from tutorarc.tests.db.test_private_files import SETTINGS

COUNT = """
import contextlib, sqlite3, sys
with contextlib.closing(sqlite3.connect(sys.argv[1])) as connection:
    print(connection.execute("SELECT count(*) FROM notes").fetchone()[0])
"""


def test_a_second_connection_does_not_end_the_locks_of_the_first(db, tmp_path):
    file = str(tmp_path / "db.sqlite3")
    first, second = (DatabaseWrapper(SETTINGS | {"NAME": file}, name) for name in ("first", "second"))

    def count_in_another_process():
        counting = subprocess.run([sys.executable, "-c", COUNT, file], check=True, stdout=subprocess.PIPE)  # noqa: S603
        return int(counting.stdout)

    try:
        with first.cursor() as cursor:
            cursor.execute("CREATE TABLE notes (text)")
            second.ensure_connection()
            assert count_in_another_process() == 0
            cursor.execute("INSERT INTO notes VALUES ('kept')")
            assert count_in_another_process() == 1
    finally:
        first.close()
        second.close()
