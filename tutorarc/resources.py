"""What an exported list holds, column by column. Columns are listed, so that nothing secret gets in by itself."""

from typing import Any

from django.contrib.auth.models import Group
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import DateTimeWidget

from tutorarc.csvfile import defuse
from tutorarc.models import User


class Moment(Field):
    """RFC 3339 in UTC, as in the API."""

    def __init__(self, attribute: str) -> None:
        super().__init__(attribute, column_name=attribute, widget=DateTimeWidget(format="%Y-%m-%dT%H:%M:%SZ"))


class CsvResource(ModelResource):
    def export_resource(self, instance: Any, selected_fields: Any = None, **options: Any) -> list[str]:
        return [defuse(str(cell)) for cell in super().export_resource(instance, selected_fields, **options)]


class UserResource(CsvResource):
    created_at = Moment("created_at")

    class Meta:
        model = User
        fields = ("id", "email", "display_name", "global_role", "is_active", "is_staff", "created_at")


class GroupResource(CsvResource):
    class Meta:
        model = Group
        fields = ("id", "name")
