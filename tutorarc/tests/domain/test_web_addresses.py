"""Addresses of rooms have one form, and errors do not repeat them."""

import pytest
from django.core.exceptions import ValidationError

from tutorarc.domain.web_addresses import https_address


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://zoom.us/j/123?pwd=AbC#x", "https://zoom.us/j/123?pwd=AbC#x"),
        ("  HTTPS://Zoom.US:443\n", "https://zoom.us/"),
        ("https://meet.example.com:8443/a", "https://meet.example.com:8443/a"),
        ("https://münchen.example/ä", "https://xn--mnchen-3ya.example/%C3%A4"),
        ("https://meet.example.com/a\\b", "https://meet.example.com/a%5Cb"),
        ("https://[::1]/x", "https://[::1]/x"),
    ],
)
def test_an_address_has_one_form(typed, stored):
    assert https_address(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "http://meet.example.com/",
        "//zoom.us/",
        "https:meet.example.com",
        "https:///meet.example.com",
        "javascript:alert(1)",
        "https://me@meet.example.com/",
        "https://me:secret@meet.example.com/",
        "https://meet.example.com\\@evil.example.com/",
        "https://meet.example.com\\evil",
        "https://\u2100.example.com/",
        "https://meet..example.com/",
        "https://meet.example.com:65536/",
        "https://[::1/",
        "https://meet.example.com/a b",
        "https://meet.example.com/a\u00a0b",
        "https://meet.example.com/a\nb",
        "https://meet.example.com/\u202eb",
        "https://BOARD.tutorarc.com/join?id=session_1",  # would lead to itself
        "https://board.tutorarc.com/board?id=session_1&role=teacher",
        "https://meet.example.com/" + "a" * 2000,
        "https://meet.example.com/" + "ä" * 400,  # longer than 2,000 characters in ASCII
    ],
)
def test_anything_else_is_refused_without_repeating_it(typed):
    with pytest.raises(ValidationError) as refused:
        https_address(typed)
    [message] = refused.value.messages
    assert typed not in message
    assert refused.value.params is None
