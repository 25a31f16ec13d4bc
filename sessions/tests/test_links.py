"""The links to a session, and the token that a teacher's link may have."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.core.exceptions import ImproperlyConfigured

from sessions.links import is_token_for, owner_of, student_link, teacher_link, token_for
from sessions.tests.expected import SESSION_BODY
from tutorarc.conf import env

ID = "session_abc123"
OTHER = "session_abc124"


@pytest.fixture
def signed(settings):
    settings.SIGNED_TEACHER_LINKS = True


def test_links_are_exactly_those_of_the_published_api():
    assert teacher_link(ID) == "https://board.tutorarc.com/board?id=session_abc123&role=teacher"
    assert student_link(ID) == "https://board.tutorarc.com/join?id=session_abc123"


def test_links_point_to_the_board_of_the_settings(settings):
    settings.BOARD_URL = "http://localhost:8000/lobby"
    assert teacher_link(ID) == "http://localhost:8000/lobby/board?id=session_abc123&role=teacher"
    assert student_link(ID) == "http://localhost:8000/lobby/join?id=session_abc123"


@pytest.mark.parametrize(
    ("value", "board"),
    [
        ("https://board.example.org", "https://board.example.org"),
        ("https://board.example.org/", "https://board.example.org"),
        (" http://127.0.0.1:8000/x/ ", "http://127.0.0.1:8000/x"),
        ("", "https://board.tutorarc.com"),
    ],
)
def test_the_board_address_comes_from_the_environment(monkeypatch, value, board):
    monkeypatch.setenv("TUTORARC_BOARD_URL", value)
    assert env.url("TUTORARC_BOARD_URL", "https://board.tutorarc.com") == board


@pytest.mark.parametrize("value", ["board.example.org", "ftp://board.example.org", "https://", "javascript:alert(1)"])
def test_a_board_address_that_is_no_url_prevents_the_start(monkeypatch, value):
    monkeypatch.setenv("TUTORARC_BOARD_URL", value)
    with pytest.raises(ImproperlyConfigured, match="TUTORARC_BOARD_URL must be an address"):
        env.url("TUTORARC_BOARD_URL", "https://board.tutorarc.com")


# Signed links


def test_a_signed_link_has_a_token_at_its_end(signed):
    link = teacher_link(ID)
    assert link.startswith("https://board.tutorarc.com/board?id=session_abc123&role=teacher&token=")
    assert parse_qs(urlsplit(link).query) == {"id": [ID], "role": ["teacher"], "token": [token_for(ID)]}


def test_the_token_of_a_link_is_valid_for_its_session(signed):
    assert is_token_for(ID, parse_qs(urlsplit(teacher_link(ID)).query)["token"][0])


def test_a_students_link_is_never_signed(signed):
    assert student_link(ID) == "https://board.tutorarc.com/join?id=session_abc123"


def test_without_the_setting_no_token_is_valid():
    assert not is_token_for(ID, token_for(ID))


def test_the_token_of_another_user_names_them_and_is_not_that_of_the_creator(signed):
    token = token_for(ID, user_id="usr_x")
    assert (token.startswith("usr_x."), is_token_for(ID, token), owner_of(token)) == (True, True, "usr_x")
    assert (owner_of(token_for(ID)), is_token_for(ID, token.partition(".")[2])) == ("", False)


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "x",
        "None",
        "é",
        ID,
        token_for(OTHER),
        token_for(ID)[:-1],
        token_for(ID) + "x",
        token_for(ID).swapcase(),
        f"{ID}:{token_for(ID)}",
        f"usr_x.{token_for(ID)}",
        token_for(ID, user_id="usr_x").replace("usr_x", "usr_y"),
        signing.Signer().signature(ID),
        signing.Signer(salt="another").signature(ID),
        signing.Signer(salt="tutorarc.teacher-link", key="another").signature(ID),
    ],
)
def test_a_forged_token_is_not_valid(signed, forged):
    assert not is_token_for(ID, forged)


def test_a_token_is_not_valid_after_the_secret_key_changed(signed, settings):
    token = token_for(ID)
    settings.SECRET_KEY = "another secret key"
    assert not is_token_for(ID, token)


@pytest.mark.parametrize("path", ["/classes", "/sessions"])
def test_responses_contain_the_signed_link(signed, api, alice, path):
    data = api(alice).post(path, SESSION_BODY).json()["data"]
    assert data["teacherLink"] == teacher_link(data["sessionId"])
    assert is_token_for(data["sessionId"], data["teacherLink"].partition("&token=")[2])


def test_a_student_is_not_given_the_token(signed, api, bob, algebra, join, schedule):
    join(algebra, bob)
    made = schedule(klass=algebra)
    response = api(bob).get(f"/sessions/{made.pk}")
    assert response.json()["data"]["teacherLink"] is None
    assert token_for(made.pk) not in response.content.decode()


def test_a_key_that_only_reads_is_not_given_the_token(signed, api, signed_in, alice, schedule):
    made = schedule()
    plain = f"https://board.tutorarc.com/board?id={made.pk}&role=teacher"
    reader, writer = api(alice, scopes=["sessions:read"]), api(alice, scopes=["sessions:read", "sessions:write"])
    links = [client.get(f"/sessions/{made.pk}").json()["data"]["teacherLink"] for client in (reader, writer)]
    assert links == [plain, f"{plain}&token={token_for(made.pk)}"]
    assert reader.get("/sessions").json()["data"][0]["teacherLink"] == plain
    assert signed_in(alice).get(f"/sessions/{made.pk}").json()["data"]["teacherLink"] == links[1]
