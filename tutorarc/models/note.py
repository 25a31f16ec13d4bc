"""What staff note about a person, for staff alone (docs/staff.md). No API, event, webhook or export has the text."""

from django.db import models, transaction
from django.utils import timezone

from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor, record
from tutorarc.domain.text_fields import ProseField, cleaned
from tutorarc.models.user import User

MAX_LENGTH = 2_000


class NoteQuerySet(models.QuerySet["Note"]):
    @transaction.atomic
    def add(self, person: User, text: str, by: Actor) -> "Note":
        """Write a note. The history of the person says that there is one.

        Raises User.Deleted, and ValidationError for characters that no text has.
        """
        person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if person.is_deleted:
            raise User.Deleted()
        note = self.create(person=person, author=by.person, **cleaned(Note, {"text": text}))
        record([person], by, verb="add_note")
        return note

    @transaction.atomic
    def remove(self, pk: int, by: Actor) -> None:
        """Delete a note of one's own. Raises Note.DoesNotExist and Note.OfSomebodyElse."""
        note = self.select_related("person").select_for_update(of=("self",)).get(pk=pk)
        if note.author_id != by.person.pk:
            raise Note.OfSomebodyElse()
        note.delete()
        record([note.person], by, verb="delete_note")


class Note(models.Model):
    class OfSomebodyElse(Conflict):
        reason = "note_of_somebody_else"
        message = "Only who wrote a note can delete it."

    person = models.ForeignKey(User, models.PROTECT, related_name="notes", db_index=False)
    author = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    text = ProseField(max_length=MAX_LENGTH)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = NoteQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["person", "id"], name="notes_on_a_person")]

    def __str__(self) -> str:
        return f"Note {self.pk}"
