"""Text that people type (docs/contract.md, "Text"): what is refused, what is legal, and how it is stored."""

import re
import time

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from apikeys.models import ApiKey
from apikeys.tests.developer_page import NEW, errors, token
from classes.models import Class
from tutorarc.api.fields import LINE, PROSE, TRIMMED_LINE
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import User
from tutorarc.testing.client import verdict
from tutorarc.tests.imports.test_people import plan

pytestmark = pytest.mark.django_db

SESSION = {"title": "Algebra", "startTime": "2030-01-01T10:00:00Z", "duration": 60, "teacherId": "t-1"}
INVISIBLE = [
    "\u200b",
    "\u2800",
    "\u3164",
    "\ufeff \u2060",
    "Ann\u200b",
    "An\u00adn",
    "Ann\u115f",
    "Ann\u2800Lee",
    "Ann\u200d",
    "\u200cAnn",
    "Ann \u200c Lee",
    "Ann\u200e",
    "Ann\ufe0f",
    "Ann\U000e0041",
]
CONTROLS = ["An\tn", "An\nn", "An\x1bn", "An\x7fn", "An\x85n", "An\u2028n", "An\u2029n"]
OVERRIDES = [f"An{character}n" for character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"]
REFUSED = (
    [(text, "invisible_text") for text in INVISIBLE]
    + [(text, "control_character") for text in CONTROLS]
    + [(text, "bidi_override") for text in OVERRIDES]
    + [("a" + "\u0301" * 31, "too_many_accents")]
)
LEGAL = [
    "می\u200cخواهم",  # Persian: a non-joiner inside a word
    "क्\u200dष",  # Hindi: a joiner
    "അവന്\u200d",  # Malayalam: a joiner ends the word
    "ខ្ញុំ\u200bទៅ",  # Khmer: words are set apart by it
    "葛\U000e0100",  # the variant of a Japanese name
    "שלום C++\u200e",  # a mark of direction among Hebrew
    "👩🏽\u200d🏫 1\ufe0f\u20e3 ❤\ufe0f\u200d🔥",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # the flag of England
    "日本語 🧮 ﷽",
]
DECOMPOSED, COMPOSED = "Jose\u0301", "Jos\u00e9"


def refusal(response):
    """The first detail of a 400: the field and the code."""
    status, reason, [detail] = verdict(response)
    assert (status, reason) == (400, "invalid_fields")
    return detail


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_a_line_of_text_that_misleads_its_reader_is_refused(api, alice, text, code):
    assert refusal(api(alice).post("/classes", {"title": text})) == ("title", code)
    assert Class.objects.count() == 0


@pytest.mark.parametrize("text", LEGAL)
def test_marks_that_belong_to_a_word_or_a_picture_are_legal(api, alice, text):
    assert api(alice).post("/classes", {"title": text}).json()["title"] == text


def test_the_message_names_the_character_and_its_place(api, alice):
    [detail] = api(alice).post("/classes", {"title": "Ann\u200b"}).json()["error"]["details"]
    assert detail["message"] == "U+200B (ZERO WIDTH SPACE) can't be seen here. Remove it: it is character 4."


@pytest.mark.parametrize(("text", "code"), [("\u200b", "invisible_text"), ("a\u202eb", "bidi_override")])
def test_a_description_is_refused_if_it_is_unseen_or_turns_text_around(api, alice, text, code):
    assert refusal(api(alice).post("/classes", {"title": "A", "description": text})) == ("description", code)


def test_a_description_has_lines_and_what_was_copied_along(api, alice):
    text = "One\n\ttwo\u200b, three\u00ad.\r\n"
    assert api(alice).post("/classes", {"title": "A", "description": text}).json()["description"] == text


@pytest.mark.parametrize("text", ["\u200b", "t\t1", "t\u202e1", " "])
def test_every_line_of_text_in_the_api_has_the_same_rules(api, alice, text):
    client = api(alice)
    klass = Class.objects.create_with_teacher(Actor(alice), title="Algebra")
    session = client.post("/sessions", SESSION).json()["data"]["sessionId"]
    answers = [
        client.patch(f"/classes/{klass.pk}", {"title": text}),
        client.post("/sessions", {**SESSION, "title": text}),
        client.post("/sessions", {**SESSION, "teacherId": text}),
        client.patch(f"/sessions/{session}", {"title": text}),
    ]
    assert [refusal(answer)[0] for answer in answers] == ["title", "title", "teacherId", "title"]


def test_text_is_stored_composed(api, alice):
    client = api(alice)
    klass = client.post("/classes", {"title": DECOMPOSED, "description": DECOMPOSED}).json()
    assert (klass["title"], klass["description"]) == (COMPOSED, COMPOSED)
    session = client.post("/sessions", {**SESSION, "title": DECOMPOSED, "teacherId": DECOMPOSED}).json()["data"]
    assert (session["title"], session["teacherId"]) == (COMPOSED, COMPOSED)
    found = client.get("/sessions", {"teacherId": DECOMPOSED}).json()["data"]
    assert [row["sessionId"] for row in found] == [session["sessionId"]]


def test_the_limit_counts_composed_characters(api, alice):
    client = api(alice)
    assert client.post("/classes", {"title": "e\u0301" * 200}).json()["title"] == "\u00e9" * 200
    assert refusal(client.post("/classes", {"title": "\u0958" * 101})) == ("title", "max_length")  # each becomes two


def test_a_megabyte_of_accents_costs_little(api, alice):
    client, began = api(alice), time.perf_counter()
    assert refusal(client.post("/classes", {"title": "a" + "\u0301\u0323" * 80_000})) == ("title", "max_length")
    accents = "a" + "\u0301\u0323" * 4_000
    assert refusal(client.post("/classes", {"title": "A", "description": accents})) == (
        "description",
        "too_many_accents",
    )
    assert time.perf_counter() - began < 1


# Pages, commands and files


def test_a_display_name_has_the_same_rules_on_the_account_page(client, bob):
    client.force_login(bob)
    refused = client.post(reverse("account"), {"display_name": "Bob\u200b"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (400, ["display_name"])
    client.post(reverse("account"), {"display_name": DECOMPOSED})
    bob.refresh_from_db()
    assert bob.display_name == COMPOSED


def test_a_display_name_has_the_same_rules_in_a_command():
    with pytest.raises(CommandError, match=r"display_name: U\+202E"):
        call_command("create_user", "eve@example.org", "--role", "STUDENT", "--name", "E\u202eve")
    call_command("create_user", "jose@example.org", "--role", "STUDENT", "--name", DECOMPOSED)
    assert User.objects.get().display_name == COMPOSED


def test_a_display_name_has_the_same_rules_in_a_file(bob):
    sheet = f"email,display_name\neve@example.org,Eve\u200b\njose@example.org,{DECOMPOSED}\n"
    made = plan(sheet)
    assert [(problem.line, problem.reason[:28]) for problem in made.problems] == [(2, "display_name: U+200B (ZERO W")]
    assert [step.summary for step in made.steps] == [f"{COMPOSED}, STUDENT"]


def test_a_person_with_a_name_from_before_can_still_be_deactivated(bob):
    User.objects.filter(pk=bob.pk).update(display_name="Bob\u200b")
    assert bob.edit(SYSTEM, is_active=False).is_active is False


def test_an_api_key_has_a_name_that_can_be_seen(client, alice):
    client.force_login(alice)
    fields = {"access": "read", "life": "never", "token": token(client), "name": "\u3164"}
    assert list(errors(client.post(NEW, fields))) == ["name"]
    assert ApiKey.objects.count() == 0


def test_staff_cannot_save_such_a_title(client, root, alice):
    klass = Class.objects.create_with_teacher(Actor(alice), title="Algebra")
    client.force_login(root)
    page = client.post(f"/admin/classes/class/{klass.pk}/change/", {"title": "Alg\u200bebra", "description": ""})
    assert list(page.context["adminform"].form.errors) == ["title"]


# The schema


@pytest.mark.parametrize("text", LEGAL)
@pytest.mark.parametrize("pattern", [LINE, TRIMMED_LINE, PROSE])
def test_the_patterns_of_the_schema_take_what_is_legal(pattern, text):
    assert re.search(pattern, text)


@pytest.mark.parametrize("text", [*CONTROLS, *OVERRIDES, "", " ", "\0"])
@pytest.mark.parametrize("pattern", [LINE, TRIMMED_LINE])
def test_the_patterns_of_the_schema_refuse_what_misleads(pattern, text):
    assert not re.search(pattern, text)


def test_blanks_around_a_line_are_within_the_pattern():
    assert re.search(TRIMMED_LINE, "\n Algebra 1 \t")
    assert re.search(PROSE, "")
