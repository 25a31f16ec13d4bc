"""HTML forms, in which an unticked box is not sent."""

from datetime import UTC, datetime

import pytest

from sessions.models import LiveSession

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def browser(signed_in, alice):
    return signed_in(alice)


def test_a_change_leaves_strict_alone_unless_it_is_sent(browser, schedule):
    strict = schedule(strict=True, start_time=datetime(2036, 3, 20, 10, tzinfo=UTC))
    assert browser.patch(f"/sessions/{strict.pk}", "title=New", FORM).status_code == 200
    assert LiveSession.objects.values_list("title", "strict").get() == ("New", True)
    assert browser.patch(f"/sessions/{strict.pk}", "strict=false", FORM).status_code == 200
    assert LiveSession.objects.values_list("title", "strict").get() == ("New", False)


def test_a_new_session_without_the_box_ticked_is_not_strict(browser):
    form = "title=Limits&startTime=2036-03-20T10:00:00Z&duration=60&teacherId=t_1"
    assert browser.post("/sessions", form, FORM).status_code == 201
    assert LiveSession.objects.get().strict is False
