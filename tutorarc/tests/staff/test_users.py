import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import User
from tutorarc.testing.events import events_of
from tutorarc.tests.staff.admin_site import Site, errors, recorded, shown_messages, state, taken

KIND = "tutorarc_user"
PASSWORD = "a-long-unusual-phrase-7"
JUNK = ["junk", "usr_zzz", "cls_01h455vb4pex5vsknk084sn02q", "9" * 30, "٣", "_00"]


@pytest.fixture
def clerk(make_user):
    """Staff with every right to people, but no superuser."""
    user = make_user("Clerk", "TEACHER", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="tutorarc", codename__endswith="_user"))
    return user


def fields(user, **changes):
    """The values that the change form sends for an unchanged person."""
    boxes = {name: "on" for name in ("is_active", "is_staff", "is_superuser") if getattr(user, name)}
    sent = {"email": user.email, "display_name": user.display_name, "global_role": user.global_role, **boxes, **changes}
    return {name: value for name, value in sent.items() if value is not None}


# The pages


@pytest.mark.parametrize("others", [0, 29])
def test_the_list_costs_seven_statements_for_1_row_and_for_30(site, make_user, django_assert_num_queries, others):
    for number in range(others):
        make_user(f"Person{number}")
    site.listing()
    with django_assert_num_queries(7):
        response = site.listing()
    assert (response.status_code, response.context["cl"].result_count) == (200, others + 1)


def test_a_page_of_the_list_has_25_people(site, make_user):
    for number in range(29):
        make_user(f"Person{number}")
    assert (len(site.rows()), len(site.rows(p=2))) == (25, 5)


@pytest.mark.parametrize("term", ["charlie@", "CHARL"])
def test_a_search_finds_people_by_address_and_name(site, bob, charlie, term):
    assert site.rows(q=term) == [charlie]


def test_filters_narrow_the_list(site, root, alice, bob):
    assert site.rows(global_role__exact="TEACHER") == [alice]
    assert site.rows(is_superuser__exact="1") == [root]


def test_filters_find_people_who_never_signed_in_or_have_no_password_or_no_class(
    site, root, alice, bob, charlie, algebra, join
):
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    User.objects.filter(pk__in=[alice.pk, root.pk]).update(last_login=timezone.now())
    bob.change_password(Actor(root), "correct-horse-battery")
    assert site.rows(never_signed_in="yes") == [charlie, bob]
    assert site.rows(no_password="yes") == [charlie, alice, root]
    assert site.rows(no_class="yes") == [charlie, root]
    assert site.rows(never_signed_in="yes", no_password="yes", no_class="yes") == [charlie]


def test_a_filter_that_the_list_does_not_offer_is_refused(site):
    assert site.listing(password__startswith="pbkdf2").status_code == 400
    assert site.listing(display_name__regex="(").status_code == 400


def test_a_nul_in_a_url_causes_no_server_error(site):
    assert site.listing(global_role__exact="\0").status_code == 302
    assert site.listing(p="\0").status_code == 302


def test_the_add_and_change_pages_open(site, bob):
    assert site.get(site.address("add")).status_code == 200
    assert site.page(bob.pk).status_code == 200
    assert site.get(site.address("history", bob.pk)).status_code == 200


@pytest.mark.parametrize("junk", JUNK)
def test_a_malformed_id_causes_no_server_error(site, junk):
    list_page = site.address("changelist")
    pages = [f"{list_page}{junk}/{page}/" for page in ("change", "history", "password")]
    assert [site.get(page).status_code for page in pages] == [302, 302, 404]
    assert site.get(site.address("add"), {"groups": junk, "email": junk}).status_code == 200


def test_a_person_who_is_not_staff_sees_no_page(bob):
    site = Site(bob, KIND)
    assert [site.listing().status_code, site.page(bob.pk).status_code] == [302, 302]


def test_a_person_can_not_be_deleted(site, bob):
    assert site.get(site.address("delete", bob.pk)).status_code == 403
    assert site.post(site.address("delete", bob.pk), {"post": "yes"}).status_code == 403
    site.act("delete_selected", [bob])
    assert User.objects.filter(pk=bob.pk).count() == 1


# Adding


def new_person(**changes):
    return {
        "email": "Eve@Example.org",
        "display_name": "Eve",
        "global_role": "TEACHER",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
        **changes,
    }


def test_adding_a_person_is_recorded_with_its_actor(site):
    assert site.add(**new_person()).status_code == 302
    eve = User.objects.get(email="eve@example.org")
    assert (eve.display_name, eve.global_role, eve.is_staff, eve.is_superuser) == ("Eve", "TEACHER", False, False)
    assert recorded(eve) == [("created", "Root")]
    assert Client().login(username="eve@example.org", password=PASSWORD) is True


def test_a_person_added_without_a_password_can_not_sign_in(site):
    site.add(**new_person(usable_password="false", password1="", password2=""))
    assert User.objects.get(email="eve@example.org").has_usable_password() is False


def test_an_address_is_taken_in_any_case(site, bob):
    response = site.add(**new_person(email="BOB@example.org"))
    assert errors(response) == {"email": [taken(bob, "There is already a person with this e-mail address")]}
    assert User.objects.count() == 2


def test_a_refusal_of_the_verb_is_shown_on_the_form_and_nothing_is_saved(site, monkeypatch):
    def refuse(*args, **options):
        User(email="half@example.org", display_name="Half").save()
        raise User.EmailTaken()

    monkeypatch.setattr(User.objects, "create_user", refuse)
    response = site.add(**new_person())
    assert (response.status_code, errors(response)) == (200, {"__all__": [User.EmailTaken.message]})
    assert User.objects.filter(email="half@example.org").count() == 0


def test_two_passwords_that_differ_add_nobody(site):
    assert list(errors(site.add(**new_person(password2="another-phrase-8")))) == ["password2"]
    assert User.objects.count() == 1


def test_forged_fields_of_the_add_form_set_nothing(site):
    site.add(**new_person(is_superuser="on", is_staff="on", created_at="2000-01-01", id="usr_x", password="plain"))
    eve = User.objects.get(email="eve@example.org")
    assert (eve.is_superuser, eve.is_staff, eve.created_at.year > 2000) == (False, False, True)


# Changing


def test_a_change_is_recorded_with_its_actor(site, bob):
    assert site.change(bob.pk, **fields(bob, email="ROBERT@example.org", global_role="TEACHER")).status_code == 302
    bob.refresh_from_db()
    assert (bob.email, bob.global_role) == ("robert@example.org", "TEACHER")
    assert recorded(bob) == [("created", None), ("updated", "Root")]


def test_saving_without_a_change_records_nothing(site, bob):
    before = state(bob)
    assert site.change(bob.pk, **fields(bob)).status_code == 302
    assert (state(bob), recorded(bob)) == (before, [("created", None)])


def test_deactivating_a_person_is_a_change_like_others(site, bob):
    site.change(bob.pk, **fields(bob, is_active=None))
    bob.refresh_from_db()
    assert (bob.is_active, recorded(bob)[-1]) == (False, ("deactivated", "Root"))


def test_forged_fields_of_the_change_form_change_nothing(site, bob):
    before = state(bob)
    forged = {"password": "plain", "created_at": "2000-01-01", "last_login": "2000-01-01", "id": "usr_x"}
    site.change(bob.pk, **fields(bob, **forged))
    assert state(bob) == before


def test_a_wrong_role_is_refused(site, bob):
    assert list(errors(site.change(bob.pk, **fields(bob, global_role="HEADMASTER")))) == ["global_role"]


def test_a_superuser_gives_staff_rights_and_groups(site, bob):
    group = Group.objects.create(name="Office")
    site.change(bob.pk, **fields(bob, is_staff="on", groups=[group.pk]))
    bob.refresh_from_db()
    assert (bob.is_staff, list(bob.groups.all())) == (True, [group])
    assert recorded(bob)[-2:] == [("updated", "Root"), ("groups_changed", "Root")]


def test_the_form_says_that_groups_apply_to_staff_only(site, bob):
    group = "Each gives its rights there, but only to those who are staff."
    assert site.page(bob.pk).context["adminform"].form.fields["groups"].help_text == group


# Rights can't be taken by those who have fewer


def test_staff_edit_an_ordinary_person(clerk, bob):
    Site(clerk, KIND).change(bob.pk, **fields(bob, display_name="Robert"))
    assert (state(bob)["display_name"], recorded(bob)[-1]) == ("Robert", ("updated", "Clerk"))


@pytest.mark.parametrize("of_themselves", [True, False])
def test_staff_who_are_no_superuser_can_not_make_others_staff(clerk, bob, of_themselves):
    person, group = clerk if of_themselves else bob, Group.objects.create(name="Office")
    every_right = list(Permission.objects.values_list("pk", flat=True))
    rights, site = set(person.user_permissions.all()), Site(clerk, KIND)
    before = state(person)
    forged = {"is_superuser": "on", "is_staff": "on", "groups": [group.pk], "user_permissions": every_right}
    assert site.change(person.pk, **fields(person, **forged)).status_code == 302
    assert state(person) == before
    assert (list(person.groups.all()), set(person.user_permissions.all())) == ([], rights)


def test_staff_who_are_no_superuser_add_only_ordinary_people(clerk):
    Site(clerk, KIND).add(**new_person(is_superuser="on", is_staff="on"))
    eve = User.objects.get(email="eve@example.org")
    assert (eve.is_superuser, eve.is_staff, recorded(eve)) == (False, False, [("created", "Clerk")])


def test_staff_who_are_no_superuser_edit_neither_superusers_nor_other_staff(clerk, root, make_user):
    site, colleague = Site(clerk, KIND), make_user("Colleague", is_staff=True)
    for person in (root, colleague):
        before = state(person)
        assert site.change(person.pk, **fields(person, email="mine@example.org")).status_code == 403
        password = site.post(password_page(person), {})
        assert (password.status_code, state(person)) == (403, before)


@pytest.fixture
def registrar(make_user):
    user = make_user("Registrar", is_staff=True)
    user.groups.add(Group.objects.get(name="Registrar"))
    return user


@pytest.mark.parametrize("of_themselves", [True, False])
def test_superusers_alone_appoint_an_admin(registrar, root, bob, of_themselves):
    person = registrar if of_themselves else bob
    answer = Site(registrar, KIND).change(person.pk, **fields(person, global_role="ADMIN"))
    if of_themselves:  # their own role is shown, and is no field
        assert (answer.status_code, state(person)["global_role"]) == (302, "STUDENT")
    else:
        assert errors(answer) == {"global_role": ["Select a valid choice. ADMIN is not one of the available choices."]}
    added = Site(registrar, KIND).add(**new_person(global_role="ADMIN"))
    assert (list(errors(added)), User.objects.filter(email="eve@example.org").exists()) == (["global_role"], False)
    Site(root, KIND).change(person.pk, **fields(person, global_role="ADMIN"))
    assert state(person)["global_role"] == "ADMIN"


def test_superusers_alone_edit_an_admin_who_is_not_staff(registrar, admin, root):
    site, before = Site(registrar, KIND), state(admin)
    deactivated = fields(admin, is_active=None)
    statuses = [
        site.change(admin.pk, **fields(admin, email="mine@example.org")).status_code,
        site.change(admin.pk, **deactivated).status_code,
        site.post(f"{site.address('change', admin.pk)[: -len('change/')]}password/", {}).status_code,
    ]
    assert site.act("make_password_links", [admin]) == [
        "0 of 1 people given a link.",
        "Admin <admin@example.org>: Only a superuser may change this person's access.",
    ]
    assert (statuses, state(admin)) == ([403, 403, 403], before)
    Site(root, KIND).change(admin.pk, **deactivated)
    assert state(admin)["is_active"] is False
    Site(root, KIND).change(admin.pk, **fields(admin, display_name="Ada"))
    assert state(admin)["display_name"] == "Ada"


def test_staff_who_are_admin_edit_themselves_but_not_their_role(registrar):
    User.objects.filter(pk=registrar.pk).update(global_role="ADMIN")
    registrar.refresh_from_db()
    Site(registrar, KIND).change(registrar.pk, **fields(registrar, display_name="Rita", global_role="STUDENT"))
    assert (state(registrar)["display_name"], state(registrar)["global_role"]) == ("Rita", "ADMIN")


def test_groups_given_and_taken_are_recorded(site, registrar, bob):
    site.change(bob.pk, **fields(bob, groups=[Group.objects.get(name="Support").pk]))
    site.change(bob.pk, **fields(bob, groups=[]))
    site.change(bob.pk, **fields(bob, groups=[]))
    assert recorded(bob)[1:] == [("groups_changed", "Root"), ("groups_changed", "Root")]
    assert [event.detail for event in events_of(bob)[1:]] == ["none → Support", "Support → none"]
    [_, given, *_] = site.get(site.address("history", bob.pk)).context["lines"]
    assert [given.sentence[0].text, *given.entry.changes] == ["changed the groups of ", ("groups", "none", "Support")]


def test_a_record_names_all_groups_however_long_their_names(site, bob):
    names = [f"{letter * 150}" for letter in "ABC"]
    keys = [Group.objects.create(name=name).pk for name in names]
    site.change(bob.pk, **fields(bob, groups=keys))
    site.change(bob.pk, **fields(bob, groups=keys[1:]))
    taken, given, *_ = site.get(site.address("history", bob.pk)).context["lines"]
    assert taken.entry.changes == [("groups", ", ".join(names), ", ".join(names[1:]))]
    assert given.entry.changes == [("groups", "none", ", ".join(names))]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_concurrent_group_changes_are_recorded_one_after_the_other(attempt, root, bob, run_together):
    groups = [Group.objects.get_or_create(name=name)[0] for name in ("Office", "Library")]
    run_together(
        [
            lambda group=group: User.objects.get(pk=bob.pk).change_groups(Actor(root), [group], set(groups) - {group})
            for group in groups
        ]
    )
    details = [event.detail for event in events_of(bob, "user.groups_changed")]
    [last] = bob.groups.all()
    [first] = [group for group in groups if group != last]
    assert details == [f"none → {first}", f"{first} → {last}"]


def test_a_form_without_groups_keeps_groups_given_in_the_meantime(root, bob, monkeypatch):
    """Another user's change happens after the form was read and before it is saved."""
    office, edit = Group.objects.create(name="Office"), User.edit

    def edit_late(user, by, **changes):
        bob.change_groups(Actor(root), [office])
        return edit(user, by, **changes)

    monkeypatch.setattr(User, "edit", edit_late)
    Site(root, KIND).change(bob.pk, **fields(bob, display_name="Robert"))
    assert (state(bob)["display_name"], list(bob.groups.all())) == ("Robert", [office])


def test_groups_are_for_superusers_only(clerk, root):
    clerk.user_permissions.add(*Permission.objects.filter(content_type__model="group"))
    group = Group.objects.create(name="Office")
    theirs, ours = Site(clerk, "auth_group"), Site(root, "auth_group")
    assert [theirs.listing().status_code, theirs.page(group.pk).status_code] == [403, 403]
    assert ours.change(group.pk, name="Bureau").status_code == 302
    assert (Group.objects.get(pk=group.pk).name, ours.get(ours.address("delete", group.pk)).status_code) == (
        "Bureau",
        403,
    )


# Passwords


def password_page(person):
    return reverse("admin:auth_user_password_change", args=[person.pk])


def set_password(site, person, **data):
    sent = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true", **data}
    return site.post(password_page(person), sent)


def test_a_new_password_is_recorded_without_its_hash(site, bob):
    assert set_password(site, bob).status_code == 302
    bob.refresh_from_db()
    assert (bob.check_password(PASSWORD), recorded(bob)) == (True, [("created", None), ("password_set", "Root")])
    assert bob.password not in str([vars(event) for event in events_of(bob)])


def test_a_password_can_be_removed(site, make_user):
    bob = make_user("Bob", password=PASSWORD)
    response = set_password(site, bob, **{"usable_password": "false", "unset-password": "1"})
    bob.refresh_from_db()
    assert shown_messages(response) == ["Password-based authentication was disabled."]
    assert (bob.has_usable_password(), recorded(bob)[-1]) == (False, ("password_set", "Root"))


def test_staff_who_change_their_own_password_stay_signed_in(site, root):
    set_password(site, root)
    assert site.listing().status_code == 200


def test_a_weak_password_is_refused(site, bob):
    before = state(bob)
    assert set_password(site, bob, password1="12345678", password2="12345678").status_code == 200
    assert (state(bob), recorded(bob)) == (before, [("created", None)])


def test_the_page_of_a_person_shows_no_whole_hash(site, make_user):
    bob = make_user("Bob", password=PASSWORD)
    assert bob.password not in site.page(bob.pk).content.decode()


# The verbs


def test_edit_refuses_an_address_that_is_taken(alice, bob):
    with pytest.raises(User.EmailTaken):
        alice.edit(SYSTEM, email="Bob@example.org")
    assert (state(alice)["email"], recorded(alice)) == ("alice@example.org", [("created", None)])


def test_edit_writes_only_the_given_fields(alice, bob):
    stale = User.objects.get(pk=bob.pk)
    bob.edit(Actor(alice), display_name="Robert")
    stale.edit(Actor(alice), global_role="TEACHER")
    after = state(bob)
    assert (after["display_name"], after["global_role"]) == ("Robert", "TEACHER")
    assert recorded(bob) == [("created", None), ("updated", "Alice"), ("updated", "Alice")]


@pytest.mark.parametrize("junk", ["4/junk", "junk/4", "4/usr_01h455vb4pex5vsknk084sn02q"])
def test_an_unknown_short_link_is_not_found(site, junk):
    assert site.get(f"/admin/r/{junk}/").status_code == 404


def test_the_admin_password_page_redirects_to_the_account_page(site, root):
    address = reverse("admin:password_change")
    pages = [site.get(address), site.post(address, {"new_password1": PASSWORD, "new_password2": PASSWORD})]
    assert [(page.status_code, page["Location"]) for page in pages] == [(302, reverse("password-change"))] * 2
    assert recorded(root) == [("created", None)]
