"""How people get in, on a phone: by the link of a QR code, and by an invitation"""

import re

import pytest

from classes.invites import invite
from members.models import Membership
from members.tests.expected import status_of
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.testing.browser import page_problems

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def phone(browser_page):
    browser_page.set_viewport_size({"width": 390, "height": 844})
    return browser_page


def link_in(mail):
    return re.findall(r"http://\S+", mail.body)[0]


def test_a_student_joins_by_the_link_of_the_qr_code(phone, live_server, rf, algebra, alice, sent_mail):
    request = rf.get("/", HTTP_HOST=live_server.url.removeprefix("http://"))
    phone.goto(invite(request, algebra)["link"])
    phone.get_by_role("link", name="Create an account").click()
    phone.get_by_label("Your e-mail address").wait_for()
    assert page_problems(phone) == []
    phone.get_by_label("Your e-mail address").fill("amy@example.org")
    phone.get_by_role("button", name="Send link").click()
    phone.get_by_role("heading", name="Check your e-mail").wait_for()
    assert page_problems(phone) == []
    phone.goto(link_in(sent_mail()[-1]))
    assert page_problems(phone) == []
    phone.get_by_label("Your name").fill("Amy Ray")
    phone.get_by_label("Choose a password").fill("seven grey herons")
    phone.get_by_role("button", name="Create account").click()
    phone.get_by_text("Waiting for approval.").wait_for()
    amy = User.objects.get(email="amy@example.org")
    assert status_of(algebra, amy) == "PENDING"
    Membership.objects.approve(algebra, [amy.pk], Actor(alice))
    phone.reload()
    phone.get_by_role("link", name="Open the class").click()
    phone.get_by_role("heading", name="Algebra").wait_for()


def test_an_invited_person_gets_into_the_class_by_the_mail(
    phone, browser_sign_in, live_server, algebra, alice, sent_mail
):
    browser_sign_in(alice)
    phone.goto(f"{live_server.url}/classes/{algebra.pk}/invite")
    phone.get_by_label("E-mail addresses").fill("Amy Ray <amy@example.org>")
    phone.get_by_role("button", name="Send invitations").click()
    phone.get_by_text("1 invitation sent.").wait_for()
    assert page_problems(phone) == []
    phone.get_by_role("button", name="Send again to amy@example.org").click()
    phone.get_by_text("The invitation was sent again.").wait_for()
    phone.context.clear_cookies()
    phone.goto(link_in(sent_mail()[-1]))
    assert phone.get_by_label("Your name").input_value() == "Amy Ray"
    assert page_problems(phone) == []
    phone.get_by_label("Choose a password").fill("seven grey herons")
    phone.get_by_role("button", name="Create account and join").click()
    phone.get_by_text("You have joined the class.").wait_for()
    assert status_of(algebra, User.objects.get(email="amy@example.org")) == "APPROVED"
