"""The admission rule for each person of a class (docs/contract.md, "Admission")."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from classes.roles import ClassRole, MembershipStatus
from members.models import Membership
from sessions import examples
from sessions.admission import Admission, Reason, Role, admission
from sessions.admission_views import AT, ROLES, requested_time
from sessions.envelope import EnvelopePagination
from sessions.lookups import session_for
from sessions.models import LiveSession
from sessions.permissions import MayChange
from tutorarc.api.actions import api_action
from tutorarc.api.pagination import OLDEST_FIRST, Ordering
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.keyset import Window

REASONS = [Reason.OPEN, Reason.TOO_EARLY, Reason.OVER, Reason.CANCELLED, Reason.CLASS_ARCHIVED]
ROLE_OF: dict[str, Role] = {ClassRole.STUDENT: "student", ClassRole.TEACHER: "teacher"}


class PersonAdmissionSerializer(serializers.Serializer[Any]):
    """Whether one person may enter, and why not."""

    user_id = serializers.CharField(read_only=True, help_text="The id of the person.")
    role = serializers.ChoiceField(choices=ROLES, read_only=True, help_text="The role in which the person enters.")
    admitted = serializers.BooleanField(read_only=True, help_text="Whether they may enter.")
    reason = serializers.ChoiceField(
        choices=REASONS, read_only=True, help_text="Why: `open` if they may enter, else what prevents it."
    )


class AdmissionPreviewViewSet(ApiViewSet):
    """The answers of the admission rule for all approved members of the session's class."""

    tag = "Admission"
    queryset = Membership.objects.all()
    serializer_class = PersonAdmissionSerializer
    pagination_class = EnvelopePagination
    extra_parameters = [AT]

    def load_object(self, request: Request) -> None:
        self.session = session_for(request.user, self.kwargs["session_id"])
        self.check_object_permissions(request, self.session)

    def check_parameters(self, request: Request) -> None:
        super().check_parameters(request)
        self.answers = _answers(self.session, requested_time(request))

    def ordering_of(self, request: Request) -> Ordering:
        return OLDEST_FIRST

    def page(self, queryset: QuerySet[Membership], window: Window) -> QuerySet[Membership]:
        klass = self.session.klass
        return queryset.filter(klass=klass, status=MembershipStatus.APPROVED) if klass else queryset.none()

    def represent(self, row: Membership) -> dict[str, Any]:
        role = ROLE_OF[row.role]
        answer = self.answers[role]
        return {"user_id": row.user_id, "role": role, "admitted": answer.admitted, "reason": answer.reason}

    @api_action(
        summary="Preview admission for each member of the class",
        permission=MayChange,
        scope="sessions:read",
        many=True,
        examples=examples.ADMISSION_PREVIEW,
    )
    def list(self, request: Request, session_id: str) -> Response:
        """The approved members of its class, oldest first. `at` previews another time.

        Empty for a session without a class.
        """
        return self.answer_page()


def _answers(session: LiveSession, time: datetime) -> dict[Role, Admission]:
    return {role: admission(session, role, time) for role in ROLE_OF.values()}
