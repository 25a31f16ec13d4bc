"""Where mail goes: TUTORARC_EMAIL_URL."""

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured

from tutorarc.conf import env
from tutorarc.mail.outgoing import OFF

LOCAL = {"EMAIL_TIMEOUT": 10, **dict.fromkeys(["DEFAULT_FROM_EMAIL", "SERVER_EMAIL"], "TutorArc <tutorarc@localhost>")}
FROM = {"EMAIL_TIMEOUT": 10, "DEFAULT_FROM_EMAIL": "me@example.org", "SERVER_EMAIL": "me@example.org"}
BACKEND = "django.core.mail.backends.{}.EmailBackend"


@pytest.fixture
def read(monkeypatch):
    def read(value):
        monkeypatch.setenv("TUTORARC_TRIAL", value)
        return env.mail("TUTORARC_TRIAL", debug=True)

    return read


def smtp(host, port, user="", password="", tls=False, ssl=False):
    return FROM | {
        "EMAIL_BACKEND": BACKEND.format("smtp"),
        "EMAIL_HOST": host,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": user,
        "EMAIL_HOST_PASSWORD": password,
        "EMAIL_USE_TLS": tls,
        "EMAIL_USE_SSL": ssl,
    }


@pytest.mark.parametrize(
    ("address", "settings"),
    [
        ("", LOCAL | {"EMAIL_BACKEND": BACKEND.format("console")}),
        ("console:", LOCAL | {"EMAIL_BACKEND": BACKEND.format("console")}),
        ("console://", LOCAL | {"EMAIL_BACKEND": BACKEND.format("console")}),
        ("console:?from=me@example.org", FROM | {"EMAIL_BACKEND": BACKEND.format("console")}),
        ("off:", LOCAL | {"EMAIL_BACKEND": OFF}),
        ("off:?from=me@example.org", FROM | {"EMAIL_BACKEND": OFF}),
        (
            "file:///a%20b/c",
            LOCAL | {"EMAIL_BACKEND": "tutorarc.conf.file_mail.EmailBackend", "EMAIL_FILE_PATH": "/a b/c"},
        ),
        ("smtp://mail.example.org?from=me@example.org", smtp("mail.example.org", 25)),
        ("smtp+tls://u:p@mail.example.org?from=me@example.org", smtp("mail.example.org", 587, "u", "p", tls=True)),
        ("smtps://u%40x:p%2Fw@[::1]:2465/?from=me@example.org", smtp("::1", 2465, "u@x", "p/w", ssl=True)),
    ],
)
def test_a_url_gives_djangos_settings(read, address, settings):
    assert read(address) == settings


def test_a_sender_may_have_a_name(read):
    assert read("smtp://h?from=My+School+%3Cme@example.org%3E")["DEFAULT_FROM_EMAIL"] == "My School <me@example.org>"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        *[
            (address, "must be console:, off:, file:///a/folder or smtp://")
            for address in (
                "mail.example.org",
                "stmp://h?from=me@example.org",
                "smtp://?from=me@example.org",
                "smtp://h:port?from=me@example.org",
                "smtp://h:99999?from=me@example.org",
                "smtp://h/path?from=me@example.org",
                "smtp://[h?from=me@example.org",
                "smtp://h?from",
                "console://h",
                "off://h",
                "off",
                "file://h/x",
                "file:",
            )
        ],
        *[
            (address, "takes from=me@host after its question mark, and nothing else")
            for address in (
                "smtp://h?form=me@example.org",
                "smtp://h?from=me@example.org&tls=yes",
                "smtp://h?from=me@example.org#x",
                "console:?from=a@example.org&from=b@example.org",
            )
        ],
        *[
            (address, "needs from=, the address that mail comes from")
            for address in ("smtp://h", "smtp://h?from=", "smtp://h?from=me", "console:?from=me%0A%3Ca@example.org%3E")
        ],
    ],
)
def test_a_malformed_url_is_refused_with_a_clear_message(read, address, sentence):
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(address)
    assert str(refusal.value).startswith(f"TUTORARC_TRIAL {sentence}")


def test_the_message_contains_no_password(read):
    with pytest.raises(ImproperlyConfigured) as refusal:
        read("smtp+tsl://user:geheim@h?from=me@example.org")
    assert "geheim" not in str(refusal.value)


def test_the_settings_are_those_used_to_send(settings, read, tmp_path):
    for name, value in read(f"file://{tmp_path}?from=me@example.org").items():
        setattr(settings, name, value)
    mail.EmailMessage("Subject", "Body", to=["you@example.org"]).send()
    [letter] = tmp_path.iterdir()
    assert "\nFrom: me@example.org\n" in letter.read_text()
