"""Introduction, tags and parameters of the OpenAPI document."""

INTRO = """
Classes with shareable codes, memberships that go through join requests and approval, and live classroom sessions.

**Base path** `/api/v1` · JSON in and out, UTF-8 · times are ISO 8601 in UTC · ids are opaque strings such as `cls_…`.

**Authentication.** Use your API Key directly in the `X-API-Key` header. No Bearer token or OAuth is required.
Create and manage your keys on the [developer page](/developers/keys). The [reference](/api/docs) has guides and a
page to try calls.

**Errors** have one shape, `{"status": "error", "error": {"code", "reason", "message", "request_id", "details"}}`, and
the fitting HTTP status. Programs compare `code` and `reason`, which never change, and not the message; all reasons are
listed below, and more may be added. `details` names each field that is wrong. Quote the `request_id` when you ask for
help; every answer carries it as `X-Request-ID`.

**Lists** take `page_size` (1 to 100, 20 by default) and answer with `next` and `previous`: follow these links, and
take the `cursor` in them as it is.

**Repeating a request safely.** Send an `Idempotency-Key` of your own with a POST: for 24 hours the same request gets
the first answer again, with `Idempotency-Replayed: true`.

**Limits.** 600 requests a minute for each user by default; beyond that 429, with `Retry-After`. Bodies may have 1 MiB.

**Versions.** Answers may gain fields, and enumerations may gain values. Nothing is removed without 6 months' notice.
""".strip()

TAGS = [
    {"name": "Classes", "description": "Classes and their shareable codes. `POST` also takes a live session."},
    {"name": "Class settings", "description": "What only the teachers of a class see and change."},
    {"name": "Members", "description": "Join requests, approval, and the people of a class."},
    {"name": "Invitations", "description": "Inviting people to a class by mail, with or without an account."},
    {"name": "Live sessions", "description": "Live classroom sessions, and the links that open them."},
    {"name": "Admission", "description": "Who of a class may enter a live session now, or at another time."},
    {"name": "Series", "description": "Series of live sessions, such as every Tuesday."},
    {"name": "Calendars", "description": "Feeds of live sessions, to which calendars subscribe."},
    {"name": "Attendance", "description": "Which students came to a live session of their class, and when."},
    {"name": "Users", "description": "People with an account, for administrators."},
    {"name": "Events", "description": "Every change, in order, for programs that follow them."},
    {"name": "Webhooks", "description": "Your own endpoints, to which events are sent when they happen."},
    {"name": "Webhook deliveries", "description": "What became of each event that was sent to a webhook."},
    {
        "name": "API keys",
        "description": "Your own keys. Signed in only, by session cookie: a key can't make keys.",
    },
    {"name": "Refused calls", "description": "Calls with one of your keys that were answered with an error."},
    {"name": "Me", "description": "Who the caller is."},
]

PARAMETERS = {
    "search": "Only those that contain this text; case is ignored.",
    "status": "Only those of this status.",
    "role": "Only those of this class role.",
    "email": "Only the one with this address, in any spelling.",
    "external_id": "Only those with this external id, compared exactly.",
    "externalId": "Only those with this external id, compared exactly.",
    "global_role": "Only those of this global role.",
    "ordering": "The order; `-` reverses it. By default newest first.",
    "reason": "Only those with this reason.",
    "request_id": "Only the one with this `X-Request-ID`.",
    "created_after": "Only those created after this time: ISO 8601 with an offset.",
    "created_before": "Only those created before this time: ISO 8601 with an offset.",
    "as_of": "The memberships as they were at this time: ISO 8601 with an offset.",
    "class_id": "Only those of this class, which you have to teach.",
    "session_id": "Only those of this live session, which you have to be allowed to change.",
    "user_id": "Only those about this person, with `class_id`.",
    "type": "Only those of this type; it may be given several times.",
    "classId": "Only those of this class.",
    "seriesId": "Only those of this series.",
    "teacherId": "Only those with this `teacherId`.",
    "startsAfter": "Only those that start after this time: ISO 8601 with an offset.",
    "startsBefore": "Only those that start before this time: ISO 8601 with an offset.",
}
