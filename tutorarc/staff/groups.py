"""Staff groups in the admin site, for superusers only."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.safestring import SafeString

from tutorarc.domain.errors import Conflict
from tutorarc.http.confirmation import require_confirmation
from tutorarc.jobs.models import EventConsumer, Job
from tutorarc.models import SecurityEvent, User
from tutorarc.staff.base import RecordAdmin
from tutorarc.staff.forms import Choices
from tutorarc.staff.given_access import access_field
from tutorarc.staff.history_registry import histories

_without_history: list[Any] = [SecurityEvent, Job, EventConsumer]


def register_rights(*models: Any) -> None:
    """Let groups have rights to records that have no history."""
    _without_history.extend(models)


def _record_names() -> dict[str, str]:
    models = [*(history.model for history in histories()), *_without_history]
    return {model._meta.model_name: model._meta.verbose_name_plural for model in models}


def _rights() -> list[str]:
    """Code names of the permissions that the admin site uses, as far as they exist."""
    prefixes = [f"{verb}_" for verb in ("view", "add", "change")] + ["view_historical"]
    return [prefix + name for prefix in prefixes for name in _record_names()]


class GroupNameTaken(Conflict):
    reason = "group_name_taken"
    message = "There is already a group with this name."


class Rights(Choices):
    def label_from_instance(self, obj: Any) -> str:
        """Readable names for permissions."""
        verb, _, record = obj.codename.partition("_")
        of_history = " the history of" if record.startswith("historical") else ""
        return f"Can {verb}{of_history} {_record_names()[record.removeprefix('historical')]}"


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(RecordAdmin, auth_admin.GroupAdmin):
    """Admin of staff groups."""

    search_help_text = "Name of a group"
    unique_values = (("name",),)

    csv_columns = ("id", "name")
    details = ("ends_with_a_right",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    has_add_permission = has_module_permission

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_superuser(request)

    has_change_permission = has_view_permission

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **options: Any) -> Any:
        """Only the permissions that are used."""
        options |= {"queryset": Permission.objects.filter(codename__in=_rights()), "form_class": Rights}
        return super().formfield_for_manytomany(db_field, request, **options)

    @admin.display(description="ends when more rights are given")
    def ends_with_a_right(self, group: Group) -> SafeString:
        """What others gave the people in this group. Superusers gain no right by it."""
        members = User.objects.filter(groups=group, is_superuser=False).order_by("email")
        return access_field(group, lambda: list(members))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        require_confirmation(request)
        if change and "name" not in form.changed_data:
            return
        try:
            with transaction.atomic():
                obj.save()
        except IntegrityError:  # created concurrently
            raise GroupNameTaken() from None

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if not change:
            super().save_related(request, form, formsets, change)
        elif "permissions" in form.changed_data:
            given, taken = form.ticks("permissions")
            form.instance.rights_given_by = self.actor(request)
            form.instance.permissions.remove(*taken)
            form.instance.permissions.add(*given)


def is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))
