"""Helpers of the tests of the lobby."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from sessions.models import LiveSession
from tutorarc.domain.events import Actor

TEN = datetime(2026, 3, 20, 10, tzinfo=UTC)  # the startTime of the published example
SESSION_FIELDS = {"title": "Introduction to Calculus", "start_time": TEN, "duration": 60, "strict": True}


def schedule_at_ten(owner: Any, time_machine: Any, **fields: Any) -> LiveSession:
    """The session of the published example. The clock is stopped an hour before its start."""
    time_machine.move_to(TEN - timedelta(hours=1), tick=False)
    given: dict[str, Any] = {**SESSION_FIELDS, "teacher_ref": "teacher_123", **fields}
    return LiveSession.objects.schedule(Actor(owner), **given)


def visit_lobby(session, client=None):
    return (client or Client()).get("/join", {"id": session.pk})


def visit_board(session, client=None, **parameters):
    return (client or Client()).get("/board", {"id": session.pk, "role": "teacher"} | parameters)


def lobby_state(response):
    return response.status_code, response.context["answer"].reason, response.context["headline"]


def text(response):
    return " ".join(response.content.decode().split())


def client_for(user):
    client = Client()
    client.force_login(user)
    return client


def wait_for_state(page, words):
    """Wait until the page in the browser says this of the lesson."""
    page.locator("#lobby-headline").get_by_text(words, exact=True).wait_for()
    page.wait_for_load_state("load")  # deferred scripts have run, and set their timers
