from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from classes import examples
from classes.filters import ORDERINGS, ClassFilter
from classes.forms import ClassChangesForm
from classes.lookups import ClassLookupMixin
from classes.models import SETTINGS, Class, ClassQuerySet
from classes.pages import ClassPage
from classes.permissions import IsApprovedMember, IsClassTeacher
from classes.reads import page_of_classes
from classes.serializers import ClassChangesSerializer, ClassSerializer, NewClassSerializer
from tutorarc.api.actions import api_action
from tutorarc.api.filters import is_for_page
from tutorarc.api.pagination import NEWEST_FIRST, Ordering
from tutorarc.api.permissions import IsAdmin, IsAuthenticated, IsTeacher
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.keyset import Window
from tutorarc.models import User


class ClassViewSet(ClassLookupMixin, ApiViewSet):
    """Classes, and the shareable codes that students ask to join with."""

    tag = "Classes"
    queryset = Class.objects.all()
    serializer_class = ClassSerializer
    represent = staticmethod(ClassSerializer.to_representation)
    filterset_class = ClassFilter
    html_page_class = ClassPage
    changes = ClassChangesForm
    lookup_url_kwarg = "class_id"
    location = "/api/v1/classes/{id}"

    def ordering_of(self, request: Request) -> Ordering:
        return ORDERINGS.get(request.query_params.get("ordering", ""), NEWEST_FIRST)

    @property
    def is_filtered(self) -> bool:
        return super().is_filtered or is_for_page(self.request)  # a page shows either active or archived classes

    def page(self, queryset: ClassQuerySet, window: Window) -> QuerySet[Class]:
        # The other folded fields are read for the cursor of an ordering by title.
        return queryset.visible_to(self.user, window).defer("folded_description", *SETTINGS)

    def rows(self, queryset: ClassQuerySet, window: Window) -> list[Class]:
        if self.is_filtered:
            return super().rows(queryset, window)
        return page_of_classes(self.user, window)

    @api_action(
        summary="List the classes you can see",
        permission=IsAuthenticated,
        scope="classes:read",
        many=True,
        examples=examples.ONE,
    )
    def list(self, request: Request) -> Response:
        """Students see the classes that approved them, teachers also those they created, administrators all."""
        return self.answer_page()

    @api_action(
        summary="Create a class",
        permission=IsTeacher | IsAdmin,
        scope="classes:write",
        request=NewClassSerializer,
        status=201,
        errors=[Class.NoFreeCode, User.NotActive],
        examples=examples.CREATE,
    )
    def create(self, request: Request) -> Response:
        """You become the class's first teacher, and students can ask to join with its code."""
        return self.answer(Class.objects.create_with_teacher(self.actor, **self.read_body()))

    @api_action(
        summary="Look up a class",
        permission=IsApprovedMember | IsAdmin,
        scope="classes:read",
        examples=examples.ONE,
    )
    def retrieve(self, request: Request, class_id: str) -> Response:
        """For the approved members of a class."""
        return self.answer(self.klass)

    @api_action(
        summary="Change title or description",
        permission=IsClassTeacher | IsAdmin,
        scope="classes:write",
        request=ClassChangesSerializer,
        errors=[Class.Archived],
        examples=examples.UPDATE,
    )
    def partial_update(self, request: Request, class_id: str) -> Response:
        """Send only the fields to change."""
        return self.answer(self.klass.edit(self.actor, **self.read_body()))

    @action(detail=True, methods=["post"])
    @api_action(
        summary="Archive a class",
        permission=IsClassTeacher | IsAdmin,
        scope="classes:write",
        examples=examples.ARCHIVE,
    )
    def archive(self, request: Request, class_id: str) -> Response:
        """An archived class is read-only and stays visible to its members. Repeating it changes nothing."""
        self.read_body()
        return self.answer(self.klass.archive(self.actor))

    @action(detail=True, methods=["post"])
    @api_action(
        summary="Unarchive a class",
        permission=IsClassTeacher | IsAdmin,
        scope="classes:write",
        examples=examples.ONE,
    )
    def unarchive(self, request: Request, class_id: str) -> Response:
        """The class can be changed again. Repeating it changes nothing."""
        self.read_body()
        return self.answer(self.klass.unarchive(self.actor))

    @action(detail=True, methods=["post"], url_path="class-code")
    @api_action(
        summary="Replace the class code",
        permission=IsClassTeacher | IsAdmin,
        scope="classes:write",
        errors=[Class.Archived, Class.NoFreeCode],
        examples=examples.ONE,
    )
    def class_code(self, request: Request, class_id: str) -> Response:
        """Use it if the code was shared with the wrong people: the old code stops working at once."""
        self.read_body()
        return self.answer(self.klass.renew_code(self.actor))
