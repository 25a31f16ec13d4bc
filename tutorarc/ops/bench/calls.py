"""The benchmarked calls as requests, built from the file that `load_demo --out` writes."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

BASE = "/api/v1"
BATCH = 100
MAX_CODES = 10_000
PATIENCE_SECONDS = 60


class Sent(NamedTuple):
    method: str
    path: str
    key: str | None = None
    body: Any = None

    @property
    def text(self) -> str:
        return "" if self.body is None else json.dumps(self.body)

    def wire(self, host: str) -> str:
        """The request as bytes."""
        lines = [f"{self.method} {BASE}{self.path} HTTP/1.1", f"Host: {host}", "Accept: */*"]
        if self.key:
            lines.append(f"X-API-Key: {self.key}")
        if self.text:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.text.encode())}"]
        return "\r\n".join([*lines, "", self.text])


class Call(NamedTuple):
    """A benchmarked call. `repeats`: requests may be sent repeatedly. `resets`: people are set to PENDING first."""

    name: str
    requests: list[Sent]
    repeats: bool = True
    resets: bool = False


class Failed(Exception):
    """The server returned an unexpected response."""


class Server(NamedTuple):
    """A server and the file that describes its data."""

    url: str
    handout: dict[str, Any]

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def key(self, name: str) -> str:
        return self.handout["keys"][name]

    def ask(self, sent: Sent) -> Any:
        """Send a request. Raises Failed."""
        headers = {"X-API-Key": sent.key or "", "Content-Type": "application/json"}
        connection = HTTPConnection(self.host, timeout=PATIENCE_SECONDS)
        try:
            connection.request(sent.method, BASE + sent.path, sent.text or None, headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status not in (200, 201):
            raise Failed(f"{sent.method} {sent.path} answered {response.status}: {answer[:300]!r}")
        return json.loads(answer)

    def pages(self, path: str, key: str) -> Iterator[dict[str, Any]]:
        here: str | None = f"{path}{'&' if '?' in path else '?'}page_size=100"
        while here:
            yield (page := self.ask(Sent("GET", here, key)))
            here = page["next"] and page["next"].partition(BASE)[2]


def hot_calls(server: Server) -> list[Call]:
    """Raises Failed if the server doesn't answer as the contract says."""
    handout, teacher = server.handout, server.key("teacher")
    one = f"/classes/{handout['class_id']}"
    members = f"/classes/{handout['members_class_id']}/members?page_size=100"
    create = Sent("POST", "/classes", teacher, handout["session_body"])
    session = server.ask(create)["data"]["sessionId"]
    return [
        Call("list", [Sent("GET", "/classes", teacher)]),
        Call("detail", [Sent("GET", one, teacher)]),
        Call("members", [Sent("GET", members, teacher)]),
        Call("create", [create]),
        Call("approve", _approvals(server), repeats=False, resets=True),
        Call("join", _join_requests(server), repeats=False),
        Call("admission", [Sent("GET", f"/sessions/{session}/admission?role=student")]),
    ]


def _approvals(server: Server) -> list[Sent]:
    """Approvals of all pending requests, 100 at a time."""
    teacher, path = server.key("teacher"), f"/classes/{server.handout['approve']['class_id']}/members"
    waiting = [row["user_id"] for page in server.pages(f"{path}?status=PENDING", teacher) for row in page["results"]]
    batches = [waiting[start : start + BATCH] for start in range(0, len(waiting), BATCH)]
    return [Sent("POST", f"{path}/approve", teacher, {"user_ids": batch}) for batch in batches if len(batch) == BATCH]


def _join_requests(server: Server) -> list[Sent]:
    """One join request of the student for each class without them."""
    student = server.key("student")
    known = {row["id"] for page in server.pages("/classes", student) for row in page["results"]}
    requests: list[Sent] = []
    for page in server.pages("/classes?status=ACTIVE", server.key("admin")):
        for row in page["results"]:
            if row["id"] not in known:
                body = {"class_code": row["class_code"]}
                requests.append(Sent("POST", f"/classes/{row['id']}/join-request", student, body))
        if len(requests) >= MAX_CODES:
            break
    return requests


# Reads at any depth, to compare small and large databases

MIDDLE = "2024-01-01T00:00:00Z"
EARLY = "2022-01-01T00:00:00Z"
MEMBERS_ON_A_PAGE = 50
MAX_PAGES_TO_THE_MIDDLE = 1_000


def reads(server: Server) -> list[Call]:
    """Lists from the start and from deep inside, and single objects."""
    handout = server.handout
    calls = [
        Call(f"list of {name}", [Sent("GET", "/classes", server.key(name))])
        for name in ("admin", "teacher", "teacher_0", "teacher_many", "student")
    ]
    for name, places in (("admin", ("middle", "end")), ("teacher", ("middle",)), ("teacher_many", ("middle", "end"))):
        for place in places:
            cursor = _cursor(server, server.key(name), MIDDLE if place == "middle" else EARLY)
            calls.append(Call(f"list of {name}, {place}", [Sent("GET", f"/classes?cursor={cursor}", server.key(name))]))
    teacher, members = server.key("teacher"), f"/classes/{handout['members_class_id']}/members"
    first = f"{members}?page_size={MEMBERS_ON_A_PAGE}"
    return [
        *calls,
        Call("detail", [Sent("GET", f"/classes/{handout['class_id']}", teacher)]),
        Call("members", [Sent("GET", first, teacher)]),
        Call("members, middle", [Sent("GET", f"{first}&cursor={_cursor_of_members(server, members)}", teacher)]),
    ]


def _cursor(server: Server, key: str, before: str) -> str:
    """Cursor into the list of all classes."""
    page = server.ask(Sent("GET", f"/classes?page_size=1&created_before={before}", key))
    return _cursor_in(page["next"])


def _cursor_of_members(server: Server, path: str) -> str:
    """Cursor in the middle of a list."""
    teacher = server.key("teacher")
    pages = islice(server.pages(path, teacher), MAX_PAGES_TO_THE_MIDDLE)
    links = [page["next"] for page in pages if page["next"]]
    return _cursor_in(links[len(links) // 2])


def _cursor_in(link: str) -> str:
    return parse_qs(urlsplit(link).query)["cursor"][0]
