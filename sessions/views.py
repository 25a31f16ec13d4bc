from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from classes.models import Class
from classes.permissions import IsClassTeacher, can_manage_class
from classes.serializers import ClassSerializer, NewClassSerializer
from classes.views import ClassViewSet
from sessions import examples
from sessions.envelope import EnvelopePagination, answer_of, success
from sessions.filters import LiveSessionFilter
from sessions.forms import SessionChangesForm
from sessions.lookups import session_for
from sessions.models import LiveSession
from sessions.pages import ClassOrSessionPage, SessionPage
from sessions.permissions import MayChange, MayRead
from sessions.serializers import (
    LinksSerializer,
    LiveSessionSerializer,
    NewSessionSerializer,
    SessionChangesSerializer,
)
from tutorarc.api.permissions import IsAdmin, IsAuthenticated, IsTeacher, refusal
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.keyset import Window

LIVE_SESSION_FIELDS = {"startTime", "duration", "strict", "teacherId", "classId"}


def is_live_session(body: Any) -> bool:
    """Whether a body of `POST /classes` is a live session (docs/contract.md, "Live sessions")."""
    return not LIVE_SESSION_FIELDS.isdisjoint(body)


class ScheduleSessionMixin(ApiViewSet):
    def schedule(self) -> LiveSession:
        """A live session from the request's body. PermissionDenied: the caller is no teacher of the class named."""
        fields = self.read_body()
        class_id = fields.pop("class_id", None)
        klass = self._class_to_teach(class_id) if class_id else None
        return LiveSession.objects.schedule(self.actor, klass=klass, **fields)

    def _class_to_teach(self, class_id: str) -> Class:
        klass = Class.objects.with_role_of(self.actor.user).filter(pk=class_id).first()
        if klass is None:
            raise LiveSession.UnknownClass()
        if not can_manage_class(self.actor.user, klass):
            raise PermissionDenied(refusal(IsClassTeacher | IsAdmin))
        return klass


class ClassOrSessionViewSet(ScheduleSessionMixin, ClassViewSet):
    """Classes, and the shareable codes that students ask to join with. A POST also takes a live session."""

    screen = ClassOrSessionPage
    requests = {
        "create": PolymorphicProxySerializer(
            component_name="ClassOrLiveSession",
            serializers=[NewSessionSerializer, NewClassSerializer],
            resource_type_field_name=None,
        )
    }
    answers = {"create": {200: answer_of(LinksSerializer), 201: ClassSerializer}}
    examples = {**ClassViewSet.examples, "create": [*examples.LIVE_CLASS, *ClassViewSet.examples["create"]]}
    summaries = {**ClassViewSet.summaries, "create": "Create a live session, or a class"}

    scopes = {"create": "`sessions:write` for a live session, `classes:write` for a class"}

    takes_live_session = False

    def check_scope(self, request: Request) -> None:
        """Which scope a `create` needs shows in its body; here it is enough that one of the two would do."""
        key = cast(Any, request.auth)
        if self.action == "create" and key is not None and key.allows("sessions:write"):
            return
        super().check_scope(request)

    def check_body_scope(self, request: Request) -> None:
        if self.action == "create":
            self.takes_live_session = is_live_session(request.data)
            self.require_scope("sessions:write" if self.takes_live_session else "classes:write")

    def get_serializer_class(self) -> Any:
        return NewSessionSerializer if self.takes_live_session else super().get_serializer_class()

    def create(self, request: Request) -> Response:
        """With startTime, duration, strict, teacherId or classId a live session (200), else a class (201).

        A live session's links open the board: `teacherLink` for the teacher, `studentLink` for everyone else. Of a new
        class you become the first teacher, and students can ask to join with its code.
        """
        if self.takes_live_session:
            return Response(success(LinksSerializer.to_representation(self.schedule())))
        return super().create(request)


class LiveSessionViewSet(ScheduleSessionMixin):
    """Live classroom sessions, and the links that open them."""

    tag = "Live sessions"
    resource = "sessions"
    queryset = LiveSession.objects.all()
    serializer_class = LiveSessionSerializer
    filterset_class = LiveSessionFilter
    screen = SessionPage
    changes = SessionChangesForm
    pagination_class = EnvelopePagination
    lookup_url_kwarg = "session_id"
    permissions = {
        "list": IsAuthenticated,
        "create": IsTeacher | IsAdmin,
        "retrieve": MayRead,
        "partial_update": MayChange,
        "cancel": MayChange,
        "end": MayChange,
    }
    serializers = {"create": NewSessionSerializer, "partial_update": SessionChangesSerializer}
    answers = {
        action: {200: answer_of(LiveSessionSerializer)} for action in ("retrieve", "partial_update", "cancel", "end")
    } | {"create": {201: answer_of(LiveSessionSerializer)}}
    examples = examples.SESSIONS
    further_errors = {"partial_update": {409}}
    summaries = {
        "list": "List live sessions",
        "create": "Schedule a live session",
        "retrieve": "Look up a live session",
        "partial_update": "Reschedule a live session",
        "cancel": "Cancel a live session",
        "end": "End a live session",
    }

    def load_object(self, request: Request) -> None:
        if "session_id" in self.kwargs:
            self.session = session_for(request.user, self.kwargs["session_id"])
            self.check_object_permissions(request, self.session)

    def page(self, queryset: QuerySet[LiveSession], window: Window) -> QuerySet[LiveSession]:
        return queryset.visible_to(self.request.user, window).with_role_of(self.request.user)  # type: ignore[attr-defined]

    def list(self, request: Request) -> Response:
        """Your own, those of the classes that approved you, and for administrators all. Newest first."""
        return super().list(request)

    def create(self, request: Request) -> Response:
        """Like a live session by `POST /api/v1/classes`, with the whole session as the answer."""
        return Response(success(self.show(self.schedule())), status=status.HTTP_201_CREATED)

    def retrieve(self, request: Request, session_id: str) -> Response:
        """For its creator, the approved members of its class and administrators."""
        return Response(success(self.show(self.session)))

    def partial_update(self, request: Request, session_id: str) -> Response:
        """Give what changes. A session that is over or cancelled stays as it is."""
        return self._changed(self.session.reschedule(self.actor, **self.read_body()))

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, session_id: str) -> Response:
        """Before it begins. Repeating it changes nothing."""
        self.read_body()
        return self._changed(self.session.cancel(self.actor))

    @action(detail=True, methods=["post"])
    def end(self, request: Request, session_id: str) -> Response:
        """Close the door now. Repeating it changes nothing."""
        self.read_body()
        return self._changed(self.session.end(self.actor))

    def _changed(self, session: LiveSession) -> Response:
        """The verb has looked the session up anew, and without the caller's role."""
        annotated = cast(Any, self.session)
        session.my_role, session.my_status = annotated.my_role, annotated.my_status  # type: ignore[attr-defined]
        return Response(success(self.show(session)))
