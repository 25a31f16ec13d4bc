"""The admin site in a real browser: layout, keyboard and accessibility of every page, in both themes."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.db.models import Value
from django.db.models.functions import Concat
from django.urls import reverse

from apikeys.models import ApiKey
from members.models import Membership
from tutorarc.domain.events import SYSTEM
from tutorarc.models import User
from tutorarc.staff.inlines import RecordInline
from tutorarc.testing.browser import axe_findings, page_problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser_page, browser_sign_in, root):
    browser_sign_in(root)
    return browser_page


@pytest.fixture
def school(algebra, bob, join, crowd, schedule, alice):
    """A class with 30 members, a pending request, a live session and a key."""
    crowd(algebra, 30)
    member = join(algebra, bob, "PENDING")
    session = schedule(klass=algebra, start_time=datetime(2036, 3, 20, 10, tzinfo=UTC))
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    return {
        "tutorarc_user": bob,
        "classes_class": algebra,
        "members_membership": member,
        "live_sessions_livesession": session,
        "apikeys_apikey": key,
    }


def addresses(school):
    yield reverse("admin:index")
    for kind, row in school.items():
        yield reverse(f"admin:{kind}_changelist")
        yield reverse(f"admin:{kind}_add")
        yield reverse(f"admin:{kind}_change", args=[row.pk])
    yield reverse("admin:auth_group_change", args=[Group.objects.create(name="Office").pk])
    yield reverse("admin:auth_user_password_change", args=[school["tutorarc_user"].pk])


def wait_until_drawn(page):
    page.wait_for_load_state("load")
    page.wait_for_function("window.Alpine && !document.querySelector('[x-cloak]:not(nav)')")


# A theme changes only colours.
@pytest.mark.parametrize(("width", "scheme", "rules"), [(390, "light", ()), (1280, "dark", ("color-contrast",))])
def test_every_page_is_accessible_and_fits_the_screen(page, school, width, scheme, rules):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = []
    for address in addresses(school):
        page.goto(address)
        wait_until_drawn(page)
        assert page.locator("html.dark").count() == (scheme == "dark")
        wider = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        found += [(address, finding) for finding in axe_findings(page, *rules) + ["too wide"] * wider]
    assert found == []


def test_what_only_a_wide_screen_shows_is_accessible(page, school):
    found = []
    for address in (reverse("admin:index"), reverse("admin:members_membership_changelist")):
        page.goto(address)
        wait_until_drawn(page)
        found += axe_findings(page)
    assert found == []


def test_a_pending_request_is_approved_by_keyboard_alone(page, school):
    page.goto("/admin/")
    page.get_by_label("Bob, Algebra").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("Membership approved.").wait_for()
    page.get_by_text("No pending requests.").wait_for()
    assert Membership.objects.get(pk=school["members_membership"].pk).status == "APPROVED"


def test_a_pending_request_is_answered_on_the_page_of_the_class(page, school):
    klass, member = school["classes_class"], school["members_membership"]
    page.goto(reverse("admin:classes_class_change", args=[klass.pk]) + "#memberships")
    wait_until_drawn(page)
    page.get_by_label("Bob", exact=True).check()
    page.get_by_role("button", name="Reject selected").click()
    page.get_by_role("status").get_by_text("Membership rejected.").wait_for()
    assert Membership.objects.get(pk=member.pk).status == "REJECTED"


def test_the_charts_can_be_read_as_numbers(page, school):
    page.goto("/admin/")
    chart = page.get_by_role("img", name="New members a day: 1 in 30 days")
    chart.wait_for()
    assert page.evaluate("Chart.getChart(document.querySelector('canvas')).data.datasets[0].data.at(-1)") == 1
    page.get_by_text("The numbers").click()
    assert page.get_by_role("table", name="New members a day").get_by_role("row").last.inner_text().split()[-1] == "1"


def test_the_pages_of_members_are_browsed_by_keyboard(page, school):
    page.goto(reverse("admin:classes_class_change", args=[school["classes_class"].pk]))
    page.get_by_role("link", name="Members 31").press("Enter")
    page.get_by_text("Approved 0", exact=True).wait_for()
    page.get_by_role("link", name="2", exact=True).press("Enter")
    page.get_by_text("Approved 29", exact=True).wait_for()
    assert page.get_by_text("Approved 0", exact=True).count() == 0


def test_a_list_is_filtered_by_status_and_by_a_class_found_by_part_of_its_name(page, school):
    page.goto(reverse("admin:members_membership_changelist"))
    page.get_by_role("button", name="Filters").press("Enter")
    page.get_by_label("Approved").check()
    page.get_by_role("combobox", name="By class").click()
    page.get_by_role("searchbox").fill("alge")
    page.get_by_role("option", name="Algebra").click()
    page.get_by_role("button", name="Apply Filters").click()
    page.get_by_text("31 results").wait_for()


def test_a_lost_key_is_revoked_from_its_own_page(page, school):
    page.goto(reverse("admin:apikeys_apikey_change", args=[school["apikeys_apikey"].pk]))
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("heading", name="Revoke?").wait_for()
    assert page_problems(page) == []
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("status").get_by_text("API key revoked.").wait_for()
    assert page.get_by_role("button", name="Revoke").count() == 0
    assert ApiKey.objects.get().revoked_at is not None


def test_the_menus_open_by_keyboard(page, school):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/admin/")
    page.get_by_role("button", name="Menu").press("Enter")
    page.get_by_role("link", name="API keys").wait_for()
    page.get_by_role("button", name="Root").press(" ")
    page.get_by_role("button", name="Sign out").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_selected_row_and_the_action_bar_have_enough_contrast(page, school, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(reverse("admin:members_membership_changelist"))
    wait_until_drawn(page)
    page.locator("#result_list [name=_selected_action]").first.check()
    page.get_by_text("1 of ", exact=False).first.wait_for()
    assert axe_findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_form_errors_have_enough_contrast(page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(reverse("admin:tutorarc_user_add"))
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("This field is required.").first.wait_for()
    wait_until_drawn(page)
    assert axe_findings(page) == []


CUT_OFF = """() => [...document.querySelectorAll("#result_list .data-row > :is(td, th)")]
    .filter((cell) => cell.scrollHeight > cell.clientHeight + 2 || cell.scrollWidth > cell.clientWidth + 2)
    .map((cell) => cell.textContent.trim())"""


def test_an_open_person_search_is_accessible(page, school):
    page.goto(reverse("admin:apikeys_apikey_add"))
    wait_until_drawn(page)
    page.get_by_role("combobox", name="Owner").press("Enter")
    page.get_by_role("searchbox", name="Owner").fill("Bo")
    page.get_by_role("option", name="Bob").wait_for()
    assert page_problems(page) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_in_a_list_is_cut_off(page, school, bob, width):
    bob.edit(SYSTEM, display_name="Gustavo Henrique Albuquerque", email=f"{'gustavo.' * 5}a@a-long-name.example.org")
    school["classes_class"].edit(SYSTEM, title="The Historiography of Early-Modern Mediterranean Trade Networks")
    page.set_viewport_size({"width": width, "height": 800})
    for kind in school:
        page.goto(reverse(f"admin:{kind}_changelist"))
        assert page.evaluate(CUT_OFF) == []
        table = page.locator("#result_list")
        assert table.evaluate("(it) => it.getBoundingClientRect().right <= innerWidth")


def test_pages_with_long_names_fit_a_phone(page, school, bob):
    bob.edit(SYSTEM, email=f"{'gustavo.' * 5}a@a-long-name.example.org")
    school["classes_class"].edit(SYSTEM, title="The Historiography of Early-Modern Mediterranean Trade Networks")
    page.set_viewport_size({"width": 390, "height": 800})
    for address in (reverse("admin:auth_user_password_change", args=[bob.pk]), reverse("class-list")):
        page.goto(address)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


PAST_THE_EDGE = """() => {
    const walker = document.createTreeWalker(document.querySelector("#main"), NodeFilter.SHOW_TEXT), found = [];
    while (walker.nextNode()) {
        const range = document.createRange();
        range.selectNodeContents(walker.currentNode);
        if (range.getBoundingClientRect().right > innerWidth) found.push(range.toString().trim());
    }
    return found;
}"""


def test_a_value_shown_once_is_not_cut_off_on_a_phone(page, school, bob):
    bob.edit(SYSTEM, email=f"{'gustavo.' * 7}a@example.org")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(reverse("admin:tutorarc_user_change", args=[bob.pk]))
    page.get_by_role("button", name="Make one-time links").click()
    page.get_by_text("All people").wait_for()
    page.wait_for_load_state()
    assert page.evaluate(PAST_THE_EDGE) == []
    page.goto(reverse("admin:apikeys_apikey_add"))
    page.get_by_role("combobox", name="Owner").press("Enter")
    page.get_by_role("searchbox", name="Owner").fill("Alice")
    page.get_by_role("option", name="Alice").click()
    page.get_by_label("Name").fill("Timetable")
    page.get_by_label("classes:read").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Copy this key now").wait_for()
    page.wait_for_load_state()
    assert page.evaluate(PAST_THE_EDGE) == []


def test_words_in_the_list_of_members_are_not_broken(page, school):
    long = Concat(Value("gustavo.henrique.albuquerque.de.vasconcelos."), "email")
    User.objects.filter(memberships__role="STUDENT").update(display_name="Gustavo Henrique Albuquerque", email=long)
    page.goto(reverse("admin:classes_class_change", args=[school["classes_class"].pk]))
    page.get_by_role("link", name=re.compile(r"^Members \d")).click()
    roles = page.locator("td.field-role .readonly:visible", has_text="Student")
    roles.first.wait_for()
    one_line = "(all) => all.map((it) => it.offsetHeight < 2 * parseFloat(getComputedStyle(it).lineHeight))"
    students = RecordInline.per_page - 1  # the teacher comes first
    assert roles.evaluate_all(one_line) == [True] * students


def test_read_only_staff_see_the_same_on_a_phone(browser_page, browser_sign_in, school, bob, alice):
    bob.edit(SYSTEM, email=f"{'gustavo.' * 5}a@a-long-name.example.org")
    alice.edit(SYSTEM, is_staff=True)
    alice.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    browser_sign_in(alice)
    browser_page.set_viewport_size({"width": 390, "height": 800})
    browser_page.goto("/admin/")
    assert browser_page.locator(".waiting li").first.bounding_box()["height"] < 150
    browser_page.goto(reverse("admin:tutorarc_user_change", args=[bob.pk]))
    assert not browser_page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_a_long_one_word_title_does_not_squeeze_other_columns(page, school):
    school["classes_class"].edit(SYSTEM, title="W" * 120)
    for kind in ("members_membership", "classes_class", "live_sessions_livesession"):
        page.goto(reverse(f"admin:{kind}_changelist"))
        table = page.locator("#result_list")
        assert table.evaluate("(it) => it.getBoundingClientRect().right <= innerWidth")
        assert page.evaluate(CUT_OFF) == []


def test_a_phone_shows_the_joining_time_only_for_people_who_joined(page, school, algebra, charlie, join):
    join(algebra, charlie, "REMOVED")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(reverse("admin:members_membership_changelist"))
    wait_until_drawn(page)
    joined = page.locator("#result_list tbody tr").filter(has_text="charlie@").locator(".field-joined_at")
    assert joined.evaluate("(it) => getComputedStyle(it, '::before').content") == '"joined"'
    assert (
        page.locator("#result_list tbody tr").filter(has_text="bob@").locator(".field-joined_at").is_visible() is False
    )


@pytest.mark.parametrize("width", [320, 390])
def test_the_pages_of_a_history_and_an_import_fit_a_phone(page, alice, schedule, width):
    session = schedule(teacher_ref=alice.pk * 3)
    page.set_viewport_size({"width": width, "height": 800})
    history = reverse("admin:live_sessions_livesession_history", args=[session.pk])
    for address in (history, reverse("admin:tutorarc_user_import"), reverse("admin:members_membership_import")):
        page.goto(address)
        assert (address, page.evaluate("document.documentElement.scrollWidth")) == (address, width)
