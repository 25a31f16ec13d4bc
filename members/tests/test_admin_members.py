import pytest

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.models.event import number_events
from tutorarc.tests.staff.admin_site import errors, recorded, state, taken

KIND = "members_membership"
JUNK = ["junk", "0", "-1", "9" * 30, "٣", "_00"]


@pytest.fixture
def biology(dora):
    return Class.objects.create_with_teacher(Actor(dora), title="Biology")


@pytest.fixture
def alices(algebra, alice):
    """The membership of the only teacher of algebra."""
    return Membership.objects.get(klass=algebra, user=alice)


def now(member):
    return state(member)["role"], state(member)["status"]


# The pages


@pytest.mark.parametrize("others", [0, 29])
def test_the_list_costs_six_statements_for_1_row_and_for_30(
    site, algebra, make_user, django_assert_num_queries, others
):
    for number in range(others):
        Membership.objects.enrol(algebra, make_user(f"Person{number}"), "STUDENT", Actor(site.user))
    site.listing()
    with django_assert_num_queries(6):
        response = site.listing()
    assert (response.status_code, response.context["cl"].result_count) == (200, others + 1)


@pytest.mark.parametrize("term", ["BOB@", "bob", "biolog"])
def test_a_search_finds_memberships_by_person_and_class(site, algebra, biology, bob, join, term):
    member = join(biology, bob)
    found = site.rows(q=term)
    assert found[0] == member
    assert {row.user_id for row in found} | {row.klass_id for row in found} <= {
        bob.pk,
        biology.pk,
        biology.created_by_id,
    }


@pytest.mark.parametrize("further", [{}, {"role__exact": "STUDENT"}, {"klass__status__exact": "ACTIVE", "o": "2"}])
def test_a_list_page_runs_its_search_once(site, algebra, crowd, further, django_assert_num_queries):
    """The number of matches is counted from its result: in a large database the text search is the expensive part."""
    crowd(algebra, 30)
    number_events()
    with django_assert_num_queries(6) as statements:
        second = site.rows(q="approved", p="2", **further)
    assert [member.user.display_name for member in second] == [f"Approved {number}" for number in (4, 3, 2, 1, 0)]
    assert sorted(query["sql"].lower().count("%approved%") for query in statements) == [0, 0, 0, 0, 0, 4]


def test_filters_narrow_the_list(site, algebra, alices, bob, charlie, join):
    pending, rejected = join(algebra, bob, "PENDING"), join(algebra, charlie, "REJECTED")
    assert site.rows(status__exact="PENDING") == [pending]
    assert site.rows(status__exact="REJECTED") == [rejected]
    assert site.rows(role__exact="TEACHER") == [alices]


def test_the_list_shows_one_class_at_a_link(site, alices, algebra, biology):
    assert site.rows(klass__id__exact=algebra.pk) == [alices]


def test_the_add_change_and_history_pages_open(site, alices):
    pages = [site.address("add"), site.address("change", alices.pk), site.address("history", alices.pk)]
    assert [site.get(page).status_code for page in pages] == [200, 200, 200]


@pytest.mark.parametrize("junk", JUNK)
def test_a_malformed_id_causes_no_server_error(site, alices, junk):
    list_page = site.address("changelist")
    assert [site.get(f"{list_page}{junk}/{page}/").status_code for page in ("change", "history")] == [302, 302]
    assert site.get(site.address("add"), {"klass": junk, "user": junk}).status_code == 200
    assert list(errors(site.add(klass=junk, user=junk, role="STUDENT"))) == ["klass", "user"]
    assert site.listing(klass__id__exact=junk).status_code == 302
    site.act("remove", [junk])
    assert now(alices) == ("TEACHER", "APPROVED")


def test_a_membership_can_not_be_deleted(site, alices):
    assert site.get(site.address("delete", alices.pk)).status_code == 403
    assert site.post(site.address("delete", alices.pk), {"post": "yes"}).status_code == 403
    assert site.act("delete_selected", [alices]) == ["No action selected."]
    assert Membership.objects.filter(pk=alices.pk).count() == 1


def test_forged_fields_of_a_membership_change_nothing(site, algebra, alices, bob):
    before = state(alices)
    forged = {"status": "REMOVED", "role": "STUDENT", "user": bob.pk, "joined_at_0": "2000-01-01"}
    assert site.change(alices.pk, **forged).status_code == 403
    assert (state(alices), recorded(alices)) == (before, [("enrolled", "Alice")])


# Adding


def test_adding_a_membership_enrols_and_is_recorded(site, algebra, bob):
    assert site.add(klass=algebra.pk, user=bob.pk, role="STUDENT").status_code == 302
    member = Membership.objects.get(user=bob)
    assert (now(member), recorded(member)) == (("STUDENT", "APPROVED"), [("enrolled", "Root")])


def test_forged_fields_of_the_add_form_set_nothing(site, algebra, bob):
    site.add(klass=algebra.pk, user=bob.pk, role="STUDENT", status="PENDING", joined_at="2000-01-01")
    member = Membership.objects.get(user=bob)
    assert (member.status, str(member.joined_at) > "2000-01-02") == ("APPROVED", True)


def test_a_global_student_can_not_be_enrolled_as_teacher(site, algebra, bob):
    response = site.add(klass=algebra.pk, user=bob.pk, role="TEACHER")
    assert errors(response) == {"__all__": ["A person whose global role is Student can't be a teacher of a class."]}
    assert Membership.objects.filter(user=bob).count() == 0


def test_a_user_gets_no_second_membership_in_a_class(site, algebra, bob, join):
    member = join(algebra, bob, "REJECTED")
    response = site.add(klass=algebra.pk, user=bob.pk, role="STUDENT")
    assert errors(response) == {"user": [taken(member, "There is already a membership with this class and person")]}
    assert now(member) == ("STUDENT", "REJECTED")


def test_a_user_is_not_enrolled_in_an_archived_class(site, algebra, alice, bob):
    algebra.archive(Actor(alice))
    response = site.add(klass=algebra.pk, user=bob.pk, role="STUDENT")
    assert errors(response) == {"__all__": [Class.Archived.message]}
    assert Membership.objects.filter(user=bob).count() == 0


# The actions


@pytest.mark.parametrize(
    ("action", "start", "end", "said"),
    [
        ("approve", "PENDING", "APPROVED", "Membership approved."),
        ("reject", "PENDING", "REJECTED", "Membership rejected."),
        ("remove", "APPROVED", "REMOVED", "Membership removed."),
        ("reopen", "REJECTED", "PENDING", "Membership reopened."),
        ("reopen", "REMOVED", "PENDING", "Membership reopened."),
    ],
)
def test_an_action_goes_through_its_verb_and_is_recorded(site, algebra, bob, join, action, start, end, said):
    member = join(algebra, bob, start)
    assert site.act(action, [member]) == [said]
    assert (now(member), recorded(member)[-1]) == (("STUDENT", end), (Membership.event_source.types[action], "Root"))


@pytest.mark.parametrize(
    ("action", "start"),
    [
        *[("approve", status) for status in ("APPROVED", "REJECTED", "REMOVED")],
        *[("reject", status) for status in ("APPROVED", "REJECTED", "REMOVED")],
        *[("remove", status) for status in ("PENDING", "REJECTED", "REMOVED")],
        *[("reopen", status) for status in ("PENDING", "APPROVED")],
        *[("make_teacher", status) for status in ("PENDING", "REJECTED", "REMOVED")],
    ],
)
def test_no_other_transition_is_possible(site, algebra, bob, join, action, start):
    member = join(algebra, bob, start)
    before, records = state(member), recorded(member)
    assert len(site.act(action, [member])) == 2
    assert (state(member), recorded(member)) == (before, records)


def test_each_class_changes_completely_or_not_at_all_and_the_message_says_why(
    site, algebra, biology, bob, charlie, make_user, join
):
    pending, approved = join(algebra, bob, "PENDING"), join(algebra, charlie)
    elsewhere = join(biology, make_user("Erin"), "PENDING")
    assert site.act("approve", [pending, approved, elsewhere]) == [
        "1 of 3 memberships approved.",
        f"{algebra}: {Membership.NotInState.message} Charlie: This person is approved, not pending.",
    ]
    assert [now(row)[1] for row in (pending, approved, elsewhere)] == ["PENDING", "APPROVED", "APPROVED"]


def test_the_last_teacher_can_not_be_removed(site, algebra, alices):
    assert site.act("remove", [alices]) == [
        "0 of 1 memberships removed.",
        f"{algebra}: Alice: {Membership.LastTeacher.message}",
    ]
    assert (now(alices), recorded(alices)) == (("TEACHER", "APPROVED"), [("enrolled", "Alice")])


def test_removing_all_teachers_at_once_removes_none(site, algebra, alices, dora):
    doras = Membership.objects.enrol(algebra, dora, "TEACHER", Actor(site.user))
    assert site.act("remove", [alices, doras]) == [
        "0 of 2 memberships removed.",
        f"{algebra}: Alice: {Membership.LastTeacher.message}",
    ]
    assert [now(alices), now(doras)] == [("TEACHER", "APPROVED"), ("TEACHER", "APPROVED")]


def test_the_last_teacher_can_not_be_made_a_student(site, algebra, alices):
    assert site.act("make_student", [alices]) == [
        "0 of 1 memberships changed to student.",
        f"{algebra}: Alice: {Membership.LastTeacher.message}",
    ]
    assert now(alices) == ("TEACHER", "APPROVED")


def test_a_member_becomes_teacher_and_student_again(site, algebra, dora):
    member = Membership.objects.enrol(algebra, dora, "STUDENT", Actor(site.user))
    assert site.act("make_teacher", [member]) == ["Membership changed to teacher."]
    assert now(member) == ("TEACHER", "APPROVED")
    assert site.act("make_teacher", [member]) == [
        "0 of 1 memberships changed to teacher.",
        "1 was already changed to teacher.",
    ]
    assert site.act("make_student", [member]) == ["Membership changed to student."]
    assert now(member) == ("STUDENT", "APPROVED")
    assert recorded(member) == [("enrolled", "Root"), ("role_changed", "Root"), ("role_changed", "Root")]


def test_a_global_student_can_not_be_made_teacher(site, algebra, bob, join):
    member = join(algebra, bob)
    assert site.act("make_teacher", [member]) == [
        "0 of 1 memberships changed to teacher.",
        f"{algebra}: Bob: A person whose global role is Student can't be a teacher of a class.",
    ]
    assert now(member) == ("STUDENT", "APPROVED")


@pytest.mark.parametrize("action", ["approve", "reject", "remove", "reopen", "make_teacher", "make_student"])
def test_nothing_happens_to_the_members_of_an_archived_class(site, algebra, alice, bob, join, action):
    member = join(algebra, bob, "PENDING")
    algebra.archive(Actor(alice))
    assert site.act(action, [member])[1:] == [f"{algebra}: {Class.Archived.message}"]
    assert now(member) == ("STUDENT", "PENDING")


def test_a_message_lists_at_most_ten_refusals(site, alice, bob, join):
    classes = [Class.objects.create_with_teacher(Actor(alice), title=f"Class {number}") for number in range(12)]
    said = site.act("approve", [join(klass, bob) for klass in classes])
    assert (len(said), said[0], said[-1]) == (12, "0 of 12 memberships approved.", "2 more were refused.")


def test_a_refusal_names_at_most_ten_people(site, algebra, crowd, bob, join):
    crowd(algebra, 29)
    waiting = join(algebra, bob, "PENDING")
    count, why = site.act("approve", algebra.memberships.all())
    assert (count, now(waiting)) == ("0 of 31 memberships approved.", ("STUDENT", "PENDING"))
    assert (why.count("This person is approved"), why.endswith(" And 20 more.")) == (10, True)


def test_members_who_have_the_role_already_are_counted_apart(site, algebra, biology, alices, dora, join, bob):
    doras, bobs = Membership.objects.enrol(algebra, dora, "STUDENT", Actor(site.user)), join(biology, bob)
    assert site.act("make_teacher", [alices, doras, bobs]) == [
        "1 of 3 memberships changed to teacher.",
        "1 was already changed to teacher.",
        f"{biology}: Bob: A person whose global role is Student can't be a teacher of a class.",
    ]
