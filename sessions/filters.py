from unicodedata import normalize

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field

from sessions.admission import Status
from sessions.models import LiveSession
from tutorarc.api.filters import TEXT, ChoiceFilter, ExternalIdFilter, StrictFilterSet, TypeIdFilter, UtcDateTimeFilter


@extend_schema_field({**TEXT, "maxLength": 128})
class TeacherIdFilter(django_filters.CharFilter):
    """Exact match of the integrator's own id for the teacher."""

    def __init__(self) -> None:
        super().__init__(field_name="teacher_ref", max_length=128, strip=False)

    def filter(self, sessions: QuerySet[LiveSession], text: str) -> QuerySet[LiveSession]:
        return super().filter(sessions, normalize("NFC", text))


class LiveSessionFilter(StrictFilterSet):
    status = ChoiceFilter(choices=Status.choices, method="by_status")
    classId = TypeIdFilter("cls", field_name="klass")
    seriesId = TypeIdFilter("ser", field_name="series")
    teacherId = TeacherIdFilter()
    externalId = ExternalIdFilter()
    startsAfter = UtcDateTimeFilter(
        is_lower_bound=True, field_name="start_time", lookup_expr="gt", label="Starts after"
    )
    startsBefore = UtcDateTimeFilter(
        is_lower_bound=False, field_name="start_time", lookup_expr="lt", label="Starts before"
    )

    class Meta:
        model = LiveSession
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[LiveSession]) -> QuerySet[LiveSession]:
        values, sessions = self.form.cleaned_data, super().filter_queryset(queryset)
        after, before = values["startsAfter"], values["startsBefore"]
        if not (after or before):
            return sessions
        now = timezone.now()
        if values["status"] == Status.SCHEDULED:
            after = max(after or now, now)
        if values["status"] == Status.LIVE:
            before = min(before or now, now)
        return sessions.in_span(after, before)

    def by_status(self, sessions: QuerySet[LiveSession], name: str, status: str) -> QuerySet[LiveSession]:
        return sessions.in_status(status, timezone.now())  # type: ignore[attr-defined]
