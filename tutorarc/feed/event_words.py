"""Event types in words and in groups, for people who choose among them."""

from django.utils.translation import gettext_lazy as _

EVENT_GROUPS = {
    _("Classes"): {
        "class.created": _("Class created"),
        "class.updated": _("Title or description changed"),
        "class.archived": _("Class archived"),
        "class.unarchived": _("Class restored"),
        "class.code_renewed": _("New class code"),
        "class.settings_changed": _("Settings changed"),
    },
    _("Members"): {
        "membership.requested": _("Student asks to join"),
        "membership.withdrawn": _("Request withdrawn"),
        "membership.approved": _("Request approved"),
        "membership.rejected": _("Request declined"),
        "membership.enrolled": _("Person added"),
        "membership.invited_accepted": _("Person joined by invitation"),
        "membership.role_changed": _("Role changed"),
        "membership.removed": _("Person removed"),
        "membership.left": _("Person left"),
        "membership.reopened": _("Request reopened"),
    },
    _("Live sessions"): {
        "session.scheduled": _("Session scheduled"),
        "session.rescheduled": _("Session changed or moved"),
        "session.cancelled": _("Session cancelled"),
        "session.started": _("Session starts"),
        "session.ended": _("Session over"),
        "session.attendance_changed": _("Attendance changed"),
    },
    _("Invitations"): {
        "invitation.sent": _("Invitation sent"),
        "invitation.accepted": _("Invitation accepted"),
        "invitation.declined": _("Invitation declined"),
        "invitation.revoked": _("Invitation revoked"),
    },
    _("People, for administrators only"): {
        "user.created": _("Account created"),
        "user.updated": _("Account changed"),
        "user.deactivated": _("Account deactivated"),
        "user.reactivated": _("Account activated again"),
    },
}
EVENT_WORDS = {name: words for types in EVENT_GROUPS.values() for name, words in types.items()}
