"""The code of a class on a full screen, for a classroom's projector."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classes.invites import invite
from classes.lookups import class_for
from classes.permissions import may_see_code
from tutorarc.http.signed_in_user import signed_in_user


@require_safe
@never_cache
@login_required
def code_screen(request: HttpRequest, class_id: str) -> HttpResponse:
    """For those who may see the code. Raises Http404 and PermissionDenied."""
    user = signed_in_user(request)
    klass = class_for(user, class_id)
    if not may_see_code(user, klass):
        raise PermissionDenied
    return render(request, "classes/code_screen.html", {"klass": klass, "invite": invite(request, klass)})
