"""TutorArc's settings. Values that differ between machines come from the environment or the configuration file.

docs/settings.md lists them.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from django.http.request import split_domain_port

from tutorarc.api.schema import reference
from tutorarc.conf import accounts, env, env_file, oidc
from tutorarc.conf.accounts import *  # noqa: F403 - ACCOUNT_… and MFA_…
from tutorarc.conf.databases import databases
from tutorarc.conf.logs import LOGGING as LOGGING
from tutorarc.conf.rest import REST_FRAMEWORK as REST_FRAMEWORK
from tutorarc.conf.unfold import UNFOLD as UNFOLD

django_stubs_ext.monkeypatch()  # makes `ModelForm[Class]` an expression, where Django's classes take no types

BASE_DIR = Path(__file__).resolve().parent.parent
env_file.load(BASE_DIR / ".env")

DEBUG = env.flag("TUTORARC_DEBUG", True)
INSECURE_HTTP = env.flag("TUTORARC_INSECURE_HTTP", False)
SECRET_KEY = env.secret_key(DEBUG, BASE_DIR / ".secret_key")
SECRET_KEY_FALLBACKS = env.former_secret_keys(DEBUG, BASE_DIR / ".secret_key")
PUBLIC_URL = env.url("TUTORARC_PUBLIC_URL", "")
public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = [
    *env.comma_separated("TUTORARC_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"),
    *filter(None, [split_domain_port(public.netloc)[0]]),
]
CSRF_TRUSTED_ORIGINS = [
    *env.comma_separated("TUTORARC_CSRF_TRUSTED_ORIGINS", ""),
    *([f"{public.scheme}://{public.netloc}"] if PUBLIC_URL else []),
]
CORS_ALLOWED_ORIGINS = env.origins("TUTORARC_CORS_ORIGINS")
CORS_ALLOW_ALL_ORIGINS = CORS_ALLOWED_ORIGINS == ["*"]
if CORS_ALLOW_ALL_ORIGINS:
    CORS_ALLOWED_ORIGINS = []
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_METHODS = ("GET", "POST", "PATCH", "DELETE")
CORS_ALLOW_HEADERS = ("X-API-Key", "Content-Type", "Idempotency-Key", "X-Request-ID")
CORS_EXPOSE_HEADERS = (
    *("X-Request-ID", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
    *("Retry-After", "Idempotency-Replayed", "Location"),
)
WEBHOOK_NETWORKS = env.networks("TUTORARC_WEBHOOK_NETWORKS")
TRUSTED_PROXIES = env.whole_number("TUTORARC_TRUSTED_PROXIES", 0)
RATE_LIMIT = env.rate("TUTORARC_RATE_LIMIT", "600/minute")
CODE_GUESS_LIMIT = env.rate("TUTORARC_CODE_GUESS_LIMIT", "10/minute")
INVITATION_LIMIT = env.rate("TUTORARC_INVITATION_LIMIT", "1000/day", per="day")
SIGN_UP = env.choice("TUTORARC_SIGN_UP", "code", "open", "off")
STATEMENT_TIMEOUT = env.whole_number("TUTORARC_STATEMENT_TIMEOUT", 5)
LOCK_TIMEOUT = env.whole_number("TUTORARC_LOCK_TIMEOUT", 3)
BODY_TIMEOUT = env.whole_number("TUTORARC_BODY_TIMEOUT", 10)
CONCURRENT_REQUESTS = env.whole_number("TUTORARC_CONCURRENT_REQUESTS", 4) or 1
TRANSACTION_POOLING = env.flag("TUTORARC_TRANSACTION_POOLING", False)
IDLE_LIMIT = env.duration("TUTORARC_IDLE_LIMIT", "14d")
STAFF_IDLE_LIMIT = env.duration("TUTORARC_STAFF_IDLE_LIMIT", "2h")
MAX_SIGN_IN_AGE = env.duration("TUTORARC_MAX_SIGN_IN_AGE", "30d")
# How long rows are kept, which `prune` then deletes (docs/privacy.md).
KEEP_SECURITY_LOG = env.days("TUTORARC_KEEP_SECURITY_LOG", 180)
KEEP_KNOWN_BROWSERS = env.days("TUTORARC_KEEP_KNOWN_BROWSERS", 180)
KEEP_REFUSED_CALLS = env.days("TUTORARC_KEEP_REFUSED_CALLS", 7)
KEEP_DELIVERIES = env.days("TUTORARC_KEEP_DELIVERIES", 30)
KEEP_NOTICES = env.days("TUTORARC_KEEP_NOTICES", 7, least=3)  # a mail is tried again for two days
KEEP_DONE_JOBS = env.days("TUTORARC_KEEP_DONE_JOBS", 7)
KEEP_FAILED_JOBS = env.days("TUTORARC_KEEP_FAILED_JOBS", 90)
KEEP_IMPORTS = env.days("TUTORARC_KEEP_IMPORTS", 180)
KEEP_IMPORT_LINES = env.days("TUTORARC_KEEP_IMPORT_LINES", 30)
KEEP_INVITATIONS = env.days("TUTORARC_KEEP_INVITATIONS", 180)
KEEP_EXPORTS = env.days("TUTORARC_KEEP_EXPORTS", 7)
CONFIRMED_FOR = timedelta(minutes=15)  # after that the password is asked for again (tutorarc/http/confirmation.py)
BOARD_URL = env.url("TUTORARC_BOARD_URL", "https://board.tutorarc.com")
STAFF_MFA = env.flag("TUTORARC_STAFF_MFA", False)
SOCIALACCOUNT_PROVIDERS = oidc.providers(needs_tls=not (DEBUG or INSECURE_HTTP))
METRICS_TOKEN = env.token("TUTORARC_METRICS_TOKEN")
SIGNED_TEACHER_LINKS = env.flag("TUTORARC_SIGNED_TEACHER_LINKS", False)
globals().update(env.mail("TUTORARC_EMAIL_URL", DEBUG))  # EMAIL_… and DEFAULT_FROM_EMAIL
# Overload control (tutorarc/http/overload.py), in seconds. Measured with one worker: at two and three times its peak
# load it kept 0.90 and 0.86 of its throughput, and half of the refusals came within 0.25 s.
OVERLOAD_MAX_WAIT = 1.0  # a longer wait in the proxy's queue is answered with 503
OVERLOAD_MAX_WAIT_WHEN_SATURATED = 0.25  # the same while the server is saturated
OVERLOAD_MAX_WAIT_IN_RUSH = 30.0  # the same for forms that people sent, and for all while many people sign in
OVERLOAD_RUSH = 10.0  # which lasts so long after a sign-in that had to wait longer than OVERLOAD_MAX_WAIT…
OVERLOAD_NO_WAIT = 0.05  # a request with a shorter wait shows that the server isn't saturated
OVERLOAD_SATURATED_AFTER = 1.0  # saturated: no request with such a short wait for this long
OVERLOAD_IDLE_AFTER = 0.25  # idle: no request has finished for this long, so none can have waited for another
OVERLOAD_WRONG_CLOCK_AFTER = 1.0  # every request of a proxy was refused for this long, so its clock must be wrong
OVERLOAD_MAX_START = 10.0  # requests may wait longer while the process starts, up to this
MAX_BODY_BYTES = 1024 * 1024
MAX_PAGE_BODY_BYTES = 4 * MAX_BODY_BYTES
MAX_IMPORT_BODY_BYTES = 9 * MAX_BODY_BYTES  # of the pages that take files

INSTALLED_APPS = [
    "tutorarc.apps.TutorArcConfig",
    "tutorarc.jobs.apps.JobsConfig",
    "tutorarc.mail.apps.MailConfig",
    "tutorarc.webhooks.apps.WebhooksConfig",
    "tutorarc.imports.apps.ImportsConfig",
    "tutorarc.exports.apps.ExportsConfig",
    "apikeys.apps.ApiKeysConfig",
    "classes.apps.ClassesConfig",
    "members.apps.MembersConfig",
    "sessions.apps.LiveSessionsConfig",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "heroicons",
    *accounts.APPS,
]

MIDDLEWARE = [
    "tutorarc.http.middleware.RequestIdMiddleware",
    "tutorarc.http.proxies.TrustedProxiesMiddleware",
    "tutorarc.http.security_headers.SecurityHeadersMiddleware",
    "tutorarc.http.cors.CorsMiddleware",
    "tutorarc.http.middleware.ApiErrorMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "tutorarc.http.unavailable.UnavailableMiddleware",
    "tutorarc.http.middleware.BodyLimitMiddleware",
    "tutorarc.http.resent_forms.ResentFormMiddleware",
    "tutorarc.http.middleware.CommonMiddleware",
    "tutorarc.http.middleware.ApiFastPath",  # past all below
    "tutorarc.http.static_files.StaticFilesMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "tutorarc.http.known_browsers.KnownBrowserMiddleware",
    "tutorarc.http.hashed_sessions.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "tutorarc.http.sign_out_reasons.AuthenticationMiddleware",
    "tutorarc.http.page_limit.PageLimitMiddleware",
    "tutorarc.http.refused_pages.RefusedPagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tutorarc.http.sign_out_reasons.SignedOutMiddleware",
    "tutorarc.staff.second_factors.StaffSecondFactorMiddleware",
    "tutorarc.http.reader_zone.ReaderZoneMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "tutorarc.urls"
WSGI_APPLICATION = "tutorarc.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DEFAULT_EXCEPTION_REPORTER = "tutorarc.http.debug_page.DebugPage"
AUTH_USER_MODEL = "tutorarc.User"
AUTHENTICATION_BACKENDS = ["tutorarc.http.sign_in_limit.RateLimitedBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = databases(BASE_DIR / "db.sqlite3", transaction_pooling=TRANSACTION_POOLING)

# Read by Celery workers alone (tutorarc/jobs/celery.py).
CELERY_BROKER_URL = env.redis_url("TUTORARC_CELERY_BROKER_URL")

# The default of 300 entries would forget counted security mails and used ID tokens at random.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100_000}},
}
if cache_url := env.redis_url("TUTORARC_CACHE_URL"):
    CACHES["default"] |= {"BACKEND": "tutorarc.http.shared_cache.SharedCache", "LOCATION": cache_url}

# The first one makes digests. The second reads older ones, which the next sign-in replaces.
PASSWORD_HASHERS = ["tutorarc.domain.password_hashing.Argon2", "tutorarc.domain.password_hashing.PBKDF2"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "tutorarc.domain.password_rules.PasswordRules"}]

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = True
FORMAT_MODULE_PATH = "tutorarc.conf.formats"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # no collectstatic step
WHITENOISE_ALLOW_ALL_ORIGINS = False

SECURE_TLS = not DEBUG and not INSECURE_HTTP
SECURE_SSL_REDIRECT = SECURE_TLS
SECURE_SSL_HOST = public.netloc or None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_TLS
# No neighbour under the same domain can set or shadow a cookie with this prefix, which browsers take with TLS alone.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, BROWSER_COOKIE_NAME = (
    ("__Host-sessionid", "__Host-csrftoken", "__Host-browser") if SECURE_TLS else ("sessionid", "csrftoken", "browser")
)
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "tutorarc.http.session_store"
SESSION_COOKIE_AGE = int(MAX_SIGN_IN_AGE.total_seconds())
globals().update(env.hsts(365 * 24 * 3600 if SECURE_TLS else 0))  # SECURE_HSTS_…
# HSTS for subdomains and its preload bind hosts that aren't TutorArc's, and can hardly be taken back: off by default.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# Load balancers and Prometheus ask from inside, without TLS and by address.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]

SPECTACULAR_SETTINGS = {
    "TITLE": "TutorArc",
    "VERSION": "1",
    "DESCRIPTION": reference.INTRO,
    "OAS_VERSION": "3.1.1",
    "COMPONENT_SPLIT_REQUEST": True,
    "PARSER_WHITELIST": ["tutorarc.api.representation.JsonParser"],
    "RENDERER_WHITELIST": ["tutorarc.api.representation.JsonRenderer"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "TAGS": reference.TAGS,
    "COMPONENT_SPLIT_PATCH": False,  # our PATCH bodies have serializers of their own
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "WebhookStatusEnum": "tutorarc.webhooks.models.Endpoint.State",
        "UserStatusEnum": "tutorarc.models.user_events.STATUSES",
        "RoleEnum": "classes.roles.ClassRole",
        "AdmissionRoleEnum": "sessions.admission_views.ROLES",
        "AttendanceStatusEnum": "sessions.models.AttendanceStatus",
        "DeliveryStatusEnum": "tutorarc.webhooks.models.Delivery.Status",
        "MembershipStatusEnum": "classes.roles.MembershipStatus",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "tutorarc.api.schema.error_list.list_reasons",
        "tutorarc.webhooks.openapi.describe_webhooks",
    ],
    "SERVERS": [{"url": PUBLIC_URL}] if PUBLIC_URL else [],
}
