"""The admin action *Delete account* (docs/privacy.md, "Deletion")."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from tutorarc.http.confirmation import require_confirmation
from tutorarc.models import User
from tutorarc.staff.people_actions import OwnAccount


class AccountDeletions:
    """ModelAdmin mixin of people with the action `delete_account`."""

    @admin.action(
        description="Delete account: the name and the address are removed everywhere, which can’t be undone",
        permissions=["change"],
    )
    def delete_account(self: Any, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """A job does the rest. Raises ReauthenticationRequired."""
        require_confirmation(request)
        people, by = list(queryset), self.actor(request)

        def delete(person: User) -> int:
            if person == by.user:
                raise OwnAccount()
            was_deleted = person.is_deleted
            person.close_for_deletion(by)
            return int(not was_deleted)

        self.each(request, people, delete, "deleted", of=len(people))
