"""Names in the plain text of mails."""

import pytest

from tutorarc.mail.isolation import isolated


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Algebra", "Algebra"),
        ("Zoë <b> & Co", "Zoë <b> & Co"),
        ("אלגברה 2", "\u2068אלגברה 2\u2069"),
        ("Algebra الجبر", "\u2068Algebra الجبر\u2069"),
        ("two\r\nlines\u2028more", "two lines more"),
    ],
)
def test_text_from_right_to_left_is_isolated_and_all_is_on_one_line(text, shown):
    assert isolated(text) == shown
