import re

import pytest
from django.db import IntegrityError, connection, transaction

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.testing.client import UNAUTHENTICATED, conflict, forbidden, invalid, invalid_fields, verdict
from tutorarc.testing.events import events_about

SEED = {"title": "Algorithms 101", "description": "An introduction to algorithms and data structures."}


@pytest.mark.parametrize("role", ["alice", "admin"])
def test_a_teacher_or_an_admin_creates_a_class(api, request, role):
    response = api(request.getfixturevalue(role)).post("/classes", SEED)
    klass = Class.objects.get()
    moment = klass.created_at.isoformat().replace("+00:00", "Z")
    assert response.status_code == 201
    assert response.json() == {
        "id": klass.pk,
        "title": "Algorithms 101",
        "description": "An introduction to algorithms and data structures.",
        "class_code": klass.class_code,
        "status": "ACTIVE",
        "is_archived": False,
        "created_at": moment,
        "updated_at": moment,
    }


def test_the_server_makes_a_short_code_from_the_title(api, alice):
    code = api(alice).post("/classes", SEED).json()["class_code"]
    assert re.fullmatch(r"ALGO-[2-9B-DF-HJKMNP-TV-XZ]{4,8}", code)


def test_two_classes_with_one_title_have_different_codes(api, alice):
    client = api(alice)
    codes = {client.post("/classes", SEED).json()["class_code"] for _ in range(5)}
    assert len(codes) == 5


def test_a_student_may_not_create_a_class(api, bob):
    assert verdict(api(bob).post("/classes", SEED)) == forbidden("wrong_role")
    assert Class.objects.count() == 0


def test_a_staff_flag_gives_no_right_to_create_classes(api, make_user):
    root = make_user("Root", is_staff=True, is_superuser=True)
    assert verdict(api(root).post("/classes", SEED)) == forbidden("wrong_role")


def test_creating_needs_a_credential(api, db):
    assert verdict(api().post("/classes", SEED)) == UNAUTHENTICATED


@pytest.mark.parametrize("role", ["alice", "admin"])
def test_the_creator_becomes_an_approved_teacher_of_the_class(api, request, role):
    user = request.getfixturevalue(role)
    class_id = api(user).post("/classes", SEED).json()["id"]
    member = Membership.objects.get()
    assert (member.klass_id, member.user_id, member.role, member.status) == (class_id, user.pk, "TEACHER", "APPROVED")
    assert member.joined_at is not None


def test_a_class_is_not_created_if_its_first_teacher_cannot_be_enrolled(alice, monkeypatch):
    def fail(*args, **options):
        raise RuntimeError("no teacher")

    monkeypatch.setattr("members.querysets.insert", fail)
    with pytest.raises(RuntimeError):
        Class.objects.create_with_teacher(Actor(alice), title="Algebra")
    assert (Class.objects.count(), len(events_about(Class))) == (0, 0)


@pytest.mark.parametrize("title", ["A", "x" * 200, "ĄĆĘ", "代数", "🧮", "  trimmed  "])
def test_a_title_has_one_to_two_hundred_characters_and_is_trimmed(api, alice, title):
    response = api(alice).post("/classes", {"title": title})
    assert (response.status_code, response.json()["title"]) == (201, title.strip())


def test_spaces_around_a_title_are_not_counted(api, alice):
    assert api(alice).post("/classes", {"title": f" {'x' * 200} "}).status_code == 201


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("", "blank"),
        ("  \t\n", "blank"),
        ("x" * 201, "max_length"),
        (None, "null"),
        (7, "invalid"),
        (True, "invalid"),
        (["Algebra"], "invalid"),
        ({"en": "Algebra"}, "invalid"),
        ("nul\0", "null_characters_not_allowed"),
    ],
)
def test_a_wrong_title_is_refused(api, alice, title, code):
    assert verdict(api(alice).post("/classes", {"title": title})) == invalid("title", code)
    assert Class.objects.count() == 0


def test_a_title_is_required(api, alice):
    assert verdict(api(alice).post("/classes", {"description": "x"})) == invalid("title", "required")


@pytest.mark.parametrize("description", ["", "x", "x" * 10_000, "two\nlines", "日本語"])
def test_a_description_is_any_text_up_to_ten_thousand_characters(api, alice, description):
    response = api(alice).post("/classes", {"title": "Algebra", "description": description})
    assert (response.status_code, response.json()["description"]) == (201, description)


def test_a_description_is_optional(api, alice):
    response = api(alice).post("/classes", {"title": "Algebra"})
    assert (response.status_code, response.json()["description"]) == (201, "")


@pytest.mark.parametrize(
    ("description", "code"),
    [
        (None, "null"),
        (7, "invalid"),
        (False, "invalid"),
        ([], "invalid"),
        ("x" * 10_001, "max_length"),
        ("\0", "null_characters_not_allowed"),
    ],
)
def test_a_wrong_description_is_refused(api, alice, description, code):
    response = api(alice).post("/classes", {"title": "Algebra", "description": description})
    assert verdict(response) == invalid("description", code)


@pytest.mark.parametrize(
    "field", ["id", "class_code", "status", "is_archived", "created_at", "updated_at", "created_by", "titel", ""]
)
def test_a_read_only_or_unknown_field_is_refused(api, alice, field):
    assert verdict(api(alice).post("/classes", SEED | {field: "x"})) == invalid(field, "unknown_field")
    assert Class.objects.count() == 0


def test_all_errors_are_reported_at_once(api, alice):
    response = api(alice).post("/classes", {"titel": "x", "description": None})
    details = [("title", "required"), ("description", "null"), ("titel", "unknown_field")]
    assert verdict(response) == invalid_fields(details)


def test_creation_is_recorded_with_its_actor_and_credential(api, alice):
    api(alice).post("/classes", SEED)
    [event] = events_about(Class)
    assert (event.type, event.actor_user_id) == ("class.created", alice.pk)
    assert event.actor_key_id == alice.api_keys.get().pk


def test_a_code_that_is_taken_is_generated_again(api, alice, algebra, monkeypatch):
    drawn = iter([algebra.class_code, "ALGE-FREE"])
    monkeypatch.setattr("classes.codes.new_codes", lambda prefix, in_use: drawn)
    assert api(alice).post("/classes", {"title": "Algebra"}).json()["class_code"] == "ALGE-FREE"


def test_without_a_free_code_no_class_is_created(api, alice, algebra, monkeypatch):
    monkeypatch.setattr("classes.codes.new_codes", lambda prefix, in_use: iter([algebra.class_code] * 3))
    assert verdict(api(alice).post("/classes", {"title": "Algebra"})) == conflict("no_free_class_code")
    assert Class.objects.get() == algebra


@pytest.mark.parametrize("values", [{"status": "DELETED"}, {"title": ""}])
def test_the_database_refuses_an_unknown_status_and_an_empty_title(algebra, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Class.objects.update(**values)


def test_the_database_refuses_a_duplicate_code(alice, algebra):
    other = Class.objects.create_with_teacher(Actor(alice), title="Geometry")
    with pytest.raises(IntegrityError), transaction.atomic():
        Class.objects.filter(pk=other.pk).update(class_code=algebra.class_code)


def test_a_teacher_in_the_browser_creates_a_class_with_a_form(browser_client, alice):
    client = browser_client(alice)
    client.cookies["csrftoken"] = token = "x" * 32
    form = {"title": " Algebra ", "description": "", "csrfmiddlewaretoken": token}
    response = client.post(
        "/classes", "&".join(f"{k}={v}" for k, v in form.items()), "application/x-www-form-urlencoded"
    )
    assert (response.status_code, response.json()["title"]) == (201, "Algebra")


def test_with_the_cookie_creating_needs_the_csrf_token(browser_client, alice):
    assert verdict(browser_client(alice).post("/classes", SEED)) == forbidden("csrf_failed")
    assert Class.objects.count() == 0


def test_creating_costs_seven_statements_and_two_savepoints(api, alice, django_assert_num_queries):
    """PostgreSQL writes a row and its record in one statement: five, then."""
    client = api(alice)
    with django_assert_num_queries({"postgresql": 5, "sqlite": 7}[connection.vendor] + 2 * 2):
        assert client.post("/classes", SEED).status_code == 201


def test_a_description_is_stored_unchanged(api, alice):
    text = "  * indented\n"
    assert api(alice).post("/classes", {"title": "Algebra", "description": text}).json()["description"] == text


def test_the_searched_text_of_a_description_is_limited(api, alice):
    """One character may be folded into 18."""
    assert api(alice).post("/classes", {"title": "A", "description": "\ufdfa" * 10_000}).status_code == 201
    assert len(Class.objects.get().folded_description) == 10_000
