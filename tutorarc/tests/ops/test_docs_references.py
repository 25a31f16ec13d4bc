"""What the documentation names exists: links, files, settings, commands and their options, and what the code cites."""

import importlib.util
import os
import re
import secrets
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tutorarc.ops.bench.server import GRANIAN
from tutorarc.settings import BASE_DIR
from tutorarc.tests.ops.documents import DOCS, PAGES, README, anchors, blocks, name_of, prose, table

LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
SOURCE = re.compile(r"`((?:tutorarc|classes|members|sessions|apikeys)/[\w/.-]+)`")
CITATION = re.compile(r"docs/([\w/-]+\.md)(?:, \"([^\"]+)\")?")
VARIABLE = re.compile(r"\bTUTORARC_[A-Z_]+\b")
COMMAND = re.compile(r"^.*manage\.py (\w+)(.*)$", re.MULTILINE)
APPS = ("tutorarc", "apikeys", "classes", "members", "sessions")

every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def variables_that_are_read() -> set[str]:
    files = [BASE_DIR / "tutorarc/settings.py", *(BASE_DIR / "tutorarc/conf").glob("*.py")]
    return {name for file in files for name in re.findall(r'"(TUTORARC_[A-Z_]+)"', file.read_text())}


def options_of(command: str) -> set[str]:
    parser = load_command_class(get_commands()[command], command).create_parser("manage.py", command)
    return {option for action in parser._actions for option in action.option_strings}


@every_page
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for target, anchor in LINK.findall(prose(page)):
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(f"{target}#{anchor}")
    assert broken == []


@every_page
def test_every_source_file_that_is_named_exists(page: Path) -> None:
    assert [path for path in SOURCE.findall(page.read_text()) if not (BASE_DIR / path).exists()] == []


@every_page
def test_every_variable_that_is_named_is_read(page: Path) -> None:
    assert set(VARIABLE.findall(page.read_text())) - variables_that_are_read() == set()


@every_page
def test_every_command_and_option_that_is_named_exists(page: Path) -> None:
    unknown = []
    for command, rest in COMMAND.findall("\n".join(block.text for block in blocks(page))):
        known = options_of(command) if command in get_commands() else set()
        unknown += [f"{command} {option}" for option in re.findall(r"--[\w-]+", rest) if option not in known]
        unknown += [command] * (command not in get_commands())
    assert unknown == []


@every_page
def test_every_python_module_that_is_run_exists(page: Path) -> None:
    modules = re.findall(r"python3? -m ([\w.]+)", page.read_text())
    assert [module for module in modules if importlib.util.find_spec(module) is None] == []


def test_the_settings_table_lists_every_variable() -> None:
    assert {row[0].strip("`") for row in table(DOCS / "settings.md", "variable")} == variables_that_are_read() | {
        "DATABASE_URL"
    }


def test_the_commands_table_lists_every_command_and_option_of_ours() -> None:
    """The table may take two rows for one command."""
    of_django = options_of("migrate") & options_of("check") | {"--skip-checks"}
    listed: dict[str, set[str]] = {}
    for usage, _ in table(DOCS / "settings.md", "`manage.py …`"):
        listed.setdefault(usage.strip("`").split()[0], set()).update(re.findall(r"--[\w-]+", usage))
    ours = {name for name, app in get_commands().items() if app in APPS}
    assert listed == {name: options_of(name) - of_django for name in ours}


def test_the_readme_links_to_every_page() -> None:
    reached, waiting = {README}, [README]
    while waiting:
        page = waiting.pop()
        for target, _ in LINK.findall(prose(page)):
            file = (page.parent / target).resolve()
            further = sorted(file.glob("*.md")) if file.is_dir() else [file] if file.suffix == ".md" else []
            waiting += [other for other in further if other not in reached]
            reached.update(further)
    assert set(PAGES) - reached == set()


def test_the_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) < 150


def test_every_section_that_the_code_cites_exists() -> None:
    wrong = []
    for path in [file for app in APPS for file in (BASE_DIR / app).rglob("*.py")]:
        for page, section in CITATION.findall(path.read_text()):
            known = (DOCS / page).exists() and (not section or f" {section}\n" in prose(DOCS / page))
            wrong += [] if known else [f"{path.relative_to(BASE_DIR)}: {page}, {section}"]
    assert wrong == []


def test_the_architecture_page_lists_every_app_and_package() -> None:
    listed = [row[0].strip("`/") for heading in ("app", "package") for row in table(DOCS / "architecture.md", heading)]
    packages = {directory.parent.name for directory in (BASE_DIR / "tutorarc").glob("*/__init__.py")}
    assert sorted(listed) == sorted({*APPS, *packages} - {"tutorarc", "management", "migrations"})


def test_the_architecture_page_gives_the_import_order_that_is_checked() -> None:
    layers = (BASE_DIR / ".importlinter").read_text().partition("layers =\n")[2].partition("ignore_imports")[0]
    rows = re.findall(
        r"^\d+\. (.*)$", (DOCS / "architecture.md").read_text().partition("## How a request")[0], re.MULTILINE
    )
    shown = [set(re.findall(r"`([\w.]+)`", row)) for row in rows]
    checked = [set(re.findall(r"[\w.]+", re.sub(r"\(.*?\)", "", layer))) for layer in layers.splitlines()]
    assert shown == [layer & set().union(*shown) for layer in checked if layer & set().union(*shown)]


# The services and the configuration file that deploy.md shows

SERVICE, WORKER = "[Unit]\nDescription=TutorArc\n", "[Unit]\nDescription=TutorArc background work\n"
OF_ONE_SERVICE = ("Description=", "ExecStart=", "MemoryMax=", "TimeoutStopSec=")


def configuration(beginning: str) -> str:
    [text] = [block.text for block in blocks(DOCS / "deploy.md") if block.text.startswith(beginning)]
    return text


def test_the_configuration_file_that_is_shown_passes_the_checks_for_production(tmp_path: Path) -> None:
    file = tmp_path / "tutorarc.env"
    file.write_text(re.sub(r"<python.*>", secrets.token_urlsafe(50), configuration("TUTORARC_DEBUG=")))
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE_DIR,
        env=kept | {"TUTORARC_ENV_FILE": str(file)},
        check=True,
        capture_output=True,
    )


def test_the_service_runs_the_server_as_the_benchmark_does() -> None:
    [command] = re.findall(r"^ExecStart=(.*)$", configuration(SERVICE), re.MULTILINE)
    shown = shlex.split(command)
    assert [word for word in GRANIAN if word not in (*shown, "-m", "granian")] == []
    assert importlib.util.find_spec("granian") is not None
    options = subprocess.run(
        [sys.executable, "-m", "granian", "--help"], check=True, capture_output=True, text=True
    ).stdout
    assert [word for word in shown if word.startswith("--") and word not in options] == []


def test_the_service_of_the_worker_runs_its_command_with_the_same_restrictions() -> None:
    server, worker = (configuration(beginning).splitlines() for beginning in (SERVICE, WORKER))
    assert [line for line in server if line not in worker and not line.startswith(OF_ONE_SERVICE)] == []
    [command] = [line.removeprefix("ExecStart=") for line in worker if line.startswith("ExecStart=")]
    assert command == "/srv/tutorarc/.venv/bin/python manage.py work"


def test_the_proxies_log_neither_addresses_nor_headers_of_requests() -> None:
    """An address may be a one-time link, in the path, the query or the Referer."""
    nginx, haproxy = configuration("log_format"), configuration("capture response")
    assert re.findall(r"\$\w+", nginx) == [
        *("$remote_addr", "$time_iso8601", "$request_method", "$status"),
        *("$body_bytes_sent", "$request_time", "$sent_http_x_request_id"),
    ]
    assert re.findall(r"%\w+", haproxy) == [
        *("%ci", "%tr", "%HM", "%ST", "%B", "%TR", "%Tw", "%Tc", "%Tr", "%Ta"),
        *("%b", "%s", "%ts", "%hs"),
    ]
    assert "error_log /var/log/nginx/error.log crit;" in nginx


def test_every_kind_of_block_is_read_by_a_test() -> None:
    """A block of another kind would be tested nowhere.

    test_docs_commands runs `bash` and compares the `json` or `text` below it; test_contract compares `json` in
    contract.md with the OpenAPI document; test_generated_clients and test_retries run those of clients.md; test_backup
    runs `sh`; test_webhook_receivers runs those of webhooks.md, test_integration those of integration.md. Names in
    other blocks are looked up here.
    """
    kinds = {(name_of(page).removeprefix("tutorarc/docs/"), block.language) for page in PAGES for block in blocks(page)}
    assert kinds == {
        ("README.md", ""),
        ("README.md", "bash"),
        ("README.md", "json"),
        ("clients.md", ""),
        ("clients.md", "javascript"),
        ("clients.md", "python"),
        ("clients.md", "typescript"),
        ("contract.md", "json"),
        ("deploy.md", ""),
        ("deploy.md", "haproxy"),
        ("deploy.md", "ini"),
        ("deploy.md", "nginx"),
        ("deploy.md", "sh"),
        ("deploy.md", "sql"),
        ("development.md", ""),
        ("integration.md", "python"),
        ("integration.md", "typescript"),
        ("tour.md", ""),
        ("tour.md", "bash"),
        ("tour.md", "json"),
        ("tour.md", "text"),
        ("webhooks.md", ""),
        ("webhooks.md", "python"),
        ("webhooks.md", "typescript"),
    }
