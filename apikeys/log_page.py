"""The developer's log: the refused calls of all the user's API keys (docs/contract.md, "Refused calls")."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apikeys.filters import ERROR_STATUSES
from apikeys.models import ApiKey, RefusedCall
from apikeys.refused_calls import PREFIX, RefusedCallQuerySet
from tutorarc.db.ids import TypeIDField

CALLS_ON_A_PAGE = 20
AddressOfCall = Callable[[str, str], str]  # of a method and a route


class Row(NamedTuple):
    call: RefusedCall
    key: ApiKey
    reference: str  # address of the call in the reference; empty if it isn't there


class LogFilterForm(forms.Form):
    """What the log shows. `before` is the last call of the page before."""

    request_id = forms.CharField(
        required=False,
        max_length=200,
        label=_("Request id"),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    key = forms.ChoiceField(required=False, label=_("API key"))
    status = forms.ChoiceField(
        required=False, choices=[("", _("All")), *((status, status) for status in ERROR_STATUSES)], label=_("Status")
    )
    before = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, keys: Iterable[ApiKey], data: object) -> None:
        super().__init__(data, label_suffix="", auto_id="log_%s")  # type: ignore[arg-type]
        self.fields["key"].choices = [("", _("All")), *((key.pk, str(key)) for key in keys)]  # type: ignore[attr-defined]

    def clean_request_id(self) -> str:
        """Without what is copied along with it: blanks, line breaks and quotes."""
        return "".join(self.cleaned_data["request_id"].split()).strip("\"'`,;")

    def clean_before(self) -> str:
        """Raises ValidationError."""
        before = self.cleaned_data["before"]
        return before and str(TypeIDField(PREFIX).to_python(before))

    @property
    def in_use(self) -> bool:
        return any(self.data.get(field.name) for field in self.visible_fields())

    def apply(self, calls: RefusedCallQuerySet) -> RefusedCallQuerySet:
        columns = {"request_id": "request_id", "key": "api_key", "status": "status", "before": "pk__lt"}
        chosen = {columns[name]: value for name, value in self.cleaned_data.items() if value}
        return calls.filter(**chosen)


@require_safe
@login_required
@never_cache
def log(request: HttpRequest, address_of_call: AddressOfCall) -> HttpResponse:
    keys = {key.pk: key for key in ApiKey.objects.filter(owner_id=request.user.pk).only("name", "hint")}
    form = LogFilterForm(keys.values(), request.GET)
    own = RefusedCall.objects.recent().filter(owner_id=request.user.pk).order_by("-pk")
    calls = list(form.apply(own)[: CALLS_ON_A_PAGE + 1]) if form.is_valid() else []
    rows = [
        Row(call, keys[call.api_key_id], address_of_call(call.method, call.route)) for call in calls[:CALLS_ON_A_PAGE]
    ]
    older = rows[-1].call.pk if len(calls) > CALLS_ON_A_PAGE else ""
    context = {"rows": rows, "form": form, "older": older, "has_keys": bool(keys)}
    context["days"] = settings.KEEP_REFUSED_CALLS.days
    return render(request, "apikeys/log.html", context, status=200 if form.is_valid() else 400)
