"""Guessing class codes: ten wrong ones a minute for each user, a hundred for each address."""

from datetime import UTC, datetime, timedelta

import pytest

from members.tests.expected import NO_CLASS, status_of
from tutorarc.conf import env
from tutorarc.domain.events import Actor
from tutorarc.testing.client import verdict

WRONG = {"class_code": "ALGE-0000"}
MINUTE = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_the_start_of_a_minute(half_past_nine):
    """Start at the beginning of a minute, so that no test runs into the next window by chance."""


@pytest.fixture
def here(algebra):
    return f"/classes/{algebra.pk}/join-request"


def guess(client, path, times, **options):
    return [client.post(path, WRONG, **options).status_code for _ in range(times)]


def test_the_eleventh_wrong_code_of_a_minute_is_too_many(bob, api, here):
    student = api(bob)
    assert guess(student, here, 10) == [400] * 10
    assert verdict(student.post(here, WRONG)) == (429, "too_many_wrong_codes", [])


def test_the_right_code_is_refused_too_until_the_minute_is_over(algebra, bob, api, here, time_machine):
    student, right = api(bob), {"class_code": algebra.class_code}
    guess(student, here, 10)
    refused = student.post(here, right)
    assert (refused.status_code, status_of(algebra, bob)) == (429, None)
    time_machine.move_to(MINUTE + timedelta(seconds=int(refused.headers["Retry-After"])), tick=False)
    assert student.post(here, right).status_code == 201


@pytest.mark.parametrize("second", [0, 1, 30, 59])
def test_retry_after_is_when_a_tenth_of_the_wrong_codes_counts_no_longer(bob, api, here, time_machine, second):
    time_machine.move_to(MINUTE + timedelta(seconds=second), tick=False)
    student = api(bob)
    guess(student, here, 10)
    wait = int(student.post(here, WRONG).headers["Retry-After"])
    assert wait == 60 - second + 6


def test_the_last_second_of_the_minute_still_counts(bob, api, here, time_machine):
    student = api(bob)
    guess(student, here, 10)
    time_machine.move_to(MINUTE + timedelta(seconds=59), tick=False)
    assert guess(student, here, 1) == [429]
    time_machine.move_to(MINUTE + timedelta(seconds=66), tick=False)
    assert guess(student, here, 2) == [400, 429]
    time_machine.move_to(MINUTE + timedelta(seconds=90), tick=False)
    assert guess(student, here, 5) == [400] * 4 + [429]


def test_both_ways_to_send_a_code_share_one_limit(bob, api, here):
    student = api(bob)
    assert guess(student, here, 5) + guess(student, "/join-requests", 5) == [400] * 10
    assert guess(student, here, 1) + guess(student, "/join-requests", 1) == [429] * 2


def test_all_keys_of_a_user_share_one_limit(bob, api, here):
    assert guess(api(bob), here, 6) + guess(api(bob), here, 4) == [400] * 10
    assert guess(api(bob), here, 1) == [429]


def test_the_limit_of_a_user_holds_across_addresses(bob, api, here):
    student = api(bob)
    guess(student, here, 10, REMOTE_ADDR="192.0.2.1")
    assert guess(student, here, 1, REMOTE_ADDR="192.0.2.2") == [429]


def test_one_users_guesses_do_not_block_another(bob, charlie, api, here):
    guess(api(bob), here, 11)
    assert guess(api(charlie), here, 1) == [400]


def test_the_hundred_and_first_wrong_code_from_one_address_is_too_many(make_user, api, here):
    students = [api(make_user(f"Student{number}")) for number in range(11)]
    for student in students[:10]:
        assert guess(student, here, 10, REMOTE_ADDR="192.0.2.1") == [400] * 10
    assert guess(students[10], here, 1, REMOTE_ADDR="192.0.2.1") == [429]
    assert guess(students[10], here, 1, REMOTE_ADDR="192.0.2.2") == [400]


def test_right_codes_are_not_counted(alice, algebra, bob, api):
    student, classes = api(bob), type(algebra).objects
    codes = [classes.create_with_teacher(Actor(alice), title=f"Class {number}").class_code for number in range(11)]
    assert [student.post("/join-requests", {"class_code": code}).status_code for code in codes] == [201] * 11
    assert guess(student, "/join-requests", 10) == [400] * 10


def test_no_spelling_of_a_right_code_is_counted(algebra, bob, api, here):
    student, typed = api(bob), algebra.class_code.replace("-", " \u2013\u200b").lower()
    statuses = [student.post(path, {"class_code": typed}).status_code for path in [here, "/join-requests"] * 6]
    assert statuses == [201] + [409] * 11
    assert guess(student, here, 10) == [400] * 10


@pytest.mark.parametrize("body", [{}, {"class_code": 5}, {"class_code": ""}], ids=["none", "number", "blank"])
def test_a_body_without_a_code_is_no_guess(bob, api, here, body):
    student = api(bob)
    assert [student.post(here, body).status_code for _ in range(11)] == [400] * 11


def test_an_unknown_class_is_no_guess(bob, api, here):
    student = api(bob)
    assert guess(student, f"/classes/{NO_CLASS}/join-request", 11) == [404] * 11
    assert guess(student, here, 1) == [400]


def test_a_user_over_the_limit_may_still_leave(algebra, bob, join, api, here):
    join(algebra, bob)
    student = api(bob)
    guess(student, here, 11)
    assert student.post(f"/classes/{algebra.pk}/leave").status_code == 200


def test_the_limit_can_be_set(bob, api, here, settings):
    settings.CODE_GUESS_LIMIT = 2
    assert guess(api(bob), here, 3) == [400, 400, 429]


def test_off_disables_the_limit(bob, api, here, settings, monkeypatch):
    monkeypatch.setenv("TUTORARC_CODE_GUESS_LIMIT", "off")
    settings.CODE_GUESS_LIMIT = env.rate("TUTORARC_CODE_GUESS_LIMIT", "10/minute")
    assert guess(api(bob), here, 101) == [400] * 101
