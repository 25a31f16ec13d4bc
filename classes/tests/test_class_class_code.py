import pytest
from django.db import connection

from classes.models import Class
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, conflict, forbidden, invalid, verdict
from tutorarc.testing.events import events_of


@pytest.mark.parametrize("role", ["alice", "admin"])
def test_a_class_teacher_or_an_admin_creates_a_new_code(api, request, algebra, role):
    client = api(request.getfixturevalue(role))
    before = client.get(f"/classes/{algebra.pk}").json()
    response = client.post(f"/classes/{algebra.pk}/class-code")
    new = {name: response.json()[name] for name in ("class_code", "updated_at")}
    assert (response.status_code, response.json()) == (200, before | new)
    assert new["class_code"] != before["class_code"]
    assert new["updated_at"] > before["updated_at"]
    assert Class.objects.get().class_code == new["class_code"]


def test_the_old_code_stops_working_and_the_new_one_works_at_once(api, alice, bob, algebra):
    new = api(alice).post(f"/classes/{algebra.pk}/class-code").json()["class_code"]
    student = api(bob)
    refused = student.post("/join-requests", {"class_code": algebra.class_code})
    assert verdict(refused) == invalid("class_code", "wrong_code")
    assert student.post("/join-requests", {"class_code": new}).status_code == 201


def test_the_new_code_is_made_from_the_current_title(api, alice, algebra):
    algebra.edit(Actor(alice), title="Geometry")
    assert api(alice).post(f"/classes/{algebra.pk}/class-code").json()["class_code"].startswith("GEOM-")


@pytest.mark.parametrize("role", ["charlie", "dora"])
def test_a_stranger_may_not_create_a_code(api, request, algebra, role):
    assert verdict(api(request.getfixturevalue(role)).post(f"/classes/{algebra.pk}/class-code")) == forbidden(
        "not_a_member"
    )
    assert Class.objects.get().class_code == algebra.class_code


def test_a_student_of_the_class_may_not_create_a_code(api, bob, algebra, join):
    join(algebra, bob)
    assert verdict(api(bob).post(f"/classes/{algebra.pk}/class-code")) == forbidden("wrong_role")


def test_a_new_code_needs_a_credential(api, algebra):
    assert verdict(api().post(f"/classes/{algebra.pk}/class-code")) == UNAUTHENTICATED


def test_an_unknown_class_is_not_found(api, admin):
    assert verdict(api(admin).post("/classes/cls_00000000000000000000000000/class-code")) == NOT_FOUND


def test_a_code_chosen_by_the_caller_is_refused(api, alice, algebra):
    response = api(alice).post(f"/classes/{algebra.pk}/class-code", {"class_code": "ALGE-2222"})
    assert verdict(response) == invalid("class_code", "unknown_field")


def test_an_archived_class_keeps_its_code(api, alice, algebra):
    algebra.archive(Actor(alice))
    assert verdict(api(alice).post(f"/classes/{algebra.pk}/class-code")) == conflict("class_archived")
    assert Class.objects.get().class_code == algebra.class_code


def test_a_code_that_is_taken_is_generated_again(api, alice, algebra, monkeypatch):
    other = Class.objects.create_with_teacher(Actor(alice), title="Geometry")
    drawn = iter([other.class_code, "ALGE-FREE"])
    monkeypatch.setattr("classes.codes.new_codes", lambda prefix, in_use: drawn)
    assert api(alice).post(f"/classes/{algebra.pk}/class-code").json()["class_code"] == "ALGE-FREE"


def test_it_is_recorded_with_its_actor(api, alice, algebra):
    api(alice).post(f"/classes/{algebra.pk}/class-code")
    event = events_of(algebra)[-1]
    assert (event.type, event.actor_user_id) == ("class.code_renewed", alice.pk)
    assert event.actor_key_id == alice.api_keys.get().pk


def test_of_classes_with_one_prefix_each_has_a_code_that_is_hard_to_guess(alice, algebra):
    codes = [algebra.class_code]
    for number in range(40):
        codes.append(Class.objects.create_with_teacher(Actor(alice), title=f"Algebra {number}").class_code)
        assert 27 ** len(codes[-1].removeprefix("ALGE-")) / len(codes) > 400_000
    assert [len(code) for code in codes] == [9] + [10] * 34 + [11] * 6


def test_classes_with_other_prefixes_do_not_make_a_code_longer(alice, algebra):
    others = [Class.objects.create_with_teacher(Actor(alice), title=title) for title in ("Alg", "Algorithms", "Al")]
    assert [len(klass.class_code.partition("-")[2]) for klass in others] == [4] * 3


@pytest.mark.django_db(transaction=True)
def test_classes_that_are_created_at_once_count_each_other(alice, run_together):
    create = Class.objects.create_with_teacher
    made = run_together([lambda: create(Actor(alice), title="Geometry").class_code] * 6)
    assert sorted(len(code) for code in made) == [9] + [10] * 5


def test_a_new_code_costs_eleven_statements(api, alice, algebra, django_assert_num_queries):
    client = api(alice)
    with django_assert_num_queries(11 if connection.vendor == "postgresql" else 10):  # a lock, and a count
        client.post(f"/classes/{algebra.pk}/class-code")
