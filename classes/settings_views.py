from rest_framework.request import Request
from rest_framework.response import Response

from classes import examples
from classes.forms import ClassSettingsForm
from classes.lookups import ClassLookupMixin
from classes.models import Class
from classes.permissions import IsClassTeacher
from classes.serializers import ClassSettingsChangesSerializer, ClassSettingsSerializer
from classes.settings_page import ClassSettingsPage
from tutorarc.api.actions import api_action
from tutorarc.api.permissions import IsAdmin
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.domain.errors import ExternalIdTaken


class ClassSettingsViewSet(ClassLookupMixin, ApiViewSet):
    """What only the teachers of a class see and change, such as the link to its room."""

    tag = "Class settings"
    queryset = Class.objects.all()
    serializer_class = ClassSettingsSerializer
    html_page_class = ClassSettingsPage
    changes = ClassSettingsForm

    @api_action(
        summary="Look up the settings of a class",
        permission=IsClassTeacher | IsAdmin,
        scope="classes:read",
        examples=examples.SETTINGS,
    )
    def retrieve(self, request: Request, class_id: str) -> Response:
        """For the teachers of a class. A key without `classes:write` gets no link to the room."""
        return self.answer(self.klass)

    @api_action(
        summary="Change the settings of a class",
        permission=IsClassTeacher | IsAdmin,
        scope="classes:write",
        request=ClassSettingsChangesSerializer,
        errors=[Class.Archived, ExternalIdTaken],
        examples=examples.CHANGE_SETTINGS,
    )
    def partial_update(self, request: Request, class_id: str) -> Response:
        """Send only the fields to change."""
        return self.answer(self.klass.change_settings(self.actor, **self.read_body()))
