import os
import re
import secrets
import stat
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from tutorarc.conf import env, oidc
from tutorarc.settings import BASE_DIR

STRONG = "0aB-1cD_2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3aB4cD5eF6gH7iJ8"


@pytest.fixture
def given(monkeypatch):
    return lambda value: monkeypatch.setenv("TUTORARC_TRIAL", value)


@pytest.fixture(autouse=True)
def _nothing_given(monkeypatch):
    monkeypatch.delenv("TUTORARC_TRIAL", raising=False)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False), (" TRUE ", True), ("False", False)])
@pytest.mark.parametrize("default", [True, False])
def test_a_flag_is_true_or_false(given, text, value, default):
    given(text)
    assert env.flag("TUTORARC_TRIAL", default) is value


@pytest.mark.parametrize("default", [True, False])
def test_an_empty_or_missing_flag_is_its_default(given, default):
    assert env.flag("TUTORARC_TRIAL", default) is default
    given(" ")
    assert env.flag("TUTORARC_TRIAL", default) is default


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("12", 12), (" 3 ", 3), ("", 7)])
def test_a_whole_number_is_read(given, text, value):
    given(text)
    assert env.whole_number("TUTORARC_TRIAL", 7) == value


@pytest.mark.parametrize(
    ("text", "value"), [("a", ["a"]), ("a,b", ["a", "b"]), (" a , ,b, ", ["a", "b"]), ("", []), (",", [])]
)
def test_list_items_are_separated_by_commas(given, text, value):
    given(text)
    assert env.comma_separated("TUTORARC_TRIAL", "x,y") == value


def test_a_missing_list_is_its_default():
    assert env.comma_separated("TUTORARC_TRIAL", "x, y") == ["x", "y"]


@pytest.mark.parametrize(("text", "value"), [("600/minute", 600), ("1/minute", 1), ("off", None), ("", 5), (" ", 5)])
def test_a_rate_is_a_number_per_minute_or_off(given, text, value):
    given(text)
    assert env.rate("TUTORARC_TRIAL", "5/minute") == value


@pytest.mark.parametrize("text", ["https://board.example.org", "https://board.example.org/", "http://x:8000/y/"])
def test_a_url_loses_its_last_slash(given, text):
    given(text)
    assert env.url("TUTORARC_TRIAL", "https://default.example") == text.rstrip("/")


def test_a_missing_url_is_its_default():
    assert env.url("TUTORARC_TRIAL", "https://default.example") == "https://default.example"


@pytest.mark.parametrize(
    ("read", "default", "text", "sentence"),
    [
        *[(env.flag, True, text, "must be true or false, not") for text in ("yes", "1", "tru", "true,false")],
        *[(env.whole_number, 0, text, "must be a whole number, not") for text in ("-1", "1.5", "x", "٣", "1_0")],
        *[
            (env.rate, "5/minute", text, "must be like 600/minute, or off, not")
            for text in (
                "600",
                "0/minute",
                "-1/minute",
                "x/minute",
                "600/hour",
                "600/minutes",
                "/minute",
                "OFF",
                "٣/minute",
            )
        ],
        *[
            (env.url, "https://x.example", text, "must be an address such as")
            for text in ("board.example.org", "ftp://x.example", "https:", "javascript:alert(1)", "//x.example")
        ],
    ],
)
def test_a_malformed_value_is_refused_with_a_clear_message(given, read, default, text, sentence):
    given(text)
    with pytest.raises(ImproperlyConfigured) as refusal:
        read("TUTORARC_TRIAL", default)
    assert str(refusal.value).startswith(f"TUTORARC_TRIAL {sentence}")
    assert str(refusal.value).endswith(f"{text!r}.")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", []),
        ("*", ["*"]),
        (
            " https://App.example.org/, http://localhost:3000 ,capacitor://localhost",
            ["https://app.example.org", "http://localhost:3000", "capacitor://localhost"],
        ),
    ],
)
def test_origins_are_separated_by_commas(given, text, value):
    given(text)
    assert env.origins("TUTORARC_TRIAL") == value


@pytest.mark.parametrize(
    "text",
    ["app.example.org", "https://", "https://x.example/path", "https://*.example", "https://x.io,*", "null"],
)
def test_a_value_that_is_no_origin_is_refused(given, text):
    given(text)
    with pytest.raises(ImproperlyConfigured, match="must be origins such as https"):
        env.origins("TUTORARC_TRIAL")


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("", []),
        (" 10.20.0.0/16, fd12:3456::/32 ,192.168.1.7", ["10.20.0.0/16", "fd12:3456::/32", "192.168.1.7/32"]),
        ("::1", ["::1/128"]),
        ("169.254.169.252/30", ["169.254.169.252/31", "169.254.169.255/32"]),
        ("fd00:ec2::254", []),
    ],
)
def test_networks_are_separated_by_commas_and_hold_no_metadata_service(given, text, networks):
    given(text)
    assert [str(network) for network in env.networks("TUTORARC_TRIAL")] == networks


@pytest.mark.parametrize(
    "text", ["10.0.0.1/8", "10.0.0.0/33", "example.org", "10.0.0.0-10.0.0.9", "::/0", "64:ff9b::/96"]
)
def test_a_value_that_is_no_network_is_refused(given, text):
    given(text)
    with pytest.raises(ImproperlyConfigured, match="TUTORARC_TRIAL must be networks such as"):
        env.networks("TUTORARC_TRIAL")


@pytest.mark.parametrize(
    "address",
    ["redis://127.0.0.1:6379/0", "redis://cache", "rediss://user:p-w@cache.example:6380/1", "redis://:p-w@[::1]:6379/"],
)
def test_a_shared_cache_is_a_redis_address(given, address):
    given(f" {address} ")
    assert env.redis_url("TUTORARC_TRIAL") == address


def test_without_a_url_there_is_no_shared_cache(given):
    given("")
    assert env.redis_url("TUTORARC_TRIAL") is None


@pytest.mark.parametrize(
    "address",
    ["localhost:6379", "memcached://x", "redis://", "redis:///0", "redis://x/zero", "redis://x:port", "redis://x?db=1"],
)
def test_any_other_url_is_refused_without_repeating_its_password(given, address):
    given(address)
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.redis_url("TUTORARC_TRIAL")
    assert str(refusal.value) == "TUTORARC_TRIAL must be an address such as redis://127.0.0.1:6379/0."


def test_a_given_cache_address_is_where_limits_are_counted():
    code = "from tutorarc import settings as s; print(s.CACHES['default']['BACKEND'], s.CACHES['default']['LOCATION'])"
    shared = start(code, TUTORARC_CACHE_URL="redis://127.0.0.1:6379/0")
    assert shared.stdout.split() == ["tutorarc.http.shared_cache.SharedCache", "redis://127.0.0.1:6379/0"]


@pytest.mark.parametrize(("text", "shown"), [("*", "True []"), ("https://x.example", "False ['https://x.example']")])
def test_origins_that_may_use_the_api_are_read(text, shown):
    code = "from tutorarc import settings as s; print(s.CORS_ALLOW_ALL_ORIGINS, s.CORS_ALLOWED_ORIGINS)"
    assert start(code, TUTORARC_CORS_ORIGINS=text).stdout.strip() == shown


# The secret key


@pytest.fixture
def secret(monkeypatch):
    def give(value):
        if value is None:
            monkeypatch.delenv("TUTORARC_SECRET_KEY", raising=False)
        else:
            monkeypatch.setenv("TUTORARC_SECRET_KEY", value)

    return give


@pytest.mark.parametrize("debug", [True, False])
def test_a_given_secret_key_is_used_and_no_file_is_written(secret, tmp_path, debug):
    secret(STRONG)
    assert env.secret_key(debug, tmp_path / "kept") == STRONG
    assert list(tmp_path.iterdir()) == []


DEPLOYMENT = (BASE_DIR / "tutorarc/docs/deploy.md").read_text()
DOCUMENTED = re.search("TUTORARC_SECRET_KEY=(.+)", DEPLOYMENT)[1]  # a placeholder, which somebody may leave there
WEAK = [
    (None, "none is given"),
    ("", "none is given"),
    (STRONG[:49], "this one has 49"),
    ("k" * 60, "this one repeats itself"),
    ("0123456789" * 6, "this one repeats itself"),
    ("only-for-the-tests-" * 4, "this one repeats itself"),
    ("ab" * 20 + "cdefghi" * 3, "this one repeats itself"),
    (f"django-insecure-{STRONG}", "this one is the example of a new Django project"),
    ("correct-horse-battery-" * 2 + "correct-hor", "this one repeats itself"),
    ("changeme-please-before-this-goes-live-on-the-internet", "this one holds “changeme”, as examples do"),
    ("Change_Me_Please_Before_This_Goes_Live_On_The_Internet", "this one holds “changeme”, as examples do"),
    (f"{STRONG}-my-SECRET-key", "this one holds “secret”, as examples do"),
    ("qwertyuiopasdfghjklzxcvbnm-qwertyuiop0987-poiuytrewq", "this one holds “qwerty”, as examples do"),
    ("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "this one holds “abcdef”, as examples do"),
    (DOCUMENTED, "this one holds “secret”, as examples do"),
]


@pytest.mark.parametrize(("value", "fault"), WEAK)
def test_production_refuses_a_missing_or_weak_secret_key(secret, tmp_path, value, fault):
    secret(value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.secret_key(False, tmp_path / "kept")
    assert str(refusal.value).startswith(
        f"TUTORARC_SECRET_KEY is required, at least 50 random characters, when TUTORARC_DEBUG is false, and {fault}. "
    )
    assert list(tmp_path.iterdir()) == []


def test_production_refuses_the_secret_key_generated_for_development(secret, tmp_path):
    secret(None)
    secret(env.secret_key(True, tmp_path / "kept"))
    with pytest.raises(ImproperlyConfigured, match="this one is the developer's, kept in kept"):
        env.secret_key(False, tmp_path / "kept")


@pytest.mark.parametrize("value", ["k", "k" * 60])
def test_in_debug_mode_any_secret_key_is_accepted(secret, tmp_path, value):
    secret(value)
    assert env.secret_key(True, tmp_path / "kept") == value


def test_no_secret_key_generated_as_advised_is_refused(secret, tmp_path):
    for _ in range(1000):
        secret(secrets.token_urlsafe(50))
        env.secret_key(False, tmp_path / "kept")


def test_in_debug_mode_a_secret_key_is_generated_and_stored_privately(secret, tmp_path):
    secret(None)
    file = tmp_path / "kept"
    made = env.secret_key(True, file)
    assert len(made) >= 50
    assert env.secret_key(True, file) == made == file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_machines_generate_different_secret_keys(secret, tmp_path):
    secret(None)
    assert env.secret_key(True, tmp_path / "one") != env.secret_key(True, tmp_path / "two")


def test_an_empty_secret_key_file_is_refused(secret, tmp_path):
    secret(None)
    (tmp_path / "kept").touch()
    with pytest.raises(ImproperlyConfigured, match="kept is empty: remove it"):
        env.secret_key(True, tmp_path / "kept")


# Former secret keys

OTHER = STRONG[::-1]


@pytest.fixture
def former(monkeypatch, tmp_path):
    def read(value, debug=False):
        monkeypatch.setenv("TUTORARC_SECRET_KEY_FALLBACKS", value)
        return env.former_secret_keys(debug, tmp_path / "kept")

    return read


def test_former_secret_keys_are_separated_by_commas(former):
    assert former("") == []
    assert former(f" {STRONG} ,{OTHER},") == [STRONG, OTHER]


@pytest.mark.parametrize(("value", "fault"), [(key, fault) for key, fault in WEAK if key])
def test_production_refuses_a_weak_former_key_without_repeating_it(former, value, fault):
    with pytest.raises(ImproperlyConfigured) as refusal:
        former(f"{STRONG},{value}")
    assert str(refusal.value) == (
        f"TUTORARC_SECRET_KEY_FALLBACKS: key 2 could be guessed, and {fault}. Remove it: what it signed ends."
    )


def test_in_debug_mode_any_former_key_is_accepted(former):
    assert former("k", debug=True) == ["k"]


# The settings as a whole, in a process of their own


def start(code="import tutorarc.settings", **variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TUTORARC_")}
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        cwd=BASE_DIR,
        env=environment | {"TUTORARC_ENV_FILE": ""} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def shown(*names, **variables):
    """The values of these settings, as production would have them."""
    code = f"from tutorarc import settings as s; print(*[getattr(s, name) for name in {names!r}])"
    production = {"TUTORARC_DEBUG": "false", "TUTORARC_SECRET_KEY": STRONG, "TUTORARC_EMAIL_URL": "console:"}
    done = start(code, **(production | variables))
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_production_refuses_to_start_without_a_secret_key():
    refused = start(TUTORARC_DEBUG="false")
    assert refused.returncode != 0
    assert "ImproperlyConfigured: TUTORARC_SECRET_KEY is required" in refused.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TUTORARC_DEBUG", "maybe"),
        ("TUTORARC_INSECURE_HTTP", "maybe"),
        ("TUTORARC_TRUSTED_PROXIES", "all"),
        ("TUTORARC_CODE_GUESS_LIMIT", "10"),
        ("TUTORARC_BOARD_URL", "board"),
        ("TUTORARC_SIGNED_TEACHER_LINKS", "maybe"),
        ("TUTORARC_CACHE_URL", "memcached://127.0.0.1"),
        ("TUTORARC_CELERY_BROKER_URL", "amqp://127.0.0.1"),
        ("TUTORARC_STATEMENT_TIMEOUT", "5s"),
        ("TUTORARC_LOCK_TIMEOUT", "soon"),
        *[("TUTORARC_IDLE_LIMIT", value) for value in ("14", "0d", "2 weeks", "367d")],
        ("TUTORARC_STAFF_IDLE_LIMIT", "7200"),
        ("TUTORARC_MAX_SIGN_IN_AGE", "never"),
        *[("TUTORARC_KEEP_SECURITY_LOG", value) for value in ("180", "0d", "24h", "3661d", "-1d", "for ever")],
        ("TUTORARC_KEEP_NOTICES", "2d"),
    ],
)
def test_a_malformed_value_prevents_the_start_and_names_its_variable(name, value):
    refused = start(**{"TUTORARC_SECRET_KEY": STRONG, name: value})
    assert refused.returncode != 0
    assert f"ImproperlyConfigured: {name} must be " in refused.stderr


def test_production_refuses_to_start_until_it_is_said_where_mail_goes():
    refused = start(TUTORARC_DEBUG="false", TUTORARC_SECRET_KEY=STRONG)
    assert refused.returncode != 0
    assert "ImproperlyConfigured: TUTORARC_EMAIL_URL is required when TUTORARC_DEBUG is false." in refused.stderr


def test_mail_goes_to_the_console_of_production_where_that_is_said():
    assert shown("EMAIL_BACKEND") == ["django.core.mail.backends.console.EmailBackend"]


TLS = ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS")


def test_production_requires_tls():
    assert shown("DEBUG", *TLS) == ["False", "True", "True", "True", "31536000"]


HSTS = ("SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD")
SUBDOMAINS, PRELOAD = {"TUTORARC_HSTS_INCLUDE_SUBDOMAINS": "true"}, {"TUTORARC_HSTS_PRELOAD": "true"}


def test_hsts_binds_subdomains_and_is_preloaded_only_where_it_is_set():
    assert shown(*HSTS) == ["False", "False"]
    assert shown(*HSTS, **SUBDOMAINS) == ["True", "False"]
    assert shown(*HSTS, **SUBDOMAINS, **PRELOAD) == ["True", "True"]


def test_preload_without_subdomains_is_refused():
    refused = start(**PRELOAD)
    assert refused.returncode != 0
    assert (
        "ImproperlyConfigured: TUTORARC_HSTS_PRELOAD needs TUTORARC_HSTS_INCLUDE_SUBDOMAINS=true too." in refused.stderr
    )


def test_former_secret_keys_are_djangos_fallbacks():
    assert shown("SECRET_KEY_FALLBACKS", TUTORARC_SECRET_KEY_FALLBACKS=OTHER) == [f"['{OTHER}']"]


COOKIES = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")


def test_cookies_have_the_host_prefix_under_tls():
    assert shown(*COOKIES) == ["__Host-sessionid", "__Host-csrftoken"]
    assert shown(*COOKIES, TUTORARC_INSECURE_HTTP="true") == ["sessionid", "csrftoken"]


@pytest.mark.parametrize("variable", [{"TUTORARC_INSECURE_HTTP": "true"}, {"TUTORARC_DEBUG": "true"}])
def test_debug_mode_and_insecure_http_do_not_require_tls(variable):
    assert shown(*TLS, **variable) == ["False", "False", "False", "0"]


def test_given_values_are_used():
    names = ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "TRUSTED_PROXIES", "CODE_GUESS_LIMIT", "BOARD_URL")
    values = {
        "TUTORARC_ALLOWED_HOSTS": "a.example",
        "TUTORARC_CSRF_TRUSTED_ORIGINS": "https://a.example",
        "TUTORARC_TRUSTED_PROXIES": "2",
        "TUTORARC_CODE_GUESS_LIMIT": "off",
        "TUTORARC_BOARD_URL": "https://b.example/",
    }
    assert shown(*names, **values) == ["['a.example']", "['https://a.example']", "2", "None", "https://b.example"]


def test_djangos_deployment_check_has_no_warnings_in_production():
    code = "import sys; from django.core.management import execute_from_command_line as run; run(sys.argv)"
    code = code.replace("run(sys.argv)", "run(['manage.py', 'check', '--deploy', '--fail-level', 'WARNING'])")
    checked = start(
        code,
        DJANGO_SETTINGS_MODULE="tutorarc.settings",
        TUTORARC_DEBUG="false",
        TUTORARC_SECRET_KEY=STRONG,
        TUTORARC_PUBLIC_URL="https://tutorarc.example",
        TUTORARC_TRUSTED_PROXIES="1",
        TUTORARC_STAFF_MFA="true",
        TUTORARC_EMAIL_URL="smtps://tutorarc@mail.example?from=tutorarc@tutorarc.example",
        DATABASE_URL="postgresql://tutorarc@db.example/tutorarc?sslmode=verify-full",
    )
    assert checked.returncode == 0, checked.stderr


# OpenID Connect


OIDC = {"TUTORARC_OIDC_ISSUER": "https://login.example", "TUTORARC_OIDC_CLIENT_ID": "a"}
MICROSOFT = {"TUTORARC_OIDC_MICROSOFT_CLIENT_ID": "a", "TUTORARC_OIDC_MICROSOFT_CLIENT_SECRET": "b"}


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        (OIDC, "TUTORARC_OIDC_CLIENT_SECRET is required"),
        (OIDC | {"TUTORARC_OIDC_CLIENT_ID": "", "TUTORARC_OIDC_CLIENT_SECRET": "b"}, "TUTORARC_OIDC_CLIENT_ID is"),
        (
            OIDC | {"TUTORARC_OIDC_ISSUER": "http://login.example", "TUTORARC_OIDC_CLIENT_SECRET": "b"},
            "TUTORARC_OIDC_ISSUER must be an https address",
        ),
        ({"TUTORARC_OIDC_GOOGLE_CLIENT_ID": "a"}, "TUTORARC_OIDC_GOOGLE_CLIENT_SECRET is required"),
        ({"TUTORARC_OIDC_MICROSOFT_CLIENT_ID": "a"}, "TUTORARC_OIDC_MICROSOFT_CLIENT_SECRET is required"),
        (MICROSOFT, "TUTORARC_OIDC_MICROSOFT_TENANT must be"),
        (MICROSOFT | {"TUTORARC_OIDC_MICROSOFT_TENANT": "common"}, "TUTORARC_OIDC_MICROSOFT_TENANT must be"),
        (MICROSOFT | {"TUTORARC_OIDC_MICROSOFT_TENANT": "a/b"}, "TUTORARC_OIDC_MICROSOFT_TENANT must be"),
    ],
)
def test_a_provider_that_is_half_configured_or_without_tls_prevents_the_start(monkeypatch, variables, words):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=words):
        oidc.providers(needs_tls=True)


def test_a_provider_on_this_machine_needs_no_tls(monkeypatch):
    for name, value in (OIDC | {"TUTORARC_OIDC_CLIENT_SECRET": "b"}).items():
        monkeypatch.setenv(name, value.replace("https://login.example", "http://localhost:9000"))
    [app] = oidc.providers(needs_tls=True)["openid_connect"]["APPS"]
    assert (app["client_id"], app["settings"]["server_url"]) == ("a", "http://localhost:9000")


def test_google_and_microsoft_have_issuers_of_their_own(monkeypatch):
    variables = MICROSOFT | {"TUTORARC_OIDC_MICROSOFT_TENANT": "school.example"}
    variables |= {name.replace("MICROSOFT", "GOOGLE"): value for name, value in MICROSOFT.items()}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    apps = oidc.providers(needs_tls=True)["openid_connect"]["APPS"]
    assert [(app["provider_id"], app["settings"]["server_url"]) for app in apps] == [
        ("google", "https://accounts.google.com"),
        ("microsoft", "https://login.microsoftonline.com/school.example/v2.0"),
    ]
