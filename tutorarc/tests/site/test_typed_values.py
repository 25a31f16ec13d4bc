"""A form that is shown again, because something in it is wrong, has all that was typed and chosen."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tutorarc.domain.events import Actor
from tutorarc.tests.browser.browsing import FORM, HTML, form
from tutorarc.tests.site.form_values import form_with
from tutorarc.tests.staff.admin_site import Site
from tutorarc.webhooks.models import Endpoint

SERVER = "http://testserver"
TOO_LONG = "x" * 2001
LESSON = {
    "title": ["A title"],
    "startTime": ["2036-03-20T10:00"],
    "length": ["other"],
    "duration": ["25"],
    "strict": ["false"],
    "roomUrl": ["no address"],
    "teacherId": ["t 9"],
}
WEEKLY = {"repeat": ["weekly"], "weekday": ["MO", "TU"], "times": ["3"]}
CHANGES = {name: LESSON[name] for name in ("title", "startTime", "duration", "strict", "roomUrl")}
KEY = {"access": ["chosen"], "scopes": ["classes:read", "events:read"], "life": ["date"]}
WEBHOOK = {"url": ["no address"], "description": ["For me"], "event_types": ["class.created", "session.ended"]}
PERSON = {"display_name": ["Ann"], "global_role": ["TEACHER"], "external_id": ["e 1"]}
ZONE = {"time_zone": ["Asia/Kathmandu"]}

# A page, a field of the form on it, and what is typed. Something of that is wrong.
OF_TEACHER: list[tuple[str, str, dict[str, list[str]]]] = [
    ("/classes/new", "title", {"title": [TOO_LONG], "description": ["\n Two\nlines <b> \n"]}),
    ("/api/v1/classes/{klass}/settings", "room_url", {"room_url": ["no address"], "external_id": ["a 1"], **ZONE}),
    ("/classes/{klass}/invite", "people", {"people": ["\nA <a>\n"], "role": ["TEACHER"], "message": [" Hi \n you"]}),
    ("/lessons/new?class={klass}", "length", LESSON | WEEKLY),
    ("/lessons/new", "length", LESSON | {"classId": ["none"]}),
    ("/lessons/new", "length", LESSON | {"classId": ["none"], "startTime": ["2016-03-20T10:00"], "roomUrl": [""]}),
    ("/api/v1/sessions/{session}", "startTime", CHANGES),
    ("/api/v1/sessions/{of_series}", "startTime", CHANGES | {"scope": ["all"]}),
    ("/api/v1/sessions/{of_series}", "message", {"message": [TOO_LONG], "scope": ["following"]}),
    ("/developers/keys/new", "life", KEY | {"name": [TOO_LONG], "last_day": ["2036-01-01"]}),
    ("/developers/keys/new", "life", KEY | {"name": ["Fine"], "last_day": ["2016-01-01"]}),
    ("/developers/webhooks/new", "url", WEBHOOK | {"class_id": ["{klass}"]}),
    ("/developers/webhooks/{webhook}/edit", "url", WEBHOOK),
    ("/accounts/", "display_name", {"display_name": [TOO_LONG], **ZONE}),
]
OF_ADMIN: list[tuple[str, str, dict[str, list[str]]]] = [
    ("/api/v1/users", "email", PERSON | {"email": ["no address"], "invite": ["false", "on"]}),
    ("/api/v1/users/{bob}", "status", PERSON | {"display_name": [TOO_LONG], "status": ["DEACTIVATED"]}),
]


@pytest.fixture
def ids(alice, bob, algebra, join, schedule, schedule_series):
    join(algebra, bob)
    webhook, _ = Endpoint.objects.register(alice, Actor(alice), url="https://example.org/")
    session = schedule(klass=algebra, start_time=datetime(2036, 3, 20, 10, tzinfo=UTC))
    series = schedule_series(klass=algebra)
    rows = {"klass": algebra, "bob": bob, "session": session, "of_series": series[1], "webhook": webhook}
    return {name: row.pk for name, row in rows.items()}


def sent_and_shown(client: Any, address: str, field: str, typed: dict[str, list[str]]) -> tuple[Any, Any]:
    """The values of the form as they were sent, and as the answer shows them."""
    action, values = form_with(client.get(SERVER + address, headers=HTML), field)
    sent = {name: value for name, value in {**values, **typed}.items() if value}
    answer = client.post(SERVER + (action or address), form(**sent), FORM, headers=HTML)
    assert answer.status_code == 400
    _, shown = form_with(answer, field)
    shown.pop("confirmedStart", None)  # the question about a start in the past
    return sent, shown


@pytest.mark.parametrize(("address", "field", "typed"), OF_TEACHER)
def test_forms_of_a_teacher(signed_in, alice, ids, address, field, typed):
    typed = {name: [value.format(**ids) for value in values] for name, values in typed.items()}
    sent, shown = sent_and_shown(signed_in(alice), address.format(**ids), field, typed)
    assert shown == sent


@pytest.mark.parametrize(("address", "field", "typed"), OF_ADMIN)
def test_forms_of_an_administrator(signed_in, admin, ids, address, field, typed):
    sent, shown = sent_and_shown(signed_in(admin), address.format(**ids), field, typed)
    assert shown == sent


@pytest.mark.parametrize("text", ["email,display_name\nno address,Ann", ""], ids=["wrong rows", "no rows"])
def test_what_was_chosen_for_an_import_is_chosen_for_the_corrected_file(root, settings, text):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    site = Site(root, "tutorarc_user")
    for chosen in ({"mode": ["add"], "invite": ["on"]}, {"mode": ["update"]}):
        file = SimpleUploadedFile("people.csv", text.encode())
        page = site.post(site.address("import"), {"file": file, **chosen}, follow=True)
        assert form_with(page, "mode")[1] == {"file": [""], **chosen}
