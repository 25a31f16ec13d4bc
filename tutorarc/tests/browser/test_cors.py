"""Pages on another origin in a real browser, which enforces what the headers say."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Error

from classes.models import Class
from sessions.models import LiveSession
from tutorarc.tests.api.published_samples import HOST, JAVASCRIPT

pytestmark = pytest.mark.browser
SWAGGER_UI = "drf_spectacular_sidecar/swagger-ui-dist/"
VIEWER = """<!doctype html><link rel="icon" href="data:,"><div id="viewer"></div>
<script src="/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: "%s/api/schema", dom_id: "#viewer"});</script>"""
READ = """([url, headers]) => fetch(url, {headers}).then(async response => [response.status, await response.json(),
    response.headers.get("X-Request-ID") !== null, response.headers.get("RateLimit-Remaining")])"""
CREATE = """([url, key]) => fetch(url, {method: "POST", body: '{"title": "Algebra"}',
    headers: {"X-API-Key": key, "Content-Type": "application/json"}})"""


class Handler(BaseHTTPRequestHandler):
    pages: dict[str, bytes] = {}

    def do_GET(self):
        page = self.pages.get(self.path, b'<!doctype html><link rel="icon" href="data:,">')
        self.send_response(200)
        media_type = "text/javascript" if self.path.endswith(".js") else "text/html"
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *args):
        pass


@pytest.fixture
def origin():
    """The other origin: a server on another port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def page(chromium, origin):
    """A page on the other origin. Its requests are not intercepted, because then preflights would not be sent."""
    context = chromium.new_context(service_workers="block")
    page = context.new_page()
    page.goto(origin)
    yield page
    context.close()


@pytest.fixture
def allowed(settings, origin):
    settings.CORS_ALLOWED_ORIGINS = [origin]


@pytest.fixture
def key(api, alice):
    return api(alice).defaults["HTTP_X_API_KEY"]


def test_the_published_javascript_sample_creates_a_session(allowed, page, live_server, key):
    sample = JAVASCRIPT.replace(HOST, live_server.url).replace("your_api_key_here", key)
    with page.expect_console_message() as message:
        page.evaluate(sample)
    answer = message.value.args[0].json_value()
    assert (answer["status"], answer["data"]["sessionId"]) == ("success", LiveSession.objects.get().pk)


def test_a_read_with_a_key(allowed, page, live_server, key, alice, settings):
    settings.RATE_LIMIT = 600
    status, body, has_request_id, remaining = page.evaluate(READ, [f"{live_server.url}/api/v1/me", {"X-API-Key": key}])
    assert (status, body["id"], has_request_id, remaining) == (200, alice.pk, True, "599")


def test_an_error_says_its_reason(allowed, page, live_server):
    status, body, *_ = page.evaluate(READ, [f"{live_server.url}/api/v1/me", {"X-API-Key": "wrong"}])
    assert (status, body["error"]["reason"]) == (401, "malformed_key")


def test_admission_needs_no_allowed_origin(page, live_server, schedule):
    url = f"{live_server.url}/api/v1/sessions/{schedule().pk}/admission?role=student"
    status, body, *_ = page.evaluate(READ, [url, {}])
    assert (status, body["data"]["title"]) == (200, "Introduction to Calculus")


def test_a_hosted_openapi_viewer_loads_the_schema(page, origin, live_server, monkeypatch):
    bundle = Path(finders.find(f"{SWAGGER_UI}swagger-ui-bundle.js")).read_bytes()
    viewer = (VIEWER % live_server.url).encode()
    monkeypatch.setattr(Handler, "pages", {"/viewer": viewer, "/swagger-ui-bundle.js": bundle})
    page.goto(f"{origin}/viewer")
    page.locator(".info .title", has_text="TutorArc").wait_for()
    assert page.get_by_text("/api/v1/classes/{class_id}", exact=True).count() > 0


def test_a_foreign_origin_reads_and_changes_nothing(page, live_server, key):
    for path, headers in (("/api/v1/me", {}), ("/api/v1/me", {"X-API-Key": key}), ("/", {})):
        with pytest.raises(Error, match="Failed to fetch"):
            page.evaluate(READ, [live_server.url + path, headers])
    with pytest.raises(Error, match="Failed to fetch"):
        page.evaluate(CREATE, [f"{live_server.url}/api/v1/classes", key])
    assert not Class.objects.exists()


def test_an_allowed_origin_changes_something(allowed, page, live_server, key):
    page.evaluate(CREATE + ".then(() => null)", [f"{live_server.url}/api/v1/classes", key])
    assert Class.objects.get().title == "Algebra"
