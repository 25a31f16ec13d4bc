"""Classes in a browser: each user is offered what they may do, and sees a notice with the result."""

import pytest

from classes.models import Class
from tutorarc.domain.events import Actor
from tutorarc.models.event import number_events
from tutorarc.tests.browser.browsing import FORM, HTML, field_errors, form, headline, notices, offers


@pytest.fixture
def visit(signed_in):
    def get(user, path, **options):
        return signed_in(user).get(path, headers=HTML, **options)

    return get


def test_the_overview_and_the_settings_offer_a_teacher_every_form(visit, alice, algebra):
    own = f"/classes/{algebra.pk}"
    page = visit(alice, own)
    assert (page.status_code, headline(page)) == (200, "Algebra")
    assert offers(page) == [f"POST {own}/class-code"]
    assert algebra.class_code in page.content.decode()
    settings = visit(alice, f"{own}/settings")
    assert (settings.status_code, headline(settings)) == (200, "Algebra")
    posts = [f"POST {own}/{name}" for name in ("archive", "leave")]
    assert offers(settings) == [f"PATCH {own}", f"PATCH {own}/settings", *posts]
    assert "If you are the only one, make someone else a teacher first" in settings.content.decode()


def test_an_admin_is_not_offered_to_leave_a_class_without_membership(visit, admin, algebra):
    own = f"/classes/{algebra.pk}"
    assert offers(visit(admin, own)) == [f"POST {own}/class-code"]
    assert offers(visit(admin, f"{own}/settings")) == [f"PATCH {own}", f"PATCH {own}/settings", f"POST {own}/archive"]


def test_a_member_is_offered_to_leave_only(visit, bob, algebra, join):
    join(algebra, bob)
    assert offers(visit(bob, f"/classes/{algebra.pk}")) == [f"POST /classes/{algebra.pk}/leave"]


def test_an_archived_class_offers_to_unarchive_only(visit, alice, bob, algebra, join):
    join(algebra, bob)
    algebra.archive(Actor(alice))
    own = f"/classes/{algebra.pk}"
    assert [offers(visit(alice, path)) for path in (own, f"{own}/settings")] == [[f"POST {own}/unarchive"]] * 2
    assert offers(visit(bob, own)) == []


def test_a_stranger_gets_a_403_page(visit, charlie, algebra):
    page = visit(charlie, f"/classes/{algebra.pk}")
    assert (page.status_code, headline(page), offers(page)) == (403, "You don’t have access to this class", [])
    assert b"Algebra" not in page.content


def test_a_visitor_is_redirected_to_the_sign_in_and_back(client, algebra):
    page = client.get(f"/api/v1/classes/{algebra.pk}", headers=HTML)
    assert (page.status_code, headline(page)) == (401, "Please sign in")
    assert f"/accounts/login/?next=/api/v1/classes/{algebra.pk}".encode() in page.content


def test_a_change_is_sent_by_a_form(post_form, alice, algebra):
    page = post_form(alice, f"/classes/{algebra.pk}", _method="PATCH", title="Algebra II", description="")
    assert (page.status_code, headline(page), notices(page)) == (200, "Algebra II", ["Changes saved."])
    algebra.refresh_from_db()
    assert (algebra.title, algebra.description) == ("Algebra II", "")


def test_line_ends_are_stored_as_other_clients_write_them(post_form, alice, algebra):
    post_form(alice, f"/classes/{algebra.pk}", _method="PATCH", description="Groups\r\nRings")
    algebra.refresh_from_db()
    assert algebra.description == "Groups\nRings"


def test_a_wrong_change_keeps_what_was_typed_on_the_page_of_the_class(post_form, alice, algebra):
    page = post_form(alice, f"/classes/{algebra.pk}", _method="PATCH", title="x" * 201, description="New words")
    assert (page.status_code, headline(page)) == (400, "Algebra")
    assert list(field_errors(page, "edit")) == ["title"]
    assert b"New words</textarea>" in page.content


def test_an_unchanged_field_is_not_sent_as_a_change(post_form, visit, alice, algebra):
    page = visit(alice, f"/classes/{algebra.pk}/settings")
    assert b'<input type="hidden" name="initial-title" value="Algebra"' in page.content
    first = {"initial-title": "Algebra", "initial-description": "Groups, rings, fields."}
    algebra.edit(Actor(alice), title="Algebra II")
    fields = first | {"title": "Algebra", "description": "Groups."}
    page = post_form(alice, f"/classes/{algebra.pk}", _method="PATCH", **fields)
    assert (page.status_code, headline(page)) == (200, "Algebra II")
    assert Class.objects.values_list("title", "description").get() == ("Algebra II", "Groups.")
    page = post_form(alice, f"/classes/{algebra.pk}", _method="PATCH", **first, title="Algebra", description="")
    assert (page.status_code, Class.objects.get().description) == (200, "")


def test_a_form_in_which_nothing_changed_changes_nothing(post_form, alice, algebra):
    fields = {"initial-title": "Once", "title": "Once", "initial-description": "", "description": ""}
    page = post_form(alice, f"/classes/{algebra.pk}", _method="PATCH", **fields)
    assert (page.status_code, headline(page)) == (200, "Algebra")
    before, algebra = algebra.updated_at, Class.objects.get()
    assert (algebra.updated_at, algebra.description) == (before, "Groups, rings, fields.")


def test_a_form_shown_again_keeps_its_initial_values(post_form, alice, algebra):
    fields = {"initial-title": "Old", "title": " ", "initial-description": "Older", "description": "Older"}
    page = post_form(alice, f"/classes/{algebra.pk}", _method="PATCH", **fields)
    assert (page.status_code, list(field_errors(page, "edit"))) == (400, ["title"])
    content = page.content.decode()
    assert [
        f'name="initial-{name}" value="{value}"' in content
        for name, value in (("title", "Old"), ("description", "Older"))
    ] == [True] * 2


NOT_HERE = "there is no such field here, only title and description."


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("initial-status", NOT_HERE),
        ("initial-", NOT_HERE),
        ("initial-initial-title", NOT_HERE),
        ("status", "this field can't be set here."),
    ],
)
def test_no_form_sends_a_field_that_is_unknown(post_form, alice, algebra, field, message):
    page = post_form(alice, f"/classes/{algebra.pk}", _method="PATCH", title="Algebra II", **{field: "Algebra"})
    assert (page.status_code, notices(page)) == (400, [f"{field}: {message}"])
    page = post_form(alice, "/classes", **{"title": "Botany", "initial-title": ""})
    assert (page.status_code, Class.objects.get().title) == (400, "Algebra")


def test_a_form_without_the_method_field_is_an_ordinary_post(post_form, alice, algebra):
    page = post_form(alice, f"/classes/{algebra.pk}", title="Algebra II")
    assert (page.status_code, page["Allow"]) == (405, "GET, PATCH, HEAD, OPTIONS")
    assert Class.objects.get().title == "Algebra"


def test_a_change_by_form_needs_a_csrf_token_and_no_key(browser_client, api, alice, algebra):
    body = form(_method="PATCH", title="Taken over")
    assert browser_client(alice).post(f"/classes/{algebra.pk}", body, FORM).status_code == 403
    assert api(alice).post(f"/classes/{algebra.pk}", body, FORM).status_code == 405
    assert Class.objects.get().title == "Algebra"


def test_a_new_code_is_shown_and_the_old_one_is_not(post_form, alice, algebra):
    page = post_form(alice, f"/classes/{algebra.pk}/class-code")
    assert notices(page) == ["New code created. The old one no longer works."]
    fresh = Class.objects.get().class_code
    assert fresh != algebra.class_code
    assert [code in page.content.decode() for code in (fresh, algebra.class_code)] == [True, False]


@pytest.mark.parametrize(
    ("path", "fields"), [("", {"_method": "PATCH", "title": "Late"}), ("/class-code", {}), ("/leave", {})]
)
def test_every_form_sent_to_an_archived_class_is_refused_with_the_reason(post_form, alice, algebra, path, fields):
    algebra.archive(Actor(alice))
    page = post_form(alice, f"/classes/{algebra.pk}{path}", **fields)
    assert (page.status_code, headline(page)) == (409, "Algebra")
    assert notices(page) == [Class.Archived.message]


def test_the_last_teacher_is_told_why_they_cannot_leave(post_form, alice, algebra):
    page = post_form(alice, f"/classes/{algebra.pk}/leave")
    assert (page.status_code, headline(page)) == (409, "Algebra")
    assert notices(page) == ["This person is the last active teacher of the class. Make somebody else a teacher first."]


@pytest.mark.parametrize("action", ["archive", "unarchive", "class-code", "leave", "join-request"])
def test_a_get_request_to_a_form_url_shows_the_form(visit, alice, bob, algebra, action):
    person = bob if action == "join-request" else alice
    if action == "unarchive":
        algebra.archive(Actor(alice))
    page = visit(person, f"/classes/{algebra.pk}/{action}")
    assert page.status_code == 405
    assert f"POST /classes/{algebra.pk}/{action}" in offers(page)
    assert notices(page) == []


def test_the_pages_of_a_list_link_to_next_and_previous(visit, alice):
    for number in range(3):
        Class.objects.create_with_teacher(Actor(alice), title=str(number))
    first = visit(alice, "/classes?page_size=2")
    assert [first.context["previous"], [klass.title for klass in first.context["rows"]]] == [None, ["2", "1"]]
    second = visit(alice, first.context["next"].removeprefix("http://testserver"))
    assert [[klass.title for klass in second.context["rows"]], second.context["next"]] == [["0"], None]
    assert b'rel="prev"' in second.content


def test_titles_are_escaped(visit, alice):
    klass = Class.objects.create_with_teacher(Actor(alice), title="<script>alert(1)</script>")
    for path in ("/classes", f"/classes/{klass.pk}", f"/classes/{klass.pk}/members"):
        page = visit(alice, path).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize("waiting", [0, 30])
def test_the_page_of_a_class_costs_the_same_for_any_size(
    signed_in, alice, algebra, crowd, django_assert_num_queries, waiting
):
    crowd(algebra, waiting, "PENDING")
    browser = signed_in(alice)
    number_events()
    with django_assert_num_queries(11):
        page = browser.get(f"/classes/{algebra.pk}", headers=HTML)
    assert page.status_code == 200


@pytest.mark.parametrize("waiting", [0, 30])
def test_the_settings_of_a_class_cost_the_same_for_any_size(
    signed_in, alice, algebra, crowd, django_assert_num_queries, waiting
):
    crowd(algebra, waiting, "PENDING")
    browser = signed_in(alice)
    with django_assert_num_queries(6):
        page = browser.get(f"/classes/{algebra.pk}/settings", headers=HTML)
    assert page.status_code == 200
