"""The benchmark itself, at tiny sizes: what it prints, not how fast anything is."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tutorarc.ops.bench import rounds, server
from tutorarc.ops.bench.calls import Call, Failed, Sent, Server
from tutorarc.ops.bench.rounds import Result, Side
from tutorarc.testing.database_templates import DatabaseTemplates

HOT = ["list", "detail", "members", "create", "approve", "join", "admission"]
NUMBER = re.compile(r"\d+(\.\d+)?")


@pytest.fixture(autouse=True)
def _test_environment(settings: Any) -> None:
    settings.INSECURE_HTTP = True


def benchmark(*words: str) -> list[list[str]]:
    """The lines of the tables, as words; numbers that differ from run to run are #."""
    out = StringIO()
    call_command("benchmark", *words, "--rounds", "1", "--seconds", "0.1", verbosity=0, stdout=out, stderr=StringIO())
    return [re.split(r" {2,}", NUMBER.sub("#", line.strip())) for line in out.getvalue().splitlines()]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, templates: DatabaseTemplates) -> Iterator[Path]:
    """A directory for handouts, whose databases are copied instead of migrated, and dropped afterwards."""
    run = server.Data.python

    def copy_or_run(data: server.Data, *arguments: str, **options: Any) -> str:
        if "migrate" in arguments and not data.handout.exists():
            templates.fill(data.url)
        return run(data, *arguments, **options)

    monkeypatch.setattr(server.Data, "python", copy_or_run)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))  # or the embedded one warns
    monkeypatch.setattr(rounds, "WARM_UP_SECONDS", 0.1)
    yield tmp_path
    if not (tmp_path / "postgres").exists():  # the embedded one goes with its directory
        with server.postgres(None) as url:
            for handout in tmp_path.glob("*.json"):
                server._execute(url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", handout.stem)


def test_a_run_prints_a_line_for_each_call_and_the_next_one_reuses_its_database(kept: Path) -> None:
    size = ("--members", "2", "--pending", "1500", "--keep", str(kept), "--connections", "2")
    head, *lines, last = benchmark("--classes", "60", *size)
    assert head == ["call", "requests/s", "p# ms", "p# ms", "statements", "SQL ms"]
    assert lines == [[name, *["#"] * 5] for name in HOT]
    assert " ".join(last).startswith("First answer # s after the start; each worker's memory at the end: ")
    [handout] = kept.glob("*.json")
    before = handout.read_text()
    head, *lines = benchmark("--grow", "60", "70", *size)
    assert head == ["read, requests/s", "# classes", "# classes", "speed kept", "p# ms", "p# ms"]
    assert [line[0] for line in lines[:3]] == ["list of admin", "list of teacher", "list of teacher_#"]
    assert len(lines) == 13 + 2
    assert handout.read_text() == before


def test_without_postgresql_it_says_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///x.sqlite3")
    monkeypatch.setattr(server, "EMBEDDED", "no_such_module")
    with pytest.raises(CommandError, match="The benchmark needs PostgreSQL: name one in DATABASE_URL"):
        benchmark()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--classes", "0"], "no whole number above 0"),
        (["--rounds", "x"], "no whole number above 0"),
        (["--seconds", "-1"], "no number of seconds"),
        (["--seconds", "nan"], "no number of seconds"),
        (["--grow", "7"], "--grow takes two sizes, or none"),
        (["--against", "http://127.0.0.1:1"], "is not like http://127.0.0.1:8001\\+handout.json"),
        (["--against", "ftp://x+y"], "is not like"),
        (["--against", "http://127.0.0.1:1+missing.json"], "missing.json can't be read"),
    ],
)
def test_a_wrong_option_is_refused(words: list[str], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        call_command("benchmark", *words, verbosity=0)


# The load, on a server of three lines


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, str | None, bytes]] = []

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append((self.command, self.path, self.headers.get("X-API-Key"), body))
        self.send_response(404 if "missing" in self.path else 200)
        if "endless" not in self.path:
            self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET  # noqa: N815 (the name that http.server calls)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[Server]:
    Echo.seen = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield Server(f"http://127.0.0.1:{listening.server_port}", {})
        listening.shutdown()


def test_requests_that_can_be_sent_only_once_are_sent_once(echo: Server) -> None:
    sent = [Sent("POST", f"/x?n={n}", "a key", {"name": "Zoë"}) for n in range(9)]
    with rounds.generator(3) as load:
        result = load.load(echo, Call("once", sent, repeats=False), 5)
    body = json.dumps({"name": "Zoë"}).encode()
    assert sorted(Echo.seen) == [("POST", f"/api/v1/x?n={n}", "a key", body) for n in range(9)]
    assert len(result.milliseconds) == 9


def test_others_are_sent_until_the_time_is_up(echo: Server) -> None:
    with rounds.generator(2) as load:
        result = load.load(echo, Call("again", [Sent("GET", "/x")]), 0.2)
    assert 2 < len(result.milliseconds) == len(Echo.seen)
    assert set(Echo.seen) == {("GET", "/api/v1/x", None, b"")}


@pytest.mark.parametrize(
    ("path", "complaint"), [("/missing", "answered {'404': "), ("/endless", "the load generator ended")]
)
def test_an_unexpected_answer_stops_the_run(echo: Server, path: str, complaint: str) -> None:
    with rounds.generator(1) as load, pytest.raises(Failed, match=complaint):
        load.load(echo, Call("wrong", [Sent("GET", path)]), 0.1)


def side(*results: Result) -> Side:
    return Side(Server("http://x", {}), lambda: None, [], {"list": list(results)})


def test_the_figures_cover_all_rounds_and_the_ratio_pairs_of_rounds() -> None:
    one = side(Result(10, [1.0] * 99), Result(30, [2.0] * 99), Result(20, [50.0, 60.0]))
    other = side(Result(20, []), Result(10, []), Result(10, []))
    assert rounds.figures(one, "list") == (20, 2.0, 50.0)
    assert rounds.ratio(one, other, "list") == 2
    assert rounds.ratio(other, one, "list") == 0.5


def test_the_servers_take_turns_in_changing_order(echo: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    resets: list[str] = []
    calls = [Call("list", [Sent("GET", "/x")]), Call("approve", [Sent("POST", "/x")] * 40, repeats=False, resets=True)]
    sides = [Side(Server(name, {}), lambda name=name: resets.append(name), calls) for name in "ab"]  # type: ignore[misc]

    class Load:
        def load(self, server: Server, call: Call, seconds: float) -> Result:
            taken.append(server.url + call.name[0])
            return Result(1, [1])

    steps: list[str] = []
    assert rounds.measure(Load(), sides, 2, 1, step=steps.append) == ["list", "approve"]  # type: ignore[arg-type]
    assert taken == ["al", "bl", "aa", "ba", "al", "bl", "aa", "ba", "bl", "al", "ba", "aa"]
    assert resets == ["a", "b", "a", "b", "b", "a"]
    assert len(steps) == 12
