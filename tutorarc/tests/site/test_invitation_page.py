"""The page of an invitation: /invitations/<token>, and /invitations/<id> for the invited person"""

import re

import pytest
from django.utils.html import strip_tags

from members.models import Invitation
from members.models.invitation_queryset import Guest
from members.tests.conftest import token_of
from members.tests.expected import status_of
from tutorarc.domain.events import Actor
from tutorarc.domain.redaction import redact
from tutorarc.jobs.models import Job
from tutorarc.models import Event, User
from tutorarc.testing.client import Client

NEW = {"answer": "create", "display_name": "Amy Ray", "password": "seven grey herons"}


@pytest.fixture
def invited(algebra, alice):
    def send(email="amy@example.org", role="STUDENT", by=alice, **guest):
        about = {"message": guest.pop("message", ""), "site": "https://tutorarc.example.org"}
        [sent] = Invitation.objects.send(algebra, [Guest(email, **guest)], role, Actor(by), **about)
        sent.path = f"http://testserver/invitations/{token_of(sent)}"
        return sent

    return send


@pytest.fixture
def visitor():
    return Client()


@pytest.fixture
def answer():
    """`answer(person, invitation, "accept")`: the form of the page, sent by somebody who is signed in."""

    def send(person, path, choice, shown_to=None):
        client = Client()
        client.force_login(person)
        body = f"answer={choice}&person={(shown_to or person).pk}"
        return client.post(path, body, content_type="application/x-www-form-urlencoded")

    return send


def create(client, invitation, **fields):
    body = "&".join(f"{name}={value}" for name, value in {**NEW, **fields}.items())
    return client.post(invitation.path, body, content_type="application/x-www-form-urlencoded")


def test_a_visitor_sees_class_inviter_and_message_and_can_make_an_account(visitor, invited):
    page = visitor.get(invited(name="Amy R.", message="Welcome!\nBring a pen.").path)
    assert page.status_code == 200
    text = page.content.decode()
    for shown in ("Algebra", "Alice", "Welcome!<br>Bring a pen.", 'value="Amy R."', "amy@example.org"):
        assert shown in text
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"


def test_an_account_made_here_is_in_the_class_with_a_verified_address(algebra, visitor, invited):
    page = create(visitor, invited())
    assert (page.status_code, page["Location"]) == (302, f"/api/v1/classes/{algebra.pk}")
    amy = User.objects.get(email="amy@example.org")
    assert (amy.display_name, amy.global_role, status_of(algebra, amy)) == ("Amy Ray", "STUDENT", "APPROVED")
    assert amy.is_address_confirmed
    assert amy.password_set_by_id == amy.pk
    assert amy.emailaddress_set.get().verified
    assert visitor.get("http://testserver/").wsgi_request.user == amy
    made = Event.objects.get(type="user.created", user_id=amy.pk)
    assert made.actor_user_id == amy.pk


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"password": "short"}, "Use at least 10 characters."),
        ({"password": "amy ray forever"}, "Leave out"),
        ({"display_name": ""}, "Enter your name."),
    ],
)
def test_wrong_fields_are_told_and_make_no_account(visitor, invited, wrong, told):
    page = create(visitor, invited(), **wrong)
    assert (page.status_code, told in page.content.decode()) == (400, True)
    assert not User.objects.filter(email="amy@example.org").exists()


@pytest.mark.parametrize(("inviter", "role"), [("admin", "TEACHER"), ("alice", None)])
def test_only_the_invitation_of_an_administrator_makes_a_teacher(request, algebra, visitor, invited, inviter, role):
    invitation = invited(role="TEACHER", by=request.getfixturevalue(inviter))
    page = visitor.get(invitation.path)
    assert ("You need a teacher’s account" in page.content.decode()) == (role is None)
    create(visitor, invitation)
    assert list(User.objects.filter(email="amy@example.org").values_list("global_role", flat=True)) == (
        [role] if role else []
    )


def test_an_inviter_who_is_no_administrator_any_more_makes_no_teacher(admin, root, visitor, invited):
    invitation = invited(role="TEACHER", by=admin)
    admin.edit(Actor(root), global_role="TEACHER")
    create(visitor, invitation)
    assert not User.objects.filter(email="amy@example.org").exists()


def test_somebody_who_has_an_account_signs_in_and_comes_back(bob, visitor, invited):
    invitation = invited("bob@example.org")
    text = visitor.get(invitation.path).content.decode()
    assert f"/accounts/login/?next=/invitations/{token_of(invitation)}" in text
    assert "Create your account" not in text
    create(visitor, invitation)
    assert User.objects.filter(email="bob@example.org").count() == 1


def test_the_invited_person_accepts_in_one_click(algebra, bob, answer, invited):
    page = answer(bob, invited("bob@example.org").path, "accept")
    assert (page.status_code, page["Location"]) == (302, f"/api/v1/classes/{algebra.pk}")
    assert status_of(algebra, bob) == "APPROVED"


def test_somebody_signed_in_with_another_address_is_asked_first(algebra, bob, browser_client, answer, invited):
    invitation = invited()
    text = strip_tags(browser_client(bob).get(invitation.path).content.decode())
    assert "This invitation was sent to amy@example.org. You are signed in as Bob (bob@example.org)." in text
    assert "Accept as Bob" in text
    answer(bob, invitation.path, "accept")
    assert status_of(algebra, bob) == "APPROVED"


def test_an_answer_of_another_person_than_the_page_was_shown_to_is_asked_again(algebra, bob, charlie, answer, invited):
    page = answer(bob, invited().path, "accept", shown_to=charlie)
    assert page.status_code == 409
    assert (status_of(algebra, bob), status_of(algebra, charlie)) == (None, None)


def test_a_student_account_invited_to_teach_is_told_why_not(algebra, bob, answer, invited, admin):
    page = answer(bob, invited("bob@example.org", role="TEACHER", by=admin).path, "accept")
    assert (page.status_code, "You have a student account" in page.content.decode()) == (409, True)
    assert status_of(algebra, bob) is None


def test_somebody_who_was_removed_after_it_was_sent_is_told_so(algebra, bob, join, answer, invited):
    invitation = invited("second@example.org")
    join(algebra, bob, "REMOVED")
    page = answer(bob, invitation.path, "accept")
    assert (page.status_code, "You are no longer in this class." in page.content.decode()) == (409, True)


@pytest.mark.parametrize("signed_in", [True, False])
def test_it_is_declined_with_and_without_an_account(bob, visitor, answer, invited, signed_in):
    invitation = invited("bob@example.org")
    if signed_in:
        page = answer(bob, invitation.path, "decline")
    else:
        page = visitor.post(invitation.path, "answer=decline", content_type="application/x-www-form-urlencoded")
    assert (page.status_code, "You declined the invitation" in page.content.decode()) == (200, True)
    assert Invitation.objects.get().status == "DECLINED"


@pytest.mark.parametrize("verb", ["decline", "revoke"])
def test_a_closed_one_tells_nothing_of_the_class(bob, visitor, invited, verb):
    invitation = invited()
    getattr(invitation, verb)(Actor(bob))
    for page in (visitor.get(invitation.path), create(visitor, invitation)):
        assert (page.status_code, "Algebra" in page.content.decode()) == (409, False)
    assert not User.objects.filter(email="amy@example.org").exists()


def test_the_link_leads_to_the_class_once_it_was_accepted(algebra, bob, browser_client, invited):
    invitation = invited("bob@example.org")
    invitation.accept(Actor(bob))
    page = browser_client(bob).get(invitation.path)
    assert (page.status_code, page["Location"]) == (302, f"/api/v1/classes/{algebra.pk}")


@pytest.mark.parametrize("key", ["invite_" + "0" * 32, "nonsense", "inv_01h455vb4pex5vsknk084sn02q"])
def test_an_unknown_link_is_not_found(bob, visitor, browser_client, key):
    for client in (visitor, browser_client(bob)):
        assert client.get(f"http://testserver/invitations/{key}").status_code == 404


def test_the_id_opens_the_page_for_the_invited_person_alone(algebra, bob, charlie, visitor, browser_client, invited):
    path = f"http://testserver/invitations/{invited('bob@example.org').pk}"
    assert [client.get(path).status_code for client in (browser_client(bob), browser_client(charlie), visitor)] == [
        200,
        404,
        404,
    ]


def test_the_mail_says_who_invites_and_leads_to_the_page(visitor, invited, sent_mail):
    invitation = invited(name="Amy", role="TEACHER", message="Welcome <b>you</b>!")
    [sent] = sent_mail()
    assert (sent.to, sent.subject) == (["amy@example.org"], "Alice invites you to Algebra")
    assert "Alice invites you to teach the class Algebra" in sent.body
    assert "Welcome <b>you</b>!" in sent.body
    html = sent.alternatives[0][0]
    assert "Welcome &lt;b&gt;you&lt;/b&gt;!" in html
    [link] = set(re.findall(r"https://tutorarc.example.org(/invitations/\w+)", sent.body + html))
    assert "http://testserver" + link == invitation.path


def test_an_address_gets_only_so_many_invitations_in_a_day(invited, sent_mail, monkeypatch):
    monkeypatch.setattr("members.invitations.mail.MAILS_A_DAY", 2)
    for _ in range(3):
        invited()
        invited("ben@example.org")
        sent = sent_mail()
    assert sorted(one.to[0] for one in sent) == ["amy@example.org"] * 2 + ["ben@example.org"] * 2


def test_an_invitation_to_teach_by_a_former_teacher_is_closed(visitor, algebra, alice, dora, invited, sent_mail):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    invitation = invited(role="TEACHER", by=dora)
    algebra.memberships.remove(algebra, dora.pk, Actor(alice))
    page = visitor.get(invitation.path)
    assert page.status_code == 409
    assert "Whoever invited you to teach is no longer a teacher of the class." in page.content.decode()
    assert [sent.to for sent in sent_mail() if invitation.email in sent.to] == []


def test_the_database_holds_no_link_but_a_digest_and_an_encrypted_one(invited):
    invitation = invited()
    token = token_of(invitation)
    assert token not in str(Invitation.objects.values().get()) + str(Job.objects.values().get(kind="invitation_mail"))


@pytest.mark.parametrize("prefix", ["invite_", "INVITE_", "%69nvite_", "invite%5f", "invite%255F", "in\\u0076ite_"])
def test_logs_hold_no_link_in_any_spelling(prefix):
    token = "0123456789abcdef" * 2
    assert token not in redact(f"GET /invitations/{prefix}{token}?a=b")
    assert token not in redact(f"next=%2Finvitations%2F{prefix}{token}")
