import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from tutorarc.jobs.models import Job, Worker
from tutorarc.models import User


@pytest.fixture
def get_without_database(client, monkeypatch):
    def get(path, error):
        def fail(*args, **options):
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(connection, "cursor", fail)
            return client.get(path)

    return get


def test_the_process_is_up(client):
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_the_liveness_probe_uses_no_database(get_without_database):
    assert get_without_database("/healthz", OperationalError("gone")).status_code == 200


def test_ready_means_a_reachable_database_with_every_migration(client, db):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_server_without_a_worker_is_ready_and_says_so(client, db):
    Job.objects.enqueue("prune", {})
    response = client.get("/readyz")
    warning = "No worker has been seen for a minute, and work is due."
    assert (response.status_code, response.json()) == (200, {"status": "ok", "warning": warning})
    Worker.objects.beat("one")
    assert client.get("/readyz").json() == {"status": "ok"}


def test_with_an_unapplied_migration_it_is_not_ready(client, db):
    [newest] = MigrationLoader(connection).graph.leaf_nodes("members")
    MigrationRecorder(connection).record_unapplied(*newest)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["status"], response["Retry-After"]) == (503, "unavailable", "5")
    assert "not applied" in response.json()["reason"]


@pytest.mark.parametrize("column", ["session_version", "display_name"])
def test_with_a_missing_column_it_is_not_ready(client, db, column):
    name = User._meta.get_field(column).column
    with transaction.atomic():
        connection.cursor().execute(f"ALTER TABLE tutorarc_user RENAME COLUMN {name} TO kept")
        response = client.get("/readyz")
        transaction.set_rollback(True)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response.json() == {
        "status": "unavailable",
        "reason": "The database lacks a table or column that this version reads.",
    }


def test_a_column_that_this_version_does_not_know_changes_nothing(client, db):
    connection.cursor().execute("ALTER TABLE tutorarc_user ADD COLUMN newer integer")
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("connection already closed")])
def test_with_an_unreachable_database_it_is_not_ready(db, get_without_database, error):
    response = get_without_database("/readyz", error)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response.json() == {"status": "unavailable", "reason": "The database can't be reached."}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_both_probes_need_no_credential_and_no_tls(db, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(path).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize(
    "host", ["10.0.0.7:8000", "[fd00::7]:8000", "unknown.example", "pod_name", "a..b", "-", "x" * 300]
)
def test_both_probes_answer_for_any_host(db, path, host):
    response = Client().get(path, headers={"Host": host})
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/", "/api/v1/me", "/healthz/", "/api/schema"])
def test_everything_else_refuses_a_foreign_host(db, path):
    assert Client().get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 400


def test_everything_else_redirects_to_tls(db, settings):
    settings.SECURE_SSL_REDIRECT = True
    response = Client().get("/api/v1/classes")
    assert (response.status_code, response["Location"]) == (301, "https://testserver/api/v1/classes")
