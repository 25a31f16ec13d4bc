"""The types of events."""

# The types that the feed and webhooks show. History pages show all others too, such as `api_key.created`.
PUBLIC_TYPES = (
    *("class.created", "class.updated", "class.archived", "class.unarchived", "class.code_renewed"),
    "class.settings_changed",
    *("membership.requested", "membership.withdrawn", "membership.enrolled", "membership.invited_accepted"),
    *("membership.approved", "membership.rejected", "membership.removed", "membership.left", "membership.reopened"),
    "membership.role_changed",
    *("session.scheduled", "session.rescheduled", "session.cancelled", "session.started", "session.ended"),
    "session.attendance_changed",
    *("invitation.sent", "invitation.accepted", "invitation.declined", "invitation.revoked"),
    *("user.created", "user.updated", "user.deactivated", "user.reactivated"),
)

JOINING_TYPES = ("membership.requested", "membership.enrolled", "membership.invited_accepted")  # of new memberships
JOINED_TYPES = ("membership.approved", "membership.enrolled", "membership.invited_accepted")  # of people who joined
