"""Finds the history of one person in a class by their name, above the History tab."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classes.lookups import class_of_page
from classes.models import Class
from members.models import Membership
from members.visibility import Reader
from tutorarc.api.page_slots import PartContext
from tutorarc.feed.pages import HISTORY_TOOLS
from tutorarc.http.signed_in_user import signed_in_user

MOST_SHOWN = 50


@require_safe
@login_required
@never_cache
def history_search(request: HttpRequest, class_id: str) -> HttpResponse:
    """`?name=` leads to the history of the person, or to a choice of several. Raises Http404 and PermissionDenied."""
    klass = class_of_page(request, class_id)
    name = request.GET.get("name", "").replace("\0", "").strip()[:200]
    if not name:
        return redirect(_history(klass))
    found = _people(Reader(signed_in_user(request), klass), name)
    if len(found) == 1:
        return redirect(_history(klass, user_id=found[0].user_id))
    context = {
        "klass": klass,
        "name": name,
        "people": found[:MOST_SHOWN],
        "has_more": len(found) > MOST_SHOWN,
        "history": _history(klass),
        "part": search_field(klass),
    }
    return render(request, "members/history_search.html", context)


def _people(reader: Reader, name: str) -> list[Membership]:
    """People with a record in the class, A to Z, and one more than is shown."""
    members = Membership.objects.filter(reader.matching(name), klass=reader.klass)
    return reader.with_emails(members.select_related("user").order_by("folded_name", "pk")[: MOST_SHOWN + 1])


def _history(klass: Class, **query: Any) -> str:
    return reverse("event-list", query={"class_id": klass.pk, **query})


def search_field(klass: Class) -> PartContext:
    return {"address": reverse("class-history-search", args=[klass.pk])}


HISTORY_TOOLS.register("members/history_field.html", search_field)
