"""Multipart forms, which browsers send with files: the number of parts is limited, because each is slow to parse."""

from contextlib import nullcontext

import pytest
from django.test import RequestFactory
from django.test.client import MULTIPART_CONTENT

from tutorarc.http.wsgi_request import MAX_PARTS, Request, TooManyParts
from tutorarc.testing.client import verdict

TOO_MANY = "A multipart form may have at most 100 parts."


def form(parts):
    return {"title": "Algebra", **{f"field{number}": "1" for number in range(parts - 1)}}


@pytest.mark.parametrize(("parts", "reason"), [(MAX_PARTS, "unknown_field"), (MAX_PARTS + 1, "malformed_form")])
def test_the_api_reads_as_many_parts_as_are_allowed(signed_in, alice, parts, reason):
    refused = signed_in(alice).post("/classes", form(parts), content_type=MULTIPART_CONTENT)
    assert verdict(refused)[:2] == (400, reason)
    assert (refused.json()["error"]["message"] == TOO_MANY) is (parts > MAX_PARTS)


@pytest.mark.parametrize(("parts", "is_read"), [(MAX_PARTS, True), (MAX_PARTS + 1, False)])
def test_pages_read_as_many_parts_as_are_allowed(parts, is_read):
    environ = RequestFactory().post("/accounts/login/", form(parts)).environ
    request = Request(environ)
    with nullcontext() if is_read else pytest.raises(TooManyParts, match=TOO_MANY):
        assert len(request.POST) == parts
    assert len(request.POST) == (parts if is_read else 0)  # an error page reads the form too
