from import_export.fields import Field

from sessions.models import LiveSession
from tutorarc.staff.resources import CsvResource, Moment


class LiveSessionResource(CsvResource):
    start_time = Moment("start_time")
    status = Field("status", column_name="status")
    class_code = Field("klass__class_code", column_name="class_code")
    created_by = Field("created_by__email", column_name="created_by")
    created_at = Moment("created_at")

    class Meta:
        model = LiveSession
        fields = (
            "id",
            "title",
            "start_time",
            "duration",
            "strict",
            "status",
            "teacher_ref",
            "class_code",
            "created_by",
            "created_at",
        )
