"""API keys and tokens of links are removed from texts, however they are spelled."""

import base64
import json
import timeit
from urllib.parse import quote

import pytest

from apikeys import secrets
from tutorarc.domain.redaction import redact

KEY = secrets.new_key()
WEBHOOK = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfLUR3/+4k="
ONE_TIME = "c8x1ab-" + "0123456789abcdef" * 2
CALENDAR = "calfeed_01m80te5tpebmbdmr40g6hykah.aEYC2Yq-1S1XbJcFFNfF4cPq3v0zR7m2k9w8u5T6s1A"
PERSONAL = CALENDAR.replace("calfeed_", "joinlink_")
SIGNED = "AbC0_-xyzAbC0_-xyzAbC0_-xyzAbC0_-xyzAbC0_12"  # 43 characters, as of a signed teacher link


def percent(text, escape="%"):
    """Each character encoded, also those that need not be."""
    return "".join(f"{escape}{ord(character):02X}" for character in text)


def json_escapes(text):
    return "".join(f"\\u{ord(character):04x}" for character in text)


SPELLINGS = {
    "plain": str,
    "upper case": str.upper,
    "title case": str.title,
    "quoted": quote,
    "percent-encoded": percent,
    "in lower case": lambda text: percent(text).lower(),
    "percent-encoded twice": lambda text: percent(text, "%25"),
    "percent-encoded three times": lambda text: percent(text, "%2525"),
    "partly percent-encoded": lambda text: text.replace("_", "%5F").replace("-", "%2d").replace("a", "%61"),
    "JSON escapes": json_escapes,
    "in JSON in JSON": lambda text: json.dumps(json_escapes(text)),
    "HTML entities": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "some HTML entities": lambda text: text.replace("_", "&#x5F;").replace("-", "&#45;"),
}
every_spelling = pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)


def parts(text, length=12):
    """All parts of a text of this length."""
    return {text[start : start + length] for start in range(len(text) - length + 1)}


def assert_redacted(secret, text):
    """Nothing of the secret is left but what may be shown: the first 12 characters of a key."""
    left = redact(text)
    assert left != text
    assert [part for part in parts(secret[9:]) if part in left] == []


@every_spelling
@pytest.mark.parametrize("around", ["{}", "/api/v1/{}/x", "?api_key={}", "curl/8 ({})", '{{"key": "{}"}}'])
def test_an_api_key_is_redacted_in_any_spelling(spell, around):
    spelled = spell(KEY)
    assert_redacted(spelled, around.format(spelled))


@pytest.mark.parametrize("before", ["", "x", "user:"])
def test_an_api_key_in_base64_is_redacted(before):
    spelled = base64.b64encode(f"{before}{KEY}".encode()).decode()
    assert_redacted(spelled[4:], f"Basic {spelled}")


@every_spelling
@pytest.mark.parametrize("around", ["{}", "/api/v1/webhooks/{}", '{{"secret": "{}"}}'])
def test_the_secret_of_a_webhook_is_redacted_in_any_spelling(spell, around):
    spelled = spell(WEBHOOK)
    assert_redacted(f"..{spelled}", around.format(spelled))


@every_spelling
@pytest.mark.parametrize("around", ["/calendar/{}.ics", "webcal://tutorarc.example/calendar/{}.ics", "?cid={}"])
def test_the_token_of_a_calendar_feed_is_redacted_in_any_spelling(spell, around):
    spelled = spell(CALENDAR)
    assert_redacted(f"......{spelled}", around.format(spelled))


@every_spelling
@pytest.mark.parametrize("around", ["{}", "/join?id=session_1&token={}"])
def test_the_token_of_a_personal_link_is_redacted_in_any_spelling(spell, around):
    spelled = spell(PERSONAL)
    assert_redacted(f"......{spelled}", around.format(spelled))


@pytest.mark.parametrize("around", ["/cal/01m80te5tpebmbdmr40g6hykah.{}", "/x/{}.ics"])
def test_the_signature_of_a_calendar_feed_is_redacted_without_its_prefix(around):
    assert_redacted(SIGNED, around.format(SIGNED))


def test_an_api_key_in_hex_is_redacted():
    assert redact(KEY.encode().hex()) == "ta_live_..."


def test_the_beginning_of_a_key_stays_so_that_its_owner_knows_it():
    assert redact(f"Key {KEY} expired") == f"Key {KEY[:12]}... expired"


PATHS = {
    "as made": "/accounts/link/dXNy/{}/",
    "upper case": "/ACCOUNTS/LINK/DXNY/{}/",
    "double slashes": "//accounts//link//dXNy//{}//",
    "dot segments": "/x/../accounts/./link/dXNy/./{}/",
    "encoded slashes": "/accounts%2Flink%2fdXNy%2F{}/",
    "encoded letters": "/%61ccounts/l%69nk/dXNy/{}/",
    "matrix parameters": "/accounts;v=1/link;x/dXNy;y=2/{};z=3/",
    "a fragment": "/#/accounts/link/dXNy/{}",
    "a query": "/accounts/link/?token={}",
    "an encoded query": "/accounts/link/%3Ftoken%3D{}",
    "another parameter": "/accounts/login/?next=/accounts/link/dXNy/{}/",
    "misspelt": "/acounts/lnik/dXNy/{}/",
    "one part": "/accounts/link/1ab-{}/",
    "a referrer": "https://tutorarc.example/accounts/link/dXNy/{}/",
}


@every_spelling
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_the_token_of_a_one_time_link_is_redacted_in_any_path(path, spell):
    spelled = spell(ONE_TIME)
    assert_redacted(f"......{spelled}", path.format(spelled))


@pytest.mark.parametrize(
    "address",
    [
        "/board?id=session_1&role=teacher&token={}",
        "/board?TOKEN={}",
        "/board%3Fid%3D1%26token%3D{}",
        "/board%253Ftoken%253D{}",
        "/board?%74oken={}",
        "/accounts/login/?next=/board%3Ftoken%3D{}",
        "/board;token={}",
        "/board#token={}",
        "Signature {} does not match",
        "Mg:1vPCTS:{}",
    ],
)
@pytest.mark.parametrize("spell", [str, quote, percent], ids=["plain", "quoted", "percent-encoded"])
def test_a_signed_token_is_redacted(address, spell):
    spelled = spell(SIGNED)
    assert_redacted(f"......{spelled}", address.format(spelled))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/api/v1/classes/cls_01m8m66ahee2nrt9aacktwej5h/members",
        "/api/v1/sessions/session_abc123/renew-links",
        "req_01a22863383174c49e6dea2fa2ccc1e3",
        "550e8400-e29b-41d4-a716-446655440000",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "in test_a_long_name_of_a_function_with_1_number_and_live_sessions",
        "Alive: 100% of the tokens are links",
        "ta_live_abcd…wxyz",
    ],
)
def test_other_texts_stay_as_they_are(text):
    assert redact(text) == text


HOSTILE = ["%25", "%2525252d", "a-", "A1a-", "ta_live_", "token=", "\\u005f", "&#45;", "accounts/link/"]


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_the_time_grows_with_the_length_alone(text):
    """At twenty times the length not a hundred times as long, which any backtracking would exceed by far."""

    def seconds(times):
        return min(timeit.repeat(lambda: redact(f"live {text * times}"), number=1, repeat=5))

    assert seconds(10_000) < 100 * seconds(500)
