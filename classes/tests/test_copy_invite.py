"""Teachers copy the invite of a class from its card, without opening the class."""

import pytest

from tutorarc.domain.events import Actor

HTML = {"accept": "text/html"}


def invites(client, user, path):
    client.force_login(user)
    page = client.get(path, headers=HTML).content.decode()
    return page.count(">Copy invite<"), page.count("/j/")


@pytest.mark.parametrize("path", ["/", "/api/v1/classes"])
@pytest.mark.parametrize(("who", "seen"), [("alice", (1, 1)), ("admin", (1, 1)), ("bob", (0, 0))])
def test_teachers_copy_the_link_and_the_code(client, request, algebra, bob, join, path, who, seen):
    join(algebra, bob)
    assert invites(client, request.getfixturevalue(who), path) == seen


def test_the_invite_names_class_link_and_code(client, alice, algebra):
    client.force_login(alice)
    text = f"Join Algebra on TutorArc: http://testserver/j/{algebra.class_code} (class code {algebra.class_code})"
    assert text in client.get("/").content.decode()


def test_nobody_is_invited_to_an_archived_class(client, alice, algebra):
    algebra.archive(Actor(alice))
    assert invites(client, alice, "/api/v1/classes?status=ARCHIVED") == (0, 0)
