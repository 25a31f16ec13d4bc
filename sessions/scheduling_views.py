"""Calls that create live sessions and series: `POST /sessions`, and `POST /classes`, which also creates classes."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from classes import examples as class_examples
from classes.models import Class
from classes.permissions import IsClassTeacher, can_manage_class
from classes.roles import WithRole
from classes.serializers import ClassSerializer, NewClassSerializer
from classes.views import ClassViewSet
from sessions import examples
from sessions.envelope import answer_of, success
from sessions.models import LiveSession, Series
from sessions.pages import ClassOrSessionPage
from sessions.serializers import (
    LinksSerializer,
    NewClassOrSessionSerializer,
    NewSessionSerializer,
)
from tutorarc.api.actions import PossibleError, api_action
from tutorarc.api.permissions import IsAdmin, IsTeacher
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.domain.errors import ExternalIdTaken, UnknownClass
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.models import User

LIVE_SESSION_FIELDS = {"startTime", "duration", "strict", "teacherId", "classId"}


def is_live_session(body: Any) -> bool:
    """Whether a body of `POST /classes` is a live session (docs/contract.md, "Live sessions")."""
    return not LIVE_SESSION_FIELDS.isdisjoint(body)


SCHEDULE_ERRORS: list[PossibleError] = [
    ErrorReason.NOT_A_MEMBER,
    LiveSession.TooLate,
    UnknownClass,
    Class.Archived,
    ExternalIdTaken,
]


class ScheduleSessionMixin(ApiViewSet):
    """What calls that create live sessions share."""

    def schedule(self) -> list[LiveSession]:
        """Create a live session from the request body, or those of a series.

        Raises PermissionDenied for another teacher's class.
        """
        fields = self.read_body()
        class_id = fields.pop("class_id", None)
        klass = self._class_to_teach(class_id) if class_id else None
        if "rule" in fields:
            sessions = Series.objects.schedule(self.actor, klass=klass, **fields)
        else:
            sessions = [LiveSession.objects.schedule(self.actor, klass=klass, **fields)]
        return [with_role(session, klass) if klass else session for session in sessions]

    def _class_to_teach(self, class_id: str) -> Class:
        klass = Class.objects.with_role_of(self.user).filter(pk=class_id).first()
        if klass is None:
            raise UnknownClass("classId: no class has this id.")
        if not can_manage_class(self.user, klass):
            self.deny(IsClassTeacher | IsAdmin, klass)
        return klass


class ClassOrSessionViewSet(ScheduleSessionMixin, ClassViewSet):
    """Classes, and the shareable codes that students ask to join with. A POST also takes a live session."""

    html_page_class = ClassOrSessionPage
    takes_live_session = False

    def check_body_scope(self, request: Request) -> None:
        if self.action == "create":
            self.takes_live_session = is_live_session(request.data)
            self.require_scope("sessions:write" if self.takes_live_session else "classes:write")

    def get_serializer_class(self) -> Any:
        return NewSessionSerializer if self.takes_live_session else super().get_serializer_class()

    @extend_schema(
        request=PolymorphicProxySerializer(
            component_name="ClassOrLiveSession",
            serializers=[NewSessionSerializer, NewClassSerializer],
            resource_type_field_name=None,
        ),
        responses={200: answer_of(LinksSerializer), 201: ClassSerializer},
    )
    @api_action(
        summary="Create a live session, or a class",
        permission=IsTeacher | IsAdmin,
        scope=("sessions:write", "classes:write"),
        request=NewClassOrSessionSerializer,
        status=201,
        errors=[*SCHEDULE_ERRORS, Class.NoFreeCode, User.NotActive],
        examples=[*examples.CREATE_LINKS, *class_examples.CREATE],
    )
    def create(self, request: Request) -> Response:
        """With `startTime`, `duration`, `strict`, `teacherId` or `classId` a live session (200), else a class (201).

        A live session needs the scope `sessions:write`, a class `classes:write`. `POST /api/v1/sessions` also takes a
        `recurrence`.

        A live session's links open the board: `teacherLink` for the teacher, `studentLink` for everyone else. Of a new
        class you become the first teacher, and students can ask to join with its code.
        """
        if self.takes_live_session:
            [session] = self.schedule()
            return Response(success(LinksSerializer.to_representation(session)))
        return super().create(request)


def with_role(session: LiveSession, source: WithRole) -> LiveSession:
    """The session that a verb returned, with the caller's role in its class, which the verb doesn't load."""
    session.my_role, session.my_status = source.my_role, source.my_status
    return session
