"""All texts of pages go through gettext: in a pseudo-locale nothing else is left on them."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver, resolve
from django.utils.functional import Promise

from apikeys.models import ApiKey, RefusedCall
from classes.models import Class
from members.models import Invitation
from members.models.invitation_queryset import Guest
from tutorarc.api.browsable import HtmlPage
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.tests.site.pseudo_locale import pseudo_locale, unmarked_texts
from tutorarc.webhooks.models import Delivery, Endpoint

SIGNED_OUT = [
    "/",
    "/accounts/login/",
    "/accounts/forgotten/",
    "/accounts/forgotten/mailed/",
    "/accounts/link/1/2-3/",
    "/accounts/sign-up/",
    "/accounts/sign-up/mailed/",
    "/accounts/sign-up/link/1",
    "/accounts/unsubscribe/1",
    "/api/v1/classes",
    "/invitations/1",
    "/j",
    "/j/{code}",
    "/j/NOPE-0000",
    "/join",
    "/join?id={session}",
    "/join?id=1",
    "/nowhere",
]
OF_TEACHER = [
    "/",
    "/accounts/",
    "/accounts/2fa/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/activity/",
    "/accounts/data",
    "/accounts/delete",
    "/accounts/delete/confirm",
    "/accounts/deleted",
    "/accounts/email/",
    "/accounts/email/1",
    "/accounts/notifications",
    "/accounts/reauthenticate/sign-in/",
    "/accounts/sessions/",
    "/api/v1/classes",
    "/api/v1/classes/{klass}",
    "/api/v1/classes/{klass}/invitations",
    "/api/v1/classes/{klass}/members",
    "/api/v1/classes/{klass}/members/me",
    "/api/v1/classes/{klass}/settings",
    "/api/v1/classes/{stranger}",
    "/api/v1/classes/{stranger}/members",
    "/api/v1/events",
    "/api/v1/events?class_id={klass}",
    "/api/v1/events?class_id={klass}&type=class.created",
    "/api/v1/events?class_id={stranger}",
    "/api/v1/events?session_id={session}",
    "/api/v1/me/calendar",
    "/api/v1/me/calendar?class_id={klass}",
    "/api/v1/sessions",
    "/api/v1/sessions?classId={klass}",
    "/api/v1/sessions/{session}",
    "/api/v1/sessions/{cancelled}",
    "/api/v1/sessions/{over}",
    "/api/v1/sessions/{over}/attendance",
    "/api/v1/users",
    "/board?id={session}&role=teacher",
    "/board?id={over}&role=teacher",
    "/calendar",
    "/calendar?month=2026-01",
    "/classes/new",
    "/classes/{klass}/code",
    "/classes/{klass}/history?name=7",
    "/classes/{klass}/invite",
    "/classes/{klass}/transfer",
    "/developers/keys",
    "/developers/keys/new",
    "/developers/keys/{key}/revoke",
    "/developers/keys/{key}/rotate",
    "/developers/log",
    "/developers/webhooks",
    "/developers/webhooks/new",
    "/developers/webhooks/{webhook}",
    "/developers/webhooks/{webhook}/delete",
    "/developers/webhooks/{webhook}/edit",
    "/developers/webhooks/{webhook}/replay",
    "/developers/webhooks/{webhook}/rotate",
    "/j",
    "/j/{code}",
    "/join?id={session}",
    "/lessons/new",
    "/lessons/new?class={klass}",
    "/lessons/new?like={session}",
]
OF_STUDENT = [
    "/",
    "/api/v1/classes",
    "/api/v1/classes/{klass}",
    "/api/v1/classes/{klass}/members",
    "/api/v1/classes/{stranger}",
    "/api/v1/sessions",
    "/api/v1/sessions?classId={klass}",
    "/api/v1/sessions/{session}",
    "/api/v1/sessions/{over}",
    "/classes/new",
    "/invitations/{invitation}",
    "/j",
    "/j/{code}",
    "/j/{other_code}",
    "/join?id={session}",
    "/join?id={over}",
    "/lessons/new",
]
# Calls of forms and programs, redirects, the English reference, and steps of signing in that need more than an address.
WITHOUT_TEXTS = re.compile(
    r"(\^api/v1/.*/(archive|class-code|resend|approve|reject|remove|reopen|unarchive|cancel|end|renew|rotate|replay|test)"
    r"|\^api/v1/(api-keys|series|webhooks)|\^api/v1/classes/.*/(invitations|members)/\(\?P<"
    r"|api/v1/(me|join-requests|classes/<class_id>/(join-request|leave|transfer)|sessions/<session_id>/(admission|link))"
    r"|api/(docs|schema)|admin/|healthz|readyz|metrics$|styleguide|undo|accounts/(data/file|\^?oidc/|logout/|password/|reauthenticate/$)"
    r"|accounts/2fa/(authenticate/|reauthenticate/|recovery-codes/($|download/)|totp/deactivate/|webauthn/($|keys/|login/|re))"
    r"|calendar/<token>|lessons/<session_id>|api/v1/sessions/<session_id>/attendance/|classes/<class_id>/attendance"
    r"|(join|board)/room|developers/webhooks/<webhook_id>/(deliveries|disable|enable|test))"
)
APPS = ("apikeys", "classes", "members", "sessions", "tutorarc")
IN_ENGLISH = ("/admin/", "/staff.html", "/unfold/", "/imports/", "/reference/", "/staff/", "styleguide", "/tests/")
SCRIPTS_IN_ENGLISH = {"try.js", "reference.js", "staff.js"}
PAST, COMING = datetime(2026, 1, 2, tzinfo=UTC), datetime(2036, 1, 2, tzinfo=UTC)
OF_ADMIN = ["/", "/api/v1/classes", "/api/v1/users", "/api/v1/users/{person}", "/api/v1/users?search=1"]


def refused_key(owner):
    """A key with a refused call, which the log explains."""
    key, _ = ApiKey.objects.issue(owner, Actor(owner), name="1")
    told = {"status": 404, "reason": "unknown_id", "message": "1", "fields": []}
    call = {"method": "GET", "path": "/api/v1/classes/1", "route": "/api/v1/classes/{class_id}", "request_id": "1"}
    RefusedCall.objects.write([RefusedCall(api_key=key, owner=owner, **told, **call)])
    return key


def used_webhook(owner):
    endpoint, _ = Endpoint.objects.register(owner, Actor(owner), url="https://1.example", description="1")
    Delivery.objects.send_test(endpoint, Actor(owner))
    return endpoint


@pytest.fixture
def visited(client, settings, alice, bob, charlie, dora, algebra, join, schedule, monkeypatch):
    settings.BOARD_URL = "http://testserver"
    User.objects.filter(pk__in=[alice.pk, bob.pk, charlie.pk]).update(display_name="1")  # names without letters
    klass = algebra.edit(Actor(alice), title="12", description="")
    join(klass, bob)
    join(klass, charlie, "PENDING")
    sessions = [schedule(klass=klass, title="7", teacher_ref="3", start_time=start) for start in (COMING, PAST, COMING)]
    sessions[2].cancel(Actor(alice), message="")
    other = Class.objects.create_with_teacher(Actor(dora), title="5")
    [invitation] = Invitation.objects.send(
        algebra, [Guest(bob.email)], "TEACHER", Actor(alice), site="https://1.example"
    )
    addresses = {
        "klass": klass.pk,
        "session": sessions[0].pk,
        "over": sessions[1].pk,
        "cancelled": sessions[2].pk,
        "code": klass.class_code,
        "other_code": other.class_code,
        "invitation": invitation.pk,
        "person": bob.pk,
        "key": refused_key(alice).pk,
        "webhook": used_webhook(alice).pk,
        "stranger": other.pk,
    }

    def visit(user, paths):
        """The texts that are not translated, by path."""
        if user:
            client.force_login(User.objects.get(pk=user.pk))
        found = {}
        for path in paths:
            with pseudo_locale(monkeypatch):
                page = client.get(path.format(**addresses), headers={"Accept": "text/html"})
            assert page.status_code in (200, 401, 403, 404), path
            if texts := unmarked_texts(page.content.decode()):
                found[path] = texts
        return found

    return visit


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "paths"), [(None, SIGNED_OUT), ("alice", OF_TEACHER), ("bob", OF_STUDENT), ("root", OF_ADMIN)]
)
def test_pages_are_translated(request, visited, who, paths):
    assert visited(request.getfixturevalue(who) if who else None, paths) == {}


def routes(patterns, before=""):
    for pattern in patterns:
        route = before + str(pattern.pattern)
        yield from routes(pattern.url_patterns, route) if hasattr(pattern, "url_patterns") else [route]


def test_every_page_of_the_site_is_among_them():
    paths = {re.sub(r"{\w+}", "1", path.partition("?")[0]) for path in SIGNED_OUT + OF_TEACHER + OF_STUDENT + OF_ADMIN}
    visited = {resolve(path).route for path in paths - {"/nowhere"}}
    left = set(routes(get_resolver().url_patterns)) - visited
    assert [route for route in sorted(left) if not WITHOUT_TEXTS.match(route)] == []


def files_in(pattern):
    """Files of the packages."""
    return [path for app in APPS for path in (Path(settings.BASE_DIR) / app).glob(f"**/{pattern}")]


def shown_texts(template):
    """What of a template's source is shown as it stands."""
    blocks = ["comment", "blocktranslate", "block width", "block main_data"]
    for block in blocks:
        template = re.sub(rf"{{% {block}.*?{{% end{block.split()[0]}.*?%}}", "", template, flags=re.DOTALL)
    template = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<!doctype html>|<code>[\w ]*</code>", "", template, flags=re.DOTALL)
    return unmarked_texts(template)


def test_no_template_has_a_text_that_is_not_marked_whatever_the_page_shows():
    files = [path for path in files_in("templates/**/*.*") if path.suffix in (".html", ".txt")]
    ours = [path for path in files if not any(part in str(path) for part in IN_ENGLISH)]
    assert {path.name: texts for path in ours if (texts := shown_texts(path.read_text()))} == {}


def test_scripts_take_their_texts_from_the_page():
    files = [path for path in files_in("static/*/*.js") if path.name not in SCRIPTS_IN_ENGLISH]
    sentence = re.compile(r"""["'`][^"'`\n]*[a-z]+ [a-z]+ [a-z]+[^"'`\n]*["'`]""")
    lines = [line.partition("// ")[0] for path in files for line in path.read_text().splitlines()]
    assert [found for line in lines if "/**" not in line for found in sentence.findall(line)] == []


def subclasses(cls):
    return {cls} | {one for child in cls.__subclasses__() for one in subclasses(child)}


def test_messages_after_a_change_are_translated():
    said = [text for page in subclasses(HtmlPage) for text in page.success_messages.values()]
    assert {text for text in said if not isinstance(text, Promise)} == set()
