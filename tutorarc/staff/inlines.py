"""Related records on the page of another one. The app that owns the rows registers them there.

`register_inlines(Class, Members)` shows members on the page of a class, which so knows nothing of members.
"""

from collections import defaultdict
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.forms import PaginationInlineFormSet


class PagedRows(PaginationInlineFormSet):
    """Takes nothing from a form, whatever it sends."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "data": None, "files": None, "save_as_new": False})

    def is_valid(self) -> bool:
        return True

    def save(self, commit: bool = True) -> list[Any]:
        self.new_objects: list[Any] = []
        self.changed_objects: list[Any] = []
        self.deleted_objects: list[Any] = []
        return []

    def get_page_num(self) -> int:
        """unfold takes ² for a number."""
        try:
            return super().get_page_num()
        except ValueError:
            return 1


class RecordInline(TabularInline):
    """Related records on the page of another, to look at. They change on their own pages, and by actions."""

    formset = PagedRows
    per_page = 20
    extra = 0
    can_delete = False
    tab = True
    hide_title = True
    form_template = ""  # a form of its own, put after that of the page: a form can't stand inside another

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or ()


_registered: dict[type[Model], list[type[RecordInline]]] = defaultdict(list)


def register_inlines(model: type[Model], *inlines: type[RecordInline]) -> None:
    """Show these on the page of each record of the model, after those that are registered already."""
    _registered[model].extend(inlines)


def inlines_of(model: type[Model]) -> list[type[RecordInline]]:
    return _registered[model]
