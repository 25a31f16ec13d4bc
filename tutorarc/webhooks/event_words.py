"""Event types in words and in groups, for people who choose among them."""

EVENT_GROUPS = {
    "Classes": {
        "class.created": "Class created",
        "class.updated": "Title or description changed",
        "class.archived": "Class archived",
        "class.unarchived": "Class restored",
        "class.code_renewed": "New class code",
        "class.settings_changed": "Settings changed",
    },
    "Members": {
        "membership.requested": "Student asks to join",
        "membership.withdrawn": "Request withdrawn",
        "membership.approved": "Request approved",
        "membership.rejected": "Request declined",
        "membership.enrolled": "Person added",
        "membership.invited_accepted": "Person joined by invitation",
        "membership.role_changed": "Role changed",
        "membership.removed": "Person removed",
        "membership.left": "Person left",
        "membership.reopened": "Request reopened",
    },
    "Live sessions": {
        "session.scheduled": "Session scheduled",
        "session.rescheduled": "Session changed or moved",
        "session.cancelled": "Session cancelled",
        "session.started": "Session starts",
        "session.ended": "Session over",
        "session.attendance_changed": "Attendance changed",
    },
    "Invitations": {
        "invitation.sent": "Invitation sent",
        "invitation.accepted": "Invitation accepted",
        "invitation.declined": "Invitation declined",
        "invitation.revoked": "Invitation revoked",
    },
    "People, for administrators only": {
        "user.created": "Account created",
        "user.updated": "Account changed",
        "user.deactivated": "Account deactivated",
        "user.reactivated": "Account activated again",
    },
}
EVENT_WORDS = {name: words for types in EVENT_GROUPS.values() for name, words in types.items()}
