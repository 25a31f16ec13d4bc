"""Locks on names, for what no single row stands for."""

from django.db import connection


def lock_name(name: str) -> None:
    """Wait until no other transaction holds this name, and hold it until this transaction ends.

    Does nothing on SQLite, where one transaction writes at a time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
