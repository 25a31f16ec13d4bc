"""Which notices a person gets by mail: the page where they choose, and the links in the mails that end one kind."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.mail.kinds import KINDS, NoticeKind, kinds_for
from tutorarc.mail.models import UnwantedKind
from tutorarc.mail.outgoing import sends_mail
from tutorarc.mail.unsubscribe import read_token
from tutorarc.models import User
from tutorarc.models.preferences import REMINDER_HOURS

REMINDER_WORDS = {
    1: _("An hour before it begins"),
    3: _("3 hours before it begins"),
    24: _("A day before it begins"),
    48: _("2 days before it begins"),
}


class NotificationsForm(forms.Form):
    """One box for each kind of notices that the person may get."""

    wanted = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label=_("Send me an e-mail about")
    )

    reminder_hours = forms.TypedChoiceField(
        coerce=int,
        choices=[(hours, REMINDER_WORDS[hours]) for hours in sorted(REMINDER_HOURS)],
        label=_("Remind me of a lesson"),
        required=False,
        empty_value=None,
    )

    def __init__(self, user: User, data: Any = None) -> None:
        self.user, self.kinds = user, {kind.name: kind for kind in kinds_for(user)}
        unwanted = UnwantedKind.objects.of(user) if data is None else set()
        wanted = [name for name in self.kinds if name not in unwanted]
        super().__init__(data, label_suffix="", initial={"wanted": wanted, "reminder_hours": user.reminder_hours})
        field: Any = self.fields["wanted"]
        field.choices = [(kind.name, _with_hint(kind)) for kind in self.kinds.values()]

    def save(self) -> None:
        """A time that was not sent stays as it is."""
        UnwantedKind.objects.choose(self.user, self.cleaned_data["wanted"], among=self.kinds)
        if hours := self.cleaned_data["reminder_hours"]:
            self.user.choose_reminder(hours)


def _with_hint(kind: NoticeKind) -> str:
    return format_html('{}<br><span class="hint">{}</span>', kind.label, kind.hint)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def notifications(request: HttpRequest) -> HttpResponse:
    form = NotificationsForm(signed_in_user(request), request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.save()
        messages.success(request, _("Your choice was saved."))
        return redirect("notifications")
    page = {"form": form, "sends_mail": sends_mail()}
    return render(request, "account/notifications.html", page, status=400 if form.is_bound else 200)


@csrf_exempt  # a mail program sends the POST, without cookies (RFC 8058); the token alone decides
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End one kind of notices by POST. GET only asks: programs that check links open it as well.

    Everybody with the link gets the same page, whether or not they are signed in or the account is active.
    """
    found = read_token(token)
    if found is None or found[1] not in KINDS:
        return render(request, "account/unsubscribe_invalid.html", status=404)
    user_id, kind = found
    if request.method == "POST":
        UnwantedKind.objects.unsubscribe(user_id, kind)
    return render(request, "account/unsubscribe.html", {"kind": KINDS[kind], "is_done": request.method == "POST"})
