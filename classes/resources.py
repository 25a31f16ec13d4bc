from import_export.fields import Field

from classes.models import Class
from tutorarc.staff.resources import CsvResource, Moment


class ClassResource(CsvResource):
    created_by = Field("created_by__email", column_name="created_by")
    created_at = Moment("created_at")
    updated_at = Moment("updated_at")

    class Meta:
        model = Class
        fields = ("id", "class_code", "title", "description", "status", "created_by", "created_at", "updated_at")
