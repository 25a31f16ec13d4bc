"""The list of a kind of record in the admin site."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR
from django.http import HttpRequest
from django.utils.text import capfirst
from unfold.views import ChangeList

from tutorarc.domain.folded_fields import sort_field
from tutorarc.staff.actions import MAX_AT_ONCE, SELECTED
from tutorarc.staff.search import NewestMatches, is_phrase

MAX_IN_BACKGROUND = 100_000
NO_SUCH_PAGE = "That page is too far inside a sorted list. This is the first page."


class RecordList(ChangeList):
    """Change list titled with the plural name. Row counts are shown only for searches and filters.

    `?selected=` with ids separated by commas ticks these rows.
    """

    max_at_once = MAX_AT_ONCE

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.model_admin.in_background:
            self.max_at_once = MAX_IN_BACKGROUND
        self.title = capfirst(self.opts.verbose_name_plural)
        self.filter_params.pop(SELECTED, None)  # not in links to other pages

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        lookups: dict[str, Any] = super().get_filters_params(params)
        lookups.pop(SELECTED, None)
        return lookups

    def get_ordering_field(self, field_name: Any) -> Any:
        """The folded text of a column, where the model holds it, so that titles and names sort as people sort."""
        path = super().get_ordering_field(field_name)
        if not isinstance(path, str):
            return path
        relation, separator, name = path.rpartition("__")
        model: Any = self.model._meta.get_field(relation).related_model if relation else self.model
        return f"{relation}{separator}{sort_field(model, name)}"

    def get_queryset(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        """Sort by no more columns than there are: the links of each column repeat all of them."""
        if ORDER_VAR in self.params:
            columns = str(self.params[ORDER_VAR]).split(".")
            self.params[ORDER_VAR] = ".".join(columns[: len(self.list_display)])
        return super().get_queryset(request, *args, **options)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.get_filters_params())

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except IncorrectLookupParameters:
            messages.warning(request, NO_SUCH_PAGE)
            raise
        self.page_num: int = min(self.page_num, self.paginator.num_pages)
        self.is_phrase, self.are_all = is_phrase(self.query), self.paginator.are_all
        is_one_page = not self.multi_page or (self.show_all and self.can_show_all)
        if is_one_page and isinstance(self.paginator, NewestMatches):
            self.result_list = self.paginator.object_list
        if not (self.is_narrowed and self.are_all):
            self.full_result_count = self.result_count
        self.result_list = self.model_admin.with_columns(self.result_list)
        if selected := request.GET.get(SELECTED):
            for row in self.result_list:
                row.is_selected = str(row.pk) in selected.split(",")  # type: ignore[attr-defined]
