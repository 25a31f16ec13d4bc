from django.db.models import QuerySet

from members.models import Invitation
from tutorarc.api.filters import ChoiceFilter, StrictFilterSet


class InvitationFilter(StrictFilterSet):
    status = ChoiceFilter(choices=Invitation.Status.choices, method="with_status")

    class Meta:
        model = Invitation
        fields: list[str] = []

    def with_status(self, invitations: QuerySet[Invitation], name: str, status: str) -> QuerySet[Invitation]:
        return invitations.with_status(status)  # type: ignore[attr-defined]
