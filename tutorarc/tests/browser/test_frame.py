"""The frame of all pages in a real browser: menus, the bar at the bottom, components, weight."""

import gzip

import pytest

from tutorarc.testing.browser import page_problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SHIFT = """() => new Promise((done) => {
  let sum = 0;
  const add = (list) => list.getEntries().forEach((entry) => (sum += entry.value));
  new PerformanceObserver(add).observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 300);
})"""


@pytest.fixture
def style_guide(browser_page, browser_sign_in, settings, alice):
    settings.DEBUG = True
    browser_sign_in(alice)
    browser_page.goto("/styleguide")
    return browser_page


def test_every_component_is_accessible_and_fits_the_screen(style_guide):
    assert page_problems(style_guide) == []


@pytest.mark.parametrize("component", ["button", ".button", ".card", ".badge", ".notice", ".initials", "input"])
def test_in_forced_colours_every_component_keeps_its_outline(style_guide, component):
    """Forced colours take away backgrounds and shadows, so a border has to show where something is."""
    style_guide.emulate_media(forced_colors="active")
    border, ground = style_guide.locator(f"main {component}").first.evaluate(
        "(node) => [getComputedStyle(node).borderTopColor, getComputedStyle(document.body).backgroundColor]"
    )
    assert border != ground


def test_menus_work_by_keyboard_and_close_with_escape_and_a_click_beside_them(browser_page, browser_sign_in, alice):
    browser_sign_in(alice)
    browser_page.set_viewport_size(DESKTOP)
    browser_page.goto("/")
    webhooks = browser_page.get_by_role("navigation", name="Main").get_by_role("link", name="Webhooks")
    menu = browser_page.get_by_text("Developers", exact=True).first
    menu.focus()
    browser_page.keyboard.press("Enter")
    webhooks.wait_for()
    browser_page.keyboard.press("Escape")
    webhooks.wait_for(state="hidden")
    assert browser_page.evaluate("document.activeElement.textContent") == "Developers"
    menu.click()
    webhooks.wait_for()
    browser_page.get_by_role("heading", level=1).click()
    webhooks.wait_for(state="hidden")
    menu.click()
    webhooks.click()
    browser_page.wait_for_url("**/developers/webhooks")


def test_on_a_phone_the_main_links_are_at_the_bottom_and_easy_to_hit(browser_page, browser_sign_in, alice):
    browser_sign_in(alice)
    browser_page.set_viewport_size(PHONE)
    browser_page.goto("/")
    links = browser_page.get_by_role("navigation", name="Main").get_by_role("link")
    assert links.all_inner_texts() == ["Home", "Classes", "Calendar", "Account"]
    boxes = [link.bounding_box() for link in links.all()]
    assert all(box["y"] > 760 and box["height"] >= 44 and box["width"] >= 44 for box in boxes)
    browser_page.locator("summary", has_text="Alice").click()
    browser_page.get_by_role("link", name="Webhooks").click()
    browser_page.wait_for_url("**/developers/webhooks")


def test_without_script_the_menu_opens(chromium, live_server, client, alice):
    client.force_login(alice)
    with chromium.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto("/")
        page.locator("summary", has_text="Alice").click()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("link", name="Sign in").first.wait_for()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_first_page_is_light_and_stays_where_it_is(browser_page, browser_sign_in, alice, algebra, schedule, size):
    """Under 100 kB as sent, compressed; the live server of the tests compresses no static files."""
    schedule(klass=algebra)
    browser_sign_in(alice)
    browser_page.set_viewport_size(size)
    answers = []
    browser_page.on("response", lambda answer: answers.append(answer))
    browser_page.goto("/")
    browser_page.wait_for_load_state("networkidle")
    weight = sum(len(gzip.compress(answer.body())) for answer in answers)
    assert (len(answers) < 12, weight < 100_000, browser_page.evaluate(SHIFT) < 0.01) == (True, True, True)


def test_the_date_is_asked_for_only_with_its_choice(browser_page, browser_sign_in, alice):
    browser_sign_in(alice)
    browser_page.goto("/developers/keys/new")
    last_day = browser_page.get_by_label("Last day")
    assert not last_day.is_visible()
    browser_page.get_by_label("On a date").check()
    last_day.wait_for()
    browser_page.get_by_label("In 30 days").check()
    last_day.wait_for(state="hidden")
