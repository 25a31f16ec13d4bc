"""Client generators accept the OpenAPI document, and the generated clients work with a server."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from classes.models import Class
from sessions.models import LiveSession
from tutorarc.api.views import openapi_document
from tutorarc.testing.generated_clients import need, run
from tutorarc.tests.ops.documents import DOCS, blocks

pytestmark = pytest.mark.slow

PYTHON_CALLS = """
import json, os
from datetime import datetime
from tutor_arc_client import AuthenticatedClient
from tutor_arc_client.api.classes import create_class
from tutor_arc_client.models import Class, LinksAnswer, NewClassRequest, NewSessionRequest

key = {"token": os.environ["KEY"], "prefix": "", "auth_header_name": "X-API-Key"}
with AuthenticatedClient(base_url=os.environ["HOST"], raise_on_unexpected_status=True, **key) as client:
    begins = datetime.fromisoformat("2026-03-20T10:00:00+00:00")
    new_session = NewSessionRequest("Introduction to Calculus", begins, 60, "teacher_123", strict=True)
    session = create_class.sync(client=client, body=new_session)
    klass = create_class.sync(client=client, body=NewClassRequest("Algorithms 101"))
assert isinstance(session, LinksAnswer) and isinstance(klass, Class), (session, klass)
print(json.dumps([session.data.teacher_link, session.data.student_link, klass.class_code]))
"""

TYPESCRIPT_CALLS = """
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

const { HOST: baseUrl, KEY: key } = process.env;
if (!baseUrl || !key) throw new Error("HOST and KEY are needed");
const client = createClient<paths>({ baseUrl, headers: { "X-API-Key": key } });
const begins = { startTime: "2026-03-20T10:00:00Z", duration: 60 };
const newSession = { title: "Introduction to Calculus", ...begins, strict: true, teacherId: "teacher_123" };

const session = await client.POST("/api/v1/classes", { body: newSession });
const klass = await client.POST("/api/v1/classes", { body: { title: "Algorithms 101" } });
if (!session.data || !("data" in session.data) || !klass.data || !("class_code" in klass.data)) {
  throw new Error(JSON.stringify([session.error?.error.message, klass.error?.error.message]));
}
// @ts-expect-error: an id is no number
const wrong: number = klass.data.id;
const { teacherLink, studentLink } = session.data.data;
console.log(JSON.stringify([teacherLink, studentLink, klass.data.class_code]));
"""

LOCAL = "http://localhost:8000"


def documented(package):
    """The program in docs/clients.md that imports a package."""
    [text] = [block.text for block in blocks(DOCS / "clients.md") if block.language and package in block.text]
    return text


@pytest.fixture
def schema(tmp_path):
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(openapi_document(), default=str))
    return path


def what_was_made():
    session, klass = LiveSession.objects.get(), Class.objects.get()
    assert (session.title, session.duration, session.strict) == ("Introduction to Calculus", 60, True)
    assert (klass.title, klass.description) == ("Algorithms 101", "")
    return [session.teacher_link, session.student_link, klass.class_code]


def test_a_python_client_makes_both_calls(running, python_client, tmp_path):
    found = {"PYTHONPATH": str(python_client)}
    (tmp_path / "calls.py").write_text(PYTHON_CALLS)
    printed = run([sys.executable, "calls.py"], tmp_path, HOST=running.url, KEY=running.key, **found)
    assert json.loads(printed) == what_was_made()
    (tmp_path / "list.py").write_text(running.fit(documented("tutor_arc_client"), LOCAL))
    assert run([sys.executable, "list.py"], tmp_path, **found) == f"{Class.objects.get().pk} Algorithms 101\n"


def test_the_python_package_has_the_name_that_is_documented(schema, tmp_path):
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "setup"]
    path = f"{Path(sys.executable).parent}:{Path(need('env')).parent}"
    run([*command, "--path", str(schema)], tmp_path, PATH=path)
    assert [str(file.relative_to(tmp_path)) for file in tmp_path.glob("*/*/client.py")] == [
        "tutor-arc-client/tutor_arc_client/client.py"
    ]


def test_a_typescript_client_compiles_strictly_and_makes_both_calls(running, schema, tmp_path, node_tools):
    work = tmp_path / "client"
    shutil.copytree(node_tools, work, symlinks=True)
    tools = work / "node_modules/.bin"
    run([str(tools / "openapi-typescript"), str(schema), "-o", "schema.d.ts"], work)
    (work / "calls.ts").write_text(TYPESCRIPT_CALLS)
    (work / "list.ts").write_text(running.fit(documented("openapi-fetch"), LOCAL))
    strictly = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--noUnusedLocals", "false"]
    run([str(tools / "tsc"), *strictly, "--module", "nodenext", "--target", "es2022", "calls.ts", "list.ts"], work)
    printed = run([need("node"), "calls.js"], work, HOST=running.url, KEY=running.key)
    assert json.loads(printed) == what_was_made()
    assert run([need("node"), "list.js"], work) == f"{Class.objects.get().pk} Algorithms 101\n"
