"""The page that shows every component of the site in all its states. Only with `TUTORARC_DEBUG`."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tutorarc.models import User

NAMES = (
    "Tara Lindqvist",
    "Sam Oyelaran",
    "王小明",
    "דוד בן־גוריון",
    "Amy",
    "Zoë Ångström",
    "Bo Li",
    "Ravi Kumar",
    "Ola Nordmann",
)
TABS = (("Overview", None), ("Lessons", 3), ("People", 24), ("History", None), ("Settings", None))
LENGTHS = [("30", "30 minutes"), ("60", "An hour")]
LONG_TITLE = "Introduction to the differential geometry of curves and surfaces, with applications to navigation at sea"


class SampleForm(forms.Form):
    title = forms.CharField(help_text="The name your students know.", label="Title")
    code = forms.CharField(
        label="Class code", widget=forms.TextInput({"class": "code", "autocapitalize": "characters"})
    )
    day = forms.DateField(label="Date", widget=forms.DateInput({"type": "date"}))
    length = forms.ChoiceField(choices=LENGTHS, widget=forms.RadioSelect, label="Length")
    kind = forms.ChoiceField(choices=[("", "All"), ("1", "Approved")], label="Kind")
    text = forms.CharField(widget=forms.Textarea({"rows": 3}), label="Description", required=False)
    strict = forms.BooleanField(label="Students can enter only during the lesson", required=False)

    method, address, button = "", "/styleguide", "Save"

    def __init__(self, data: dict[str, Any] | None = None) -> None:
        super().__init__(data, label_suffix="", auto_id="id_wrong_%s" if data is not None else "id_%s")


class SampleGroups(forms.Form):
    """A field whose boxes stand in groups."""

    events = forms.MultipleChoiceField(
        choices=LENGTHS,
        widget=forms.CheckboxSelectMultiple,
        label="Lengths",
        help_text="Tick none to get every length.",
    )

    def __init__(self, data: dict[str, Any] | None = None) -> None:
        super().__init__(data, label_suffix="", auto_id="id_wrong_%s" if data is not None else "id_%s")

    def groups(self) -> list[tuple[str, list[Any]]]:
        return [("Lessons", list(self["events"]))]


class SampleQuestion(forms.Form):
    method, address, button, css_class = "", "/styleguide", "Archive class", "danger"


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    now = timezone.now()
    people = [User(display_name=name, email=f"person{number}@example.org") for number, name in enumerate(NAMES)]
    context = {
        "title": LONG_TITLE,
        "badge": {"kind": "good", "text": "Active"},
        "crumbs": [("Classes", "/api/v1/classes"), ("European History", "#")],
        "tabs": [{"label": label, "href": "#", "count": count, "current": label == "People"} for label, count in TABS],
        "badges": [("good", "Joined"), ("warn", "Waiting for approval"), ("bad", "Failed"), ("plain", "Archived")],
        "people": people,
        "form": SampleForm(),
        "wrong": SampleForm({"title": "", "length": "7"}),
        "grouped": [SampleGroups(), SampleGroups({})],
        "question": SampleQuestion(),
        "undo": {"address": "/styleguide", "fields": {}},
        "moments": [now, now + timedelta(minutes=25), now + timedelta(days=1), now + timedelta(days=40)],
        "colours": ["paper", "card", "sunk", "ink", "soft", "line", "accent", "good", "warn", "bad"],
    }
    return render(request, "tutorarc/styleguide.html", context)
