"""Settings of django-allauth: sign-in, passwords, second factors and the list of sign-ins.

Its own rate limits are off, because they need a shared cache: `tutorarc.http.sign_in_limit` counts attempts.
"""

from operator import attrgetter

APPS = [
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

ACCOUNT_ADAPTER = "tutorarc.site.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "tutorarc.site.accounts.forms.SignInForm",
    "change_password": "tutorarc.site.accounts.forms.ChangePasswordForm",
    "reauthenticate": "tutorarc.site.accounts.forms.ReauthenticateForm",
    "reset_password": "tutorarc.site.accounts.forms.ForgottenForm",
    "reset_password_from_key": "tutorarc.site.accounts.forms.LinkPasswordForm",
    "user_token": "tutorarc.site.accounts.forms.LinkForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = attrgetter("display_name")
ACCOUNT_SESSION_REMEMBER = True  # the session outlives the browser window, as long as SESSION_COOKIE_AGE says
ACCOUNT_RATE_LIMITS = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "tutorarc.domain.password_tokens.PasswordTokens"  # noqa: S105
ACCOUNT_REAUTHENTICATION_METHODS = {"password", "mfa"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # as CONFIRMED_FOR in the settings
# Staff enter the addresses, and so vouch for them. Who signs up has shown theirs (tutorarc/site/joining).
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

MFA_ADAPTER = "tutorarc.site.accounts.second_factors.MFAAdapter"
MFA_FORMS = {
    "authenticate": "tutorarc.site.accounts.second_factors.AuthenticateForm",
    "reauthenticate": "tutorarc.site.accounts.second_factors.ReauthenticateForm",
    "activate_totp": "tutorarc.site.accounts.second_factors.ActivateTOTPForm",
    "add_webauthn": "tutorarc.site.accounts.passkeys.AddPasskeyForm",
    "edit_webauthn": "tutorarc.site.accounts.passkeys.RenamePasskeyForm",
    "authenticate_webauthn": "tutorarc.site.accounts.passkeys.AuthenticatePasskeyForm",
    "login_webauthn": "tutorarc.site.accounts.passkeys.SignInPasskeyForm",
    "reauthenticate_webauthn": "tutorarc.site.accounts.passkeys.ReauthenticatePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "TutorArc"
MFA_TOTP_TOLERANCE = 1  # a clock may be 30 seconds off
MFA_RATE_LIMITS = False

SOCIALACCOUNT_ADAPTER = "tutorarc.site.accounts.openid.SocialAccountAdapter"
# A link, and no form: the content security policy would keep a form from leading to the provider. It only starts a
# sign-in, which the browser that started it has to end.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # by an address that the provider has verified
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False  # the address alone decides, so that staff can take it away
