"""Inlines on the pages of other models. The app that owns the rows registers them.

`register_inlines(Class, Members)` shows members on the page of a class without an import in classes.
"""

from collections import defaultdict
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.forms import PaginationInlineFormSet

from tutorarc.staff.page_links import admin_url

MOST_SHOWN = 1_000  # rows on all pages of a tab


class PagedRows(PaginationInlineFormSet):
    """Formset that ignores submitted data."""

    are_more = False  # rows than the pages show

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "data": None, "files": None, "save_as_new": False})
        self.new_objects: list[Any] = []
        self.changed_objects: list[Any] = []
        self.deleted_objects: list[Any] = []
        # A text, because unfold would count again for the number 0.
        self.count = f"{self.paginator.count:,}{'+' if self.are_more else ''}"

    @property
    def list_of_all(self) -> str:
        """URL of the list of all these records, on whose pages is room for any number."""
        return f"{admin_url(self.model, 'changelist')}?{self.fk.name}__id__exact={self.instance.pk}"

    def is_valid(self) -> bool:
        return True

    def save(self, commit: bool = True) -> list[Any]:
        return []

    def get_page_num(self) -> int:
        """unfold accepts ² as a number."""
        try:
            return super().get_page_num()
        except ValueError:
            return 1

    def get_page(self, paginator: Paginator[Model], page: int) -> Page[Model]:
        """The last page in place of one whose rows are gone; unfold shows the first. It accepts "00" as a number.

        No more rows are counted than the pages show, because one person may have created a million sessions.
        """
        rows: Any = paginator.object_list
        counted = rows[: MOST_SHOWN + 1].count()
        self.are_more, paginator.count = counted > MOST_SHOWN, min(counted, MOST_SHOWN)
        return paginator.page(max(1, min(page, paginator.num_pages)))


class RecordInline(TabularInline):
    """Read-only list of related records on the page of another."""

    formset = PagedRows
    template = "tutorarc/staff/tab.html"
    nothing = ""  # shown in place of an empty list; by default "No live sessions."
    show_count = True
    place = 0  # tabs are in the order of their places, and then of their registration
    per_page = 20
    extra = 0
    can_delete = False
    tab = True
    hide_title = True
    form_template = ""  # a separate form after the page's form, because forms can't be nested

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or ()


_registered: dict[type[Model], list[type[RecordInline]]] = defaultdict(list)


def register_inlines(model: type[Model], *inlines: type[RecordInline]) -> None:
    """Append inlines to the admin pages of the model."""
    _registered[model].extend(inlines)


def inlines_of(model: type[Model]) -> list[type[RecordInline]]:
    return sorted(_registered[model], key=lambda inline: inline.place)
