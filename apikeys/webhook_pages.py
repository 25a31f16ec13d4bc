"""The developer page for webhooks (docs/contract.md, "Webhooks"). It shows a secret once."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apikeys.one_time_form import OneTimeForm
from apikeys.webhook_badges import badge_of_delivery, badge_of_webhook
from apikeys.webhook_forms import NewWebhookForm, ReplayForm, SecretRotationForm, WebhookChangesForm, everything
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor
from tutorarc.feed.event_words import EVENT_WORDS
from tutorarc.http.confirmation import require_confirmation
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import User
from tutorarc.webhooks.class_choices import classes_to_choose
from tutorarc.webhooks.models import Delivery, Endpoint

View = Callable[..., HttpResponse]
DELIVERIES_ON_A_PAGE = 20
READ, WRITE, BUTTON = ["GET", "HEAD"], ["GET", "HEAD", "POST"], ["POST"]
ALREADY_SUBMITTED = gettext_lazy(
    "This form was already submitted, so nothing was created again. If you didn’t copy the secret, rotate it: "
    "it can’t be shown again."
)


def webhook_page(methods: list[str]) -> Callable[[View], View]:
    """Decorator of a page for teachers and administrators. A webhook that isn't theirs is 404."""

    def decorate(view: View) -> View:
        @require_http_methods(methods)
        @login_required
        @never_cache
        @wraps(view)
        def answer(request: HttpRequest, webhook_id: str = "", **path: str) -> HttpResponse:
            if not signed_in_user(request).can_teach:
                raise PermissionDenied
            try:
                return view(request, *([_own(request, webhook_id)] if webhook_id else []), **path)
            except User.SignedOut:
                return redirect_to_login(request.get_full_path())
            except (Endpoint.DoesNotExist, ValidationError):  # deleted meanwhile, or a malformed id
                raise Http404 from None

        return answer

    return decorate


@webhook_page(READ)
def webhooks(request: HttpRequest) -> HttpResponse:
    return _list(request)


@webhook_page(WRITE)
def create(request: HttpRequest) -> HttpResponse:
    form = NewWebhookForm(signed_in_user(request), _posted(request))
    if not form.is_valid():
        return _form_page(request, "create", form)
    try:
        return _show_once(request, form)
    except Endpoint.TooMany as refusal:
        return _form_page(request, "create", form, status=409, notice=refusal.message)


@webhook_page(READ)
def webhook(request: HttpRequest, webhook: Endpoint) -> HttpResponse:
    """The webhook with its deliveries, newest first; `?before=` the id of one goes on from there."""
    deliveries = webhook.deliveries.order_by("-pk")
    if before := request.GET.get("before"):
        deliveries = deliveries.filter(pk__lt=before)
    rows = list(deliveries[: DELIVERIES_ON_A_PAGE + 1])
    context = {
        **_about(request, webhook),
        "deliveries": [(row, badge_of_delivery(row)) for row in rows[:DELIVERIES_ON_A_PAGE]],
        "older": rows[DELIVERIES_ON_A_PAGE - 1].pk if len(rows) > DELIVERIES_ON_A_PAGE else "",
        "is_newest": not before,
    }
    return render(request, "apikeys/webhooks/webhook.html", context)


@webhook_page(WRITE)
def edit(request: HttpRequest, webhook: Endpoint) -> HttpResponse:
    form = WebhookChangesForm(webhook, _posted(request))
    if not form.is_valid():
        return _form_page(request, "edit", form, webhook=webhook)
    require_confirmation(request)
    webhook.edit(_actor(request), **form.cleaned_data)
    return _done(request, webhook, _("Saved."))


@webhook_page(WRITE)
def rotate(request: HttpRequest, webhook: Endpoint) -> HttpResponse:
    form = SecretRotationForm(webhook, _posted(request))
    if form.is_valid():
        return _show_once(request, form)
    return _form_page(request, "rotate", form, webhook=webhook)


@webhook_page(WRITE)
def replay(request: HttpRequest, webhook: Endpoint) -> HttpResponse:
    form = ReplayForm(_posted(request))
    if not form.is_valid():
        return _form_page(request, "replay", form, webhook=webhook)
    since = timezone.now() - form.chosen_span
    return _refusable(request, webhook, lambda: _replayed(Delivery.objects.replay(webhook, _actor(request), since)))


@webhook_page(WRITE)
def delete(request: HttpRequest, webhook: Endpoint) -> HttpResponse:
    if request.method != "POST":
        return render(request, "apikeys/webhooks/delete.html", {"webhook": webhook})
    webhook.remove(_actor(request))
    messages.success(request, _("The webhook was deleted."))
    return redirect("developer-webhooks")


@webhook_page(BUTTON)
def send_test(request: HttpRequest, webhook: Endpoint) -> HttpResponse:
    def verb() -> str:
        Delivery.objects.send_test(webhook, _actor(request))
        return _("A test event is on its way. Reload this page in a moment to see the answer.")

    return _refusable(request, webhook, verb)


@webhook_page(BUTTON)
def resend(request: HttpRequest, webhook: Endpoint, delivery_id: str) -> HttpResponse:
    delivery = get_object_or_404(webhook.deliveries, pk=delivery_id)

    def verb() -> str:
        delivery.resend(_actor(request))
        return _("It is sent again. Reload this page in a moment to see the answer.")

    return _refusable(request, webhook, verb)


@webhook_page(BUTTON)
def disable(request: HttpRequest, webhook: Endpoint) -> HttpResponse:
    webhook.disable(_actor(request))
    return _done(request, webhook, _("Disabled. Nothing is sent until you enable it again."))


@webhook_page(BUTTON)
def enable(request: HttpRequest, webhook: Endpoint) -> HttpResponse:
    if webhook.disabled_reason == Endpoint.DisabledReason.OWNER_GAINED_RIGHTS:
        require_confirmation(request)  # it would get more events than when it was created
    webhook.enable(_actor(request))
    return _done(request, webhook, _("Enabled. Events are sent from now on; replay those that it missed."))


def _own(request: HttpRequest, webhook_id: str) -> Endpoint:
    """The user's own webhook. Others are not found, so that nobody learns which ids exist."""
    return Endpoint.objects.get(owner_id=request.user.pk, pk=webhook_id)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _actor(request: HttpRequest) -> Actor:
    return Actor(signed_in_user(request))


def _done(request: HttpRequest, webhook: Endpoint, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect("developer-webhook", webhook.pk)


def _refusable(request: HttpRequest, webhook: Endpoint, verb: Callable[[], str]) -> HttpResponse:
    """The page of the webhook with the message that the verb returns, or with that of its refusal."""
    try:
        return _done(request, webhook, verb())
    except Endpoint.Disabled as refusal:
        messages.warning(request, refusal.message)
        return redirect("developer-webhook", webhook.pk)


def _replayed(count: int) -> str:
    if not count:
        return _("Nothing was missed in this time.")
    sentence = ngettext("One event is sent again.", "{count} events are sent again, in their order.", count)
    return sentence.format(count=count)


def _show_once(request: HttpRequest, form: OneTimeForm[Endpoint]) -> HttpResponse:
    """Render the secret in the response to the POST: a redirect would have to store it.

    Raises ReauthenticationRequired, User.SignedOut and Endpoint.TooMany.
    """
    require_confirmation(request)
    try:
        issued = form.issue(_actor(request))
    except (User.SignedOut, Endpoint.TooMany):
        raise
    except Conflict:  # a duplicate of this request is in progress
        issued = None
    if issued is None:
        return _list(request, notice=ALREADY_SUBMITTED, status=409)
    context = {"webhook": issued[0], "secret": issued[1], "is_new": isinstance(form, NewWebhookForm)}
    return render(request, "apikeys/webhooks/shown_once.html", context)


def _list(request: HttpRequest, *, notice: str | Promise = "", status: int = 200) -> HttpResponse:
    own = Endpoint.objects.filter(owner_id=request.user.pk).order_by("-pk")
    context = {
        "rows": [(row, badge_of_webhook(row)) for row in own],
        "notice": notice,
        "posted": request.method == "POST",
    }
    return render(request, "apikeys/webhooks/webhooks.html", context, status=status)


def _form_page(request: HttpRequest, name: str, form: Any, *, status: int = 0, **context: Any) -> HttpResponse:
    """Without a status it is that of a form that was not sent, or is refused."""
    status = status or (400 if form.is_bound else 200)
    return render(request, f"apikeys/webhooks/{name}.html", {"form": form, **context}, status=status)


def _about(request: HttpRequest, webhook: Endpoint) -> dict[str, Any]:
    user = signed_in_user(request)
    titles = dict(classes_to_choose(user)) if webhook.class_id else {}
    return {
        "webhook": webhook,
        "badge": badge_of_webhook(webhook),
        "event_types": [(name, EVENT_WORDS[name]) for name in webhook.event_types],
        "subject": titles.get(webhook.class_id, webhook.class_id) if webhook.class_id else everything(user),
    }
