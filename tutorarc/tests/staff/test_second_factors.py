"""TUTORARC_STAFF_MFA, and what staff do for people who lost their second factors."""

import pytest
from allauth.mfa.models import Authenticator

from tutorarc.domain import encryption
from tutorarc.domain.events import Actor
from tutorarc.models import SecurityEvent, User
from tutorarc.tests.site.test_second_factors import APP, CODE, SECRET, confirm, current_code
from tutorarc.tests.staff.admin_site import Site, recorded

PASSWORD = "correct-horse-battery"
LOGIN, FACTORS = "/accounts/login/", "/accounts/2fa/"


@pytest.fixture
def required(settings):
    settings.STAFF_MFA = True


@pytest.fixture
def root(root):
    root.change_password(Actor(root), PASSWORD)
    return root


def add_app(user):
    return Authenticator.objects.create(user=user, type="totp", data={"secret": encryption.encrypt(SECRET)})


def sign_in(client, user, path="/admin/"):
    return client.post(LOGIN, {"username": user.email, "password": PASSWORD, "next": path})


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("path", ["/admin/", "/admin/login/?next=/admin/", "/admin/tutorarc/user/", "/admin/nothing"])
def test_staff_without_a_factor_are_led_to_set_one_up(client, root, path):
    sign_in(client, root)
    page = client.get(path, follow=True)
    assert page.redirect_chain[0] == (FACTORS, 302)
    assert "The admin site asks staff for a second factor." in page.text


@pytest.mark.django_db(transaction=True)  # django-allauth sends its signal after the commit
@pytest.mark.usefixtures("required")
def test_after_that_the_admin_site_opens_in_the_same_session(client, root):
    sign_in(client, root)
    client.get(APP)
    confirm(client)
    client.post(APP, {"code": current_code(client.get(APP).context["form"].secret)})
    assert 'href="/admin/"' in client.get(FACTORS).text
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("required")
def test_a_sign_in_with_a_code_opens_the_admin_site(client, root):
    add_app(root)
    assert sign_in(client, root)["Location"] == CODE
    assert client.post(CODE, {"code": current_code()})["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("required")
def test_a_session_from_before_the_factor_is_asked_for_it(client, root):
    sign_in(client, root)
    add_app(root)
    response = client.post("/admin/tutorarc/user/")
    assert response["Location"] == "/accounts/2fa/reauthenticate/?next=/admin/tutorarc/user/"
    confirmed = client.post(response["Location"], {"code": current_code()})
    assert confirmed["Location"] == "/admin/tutorarc/user/"
    assert client.get("/admin/tutorarc/user/").status_code == 200


@pytest.mark.usefixtures("required")
def test_a_password_entered_again_is_no_second_factor(client, root):
    sign_in(client, root)
    add_app(root)
    confirm(client)
    assert client.get("/admin/").status_code == 302


@pytest.mark.usefixtures("required")
def test_people_who_are_not_staff_and_other_pages_are_left_alone(client, bob, root):
    client.force_login(bob)
    assert client.get("/admin/login/").status_code == 403
    client.force_login(root)
    assert client.get("/developers/keys").status_code == 200
    assert client.post("/admin/logout/")["Location"] == "/"


def test_without_the_setting_nothing_is_asked(client, root):
    sign_in(client, root)
    assert client.get("/admin/").status_code == 200


# Lost factors


def test_staff_remove_the_factors_of_a_person(root, bob):
    add_app(bob)
    messages = Site(root, "tutorarc_user").act("remove_second_factors", [bob])
    assert messages == ["Person set to sign in without a second factor."]
    assert not Authenticator.objects.exists()
    assert recorded(bob)[-1] == ("second_factors_removed", "Root")
    event = SecurityEvent.objects.filter(kind="factor.removed").get()
    assert (event.user, event.actor) == (bob, root)


def test_staff_remove_no_factors_of_people_with_more_rights(root, make_user):
    clerk = make_user("Clerk", is_staff=True)
    add_app(root)
    with pytest.raises(User.NeedsSuperuser):
        root.remove_second_factors(Actor(clerk))
    assert Authenticator.objects.count() == 1


def test_removing_nothing_is_not_recorded(root, bob):
    assert bob.remove_second_factors(Actor(root)) is False
    assert recorded(bob) == [("created", None)]


# The security log


def test_factors_and_wrong_codes_are_in_the_security_log(client, root, django_capture_on_commit_callbacks):
    sign_in(client, root, "/")
    client.get(APP)
    confirm(client)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(APP, {"code": current_code(client.get(APP).context["form"].secret)})
    client.post("/accounts/2fa/totp/deactivate/")
    client.post("/accounts/logout/")
    add_app(root)
    sign_in(client, root)
    client.post(CODE, {"code": "000000"})
    events = SecurityEvent.objects.filter(user=root).order_by("pk").values_list("kind", "details")
    assert [event for event in events if event[0].startswith("factor") or event[1].get("method") == "code"] == [
        ("factor.added", {"factor": "totp"}),
        ("factor.added", {"factor": "recovery_codes"}),
        ("factor.removed", {"factor": "totp"}),
        ("factor.removed", {"factor": "recovery_codes"}),
        ("sign_in.failed", {"method": "code"}),
    ]
