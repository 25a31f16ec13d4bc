"""The wording of the admin site: terms of a school, not of the framework."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from tutorarc.conf.unfold import NAVIGATION
from tutorarc.domain.password_rules import HELP_TEXT
from tutorarc.jobs.models import Job
from tutorarc.models import SecurityEvent, SecurityEventKind, User
from tutorarc.tests.staff.admin_site import Site

SIDEBAR = [page for group in NAVIGATION for page in group["items"]]


def words(response):
    """The text of a page, without its tags."""
    text = re.sub(r"(?s)<(script|style).*?</\1>", " ", response.content.decode())
    return re.sub(r"\s+", " ", strip_tags(text.replace("<", " <")))


def without_icons(response):
    """The text of a page, without the names of its icons."""
    text = re.sub(r"<span[^>]*material-symbols-outlined[^>]*>\s*\w+\s*</span>", " ", response.content.decode())
    text = re.sub(r"(?s)<(script|style).*?</\1>", " ", text)
    return re.sub(r"\s+", " ", strip_tags(text))


def heading(response):
    [inside] = re.findall(r"(?s)<h1[^>]*>(.*?)</h1>", response.content.decode())
    return re.sub(r"\s+", " ", strip_tags(inside.replace("<", " <"))).replace("chevron_right", "›").strip()


def title(response):
    return re.search(r"<title>\s*(.*?)\s*</title>", response.content.decode())[1]


@pytest.mark.parametrize("entry", SIDEBAR, ids=lambda entry: entry["title"])
def test_a_page_is_called_as_in_the_sidebar(root, entry):
    page = Site(root, "tutorarc_user").get(str(entry["link"]))
    way = entry["title"] if entry["title"] == "Home" else f"Home › {entry['title']}"
    assert (title(page), heading(page)) == (f"{entry['title']} | TutorArc staff", way)


ADDED = {
    "tutorarc_user": "Home › People › Add person",
    "classes_class": "Home › Classes › Add class",
    "members_membership": "Home › Memberships › Add membership",
    "live_sessions_livesession": "Home › Live sessions › Add live session",
    "apikeys_apikey": "Home › API keys › Add API key",
    "auth_group": "Home › Groups › Add group",
}


def test_a_page_that_adds_a_record_says_so(root):
    site = Site(root, "tutorarc_user")
    kinds = [str(entry["link"])[len("/admin/") : -1].replace("/", "_") for entry in SIDEBAR[1:]]
    pages = {kind: site.get(reverse(f"admin:{kind}_add")) for kind in kinds}
    assert {kind: heading(page) for kind, page in pages.items() if page.status_code == 200} == ADDED
    assert [title(pages[kind]) for kind in ADDED] == [
        f"{way.split(' › ')[-1]} | TutorArc staff" for way in ADDED.values()
    ]


def test_no_list_shows_a_name_of_the_code(root, algebra, bob, join, schedule):
    join(algebra, bob, "PENDING"), schedule(klass=algebra)
    Job.objects.enqueue("sessions.find_clock_times", {})
    SecurityEvent.objects.record(
        SecurityEventKind.API_KEY_MADE, user=bob, api_key="key_1", expires_at="2036-03-05T20:19Z"
    )
    site = Site(root, "tutorarc_user")
    shown = {entry["title"]: without_icons(site.get(str(entry["link"]))) for entry in SIDEBAR}
    del shown["Events"]  # has values as they were recorded
    code = r"\w+_\w+|PENDING|SCHEDULED|ACTIVE|\d{4}-\d\d-\d\dT"
    assert {title: found for title, text in shown.items() if (found := re.findall(code, text))} == {}
    assert "Find clock times" in shown["Jobs"]
    assert "API key: its page; expires at: 5 Mar 2036, 20:19 UTC" in shown["Security events"]


def test_the_heading_of_a_record_links_home_and_to_its_list(root, algebra):
    page = Site(root, "classes_class").page(algebra.pk)
    assert heading(page) == f"Home › Classes › {algebra}"
    assert '<a class="way-home" href="/admin/">Home</a>' in page.content.decode()


@pytest.mark.parametrize("path", ["", "add/", "?q=nobody", "import/", "{}/change/", "{}/history/", "{}/password/"])
def test_people_are_called_people(root, path):
    page = Site(root, "tutorarc_user").get(reverse("admin:tutorarc_user_changelist") + path.format(root.pk))
    assert (page.status_code, re.findall(r"(?i)\busers?\b", words(page))) == (200, [])


def test_the_page_of_password_links_says_people(root, bob):
    site = Site(root, "tutorarc_user")
    action = {"action": "make_password_links", "_selected_action": [bob.pk]}
    page = site.post(site.address("changelist"), action)
    assert (heading(page), re.findall(r"(?i)\busers?\b", words(page))) == ("Home › People", [])


def test_a_time_has_one_format_with_its_time_zone(root, schedule):
    session = schedule(start_time=datetime(2036, 3, 5, 20, 19, tzinfo=UTC))
    site = Site(root, "live_sessions_livesession")
    assert "5 Mar 2036, 20:19 UTC" in words(site.listing())
    assert "5 Mar 2036, 21:19 UTC" in words(site.page(session.pk))  # its end
    assert re.findall(r"[ap]\.m\.", words(site.listing()) + words(site.page(session.pk))) == []


def test_a_history_shows_times_like_every_other_page(half_past_nine, root, schedule):
    site = Site(root, "live_sessions_livesession")
    page = words(site.get(site.address("history", schedule(start_time=datetime(2036, 3, 5, 20, 19, tzinfo=UTC)).pk)))
    assert re.findall(r"\d+ \w{3} \d{4}, [\d:]+ \w+", page) == ["14 Mar 2026, 09:30 UTC", "5 Mar 2036, 20:19 UTC"]


def test_an_empty_list_offers_the_first_record_and_no_reset(root):
    page = words(Site(root, "live_sessions_livesession").listing())
    assert "No live sessions yet Add the first live session" in page
    assert ("Reset" in page, "Show all" in page, "result" in page) == (False, False, False)


def test_a_search_without_a_hit_offers_the_whole_list(root):
    page = words(Site(root, "live_sessions_livesession").listing(q="nothing"))
    assert "No live sessions match Try half a word, or fewer filters. Show all live sessions" in page


def test_the_number_of_matches_is_shown_for_a_filtered_list_only(root, bob):
    site = Site(root, "tutorarc_user")
    assert heading(site.listing()) == "Home › People"
    assert heading(site.listing(o="1")) == "Home › People"
    assert heading(site.listing(q="bob@")) == "Home › People 1 result ( Show all )"
    assert heading(site.listing(is_staff__exact="1")) == "Home › People 1 result ( Show all )"


def test_a_large_number_is_grouped(root):
    User.objects.bulk_create(User(email=f"p{n}@example.org", display_name="P", password="!") for n in range(1200))
    assert f"· {User.objects.count():,} people" in words(Site(root, "tutorarc_user").listing())


def test_the_page_that_adds_a_person_uses_plain_words(root):
    page = words(Site(root, "tutorarc_user").get(reverse("admin:tutorarc_user_add")))
    assert re.findall(r"(?i)authenticat\w+|LDAP|your password|verification", page) == []
    assert HELP_TEXT in page
    assert "Without a password for now" in page


def test_the_password_rules_shown_are_those_checked(root):
    site = Site(root, "tutorarc_user")
    person = {"email": "new@example.org", "display_name": "Marjolein", "global_role": "STUDENT"}
    for password in ("nine-char", "password1234", "8462957103x" * 100, "marjolein-8"):
        answer = site.add(**person, usable_password="true", password1=password, password2=password)
        assert list(answer.context["adminform"].form.errors) == ["password2"]
    site.add(**person, usable_password="true", password1="ten-chars!", password2="ten-chars!")
    assert User.objects.get(email="new@example.org").check_password("ten-chars!")


def test_the_add_button_is_labelled_and_absent_from_the_add_page(root, bob):
    site = Site(root, "tutorarc_user")
    there = 'aria-label="Add person"'
    pages = site.listing(), site.page(bob.pk), site.get(site.address("add"))
    assert [page.content.decode().count(there) for page in pages] == [1, 1, 0]


def test_booleans_are_shown_as_yes_and_no(root, bob):
    page = Site(root, "tutorarc_user").listing(q=bob.email)
    assert re.findall(r"close_small|check_small", words(page)) == []
    assert " Student Yes No " in words(page)


def test_the_columns_of_memberships_begin_with_person_and_class(root, algebra, bob, join):
    join(algebra, bob)
    page = words(Site(root, "members_membership").listing(q=bob.email))
    assert f"{bob.display_name} {bob.email} {algebra.title} {algebra.class_code} Student Approved" in page


@pytest.mark.parametrize("path", ["usr_x/change/", "usr_x/history/"])
def test_a_link_to_nobody_leads_home_and_says_so_without_the_id(root, path):
    page = Site(root, "tutorarc_user").get(f"/admin/tutorarc/user/{path}", follow=True)
    told = [str(message) for message in page.context["messages"]]
    assert (page.redirect_chain, told) == ([("/admin/", 302)], ["There is no such person. The link may be incomplete."])


def test_a_chart_without_data_is_a_sentence(root):
    page = Site(root, "tutorarc_user").get("/admin/")
    assert (words(page).count("None in the last 30 days."), page.content.decode().count("<canvas")) == (2, 0)


def test_pending_requests_come_before_the_charts(root, algebra, bob, join):
    join(algebra, bob, "PENDING")
    page = words(Site(root, "tutorarc_user").get("/admin/"))
    assert page.index("Oldest pending requests") < page.index("Sessions a day")


def test_a_time_field_names_its_time_zone(root):
    for kind, expected in {"live_sessions_livesession": 1, "apikeys_apikey": 1}.items():
        site = Site(root, kind)
        assert words(site.get(site.address("add"))).count("In your time zone (UTC).") == expected


def test_rights_are_named_in_the_words_of_the_site(root):
    page = words(Site(root, "auth_group").get(reverse("admin:auth_group_add")))
    for plural in ("API keys", "classes", "live sessions", "memberships", "people"):
        rights = re.findall(rf"Can (\w+|view the history of) {plural}\b", page)
        assert sorted(rights) == ["add", "change", "view", "view the history of"]
    assert re.findall(r"historical\w+|livesession|apikey\b", page) == []
