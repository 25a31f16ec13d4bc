"""The header and the tabs that all pages of a class show (`classes/header.html`).

A page puts `"class_header": class_header(page, klass, "people")` into its context, and its template includes
`classes/header.html`. The app of a page registers its tab here, so that the pages of the other tabs link to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classes.models import Class
from classes.permissions import can_manage_class
from classes.roles import ClassRole, MembershipStatus
from tutorarc.api.browsable import HtmlPage
from tutorarc.api.page_slots import Slot
from tutorarc.feed.pages import FOLLOWED_HEADER
from tutorarc.models import User

TEACHERS_SHOWN = 3

# Buttons in the header. A part is called with the page and the class.
CLASS_ACTIONS = Slot()


@dataclass(frozen=True)
class ClassTab:
    """A tab of a class. `count` gets the user and the class: a number or words beside the label, None for nothing."""

    name: str
    label: str | Promise
    address: Callable[[Class], str]
    order: int
    is_for_teachers: bool = False
    count: Callable[[User, Class], Any] = lambda _user, _klass: None


_tabs: list[ClassTab] = []


def register_tab(tab: ClassTab) -> None:
    _tabs.append(tab)
    _tabs.sort(key=lambda tab: tab.order)


def class_header(page: HtmlPage, klass: Class, current: str) -> dict[str, Any]:
    """Context of `classes/header.html`, for members and administrators. `klass` was loaded `with_role_of` the user."""
    teachers = list(_teachers(klass))
    can_manage = can_manage_class(page.user, klass)
    return {
        "klass": klass,
        "crumbs": [(_("Classes"), reverse("class-list"))],
        "teachers": teachers[:TEACHERS_SHOWN],
        "has_more_teachers": len(teachers) > TEACHERS_SHOWN,
        "tabs": [_shown(tab, page.user, klass, current) for tab in _tabs if can_manage or not tab.is_for_teachers],
        "actions": CLASS_ACTIONS.fill(page, klass),
        "invite": reverse("class-invite", args=[klass.pk]) if can_manage and not klass.is_archived else "",
    }


def _teachers(klass: Class) -> Any:
    """The first teachers of the class, and one more to tell whether there are more."""
    teachers = klass.memberships.filter(role=ClassRole.TEACHER, status=MembershipStatus.APPROVED)
    return teachers.order_by("pk").values_list("user__display_name", flat=True)[: TEACHERS_SHOWN + 1]


def _shown(tab: ClassTab, user: User, klass: Class, current: str) -> dict[str, Any]:
    return {
        "label": tab.label,
        "href": tab.address(klass),
        "current": tab.name == current,
        "count": tab.count(user, klass),
    }


def _overview(klass: Class) -> str:
    return reverse("class-detail", args=[klass.pk])


def _history_header(page: HtmlPage) -> dict[str, Any] | None:
    klass = page.view.followed.get("class_id")
    return {"header": class_header(page, klass, "history")} if klass else None


FOLLOWED_HEADER.register("classes/history_header.html", _history_header)
register_tab(ClassTab("overview", _("Overview"), _overview, order=0))
register_tab(
    ClassTab(
        "history",
        _("History"),
        lambda klass: reverse("event-list", query={"class_id": klass.pk}),
        order=30,
        is_for_teachers=True,
    )
)
