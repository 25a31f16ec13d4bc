"""A real Chromium for the tests marked `browser`. Requests to other hosts and console errors fail the test."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import pytest

CHROMIUM = Path("/usr/bin/chromium")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for a module's tests. While it runs, so does an event loop in this thread, which Django refuses."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing: browser tests need Debian's chromium (apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api")
    with mock.patch.dict(os.environ, DJANGO_ALLOW_ASYNC_UNSAFE="true"), sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(chromium: Any, live_server: Any, settings: Any) -> Iterator[Any]:
    """A page of a fresh browser on the live server, which serves the board too."""
    settings.BOARD_URL = live_server.url
    context = chromium.new_context(base_url=live_server.url, service_workers="block", locale="en-GB")
    strays: list[str] = []
    complaints: list[str] = []

    def keep_inside(route: Any) -> None:
        if urlsplit(route.request.url).hostname in LOOPBACK:
            route.continue_()
        else:
            strays.append(route.request.url)
            route.abort()

    def note(message: Any) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    context.route("**/*", keep_inside)
    context.on("console", note)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()
    if strays or complaints:
        pytest.fail(f"Requests that would have left this machine: {strays}. Errors in the console: {complaints}.")


@pytest.fixture
def browser_sign_in(browser_page: Any, live_server: Any, client: Any) -> Any:
    """`browser_sign_in(user)` gives the browser that user's session cookie, without the sign-in page."""

    def sign_in(user: Any) -> None:
        client.force_login(user)
        url = live_server.url
        browser_page.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}]
        )

    return sign_in


def axe_findings(page: Any, *rules: str, moderate: bool = False) -> list[str]:
    """What axe-core finds serious or critical, and moderate if asked for, by the named rules or else by all."""
    # Not at the top: this plugin is loaded for every test.
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # noqa: PLC0415

    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{finding['impact']} {finding['id']}: {node['html']}"
        for finding in found
        if finding["impact"] in ("serious", "critical") or (moderate and finding["impact"] == "moderate")
        for node in finding["nodes"]
    ]


def page_problems(page: Any) -> list[str]:
    """What axe finds on a phone in the light theme, and for contrast only on a wide screen in the dark theme.

    A theme changes only colours. Also whether the page fits both widths.
    """
    page.wait_for_load_state()  # a page without its style sheet fits nothing
    found: list[str] = []
    for width, scheme, rules in ((390, "light", ()), (1280, "dark", ("color-contrast",))):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        wider = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        found += axe_findings(page, *rules) + [f"wider than {width}"] * wider
    return found


def wait_for_headline(page: Any, words: str) -> None:
    page.get_by_role("heading", level=1, name=words, exact=True).wait_for()
    page.wait_for_load_state("load")  # deferred scripts have run, and set their timers
