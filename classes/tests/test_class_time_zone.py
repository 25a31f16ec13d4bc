"""`time_zone` of classes: in their settings, on their tab, and in the admin site."""

import pytest

from classes.tests.expected import SETTINGS
from tutorarc.testing.client import invalid, verdict
from tutorarc.testing.events import events_of, types_of
from tutorarc.tests.browser.browsing import FORM, HTML, field_errors, form
from tutorarc.tests.staff.admin_site import errors

KIND = "classes_class"
BERLIN = "Europe/Berlin"


@pytest.fixture
def path(algebra):
    return f"/classes/{algebra.pk}/settings"


def test_a_teacher_sets_it_and_takes_it_back(api, alice, algebra, path):
    client = api(alice)
    assert client.patch(path, {"time_zone": BERLIN}).json() == SETTINGS | {"time_zone": BERLIN}
    assert client.get(path).json() == SETTINGS | {"time_zone": BERLIN}
    assert client.patch(path, {"time_zone": None}).json() == SETTINGS
    changes = [event.changes for event in events_of(algebra, "class.settings_changed")]
    assert changes == [{"time_zone": [None, BERLIN]}, {"time_zone": [BERLIN, None]}]


@pytest.mark.parametrize(
    ("zone", "code"),
    [("Berlin", "unknown_time_zone"), ("localtime", "unknown_time_zone"), ("", "blank"), (1, "invalid")],
)
def test_a_wrong_zone_is_400(api, alice, algebra, path, zone, code):
    assert verdict(api(alice).patch(path, {"time_zone": zone})) == invalid("time_zone", code)
    assert types_of(algebra) == ["created"]


def test_it_is_chosen_on_the_tab_with_the_settings(signed_in, alice, algebra, path):
    browser = signed_in(alice)
    page = browser.get(path, headers=HTML).content.decode()
    assert '<option value="" selected>The time zone of the person who plans</option>' in page
    sent = {"_method": "PATCH", "time_zone": BERLIN, "initial-time_zone": ""}
    page = browser.post(path, form(**sent), FORM, headers=HTML)
    assert f'<option value="{BERLIN}" selected>{BERLIN}</option>' in page.content.decode()
    page = browser.post(path, form(**sent | {"time_zone": "Berlin"}), FORM, headers=HTML)
    assert field_errors(page, "room") == {"time_zone": ["Give the name of a time zone, such as Europe/Berlin."]}
    browser.post(path, form(**sent | {"time_zone": "", "initial-time_zone": BERLIN}), FORM, headers=HTML)
    algebra.refresh_from_db()
    assert algebra.time_zone is None


def test_staff_set_it_beside_the_title(site, algebra):
    values = {"title": algebra.title, "description": algebra.description}
    assert site.change(algebra.pk, **values, time_zone=BERLIN).status_code == 302
    algebra.refresh_from_db()
    assert algebra.time_zone == BERLIN
    assert list(errors(site.change(algebra.pk, **values, time_zone="Berlin"))) == ["time_zone"]
    site.change(algebra.pk, **values, time_zone="")
    algebra.refresh_from_db()
    assert (algebra.time_zone, types_of(algebra)) == (None, ["created", "settings_changed", "settings_changed"])
