"""Doing the jobs that remove what names a person whose account was deleted."""

from collections.abc import Callable
from typing import Any

import pytest


def do_erasing_jobs() -> None:
    """Do them, with those that they queue, until none is left. Raises RuntimeError if one fails."""
    from tutorarc.jobs.models import Job
    from tutorarc.jobs.run import run

    while jobs := Job.objects.claim(["erase_account"], "test", 1):
        run(jobs[0])
    if errors := list(Job.objects.filter(kind="erase_account").values_list("last_error", flat=True)):
        raise RuntimeError(errors)


@pytest.fixture
def delete_account() -> Callable[..., Any]:
    """`delete_account(bob, by=root)`: the account is deleted, by default by its owner, and the jobs are done."""
    from tutorarc.domain.events import Actor

    def delete(user: Any, by: Any = None) -> Any:
        user.close_for_deletion(Actor(by or user))
        do_erasing_jobs()
        user.refresh_from_db()
        return user

    return delete
