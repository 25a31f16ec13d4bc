"""Lists of people as they are pasted from mail programs and tables"""

import pytest

from members.invitations.pasted import pasted
from members.models.invitation_queryset import Guest

AMY, BOB = Guest("amy@x.org", "Amy Ray"), Guest("bob@y.org", "")


@pytest.mark.parametrize(
    ("text", "guests"),
    [
        ("amy@x.org", [Guest("amy@x.org")]),
        ("Amy Ray <amy@x.org>; bob@y.org", [AMY, BOB]),
        ("Amy Ray <amy@x.org>, bob@y.org,", [AMY, BOB]),
        ("Amy Ray <amy@x.org>\r\n\r\n  bob@y.org  \r\n", [AMY, BOB]),
        ('"Amy Ray" <AMY@X.org>', [AMY]),
        ('"Ray, Amy" <amy@x.org>; <bob@y.org>', [Guest("amy@x.org", "Ray, Amy"), BOB]),
        ("Ray, Amy <amy@x.org>", [Guest("amy@x.org", "Ray Amy")]),
        ("'Amy Ray' <mailto:amy@x.org>", [AMY]),
        ("Amy\tRay\tamy@x.org\nbob@y.org", [AMY, BOB]),
        ("amy@x.org\tAmy Ray", [AMY]),
        ("Name,E-mail\nAmy Ray,amy@x.org", [AMY]),
        ("amy@x.org\nAmy Ray <amy@x.org>", [AMY]),
        ("Amy\u202e Ray <amy@x.org>", [AMY]),
        ("Ämý <amy@bücher.example>", [Guest("amy@xn--bcher-kva.example", "Ämý")]),
    ],
)
def test_addresses_and_names_are_found(text, guests):
    assert pasted(text) == (guests, [])


def test_wrong_entries_are_told_by_line_and_the_others_kept():
    found = pasted("Amy Ray <amy@x.org>\nnobody\nbob@y.org; bob@; " + "x" * 100)
    assert found.guests == [AMY, BOB]
    assert found.problems == [
        "Line 2: “nobody” is not an e-mail address.",
        "Line 3: “bob@” is not an e-mail address.",
        f"Line 3: “{'x' * 60}…” is not an e-mail address.",
    ]


def test_a_long_and_hostile_text_takes_no_long_time():
    for text in ('"' * 100_000, "<" * 100_000, "<a" * 50_000, '",' * 50_000):
        assert not pasted(text).guests
