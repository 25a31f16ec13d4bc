from datetime import datetime

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field

from apikeys.refused_calls import PREFIX, RefusedCall
from tutorarc.api.filters import TEXT, ChoiceFilter, StrictFilterSet, UtcDateTimeFilter
from tutorarc.db.ids import first_id_after, first_id_from
from tutorarc.domain.errors import DOMAIN_ERRORS
from tutorarc.http.error_reasons import STATUSES, ErrorReason

ERROR_STATUSES = sorted(set(STATUSES.values()))


def reasons() -> list[tuple[str, str]]:
    """A function, because domain errors are defined in apps that are loaded later."""
    return [(reason, reason) for reason in (*map(str, ErrorReason), *DOMAIN_ERRORS)]


@extend_schema_field({**TEXT, "maxLength": 128})
class RequestIdFilter(django_filters.CharFilter):
    pass


@extend_schema_field({"type": "integer", "enum": ERROR_STATUSES})
class StatusFilter(ChoiceFilter):
    pass


class RefusedCallFilter(StrictFilterSet):
    request_id = RequestIdFilter(max_length=128, label="Request id")
    status = StatusFilter(choices=[(str(status), str(status)) for status in ERROR_STATUSES])
    reason = ChoiceFilter(choices=reasons)
    created_after = UtcDateTimeFilter(is_lower_bound=True, method="later", label="Created after")
    created_before = UtcDateTimeFilter(is_lower_bound=False, method="earlier", label="Created before")

    class Meta:
        model = RefusedCall
        fields: list[str] = []

    # Ids contain the time of creation, so a range of times is a range of ids.

    def later(self, calls: QuerySet[RefusedCall], name: str, time: datetime) -> QuerySet[RefusedCall]:
        return calls.filter(pk__gte=first_id_after(PREFIX, time))

    def earlier(self, calls: QuerySet[RefusedCall], name: str, time: datetime) -> QuerySet[RefusedCall]:
        return calls.filter(pk__lt=first_id_from(PREFIX, time))
