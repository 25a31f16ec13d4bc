"""Base classes of the admin pages. They write through domain verbs and delete nothing."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ShowFacets, helpers
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import display_for_value
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold import widgets
from unfold.admin import ModelAdmin, checkbox
from unfold.contrib.filters.admin import AutocompleteSelectFilter, BooleanRadioFilter, ChoicesRadioFilter, RadioFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.utils import display_for_label

from tutorarc.domain.errors import DomainError
from tutorarc.domain.events import Actor
from tutorarc.domain.text_fields import TimeZoneField
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.staff.actions import RecordActions
from tutorarc.staff.export import WRONG_FILTER, CsvExport, refuse_nul
from tutorarc.staff.forms import Autocomplete, Choices, FormAsShown, Refused
from tutorarc.staff.history_pages import HistoryPages
from tutorarc.staff.inlines import inlines_of
from tutorarc.staff.record_list import RecordList
from tutorarc.staff.remedies import remedy_for
from tutorarc.staff.saved_filters import SavedFilters
from tutorarc.staff.search import KeysFirst, NewestMatches, search
from tutorarc.staff.taken_values import LinksTakenValues, UniqueValues

# django-unfold is imported in this package only; apps import its classes from this module.
__all__ = [
    "AdminPasswordChangeForm",
    "Autocomplete",
    "AutocompleteSelectFilter",
    "BooleanRadioFilter",
    "ChoicesRadioFilter",
    "RadioFilter",
    "RecordAdmin",
    "UserChangeForm",
    "UserCreationForm",
    "label",
    "moment",
    "widgets",
]

# Colours of status labels.
COLOURS = {
    "Pending": "warning",
    "Approved": "success",
    "Rejected": "danger",
    "Active": "success",
    "Archived": "warning",
    "Scheduled": "info",
    "Live": "success",
    "Cancelled": "danger",
    "Running": "info",
    "Done": "success",
    "Failed": "danger",
}
NOT_SAVED = "Nothing was done, and your changes below are not saved yet."
# Lookups used by Django's list filters.
LOOKUPS_OF_FILTERS = {"exact", "isnull", "isempty", "gte", "lt"}


class RecordAdmin(SavedFilters, HistoryPages, CsvExport, RecordActions, ModelAdmin):
    """Base ModelAdmin.

    Forms write only through `create` and `edit`: each calls one verb and returns its row. A DomainError is shown on the
    form, and nothing is saved.
    """

    change_list_template: Any = "tutorarc/staff/list.html"
    empty_value_display: Any = "–"
    list_per_page = 25
    show_full_result_count = False
    list_filter_submit = True
    show_facets = ShowFacets.NEVER  # would count all rows for each choice
    paginator: Any = KeysFirst
    change_form_outer_after_template = "admin/inline_forms.html"
    add_form: Any = None
    add_fieldsets: Any = None
    details: tuple[str, ...] = ()  # read-only fields
    only_for_editors: frozenset[str] = frozenset()  # fields that are not shown to staff who may not change the record
    unique_values: tuple[tuple[str, ...], ...] = ()  # fields that tell two records apart: a taken value is linked
    further_lookups: frozenset[str] = frozenset()  # filters used by links only

    @staticmethod
    def actor(request: HttpRequest) -> Actor:
        return Actor(signed_in_user(request))

    # Writing

    def create(self, request: HttpRequest, values: dict[str, Any]) -> models.Model:
        raise NotImplementedError

    def edit(self, request: HttpRequest, row: Any, changes: dict[str, Any]) -> models.Model:
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            saved = self.edit(request, obj, {name: form.cleaned_data[name] for name in form.changed_data})
        else:
            saved = self.create(request, form.cleaned_data)
        vars(obj).update(vars(saved))  # Django continues with its own copy of the row

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        if "_keep" in request.POST:  # back from the question that an action asked
            request.refusal = ValidationError(NOT_SAVED)  # type: ignore[attr-defined]
        try:
            return super().changeform_view(request, *args, **options)
        except (DomainError, ValidationError) as error:
            # Nothing was saved: show the form again with this error.
            request.refusal = error  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **options)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Ignore an empty `?_to_field=`, which makes Django fail."""
        return super().get_object(request, object_id, from_field or None)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponseRedirect:
        """Say it without the id, which names nothing to the reader."""
        self.message_user(
            request, f"There is no such {opts.verbose_name}. The link may be incomplete.", messages.WARNING
        )
        return HttpResponseRedirect(reverse("admin:index"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # Forms

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        if obj is None and self.add_form:
            options.setdefault("form", self.add_form)
        form = super().get_form(request, obj, change=change, **options)
        if obj is not None:
            form = type(form.__name__, (FormAsShown, form), {})
        if self.unique_values:
            finder = UniqueValues(self, request)
            form = type(form.__name__, (LinksTakenValues, form), {"unique_values": finder})
        refusal = getattr(request, "refusal", None)
        if not refusal:
            return form
        told = {"refusal": refusal, "remedy": remedy_for(request, obj, refusal)}
        return type(form.__name__, (Refused, form), told)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None and self.add_fieldsets:
            return self.add_fieldsets
        fieldsets: Any = super().get_fieldsets(request, obj)
        if not self.only_for_editors or self.has_change_permission(request, obj):
            return fieldsets
        return [(title, options | {"fields": self._for_readers(options["fields"])}) for title, options in fieldsets]

    def _for_readers(self, fields: Any) -> list[str]:
        return [field for field in fields if field not in self.only_for_editors]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.details if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """No inlines while a record is being added."""
        return inlines_of(self.model) if obj else []

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if isinstance(db_field, models.DateTimeField):
            zone = timezone.get_current_timezone_name()
            options.setdefault("help_text", f"{db_field.help_text} In your time zone ({zone}).".strip())
        if isinstance(db_field, TimeZoneField):
            options.setdefault("widget", widgets.UnfoldAdminSelectWidget())
        return super().formfield_for_dbfield(db_field, request, **options)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        options.setdefault("widget", Autocomplete(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **options)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        options.setdefault("widget", widgets.UnfoldAdminCheckboxSelectMultipleWidget())
        options.setdefault("form_class", Choices)
        return super().formfield_for_manytomany(db_field, request, **options)

    # Query parameters

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Only relations can be prefilled: a malformed time would break the widget."""
        relations = {field.name for field in self.opts.get_fields() if field.is_relation}
        return {
            name: value for name, value in super().get_changeform_initial_data(request).items() if name in relations
        }

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow only the list's own filters: Django would allow probing any field, such as a digest."""
        field, _, kind = lookup.rpartition("__")
        offered = {entry[0] for entry in self.list_filter if isinstance(entry, tuple)}
        own = {getattr(entry, "parameter_name", None) for entry in self.list_filter}
        of_fields = field.removesuffix("__id") in offered and kind in LOOKUPS_OF_FILTERS
        return lookup in self.further_lookups | own or of_fields

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        return search(queryset, self.search_fields, search_term), False

    def get_paginator(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        is_searched = bool(request.GET.get(SEARCH_VAR, "").strip())
        return NewestMatches(*args, **options) if is_searched else super().get_paginator(request, *args, **options)

    # The list

    def with_columns(self, rows: Any) -> Any:
        """The rows of a page with what their columns need, in a constant number of statements."""
        return rows

    @admin.display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Any) -> SafeString:
        attributes = {"checked": True} if getattr(obj, "is_selected", False) else {}
        return checkbox.render(helpers.ACTION_CHECKBOX_NAME, str(obj.pk), attributes)

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[RecordList]:
        return RecordList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        try:
            refuse_nul(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(request.path + WRONG_FILTER)
        return super().changelist_view(request, extra_context)


def label(status: str) -> SafeString:
    """A status as a coloured word: "Approved" for "APPROVED"."""
    return display_for_label(status.capitalize(), "–", COLOURS)


def moment(time: datetime | None) -> str:
    """A time as lists show it: without it, a page of a record shows the time of a method as it is stored."""
    return str(display_for_value(time, "–"))
