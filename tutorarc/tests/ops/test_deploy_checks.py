"""`manage.py check --deploy` warns of each setting that weakens the protection, and of no other."""

from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from tutorarc.conf.checks import WEAKNESSES

SMTP = "django.core.mail.backends.smtp.EmailBackend"
DATABASE = {"ENGINE": "tutorarc.db.postgres", "NAME": "tutorarc", "HOST": "db.example.org"}
SAFE = {
    "INSECURE_HTTP": False,
    "EMAIL_BACKEND": SMTP,
    "EMAIL_HOST": "mail.example.org",
    "EMAIL_USE_TLS": True,
    "EMAIL_USE_SSL": False,
    "STAFF_MFA": True,
    "RATE_LIMIT": 600,
    "CODE_GUESS_LIMIT": 10,
    "CORS_ALLOW_ALL_ORIGINS": False,
    "TRUSTED_PROXIES": 1,
    "ALLOWED_HOSTS": ["tutorarc.example.org"],
    "CSRF_TRUSTED_ORIGINS": ["https://tutorarc.example.org"],
    "SIGNED_TEACHER_LINKS": False,
    "SECRET_KEY_FALLBACKS": [],
    "STATEMENT_TIMEOUT": 5,
    "LOCK_TIMEOUT": 3,
    "DATABASES": {"default": {**DATABASE, "OPTIONS": {"sslmode": "verify-full"}}},
    "IDLE_LIMIT": timedelta(days=14),
    "STAFF_IDLE_LIMIT": timedelta(hours=2),
    "MAX_SIGN_IN_AGE": timedelta(days=30),
    "CACHES": {"default": {"LOCATION": "rediss://cache.example.org/0"}},
}


def database(**values):
    return {"DATABASES": {"default": {**DATABASE, **values}}}


def cache(location):
    return {"CACHES": {"default": {"LOCATION": location}}}


WEAK = [
    ("W001", {"INSECURE_HTTP": True}),
    ("W002", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
    ("W002", {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}),
    ("W003", {"EMAIL_USE_TLS": False}),
    ("W004", {"RATE_LIMIT": None}),
    ("W005", {"CODE_GUESS_LIMIT": None}),
    ("W006", {"CORS_ALLOW_ALL_ORIGINS": True}),
    ("W007", {"TRUSTED_PROXIES": 0}),
    ("W008", {"ALLOWED_HOSTS": ["tutorarc.example.org", "*"]}),
    ("W009", {"CSRF_TRUSTED_ORIGINS": ["https://tutorarc.example.org", "http://tutorarc.example.org"]}),
    ("W010", {"SIGNED_TEACHER_LINKS": True}),
    ("W011", {"SECRET_KEY_FALLBACKS": ["former"]}),
    ("W012", {"STATEMENT_TIMEOUT": 0}),
    ("W012", {"LOCK_TIMEOUT": 0}),
    ("W013", {"DATABASES": {"default": {"ENGINE": "tutorarc.db.sqlite", "NAME": "db.sqlite3"}}}),
    ("W014", database()),
    ("W014", database(OPTIONS={"sslmode": "prefer"})),
    ("W015", cache("redis://cache.example.org/0")),
    ("W016", {"IDLE_LIMIT": timedelta(days=15)}),
    ("W016", {"STAFF_IDLE_LIMIT": timedelta(hours=3)}),
    ("W016", {"MAX_SIGN_IN_AGE": timedelta(days=31)}),
    ("W017", {"STAFF_MFA": False}),
    ("W018", {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}),
]
ON_THIS_MACHINE = [
    {"EMAIL_USE_TLS": False, "EMAIL_HOST": "localhost"},
    {"EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True},
    database(HOST=""),
    database(HOST="/var/run/postgresql"),
    database(HOST="127.0.0.1"),
    database(OPTIONS={"sslmode": "require"}),
    cache("redis://127.0.0.1:6379/0"),
    cache(""),
]


def warned(values):
    with override_settings(**SAFE | values):
        found = run_checks(tags=["security"], include_deployment_checks=True)
    return [warning.id.removeprefix("tutorarc.") for warning in found if warning.id.startswith("tutorarc.")]


@pytest.mark.filterwarnings("ignore:Overriding setting")
@pytest.mark.parametrize(("number", "values"), WEAK)
def test_each_weak_setting_is_warned_of(number, values):
    assert warned(values) == [number]


@pytest.mark.filterwarnings("ignore:Overriding setting")
@pytest.mark.parametrize("values", [{}, *ON_THIS_MACHINE])
def test_safe_settings_cause_no_warning(values):
    assert warned(values) == []


def test_each_warning_has_a_test():
    assert sorted({number for number, _ in WEAK}) == [weakness.id for weakness in WEAKNESSES]
