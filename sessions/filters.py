from datetime import datetime, timedelta
from unicodedata import normalize

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field

from sessions.admission import Status
from sessions.models import LiveSession
from tutorarc.api.filters import TEXT, ChoiceFilter, ExternalIdFilter, StrictFilterSet, TypeIdFilter, UtcDateTimeFilter

MOMENT = timedelta(microseconds=1)


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
    startsAfter = UtcDateTimeFilter(is_lower_bound=True, method="in_span", label="Starts after")
    startsBefore = UtcDateTimeFilter(is_lower_bound=False, method="in_span", label="Starts before")

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
        if values["status"] == Status.LIVE:  # also those that start now
            before = min(before or now + MOMENT, now + MOMENT)
        return sessions.in_span(after, before)

    def in_span(self, sessions: QuerySet[LiveSession], name: str, value: datetime) -> QuerySet[LiveSession]:
        """Both times together: see `filter_queryset`."""
        return sessions

    def by_status(self, sessions: QuerySet[LiveSession], name: str, status: str) -> QuerySet[LiveSession]:
        return sessions.in_status(status, timezone.now())  # type: ignore[attr-defined]
