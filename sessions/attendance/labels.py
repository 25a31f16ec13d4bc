from django.utils.translation import gettext_lazy as _

from sessions.models import AttendanceStatus

LABELS = {
    AttendanceStatus.PRESENT: _("Present"),
    AttendanceStatus.LATE: _("Late"),
    AttendanceStatus.ABSENT: _("Absent"),
    AttendanceStatus.EXCUSED: _("Excused"),
}
