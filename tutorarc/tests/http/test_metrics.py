"""/metrics: figures for Prometheus (docs/deploy.md, "Metrics")"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from tutorarc.conf import env
from tutorarc.domain.events import Actor
from tutorarc.http.metrics.requests import REGISTRY
from tutorarc.jobs.models import Job, Worker
from tutorarc.webhooks.models import Endpoint

TOKEN = "a-token-of-prometheus"
HERE = {"Host": "localhost:8000"}


def read(**options):
    return Client().get("/metrics", **({"headers": HERE} | options))


def figures(answer=None):
    """The samples without labels, by their names without `tutorarc_`."""
    text = (answer or read()).content.decode()
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples if not sample.labels]
    return {sample.name.removeprefix("tutorarc_"): sample.value for sample in samples}


def counted(method, route, status):
    labels = {"method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value("tutorarc_http_requests_total", labels) or 0


# Who may read it


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_programs_on_this_machine_read_it(address):
    answer = read(REMOTE_ADDR=address)
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (200, "text/plain")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "options",
    [
        {"REMOTE_ADDR": "203.0.113.1"},
        {"REMOTE_ADDR": ""},
        {"headers": {"Host": "attacker.example"}},
        {"headers": HERE | {"X-Forwarded-For": "127.0.0.1"}},
        {"headers": HERE | {"Forwarded": "for=127.0.0.1"}},
        {"headers": HERE | {"Via": "1.1 proxy"}},
    ],
)
def test_others_do_not(options):
    answer = read(**options)
    assert (answer.status_code, b"tutorarc_" in answer.content) == (403, False)


def test_a_client_of_a_trusted_proxy_is_not_this_machine(settings):
    settings.TRUSTED_PROXIES = 1
    assert read(headers=HERE | {"X-Forwarded-For": "203.0.113.1"}).status_code == 403


@pytest.mark.django_db
def test_a_token_is_asked_for_everywhere(settings):
    settings.METRICS_TOKEN = TOKEN
    sent = [None, f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer ", "Bearer é", f"bearer {TOKEN}"]
    answers = [read(headers=HERE | ({"Authorization": text} if text else {})) for text in sent]
    assert [answer.status_code for answer in answers] == [401] * 6 + [200]
    assert answers[0]["WWW-Authenticate"] == "Bearer"
    elsewhere = read(headers={"Host": "10.0.0.5", "Authorization": f"Bearer {TOKEN}"}, REMOTE_ADDR="203.0.113.1")
    assert elsewhere.status_code == 200


def test_nothing_can_be_sent_to_it():
    assert Client().post("/metrics", headers=HERE).status_code == 405


@pytest.mark.parametrize("value", ["short", "x" * 19, f"{TOKEN} and more"])
def test_a_token_that_could_be_guessed_prevents_the_start(monkeypatch, value):
    monkeypatch.setenv("TUTORARC_METRICS_TOKEN", value)
    with pytest.raises(ImproperlyConfigured) as refused:
        env.token("TUTORARC_METRICS_TOKEN")
    assert value not in str(refused.value)


# Requests


def test_requests_are_counted_by_route_and_status(api, alice, algebra):
    route = "/api/v1/classes/<class_id>"
    before = counted("GET", route, "200"), counted("GET", route, "404"), counted("GET", "none", "404")
    client = api(alice)
    client.get(f"/classes/{algebra.pk}")
    client.get("/classes/cls_01h455vb4pex5vsknk084sn02q")
    client.get("/nothing/at/all")
    after = counted("GET", route, "200"), counted("GET", route, "404"), counted("GET", "none", "404")
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 1]


def test_the_time_of_requests_is_counted():
    def number():
        return REGISTRY.get_sample_value("tutorarc_http_request_seconds_count", {"route": "/healthz"}) or 0

    before = number()
    Client().get("/healthz")
    assert number() == before + 1


@pytest.mark.django_db
def test_no_label_holds_what_a_client_sends(api, alice, algebra):
    marker, before = "ATTACKER0815", counted("other", "none", "404")
    for method in ("GET", marker):
        Client().generic(method, f"/{marker}/{marker}?{marker}=1", headers={"User-Agent": marker})
    api(alice).get(f"/classes/{algebra.pk}")
    text = read().content.decode()
    assert (marker in text, algebra.pk in text, alice.pk in text) == (False, False, False)
    assert counted("other", "none", "404") == before + 1


# From the database


def test_the_figures_of_the_database(alice, bob, charlie, algebra, join, schedule):
    now = timezone.now()
    assert (figures()["live_sessions"], figures()["work_due_age_seconds"]) == (0, 0)
    schedule(klass=algebra, start_time=now - timedelta(minutes=5))
    schedule(start_time=now + timedelta(hours=1))
    schedule(strict=False, start_time=now - timedelta(days=3))
    join(algebra, bob, "PENDING")
    join(algebra, charlie)
    for number, since in enumerate((now, None)):
        endpoint, _ = Endpoint.objects.register(alice, Actor(alice), url=f"https://example.org/{number}")
        Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=since)
    Job.objects.all().delete()
    Job.objects.enqueue("prune", {}, due_at=now - timedelta(hours=1))
    Job.objects.enqueue("prune", {}, due_at=now + timedelta(hours=1))
    Job.objects.enqueue("prune", {}, due_at=now)
    Job.objects.filter(due_at=now).update(failed_at=now)
    Worker.objects.beat("one")
    read_now = figures()
    assert 3600 <= read_now.pop("work_due_age_seconds") < 3700
    assert read_now == {
        "live_sessions": 1,
        "people_waiting": 1,
        "webhooks_failing": 1,
        "work_due": 1,
        "work_failed": 1,
        "workers": 1,
        "database_up": 1,
    }


def test_without_a_database_the_figures_of_requests_are_left(monkeypatch):
    def fail(*args, **options):
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", fail)
    answer = read()
    assert (answer.status_code, figures(answer)) == (200, {"database_up": 0})
    assert b"tutorarc_http_requests_total" in answer.content


@pytest.mark.django_db
def test_a_scrape_makes_one_query_for_each_figure(django_assert_num_queries):
    with django_assert_num_queries(7):
        read()


@pytest.mark.django_db
def test_the_documentation_lists_every_metric():
    page = (Path(project.BASE_DIR) / "tutorarc/docs/deploy.md").read_text()
    listed = re.findall(r"^\| `(tutorarc_\w+)` \|", page, re.MULTILINE)
    named = re.findall(r"^# TYPE (\w+) ", read().content.decode(), re.MULTILINE)
    assert sorted(listed) == sorted(named)
