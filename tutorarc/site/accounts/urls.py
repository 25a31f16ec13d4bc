"""Addresses of account pages. A second name for the same address is the one that django-allauth looks up."""

from allauth.account import views as allauth
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from tutorarc.conf.oidc import GOOGLE, MICROSOFT, SCHOOL
from tutorarc.mail.outgoing import sends_mail
from tutorarc.site.accounts import (
    activity,
    delete_account,
    new_address,
    new_factors,
    notifications,
    openid,
    personal_data,
    sign_ins,
    views,
)
from tutorarc.site.joining import sign_up_pages
from tutorarc.site.joining.sign_up_pages import is_sign_up_open

set_password = views.SetPassword.as_view()
change_password = views.ChangePassword.as_view()

sign_in = allauth.LoginView.as_view(
    extra_context={
        "identity_providers": openid.identity_providers,
        "sends_mail": sends_mail,
        "offers_sign_up": is_sign_up_open,
    }
)

urlpatterns = [
    path("", views.account, name="account"),
    path("login/", sign_in, name="login"),
    path("login/", sign_in, name="account_login"),
    path("logout/", views.sign_out, name="logout"),
    path("logout/", views.sign_out, name="account_logout"),
    path("reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("password/", change_password, name="password-change"),
    path("password/", change_password, name="account_change_password"),
    # Whoever has no password gets a link by mail, which shows that the address is theirs.
    path("password/set/", RedirectView.as_view(pattern_name="password-forgotten"), name="account_set_password"),
    path("email/", new_address.new_address, name="new-address"),
    path("email/<token>", new_address.confirm_new_address, name="new-address-confirm"),
    path("forgotten/", views.forgotten_password, name="password-forgotten"),
    path("forgotten/", views.forgotten_password, name="account_reset_password"),
    path("forgotten/mailed/", allauth.password_reset_done, name="account_reset_password_done"),
    path("link/<uidb36>/<key>/", set_password, name="password-set"),
    path("link/<uidb36>/<key>/", set_password, name="account_reset_password_from_key"),
    path("sign-up/", sign_up_pages.sign_up, name="sign-up"),
    path("sign-up/", sign_up_pages.sign_up, name="account_signup"),
    path("sign-up/mailed/", sign_up_pages.sign_up_mailed, name="sign-up-mailed"),
    path("sign-up/link/<token>", sign_up_pages.sign_up_link, name="sign-up-link"),
    path("notifications", notifications.notifications, name="notifications"),
    path("unsubscribe/<token>", notifications.unsubscribe, name="unsubscribe"),
    path("2fa/webauthn/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", new_factors.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("2fa/totp/activate/", new_factors.ActivateApp.as_view(), name="mfa_activate_totp"),
    path(
        "2fa/recovery-codes/generate/",
        new_factors.GenerateRecoveryCodes.as_view(),
        name="mfa_generate_recovery_codes",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    path("oidc/", openid.sign_in, {"provider_id": SCHOOL}, name="oidc"),
    path("oidc/callback/", openid.callback, {"provider_id": SCHOOL}, name="openid_connect_callback"),
    re_path(rf"^oidc/(?P<provider_id>{GOOGLE}|{MICROSOFT})/$", openid.sign_in, name="oidc"),
    re_path(
        rf"^oidc/(?P<provider_id>{GOOGLE}|{MICROSOFT})/callback/$", openid.callback, name="openid_connect_callback"
    ),
    path("activity/", activity.activity, name="account-activity"),
    path("delete", delete_account.delete_account, name="account-delete"),
    path("delete/confirm", delete_account.confirm_deletion, name="account-delete-confirm"),
    path("deleted", delete_account.account_deleted, name="account-deleted"),
    path("data", personal_data.personal_data, name="account-data"),
    path("data/file", personal_data.personal_data_file, name="account-data-file"),
    path("sessions/", sign_ins.sign_ins, name="usersessions_list"),
    path("reauthenticate/sign-in/", sign_ins.sign_in_again, name="sign-in-again"),
]
