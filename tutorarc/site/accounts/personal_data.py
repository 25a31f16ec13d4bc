"""The page where people export what is kept about them (docs/privacy.md)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tutorarc.domain.errors import DomainError
from tutorarc.domain.events import Actor
from tutorarc.exports.archive import MAX_BYTES
from tutorarc.exports.download import download
from tutorarc.exports.models import DataExport
from tutorarc.http.confirmation import require_confirmation
from tutorarc.http.public_url import link_for_others
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.mail.outgoing import sends_mail
from tutorarc.models import User


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def personal_data(request: HttpRequest) -> HttpResponse:
    """Asks for an export by POST. Only for who confirmed their password lately."""
    user = signed_in_user(request)
    if request.method == "POST":
        return _ask(request, user)
    export = DataExport.objects.of(user, user)
    page = {"export": export, "sends_mail": sends_mail(), "megabytes": MAX_BYTES >> 20}
    response = render(request, "account/data.html", page)
    if export and export.state == DataExport.State.WAITING:
        response["Refresh"] = "10"
    return response


def _ask(request: HttpRequest, user: User) -> HttpResponse:
    require_confirmation(request)
    try:
        DataExport.objects.ask(user, Actor(user), link_for_others(request))
    except User.SignedOut:
        return redirect_to_login(request.path)
    except DataExport.InProgress:
        messages.info(request, _("Your export is being prepared already."))
    else:
        messages.success(request, _("Your export is being prepared."))
    return redirect("account-data")


@require_safe
@login_required
@never_cache
def personal_data_file(request: HttpRequest) -> HttpResponseBase:
    """The file, for its owner alone, who confirmed their password lately."""
    user = signed_in_user(request)
    require_confirmation(request)
    export = DataExport.objects.of(user, user)
    if export is None or export.state != DataExport.State.READY:
        raise Http404
    try:
        return download(request, export)
    except DomainError:
        messages.error(request, _("This export can’t be read any more. Make a new one."))
        return redirect("account-data")
