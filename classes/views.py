from typing import cast

from django.db.models import QuerySet
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from classes import examples
from classes.filters import ORDERINGS, ClassFilter
from classes.forms import ClassChangesForm
from classes.lookups import ClassLookupMixin
from classes.models import Class, page_of_classes
from classes.pages import ClassPage
from classes.permissions import IsApprovedMember, IsClassTeacher
from classes.serializers import ClassChangesSerializer, ClassSerializer, NewClassSerializer
from tutorarc.api.pagination import NEWEST_FIRST, Ordering
from tutorarc.api.permissions import IsAdmin, IsAuthenticated, IsTeacher
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.keyset import Window
from tutorarc.models import User


class ClassViewSet(ClassLookupMixin, ApiViewSet):
    """Classes, and the shareable codes that students ask to join with."""

    tag = "Classes"
    resource = "classes"
    queryset = Class.objects.all()
    serializer_class = ClassSerializer
    represent = staticmethod(ClassSerializer.to_representation)
    filterset_class = ClassFilter
    screen = ClassPage
    changes = ClassChangesForm
    lookup_url_kwarg = "class_id"
    permissions = {
        "list": IsAuthenticated,
        "create": IsTeacher | IsAdmin,
        "retrieve": IsApprovedMember | IsAdmin,
        "partial_update": IsClassTeacher | IsAdmin,
        "archive": IsClassTeacher | IsAdmin,
        "unarchive": IsClassTeacher | IsAdmin,
        "class_code": IsClassTeacher | IsAdmin,
    }
    serializers = {"create": NewClassSerializer, "partial_update": ClassChangesSerializer}
    examples = examples.CLASSES
    further_errors = {"partial_update": {409}}
    summaries = {
        "list": "List the classes you can see",
        "create": "Create a class",
        "retrieve": "Look up a class",
        "partial_update": "Change title or description",
        "archive": "Archive a class",
        "unarchive": "Unarchive a class",
        "class_code": "Make a new class code",
    }

    def ordering_of(self, request: Request) -> Ordering:
        return ORDERINGS.get(request.query_params.get("ordering", ""), NEWEST_FIRST)

    def page(self, queryset: QuerySet[Class], window: Window) -> QuerySet[Class]:
        return queryset.visible_to(self.request.user, window)  # type: ignore[attr-defined]

    def rows(self, queryset: QuerySet[Class], window: Window) -> list[Class]:
        if self.is_filtered:
            return super().rows(queryset, window)
        return page_of_classes(cast(User, self.request.user), window)

    def list(self, request: Request) -> Response:
        """Students see the classes that approved them, teachers also those they created, administrators all."""
        return super().list(request)

    def create(self, request: Request) -> Response:
        """You become the class's first teacher, and students can ask to join with its code."""
        klass = Class.objects.create_with_teacher(self.actor, **self.read_body())
        return Response(self.show(klass), status=status.HTTP_201_CREATED)

    def retrieve(self, request: Request, class_id: str) -> Response:
        """For the approved members of a class."""
        return Response(self.show(self.klass))

    def partial_update(self, request: Request, class_id: str) -> Response:
        """Give the fields to change, any subset of them."""
        return Response(self.show(self.klass.edit(self.actor, **self.read_body())))

    @action(detail=True, methods=["post"])
    def archive(self, request: Request, class_id: str) -> Response:
        """An archived class is read-only and stays visible to its members. Repeating it changes nothing."""
        self.read_body()
        return Response(self.show(self.klass.archive(self.actor)))

    @action(detail=True, methods=["post"])
    def unarchive(self, request: Request, class_id: str) -> Response:
        """The class can be changed again. Repeating it changes nothing."""
        self.read_body()
        return Response(self.show(self.klass.unarchive(self.actor)))

    @action(detail=True, methods=["post"], url_path="class-code")
    def class_code(self, request: Request, class_id: str) -> Response:
        """The old code stops working at once: for a code that got into the wrong hands."""
        self.read_body()
        return Response(self.show(self.klass.renew_code(self.actor)))
