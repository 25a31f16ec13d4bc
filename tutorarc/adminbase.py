"""What every page of the admin site shares: it writes through the domain's verbs alone, and it deletes nothing."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold import widgets
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from tutorarc.adminexport import WRONG_FILTER, CsvExport, refuse_nul
from tutorarc.adminhistory import HistoryPages
from tutorarc.errors import DomainError
from tutorarc.history import Actor

# django-unfold is imported here alone; the pages of each app take what they need of it from this module.
__all__ = [
    "AdminPasswordChangeForm",
    "Autocomplete",
    "RecordAdmin",
    "UserChangeForm",
    "UserCreationForm",
    "link",
    "widgets",
]

# What Django's own list filters put in an address.
LOOKUPS_OF_FILTERS = {"exact", "isnull", "isempty", "gte", "lt"}
REFUSALS_SHOWN = 10


class RecordAdmin(HistoryPages, CsvExport, ModelAdmin):
    """Pages for one kind of record.

    `create` and `edit` are the only ways in which a form writes: each calls one verb and returns the row that the
    verb returned. A DomainError from either is shown on the form, and nothing is saved.
    """

    list_per_page = 25
    show_full_result_count = False
    add_form: Any = None
    add_fieldsets: Any = None
    details: tuple[str, ...] = ()  # shown on the page of a record, never editable
    further_lookups: frozenset[str] = frozenset()  # filters that only our own links use

    @staticmethod
    def actor(request: HttpRequest) -> Actor:
        return Actor(request.user)

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
        vars(obj).update(vars(saved))  # Django goes on with its own copy of the row

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **options)
        except (DomainError, ValidationError) as error:
            # Nothing was saved: the same form once more, now refused for this reason.
            request.refusal = error  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **options)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def each(
        self, request: HttpRequest, subjects: Iterable[Any], verb: Callable[[Any], int], done: str, *, of: int
    ) -> None:
        """An action: apply the verb, which returns how many it changed, to each subject; say what came of it."""
        changed, refusals = 0, []
        for subject in subjects:
            try:
                changed += verb(subject)
            except DomainError as error:
                refusals.append(f"{subject}: {' '.join(explain(error))}")
        level = messages.SUCCESS if changed else messages.WARNING
        self.message_user(request, f"{changed} of {of} {done}.", level)
        for refusal in refusals[:REFUSALS_SHOWN]:
            self.message_user(request, refusal, messages.ERROR)
        if unseen := refusals[REFUSALS_SHOWN:]:
            self.message_user(request, f"{len(unseen)} more were refused.", messages.ERROR)

    # Forms

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        if obj is None and self.add_form:
            options.setdefault("form", self.add_form)
        form = super().get_form(request, obj, change=change, **options)
        refusal = getattr(request, "refusal", None)
        return type(form.__name__, (Refused, form), {"refusal": refusal}) if refusal else form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None and self.add_fieldsets:
            return self.add_fieldsets
        return super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.details if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        options.setdefault("widget", Autocomplete(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **options)

    # What an address may ask for

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Related rows alone: our links fill in nothing else, and a junk time would break the widget."""
        relations = {field.name for field in self.opts.get_fields() if field.is_relation}
        return {
            name: value for name, value in super().get_changeform_initial_data(request).items() if name in relations
        }

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the list's own filters offer: Django would let an address probe any field, a digest too."""
        field, _, kind = lookup.rpartition("__")
        offered = {entry[0] if isinstance(entry, tuple) else entry for entry in self.list_filter}
        return lookup in self.further_lookups or (field in offered and kind in LOOKUPS_OF_FILTERS)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        return super().get_search_results(request, queryset, search_term.replace("\0", ""))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        try:
            refuse_nul(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(request.path + WRONG_FILTER)
        return super().changelist_view(request, extra_context)

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any) -> HttpResponse | None:
        try:
            for key in request.POST.getlist(helpers.ACTION_CHECKBOX_NAME):
                self.opts.pk.clean(key, None)
        except ValidationError:
            self.message_user(request, "Nothing was changed: one of the rows doesn't exist.", messages.ERROR)
            return None
        return super().response_action(request, queryset, *args)


class Refused(ModelForm):
    """A form that was in order, until the verb refused what it asks for."""

    refusal: Any

    def clean(self) -> Any:
        super().clean()
        raise ValidationError(explain(self.refusal))


class Autocomplete(AutocompleteSelect):
    """Chooses a related row by searching. A junk id in the address or the form chooses none, and breaks nothing."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [key for key in value if self._may_be_a_key(key)], attr)

    def _may_be_a_key(self, key: Any) -> bool:
        try:
            return bool(self.field.remote_field.model._meta.pk.clean(key, None))
        except ValidationError:
            return False


def explain(error: DomainError | ValidationError) -> list[str]:
    """The error in sentences."""
    if isinstance(error, DomainError):
        return [error.message, *(detail.message for detail in error.details)]
    return error.messages


def link(row: models.Model, text: Any) -> SafeString:
    """A link to the page of another record."""
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a class="text-link underline" href="{}">{}</a>', address, text)
