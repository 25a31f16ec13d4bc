import re

import pytest
from django.contrib.auth.models import Permission

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.tests.staff.admin_site import Site, errors, recorded, state

KIND = "classes_class"
JUNK = ["junk", "cls_zzz", "usr_01h455vb4pex5vsknk084sn02q", "9" * 30, "٣", "_00"]


@pytest.fixture
def archived(algebra, alice):
    return algebra.archive(Actor(alice))


def founded(klass):
    """Creator of the class, and its members: who, role, status, verb and actor of the record."""
    members = Membership.objects.filter(klass=klass).select_related("user")
    shown = [(member.user.display_name, member.role, member.status, recorded(member)) for member in members]
    return klass.created_by.display_name, shown


# The pages


@pytest.mark.parametrize("others", [0, 29])
def test_the_list_costs_six_statements_for_1_row_and_for_30(site, algebra, dora, django_assert_num_queries, others):
    for number in range(others):
        Class.objects.create_with_teacher(Actor(dora), title=f"Class {number}")
    site.listing()
    with django_assert_num_queries(6):
        response = site.listing()
    assert (response.status_code, response.context["cl"].result_count) == (200, others + 1)


def test_the_list_shows_teachers_and_the_numbers_of_members_and_pending_requests(site, algebra, dora, crowd, make_user):
    Class.objects.create_with_teacher(Actor(dora), title="Biology")
    for number, status in [(3, "APPROVED"), (2, "PENDING"), (4, "REJECTED"), (1, "REMOVED")]:
        crowd(algebra, number, status)
    for name in ("Erin", "Frank", "Grace"):
        Membership.objects.enrol(algebra, make_user(name, "TEACHER"), "TEACHER", Actor(site.user))
    cells = [
        re.findall(r"field-(?:teachers|members|pending)[^>]*>(.*?)</td>", re.sub("</?bdi>", "", row), re.S)
        for row in site.listing().content.decode().split('class="data-row')[1:]
    ]
    assert cells == [["Dora", "1", "0"], ["Alice, Erin, Frank and 1 more", "7", "2"]]


@pytest.mark.parametrize("term", ["ALGEB", "alg", "alice@", "Alice"])
def test_a_search_finds_classes_by_title_code_and_creator(site, algebra, dora, term):
    Class.objects.create_with_teacher(Actor(dora), title="Biology")
    assert site.rows(q=term) == [algebra]


def test_the_status_filter_narrows_the_list(site, archived, dora):
    biology = Class.objects.create_with_teacher(Actor(dora), title="Biology")
    assert site.rows(status__exact="ARCHIVED") == [archived]
    assert site.rows(status__exact="ACTIVE") == [biology]


def test_the_add_change_and_history_pages_open(site, algebra):
    pages = [site.address("add"), site.address("change", algebra.pk), site.address("history", algebra.pk)]
    assert [site.get(page).status_code for page in pages] == [200, 200, 200]


@pytest.mark.parametrize("junk", JUNK)
def test_a_malformed_id_causes_no_server_error(site, algebra, junk):
    list_page = site.address("changelist")
    assert [site.get(f"{list_page}{junk}/{page}/").status_code for page in ("change", "history")] == [302, 302]
    assert site.get(site.address("add"), {"first_teacher": junk}).status_code == 200
    assert list(errors(site.add(title="Biology", first_teacher=junk))) == ["first_teacher"]
    assert site.act("archive", [junk]) == ["Nothing was changed: one of the rows doesn't exist."]
    assert state(algebra)["status"] == "ACTIVE"


def test_a_class_can_not_be_deleted(site, algebra):
    assert site.get(site.address("delete", algebra.pk)).status_code == 403
    assert site.post(site.address("delete", algebra.pk), {"post": "yes"}).status_code == 403
    assert site.act("delete_selected", [algebra]) == ["No action selected."]
    assert Class.objects.filter(pk=algebra.pk).count() == 1


# Adding


def test_the_first_teacher_is_the_staff_user_by_default(site):
    assert site.add(title=" Biology ", description="Cells.").status_code == 302
    klass = Class.objects.get()
    assert (klass.title, klass.description, klass.status, klass.class_code[:5]) == (
        "Biology",
        "Cells.",
        "ACTIVE",
        "BIOL-",
    )
    assert recorded(klass) == [("created", "Root")]
    assert founded(klass) == ("Root", [("Root", "TEACHER", "APPROVED", [("enrolled", "Root")])])


def test_a_class_created_for_a_teacher_is_recorded_with_the_staff_user(site, alice):
    site.add(title="Biology", first_teacher=alice.pk)
    klass = Class.objects.get()
    assert recorded(klass) == [("created", "Root")]
    assert founded(klass) == ("Alice", [("Alice", "TEACHER", "APPROVED", [("enrolled", "Root")])])


def test_a_global_student_can_not_be_the_first_teacher(site, bob):
    assert list(errors(site.add(title="Biology", first_teacher=bob.pk))) == ["first_teacher"]
    assert (Class.objects.count(), Membership.objects.count()) == (0, 0)


def test_staff_with_the_student_role_must_choose_another_first_teacher(make_user, alice):
    site = Site(make_user("Student", is_staff=True, is_superuser=True), KIND)
    assert errors(site.add(title="Biology")) == {
        "__all__": ["A person whose global role is Student can't be a teacher of a class."]
    }
    assert Class.objects.count() == 0
    assert site.add(title="Biology", first_teacher=alice.pk).status_code == 302


def test_the_first_teacher_field_offers_no_students(site, alice, bob):
    field = {"app_label": "classes", "model_name": "class", "field_name": "created_by"}
    response = site.get("/admin/autocomplete/", {"term": "example.org", **field})
    assert [person["id"] for person in response.json()["results"]] == [alice.pk, site.user.pk]


def test_forged_fields_of_the_add_form_set_nothing(site, bob):
    forged = {"class_code": "MINE-1111", "status": "ARCHIVED", "created_by": bob.pk, "created_at": "2000-01-01"}
    site.add(title="Biology", **forged)
    klass = Class.objects.get()
    assert (klass.class_code[:5], klass.status, klass.created_by) == ("BIOL-", "ACTIVE", site.user)
    assert klass.created_at.year > 2000


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "a\0b"])
def test_a_wrong_title_is_refused(site, title):
    assert list(errors(site.add(title=title))) == ["title"]
    assert Class.objects.count() == 0


# Changing


def test_a_change_is_recorded_with_its_actor(site, algebra):
    assert site.change(algebra.pk, title="Algebra II", description=algebra.description).status_code == 302
    assert state(algebra)["title"] == "Algebra II"
    assert recorded(algebra) == [("created", "Alice"), ("updated", "Root")]


def test_saving_without_a_change_records_nothing_whatever_the_line_ends(site, algebra, alice):
    algebra.edit(Actor(alice), description="Groups,\nrings.")
    before = state(algebra)
    assert site.change(algebra.pk, title="Algebra", description="Groups,\r\nrings.").status_code == 302
    assert (state(algebra), recorded(algebra)) == (before, [("created", "Alice"), ("updated", "Alice")])


def test_forged_fields_of_the_change_form_change_nothing(site, algebra, bob):
    before = state(algebra)
    forged = {
        "class_code": "MINE-1111",
        "status": "ARCHIVED",
        "created_by": bob.pk,
        "first_teacher": bob.pk,
        "created_at_0": "2000-01-01",
        "updated_at": "2000-01-01",
        "id": "cls_x",
    }
    assert site.change(algebra.pk, title=algebra.title, description=algebra.description, **forged).status_code == 302
    assert (state(algebra), recorded(algebra)) == (before, [("created", "Alice")])


def test_an_archived_class_can_not_be_edited(site, archived):
    before = state(archived)
    assert site.page(archived.pk).status_code == 200
    assert site.change(archived.pk, title="Mine", description="").status_code == 403
    assert (state(archived), recorded(archived)) == (before, [("created", "Alice"), ("archived", "Alice")])


def test_a_class_archived_while_it_is_edited_is_not_changed(site, algebra, alice, monkeypatch):
    edit = Class.edit

    def late(klass, by, **changes):
        Class.objects.filter(pk=klass.pk).update(status="ARCHIVED")
        return edit(klass, by, **changes)

    monkeypatch.setattr(Class, "edit", late)
    response = site.change(algebra.pk, title="Mine", description="")
    assert errors(response) == {"__all__": [Class.Archived.message]}
    assert state(algebra)["title"] == "Algebra"


# The actions


def test_archiving_reports_how_many_and_is_recorded(site, algebra, archived, dora):
    biology = Class.objects.create_with_teacher(Actor(dora), title="Biology")
    assert site.act("archive", [archived, biology]) == ["1 of 2 classes archived.", "1 was already archived."]
    assert state(biology)["status"] == "ARCHIVED"
    assert recorded(biology) == [("created", "Dora"), ("archived", "Root")]
    assert recorded(archived) == [("created", "Alice"), ("archived", "Alice")]


def test_unarchiving_reports_how_many_and_is_recorded(site, archived, dora):
    biology = Class.objects.create_with_teacher(Actor(dora), title="Biology")
    assert site.act("unarchive", [archived, biology]) == ["1 of 2 classes unarchived.", "1 was already unarchived."]
    assert state(archived)["status"] == "ACTIVE"
    assert recorded(archived)[2:] == [("unarchived", "Root")]
    assert recorded(biology) == [("created", "Dora")]


def test_a_new_code_is_given_to_active_classes_and_refused_to_archived_ones(site, archived, dora):
    biology = Class.objects.create_with_teacher(Actor(dora), title="Biology")
    before = state(archived)
    assert site.act("renew_code", [archived, biology]) == [
        "1 of 2 classes given a new code.",
        f"{archived}: {Class.Archived.message}",
    ]
    assert state(archived) == before
    assert (state(biology)["class_code"] == biology.class_code, recorded(biology)[1:]) == (
        False,
        [("code_renewed", "Root")],
    )


def test_staff_with_view_rights_alone_change_nothing(make_user, algebra):
    viewer = make_user("Viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_class"))
    site, before = Site(viewer, KIND), state(algebra)
    assert [site.listing().status_code, site.page(algebra.pk).status_code] == [200, 200]
    assert site.change(algebra.pk, title="Mine", description="").status_code == 403
    assert site.get(site.address("add")).status_code == 403
    assert site.act("archive", [algebra]) == []
    assert state(algebra) == before


def test_the_page_that_adds_a_class_has_no_tabs(site, algebra):
    pages = [site.get(site.address("add")), site.page(algebra.pk)]
    shown = [[inline.opts.verbose_name_plural for inline in page.context["inline_admin_formsets"]] for page in pages]
    assert shown == [[], ["pending requests", "members", "rejected and removed", "live sessions"]]


def test_staff_change_the_room_beside_the_title(site, algebra):
    response = site.change(algebra.pk, title="Groups", description=algebra.description, room_url="https://Zoom.us/j/1")
    assert response.status_code == 302
    algebra.refresh_from_db()
    assert (algebra.title, algebra.room_url) == ("Groups", "https://zoom.us/j/1")
    assert recorded(algebra) == [("created", "Alice"), ("updated", "Root"), ("settings_changed", "Root")]


def test_a_wrong_room_is_shown_at_its_field(site, algebra):
    response = site.change(algebra.pk, title="Groups", description="", room_url="http://zoom.us/")
    message = "Give a web address that starts with https://, such as https://meet.example.com/algebra."
    assert errors(response) == {"room_url": [message]}
