"""The page to hand a class over to another teacher. Its form is sent to `POST /api/v1/classes/{id}/transfer`."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classes.lookups import class_of_page
from classes.models import Class
from classes.overview import LEAVING
from classes.pages import class_page, outside_page
from classes.permissions import can_manage_class
from classes.roles import MembershipStatus
from members.forms import TransferForm
from tutorarc.api.browsable import HtmlPage, Page
from tutorarc.api.page_slots import PartContext
from tutorarc.http.signed_in_user import signed_in_user


class TransferPage(HtmlPage):
    success_messages = {"transfer": _("You handed the class over.")}

    def page(self) -> Page:
        self.reload_object()
        klass: Class | None = getattr(self.view, "klass", None)
        if klass is None:
            return self.refusal()
        if self.error:
            return self._form_again(klass) if can_manage_class(self.user, klass) else self.refusal()
        is_in = self.user.is_admin or klass.my_status == MembershipStatus.APPROVED
        return class_page(self, klass) if is_in else outside_page(klass, self.user)

    def _form_again(self, klass: Class) -> Page:
        form = self.form(TransferForm, "transfer", self.request.path, user=self.user, klass=klass)
        return "members/transfer.html", {**_context(klass, form), "parent": "browse/base.html"}


@require_safe
@login_required
@never_cache
def transfer_page(request: HttpRequest, class_id: str) -> HttpResponse:
    """For teachers of the class and administrators. Raises Http404 and PermissionDenied."""
    klass = class_of_page(request, class_id)
    address, user = reverse("class-transfer", args=[klass.pk]), signed_in_user(request)
    form = TransferForm("transfer", address, user=user, klass=klass)
    return render(request, "members/transfer.html", {**_context(klass, form), "parent": "tutorarc/base.html"})


def _context(klass: Class, form: TransferForm) -> dict[str, Any]:
    crumbs = [
        (klass.title, reverse("class-detail", args=[klass.pk])),
        (_("Settings"), reverse("class-settings", args=[klass.pk])),
    ]
    return {"title": _("Hand over this class"), "crumbs": crumbs, "klass": klass, "form": form}


def transfer_option(page: HtmlPage, klass: Class) -> PartContext | None:
    """For the settings of a class."""
    if klass.is_archived or not can_manage_class(page.user, klass):
        return None
    return {"address": reverse("class-transfer-page", args=[klass.pk])}


LEAVING.register("members/class_transfer.html", transfer_option, order=-1)
