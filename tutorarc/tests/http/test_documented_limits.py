"""The limits in docs/contract.md are those that are counted."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from members.code_guesses import code_guesses
from tutorarc.http import counters, sign_in_limit
from tutorarc.http.page_limit import PageLimitMiddleware
from tutorarc.http.sign_in_limit import count_check, may_be_mailed, sign_in_guesses
from tutorarc.http.throttling import count_unknown_key, count_without_credential, request_limit
from tutorarc.models import LimitCount
from tutorarc.tests.ops.documents import DOCS, table


def documented(first_heading):
    """What the table says: its texts and for each the number and the seconds."""
    rows = table(DOCS / "contract.md", first_heading)
    found = [re.fullmatch(r"(\d+) in (?:(\d+) minutes|a minute)", row[-1]) for row in rows]
    return [(int(match[1]), 60 * int(match[2] or 1)) for match in found]


@pytest.fixture
def request_of(db, settings):
    settings.RATE_LIMIT, settings.CODE_GUESS_LIMIT = 600, 10  # the defaults

    def make(user):
        request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1")
        request.user = user
        return request

    return make


@pytest.fixture
def counted(monkeypatch):
    """The limits that were counted."""
    seen = []
    for place in (counters.ProcessCounters, type(LimitCount.objects.all())):

        def note(self, limits, now, add=place.add):
            seen.extend(limits)
            return add(self, limits, now)

        monkeypatch.setattr(place, "add", note)
    return seen


def test_the_limits_of_requests_and_class_codes(request_of, counted, bob):
    known, unknown = request_of(bob), request_of(AnonymousUser())
    request_limit(known)
    request_limit(unknown)
    count_without_credential(unknown)
    count_unknown_key(unknown)
    PageLimitMiddleware(lambda request: HttpResponse())(unknown)
    code_guesses(known).count()
    assert [(limit.number, limit.seconds) for limit in counted] == documented("what counts")


def test_the_limits_of_sign_ins(request_of, counted, monkeypatch):
    unknown = sign_in_guesses(request_of(AnonymousUser()), "bob@example.org")
    monkeypatch.setattr(sign_in_limit, "is_known_browser", lambda request, emails: True)
    known = sign_in_guesses(request_of(AnonymousUser()), "bob@example.org")
    count_check(request_of(AnonymousUser()), "bob@example.org")
    assert may_be_mailed(request_of(AnonymousUser()), "bob@example.org")
    limits = [*unknown.limits, *known.limits, *counted]
    assert [(limit.number, limit.seconds) for limit in limits] == documented("attempts")
