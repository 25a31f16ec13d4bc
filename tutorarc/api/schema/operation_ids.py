"""Operation ids, which are the function names of generated clients."""

NOUNS = {
    "Classes": ("Class", "Classes"),
    "Class settings": ("ClassSettings", "ClassSettings"),
    "Members": ("Member", "Members"),
    "Invitations": ("Invitation", "Invitations"),
    "Live sessions": ("LiveSession", "LiveSessions"),
    "Admission": ("Admission", "Admission"),
    "Series": ("Series", "Series"),
    "Calendars": ("Calendar", "Calendars"),
    "Attendance": ("Attendance", "Attendance"),
    "Users": ("User", "Users"),
    "Events": ("Event", "Events"),
    "Webhooks": ("Webhook", "Webhooks"),
    "Webhook deliveries": ("WebhookDelivery", "WebhookDeliveries"),
    "API keys": ("ApiKey", "ApiKeys"),
    "Refused calls": ("RefusedCall", "RefusedCalls"),
    "Me": ("Me", "Me"),
}
VERBS = {"retrieve": "get", "partial_update": "update", "destroy": "revoke"}
NAMES = {
    ("Classes", "class_code"): "renewClassCode",
    ("Members", "create"): "addMember",
    ("Invitations", "create"): "inviteToClass",
    ("Members", "partial_update"): "changeMemberRole",
    ("Members", "own"): "getOwnMembership",
    ("Members", "join"): "requestToJoinClass",
    ("Members", "join_by_code"): "requestToJoinByCode",
    ("Members", "withdraw"): "withdrawJoinRequest",
    ("Members", "leave"): "leaveClass",
    ("Live sessions", "admission"): "getAdmission",
    ("Admission", "list"): "previewAdmission",
    ("Attendance", "partial_update"): "markAttendance",
    ("Attendance", "mark"): "markAttendanceOfSeveral",
    ("Webhooks", "destroy"): "deleteWebhook",
    ("Webhooks", "rotate"): "rotateWebhookSecret",
    ("Webhooks", "replay"): "replayEvents",
    ("Webhooks", "test"): "sendTestEvent",
    ("Live sessions", "renew_links"): "renewLiveSessionLinks",
    ("Live sessions", "personal_link"): "getPersonalLink",
}


def operation_id(tag: str, action: str, *, many: bool) -> str:
    """Operation id such as `createClass`, `listMembers` or `approveMembers`."""
    one, several = NOUNS[tag]
    return NAMES.get((tag, action)) or VERBS.get(action, action) + (several if many else one)
