"""The fields of a class, and the properties that are computed from them."""

from datetime import datetime
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from classes.code_notice import CodeNotice
from tutorarc.db.ids import IdDateTimeField, TypeIDField
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.folded_fields import FoldedField
from tutorarc.domain.text_fields import ExternalIdField, HttpsAddressField, LineField, ProseField, TimeZoneField
from tutorarc.domain.web_addresses import MAX_LENGTH as MAX_URL_LENGTH
from tutorarc.models import User

MAX_CAPACITY = 100_000


class ClassFields(ChangedByVerbs):
    """Base of `Class`, which adds constraints, indexes and the verbs."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE"
        ARCHIVED = "ARCHIVED"

    class CodeMode(models.TextChoices):
        """What happens when somebody asks to join with the class code."""

        APPROVAL = "APPROVAL", "A teacher approves each request"
        OPEN = "OPEN", "Everybody comes in as long as there are free seats"
        CLOSED = "CLOSED", "Nobody can ask to join"

    id = TypeIDField("cls", primary_key=True)
    title = LineField(max_length=200)
    description = ProseField(max_length=10_000, blank=True, default="")
    folded_title = FoldedField("title")
    folded_description = FoldedField("description", max_length=10_000)
    title_key = FoldedField("title", numbers=True)
    class_code = models.CharField(max_length=13, editable=False)
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE, editable=False)
    room_url = HttpsAddressField(
        "room link",
        max_length=MAX_URL_LENGTH,
        null=True,
        blank=True,
        help_text="Where its lessons take place, such as a Zoom or Meet link: an address that starts with https://.",
    )
    time_zone = TimeZoneField(
        null=True,
        without="The time zone of the person who plans",
        help_text="In which its lessons are planned, and its series repeat.",
    )
    capacity = models.IntegerField(
        "seats",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_CAPACITY)],
        help_text="How many students can be in it. Without a number there is no limit.",
    )
    code_mode = models.CharField(
        "joining by code",
        max_length=8,
        choices=CodeMode,
        default=CodeMode.APPROVAL,
        db_default=CodeMode.APPROVAL,
        help_text="What happens when a student asks to join with the class code.",
    )
    code_expires_at = models.DateTimeField(
        "code expires", null=True, blank=True, help_text="Until when students can ask to join with the class code."
    )
    external_id = ExternalIdField(help_text="Its id in another system, such as the school’s.")
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="classes_created", db_index=False, editable=False
    )
    created_at = IdDateTimeField()
    updated_at = IdDateTimeField()
    my_role: str | None = None  # set by `with_role_of`
    my_status: str | None = None
    is_code_hidden: bool = False  # set by `visible_to`

    class Meta:
        abstract = True

    def as_shown(self) -> dict[str, Any]:
        """The class as the API shows it."""
        return {
            "id": self.pk,
            "title": self.title,
            "description": self.description,
            "class_code": self.shown_code,
            "status": self.status,
            "is_archived": self.is_archived,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }

    @property
    def shown_code(self) -> str:
        """The class code; empty for a person who may see the class in a list but is not a member of it."""
        return "" if self.is_code_hidden else self.class_code

    @property
    def code_prefix(self) -> str:
        return self.class_code.partition("-")[0]

    def guessed_at(self) -> datetime | None:
        """When many wrong codes with the prefix of this class's code were tried, if that was in the last day."""
        notices = CodeNotice.objects.recent().filter(prefix=self.code_prefix)
        return notices.values_list("noticed_at", flat=True).first()

    @property
    def is_code_usable(self) -> bool:
        """Whether somebody with the class code can ask to join."""
        is_closed = self.is_archived or self.code_mode == self.CodeMode.CLOSED
        return not (is_closed or self.is_code_expired)

    @property
    def is_code_expired(self) -> bool:
        return self.code_expires_at is not None and self.code_expires_at <= timezone.now()

    @property
    def is_archived(self) -> bool:
        return self.status == self.Status.ARCHIVED
