"""Which new passwords are refused, and what the message says to do."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError

from tutorarc.domain.events import SYSTEM
from tutorarc.domain.password_rules import PasswordRules
from tutorarc.models import User
from tutorarc.ops.demo.quickstart import PASSWORD as DEMO_PASSWORD

ZOE = SimpleNamespace(display_name="Zoë Lindqvist-O'Neil", email="zl.1990@school.example.org")
TOO_SHORT, TOO_LONG = "Use at least 10 characters.", "Use at most 1,024 characters."
TOO_SIMPLE = "Use at least 5 different characters."
BREACHED = "This password is known from a data breach. Choose another."
CONTROL = "Type the password: the pasted text has control characters."


def leave_out(word):
    return f"Leave out “{word}”, which others would try first."


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("", TOO_SHORT),
        ("plum-tree", TOO_SHORT),
        ("plum-tre\u200be\u200d", TOO_SHORT),
        ("\u2800" * 12, TOO_SHORT),
        ("plum tree!" * 103, TOO_LONG),
        (" " * 12, TOO_SIMPLE),
        ("\u00a0\u3000" * 6, TOO_SIMPLE),
        ("qqqqqqqqqqqqq", TOO_SIMPLE),
        ("aAaAbB aAaAbB", TOO_SIMPLE),
        ("plum\ttree-91", CONTROL),
        ("plum tree-91\n", CONTROL),
        ("TutorArc-2031", leave_out("tutorarc")),
        ("my tutor arc!", leave_out("tutorarc")),
        (DEMO_PASSWORD, leave_out("learnbydoing")),
        ("Learn By Doing 2", leave_out("learnbydoing")),
        ("LINDQVIST-91", leave_out("lindqvist")),
        ("líndqvïst 91", leave_out("lindqvist")),
        ("ｌｉｎｄｑｖｉｓｔ 91", leave_out("lindqvist")),
        ("l.i.n.d.q.v.i.s.t", leave_out("lindqvist")),
        ("o'neil by the sea", leave_out("neil")),
        ("zl.1990@plums", leave_out("zl1990")),
        ("plums at school", leave_out("school")),
        ("password1234", BREACHED),
        ("Password1234", BREACHED),
        ("PASSWORD1234", BREACHED),
        ("ｐａｓｓｗｏｒｄ１２３４", BREACHED),
        ("correcthorsebatterystaple", BREACHED),
        ("1234567890", BREACHED),
    ],
)
def test_a_password_that_others_would_guess_is_refused(password, message):
    with pytest.raises(ValidationError) as refusal:
        PasswordRules().validate(password, ZOE)
    assert refusal.value.messages == [message]


@pytest.mark.parametrize(
    "password",
    [
        "plum-tree!",
        "plum tree!" * 102,
        "8462957103",
        "слива у моря",
        "plum \U0001f468\u200d\U0001f33e tree",
        "zoe by the sea",  # names of three letters are in many words
    ],
)
def test_any_other_password_is_accepted(password):
    assert PasswordRules().validate(password, ZOE) is None


def test_without_a_person_the_other_rules_hold():
    with pytest.raises(ValidationError):
        PasswordRules().validate("password1234")
    assert PasswordRules().validate("lindqvist-91") is None


# The verbs, which every way in uses


def test_no_person_is_created_with_a_password_that_is_refused(db):
    with pytest.raises(ValidationError) as refusal:
        User.objects.create_user("ada@example.org", "ada-moreau-1", display_name="Ada Moreau")
    assert (refusal.value.messages, User.objects.count()) == ([leave_out("adamoreau")], 0)


def test_no_password_is_changed_to_one_that_is_refused(bob):
    before = bob.password
    with pytest.raises(ValidationError) as refusal:
        bob.change_password(SYSTEM, "password1234")
    bob.refresh_from_db()
    assert (refusal.value.messages, bob.password) == ([BREACHED], before)
