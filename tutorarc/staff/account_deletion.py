"""The admin action *Delete account* (docs/privacy.md, "Deletion")."""

from typing import Any

from django.contrib import admin, messages
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
        people, by, deleted = list(queryset), self.actor(request), []

        def delete(person: User) -> int:
            if person == by.user:
                raise OwnAccount()
            person.close_for_deletion(by)
            deleted.extend([] if person.is_deleted else [person])
            return int(person in deleted)

        self.each(request, people, delete, "deleted", of=len(people))
        if deleted:
            self.message_user(request, "Names and addresses are removed within about a minute.", messages.INFO)
