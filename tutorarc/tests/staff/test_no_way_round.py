"""The admin site can't bypass the rules: it writes through the verbs, for users with the right, or not at all."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.staff import actions
from tutorarc.tests.staff.admin_site import Site, everything, recorded, state

CLASSES, MEMBERS, SESSIONS, KEYS, PEOPLE = (
    "classes_class",
    "members_membership",
    "live_sessions_livesession",
    "apikeys_apikey",
    "tutorarc_user",
)
FUTURE = datetime(2036, 3, 20, 10, tzinfo=UTC)


@pytest.fixture
def rows(algebra, bob, join, schedule, alice):
    """One record of each kind."""
    return {
        PEOPLE: bob,
        CLASSES: algebra,
        MEMBERS: join(algebra, bob, "PENDING"),
        SESSIONS: schedule(klass=algebra, start_time=FUTURE),
        KEYS: ApiKey.objects.issue(alice, SYSTEM)[0],
    }


@pytest.fixture
def staff(make_user):
    """`staff("view_class", …)`: a person who may sign in to the admin site, with these rights."""

    def make(*rights):
        user = make_user("Clerk", "TEACHER", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        return user

    return make


ACTIONS = [
    (CLASSES, "archive"),
    (CLASSES, "renew_code"),
    (MEMBERS, "approve"),
    (MEMBERS, "reject"),
    (SESSIONS, "cancel"),
    (SESSIONS, "end"),
    (KEYS, "revoke"),
    (PEOPLE, "make_password_links"),
]


# Inlines


def class_form(klass, **changes):
    return {"title": klass.title, "description": klass.description, **changes}


def test_forged_rows_of_an_inline_change_nothing(root, algebra, rows):
    member, before = rows[MEMBERS], state(rows[MEMBERS])
    forged = {}
    for prefix in ("memberships", "memberships-2", "memberships-3", "live_sessions"):
        forged |= {
            f"{prefix}-TOTAL_FORMS": "2",
            f"{prefix}-INITIAL_FORMS": "1",
            f"{prefix}-0-id": member.pk,
            f"{prefix}-0-klass": algebra.pk,
            f"{prefix}-0-status": "APPROVED",
            f"{prefix}-0-role": "TEACHER",
            f"{prefix}-0-DELETE": "on",
            f"{prefix}-1-user": root.pk,
            f"{prefix}-1-role": "TEACHER",
            f"{prefix}-1-status": "APPROVED",
        }
    people, sessions = Membership.objects.count(), LiveSession.objects.count()
    response = Site(root, CLASSES).change(algebra.pk, **class_form(algebra, title="Rings"), **forged)
    assert (response.status_code, state(algebra)["title"]) == (302, "Rings")
    assert (state(member), Membership.objects.count(), LiveSession.objects.count()) == (before, people, sessions)


@pytest.mark.parametrize("junk", ["²", "½", "-1", "0", "9" * 30, "x", "\0", "٣"])
def test_a_malformed_page_number_of_an_inline_is_the_first_page(root, algebra, rows, junk):
    page = Site(root, CLASSES).get(f"/admin/classes/class/{algebra.pk}/change/", {"memberships-page": junk})
    assert (page.status_code, page.content.decode().count("bob@example.org")) == (200, 1)


@pytest.mark.parametrize("people", [1, 30])
def test_the_page_of_a_class_costs_the_same_for_1_member_and_for_30(
    root, algebra, crowd, schedule, django_assert_num_queries, people
):
    crowd(algebra, people)
    crowd(algebra, people, "PENDING")
    crowd(algebra, people, "REMOVED")
    for _ in range(people):
        schedule(klass=algebra)
    site = Site(root, CLASSES)
    ContentType.objects.clear_cache()  # whatever ran before
    with django_assert_num_queries(13):
        response = site.page(algebra.pk)
    tabs = [inline.formset for inline in response.context["inline_admin_formsets"]]
    numbers = [people, people + 1, people, people]  # pending, members with the teacher, removed, sessions
    assert [len(tab.forms) for tab in tabs] == [min(number, 20) for number in numbers]
    assert [tab.count for tab in tabs] == [str(number) for number in numbers]


def test_the_page_of_a_class_shows_only_what_the_user_may_see(staff, algebra, rows):
    page = Site(staff("view_class"), CLASSES).page(algebra.pk)
    assert (page.status_code, "bob@example.org" in page.content.decode()) == (200, False)


# Deleting, and editing in the list


@pytest.mark.parametrize("kind", [CLASSES, MEMBERS, SESSIONS, KEYS, PEOPLE])
def test_nothing_is_deleted(root, rows, kind):
    site, before = Site(root, kind), everything()
    address = site.address("delete", rows[kind].pk)
    assert [site.get(address).status_code, site.post(address, {"post": "yes"}).status_code] == [403, 403]
    assert site.act("delete_selected", [rows[kind]]) == ["No action selected."]
    assert everything() == before


def test_a_group_is_not_deleted(root):
    group, site = Group.objects.first(), Site(root, "auth_group")
    assert site.post(site.address("delete", group.pk), {"post": "yes"}).status_code == 403
    site.act("delete_selected", [group])
    assert Group.objects.filter(pk=group.pk).count() == 1


def test_a_list_is_not_editable(root, rows):
    site, before = Site(root, MEMBERS), everything()
    forged = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": rows[MEMBERS].pk}
    site.post(site.address("changelist"), {**forged, "form-0-status": "APPROVED", "_save": "Save"})
    assert everything() == before


# Actions


@pytest.mark.parametrize(("kind", "action"), ACTIONS)
def test_a_get_request_changes_nothing(root, rows, kind, action):
    site, before = Site(root, kind), everything()
    asked = {"action": action, "_selected_action": rows[kind].pk, "back": "record", "index": "0"}
    for page in (site.address("changelist"), site.address("change", rows[kind].pk)):
        assert site.get(page, asked).status_code in (200, 302, 400)
    assert everything() == before


@pytest.mark.parametrize(("kind", "action"), ACTIONS)
def test_a_form_of_another_site_changes_nothing(root, rows, kind, action):
    client, before = Client(enforce_csrf_checks=True), everything()
    client.force_login(root)
    address = Site(root, kind).address("changelist")
    assert client.post(address, {"action": action, "_selected_action": rows[kind].pk}).status_code == 403
    assert everything()[Membership] == before[Membership]


@pytest.mark.parametrize(("kind", "action"), ACTIONS)
def test_staff_with_view_rights_alone_change_nothing_and_are_offered_nothing(staff, rows, kind, action):
    site = Site(staff(f"view_{kind.split('_')[-1]}"), kind)
    before = everything()
    assert site.act(action, [rows[kind]]) == []
    page = site.page(rows[kind].pk)
    assert (page.status_code, page.context["record_actions"]) == (200, [])
    assert everything() == before


@pytest.mark.parametrize("kind", [CLASSES, MEMBERS, SESSIONS, KEYS, PEOPLE])
def test_staff_without_a_right_see_no_page(staff, rows, kind):
    site, before = Site(staff(), kind), everything()
    pages = [site.address("changelist"), site.address("add"), site.address("change", rows[kind].pk)]
    assert [site.get(page).status_code for page in pages] == [403, 403, 403]
    assert [site.post(page, {"action": "archive"}).status_code for page in pages] == [403, 403, 403]
    assert everything() == before


@pytest.mark.parametrize(("kind", "action"), ACTIONS)
def test_a_row_outside_the_filtered_list_is_not_changed(root, rows, kind, action):
    site, before = Site(root, kind), everything()
    address = f"{site.address('changelist')}?q=nothing-is-called-this"
    site.post(address, {"action": action, "_selected_action": rows[kind].pk})
    assert everything() == before


@pytest.mark.parametrize(("kind", "action"), ACTIONS)
def test_an_id_of_another_model_or_an_unknown_id_changes_nothing(root, rows, kind, action):
    site, before = Site(root, kind), everything()
    for key in ("usr_01h455vb4pex5vsknk084sn02q", "0", "99999999", "junk", "\0", *(row.pk for row in rows.values())):
        if key != rows[kind].pk:
            address = site.address("changelist")
            assert site.post(address, {"action": action, "_selected_action": key, "back": "record"}).status_code == 302
    assert everything() == before


def test_an_action_changes_no_more_rows_than_the_api(root, algebra, crowd, monkeypatch):
    crowd(algebra, 3, "PENDING")
    monkeypatch.setattr(actions, "MAX_AT_ONCE", 2)
    site, before = Site(root, MEMBERS), everything()
    member = Membership.objects.filter(status="PENDING").first()
    ticked = {"action": "approve", "select_across": "1", "_selected_action": member.pk}
    page = site.post(f"{site.address('changelist')}?status__exact=PENDING", ticked, follow=True)
    assert [str(message) for message in page.context["messages"]] == [
        "Nothing was changed: at most 2 can be changed at once."
    ]
    assert everything() == before


@pytest.mark.parametrize("back", ["https://elsewhere.example", "//elsewhere.example", "junk", ""])
def test_an_action_redirects_to_no_other_site(root, rows, back):
    site = Site(root, MEMBERS)
    answer = {"action": "approve", "_selected_action": rows[MEMBERS].pk, "back": back}
    assert site.post(site.address("changelist"), answer).url == site.address("changelist")


def test_the_last_teacher_can_not_be_removed(root, algebra, rows):
    site, teacher = Site(root, MEMBERS), Membership.objects.get(klass=algebra, role="TEACHER")
    before = state(teacher)
    for action in ("remove", "make_student"):
        [count, refusal] = site.act(action, [teacher])
        assert (count.startswith("0 of 1"), Membership.LastTeacher.message in refusal) == (True, True)
    assert state(teacher) == before


def test_an_archived_class_is_read_only(root, rows, algebra, alice):
    algebra.archive(Actor(alice))
    before = everything()
    for kind, action in ((MEMBERS, "approve"), (MEMBERS, "reject"), (SESSIONS, "cancel"), (CLASSES, "renew_code")):
        [count, refusal] = Site(root, kind).act(action, [rows[kind]])
        assert (count.startswith("0 of 1"), Class.Archived.message in refusal) == (True, True)
    assert Site(root, CLASSES).change(algebra.pk, title="Mine", description="").status_code == 403
    assert everything() == before


def test_a_user_has_one_membership_in_a_class(root, algebra, bob, rows):
    before = everything()
    response = Site(root, MEMBERS).add(klass=algebra.pk, user=bob.pk, role="STUDENT", _popup="1")
    assert (response.status_code, everything() == before) == (200, True)


# The buttons on a record's page


def buttons(site, row):
    return [name for name, *_ in site.page(row.pk).context["record_actions"]]


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("PENDING", ["approve", "reject"]),
        ("APPROVED", ["remove", "make_teacher"]),
        ("REJECTED", ["reopen"]),
        ("REMOVED", ["reopen"]),
    ],
)
def test_the_page_of_a_membership_offers_what_its_status_allows(root, algebra, bob, join, alice, status, offered):
    member, site = join(algebra, bob, status), Site(root, MEMBERS)
    assert buttons(site, member) == offered
    algebra.archive(Actor(alice))
    assert buttons(site, member) == []


def test_the_pages_of_classes_sessions_and_keys_offer_what_can_be_done(root, rows, alice):
    assert buttons(Site(root, CLASSES), rows[CLASSES]) == ["archive", "renew_code", "hand_over"]
    assert buttons(Site(root, SESSIONS), rows[SESSIONS]) == ["cancel", "end"]
    assert buttons(Site(root, KEYS), rows[KEYS]) == ["revoke"]
    rows[SESSIONS].cancel(Actor(alice))
    rows[KEYS].revoke(SYSTEM)
    rows[CLASSES].archive(Actor(alice))
    assert buttons(Site(root, SESSIONS), rows[SESSIONS]) == []
    assert buttons(Site(root, KEYS), rows[KEYS]) == []
    assert buttons(Site(root, CLASSES), rows[CLASSES]) == ["unarchive"]


def test_a_button_runs_its_action_and_comes_back(root, rows):
    site, key = Site(root, KEYS), rows[KEYS]
    pressed = {"action": "revoke", "_selected_action": key.pk, "back": "record", "sure": "yes"}
    page = site.post(site.address("changelist"), pressed, follow=True)
    assert page.redirect_chain == [(site.address("change", key.pk), 302)]
    assert [str(message) for message in page.context["messages"]] == ["API key revoked."]
    assert recorded(key) == [("created", None), ("revoked", "Root")]


@pytest.mark.parametrize(
    ("kind", "action", "recorded_as", "title", "why"),
    [
        (KEYS, "revoke", "revoked", "Revoke?", "permanently, from the next request on"),
        (CLASSES, "renew_code", "code_renewed", "New class code?", "the old one stops working at once"),
        (SESSIONS, "cancel", "cancelled", "Cancel session?", "it can't be restored, and nobody can enter it"),
        (SESSIONS, "end", "ended", "End session?", "it can't be restarted, and nobody can enter it"),
    ],
)
def test_irreversible_actions_ask_for_confirmation(root, rows, kind, action, recorded_as, title, why):
    site, row, before = Site(root, kind), rows[kind], everything()
    asked = {"action": action, "_selected_action": row.pk, "back": "record"}
    for sure in ({}, {"sure": ""}, {"sure": "no"}):
        page = site.post(site.address("changelist"), {**asked, **sure})
        shown = page.context
        assert (shown["title"], shown["why"], list(shown["rows"])) == (title, why, [row])
        assert (shown["back"], shown["back_address"]) == ("record", site.address("change", row.pk))
    assert everything() == before
    site.post(site.address("changelist"), {**asked, "sure": "yes"})
    assert recorded(row)[-1] == (recorded_as, "Root")


def test_the_confirmation_names_the_selected_rows_and_links_back_to_their_list(root, rows, alice):
    address = f"{Site(root, KEYS).address('changelist')}?q=alice"
    other, _ = ApiKey.objects.issue(alice, SYSTEM)
    page = Site(root, KEYS).post(address, {"action": "revoke", "_selected_action": [rows[KEYS].pk, other.pk, "9"]})
    assert page.status_code == 302
    page = Site(root, KEYS).post(address, {"action": "revoke", "_selected_action": [rows[KEYS].pk, other.pk]})
    selected = f"selected={rows[KEYS].pk},{other.pk}"
    assert (page.context["rows"], page.context["back_address"]) == ([other, rows[KEYS]], f"{address}&{selected}")


# Choosing related records


def test_staff_who_may_not_see_people_can_not_search_them_in_a_field(staff, rows):
    site = Site(staff("add_membership", "view_class"), MEMBERS)
    asked = {"app_label": "members", "model_name": "membership", "field_name": "user", "term": "bob"}
    assert site.get("/admin/autocomplete/", asked).status_code == 403
    assert site.get("/admin/autocomplete/", {**asked, "field_name": "klass"}).json()["pagination"] == {"more": False}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"app_label": "junk", "model_name": "x", "field_name": "y"},
        {"app_label": "apikeys", "model_name": "apikey", "field_name": "digest"},
        {"app_label": "apikeys", "model_name": "apikey", "field_name": "owner", "term": "\0", "page": "1"},
        {"app_label": "apikeys", "model_name": "apikey", "field_name": "owner", "page": "junk"},
    ],
)
def test_a_malformed_search_in_a_field_causes_no_server_error(root, rows, asked):
    assert Site(root, KEYS).get("/admin/autocomplete/", asked).status_code in (200, 403, 404)


def test_a_popup_can_not_return_a_secret_field(root, rows):
    site = Site(root, KEYS)
    assert site.listing(_popup="1", _to_field="digest").status_code == 400


# Searching and filtering


@pytest.mark.slow
@pytest.mark.parametrize("term", ['"', "'", '"bob', "''", "%", "_", "\\", "\0", "a" * 3000, "🎓", "usr_", "1" * 40])
@pytest.mark.parametrize("kind", [CLASSES, MEMBERS, SESSIONS, KEYS, PEOPLE])
def test_a_malformed_search_causes_no_server_error(root, rows, kind, term):
    assert Site(root, kind).listing(q=term).status_code in (200, 302)


@pytest.mark.parametrize("kind", [CLASSES, SESSIONS, KEYS, PEOPLE])
def test_a_record_is_found_by_its_id(root, rows, kind):
    assert Site(root, kind).rows(q=rows[kind].pk) == [rows[kind]]


def test_a_membership_is_found_by_its_number(root, rows):
    Membership.objects.filter(pk=rows[MEMBERS].pk).update(id=987654321)
    assert [row.pk for row in Site(root, MEMBERS).rows(q="987654321")] == [987654321]


def test_words_of_a_search_may_be_in_different_fields(root, rows, algebra):
    assert Site(root, MEMBERS).rows(q="bo lgeb") == [rows[MEMBERS]]
    assert Site(root, MEMBERS).rows(q="bo geometry") == []


@pytest.mark.parametrize(
    ("kind", "filters"),
    [
        (MEMBERS, {"status__exact": "junk"}),
        (MEMBERS, {"klass__id__exact": "junk"}),
        (MEMBERS, {"_facets": "True"}),
        (CLASSES, {"created_by__id__exact": "junk"}),
        (SESSIONS, {"when": "junk", "state": "junk", "strict__exact": "junk"}),
        (KEYS, {"use": "junk", "owner__id__exact": "usr_01h455vb4pex5vsknk084sn02q"}),
        (PEOPLE, {"global_role__exact": "junk", "is_staff__exact": "junk"}),
    ],
)
def test_a_malformed_filter_causes_no_server_error(root, rows, kind, filters):
    assert Site(root, kind).listing(**filters).status_code in (200, 302)


@pytest.mark.parametrize("state", ["SCHEDULED", "LIVE", "ENDED", "CANCELLED"])
def test_sessions_are_found_by_their_status(root, alice, schedule, state):
    scheduled, live, ended, cancelled = (schedule(start_time=FUTURE, strict=False) for _ in range(4))
    LiveSession.objects.filter(pk=live.pk).update(start_time=datetime(2020, 1, 1, tzinfo=UTC))
    ended.end(Actor(alice))
    cancelled.cancel(Actor(alice))
    by_status = {"SCHEDULED": scheduled, "LIVE": live, "ENDED": ended, "CANCELLED": cancelled}
    assert Site(root, SESSIONS).rows(state=state) == [by_status[state]]
