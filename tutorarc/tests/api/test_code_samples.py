"""The samples work as they stand: those of the published API and ours, with only host and key changed."""

import ast
import json
import sys

import pytest

from classes.models import Class
from sessions.models import LiveSession
from tutorarc.api.schema import code_samples
from tutorarc.api.views import openapi_document
from tutorarc.testing.generated_clients import need, run
from tutorarc.tests.api import published_samples

PUBLISHED = {
    "cURL": published_samples.CURL,
    "JavaScript": published_samples.JAVASCRIPT,
    "TypeScript": published_samples.TYPESCRIPT,
    "Python": published_samples.PYTHON,
}
SESSION, CLASS = "A live session", "A class"


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


def run_typescript(source, tmp_path, node_tools, body):
    """Compile the sample strictly and unchanged, then call its function."""
    (tmp_path / "sample.ts").write_text(f"{source}\n\ncreateClass({body}).then(d => console.log(JSON.stringify(d)));\n")
    compiler = [str(node_tools / "node_modules/.bin/tsc"), "--strict", "--target", "es2022", "--lib", "es2022,dom"]
    run([*compiler, "sample.ts"], tmp_path)
    return json.loads(run([need("node"), "sample.js"], tmp_path))


def bare(source):
    """The published page lost its indentation and blank lines."""
    return [line.strip() for line in source.splitlines() if line.strip()]


@pytest.mark.parametrize("language", PUBLISHED)
def test_our_samples_are_the_published_ones(language):
    expected = PUBLISHED[language].replace(published_samples.HOST, code_samples.HOST)
    assert bare(our_sample(language, SESSION)) == bare(expected)


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
    body = json.dumps(example_body(SESSION))
    assert run_typescript(session_sample("TypeScript"), tmp_path, node_tools, body) == the_links()


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
    body = json.dumps(example_body(CLASS))
    assert_is_the_class(run_typescript(class_sample("TypeScript"), tmp_path, node_tools, body))
