"""Contents of the API reference, in the order of its sidebar: guides, and calls by task."""

from functools import cache
from typing import Any, NamedTuple

from django.urls import reverse

from tutorarc.api.views import openapi_document


class Guide(NamedTuple):
    """A page of text: a section of a page in docs/, or the whole page."""

    slug: str
    title: str
    summary: str
    document: str
    section: str = ""
    diagram: str = ""  # a template


class Task(NamedTuple):
    """A page of calls. Calls that no task names are added to the last task with their tag."""

    slug: str
    title: str
    summary: str
    tag: str
    calls: tuple[str, ...]
    objects: tuple[str, ...] = ()  # schemas of what the calls are about
    receives: tuple[str, ...] = ()  # names in `webhooks` of the document


CONTRACT = "contract.md"
GUIDES = [
    Guide("conventions", "Conventions", "JSON, times, ids and request ids", CONTRACT, "Basics"),
    Guide("authentication", "Authentication and roles", "Keys, roles and scopes", CONTRACT, "Authentication"),
    Guide("errors", "Errors", "Their shape, codes and reasons", CONTRACT, "Errors"),
    Guide("paging", "Lists and pages", "Cursors, filters and order", CONTRACT, "Lists"),
    Guide("retries", "Safe retries", "Idempotency-Key", CONTRACT, "Safe retries"),
    Guide("limits", "Limits", "Requests in a minute, and what follows", CONTRACT, "Rate limits"),
    Guide("class-codes", "Classes and codes", "Archiving, and codes to join with", CONTRACT, "Classes"),
    Guide(
        "memberships",
        "Membership lifecycle",
        "From a request to join until a person leaves",
        CONTRACT,
        "Members",
        "reference/membership_diagram.html",
    ),
    Guide(
        "session-lifecycle",
        "Session lifecycle",
        "Statuses, and who may enter when",
        CONTRACT,
        "Live sessions",
        "reference/session_diagram.html",
    ),
    Guide("webhook-rules", "Webhooks", "Signatures, order, retries, deliveries", CONTRACT, "Webhooks"),
    Guide(
        "receiving-webhooks", "Receiving webhooks", "Check signatures and handle events, with samples", "webhooks.md"
    ),
    Guide("following", "Events", "Follow every change, in order", CONTRACT, "Events"),
    Guide("versions", "Versions", "What may change, and what never does", CONTRACT, "Versions"),
    Guide("integration", "School systems", "People, classes and lessons from another system", "integration.md"),
    Guide("clients", "Clients", "Retries, pages, generated clients", "clients.md"),
]
TASKS = [
    Task(
        "classes",
        "Classes",
        "Create classes, find them, share their codes and archive them.",
        "Classes",
        (
            *("createClass", "listClasses", "getClass", "updateClass"),
            *("renewClassCode", "archiveClass", "unarchiveClass"),
            *("getClassSettings", "updateClassSettings"),
        ),
        ("Class", "ClassSettings"),
    ),
    Task(
        "joining",
        "Joining",
        "Students request to join with a class code, and teachers decide.",
        "Members",
        (
            *("requestToJoinByCode", "requestToJoinClass", "withdrawJoinRequest"),
            *("approveMembers", "rejectMembers", "reopenMembers"),
        ),
        ("Membership",),
    ),
    Task(
        "people",
        "People of a class",
        "Who is in a class and in which role; adding and removing people.",
        "Members",
        ("listMembers", "addMember", "changeMemberRole", "removeMember", "leaveClass"),
    ),
    Task(
        "invitations",
        "Invitations",
        "Invite people to a class by mail, whether they have an account or not.",
        "Invitations",
        ("inviteToClass", "listInvitations", "resendInvitation", "revokeInvitation"),
        ("Invitation",),
    ),
    Task(
        "sessions",
        "Live sessions",
        "Schedule sessions, hand out their links, move, cancel and end them.",
        "Live sessions",
        (
            *("createLiveSession", "listLiveSessions", "getLiveSession", "updateLiveSession"),
            *("cancelLiveSession", "endLiveSession", "renewLiveSessionLinks", "getAdmission", "previewAdmission"),
        ),
        ("LiveSession",),
    ),
    Task(
        "series",
        "Series",
        "Look up series of live sessions, such as every Tuesday. A live session with a recurrence creates one.",
        "Series",
        ("listSeries", "getSeries"),
        ("Series",),
    ),
    Task(
        "calendars",
        "Calendars",
        "Show live sessions in people’s own calendars.",
        "Calendars",
        ("getCalendar", "renewCalendar"),
        ("Calendar",),
    ),
    Task(
        "attendance",
        "Attendance",
        "See which students came to a live session, and mark who was late, absent or excused.",
        "Attendance",
        ("listAttendance", "markAttendance", "markAttendanceOfSeveral"),
        ("Attendance",),
    ),
    Task(
        "users",
        "Users",
        "Create and change accounts, for administrators and their systems.",
        "Users",
        ("createUser", "listUsers", "getUser", "updateUser"),
        ("User",),
    ),
    Task("events", "Events", "Follow every change, in order.", "Events", ("listEvents",), ("Event",)),
    Task(
        "webhooks",
        "Webhooks",
        "Have events sent to your server when they happen, and see what became of each.",
        "Webhooks",
        (
            *("createWebhook", "listWebhooks", "getWebhook", "updateWebhook", "deleteWebhook"),
            *("rotateWebhookSecret", "sendTestEvent", "listWebhookDeliveries", "resendWebhookDelivery", "replayEvents"),
        ),
        ("Webhook", "WebhookDelivery"),
        ("event",),
    ),
    Task("account", "The current user", "Whom a key or a session belongs to.", "Me", ("getMe",), ("Me",)),
    Task(
        "keys",
        "API keys",
        "Create, rotate and revoke your keys, and see their refused calls. Needs a sign-in: a key can't create keys.",
        "API keys",
        ("listApiKeys", "createApiKey", "rotateApiKey", "revokeApiKey", "listRefusedCalls"),
        ("ApiKey", "RefusedCall"),
    ),
]


class Operation(NamedTuple):
    """An operation of the OpenAPI document."""

    method: str
    path: str
    described: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.described["operationId"])

    @property
    def tag(self) -> str:
        return str(self.described["tags"][0])


def operations() -> dict[str, Operation]:
    """All operations by their ids."""
    found = [
        Operation(method.upper(), path, described)
        for path, item in openapi_document()["paths"].items()
        for method, described in item.items()
    ]
    return {operation.name: operation for operation in found}


def operations_of(task: Task) -> list[Operation]:
    every = operations()
    named = [every[name] for name in task.calls if name in every]
    last = [other for other in TASKS if other.tag == task.tag][-1]
    known = {name for other in TASKS for name in other.calls}
    return named + [one for one in every.values() if one.tag == task.tag and one.name not in known and task is last]


def address_of_call(method: str, path: str) -> str:
    """Where a call is described, by its path as in the document; empty if there is no such call."""
    return _addresses().get((method.replace("HEAD", "GET"), path), "")


@cache
def _addresses() -> dict[tuple[str, str], str]:
    return {
        (operation.method, operation.path): f"{reverse('docs-page', args=[task.slug])}#{operation.name}"
        for task in TASKS
        for operation in operations_of(task)
    }


def page_of_object(name: str) -> str:
    """The slug of the page that describes this schema; empty if none does."""
    return next((task.slug for task in TASKS if name in task.objects), "")
