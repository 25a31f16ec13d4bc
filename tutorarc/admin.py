"""Users in the admin site. Only superusers can change access to the admin site."""

from collections.abc import Mapping, Sequence
from copy import copy
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import admin as auth_admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.safestring import SafeString

from tutorarc.domain.errors import DomainError
from tutorarc.exports.staff_page import DataExports
from tutorarc.http.confirmation import require_confirmation
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.imports.upload_page import FileImport
from tutorarc.models import User
from tutorarc.staff import account_apps, audit, background_work  # noqa: F401 - register and remove admin pages
from tutorarc.staff.account_deletion import AccountDeletions
from tutorarc.staff.base import BooleanRadioFilter, ChoicesRadioFilter, RecordAdmin, moment
from tutorarc.staff.given_access import access_field, address_giver
from tutorarc.staff.groups import is_superuser
from tutorarc.staff.history_registry import register_history
from tutorarc.staff.notes import NotesPages
from tutorarc.staff.page_links import admin_url
from tutorarc.staff.password_links import PasswordLinks
from tutorarc.staff.people_actions import PeopleActions
from tutorarc.staff.people_filters import NeverSignedIn, WithoutClass, WithoutPassword
from tutorarc.staff.people_forms import GIVEN_BY_SUPERUSERS, NewUserForm, PasswordForm, UserForm
from tutorarc.staff.people_history import PEOPLE_HISTORY
from tutorarc.staff.second_factors import RemoveSecondFactors
from tutorarc.staff.security_log import security_log_link

GIVES_ACCESS = {"email", "global_role", *GIVEN_BY_SUPERUSERS}  # asks for the password again
IDENTITY = ("email", "display_name", "global_role")
SHOWN = ("display_name", "email")  # who the person is, for somebody who gives rights
# Autocomplete fields for a class's first teacher, which leave out students.
FIELDS_OF_TEACHERS = {("classes", "created_by")}


register_history(PEOPLE_HISTORY)


@admin.register(User)
class UserAdmin(
    FileImport,
    PeopleActions,
    PasswordLinks,
    DataExports,
    RemoveSecondFactors,
    AccountDeletions,
    NotesPages,
    RecordAdmin,
    auth_admin.UserAdmin[User],
):
    csv_columns = ("id", "email", "display_name", "global_role", "is_active", "is_staff", "created_at")
    import_kind = "people"
    form = UserForm
    add_form = NewUserForm
    list_display = ("display_name", "email", "global_role", "is_active", "is_staff", "created_at")
    list_filter = (
        ("global_role", ChoicesRadioFilter),
        ("is_active", BooleanRadioFilter),
        ("is_staff", BooleanRadioFilter),
        ("is_superuser", BooleanRadioFilter),
        NeverSignedIn,
        WithoutPassword,
        WithoutClass,
    )
    saved_filters = (
        ("Never signed in", "never_signed_in=yes"),
        ("Deactivated", "is_active__exact=0"),
        ("Teachers without a class", "global_role__exact=TEACHER&no_class=yes"),
    )
    unique_values = (("email",), ("external_id",))
    search_fields = ("email", "display_name")
    search_help_text = "Name, e-mail or id"
    ordering = ("-id",)
    details = ("id", "address_giver", "last_sign_in", "created_at", "deleted_at", "security_log")
    actions = (
        *("invite", "make_password_links", "deactivate", "reactivate", "make_students", "make_teachers"),
        *("confirm_address", "remove_second_factors", "export_data", "delete_account"),
    )
    asks_first = ("deactivate", "confirm_address", "delete_account")
    fieldsets = (
        (None, {"fields": (*IDENTITY, "external_id", "time_zone", "is_active", "password")}),
        ("Admin site", {"fields": ("ends_with_a_right", *GIVEN_BY_SUPERUSERS)}),
        ("Record", {"fields": details}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (*IDENTITY, "external_id", "usable_password", "password1", "password2"),
            },
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff can't change users with more rights: a new password or address would allow signing in as them."""
        return super().has_change_permission(request, obj) and (
            obj is None or (not obj.is_deleted and signed_in_user(request).may_manage_account(obj))
        )

    def offered(self, request: HttpRequest, row: User) -> tuple[str, ...]:
        if not self.has_change_permission(request, row):
            return ()
        left_out = {"remove_second_factors"}  # in the list of people alone: a page would have to look for factors
        left_out |= {"confirm_address"} if row.is_address_confirmed else set()
        left_out |= {"deactivate", "reactivate", "make_students", "make_teachers"}  # fields of the form
        return tuple(name for name in self.actions if name not in left_out)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Hide what is not for this member of staff: the password, the security log, what ends with a right."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        hidden = set() if self.has_change_permission(request, obj) else {"password"}
        hidden |= set() if request.user.has_perm("tutorarc.view_securityevent") else {"security_log"}
        hidden |= set() if obj.is_deleted else {"deleted_at"}
        if obj.is_superuser or obj.is_deleted or not is_superuser(request):
            hidden.add("ends_with_a_right")
        return [
            (title, options | {"fields": [name for name in options["fields"] if name not in hidden]})
            for title, options in fieldsets
        ]

    @admin.display(description="security log")
    def security_log(self, person: User) -> SafeString:
        return security_log_link(person)

    @admin.display(description="last sign-in")
    def last_sign_in(self, person: User) -> str:
        return moment(person.last_login)

    @admin.display(description="e-mail address")
    def address_giver(self, person: User) -> str:
        return address_giver(person)

    @admin.display(description="ends when more rights are given")
    def ends_with_a_right(self, user: User) -> SafeString:
        """What others gave this person: it ends with the role ADMIN and with each tick below."""
        return access_field(user, lambda: [user])

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        readonly = (*super().get_readonly_fields(request, obj), "ends_with_a_right")
        if is_superuser(request):
            return readonly
        has_fixed_role = obj.is_admin or obj == request.user
        return (*readonly, *GIVEN_BY_SUPERUSERS, *(["global_role"] if has_fixed_role else []))

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "global_role":
            options["choices"] = [(role.value, role.label) for role in _roles_to_give(request)]
        return super().formfield_for_choice_field(db_field, request, **options)

    def create(self, request: HttpRequest, values: dict[str, Any]) -> User:
        if values["global_role"] != User.GlobalRole.STUDENT:
            require_confirmation(request)
        return User.objects.create_user(
            values["email"],
            values["password1"] if values["set_usable_password"] else None,
            by=self.actor(request),
            display_name=values["display_name"],
            global_role=values["global_role"],
            external_id=values["external_id"],
        )

    def edit(self, request: HttpRequest, row: User, changes: dict[str, Any]) -> User:
        if changes.keys() & GIVES_ACCESS:
            require_confirmation(request)
        many_to_many = {field.name for field in User._meta.many_to_many}
        values = {name: value for name, value in changes.items() if name not in many_to_many}
        return row.edit(self.actor(request), shown=_who_was_shown(request, changes), **values)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write groups only by the verb: Django would overwrite concurrent changes."""
        if "groups" in form.changed_data:
            form.instance.change_groups(self.actor(request), *form.ticks("groups"))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        if self.has_change_permission(request, self.get_object(request, unquote(id))):
            require_confirmation(request)  # for the page too, so that no password is stored while the user confirms
        page = copy(self)  # a copy, because one ModelAdmin serves every thread
        page.change_password_form = partial(PasswordForm, by=self.actor(request))
        try:
            return auth_admin.UserAdmin.user_change_password(page, request, id, form_url)
        except DomainError as refusal:  # the person gained rights while the form was checked
            self.message_user(request, refusal.message, messages.ERROR)
            return redirect(admin_url(User, "change", id))

    def has_confirm_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    @admin.action(description="Confirm the e-mail address: it is the person’s own", permissions=["confirm"])
    def confirm_address(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """For people with rights: only then is a link for a new password mailed there."""
        require_confirmation(request)
        people = list(queryset)
        addresses = dict(value.split(" ", 1) for value in request.POST.getlist("shown") if " " in value)

        def confirm(person: User) -> int:
            was_confirmed = person.is_address_confirmed
            confirmed = person.confirm_address(self.actor(request), addresses.get(person.pk, ""))
            return int(confirmed.is_address_confirmed and not was_confirmed)

        self.each(request, people, confirm, "confirmed", of=len(people))

    def shown_values(self, action: str, rows: Sequence[User]) -> list[str]:
        """The addresses that a superuser confirms."""
        return [f"{person.pk} {person.email}" for person in rows] if action == "confirm_address" else []

    def import_view(self, request: HttpRequest) -> Any:
        if self.has_import_permission(request):
            require_confirmation(request)  # a file may give roles
        return super().import_view(request)

    def import_choices(self, request: HttpRequest) -> dict[str, Any]:
        return {"roles": _roles_to_give(request)}

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        if (request.GET.get("app_label"), request.GET.get("field_name")) in FIELDS_OF_TEACHERS:
            queryset = queryset.exclude(global_role=User.GlobalRole.STUDENT)
        return super().get_search_results(request, queryset, search_term)


def _who_was_shown(request: HttpRequest, changes: Mapping[str, Any]) -> dict[str, str]:
    """Name and address of the person that the form showed, if it gives rights that only superusers give."""
    gives_rights = changes.keys() & set(GIVEN_BY_SUPERUSERS) or changes.get("global_role") == User.GlobalRole.ADMIN
    return {name: request.POST.get(f"initial-{name}", "") for name in SHOWN} if gives_rights else {}


def _roles_to_give(request: HttpRequest) -> list[User.GlobalRole]:
    """Only superusers may give the ADMIN role."""
    return [role for role in User.GlobalRole if role != User.GlobalRole.ADMIN or is_superuser(request)]
