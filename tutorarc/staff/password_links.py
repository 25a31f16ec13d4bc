"""The admin action *Make one-time links to set a password*, for people without mail.

Whether somebody may make one for a person is decided by `may_manage_account` in tutorarc/models/account_access.py; the
verb checks it under a lock. The page behind a link is `SetPassword` in tutorarc/site/accounts/views.py.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from tutorarc.http.confirmation import require_confirmation
from tutorarc.http.public_url import link_for_others
from tutorarc.models import User
from tutorarc.staff.page import admin_page

TEMPLATE = "admin/tutorarc/user/password_links.html"


class PasswordLinks:
    """ModelAdmin mixin of the list of people with the action `make_password_links`."""

    @admin.action(description="Make one-time links to set a password", permissions=["change"])
    def make_password_links(self: Any, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """The links are rendered in this response: a redirect would store them. Raises ReauthenticationRequired."""
        require_confirmation(request)
        people, links = list(queryset), []

        def make(person: User) -> int:
            links.append((person, link_for_others(request, person.make_password_link(self.actor(request)))))
            return 1

        self.each(request, people, make, "given a link", of=len(people))
        if not links:
            return None
        days = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT).days
        return admin_page(self, request, TEMPLATE, title="Links to set a password", links=links, days=days)
