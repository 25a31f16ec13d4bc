"""Screenshots of the docs: `python -m tutorarc.testing.screenshots` takes them from the demo data of the quickstart.

Each page in light and dark, 1280 and 390 pixels wide: `tutorarc/docs/images/home-1280-light.png`.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tutorarc.ops.demo.plans import ADMIN, CALCULUS, PASSWORD, STUDENT, TEACHER
from tutorarc.testing.browser import ARGUMENTS, CHROMIUM
from tutorarc.testing.server import ROOT, LiveServer, Site, new_site, serve

IMAGES = ROOT / "tutorarc" / "docs" / "images"
WIDTHS = (1280, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HEIGHTS = {1280: 900, 390: 844}
CLASS, LESSON = CALCULUS.title, "The chain rule"
# Who looks at which page. The ids are those of the class and its next lesson.
PAGES = {
    "home": (TEACHER, "/"),
    "class": (TEACHER, "/api/v1/classes/{class_id}"),
    "people": (TEACHER, "/api/v1/classes/{class_id}/members"),
    "lesson": (TEACHER, "/api/v1/sessions/{session_id}"),
    "lobby": (STUDENT, "/join?id={session_id}"),
    "admin": (ADMIN, "/admin/"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, default=IMAGES)
    directory = parser.parse_args().directory
    directory.mkdir(parents=True, exist_ok=True)
    with demo_server() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        for path in take(browser, f"http://localhost:{server.port}", directory):
            print(path)  # noqa: T201
        browser.close()


@contextmanager
def demo_server() -> Iterator[LiveServer]:
    """A server with the demo data in a temporary SQLite file."""
    with tempfile.TemporaryDirectory(prefix="tutorarc-screenshots-") as name:
        site = new_site(Path(name))
        site.environment["TUTORARC_BOARD_URL"] = f"http://localhost:{site.port}"
        _quickstart(site)
        with serve(site) as server:
            yield server


def _quickstart(site: Site) -> None:
    """In debug mode, as the demo people must not be in production. What is due is done, as a worker would."""
    environment = site.environment | {"TUTORARC_DEBUG": "true"}
    for arguments in (["quickstart", "--no-serve"], ["work", "--once"]):
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def take(browser: Browser, url: str, directory: Path) -> Iterator[Path]:
    states = {email: _signed_in(browser, url, email) for email in (TEACHER, STUDENT, ADMIN)}
    ids = _ids(browser.new_context(base_url=url, storage_state=states[TEACHER]))
    for scheme in SCHEMES:
        for width, (name, (email, address)) in product(WIDTHS, PAGES.items()):
            context = browser.new_context(
                base_url=url,
                storage_state=states[email],
                viewport={"width": width, "height": HEIGHTS[width]},
                color_scheme=scheme,
                locale="en-GB",
                timezone_id="Europe/Berlin",
                reduced_motion="reduce",
            )
            page = context.new_page()
            response = page.goto(address.format_map(ids))
            if response is None or not response.ok:
                raise RuntimeError(f"{name}: {response and response.status}")
            path = directory / f"{name}-{width}-{scheme}.png"
            page.screenshot(path=path)
            context.close()
            yield path


def _signed_in(browser: Browser, url: str, email: str) -> Any:
    """The cookies of somebody who has signed in."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{url}/")
    return context.storage_state()


def _ids(context: BrowserContext) -> dict[str, str]:
    accept = {"Accept": "application/json"}
    classes = context.request.get("/api/v1/classes", headers=accept).json()["results"]
    class_id = next(klass["id"] for klass in classes if klass["title"] == CLASS)
    sessions = context.request.get(f"/api/v1/sessions?classId={class_id}", headers=accept).json()["data"]
    session_id = next(session["sessionId"] for session in sessions if session["title"] == LESSON)
    return {"class_id": class_id, "session_id": session_id}


if __name__ == "__main__":
    main()
