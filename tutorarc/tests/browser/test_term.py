"""A term in a real browser: what a teacher and a student do from the first lesson to the last."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from sessions.tests.lobby_pages import wait_for_state
from tutorarc.domain.events import Actor
from tutorarc.testing.browser import page_problems, wait_for_headline

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct-horse-battery"
REFUSED = "This class is archived and read-only until a teacher of the class unarchives it."


@pytest.fixture
def student_page(browser_page: Any, chromium: Any, live_server: Any) -> Iterator[Any]:
    """A second browser, the student's."""
    with chromium.new_context(base_url=live_server.url, locale="en-GB", timezone_id="Asia/Kolkata") as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        yield page


def sign_in(page, name):
    page.goto("/accounts/login/?next=/api/v1/classes")
    page.get_by_label("E-mail address").fill(f"{name.lower()}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    wait_for_headline(page, "Classes")


def notice(page):
    return page.locator("p.notice[role], .notice[role] > p").inner_text()


def press(page, name, **options):
    """Press a button, and wait for the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True, **options).click()
    page.wait_for_load_state("load")


def press_in_place(page, name, words):
    """Press a button that changes a part of the page, and wait for the message."""
    page.get_by_role("button", name=name, exact=True).click()
    page.locator(".notice[role]", has_text=words).wait_for()


def follow(page, name, headline):
    page.get_by_role("link", name=name, exact=True).first.click()
    wait_for_headline(page, headline)


def enter_code(page, code):
    page.get_by_label("Class code").fill(code)
    press(page, "Continue")


def join(page, code):
    page.goto("/j")
    enter_code(page, code)
    press(page, "Request to join")


def ask_to_join(people, code):
    for person in people:
        Membership.objects.request_by_code(code, Actor(person))


def person(page, name):
    """The row of this person in the list of members."""
    return page.get_by_role("region", name="Students").get_by_role("listitem").filter(has_text=name)


def status_of(user):
    return Membership.objects.get(user=user).status


def save_title(page):
    section = page.get_by_role("region", name="Title and description")
    section.get_by_label("Title", exact=True).fill("Too late")
    with page.expect_navigation():
        section.get_by_role("button", name="Save").click()
    page.wait_for_load_state("load")


def make_new_code(page):
    page.get_by_text("New code…").click()
    press(page, "Create new code")


def leave(page):
    fold = page.get_by_text("Leave this class…")
    if fold.count():  # for students
        fold.click()
    press(page, "Leave class")


def test_the_term_of_a_teacher_and_a_student(browser_page, student_page, make_user, known_to, live_server):
    teacher, student = browser_page, student_page
    erin, bob = make_user("Erin", "TEACHER", password=PASSWORD), make_user("Bob", password=PASSWORD)
    others = [make_user(f"Student{number}") for number in range(1, 30)]
    dora = make_user("Dora", "TEACHER")

    # A teacher signs in, makes a class and reads out its code
    sign_in(teacher, "Erin")
    follow(teacher, "Create class", "Create a class")
    teacher.get_by_label("Title", exact=True).fill("Algorithms 101")
    teacher.get_by_label("Description").fill("Sorting, searching, graphs.")
    press(teacher, "Create class")
    wait_for_headline(teacher, "Algorithms 101")
    code = teacher.locator("#class-code").inner_text()
    klass = Class.objects.get(class_code=code)
    own = f"{live_server.url}/api/v1/classes/{klass.pk}"
    assert teacher.url == own  # so that a reload makes no second class

    # 30 students join by code, one of them here
    sign_in(student, "Bob")
    join(student, code.lower())
    wait_for_headline(student, "Algorithms 101")
    ask_to_join(others, code)
    assert Membership.objects.filter(klass=klass, status="PENDING").count() == 30

    # She approves 28 at once, declines one, removes one, and takes that back
    teacher.get_by_role("link", name="People").click()
    rude, late = others[-2:]
    teacher.get_by_label("Select all (30)").check()
    for name in (rude.display_name, late.display_name):
        teacher.get_by_role("checkbox", name=name).uncheck()
    press_in_place(teacher, "Approve", "25 others are in the class now.")
    assert Membership.objects.filter(klass=klass, status="APPROVED", role="STUDENT").count() == 28
    press_in_place(teacher, f"Decline {rude.display_name}", f"The request of {rude.display_name} was declined.")
    assert (status_of(rude), status_of(late)) == ("REJECTED", "PENDING")
    person(teacher, "student1@").get_by_text("More").click()
    press_in_place(teacher, "Remove Student1", "Student1 was removed.")
    assert status_of(others[0]) == "REMOVED"
    press_in_place(teacher, "Undo", "Student1 is back in the class.")
    assert status_of(others[0]) == "APPROVED"

    # She adds a co-teacher whom she knows from another class
    known_to(erin, dora)
    follow(teacher, "Invite", "Invite people")
    teacher.get_by_label("E-mail addresses").fill("dora@example.org")
    teacher.get_by_label("Co-teacher").check()
    press(teacher, "Send invitations")
    teacher.get_by_text("Dora is in the class now.").wait_for()
    assert Membership.objects.teachers().filter(klass=klass).count() == 2

    # She plans, moves and ends a session
    follow(teacher, "Schedule lesson", "Schedule a lesson")
    start = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=1)
    teacher.get_by_label("Title", exact=True).fill("Bubble sort")
    teacher.get_by_label("Starts", exact=True).fill(f"{start:%Y-%m-%dT%H:%M}")
    press(teacher, "Schedule lesson")
    wait_for_headline(teacher, "Bubble sort")
    session = LiveSession.objects.get()
    assert (session.klass_id, session.start_time, session.duration, session.strict) == (klass.pk, start, 60, True)
    teacher.get_by_text("Edit", exact=True).click()
    teacher.get_by_label("Students can enter only during the lesson").uncheck()
    teacher.get_by_label("Starts", exact=True).fill(f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M}")
    press(teacher, "Save")
    session.refresh_from_db()
    assert (session.start_time, session.strict) == (start + timedelta(hours=1), False)

    # The student sees the class, and opens the lobby
    student.goto("/api/v1/classes")
    follow(student, "Algorithms 101", "Algorithms 101")
    student.get_by_role("main").get_by_role("link", name="Lessons").click()
    student.get_by_role("link", name="Bubble sort").click()
    wait_for_headline(student, "Bubble sort")
    follow(student, "Join", "Bubble sort")
    wait_for_state(student, "Your teacher will start here")
    teacher.get_by_text("End lesson…").click()
    press(teacher, "End lesson")
    assert teacher.get_by_role("button", name="End lesson").count() == 0
    student.reload()
    wait_for_state(student, "This lesson is over")

    # She makes a new code: the old one fails
    teacher.goto(own)
    make_new_code(teacher)
    assert notice(teacher) == "New code created. The old one no longer works."
    fresh = teacher.locator("#class-code").inner_text()
    carl = make_user("Carl", password=PASSWORD)
    student.context.clear_cookies()
    sign_in(student, "Carl")
    student.goto("/j")
    enter_code(student, code)
    assert "We don’t know this code. Check it with your teacher." in student.get_by_role("main").inner_text()
    enter_code(student, fresh)
    press(student, "Request to join")
    wait_for_headline(student, "Algorithms 101")
    assert status_of(carl) == "PENDING"

    # She archives the class: what is then sent, from pages that were open before, says why it is refused
    people, meanwhile = (teacher.context.new_page() for _ in range(2))
    people.goto(f"{own}/members")
    teacher.goto(own)
    meanwhile.goto(f"{own}/settings")
    press(meanwhile, "Archive class")
    assert notice(meanwhile) == "Class archived. Everyone can still see it; nothing in it can be changed."
    for tab, change in (("/settings", save_title), ("", make_new_code), ("/settings", leave)):
        klass.unarchive(Actor(erin))
        teacher.goto(own + tab)
        klass.archive(Actor(erin))
        change(teacher)
        assert notice(teacher) == REFUSED
    people.get_by_role("checkbox", name="Carl").check()
    press_in_place(people, "Approve", "This class is archived.")

    # and unarchives it
    teacher.goto(own)
    press(teacher, "Restore class")
    assert notice(teacher) == "Class restored."

    # A student leaves
    student.context.clear_cookies()
    sign_in(student, "Bob")
    follow(student, "Algorithms 101", "Algorithms 101")
    leave(student)
    wait_for_headline(student, "You left the class")
    assert status_of(bob) == "REMOVED"


def test_every_page_is_accessible_and_fits_the_screen(
    browser_page, browser_sign_in, make_user, alice, bob, algebra, crowd, schedule
):
    page = browser_page
    crowd(algebra, 3, "PENDING")
    crowd(algebra, 2, "REMOVED")
    Membership.objects.enrol(algebra, make_user("Dora", "TEACHER"), "TEACHER", Actor(alice))
    session = schedule(klass=algebra, start_time=datetime.now(UTC) + timedelta(days=1))
    own = f"/api/v1/classes/{algebra.pk}"
    lists = ["/api/v1/classes", "/api/v1/classes?search=nothing", "/api/v1/sessions", f"{own}/members?created=1"]
    paths = [
        own,
        f"{own}/members",
        f"{own}/settings",
        f"/api/v1/events?class_id={algebra.pk}",
        f"/classes/{algebra.pk}/code",
        "/classes/new",
        "/j",
        f"/api/v1/sessions/{session.pk}",
        "/api/v1/me",
        "/api/v1/api-keys",
        "/api/v1/classes/x",
    ]
    page.goto(own)
    assert page_problems(page) == []
    browser_sign_in(alice)
    for path in [*lists, *paths]:
        page.goto(path)
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        assert (path, page_problems(page)) == (path, [])
    page.goto("/lessons/new")
    assert page_problems(page) == []
    press(page, "Schedule lesson")
    assert page_problems(page) == []
    page.goto(f"{own}/members")
    page.get_by_role("checkbox", name="Pending 0").check()
    press_in_place(page, "Approve", "Pending 0 is in the class now.")
    assert page_problems(page) == []
    browser_sign_in(bob)
    for path in ["/api/v1/classes", "/api/v1/sessions", "/api/v1/join-requests", f"{own}/join-request"]:
        page.goto(path)
        assert (path, page_problems(page)) == (path, [])
    page.get_by_label("Class code").fill(algebra.class_code)
    press(page, "Request to join")
    assert page_problems(page) == []


def test_a_time_is_picked_in_the_visitors_time_zone(chromium, live_server, client, alice, schedule):
    """Kolkata is five and a half hours ahead."""
    session = schedule(start_time=datetime(2036, 3, 20, 10, tzinfo=UTC))
    client.force_login(alice)
    with chromium.new_context(base_url=live_server.url, timezone_id="Asia/Kolkata") as context:
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(f"/api/v1/sessions/{session.pk}")
        page.get_by_text("Edit", exact=True).click()
        assert page.get_by_label("Starts", exact=True).input_value() == "2036-03-20T15:30"
        page.get_by_text("In your own time (Asia/").wait_for()
        page.get_by_label("Starts", exact=True).fill("2036-03-21T09:00")
        page.get_by_label("Length in minutes").fill("0")
        press(page, "Save")
        assert page.get_by_label("Starts", exact=True).input_value() == "2036-03-21T09:00"
        page.get_by_label("Length in minutes").fill("30")
        press(page, "Save")
    session.refresh_from_db()
    assert (session.start_time, session.duration) == (datetime(2036, 3, 21, 3, 30, tzinfo=UTC), 30)


def test_without_script_a_class_is_created_changed_and_archived(chromium, live_server, client, alice):
    client.force_login(alice)
    with chromium.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto("/classes/new")
        page.get_by_label("Title", exact=True).fill("Algebra")
        page.get_by_role("button", name="Create class").click()
        wait_for_headline(page, "Algebra")
        page.get_by_role("link", name="Settings").click()
        page.get_by_label("Title", exact=True).fill("Algebra II")
        page.get_by_role("region", name="Title and description").get_by_role("button", name="Save").click()
        wait_for_headline(page, "Algebra II")
        page.get_by_role("button", name="Archive class").click()
        page.get_by_role("button", name="Restore class").wait_for()
    assert Class.objects.values_list("title", "status").get() == ("Algebra II", "ARCHIVED")
