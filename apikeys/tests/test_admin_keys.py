import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from apikeys.models import ApiKey
from apikeys.tests.database_text import whole_database
from tutorarc.domain.events import SYSTEM
from tutorarc.models import User
from tutorarc.testing.client import Client
from tutorarc.tests.staff.admin_site import Site, errors, recorded, state

KIND = "apikeys_apikey"
JUNK = ["junk", "key_zzz", "usr_01h455vb4pex5vsknk084sn02q", "9" * 30, "٣", "_00"]
SECRET = re.compile("ta_live_[a-z2-7]{32}[0-9a-f]{8}")


@pytest.fixture
def key(alice):
    return ApiKey.objects.issue(alice, SYSTEM, name="Import")[0]


def add(site, person, **changes):
    return site.add(**{"owner": person.pk, "name": "Import", "scopes": ["classes:read", "members:read"], **changes})


# The pages


@pytest.mark.parametrize("others", [0, 29])
def test_the_list_costs_four_statements_for_1_row_and_for_30(site, key, bob, django_assert_num_queries, others):
    for _ in range(others):
        ApiKey.objects.issue(bob, SYSTEM)
    site.listing()
    with django_assert_num_queries(4):
        response = site.listing()
    assert (response.status_code, response.context["cl"].result_count) == (200, others + 1)


@pytest.mark.parametrize("term", ["impor", "alice@", "Alice"])
def test_a_search_finds_keys_by_name_and_owner(site, key, bob, term):
    ApiKey.objects.issue(bob, SYSTEM, name="Other")
    assert site.rows(q=term) == [key]


def test_the_list_narrows_to_keys_by_their_use(site, key, bob):
    revoked, expired, unused = (ApiKey.objects.issue(bob, SYSTEM)[0] for _ in range(3))
    revoked.revoke(SYSTEM)
    ApiKey.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    ApiKey.objects.filter(pk=unused.pk).update(last_used_at=timezone.now() - timedelta(days=91))
    assert site.rows(use="revoked") == [revoked]
    assert site.rows(use="expired") == [expired]
    assert site.rows(use="unused") == [unused]
    assert site.rows(use="usable") == [unused, key]
    assert site.rows(use="junk") == [unused, expired, revoked, key]


def test_the_add_change_and_history_pages_open(site, key):
    pages = [site.address("add"), site.address("change", key.pk), site.address("history", key.pk)]
    assert [site.get(page).status_code for page in pages] == [200, 200, 200]


def test_no_page_shows_a_digest_or_lets_one_be_probed(site, key):
    pages = [site.listing(), site.page(key.pk)]
    assert [key.digest in page.content.decode() for page in pages] == [False, False]
    assert site.listing(digest__startswith=key.digest[0]).status_code == 400
    assert site.rows(q=key.digest) == []


@pytest.mark.parametrize("junk", JUNK)
def test_a_malformed_id_causes_no_server_error(site, key, junk):
    list_page = site.address("changelist")
    assert [site.get(f"{list_page}{junk}/{page}/").status_code for page in ("change", "history")] == [302, 302]
    assert site.get(site.address("add"), {"owner": junk, "expires_at": junk, "scopes": junk}).status_code == 200
    assert list(errors(site.add(owner=junk, name="Import", scopes=[junk]))) == ["owner", "scopes"]
    assert site.act("revoke", [junk]) == ["Nothing was changed: one of the rows doesn't exist."]
    assert state(key)["revoked_at"] is None


def test_a_key_can_not_be_deleted(site, key):
    assert site.get(site.address("delete", key.pk)).status_code == 403
    assert site.post(site.address("delete", key.pk), {"post": "yes"}).status_code == 403
    assert site.act("delete_selected", [key]) == ["No action selected."]
    assert ApiKey.objects.filter(pk=key.pk).count() == 1


# Issuing


def test_a_key_is_issued_and_recorded_with_its_actor(site, alice):
    page = add(site, alice, expires_at_0="2999-01-01", expires_at_1="12:00:00")
    key = ApiKey.objects.get()
    assert page.status_code == 200
    assert (key.owner, key.name, key.scopes) == (alice, "Import", ["classes:read", "members:read"])
    assert (str(key.expires_at), recorded(key)) == ("2999-01-01 12:00:00+00:00", [("created", "Root")])


def test_the_secret_is_shown_once_and_is_accepted_by_the_api(site, alice):
    page = add(site, alice).content.decode()
    [secret] = SECRET.findall(page)
    assert Client(headers={"X-API-Key": secret}).get("/me").json()["id"] == alice.pk
    later = [
        site.listing(),
        site.page(ApiKey.objects.get().pk),
        site.get(site.address("history", ApiKey.objects.get().pk)),
    ]
    assert [SECRET.findall(page.content.decode()) for page in later] == [[], [], []]


def test_the_secret_is_kept_in_no_table_no_cookie_and_no_log(site, alice, caplog, capfd):
    page = add(site, alice)
    [secret] = SECRET.findall(page.content.decode())
    body = secret[len("ta_live_") :]
    kept = [whole_database(), str(site.cookies), *capfd.readouterr(), caplog.text, str(page.headers)]
    assert [text for text in kept if body in text] == []
    assert "private" in page["Cache-Control"]


def test_no_scope_is_ticked_at_first(site):
    assert site.get(site.address("add")).context["adminform"].form["scopes"].value() is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["classes:delete"]}, "scopes"),
        ({"scopes": ["classes:read", "classes:read"]}, "scopes"),
        ({"name": "  "}, "name"),
        ({"owner": ""}, "owner"),
        ({"expires_at_0": "2000-01-01", "expires_at_1": "12:00"}, "expires_at"),
    ],
)
def test_a_wrong_form_issues_no_key(site, alice, changes, field):
    response = add(site, alice, **changes)
    assert (response.status_code, list(errors(response)), ApiKey.objects.count()) == (200, [field], 0)


@pytest.mark.parametrize(
    ("rights", "issued"),
    [({}, True), ({"is_staff": True}, False), ({"is_superuser": True}, False), ({"global_role": "ADMIN"}, False)],
)
def test_staff_cannot_gain_rights_by_issuing_a_key_for_another_user(make_user, bob, rights, issued):
    clerk = make_user("Clerk", is_staff=True)
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=["add_apikey", "view_apikey"]))
    User.objects.filter(pk=bob.pk).update(**rights)
    page = add(Site(clerk, KIND), bob)
    assert (bool(SECRET.search(page.content.decode())), ApiKey.objects.count()) == (issued, int(issued))
    assert issued or list(errors(page)) == ["owner"]
    assert SECRET.search(add(Site(clerk, KIND), clerk).content.decode())


def test_forged_fields_of_the_add_form_set_nothing(site, alice):
    forged = {
        "digest": "0" * 64,
        "hint": "mine",
        "revoked_at": "2000-01-01",
        "last_used_at": "2000-01-01",
        "id": "key_x",
    }
    [secret] = SECRET.findall(add(site, alice, **forged).content.decode())
    key = ApiKey.objects.get()
    assert (ApiKey.objects.find(secret), key.hint, key.revoked_at, key.last_used_at) == (
        key,
        f"{secret[:12]}…{secret[-4:]}",
        None,
        None,
    )


# Changing


def test_the_page_of_a_key_is_read_only(site, key, bob):
    before = state(key)
    forged = {
        "owner": bob.pk,
        "name": "Mine",
        "scopes": ["classes:write"],
        "digest": "0" * 64,
        "hint": "mine",
        "revoked_at_0": "2000-01-01",
        "expires_at_0": "2999-01-01",
        "last_used_at": "2000-01-01",
    }
    assert site.change(key.pk, **forged).status_code == 403
    assert (state(key), recorded(key)) == (before, [("created", None)])


def test_a_revoked_key_can_not_be_reactivated(site, key):
    key.revoke(SYSTEM)
    before = state(key)
    assert site.change(key.pk, revoked_at_0="", revoked_at_1="").status_code == 403
    assert state(key) == before


def test_revoking_reports_how_many_and_is_recorded(site, key, bob):
    closed, _ = ApiKey.objects.issue(bob, SYSTEM)
    closed.revoke(SYSTEM)
    before = state(closed)
    assert site.act("revoke", [key, closed]) == ["1 of 2 API keys revoked.", "1 was already revoked."]
    assert timezone.now() - state(key)["revoked_at"] < timedelta(minutes=1)
    assert recorded(key) == [("created", None), ("revoked", "Root")]
    assert (state(closed), recorded(closed)) == (before, [("created", None), ("revoked", None)])


def test_staff_with_view_rights_alone_neither_issue_nor_revoke(make_user, key, alice):
    viewer = make_user("Viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_apikey"))
    site = Site(viewer, KIND)
    assert [site.listing().status_code, site.page(key.pk).status_code] == [200, 200]
    assert (add(site, alice).status_code, site.act("revoke", [key])) == (403, [])
    assert (ApiKey.objects.count(), state(key)["revoked_at"]) == (1, None)
