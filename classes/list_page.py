"""The list of classes as a page: cards, tabs for active and archived ones, and a search."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework.utils.urls import replace_query_param

from classes.cards import class_cards
from classes.forms import ClassFilterForm
from classes.models import Class
from tutorarc.api.browsable import HtmlPage, Page
from tutorarc.models import User

SEARCHED_FROM = 8  # classes; fewer are found by looking
MOST_COUNTED = 1_000
TABS = ((Class.Status.ACTIVE, _("Active")), (Class.Status.ARCHIVED, _("Archived")))


class Range(NamedTuple):
    """The classes of this page among all: 1 to 20 of 60."""

    first: int
    last: int
    total: int


def list_page(page: HtmlPage) -> Page:
    listing = page.listing()
    status = page.request.query_params.get("status") or Class.Status.ACTIVE
    filters = page.filters(ClassFilterForm)
    has_pages = bool(listing["next"] or listing["previous"])
    context: dict[str, Any] = {
        **listing,
        "title": _("Classes"),
        "cards": class_cards(page.user, listing["rows"]),
        "tabs": [_tab(value, label, status) for value, label in TABS],
        "is_archive": status == Class.Status.ARCHIVED,
        "filters": filters,
        "offers_search": filters.in_use or has_pages or len(listing["rows"]) >= SEARCHED_FROM,
        "reload": _address(status),
        "may_create": page.may("create"),
        "as_json": replace_query_param(page.request.get_full_path(), "format", "json"),
    }
    if not page.request.query_params.get("status"):
        context["as_json"] = replace_query_param(context["as_json"], "status", status)
    if has_pages and listing["rows"] and not filters.in_use:
        context["range"] = _range(page.user, status, listing["rows"])
    return "classes/list.html", context


def _tab(value: str, label: Any, current: str) -> dict[str, Any]:
    return {"label": label, "href": _address(value), "current": value == current}


def _address(status: str) -> str:
    return reverse("class-list", query={"status": status})


def _range(user: User, status: str, rows: Sequence[Class]) -> Range | None:
    """None where counting would cost more than reading a few pages of ids."""
    ids = Class.objects.filter(status=status).visible_to(user).order_by("-pk").values("pk")[:MOST_COUNTED]
    counts = ids.aggregate(total=Count("pk"), before=Count("pk", filter=Q(pk__gt=rows[0].pk)))
    if counts["total"] == MOST_COUNTED:
        return None
    return Range(counts["before"] + 1, counts["before"] + len(rows), counts["total"])
