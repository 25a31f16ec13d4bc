"""Classes in the admin site. Status and code are changed by actions."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from classes.class_import import CLASSES
from classes.history import CLASS_HISTORY
from classes.models import SETTINGS, Class
from classes.roles import MembershipStatus
from classes.staff_filters import WithoutTeacher
from tutorarc.imports import arrange
from tutorarc.imports.kinds import register_planner
from tutorarc.imports.upload_page import FileImport
from tutorarc.models import User
from tutorarc.staff.background_actions import BackgroundActions
from tutorarc.staff.base import Autocomplete, AutocompleteSelectFilter, ChoicesRadioFilter, RecordAdmin, label, widgets
from tutorarc.staff.history_registry import register_history
from tutorarc.staff.page_links import person_link

register_history(CLASS_HISTORY)
register_planner(arrange.CLASSES, CLASSES)


TEACHERS_NAMED = 3


class TextAreaField(forms.CharField):
    """Text in a textarea. Browsers send line ends as CR LF, which is not counted as a change."""

    widget = widgets.UnfoldAdminTextareaWidget

    def to_python(self, value: Any) -> Any:
        return (super().to_python(value) or "").replace("\r\n", "\n")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


class ClassForm(forms.ModelForm[Class]):
    description = TextAreaField(max_length=10_000, required=False)

    class Meta:
        model = Class
        fields = ("title", "description", *SETTINGS)
        labels = {"time_zone": "Time zone"}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "code_mode" in self.fields:
            self.fields["code_mode"].required = False

    def clean_code_mode(self) -> str:
        """A form without it leaves it as it is."""
        return self.cleaned_data["code_mode"] or self.instance.code_mode


class NewClassForm(ClassForm):
    first_teacher = forms.ModelChoiceField(
        User.objects.filter(is_active=True).exclude(global_role=User.GlobalRole.STUDENT),
        required=False,
        widget=Autocomplete(Class._meta.get_field("created_by"), admin.site),
        help_text="An active person whose global role is Teacher or Admin. Leave empty to choose yourself.",
        error_messages={"invalid_choice": "Choose an active person whose global role is Teacher or Admin."},
    )


@admin.register(Class)
class ClassAdmin(BackgroundActions, FileImport, RecordAdmin):
    import_kind = "classes"
    csv_columns = (
        "id",
        "class_code",
        "title",
        "description",
        "status",
        ("created_by", lambda klass: klass.created_by.email),
        "created_at",
        "updated_at",
    )
    form = ClassForm
    add_form = NewClassForm
    list_display = ("title", "class_code", "state", "teachers", "members", "pending", "created_at")
    list_filter = (("status", ChoicesRadioFilter), ("created_by", AutocompleteSelectFilter), WithoutTeacher)
    saved_filters = (("Classes without a teacher", "no_teacher=yes"),)
    list_select_related = ("created_by",)
    search_fields = ("title", "class_code", "created_by__email", "created_by__display_name")
    search_help_text = "Title, code, id or creator"
    ordering = ("-id",)
    unique_values = (("created_by", "external_id"),)
    details = ("id", "class_code", "state", "creator", "people", "created_at", "updated_at")
    only_for_editors = frozenset({"room_url"})
    fieldsets = ((None, {"fields": ClassForm.Meta.fields}), ("Record", {"fields": details}))
    add_fieldsets = ((None, {"fields": ("title", "description", "first_teacher")}),)
    actions = ("archive", "unarchive", "renew_code")
    asks_first = ("renew_code",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.is_archived)

    def with_columns(self, rows: QuerySet[Class]) -> QuerySet[Class]:
        memberships: Any = Class._meta.get_field("memberships").related_model
        teachers = memberships.objects.teachers().select_related("user").order_by("pk")
        counted = rows.annotate(
            members=Count("memberships", filter=Q(memberships__status=MembershipStatus.APPROVED)),
            pending=Count("memberships", filter=Q(memberships__status=MembershipStatus.PENDING)),
        )
        return counted.prefetch_related(Prefetch("memberships", teachers, to_attr="teachers"))

    @admin.display
    def teachers(self, klass: Any) -> str:
        names = [(member.user.display_name,) for member in klass.teachers]
        named = format_html_join(", ", "<bdi>{}</bdi>", names[:TEACHERS_NAMED])
        unseen = len(names[TEACHERS_NAMED:])
        return format_html("{} and {} more", named, unseen) if unseen else named

    @admin.display
    def members(self, klass: Any) -> str:
        return f"{klass.members:,}"

    @admin.display
    def pending(self, klass: Any) -> str:
        return f"{klass.pending:,}"

    def offered(self, request: HttpRequest, row: Class) -> tuple[str, ...]:
        return ("unarchive",) if row.is_archived else ("archive", "renew_code")

    @admin.display(description="status", ordering="status")
    def state(self, klass: Class) -> SafeString:
        return label(klass.status)

    @admin.display(description="created by", ordering="created_by__display_name")
    def creator(self, klass: Class) -> SafeString:
        return person_link(klass.created_by)

    @admin.display(description="members")
    def people(self, klass: Class) -> SafeString:
        address = reverse("admin:members_membership_changelist")
        return format_html(
            '<a class="text-link underline" href="{}?klass__id__exact={}">Members of this class</a>', address, klass.pk
        )

    def create(self, request: HttpRequest, values: dict[str, Any]) -> Class:
        if values["first_teacher"]:
            values["first_teacher"].refuse_teacher_role(self.actor(request))
        return Class.objects.create_with_teacher(
            self.actor(request),
            title=values["title"],
            description=values["description"],
            teacher=values["first_teacher"],
        )

    def edit(self, request: HttpRequest, row: Class, changes: dict[str, Any]) -> Class:
        settings = {name: changes.pop(name) for name in changes.keys() & SETTINGS}
        klass = row.edit(self.actor(request), **changes)
        return klass.change_settings(self.actor(request), **settings) if settings else klass

    @admin.action(description="Archive", permissions=["change"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Class]) -> None:
        self._apply(request, queryset, Class.archive, "archived")

    @admin.action(description="Unarchive", permissions=["change"])
    def unarchive(self, request: HttpRequest, queryset: QuerySet[Class]) -> None:
        self._apply(request, queryset, Class.unarchive, "unarchived")

    @admin.action(description="New class code: the old one stops working at once", permissions=["change"])
    def renew_code(self, request: HttpRequest, queryset: QuerySet[Class]) -> None:
        self._apply(request, queryset, Class.renew_code, "given a new code")

    def _apply(self, request: HttpRequest, queryset: QuerySet[Class], verb: Any, done: str) -> None:
        classes = list(queryset)

        def changed(klass: Class) -> bool:
            after = verb(klass, self.actor(request))
            return (after.status, after.class_code) != (klass.status, klass.class_code)

        self.each(request, classes, changed, done, of=len(classes))
