"""The page with the form of a new class. The form is sent to `POST /classes`."""

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classes.forms import NewClassForm
from tutorarc.models import User


@require_safe
@login_required
@never_cache
def new_class(request: HttpRequest) -> HttpResponse:
    """Raises PermissionDenied for students, who create no classes."""
    if cast(User, request.user).is_student:
        raise PermissionDenied
    form = NewClassForm("create", reverse("class-list"))
    form.fields["title"].widget.attrs["autofocus"] = True
    return render(request, "classes/new.html", {**new_class_context(form), "parent": "tutorarc/base.html"})


def new_class_context(form: NewClassForm) -> dict[str, Any]:
    """Context of `classes/new.html`. `parent` is the template that it extends."""
    crumbs = [(_("Classes"), reverse("class-list"))]
    return {"parent": "browse/base.html", "title": _("Create a class"), "crumbs": crumbs, "form": form}
