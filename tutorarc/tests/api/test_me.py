import pytest

from tutorarc.testing.client import UNAUTHENTICATED, invalid, unauthenticated, verdict


@pytest.mark.parametrize(("role", "global_role"), [("bob", "STUDENT"), ("alice", "TEACHER"), ("admin", "ADMIN")])
def test_a_key_acts_as_its_owner(api, request, role, global_role):
    user = request.getfixturevalue(role)
    response = api(user).get("/me")
    assert response.status_code == 200
    assert response.json() == {
        "id": user.pk,
        "email": f"{role}@example.org",
        "display_name": role.title(),
        "global_role": global_role,
        "status": "ACTIVE",
    }


def test_the_cookie_identifies_its_user_too(browser_client, alice):
    assert browser_client(alice).get("/me").json()["id"] == alice.pk


def test_it_needs_no_scope(api, alice):
    assert api(alice, scopes=["sessions:read"]).get("/me").status_code == 200


def test_it_needs_a_credential(api, db):
    assert verdict(api().get("/me")) == UNAUTHENTICATED


def test_an_inactive_user_is_refused(api, browser_client, alice):
    clients = [api(alice), browser_client(alice)]
    type(alice).objects.update(is_active=False)
    assert [verdict(client.get("/me")) for client in clients] == [unauthenticated("unknown_key"), UNAUTHENTICATED]


def test_it_takes_no_parameters(api, alice):
    assert verdict(api(alice).get("/me?id=1")) == invalid("id", "unknown_parameter")


@pytest.mark.parametrize("method", ["post", "patch", "put", "delete"])
def test_it_can_only_be_read(api, alice, method):
    response = getattr(api(alice), method)("/me")
    assert verdict(response) == (405, "method_not_allowed", [])
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_it_costs_one_statement(api, alice, django_assert_num_queries):
    client = api(alice)
    with django_assert_num_queries(1):
        client.get("/me")
