from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from classes.models import Class, is_approved_member
from tutorarc.api.filters import (
    ChoiceFilter,
    ExternalIdFilter,
    SearchFilter,
    StrictFilterSet,
    UtcDateTimeFilter,
    is_for_page,
)
from tutorarc.api.pagination import NEWEST_FIRST, OLDEST_FIRST, Ordering
from tutorarc.db.ids import first_id_after, first_id_from
from tutorarc.domain.folding import folded
from tutorarc.http.signed_in_user import signed_in_user

ORDERINGS = {
    "created_at": OLDEST_FIRST,
    "-created_at": NEWEST_FIRST,
    "title": Ordering(("title_key", "pk")),
    "-title": Ordering(("title_key", "pk"), descending=True),
}


class ClassFilter(StrictFilterSet):
    status = ChoiceFilter(choices=Class.Status.choices)
    external_id = ExternalIdFilter()
    search = SearchFilter(method="matching")
    created_after = UtcDateTimeFilter(is_lower_bound=True, method="later", label="Created after")
    created_before = UtcDateTimeFilter(is_lower_bound=False, method="earlier", label="Created before")
    ordering = ChoiceFilter(
        method="unchanged", label="Order", choices=[(name, name) for name in ORDERINGS], null_label=None
    )

    class Meta:
        model = Class
        fields: list[str] = []

    def __init__(self, data: Any = None, *args: Any, request: Any = None, **options: Any) -> None:
        """The page of the list shows active classes, unless it is asked for others."""
        if data is not None and is_for_page(request) and not data.get("status"):
            data = data.copy()
            data["status"] = Class.Status.ACTIVE
        super().__init__(data, *args, request=request, **options)

    def matching(self, classes: QuerySet[Class], name: str, text: str) -> QuerySet[Class]:
        """By code only where the caller may see it, or it could be guessed letter by letter."""
        plain = folded(text)
        user, has_code = signed_in_user(self.request), Q(class_code__icontains=plain)
        if user.is_teacher:  # whose list has classes that they created and left
            has_code &= Q(is_approved_member(user))
        return classes.filter(Q(folded_title__contains=plain) | Q(folded_description__contains=plain) | has_code)

    # Ids contain the time of creation, so a range of times is a range of ids.

    def later(self, classes: QuerySet[Class], name: str, time: datetime) -> QuerySet[Class]:
        return classes.filter(pk__gte=first_id_after("cls", time))

    def earlier(self, classes: QuerySet[Class], name: str, time: datetime) -> QuerySet[Class]:
        return classes.filter(pk__lt=first_id_from("cls", time))

    def unchanged(self, classes: QuerySet[Class], name: str, value: str) -> QuerySet[Class]:
        """Ordering is done by the paginator: see `ClassViewSet.ordering_of`."""
        return classes
