"""The default headers of real HTTP clients, and what they get."""

import gzip
import json

import pytest

from tutorarc.testing.client import Client

JSON, HTML = "application/json", "text/html; charset=utf-8"

# Recorded from the client itself where it runs here, else from its source or manual. None: no Accept header.
CLIENTS = {
    "Java HttpURLConnection 8 to 16": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
    "Java HttpURLConnection 17": "text/html, image/gif, image/jpeg, */*; q=0.2",
    "Java java.net.http": None,
    "Java OkHttp, Retrofit, Apache HttpClient": None,
    "Spring RestTemplate, a String": "text/plain, application/json, application/*+json, */*",
    "Spring RestTemplate, an object": "application/json, application/*+json",
    "Spring RestTemplate, XML": "application/xml, text/xml, application/json, application/*+xml, application/*+json",
    ".NET HttpClient": None,
    ".NET RestSharp": "application/json, text/json, text/x-json, text/javascript, application/xml, text/xml",
    "Go net/http": None,
    "Ruby Net::HTTP": "*/*",
    "PHP curl": "*/*",
    "PHP Guzzle, file_get_contents": None,
    "curl": "*/*",
    "wget": "*/*",
    "HTTPie": "application/json, */*;q=0.5",
    "Postman": "*/*",
    "Python requests, httpx, aiohttp": "*/*",
    "Python urllib": None,
    "Perl HTTP::Tiny": None,
    "Node fetch": "*/*",
    "browser fetch": "*/*",
    "axios, Angular HttpClient": "application/json, text/plain, */*",
    "jQuery getJSON": "application/json, text/javascript, */*; q=0.01",
    "Swift URLSession": "*/*",
}
BROWSERS = {
    "Chrome": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7",
    "Firefox": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Safari": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Edge, before Chromium": "text/html, application/xhtml+xml, image/jxr, */*",
}


def accept(header):
    return {} if header is None else {"Accept": header}


@pytest.fixture(params=[*CLIENTS, *BROWSERS])
def header(request):
    return accept({**CLIENTS, **BROWSERS}[request.param])


@pytest.mark.parametrize("path", ["/classes", "/me", "/api/schema"])
def test_a_call_with_a_key_gets_json(api, alice, header, path):
    response = api(alice).get(path, headers=header)
    assert (response.status_code, response["Content-Type"].partition(";")[0]) == (200, JSON)


@pytest.mark.parametrize(("path", "status"), [("/classes/junk", 404), ("/nothing", 404), ("/api/", 404)])
def test_an_error_of_a_call_with_a_key_is_json(api, alice, header, path, status):
    response = api(alice).get(path, headers=header)
    assert (response.status_code, response["Content-Type"]) == (status, JSON)


@pytest.mark.parametrize("credential", [{"X-API-Key": "wrong"}, {"Authorization": "Bearer ta_live_x"}])
def test_a_refused_key_gets_json(db, header, credential):
    response = Client().get("/classes", headers={**header, **credential})
    assert (response.status_code, response["Content-Type"]) == (401, JSON)


def test_a_program_gets_json_for_a_body_that_is_too_large(api, alice, header):
    response = api(alice).post("/classes", {"title": "x" * 1024 * 1024}, headers=header)
    assert (response.status_code, response["Content-Type"]) == (413, JSON)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_program_without_a_key_gets_json_too(db, schedule, client):
    """Such as a board that asks whether a student may enter."""
    path = f"/sessions/{schedule().pk}/admission?role=student"
    response = Client().get(path, headers=accept(CLIENTS[client]))
    assert (response.status_code, response["Content-Type"]) == (200, JSON)


@pytest.mark.parametrize("browser", BROWSERS)
def test_a_person_in_a_browser_gets_pages(signed_in, alice, browser):
    for client, status in ((signed_in(alice), 200), (Client(), 401)):
        response = client.get("/classes", headers=accept(BROWSERS[browser]))
        assert (response.status_code, response["Content-Type"]) == (status, HTML)


def test_a_browser_behind_basic_authentication_gets_pages(signed_in, alice):
    headers = {"Accept": BROWSERS["Firefox"], "Authorization": "Basic c3RhZ2luZzpwYXNz"}
    assert signed_in(alice).get("/classes", headers=headers)["Content-Type"] == HTML


# What a key doesn't decide


@pytest.mark.parametrize(
    "header",
    [
        "text/html, application/json;q=0.1",
        "text/html, application/*;q=0.1",
        "application/json; indent=4",
        "application/json;version=2;charset=utf-8",
        "Application/JSON",
        "text/html, application/json; x=1; Q=0.1",
        "application/json;q=nan",
        "application/json;q=2",
    ],
)
def test_with_a_key_an_accept_header_that_includes_json_gets_json(api, alice, header):
    response = api(alice).get("/classes", headers={"Accept": header})
    assert (response.status_code, response["Content-Type"]) == (200, JSON)


@pytest.mark.parametrize("header", ["text/html", "text/*", "application/json;q=0, */*", "text/html, application/xml"])
def test_with_a_key_an_accept_header_can_exclude_json_too(api, alice, header):
    response = api(alice).get("/classes", headers={"Accept": header})
    assert (response.status_code, response["Content-Type"]) == (200, HTML)


def test_the_format_parameter_still_selects_the_page(api, alice):
    assert api(alice).get("/classes?format=api")["Content-Type"] == HTML


# Bodies


def compressed(client, encoding):
    body = gzip.compress(json.dumps({"title": "Algebra"}).encode())
    return client.generic("POST", "/classes", body, JSON, headers={"Content-Encoding": encoding})


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate", "br", "zstd", "gzip, identity", "x" * 1000])
def test_a_compressed_body_is_415_with_a_clear_message(api, alice, encoding):
    response = compressed(api(alice), encoding)
    error, message = response.json()["error"], "Send the body uncompressed, without the header Content-Encoding: {}."
    assert (response.status_code, error["reason"]) == (415, "unsupported_encoding")
    assert error["message"] == message.format(encoding[:40])
    assert response["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("encoding", ["identity", " Identity ", ""])
def test_a_body_with_identity_encoding_is_read(api, alice, encoding):
    response = api(alice).post("/classes", {"title": "Algebra"}, headers={"Content-Encoding": encoding})
    assert response.status_code == 201


def test_a_wrong_media_type_asks_for_no_other_encoding(api, alice):
    response = api(alice).post("/classes", "title=Algebra", content_type="application/x-www-form-urlencoded")
    assert (response.status_code, "Accept-Encoding" in response) == (415, False)


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain;charset=UTF-8"])
def test_json_under_a_clients_default_content_type_is_415_naming_the_right_one(api, alice, content_type):
    """What curl -d, Java's HttpURLConnection and fetch send with a string."""
    response = api(alice).generic("POST", "/classes", b'{"title": "Algebra"}', content_type)
    error = response.json()["error"]
    assert (response.status_code, error["reason"]) == (415, "unsupported_media_type")
    assert error["message"] == f"Send the body with the header Content-Type: application/json, not {content_type}."


def test_with_the_cookie_forms_are_named_too(signed_in, alice):
    response = signed_in(alice).generic("POST", "/classes", b'{"title": "Algebra"}', "text/plain")
    types = "application/json, application/x-www-form-urlencoded or multipart/form-data, not text/plain"
    assert (response.status_code, response.json()["error"]["message"]) == (
        415,
        f"Send the body with the header Content-Type: {types}.",
    )
