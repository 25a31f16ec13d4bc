from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from classes.roles import ClassRole, MembershipStatus
from members.models import Membership
from members.past_rosters import first_events
from tutorarc.api.filters import ChoiceFilter, SearchFilter, StrictFilterSet, UtcDateTimeFilter
from tutorarc.api.pagination import OLDEST_FIRST, Ordering
from tutorarc.models import Event

BY_POSITION = Ordering(("position",))
ORDERINGS = {"": OLDEST_FIRST, "name": Ordering(("folded_name", "pk"))}


class MembershipFilter(StrictFilterSet):
    status = ChoiceFilter(choices=MembershipStatus.choices)
    role = ChoiceFilter(choices=ClassRole.choices)
    search = SearchFilter(method="matching")
    ordering = ChoiceFilter(method="by_name", label="Order", choices=[("name", "name")], null_label=None)

    as_of = UtcDateTimeFilter(is_lower_bound=False, method="unchanged", label="As of")

    class Meta:
        model = Membership
        fields: list[str] = []

    def matching(self, members: QuerySet[Membership], name: str, text: str) -> QuerySet[Membership]:
        return members.filter(self.request.parser_context["view"].reader.matching(text))

    def by_name(self, members: QuerySet[Membership], name: str, value: str) -> QuerySet[Membership]:
        """Only people whose names the caller may read, or their place would tell their names.

        Ordering itself is done by the paginator: see `MembershipViewSet.ordering_of`.
        """
        return members.filter(self.request.parser_context["view"].reader.names)

    def unchanged(self, members: QuerySet[Membership], name: str, moment: datetime) -> QuerySet[Membership]:
        """A past roster is read by `PastRosterFilter`."""
        return members


class PastRosterFilter(MembershipFilter):
    """Filters of the roster as it was. It can be neither searched nor sorted."""

    class Meta:
        model = Event
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        """The view applies `status` and `role`, to a limited number of rows: see `MembershipViewSet.rows_and_end`."""
        return first_events(self.form.cleaned_data["as_of"])
