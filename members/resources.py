from import_export.fields import Field

from members.models import Membership
from tutorarc.staff.resources import CsvResource, Moment


class MembershipResource(CsvResource):
    """A roster, as it can be imported again."""

    class_code = Field("klass__class_code", column_name="class_code")
    class_title = Field("klass__title", column_name="class_title")
    email = Field("user__email", column_name="email")
    display_name = Field("user__display_name", column_name="display_name")
    joined_at = Moment("joined_at")

    class Meta:
        model = Membership
        fields = ("class_code", "class_title", "email", "display_name", "role", "status", "joined_at")
