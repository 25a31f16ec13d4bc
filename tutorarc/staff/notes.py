"""Notes of staff on the page of a person: a tab with those that there are, and forms to add and delete them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminTextareaWidget

from tutorarc.domain.errors import DomainError
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import Note, User
from tutorarc.models.note import MAX_LENGTH
from tutorarc.staff.forms import explain, may_be_key
from tutorarc.staff.inlines import RecordInline, register_inlines
from tutorarc.staff.page_links import admin_url, link

SEE, WRITE = "tutorarc.view_user", "tutorarc.change_user"
TEXT = forms.CharField(max_length=MAX_LENGTH)
DELETE_FORM = "delete-note"


class NotesOnPerson(RecordInline):
    """Newest first. Who may change people adds notes."""

    model = Note
    fk_name = "person"
    fields = ("note", "by", "created_at", "delete")
    ordering = ("-pk",)
    verbose_name, verbose_name_plural = "note", "notes"
    template = "tutorarc/staff/notes.html"
    form_template = "tutorarc/staff/notes_forms.html"
    place = 9  # the last tab
    reader: User  # an inline is created for each request

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(SEE) or request.user.has_perm(WRITE)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Note]:
        self.reader = signed_in_user(request)
        return super().get_queryset(request).select_related("author")

    @property
    def may_add(self) -> bool:
        return self.reader.has_perm(WRITE)

    @property
    def field(self) -> SafeString:
        attributes = {"form": "add-note", "id": "new-note", "maxlength": MAX_LENGTH, "rows": 3, "required": True}
        return UnfoldAdminTextareaWidget(attributes).render("note", "")

    @admin.display(description="note")
    def note(self, note: Note) -> SafeString:
        return format_html('<div class="note-text" dir="auto">{}</div>', note.text)

    @admin.display(description="by")
    def by(self, note: Note) -> SafeString:
        return link(note.author, note.author.display_name)

    @admin.display(description="delete")
    def delete(self, note: Note) -> SafeString:
        if note.author_id != self.reader.pk or not self.may_add:
            return SafeString()
        address = reverse("admin:tutorarc_user_delete_note", args=[note.person_id, note.pk])
        button = '<button form="{}" formaction="{}" class="text-link underline cursor-pointer">Delete</button>'
        return format_html(button, DELETE_FORM, address)


class NotesPages:
    """Mixin of the admin page of people: what the forms of the tab are sent to."""

    def get_urls(self: Any) -> list[Any]:
        own = [
            ("<str:user_id>/notes/", self.add_note_view, "tutorarc_user_add_note"),
            ("<str:user_id>/notes/<int:pk>/delete/", self.delete_note_view, "tutorarc_user_delete_note"),
        ]
        pages = [path(route, self.admin_site.admin_view(require_POST(view)), name=name) for route, view, name in own]
        return [*pages, *super().get_urls()]  # type: ignore[misc]

    def add_note_view(self: Any, request: HttpRequest, user_id: str) -> HttpResponse:
        person = _person(request, user_id)
        try:
            text = TEXT.clean(request.POST.get("note", "").replace("\r\n", "\n"))
            Note.objects.add(person, text, self.actor(request))
            self.message_user(request, "Note added.", messages.SUCCESS)
        except (DomainError, ValidationError) as refusal:
            self.message_user(request, f"The note was not added: {' '.join(explain(refusal))}", messages.ERROR)
        return _tab_of(person)

    def delete_note_view(self: Any, request: HttpRequest, user_id: str, pk: int) -> HttpResponse:
        person = _person(request, user_id)
        if not may_be_key(Note, pk) or not person.notes.filter(pk=pk).exists():
            raise Http404
        try:
            Note.objects.remove(pk, self.actor(request))
            self.message_user(request, "Note deleted.", messages.SUCCESS)
        except DomainError as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
        return _tab_of(person)


def _person(request: HttpRequest, user_id: str) -> User:
    """Raises PermissionDenied and Http404."""
    if not request.user.has_perm(WRITE):
        raise PermissionDenied
    person = User.objects.filter(pk=user_id).first() if may_be_key(User, user_id) else None
    if person is None:
        raise Http404
    return person


def _tab_of(person: User) -> HttpResponse:
    return redirect(admin_url(User, "change", person.pk) + "#notes")


register_inlines(User, NotesOnPerson)
