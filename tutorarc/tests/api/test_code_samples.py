"""The samples work as they stand: those of the published API and ours, with only host and key changed."""

import ast
import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from difflib import ndiff

import pytest

from classes.models import Class
from sessions.models import LiveSession
from tutorarc.api.schema import code_samples
from tutorarc.api.views import openapi_document
from tutorarc.domain.events import Actor
from tutorarc.testing.generated_clients import need, run
from tutorarc.tests.api import published_samples
from tutorarc.tests.feed.events import forget_events, write_event
from tutorarc.tests.ops.documents import DOCS, blocks

PUBLISHED = {
    "cURL": published_samples.CURL,
    "JavaScript": published_samples.JAVASCRIPT,
    "TypeScript": published_samples.TYPESCRIPT,
    "Python": published_samples.PYTHON,
}
SESSION, CLASS = "A live session", "A class"
IN_SCRIPTS = [
    "const { error } = await response.json();",
    "throw new Error(`${response.status} ${error.reason}: ${error.message}`);",
]
CHECKS = {  # what our samples have beside the published lines
    "cURL": ["--fail-with-body \\"],
    "JavaScript": [
        ".then(checked)",
        "async function checked(response) {",
        "if (response.ok) return response;",
        *IN_SCRIPTS,
        "}",
    ],
    "TypeScript": ["if (!response.ok) {", *IN_SCRIPTS, "}"],
    "Python": [
        "if not response.ok:",
        'error = response.json()["error"]',
        "raise SystemExit(f\"{response.status_code} {error['reason']}: {error['message']}\")",
    ],
}


def our_sample(language, document):
    operation = openapi_document()["paths"]["/api/v1/classes"]["post"]
    [source] = [
        sample["source"] for sample in operation["x-codeSamples"] if sample["label"] == f"{language}: {document}"
    ]
    return source


def run_curl(source, tmp_path):
    need("curl")
    return json.loads(run(["bash", "-c", source], tmp_path))


def run_javascript(source, tmp_path):
    """Node prints objects in its own format, so the resolved value is printed as JSON."""
    (tmp_path / "sample.mjs").write_text(source)
    return run([need("node"), "sample.mjs"], tmp_path)


def run_python(source, tmp_path):
    (tmp_path / "sample.py").write_text(source)
    return ast.literal_eval(run([sys.executable, "sample.py"], tmp_path))


def run_typescript(source, tmp_path, node_tools, call):
    """Compile the sample strictly and unchanged, then call its function."""
    (tmp_path / "sample.ts").write_text(f"{source}\n\n{call}.then(d => console.log(JSON.stringify(d)));\n")
    compiler = [str(node_tools / "node_modules/.bin/tsc"), "--strict", "--skipLibCheck", "--target", "es2022"]
    compiler += ["--lib", "es2022,dom"]
    run([*compiler, "sample.ts"], tmp_path)
    return json.loads(run([need("node"), "sample.js"], tmp_path))


def bare(source):
    """The published page lost its indentation and blank lines."""
    return [line.strip() for line in source.splitlines() if line.strip()]


@pytest.mark.parametrize("language", PUBLISHED)
def test_our_samples_are_the_published_ones_and_check_the_status(language):
    published = bare(PUBLISHED[language].replace(published_samples.HOST, code_samples.HOST))
    ours = bare(our_sample(language, SESSION))
    assert [line for line in ndiff(published, ours) if line[0] != " "] == [f"+ {line}" for line in CHECKS[language]]


def the_links():
    session = LiveSession.objects.get()
    assert (session.title, session.duration, session.strict) == ("Introduction to Calculus", 60, True)
    assert session.teacher_ref == "teacher_123"
    links = {"sessionId": session.pk, "teacherLink": session.teacher_link, "studentLink": session.student_link}
    return {"status": "success", "data": links}


@pytest.fixture(params=["published", "ours"])
def session_sample(request, running):
    """`session_sample(language)`: the published one, and that of our own document."""

    def sample(language):
        if request.param == "ours":
            return running.fit(our_sample(language, SESSION), code_samples.HOST)
        return running.fit(PUBLISHED[language], published_samples.HOST)

    return sample


def test_curl_creates_a_live_session(session_sample, tmp_path):
    assert run_curl(session_sample("cURL"), tmp_path) == the_links()


def test_python_creates_a_live_session(session_sample, tmp_path):
    assert run_python(session_sample("Python"), tmp_path) == the_links()


def test_javascript_creates_a_live_session(session_sample, tmp_path):
    printed = run_javascript(session_sample("JavaScript"), tmp_path)
    assert all(f"'{value}'" in printed for value in the_links()["data"].values())


def test_typescript_creates_a_live_session(session_sample, tmp_path, node_tools):
    call = f"createClass({json.dumps(example_body(SESSION))})"
    assert run_typescript(session_sample("TypeScript"), tmp_path, node_tools, call) == the_links()


def example_body(document):
    operation = openapi_document()["paths"]["/api/v1/classes"]["post"]
    examples = operation["requestBody"]["content"]["application/json"]["examples"].values()
    [body] = [example["value"] for example in examples if example["summary"] == document]
    return body


@pytest.fixture
def class_sample(running):
    return lambda language: running.fit(our_sample(language, CLASS), code_samples.HOST)


def assert_is_the_class(answer):
    klass = Class.objects.get()
    assert (klass.title, klass.description) == tuple(example_body(CLASS).values())
    assert (answer["id"], answer["class_code"], answer["status"]) == (klass.pk, klass.class_code, "ACTIVE")


def test_curl_creates_a_class(class_sample, tmp_path):
    assert_is_the_class(run_curl(class_sample("cURL"), tmp_path))


def test_python_creates_a_class(class_sample, tmp_path):
    assert_is_the_class(run_python(class_sample("Python"), tmp_path))


def test_javascript_creates_a_class(class_sample, tmp_path):
    printed = run_javascript(class_sample("JavaScript"), tmp_path)
    assert f"class_code: '{Class.objects.get().class_code}'" in printed


def test_typescript_creates_a_class(class_sample, tmp_path, node_tools):
    call = f"createClass({json.dumps(example_body(CLASS))})"
    assert_is_the_class(run_typescript(class_sample("TypeScript"), tmp_path, node_tools, call))


# Errors


REFUSED = "409 class_archived: "


@pytest.fixture
def refused_sample(running, algebra, alice):
    """`refused_sample(language)`: one that gets a 409, because its class is archived."""
    algebra.archive(Actor(alice))
    operation = openapi_document()["paths"]["/api/v1/classes/{class_id}/class-code"]["post"]
    sources = {
        sample["label"]: sample["source"].replace("cls_123", algebra.pk) for sample in operation["x-codeSamples"]
    }
    return lambda language: running.fit(sources[language], code_samples.HOST)


def complaint(run_sample, *arguments):
    with pytest.raises(subprocess.CalledProcessError) as failed:
        run_sample(*arguments)
    return failed.value.stdout + failed.value.stderr


def test_curl_fails_and_prints_the_error(refused_sample, tmp_path):
    assert '"reason":"class_archived"' in complaint(run_curl, refused_sample("cURL"), tmp_path)


def test_javascript_fails_with_the_reason(refused_sample, tmp_path):
    assert f"Error: {REFUSED}" in complaint(run_javascript, refused_sample("JavaScript"), tmp_path)


def test_python_fails_with_the_reason(refused_sample, tmp_path):
    assert complaint(run_python, refused_sample("Python"), tmp_path).startswith(REFUSED)


def test_typescript_fails_with_the_reason(refused_sample, tmp_path, node_tools):
    source = refused_sample("TypeScript")
    assert f"Error: {REFUSED}" in complaint(run_typescript, source, tmp_path, node_tools, "renewClassCode()")


# Pages


@pytest.fixture
def list_sample(running, alice):
    """`list_sample(language)`: the sample of `listClasses` with two pages to read."""
    for title in ("First", "Second", "Third"):
        Class.objects.create_with_teacher(Actor(alice), title=title)
    operation = openapi_document()["paths"]["/api/v1/classes"]["get"]
    sources = {
        sample["label"]: sample["source"].replace("page_size=100", "page_size=2")
        for sample in operation["x-codeSamples"]
    }
    return lambda language: running.fit(sources[language], code_samples.HOST)


TITLES = ["Third", "Second", "First"]


def test_curl_reads_a_page(list_sample, tmp_path):
    page = run_curl(list_sample("cURL"), tmp_path)
    assert ([row["title"] for row in page["results"]], page["next"] is None) == (TITLES[:2], False)


def test_javascript_reads_every_page(list_sample, tmp_path):
    assert re.findall(r"title: '(\w+)'", run_javascript(list_sample("JavaScript"), tmp_path)) == TITLES


def test_python_reads_every_page(list_sample, tmp_path):
    (tmp_path / "sample.py").write_text(list_sample("Python"))
    printed = run([sys.executable, "sample.py"], tmp_path)
    assert [ast.literal_eval(line)["title"] for line in printed.splitlines()] == TITLES


def test_typescript_reads_every_page(list_sample, tmp_path, node_tools):
    rows = run_typescript(list_sample("TypeScript"), tmp_path, node_tools, "listClasses()")
    assert [row["title"] for row in rows] == TITLES


# The feed


@pytest.fixture
def feed_sample(running, alice):
    """`feed_sample(language)`: the sample of `listEvents` with three events to read, two on a page."""
    session = LiveSession.objects.schedule(
        Actor(alice), title="Calculus", start_time=datetime(2026, 3, 20, 10, tzinfo=UTC), duration=60, teacher_ref="t"
    )
    forget_events()
    for what in ("scheduled", "rescheduled", "cancelled"):
        write_event(f"session.{what}", session=session)
    operation = openapi_document()["paths"]["/api/v1/events"]["get"]
    sources = {
        sample["label"]: sample["source"].replace("page_size=100", "page_size=2")
        for sample in operation["x-codeSamples"]
    }
    return lambda language: running.fit(sources[language], code_samples.HOST)


TYPES = ["session.scheduled", "session.rescheduled", "session.cancelled"]
GO_ON = r"Go on later from http://\S+/api/v1/events\?cursor=\w+&page_size=2"


def test_curl_reads_a_page_of_events(feed_sample, tmp_path):
    page = run_curl(feed_sample("cURL"), tmp_path)
    assert ([row["type"] for row in page["results"]], page["next"] is None) == (TYPES[:2], False)


def test_javascript_reads_the_events_up_to_now(feed_sample, tmp_path):
    printed = run_javascript(feed_sample("JavaScript"), tmp_path)
    assert re.findall(r"type: '([\w.]+)'", printed) == TYPES
    assert re.fullmatch(GO_ON, printed.splitlines()[-1])


def test_python_reads_the_events_up_to_now(feed_sample, tmp_path):
    (tmp_path / "sample.py").write_text(feed_sample("Python"))
    *events, last = run([sys.executable, "sample.py"], tmp_path).splitlines()
    assert [ast.literal_eval(line)["type"] for line in events] == TYPES
    assert re.fullmatch(GO_ON, last)


def test_typescript_reads_the_events_up_to_now(feed_sample, tmp_path, node_tools):
    read = run_typescript(feed_sample("TypeScript"), tmp_path, node_tools, "listEvents()")
    assert [row["type"] for row in read["rows"]] == TYPES
    assert re.fullmatch(GO_ON, f"Go on later from {read['next']}")


def test_the_program_in_the_documentation_goes_on_where_it_stopped(running, feed_sample, tmp_path):
    [source] = [block.text for block in blocks(DOCS / "clients.md") if "next-events.txt" in block.text]
    source = running.fit(source.replace("page_size=100", "page_size=2"), code_samples.HOST)
    (tmp_path / "follow.py").write_text(source)
    command = [sys.executable, "-c", "import follow, sys; follow.new_events(sys.argv[1])"]
    printed = run([*command, f"{running.url}/api/v1/events?page_size=2"], tmp_path)
    assert [line.split()[0] for line in printed.splitlines()] == TYPES
    write_event("session.ended", session=LiveSession.objects.get())
    printed = run([*command, (tmp_path / "next-events.txt").read_text()], tmp_path)
    assert [line.split()[0] for line in printed.splitlines()] == ["session.ended"]
