"""One configuration file, read by the server and by every command."""

import os
import string
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from tutorarc.conf import env_file
from tutorarc.settings import BASE_DIR
from tutorarc.testing.server import serve

VARIABLE = "TUTORARC_TRIAL"


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """A copy that `load` may write to, without a configuration file."""
    copy = {name: value for name, value in os.environ.items() if name != env_file.NAME}
    monkeypatch.setattr(os, "environ", copy)
    return copy


@pytest.fixture
def file(tmp_path, environment):
    environment[env_file.NAME] = str(tmp_path / "site.env")
    return tmp_path / "site.env"


def loaded(file, text, **options):
    file.write_text(text, newline="", **options)
    env_file.load(BASE_DIR / "no default")
    return os.environ.get(VARIABLE)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("TUTORARC_TRIAL=plain", "plain"),
        ("TUTORARC_TRIAL=", ""),
        ("TUTORARC_TRIAL=postgresql://u:p#w$x%40=@h/n?a=b&c=d", "postgresql://u:p#w$x%40=@h/n?a=b&c=d"),
        ("TUTORARC_TRIAL=a 'quote' \"inside\"", "a 'quote' \"inside\""),
        ("TUTORARC_TRIAL='blanks # and ${HOME} and $HOME'", "blanks # and ${HOME} and $HOME"),
        (r"TUTORARC_TRIAL='it\'s a \\ here'", r"it's a \ here"),
        ('TUTORARC_TRIAL="double \\"quotes\\""', 'double "quotes"'),
        ("TUTORARC_TRIAL='Schule für alle – 学校'", "Schule für alle – 学校"),
        ("  export TUTORARC_TRIAL = spaced  # a comment", "spaced"),
        ("# a comment\r\n\r\nTUTORARC_TRIAL=windows\r\nTUTORARC_OTHER=1\r\n", "windows"),
        ("TUTORARC_TRIAL=first\nTUTORARC_TRIAL=last is ignored", "first"),
    ],
)
def test_values_are_read_with_or_without_quotes(file, line, value):
    assert loaded(file, line) == value


def test_single_quotes_may_contain_any_character(file):
    value = string.printable + "äß漢字🎓"
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    assert loaded(file, f"{VARIABLE}='{quoted}'\n") == value


def test_a_byte_order_mark_is_ignored(file):
    assert loaded(file, "TUTORARC_TRIAL=1", encoding="utf-8-sig") == "1"


@pytest.mark.parametrize("value", ["environment", ""])
def test_the_environment_takes_precedence(file, environment, value):
    environment[VARIABLE] = value
    assert loaded(file, "TUTORARC_TRIAL=file") == value


def test_the_default_file_is_read_if_there_is_one(tmp_path, environment):
    env_file.load(tmp_path / ".env")
    assert VARIABLE not in environment
    (tmp_path / ".env").write_text("TUTORARC_TRIAL=default")
    env_file.load(tmp_path / ".env")
    assert environment[VARIABLE] == "default"


def test_an_empty_name_means_no_file(tmp_path, environment):
    (tmp_path / ".env").write_text("TUTORARC_TRIAL=default")
    environment[env_file.NAME] = ""
    env_file.load(tmp_path / ".env")
    assert VARIABLE not in environment


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("TUTORARC_DEBUG: s3cret", 1),
        ("A=1\n\n# note\nTUTORARC_TRIAL\nB=1\n", 4),
        ("A=1\n\n\nTUTORARC_TRIAL='s3cret\n", 4),
        ("A=1\n=s3cret\n", 2),
        ('TUTORARC_TRIAL="s3cret" and more\n', 1),
        ("TUTORARC_TRIAL=s3cret\0\n", 1),
    ],
)
def test_an_unreadable_line_is_reported_by_number_without_its_content(file, text, line):
    with pytest.raises(ImproperlyConfigured) as refusal:
        loaded(file, text)
    assert str(refusal.value) == f"{file}, line {line}: write NAME=value, or NAME='any value'."


def test_a_named_file_that_is_missing_is_refused(file):
    with pytest.raises(ImproperlyConfigured) as refusal:
        env_file.load(BASE_DIR / "no default")
    assert str(refusal.value) == f"{file}, named by TUTORARC_ENV_FILE, can't be read: No such file or directory."


def test_a_file_that_is_not_utf_8_is_refused(file):
    with pytest.raises(ImproperlyConfigured) as refusal:
        loaded(file, "TUTORARC_TRIAL=für", encoding="latin-1")
    assert str(refusal.value) == f"{file} is not in UTF-8."


# All of them at once, from a directory that isn't the checkout


@pytest.fixture
def manage(tmp_path, environment):
    """`manage("prune")` without any variable but the file's name, which names a SQLite database."""
    configuration = tmp_path / "site.env"
    configuration.write_text(f"DATABASE_URL='sqlite:///{tmp_path / 'the site.sqlite3'}'\n")
    bare = {name: value for name, value in environment.items() if not name.startswith(("TUTORARC_", "DATABASE_URL"))}

    def run(*words, **variables):
        return subprocess.run(  # noqa: S603
            [sys.executable, str(BASE_DIR / "manage.py"), *words],
            cwd=tmp_path,
            env=bare | {"TUTORARC_ENV_FILE": "site.env"} | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def first_line(text):
    """What a command says first: lines of the security log follow."""
    return text.splitlines(keepends=True)[0]


def test_every_command_uses_the_files_database_and_says_so_on_standard_error(manage, tmp_path):
    said = f"Database: SQLite, {tmp_path / 'the site.sqlite3'}\n"
    migrated = manage("migrate", "--verbosity", "0")
    assert (migrated.returncode, migrated.stdout, migrated.stderr) == (0, "", said)
    pruned = manage("prune")
    assert (pruned.returncode, pruned.stdout.count("0 removed"), pruned.stderr) == (0, 19, said)
    made = manage("create_user", "ada@example.org", "--role", "ADMIN")
    assert (made.returncode, made.stdout[:4], made.stdout.count("\n"), first_line(made.stderr)) == (0, "usr_", 1, said)
    key = manage("create_api_key", "ada@example.org")
    assert (key.returncode, key.stdout[:8], key.stdout.count("\n"), first_line(key.stderr)) == (0, "ta_live_", 1, said)
    assert [path.name for path in tmp_path.glob("*.sqlite3")] == ["the site.sqlite3"]


def test_a_command_that_uses_no_database_says_nothing(manage):
    checked = manage("check")
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_malformed_file_stops_a_command(manage, tmp_path):
    (tmp_path / "site.env").write_text("DATABASE_URL\n")
    refused = manage("prune")
    assert refused.returncode == 1
    assert refused.stderr.endswith("ImproperlyConfigured: site.env, line 1: write NAME=value, or NAME='any value'.\n")


def test_the_server_reads_it_too(tmp_path, provision):
    site = provision(tmp_path)
    settings = {name: site.environment.pop(name) for name in ("DATABASE_URL", "TUTORARC_SECRET_KEY", "TUTORARC_DEBUG")}
    (tmp_path / "site.env").write_text("".join(f"{name}='{value}'\n" for name, value in settings.items()))
    site.environment["TUTORARC_ENV_FILE"] = str(tmp_path / "site.env")
    with serve(site) as server:
        status, _ = server.request("GET", "/api/v1/me", headers={"X-API-Key": server.key})
    assert status == 200
