"""Browsers in which a person has signed in before: the cookie, and what ends it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client, RequestFactory

from tutorarc.domain.events import Actor
from tutorarc.http.known_browsers import is_known_browser
from tutorarc.models import KnownBrowser
from tutorarc.models.signals import signed_in_with_new_browser

PASSWORD = "correct-horse-battery"
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def quick_hashing(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def erin(make_user):
    return make_user("Erin", password=PASSWORD)


@pytest.fixture
def finn(make_user):
    return make_user("Finn", password=PASSWORD)


@pytest.fixture
def new_browsers():
    """The people of whom a sign-in with a new browser was signalled."""
    seen = []

    def note(user, request, **signal):
        assert request.user == user
        seen.append(user)

    signed_in_with_new_browser.connect(note)
    yield seen
    signed_in_with_new_browser.disconnect(note)


def sign_in(browser, user, password=PASSWORD):
    browser.cookies.pop("sessionid", None)
    return browser.post("/accounts/login/", {"username": user.email, "password": password})


def knows(browser, user):
    request = RequestFactory().get("/")
    request.COOKIES.update({name: cookie.value for name, cookie in browser.cookies.items()})
    return is_known_browser(request, [user.email])


def test_a_sign_in_sets_a_signed_cookie_for_180_days(erin):
    cookie = sign_in(Client(), erin).cookies["browser"]
    shown = {name: cookie[name] for name in ("max-age", "httponly", "samesite", "path", "secure")}
    assert shown == {"max-age": 180 * 86_400, "httponly": True, "samesite": "Lax", "path": "/", "secure": ""}


def test_with_tls_the_cookie_is_secure(erin, settings):
    settings.SESSION_COOKIE_SECURE = True
    assert sign_in(Client(), erin).cookies["browser"]["secure"] is True


def test_a_failed_sign_in_and_other_pages_set_no_cookie(erin):
    browser = Client()
    assert "browser" not in sign_in(browser, erin, "wrong").cookies
    sign_in(browser, erin)
    assert "browser" not in browser.get("/").cookies
    assert KnownBrowser.objects.count() == 1


def test_a_browser_is_known_for_those_who_signed_in_with_it(erin, finn, new_browsers):
    shared, other = Client(), Client()
    for user in (erin, erin, finn, erin):
        sign_in(shared, user)
    assert [knows(shared, erin), knows(shared, finn), knows(other, erin)] == [True, True, False]
    assert new_browsers == [erin, finn]


def test_only_a_digest_of_the_cookie_is_stored(erin):
    browser = Client()
    sign_in(browser, erin)
    [known] = KnownBrowser.objects.all()
    assert len(known.digest) == 64
    assert browser.cookies["browser"].value.partition(":")[0] not in (known.digest, "")


def test_a_cookie_with_a_wrong_signature_costs_no_query(erin, django_assert_num_queries):
    browser = Client()
    sign_in(browser, erin)
    browser.cookies["browser"] = browser.cookies["browser"].value[:-1] + "!"
    with django_assert_num_queries(0):
        assert not knows(browser, erin)


def test_a_cookie_survives_a_rotation_of_the_secret_key(erin, settings, new_browsers):
    browser = Client()
    sign_in(browser, erin)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-secret-key" * 4
    assert knows(browser, erin)
    sign_in(browser, erin)
    settings.SECRET_KEY_FALLBACKS = []
    assert knows(browser, erin)  # signed with the new key
    assert new_browsers == [erin]


def test_a_browser_is_forgotten_180_days_after_the_last_sign_in(erin, time_machine, new_browsers):
    browser = Client()
    sign_in(browser, erin)
    time_machine.move_to(NOON + 179 * DAY, tick=False)
    sign_in(browser, erin)
    time_machine.move_to(NOON + (179 + 180) * DAY - timedelta(seconds=1), tick=False)
    assert knows(browser, erin)
    time_machine.move_to(NOON + (179 + 180) * DAY, tick=False)
    assert (knows(browser, erin), KnownBrowser.objects.expired().count()) == (False, 1)
    sign_in(browser, erin)
    assert new_browsers == [erin, erin]


def test_the_row_and_not_only_the_cookie_expires(erin, time_machine, new_browsers):
    assert KnownBrowser.objects.remember(erin, "id")
    time_machine.move_to(NOON + 180 * DAY, tick=False)
    assert not KnownBrowser.objects.knows([erin.email], "id")
    assert KnownBrowser.objects.remember(erin, "id")
    assert KnownBrowser.objects.knows([erin.email], "id")


def test_a_new_password_makes_all_browsers_unknown(erin, finn):
    browser = Client()
    for user in (erin, finn):
        sign_in(browser, user)
    erin.change_password(Actor(erin), "a-longer-staple-7")
    assert [knows(browser, erin), knows(browser, finn)] == [False, True]


def new_password(browser, path, **fields):
    page = browser.get(path, follow=True)
    fields |= {"new_password1": "a-longer-staple-7", "new_password2": "a-longer-staple-7"}
    assert browser.post(page.request["PATH_INFO"], fields).status_code == 302


def test_the_browser_in_which_a_person_changes_the_password_stays_known(erin, new_browsers):
    own, other = Client(), Client()
    for browser in (own, other):
        sign_in(browser, erin)
    new_password(own, "/accounts/password/", old_password=PASSWORD)
    assert [knows(own, erin), knows(other, erin)] == [True, False]
    assert new_browsers == [erin, erin]  # of the two sign-ins alone


def test_the_browser_in_which_a_one_time_link_was_used_is_known(erin, new_browsers):
    browser = Client()
    new_password(browser, erin.mailed_link_path())
    assert (knows(browser, erin), new_browsers) == (True, [])


def test_each_person_has_at_most_20_and_the_one_used_longest_ago_goes(erin, finn, time_machine):
    KnownBrowser.objects.remember(finn, "of Finn")
    for number in range(20):
        time_machine.move_to(NOON + timedelta(seconds=number), tick=False)
        KnownBrowser.objects.remember(erin, f"{number}")
    time_machine.move_to(NOON + timedelta(minutes=1), tick=False)
    KnownBrowser.objects.remember(erin, "0")
    KnownBrowser.objects.remember(erin, "new")
    known = [KnownBrowser.objects.knows([erin.email], name) for name in ("0", "1", "2", "new")]
    assert (known, KnownBrowser.objects.filter(user=erin).count()) == ([True, False, True, True], 20)
    assert KnownBrowser.objects.knows([finn.email], "of Finn")


@pytest.mark.django_db(transaction=True)
def test_two_sign_ins_at_once_in_one_browser_are_both_remembered(erin, run_together):
    noted = run_together([lambda: KnownBrowser.objects.remember(erin, "id")] * 4)
    assert (len(noted), KnownBrowser.objects.count()) == (4, 1)
