"""Warnings of `manage.py check --deploy` about settings that weaken the protection which docs/security.md describes."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

ON_THIS_MACHINE = {"", "localhost", "127.0.0.1", "::1"}
ENCRYPTED_MODES = {"require", "verify-ca", "verify-full"}
LONGEST_WITHOUT_USE, LONGEST_WITHOUT_USE_OF_STAFF, LONGEST = timedelta(days=14), timedelta(hours=2), timedelta(days=30)
POSTGRESQL, SQLITE = "tutorarc.db.postgres", "tutorarc.db.sqlite"


class Weakness(NamedTuple):
    id: str
    applies: Callable[[], bool]
    message: str
    hint: str


@register(Tags.security, deploy=True)
def check_settings(**_: Any) -> list[CheckMessage]:
    return list(_warnings())


def _warnings() -> Iterator[CheckMessage]:
    for weakness in WEAKNESSES:
        if weakness.applies():
            yield Warning(weakness.message, hint=weakness.hint, id=f"tutorarc.{weakness.id}")


def _is_mail_off() -> bool:
    return settings.EMAIL_BACKEND.endswith("dummy.EmailBackend")


def _mail_stays_here() -> bool:
    return not _is_mail_off() and not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")


def _mail_is_sent_in_the_clear() -> bool:
    is_encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    return (
        settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
        and not is_encrypted
        and settings.EMAIL_HOST not in ON_THIS_MACHINE
    )


def _is_unencrypted_postgresql() -> bool:
    database = settings.DATABASES["default"]
    host = str(database.get("HOST") or "")
    is_remote = host not in ON_THIS_MACHINE and not host.startswith("/")
    options: Any = database.get("OPTIONS", {})
    return database["ENGINE"] == POSTGRESQL and is_remote and options.get("sslmode") not in ENCRYPTED_MODES


def _is_unencrypted_redis() -> bool:
    url = urlsplit(str(settings.CACHES["default"].get("LOCATION", "")))
    return url.scheme == "redis" and url.hostname not in ON_THIS_MACHINE


def _has_open_origins() -> bool:
    return any(origin.startswith("http://") for origin in settings.CSRF_TRUSTED_ORIGINS)


def _sign_ins_last_long() -> bool:
    return (
        settings.IDLE_LIMIT > LONGEST_WITHOUT_USE
        or settings.STAFF_IDLE_LIMIT > LONGEST_WITHOUT_USE_OF_STAFF
        or settings.MAX_SIGN_IN_AGE > LONGEST
    )


WEAKNESSES = [
    Weakness(
        "W001",
        lambda: settings.INSECURE_HTTP,
        "TUTORARC_INSECURE_HTTP is true: passwords, cookies and API keys can be read on the way.",
        "Put a proxy with TLS in front, and remove the setting.",
    ),
    Weakness(
        "W002",
        _mail_stays_here,
        "TUTORARC_EMAIL_URL sends no mail: links to set a password end up in a log or a file, not with their owners.",
        "Give a server: smtps://user:password@host?from=TutorArc <me@example.org>.",
    ),
    Weakness(
        "W003",
        _mail_is_sent_in_the_clear,
        "TUTORARC_EMAIL_URL sends mail to another machine without TLS: links to set a password can be read on the way.",
        "Use smtps:// or smtp+tls://.",
    ),
    Weakness(
        "W004",
        lambda: settings.RATE_LIMIT is None,
        "TUTORARC_RATE_LIMIT is off: one user or address can use up the server.",
        "Remove the setting, or give a limit such as 600/minute.",
    ),
    Weakness(
        "W005",
        lambda: settings.CODE_GUESS_LIMIT is None,
        "TUTORARC_CODE_GUESS_LIMIT is off: class codes can be found by trying.",
        "Remove the setting, or give a limit such as 10/minute.",
    ),
    Weakness(
        "W006",
        lambda: settings.CORS_ALLOW_ALL_ORIGINS,
        "TUTORARC_CORS_ORIGINS is *: every web page may use the API with a key that it gets hold of.",
        "List the origins of your own pages.",
    ),
    Weakness(
        "W007",
        lambda: settings.TRUSTED_PROXIES == 0,
        "TUTORARC_TRUSTED_PROXIES is 0: behind a proxy, limits and the security log see its address for every client.",
        "Set the number of proxies. Only a server that clients reach directly needs 0.",
    ),
    Weakness(
        "W008",
        lambda: "*" in settings.ALLOWED_HOSTS,
        "TUTORARC_ALLOWED_HOSTS is *: a forged Host header can lead links elsewhere.",
        "List the names of this server, or set TUTORARC_PUBLIC_URL.",
    ),
    Weakness(
        "W009",
        _has_open_origins,
        "TUTORARC_CSRF_TRUSTED_ORIGINS or TUTORARC_PUBLIC_URL has an http:// address, whose pages can be forged.",
        "Use https:// addresses.",
    ),
    Weakness(
        "W010",
        lambda: settings.SIGNED_TEACHER_LINKS,
        "TUTORARC_SIGNED_TEACHER_LINKS is true: anyone who sees such a link enters the session as its teacher.",
        "Remove the setting, and let teachers sign in.",
    ),
    Weakness(
        "W011",
        lambda: bool(settings.SECRET_KEY_FALLBACKS),
        "TUTORARC_SECRET_KEY_FALLBACKS holds a former secret key: anyone who has it can still forge links and tokens.",
        "Remove it as soon as what it signed has expired: see docs/deploy.md.",
    ),
    Weakness(
        "W012",
        lambda: 0 in (settings.STATEMENT_TIMEOUT, settings.LOCK_TIMEOUT),
        "TUTORARC_STATEMENT_TIMEOUT or TUTORARC_LOCK_TIMEOUT is 0: one slow request can hold a thread for ever.",
        "Remove the setting, or give seconds.",
    ),
    Weakness(
        "W013",
        lambda: settings.DATABASES["default"]["ENGINE"] == SQLITE,
        "The database is SQLite: anyone who can read its file has all data, and no role protects the security log.",
        "Use PostgreSQL where the data is that of real people.",
    ),
    Weakness(
        "W014",
        _is_unencrypted_postgresql,
        "DATABASE_URL leads to another machine without TLS: data can be read on the way.",
        "Add ?sslmode=verify-full to it.",
    ),
    Weakness(
        "W015",
        _is_unencrypted_redis,
        "TUTORARC_CACHE_URL leads to another machine without TLS.",
        "Use rediss://.",
    ),
    Weakness(
        "W016",
        _sign_ins_last_long,
        "TUTORARC_IDLE_LIMIT, TUTORARC_STAFF_IDLE_LIMIT or TUTORARC_MAX_SIGN_IN_AGE is longer than 14d, 2h or 30d.",
        "Remove the setting: a stolen cookie works as long as its sign-in.",
    ),
    Weakness(
        "W017",
        lambda: not settings.STAFF_MFA,
        "TUTORARC_STAFF_MFA is not true: the password of one member of staff opens the admin site.",
        "Set it to true once staff have a passkey or an authenticator app.",
    ),
    Weakness(
        "W018",
        _is_mail_off,
        "TUTORARC_EMAIL_URL is off: nobody can reset a password, and owners are not told of changes to their accounts.",
        "Give a server: smtps://user:password@host?from=TutorArc <me@example.org>.",
    ),
]
