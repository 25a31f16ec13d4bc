"""A second factor that is being added while the person gains rights, or is deactivated, is not stored."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.forms import GenerateRecoveryCodesForm
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.webauthn.internal import flows

from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import User
from tutorarc.site.accounts import passkeys, second_factors

PASSWORD = "correct-horse-battery"
FACTORS = "/accounts/2fa/"
APP, PASSKEY, CODES = FACTORS + "totp/activate/", FACTORS + "webauthn/add/", FACTORS + "recovery-codes/generate/"


@pytest.fixture
def erin(make_user, root):
    """Erin, whose password is from somebody else."""
    user = make_user("Erin")
    user.change_password(Actor(root), PASSWORD)
    return user


@pytest.fixture
def browser(client, erin):
    client.post("/accounts/login/", {"username": erin.email, "password": PASSWORD})
    client.get(APP)
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def when_checked(monkeypatch):
    """`when_checked(action)`: do it once, while a form with a code or a passkey is being checked."""

    def install(action):
        done = []

        def first(check):
            def checked(form):
                if not done:
                    done.append(action())
                return check(form)

            return checked

        def passkey(form):
            form.cleaned_data["credential"] = {"id": "x"}
            return form.cleaned_data

        monkeypatch.setattr(passkeys.AddPasskeyForm, "clean", first(passkey))
        code = second_factors.ActivateTOTPForm.clean_code
        monkeypatch.setattr(second_factors.ActivateTOTPForm, "clean_code", first(code))

    return install


def send_app(browser):
    secret = browser.get(APP).context["form"].secret
    return browser.post(APP, {"code": format_hotp_value(hotp_value(secret, int(time.time()) // 30))})


def send_passkey(browser):
    browser.get(PASSKEY)
    return browser.post(PASSKEY, {"credential": '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {}}'})


every_factor = pytest.mark.parametrize("send", [send_app, send_passkey])


@every_factor
def test_a_factor_is_stored_with_recovery_codes(browser, erin, when_checked, send):
    when_checked(lambda: None)
    assert send(browser)["Location"] == "/accounts/2fa/recovery-codes/"
    assert Authenticator.objects.filter(user=erin).count() == 2


@every_factor
@pytest.mark.parametrize("change", [{"is_staff": True}, {"global_role": "ADMIN"}, {"is_active": False}])
def test_a_factor_is_not_stored_if_the_sign_in_ended_meanwhile(browser, erin, when_checked, send, change):
    when_checked(lambda: User.objects.get(pk=erin.pk).edit(SYSTEM, **change))
    answer = send(browser)
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/login/")
    assert Authenticator.objects.count() == 0


def test_recovery_codes_are_not_replaced_if_the_sign_in_ended_meanwhile(browser, erin, monkeypatch):
    Authenticator.objects.create(user=erin, type="webauthn", data={})

    def promote(form):
        User.objects.get(pk=erin.pk).edit(SYSTEM, is_staff=True)
        return {}

    monkeypatch.setattr(GenerateRecoveryCodesForm, "clean", promote)
    assert browser.post(CODES)["Location"].partition("?")[0] == "/accounts/login/"
    assert Authenticator.objects.count() == 0


def test_a_factor_and_its_codes_are_stored_together(browser, erin, when_checked, monkeypatch):
    """So that a process that is killed in between leaves nothing half done."""
    when_checked(lambda: None)

    def fail(request):
        raise RuntimeError

    monkeypatch.setattr(flows, "auto_generate_recovery_codes", fail)
    with pytest.raises(RuntimeError):
        send_passkey(browser)
    assert Authenticator.objects.count() == 0
