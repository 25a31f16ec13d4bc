"""Static files as a server in production serves them: from memory, text compressed."""

import gzip

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client, RequestFactory

from tutorarc.http.static_files import StaticFilesMiddleware

SCRIPT, STYLE = "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js", "tutorarc/site.css"
FONT = "unfold/fonts/material-symbols/Material-Symbols-Outlined.woff2"
GZIP = {"Accept-Encoding": "gzip, deflate, br"}

pytestmark = pytest.mark.django_db  # after a response is closed, Django looks at its connections


@pytest.fixture(scope="module")
def middleware():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.WHITENOISE_AUTOREFRESH", False)
        yield StaticFilesMiddleware(lambda request: HttpResponse(status=404))


@pytest.fixture
def get(middleware):
    def send(name, method="GET", **headers):
        request = RequestFactory(headers=headers).generic(method, f"/static/{name}")
        response = middleware(request)
        body = response.getvalue() if response.streaming else response.content
        response.close()
        return response, body

    return send


def on_disk(name):
    with open(finders.find(name), "rb") as file:
        return file.read()


@pytest.mark.parametrize("name", [SCRIPT, STYLE, "tutorarc/icon.svg"])
def test_text_is_compressed_where_the_browser_accepts_it(get, name):
    response, body = get(name, **GZIP)
    assert (response["Content-Encoding"], response["Vary"]) == ("gzip", "Accept-Encoding")
    assert response["Content-Length"] == str(len(body))
    assert gzip.decompress(body) == on_disk(name)
    assert len(body) < len(on_disk(name))


def test_a_script_of_1600_kilobytes_is_sent_as_500(get):
    assert len(on_disk(SCRIPT)) > 1_500_000
    assert len(get(SCRIPT, **GZIP)[1]) < 500_000


@pytest.mark.parametrize(("name", "headers"), [(SCRIPT, {}), (STYLE, {"Accept-Encoding": "br"}), (FONT, GZIP)])
def test_everything_else_is_sent_as_it_is(get, name, headers):
    response, body = get(name, **headers)
    assert body == on_disk(name)
    assert "Content-Encoding" not in response
    assert (response["Content-Length"], response["Vary"]) == (str(len(body)), "Accept-Encoding")


def test_a_file_that_has_not_changed_is_not_sent_again(get):
    tag = get(STYLE)[0]["ETag"]
    response, body = get(STYLE, **{"If-None-Match": tag})
    assert (response.status_code, body) == (304, b"")


def test_a_part_of_a_file(get):
    response, body = get(STYLE, Range="bytes=2-5")
    assert (response.status_code, body) == (206, on_disk(STYLE)[2:6])
    assert get(STYLE, Range="lines=2-5")[0].status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/static/", "/static/tutorarc/", "/static/../manage.py", "/static/%2e%2e/manage.py", "/.git/config", "/.env"],
)
def test_neither_directories_nor_other_files_are_served(db, path):
    assert Client().get(path).status_code == 404


def test_only_reading_is_allowed(get):
    response, body = get(STYLE, "HEAD", **GZIP)
    assert (response.status_code, body, response["Content-Encoding"]) == (200, b"", "gzip")
    assert get(STYLE, "POST")[0].status_code == 405


def test_source_maps_are_left_out(get):
    assert get(SCRIPT + ".map")[0].status_code == 404


# Pages


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/api/docs", "/api/schema", "/nowhere"])
def test_pages_are_compressed(db, path):
    response = Client(headers=GZIP).get(path)
    assert (response["Content-Encoding"], response["Content-Length"]) == ("gzip", str(len(response.content)))
    assert "Accept-Encoding" in response["Vary"]
    assert len(response.content) < len(gzip.decompress(response.content)) / 1.5


def test_responses_to_an_api_key_are_not(api, alice):
    assert "Content-Encoding" not in api(alice).get("/classes", headers=GZIP).headers
