"""What an exported list holds, column by column. Columns are listed, so that nothing secret gets in by itself."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.contrib.auth.models import Group
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import DateTimeWidget

from tutorarc.models import User
from tutorarc.staff.csv_file import escape_formula


class Moment(Field):
    """RFC 3339 in UTC, as in the API."""

    def __init__(self, attribute: str) -> None:
        super().__init__(attribute, column_name=attribute, widget=DateTimeWidget(format="%Y-%m-%dT%H:%M:%SZ"))


class CsvResource(ModelResource):
    @cached_property
    def cells(self) -> list[Callable[[Any], Any]]:
        """A function of the row for each column, found once for a file and not for each of its rows."""
        names = {id(field): name for name, field in self.fields.items()}
        columns = self.get_export_fields()
        return [getattr(self, f"dehydrate_{names[id(field)]}", field.export) for field in columns]

    def export_resource(self, instance: Any, selected_fields: Any = None, **options: Any) -> list[str]:
        return [escape_formula(str(cell(instance))) for cell in self.cells]


class UserResource(CsvResource):
    created_at = Moment("created_at")

    class Meta:
        model = User
        fields = ("id", "email", "display_name", "global_role", "is_active", "is_staff", "created_at")


class GroupResource(CsvResource):
    class Meta:
        model = Group
        fields = ("id", "name")
