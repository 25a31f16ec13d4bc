"""Permissions (docs/contract.md): every call by every role.

The expectations are written by hand from the contract. Each call comes with a body that succeeds for the permitted.
"""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from apikeys import secrets
from apikeys.models import ApiKey
from classes.models import Class
from members.models import Invitation
from members.models.invitation_queryset import Guest
from tutorarc import urls
from tutorarc.api.scopes import SCOPES
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.testing.client import UNAUTHENTICATED, Client, conflict, forbidden, path_of, unauthenticated, verdict
from tutorarc.tests.browser.browsing import headline

# anon    without credential              tea-st  global TEACHER, in this class an approved STUDENT
# strang  student without membership      tea-no  global TEACHER without membership
# pend … remov  student of that status    founder, co-tea  class TEACHERs
#                                         admin, adm-st  global ADMIN, without membership and as an approved STUDENT

ACTIVE = """
                                          anon strang pend approv reject remov tea-st tea-no founder co-tea admin adm-st
GET   /me                                 401  200    200  200    200    200   200    200    200     200    200   200
GET   /me/calendar                        401  200    200  200    200    200   200    200    200     200    200   200
POST  /me/calendar/renew                  401  200    200  200    200    200   200    200    200     200    200   200
GET   /events                             401  200    200  200    200    200   200    200    200     200    200   200
GET   /classes                            401  200    200  200    200    200   200    200    200     200    200   200
POST  /classes                            401  403    403  403    403    403   201    201    201     201    201   201
GET   /classes/{id}                       401  403    403  200    403    403   200    403    200     200    200   200
PATCH /classes/{id}                       401  403    403  403    403    403   403    403    200     200    200   200
POST  /classes/{id}/archive               401  403    403  403    403    403   403    403    200     200    200   200
POST  /classes/{id}/unarchive             401  403    403  403    403    403   403    403    200     200    200   200
POST  /classes/{id}/class-code            401  403    403  403    403    403   403    403    200     200    200   200
POST  /classes/{id}/transfer              401  403    403  403    403    403   403    403    200     200    200   200
GET   /classes/{id}/settings              401  403    403  403    403    403   403    403    200     200    200   200
PATCH /classes/{id}/settings              401  403    403  403    403    403   403    403    200     200    200   200
GET   /classes/{id}/members               401  403    200  200    200    200   200    403    200     200    200   200
POST  /classes/{id}/join-request          401  201    409  409    409    409   403    403    403     403    403   403
POST  /join-requests                      401  201    409  409    409    409   403    403    403     403    403   403
DELETE /classes/{id}/join-request         401  403    204  409    409    409   409    403    409     409    403   409
POST  /classes/{id}/members/approve       401  403    403  403    403    403   403    403    200     200    200   200
POST  /classes/{id}/members/reject        401  403    403  403    403    403   403    403    200     200    200   200
POST  /classes/{id}/members/remove        401  403    403  403    403    403   403    403    200     200    200   200
POST  /classes/{id}/members/reopen        401  403    403  403    403    403   403    403    200     200    200   200
POST  /classes/{id}/members               401  403    403  403    403    403   403    403    201     201    201   201
GET   /classes/{id}/members/me            401  403    200  200    200    200   200    403    200     200    403   200
GET   /classes/{id}/members/{user_id}     401  403    200  200    200    200   200    403    200     200    200   200
PATCH /classes/{id}/members/{user_id}     401  403    403  403    403    403   403    403    200     200    200   200
GET   /classes/{id}/invitations           401  403    403  403    403    403   403    403    200     200    200   200
POST  /classes/{id}/invitations           401  403    403  403    403    403   403    403    201     201    201   201
DELETE /classes/{id}/invitations/{invitation_id} 401 403 403 403 403 403 403 403 200 200 200 200
POST /classes/{id}/invitations/{invitation_id}/resend 401 403 403 403 403 403 403 403 200 200 200 200
POST  /classes/{id}/leave                 401  403    403  200    403    403   200    403    200     200    403   200
"""

ARCHIVED = """
                                          anon strang pend approv reject remov tea-st tea-no founder co-tea admin adm-st
GET   /me                                 401  200    200  200    200    200   200    200    200     200    200   200
GET   /me/calendar                        401  200    200  200    200    200   200    200    200     200    200   200
POST  /me/calendar/renew                  401  200    200  200    200    200   200    200    200     200    200   200
GET   /events                             401  200    200  200    200    200   200    200    200     200    200   200
GET   /classes                            401  200    200  200    200    200   200    200    200     200    200   200
POST  /classes                            401  403    403  403    403    403   201    201    201     201    201   201
GET   /classes/{id}                       401  403    403  200    403    403   200    403    200     200    200   200
PATCH /classes/{id}                       401  403    403  403    403    403   403    403    409     409    409   409
POST  /classes/{id}/archive               401  403    403  403    403    403   403    403    200     200    200   200
POST  /classes/{id}/unarchive             401  403    403  403    403    403   403    403    200     200    200   200
POST  /classes/{id}/class-code            401  403    403  403    403    403   403    403    409     409    409   409
POST  /classes/{id}/transfer              401  403    403  403    403    403   403    403    409     409    409   409
GET   /classes/{id}/settings              401  403    403  403    403    403   403    403    200     200    200   200
PATCH /classes/{id}/settings              401  403    403  403    403    403   403    403    409     409    409   409
GET   /classes/{id}/members               401  403    200  200    200    200   200    403    200     200    200   200
POST  /classes/{id}/join-request          401  409    409  409    409    409   403    403    403     403    403   403
POST  /join-requests                      401  409    409  409    409    409   403    403    403     403    403   403
DELETE /classes/{id}/join-request         401  403    409  409    409    409   409    403    409     409    403   409
POST  /classes/{id}/members/approve       401  403    403  403    403    403   403    403    409     409    409   409
POST  /classes/{id}/members/reject        401  403    403  403    403    403   403    403    409     409    409   409
POST  /classes/{id}/members/remove        401  403    403  403    403    403   403    403    409     409    409   409
POST  /classes/{id}/members/reopen        401  403    403  403    403    403   403    403    409     409    409   409
POST  /classes/{id}/members               401  403    403  403    403    403   403    403    409     409    409   409
GET   /classes/{id}/members/me            401  403    200  200    200    200   200    403    200     200    403   200
GET   /classes/{id}/members/{user_id}     401  403    200  200    200    200   200    403    200     200    200   200
PATCH /classes/{id}/members/{user_id}     401  403    403  403    403    403   403    403    409     409    409   409
GET   /classes/{id}/invitations           401  403    403  403    403    403   403    403    200     200    200   200
POST  /classes/{id}/invitations           401  403    403  403    403    403   403    403    409     409    409   409
DELETE /classes/{id}/invitations/{invitation_id} 401 403 403 403 403 403 403 403 409 409 409 409
POST /classes/{id}/invitations/{invitation_id}/resend 401 403 403 403 403 403 403 403 409 409 409 409
POST  /classes/{id}/leave                 401  403    403  409    403    403   409    403    409     409    403   409
"""

# Scope of a key, and a caller that succeeds with it
SCOPE_OF = {
    "GET /me/calendar": ("sessions:read", "strang"),
    "POST /me/calendar/renew": ("sessions:write", "strang"),
    "GET /events": ("events:read", "founder"),
    "GET /classes": ("classes:read", "founder"),
    "POST /classes": ("classes:write", "founder"),
    "GET /classes/{id}": ("classes:read", "founder"),
    "PATCH /classes/{id}": ("classes:write", "founder"),
    "POST /classes/{id}/archive": ("classes:write", "founder"),
    "POST /classes/{id}/unarchive": ("classes:write", "founder"),
    "POST /classes/{id}/class-code": ("classes:write", "founder"),
    "POST /classes/{id}/transfer": ("classes:write", "founder"),
    "GET /classes/{id}/settings": ("classes:read", "founder"),
    "PATCH /classes/{id}/settings": ("classes:write", "founder"),
    "GET /classes/{id}/members": ("members:read", "founder"),
    "POST /classes/{id}/join-request": ("members:write", "strang"),
    "POST /join-requests": ("members:write", "strang"),
    "DELETE /classes/{id}/join-request": ("members:write", "pend"),
    "POST /classes/{id}/members/approve": ("members:write", "founder"),
    "POST /classes/{id}/members/reject": ("members:write", "founder"),
    "POST /classes/{id}/members/remove": ("members:write", "founder"),
    "POST /classes/{id}/members/reopen": ("members:write", "founder"),
    "POST /classes/{id}/members": ("members:write", "founder"),
    "GET /classes/{id}/invitations": ("members:read", "founder"),
    "POST /classes/{id}/invitations": ("members:write", "founder"),
    "DELETE /classes/{id}/invitations/{invitation_id}": ("members:write", "founder"),
    "POST /classes/{id}/invitations/{invitation_id}/resend": ("members:write", "founder"),
    "GET /classes/{id}/members/me": ("members:read", "founder"),
    "GET /classes/{id}/members/{user_id}": ("members:read", "founder"),
    "PATCH /classes/{id}/members/{user_id}": ("members:write", "founder"),
    "POST /classes/{id}/leave": ("members:write", "founder"),
}


def read(table):
    """(call, person, status) for each cell."""
    head, *rows = table.strip("\n").splitlines()
    for row in rows:
        method, path, *statuses = row.split()
        for person, status in zip(head.split(), statuses, strict=True):
            yield f"{method} {path}", person, int(status)


def rows(table):
    """(call, {person: status}) for each row."""
    statuses = {}
    for call, person, status in read(table):
        statuses.setdefault(call, {})[person] = status
    return statuses.items()


ROWS = [
    pytest.param(state, *row, id=f"{state}-{row[0]}")
    for state, table in (("active", ACTIVE), ("archived", ARCHIVED))
    for row in rows(table)
]
COLUMNS = ACTIVE.strip("\n").splitlines()[0].split()
SUCCESS = {(call, person): status for call, person, status in read(ACTIVE)}
UNSAFE = [call for call in SCOPE_OF if not call.startswith("GET")]


@pytest.fixture
def person(request, algebra, alice, dora, join, make_user):
    """`person("pend")`: someone of that column of the table."""
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))

    def enrolled(role):
        user = make_user("Paul", role)
        algebra.memberships.enrol(algebra, user, "STUDENT", Actor(alice))
        return user

    def student(status):
        user = make_user("Paul")
        join(algebra, user, status)
        return user

    return lambda column: {
        "anon": lambda: None,
        "strang": lambda: make_user("Paul"),
        "pend": lambda: student("PENDING"),
        "approv": lambda: student("APPROVED"),
        "reject": lambda: student("REJECTED"),
        "remov": lambda: student("REMOVED"),
        "tea-st": lambda: enrolled("TEACHER"),
        "tea-no": lambda: make_user("Paul", "TEACHER"),
        "founder": lambda: alice,
        "co-tea": lambda: dora,
        "admin": lambda: make_user("Paul", "ADMIN"),
        "adm-st": lambda: enrolled("ADMIN"),
    }[column]()


@pytest.fixture
def prepare(algebra, alice, dora, join, make_user):
    """`prepare(call, caller)`: the method, the path, and a body that succeeds for the permitted."""

    def student(status=None):
        user = make_user("Sam")
        if status:
            join(algebra, user, status)
        return user.pk

    def known_student():
        """A student with a record in another class of the same teachers."""
        user, other = make_user("Sam"), Class.objects.create_with_teacher(Actor(alice), title="Botany")
        for person, role in ((user, "STUDENT"), (dora, "TEACHER")):
            other.memberships.enrol(other, person, role, Actor(alice))
        return user.pk

    def teacher_as_student():
        user = make_user("Tom", "TEACHER")
        algebra.memberships.enrol(algebra, user, "STUDENT", Actor(alice))
        return user.pk

    def third_teacher():
        user = make_user("Tom", "TEACHER")
        algebra.memberships.enrol(algebra, user, "TEACHER", Actor(alice))
        return user.pk

    def invitation():
        guests = [Guest("amy@example.org")]
        return Invitation.objects.send(algebra, guests, "STUDENT", Actor(alice), site="https://site.example")[0].pk

    def transfer(caller):
        """To a third teacher: the place of the caller, or, where the caller has none, that of the founder."""
        giver = {} if caller in (alice, dora) else {"from_user_id": alice.pk}
        return {"to_user_id": third_teacher(), **giver}

    bodies = {
        "POST /classes": lambda _: {"title": "Botany"},
        "PATCH /classes/{id}": lambda _: {"title": "Algebra 2"},
        "PATCH /classes/{id}/settings": lambda _: {"room_url": "https://meet.example.com/"},
        "POST /classes/{id}/join-request": lambda _: {"class_code": algebra.class_code},
        "POST /join-requests": lambda _: {"class_code": algebra.class_code},
        "POST /classes/{id}/members/approve": lambda _: {"user_ids": [student("PENDING")]},
        "POST /classes/{id}/members/reject": lambda _: {"user_ids": [student("PENDING")]},
        "POST /classes/{id}/members/remove": lambda _: {"user_id": student("APPROVED")},
        "POST /classes/{id}/members/reopen": lambda _: {"user_ids": [student("REJECTED")]},
        "POST /classes/{id}/members": lambda _: {"user_id": known_student(), "role": "STUDENT"},
        "PATCH /classes/{id}/members/{user_id}": lambda _: {"role": "TEACHER"},
        "POST /classes/{id}/invitations": lambda _: {"emails": ["amy@example.org"], "role": "STUDENT"},
        "POST /classes/{id}/transfer": transfer,
    }

    def of(call, caller=alice):
        method, path = call.split()
        user_id = teacher_as_student() if "{user_id}" in path else ""
        ids = {"user_id": user_id, "invitation_id": invitation() if "{invitation_id}" in path else ""}
        return method.lower(), path.format(id=algebra.pk, **ids), bodies.get(call, lambda _: {})(caller)

    return of


def make_call(client, prepared, **options):
    method, path, body = prepared
    return getattr(client, method)(path, body, **options)


@pytest.fixture
def for_each_person(algebra, alice, person, prepare):
    """`for_each_person(state, call, send)`: what `send(caller, prepared)` returns for each column of the table.

    Each call is rolled back before the next one.
    """

    def once(state, call, column, send):
        caller = person(column)
        prepared = prepare(call, caller)
        if state == "archived":
            algebra.archive(Actor(alice))
        return send(caller, prepared)

    def of(state, call, send):
        results = {}
        for column in COLUMNS:
            with transaction.atomic():
                results[column] = once(state, call, column, send)
                transaction.set_rollback(True)
            algebra.refresh_from_db()
            cache.clear()
        return results

    return of


@pytest.mark.parametrize(("state", "call", "expected"), ROWS)
def test_a_call_is_allowed_exactly_to_the_roles_in_the_contract(api, for_each_person, state, call, expected):
    def send(caller, prepared):
        return make_call(api(caller), prepared).status_code

    assert for_each_person(state, call, send) == expected


@pytest.mark.slow
@pytest.mark.parametrize(("state", "call", "expected"), ROWS)
def test_a_browser_gets_the_same_status_as_a_page(signed_in, for_each_person, state, call, expected):
    """The browsable API checks permissions again for each of its forms, after the work is done, without an error."""

    def send(caller, prepared):
        response = make_call(signed_in(caller) if caller else Client(), prepared, headers={"Accept": "text/html"})
        return response.status_code, response["Content-Type"]

    pages = {person: (status, "text/html; charset=utf-8") for person, status in expected.items()}
    assert for_each_person(state, call, send) == pages


def test_the_tables_list_every_call():
    routes = [
        (path_of(route).replace("{class_id}", "{id}"), getattr(route.callback, "actions", None) or {})
        for route in urls.v1
    ]
    calls = {f"{method.upper()} {path}" for path, methods in routes for method in methods if method != "head"}
    ours = {call for call in calls if re.match(r"\w+ /(me|classes|join-requests|events)\b", call)}
    assert ours == {call for call, _, _ in read(ACTIVE)} == {call for call, _, _ in read(ARCHIVED)}
    assert ours - {"GET /me"} == set(SCOPE_OF)


@pytest.mark.parametrize("status", ["PENDING", "REJECTED", "REMOVED"])
def test_an_admin_passes_every_class_check_whatever_their_membership(algebra, alice, admin, api, status):
    members = algebra.memberships
    members.enrol(algebra, admin, "STUDENT", Actor(alice))
    members.filter(user=admin).update(status=status)
    assert api(admin).get(f"/classes/{algebra.pk}").status_code == 200
    assert api(admin).patch(f"/classes/{algebra.pk}", {"title": "Algebra 2"}).status_code == 200


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("POST /classes", "wrong_role"),
        ("GET /classes/{id}", "not_a_member"),
        ("PATCH /classes/{id}", "not_a_member"),
    ],
)
def test_staff_and_superuser_flags_give_no_rights_in_the_api(make_user, api, prepare, call, reason):
    janitor = make_user("Janitor", is_staff=True, is_superuser=True)
    assert verdict(make_call(api(janitor), prepare(call))) == forbidden(reason)


def test_a_role_that_was_taken_away_is_gone_with_the_next_request(alice, api):
    teacher = api(alice)
    assert teacher.post("/classes", {"title": "Botany"}).status_code == 201
    type(alice).objects.filter(pk=alice.pk).update(global_role="STUDENT")
    assert verdict(teacher.post("/classes", {"title": "Botany"})) == forbidden("wrong_role")


def test_a_teacher_who_became_a_student_still_manages_their_classes(algebra, alice, bob, dora, root, join, api):
    """The role in the class decides, and it is not lost with the global role. But the class needs another teacher."""
    join(algebra, bob, "PENDING")
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    alice.edit(Actor(root), global_role="STUDENT")
    teacher, address = api(alice), f"/classes/{algebra.pk}"
    assert verdict(teacher.post("/classes", {"title": "Botany"})) == forbidden("wrong_role")
    assert teacher.patch(address, {"title": "Algebra 2"}).status_code == 200
    assert teacher.post(f"{address}/members/approve", {"user_ids": [bob.pk]}).status_code == 200
    assert verdict(api(dora).post(f"{address}/leave")) == conflict("last_teacher")


# Scopes


@pytest.mark.parametrize("call", SCOPE_OF)
def test_a_key_that_lacks_just_the_needed_scope_is_refused_by_its_name(api, person, prepare, call):
    scope, column = SCOPE_OF[call]
    client = api(person(column), scopes=[other for other in SCOPES if other != scope])
    response = make_call(client, prepare(call))
    assert verdict(response) == forbidden("missing_scope")
    assert response.json()["error"]["message"] == f"This API key lacks the scope {scope}."


@pytest.mark.parametrize("call", SCOPE_OF)
def test_a_key_with_just_the_needed_scope_is_enough(api, person, prepare, call):
    scope, column = SCOPE_OF[call]
    response = make_call(api(person(column), scopes=[scope]), prepare(call))
    assert response.status_code == SUCCESS[call, column]


@pytest.mark.parametrize("scope", SCOPES)
def test_me_needs_no_scope(bob, api, scope):
    response = api(bob, scopes=[scope]).get("/me")
    assert response.status_code == 200
    assert response.json() == {
        "id": bob.pk,
        "email": "bob@example.org",
        "display_name": "Bob",
        "global_role": "STUDENT",
        "status": "ACTIVE",
    }


def test_the_scopes_of_a_key_do_not_widen_its_owners_role(bob, api):
    assert verdict(api(bob, scopes=["classes:write"]).post("/classes", {"title": "Botany"})) == forbidden("wrong_role")


# Keys that open nothing


def _mistyped(user):
    _, plaintext = ApiKey.objects.issue(user, SYSTEM)
    return plaintext[:-1] + ("0" if plaintext[-1] != "0" else "1")


def _expired(user):
    key, plaintext = ApiKey.objects.issue(user, SYSTEM)
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    return plaintext


def _revoked(user):
    key, plaintext = ApiKey.objects.issue(user, SYSTEM)
    key.revoke(SYSTEM)
    return plaintext


def _of_inactive_owner(user):
    owner = type(user).objects.create_user("gone@example.org", display_name="Gone", global_role="ADMIN")
    _, plaintext = ApiKey.objects.issue(owner, SYSTEM)
    type(user).objects.filter(pk=owner.pk).update(is_active=False)
    return plaintext


USELESS_KEYS = {
    "empty": lambda user: "",
    "nonsense": lambda user: "💥 or 1=1".encode().decode("latin-1"),
    "mistyped": _mistyped,
    "unknown": lambda user: secrets.new_key(),
    "expired": _expired,
    "revoked": _revoked,
    "of an inactive owner": _of_inactive_owner,
}
MALFORMED_KEYS = {"empty", "nonsense", "mistyped"}


@pytest.mark.parametrize("kind", USELESS_KEYS)
@pytest.mark.parametrize("beside_a_cookie", [False, True], ids=["alone", "beside a cookie"])
@pytest.mark.parametrize("call", ["GET /me", "GET /classes/{id}", "POST /classes", "POST /classes/{id}/archive"])
def test_a_refused_key_is_401_even_beside_a_valid_cookie(algebra, alice, prepare, kind, beside_a_cookie, call):
    client = Client()
    if beside_a_cookie:
        client.force_login(alice)
    response = make_call(client, prepare(call), headers={"X-API-Key": USELESS_KEYS[kind](alice)})
    assert verdict(response) == unauthenticated("malformed_key" if kind in MALFORMED_KEYS else "unknown_key")
    assert response.headers["WWW-Authenticate"] == 'ApiKey realm="TutorArc", header="X-API-Key"'


def test_a_key_beside_the_cookie_of_another_acts_as_its_owner(alice, bob, api):
    client = api(bob)
    client.force_login(alice)
    assert client.get("/me").json()["id"] == bob.pk
    assert verdict(client.post("/classes", {"title": "Botany"})) == forbidden("wrong_role")


def test_a_key_is_not_widened_by_its_owners_cookie(alice, api):
    client = api(alice, scopes=["classes:read"])
    client.force_login(alice)
    assert verdict(client.post("/classes", {"title": "Botany"})) == forbidden("missing_scope")


def test_revoking_takes_effect_on_the_next_request(alice, api):
    client = api(alice)
    assert client.get("/me").status_code == 200
    alice.api_keys.get().revoke(SYSTEM)
    assert verdict(client.get("/me")) == unauthenticated("unknown_key")


def test_a_key_expires_at_the_exact_second(alice, api, half_past_nine, time_machine):
    end = timezone.now() + timedelta(minutes=5)
    client = api(alice, expires_at=end)
    time_machine.move_to(end - timedelta(seconds=1), tick=False)
    assert client.get("/me").status_code == 200
    time_machine.move_to(end, tick=False)
    assert verdict(client.get("/me")) == unauthenticated("unknown_key")


@pytest.mark.parametrize("header", ["Bearer {}", "ApiKey {}", "Token {}"])
def test_a_key_in_the_authorization_header_is_no_credential(alice, header):
    _, plaintext = ApiKey.objects.issue(alice, SYSTEM)
    response = Client().get("/me", headers={"Authorization": header.format(plaintext)})
    assert verdict(response) == UNAUTHENTICATED


# Cookies

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("call", UNSAFE)
def test_a_cookie_without_csrf_token_changes_nothing(browser_client, person, prepare, call):
    client = browser_client(person(SCOPE_OF[call][1]))
    assert verdict(make_call(client, prepare(call))) == forbidden("csrf_failed")


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", sorted({path_of(route) for route in urls.v1}))
def test_a_form_without_its_csrf_token_gets_an_error_page(browser_client, alice, path, method):
    response = browser_client(alice).generic(method, re.sub("{.*?}", "x", path), headers={"Accept": "text/html"})
    assert (response.status_code, headline(response)) == (403, "This page was open for too long")


@pytest.mark.parametrize("call", UNSAFE)
def test_a_cookie_with_csrf_token_passes(browser_client, person, prepare, call):
    column = SCOPE_OF[call][1]
    client = browser_client(person(column))
    client.cookies["csrftoken"] = TOKEN
    response = make_call(client, prepare(call), headers={"X-CSRFToken": TOKEN})
    assert response.status_code == SUCCESS[call, column]


def test_a_csrf_token_that_is_not_the_cookies_is_refused(browser_client, alice):
    client = browser_client(alice)
    client.cookies["csrftoken"] = TOKEN
    response = client.post("/classes", {"title": "Botany"}, headers={"X-CSRFToken": TOKEN[::-1]})
    assert verdict(response) == forbidden("csrf_failed")


@pytest.mark.parametrize("call", ["GET /me", *(call for call in SCOPE_OF if call.startswith("GET"))])
def test_a_cookie_reads_without_csrf_token(browser_client, alice, prepare, call):
    assert make_call(browser_client(alice), prepare(call)).status_code == 200


def test_the_cookie_of_an_inactive_user_is_no_credential(browser_client, alice):
    client = browser_client(alice)
    assert client.get("/me").status_code == 200
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    assert verdict(client.get("/me")) == UNAUTHENTICATED
