"""Fixtures of the tests of live sessions."""

import pytest


@pytest.fixture
def told_bob(algebra, bob, join, sent_mail):
    """`told_bob()`: the mails to Bob, who is in the class, about what happened since the last call."""
    join(algebra, bob, "APPROVED")
    seen = [len(sent_mail())]

    def since():
        letters = sent_mail()
        new, seen[0] = letters[seen[0] :], len(letters)
        return [letter for letter in new if letter.to == [bob.email]]

    return since
