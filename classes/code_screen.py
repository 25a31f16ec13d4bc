"""The code of a class on a full screen, for a classroom's projector."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classes.invites import invite
from classes.lookups import class_of_page
from classes.permissions import may_see_code


@require_safe
@never_cache
@login_required
def code_screen(request: HttpRequest, class_id: str) -> HttpResponse:
    """For those who may see the code. Raises Http404 and PermissionDenied."""
    klass = class_of_page(request, class_id, may_see_code)
    return render(request, "classes/code_screen.html", {"klass": klass, "invite": invite(request, klass)})
