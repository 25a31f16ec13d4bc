"""The verbs of webhook endpoints."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from standardwebhooks import Webhook

from tutorarc.domain import encryption
from tutorarc.domain.direct_writes import DirectWriteError
from tutorarc.domain.events import Actor
from tutorarc.models import SecurityEvent, User
from tutorarc.models.signals import people_gain_rights, webhook_failing
from tutorarc.ops.prune import prune
from tutorarc.tests.webhooks.conftest import OK
from tutorarc.webhooks.models import Delivery, Endpoint
from tutorarc.webhooks.models.endpoint_queryset import MAX_ENDPOINTS

URL = "https://example.org/hook"
HOUR = timedelta(hours=1)
NOW = datetime(2036, 3, 20, 10, tzinfo=UTC)


@pytest.fixture
def endpoint(alice):
    return Endpoint.objects.register(alice, Actor(alice), url=URL)[0]


@contextmanager
def connected(signal, receiver):
    signal.connect(receiver)
    yield
    signal.disconnect(receiver)


def reloaded(row):
    return type(row).objects.get(pk=row.pk)


def values(row, *names):
    kept = reloaded(row)
    return tuple(getattr(kept, name) for name in names)


def test_register_returns_the_secret_that_is_stored_encrypted(alice):
    endpoint, secret = Endpoint.objects.register(
        alice, Actor(alice), url=URL, event_types=["class.created"], description="Ours", class_id=None
    )
    assert values(endpoint, "owner", "url", "event_types", "description", "class_id", "state", "disabled_reason") == (
        *(alice, URL, ["class.created"], "Ours", None, "ACTIVE", ""),
    )
    assert secret.startswith("whsec_")
    Webhook(secret)
    assert (reloaded(endpoint).signing_secrets(), secret in reloaded(endpoint).secret) == ([secret], False)


def test_two_secrets_differ(alice):
    first, second = (Endpoint.objects.register(alice, Actor(alice), url=URL)[1] for _ in range(2))
    assert first != second


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", ""),
        ("url", "http://127.0.0.1/"),
        ("url", "https://example.org/" + "x" * 2000),
        ("event_types", ["class.created", "class.created"]),
        ("event_types", ["api_key.created"]),
        ("event_types", [["class.created"]]),
        ("description", "x" * 201),
        ("description", "a\nb"),
        ("class_id", "usr_01m80teqrse4j95t0m877qekpk"),
    ],
)
def test_a_wrong_value_is_refused(alice, endpoint, field, value):
    with pytest.raises(ValidationError) as refused:
        Endpoint.objects.register(alice, Actor(alice), **{"url": URL, field: value})
    assert list(refused.value.message_dict) == [field]
    with pytest.raises(ValidationError) as refused:
        endpoint.edit(Actor(alice), **{field: value})
    assert list(refused.value.message_dict) == [field]
    assert Endpoint.objects.values_list("url", "event_types", "description").get() == (URL, [], "")


def test_the_number_of_endpoints_of_a_person_is_limited(alice, make_user):
    template = Endpoint(owner=alice, url=URL, secret="x")
    Endpoint.objects.bulk_create(
        [Endpoint(owner=alice, url=template.url, secret=template.secret) for _ in range(MAX_ENDPOINTS - 1)]
    )
    Endpoint.objects.register(alice, Actor(alice), url=URL)
    with pytest.raises(Endpoint.TooMany):
        Endpoint.objects.register(alice, Actor(alice), url=URL)
    dana = make_user("Dana", "TEACHER")
    Endpoint.objects.register(dana, Actor(dana), url=URL)


def test_edit_changes_what_is_given(alice, endpoint):
    edited = endpoint.edit(Actor(alice), description="New", event_types=["session.ended"])
    names = ("url", "description", "event_types", "state")
    assert values(endpoint, *names) == (URL, "New", ["session.ended"], "ACTIVE")
    assert tuple(getattr(edited, name) for name in names) == values(endpoint, *names)


def test_edit_of_the_state_disables_and_enables(alice, endpoint):
    endpoint.edit(Actor(alice), state="DISABLED", description="New")
    assert values(endpoint, "state", "disabled_reason", "description") == ("DISABLED", "OWNER", "New")
    endpoint.edit(Actor(alice), state="ACTIVE")
    assert values(endpoint, "state", "disabled_reason", "description") == ("ACTIVE", "", "New")


def test_a_state_that_does_not_exist_is_refused(alice, endpoint):
    with pytest.raises(ValidationError):
        endpoint.edit(Actor(alice), state="PAUSED")


def test_disable_says_why_and_cancels_what_waits(alice, endpoint, time_machine):
    time_machine.move_to(NOW, tick=False)
    delivery = Delivery.objects.send_test(endpoint, Actor(alice))
    endpoint.disable(Actor(alice))
    assert values(endpoint, "state", "disabled_reason", "disabled_at") == ("DISABLED", "OWNER", NOW)
    assert values(delivery, "status", "due_at", "error") == (
        *("CANCELLED", None, "The webhook was disabled before this was delivered."),
    )


def test_disabling_again_changes_nothing(alice, endpoint, time_machine):
    time_machine.move_to(NOW, tick=False)
    endpoint.disable(Actor(alice))
    time_machine.move_to(NOW + HOUR, tick=False)
    endpoint.disable(Actor(alice), Endpoint.DisabledReason.GONE)
    assert values(endpoint, "disabled_reason", "disabled_at") == ("OWNER", NOW)


def test_staff_disable_it_in_their_own_name(endpoint, make_user):
    endpoint.disable(Actor(make_user("Root", "ADMIN", is_staff=True, is_superuser=True)))
    assert values(endpoint, "state", "disabled_reason") == ("DISABLED", "STAFF")


def test_enable_forgets_the_failures(alice, endpoint):
    Endpoint.objects.update(
        state="DISABLED", disabled_reason="FAILING", disabled_at=NOW, failing_since=NOW, paused_until=NOW, told_at=NOW
    )
    endpoint.enable(Actor(alice))
    names = ("state", "disabled_reason", "disabled_at", "failing_since", "paused_until", "told_at")
    assert values(endpoint, *names) == ("ACTIVE", "", None, None, None, None)


def test_remove_deletes_the_endpoint_and_its_deliveries(alice, endpoint):
    Delivery.objects.send_test(endpoint, Actor(alice))
    other, _ = Endpoint.objects.register(alice, Actor(alice), url=URL)
    kept = Delivery.objects.send_test(other, Actor(alice))
    endpoint.remove(Actor(alice))
    assert (list(Endpoint.objects.all()), list(Delivery.objects.all())) == ([other], [kept])


@pytest.mark.parametrize("verb", [lambda row, by: row.enable(by), lambda row, by: row.edit(by, description="x")])
def test_a_verb_on_a_deleted_endpoint_finds_none(alice, endpoint, verb):
    Endpoint.objects.get(pk=endpoint.pk).remove(Actor(alice))
    with pytest.raises(Endpoint.DoesNotExist):
        verb(endpoint, Actor(alice))


def test_a_person_who_was_signed_out_meanwhile_changes_nothing(alice, endpoint):
    before = User.objects.get(pk=alice.pk)
    alice.end_sign_ins(Actor(alice))
    with pytest.raises(User.SignedOut):
        endpoint.rotate(Actor(before), HOUR)
    with pytest.raises(User.SignedOut):
        Endpoint.objects.register(alice, Actor(before), url=URL)


def test_rotate_keeps_the_former_secret_for_a_while(alice, time_machine):
    time_machine.move_to(NOW, tick=False)
    endpoint, first = Endpoint.objects.register(alice, Actor(alice), url=URL)
    _, second = endpoint.rotate(Actor(alice), HOUR)
    assert (first != second, reloaded(endpoint).signing_secrets()) == (True, [second, first])
    time_machine.move_to(NOW + HOUR, tick=False)
    assert reloaded(endpoint).signing_secrets() == [second]


def test_rotate_without_an_overlap_ends_the_former_secret_at_once(alice):
    endpoint, _ = Endpoint.objects.register(alice, Actor(alice), url=URL)
    _, second = endpoint.rotate(Actor(alice), timedelta())
    assert (reloaded(endpoint).signing_secrets(), reloaded(endpoint).former_secret) == ([second], "")


def test_a_rotation_during_a_rotation_ends_the_oldest_secret(alice):
    endpoint, _ = Endpoint.objects.register(alice, Actor(alice), url=URL)
    _, second = endpoint.rotate(Actor(alice), HOUR)
    _, third = endpoint.rotate(Actor(alice), HOUR)
    assert reloaded(endpoint).signing_secrets() == [third, second]


def test_secrets_survive_a_change_of_the_secret_key(alice, settings):
    endpoint, first = Endpoint.objects.register(alice, Actor(alice), url=URL)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [settings.SECRET_KEY]
    assert reloaded(endpoint).signing_secrets() == [first]
    _, second = endpoint.rotate(Actor(alice), HOUR)
    assert reloaded(endpoint).signing_secrets() == [second, first]
    settings.SECRET_KEY_FALLBACKS = []
    assert reloaded(endpoint).signing_secrets() == [second]


def test_rotate_keeps_no_secret_that_can_not_be_read(alice, endpoint, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, []
    with pytest.raises(encryption.InvalidToken):
        reloaded(endpoint).signing_secrets()
    _, secret = endpoint.rotate(Actor(alice), HOUR)
    assert reloaded(endpoint).signing_secrets() == [secret]
    assert values(endpoint, "former_secret", "former_secret_until") == ("", None)


def test_former_secrets_are_removed_after_their_rotation(alice, endpoint, time_machine):
    time_machine.move_to(NOW, tick=False)
    endpoint.rotate(Actor(alice), HOUR)
    time_machine.move_to(NOW + HOUR / 2, tick=False)
    list(prune())
    assert values(endpoint, "former_secret_until") == (NOW + HOUR,)
    time_machine.move_to(NOW + HOUR, tick=False)
    list(prune())
    assert values(endpoint, "former_secret", "former_secret_until") == ("", None)


def test_a_test_event_is_queued_once_more_each_time(alice, endpoint, time_machine):
    time_machine.move_to(NOW, tick=False)
    first, second = (
        Delivery.objects.send_test(endpoint, Actor(alice)),
        Delivery.objects.send_test(endpoint, Actor(alice)),
    )
    assert first.event_id != second.event_id
    assert values(first, "event_type", "status", "due_at", "is_test") == ("webhook.test", "PENDING", NOW, True)


@pytest.mark.parametrize("verb", [Delivery.objects.send_test, lambda *args: Delivery.objects.replay(*args, NOW)])
def test_a_disabled_endpoint_gets_nothing(alice, endpoint, verb):
    endpoint.disable(Actor(alice))
    with pytest.raises(Endpoint.Disabled):
        verb(endpoint, Actor(alice))


def test_only_verbs_change_an_endpoint(endpoint):
    with pytest.raises(DirectWriteError):
        endpoint.save()
    with pytest.raises(DirectWriteError):
        endpoint.delete()


@pytest.mark.parametrize("right", [{"global_role": "ADMIN"}, {"is_staff": True}])
def test_endpoints_of_a_person_who_gains_rights_are_disabled(alice, endpoint, make_user, right):
    root = make_user("Root", "ADMIN", is_staff=True, is_superuser=True)
    other, _ = Endpoint.objects.register(root, Actor(root), url=URL)
    told = []
    with connected(webhook_failing, lambda endpoint, **_: told.append(endpoint.pk)):
        alice.edit(Actor(root), **right)
    assert values(endpoint, "state", "disabled_reason") == ("DISABLED", "OWNER_GAINED_RIGHTS")
    logged = SecurityEvent.objects.filter(user=alice, kind="webhook.changed").values_list("actor", "details")
    about = {"webhook": endpoint.pk, "host": "https://example.org", "state": "DISABLED"}
    assert (list(logged), told) == ([(root.pk, about)], [endpoint.pk])
    assert values(other, "state") == ("ACTIVE",)


def test_each_change_is_a_security_event_about_the_owner(alice, root):
    endpoint, _ = Endpoint.objects.register(alice, Actor(alice), url="https://hook.example.org:8443/path?token=x")
    endpoint.edit(Actor(alice), description="New")
    endpoint.edit(Actor(alice), description="New", state="DISABLED")
    endpoint.enable(Actor(alice))
    endpoint.rotate(Actor(alice), HOUR)
    endpoint.edit(Actor(alice), url="https://hook.example.org/other")
    endpoint.disable(Actor(root))
    endpoint.remove(Actor(alice))
    events = SecurityEvent.objects.filter(user=alice, kind__startswith="webhook.").order_by("pk")
    about = {"webhook": endpoint.pk, "host": "https://hook.example.org"}
    assert list(events.values_list("kind", "actor", "details")) == [
        ("webhook.made", alice.pk, about),
        ("webhook.changed", alice.pk, about),
        ("webhook.changed", alice.pk, about),
        ("webhook.changed", alice.pk, about | {"state": "DISABLED"}),
        ("webhook.changed", alice.pk, about | {"state": "ACTIVE"}),
        ("webhook.rotated", alice.pk, about),
        ("webhook.moved", alice.pk, about),
        ("webhook.changed", root.pk, about | {"state": "DISABLED"}),
        ("webhook.deleted", alice.pk, about),
    ]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite locks the whole file")
def test_endpoints_are_locked_without_their_owners(alice, endpoint, make_user):
    """Verbs lock the owner first, so locking owners after endpoints would make both wait for each other."""
    delivery = Delivery.objects.send_test(endpoint, Actor(alice))
    with CaptureQueriesContext(connection) as queries:
        Delivery.objects.record({delivery.pk: OK})
        people_gain_rights.send(User, people=[alice], by=Actor(alice))
    locks = [
        query["sql"] for query in queries if 'FROM "webhooks_endpoint"' in query["sql"] and " FOR " in query["sql"]
    ]
    assert {sql.split(" FOR ")[1] for sql in locks} == {'NO KEY UPDATE OF "webhooks_endpoint"'}
    assert ['"tutorarc_user"' in sql for sql in locks] == [False, False]
