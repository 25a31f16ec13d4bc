from datetime import datetime
from typing import Any, cast

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from sessions import examples
from sessions.admission import Admission, Reason, admission
from sessions.envelope import answer_of, success
from sessions.lookups import session_for
from sessions.permissions import may_change
from sessions.personal_links.visitors import IDENTIFYING, Visitor, student_entry, visitor_by_link
from sessions.serializers import AdmissionSerializer
from tutorarc.api.actions import api_action
from tutorarc.api.exceptions import InvalidParameter
from tutorarc.api.permissions import AllowAny
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.domain.clock import datetime_fault, parse_datetime
from tutorarc.http.error_words import not_a_choice

ROLES = ["student", "teacher"]
AT = OpenApiParameter("at", OpenApiTypes.DATETIME, description="A time other than now: ISO 8601 with an offset.")


def requested_time(request: Request) -> datetime:
    """The time of the parameter `at`, by default now. Raises InvalidParameter."""
    text = request.query_params.get("at")
    if text is None:
        return timezone.now()
    try:
        return parse_datetime(text)
    except ValueError:
        raise InvalidParameter("at", datetime_fault(text)) from None


class AdmissionViewSet(ApiViewSet):
    """Admission: the board asks whether somebody may enter, when, and why not."""

    tag = "Live sessions"
    serializer_class = AdmissionSerializer
    extra_parameters = [
        OpenApiParameter("role", enum=ROLES, required=True, description="The role of the person who wants to enter."),
        OpenApiParameter(
            "token", description="For `role=student`: the token of a personal link, which identifies the visitor."
        ),
        AT,
    ]

    def require_known_caller(self, request: Request) -> None:
        if request.user.is_anonymous and request.query_params.get("role") == "teacher":
            raise self.no_credential(request)

    def load_object(self, request: Request) -> None:
        self.session = session_for(request.user, self.kwargs["session_id"])

    def check_parameters(self, request: Request) -> None:
        super().check_parameters(request)
        if (role := request.query_params.get("role", "")) not in ROLES:
            raise InvalidParameter("role", not_a_choice(role, ROLES))
        if role == "teacher" and "token" in request.query_params:
            raise InvalidParameter("token", "Only a student enters by a personal link: send role=student.")

    @api_action(
        summary="Who gets in, and when?",
        permission=AllowAny,
        scope="sessions:read",
        response=answer_of(AdmissionSerializer),
        examples=examples.ADMISSION,
    )
    def admission(self, request: Request, session_id: str) -> Response:
        """No credential is needed for a student. `reason` says why entry is closed; `at` previews another time.

        With the `token` of a personal link the answer is for its owner, whose id is `userId`.
        """
        role = cast(Any, request.query_params["role"])
        if (token := request.query_params.get("token")) is not None:
            return self._answer_to_link(visitor_by_link(self.session, token))
        answer = admission(self.session, role, requested_time(request))
        if role == "teacher" and not may_change(self.user, self.session):
            answer = answer._replace(reason=Reason.NOT_A_TEACHER)
        return Response(success(self._serialized(answer)))

    def _answer_to_link(self, visitor: Visitor) -> Response:
        answer = student_entry(visitor, requested_time(self.request))
        known = visitor.user if answer.reason in IDENTIFYING else None
        return Response(success(self._serialized(answer) | {"userId": known.pk if known else None}))

    def _serialized(self, answer: Admission) -> dict[str, Any]:
        """The answer as AdmissionSerializer describes it."""
        return {
            "admitted": answer.admitted,
            "reason": answer.reason,
            "opensAt": answer.opens_at,
            "closesAt": answer.closes_at,
            "title": self.session.title,
        }
