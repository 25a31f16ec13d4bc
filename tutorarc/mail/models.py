"""Notices that wait for their mail, and the kinds of notices that people don't want."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from tutorarc.models import Event, User


def _person() -> Any:
    """A reference without constraint, so that an insert locks no row: people are never deleted."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )


class NoticeQuerySet(models.QuerySet["Notice"]):
    def add_wanted(self, notices: "Sequence[Notice]") -> "list[Notice]":
        """Insert the notices that people want, and return them. Those that exist stay as they are."""
        people = {notice.user_id for notice in notices}
        unwanted = set(UnwantedKind.objects.filter(user__in=people).values_list("user_id", "kind"))
        about = {notice.about for notice in notices}
        existing = set(self.filter(user__in=people, about__in=about).values_list("user_id", "kind", "about"))
        new = [
            notice
            for notice in notices
            if (notice.user_id, notice.kind) not in unwanted
            and (notice.user_id, notice.kind, notice.about) not in existing
        ]
        return self.bulk_create(new, ignore_conflicts=True)  # another worker may write them at the same time

    def next_mail(self, user_id: str, kind: str) -> "list[Notice]":
        """The notices of the mail that is sent next, with their events, in order. Empty if there is nothing to tell.

        Notices get the id of their mail before it is sent. So a mail that was perhaps handed over when a worker was
        killed is sent again with the same notices, and newer ones go into another mail.
        """
        untold = self.filter(user=user_id, kind=kind, told_at=None).order_by("pk")
        notices = list(untold)
        if notices and not any(notice.mail_id for notice in notices):
            untold.filter(mail_id=None).update(mail_id=uuid4())
            notices = list(untold.all())
        assigned = [notice for notice in notices if notice.mail_id]
        return _with_events([notice for notice in assigned if notice.mail_id == assigned[0].mail_id])

    def expired(self) -> "NoticeQuerySet":
        return self.filter(created_at__lt=timezone.now() - settings.KEEP_NOTICES)


class Notice(models.Model):
    """Something that a person is told by mail. Kept for some days, so that a repeated job tells nothing twice."""

    user = _person()
    kind = models.CharField(max_length=40)
    about = models.UUIDField(help_text="The event, if the kind is about events.")
    details = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    mail_id = models.UUIDField(null=True)  # of its mail, once one is to be sent
    told_at = models.DateTimeField(null=True)  # or when it was found to be no longer true, or not wanted
    event: Event | None = None  # set by `next_mail`

    objects = NoticeQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "kind", "about"], name="one_notice_of_each_event")]
        indexes = [models.Index(fields=["created_at"], name="notices_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"


def _with_events(notices: list[Notice]) -> list[Notice]:
    """The notices with their events, in the order of these."""
    events = {event_uuid(event): event for event in Event.objects.filter(pk__in=[it.about for it in notices])}
    for notice in notices:
        notice.event = events.get(notice.about)
    return sorted(notices, key=lambda notice: (notice.event and notice.event.position) or 0)


def event_uuid(event: Event) -> UUID:
    return UUID(str(Event._meta.pk.get_prep_value(event.pk)))


class UnwantedKindQuerySet(models.QuerySet["UnwantedKind"]):
    def unsubscribe(self, user_id: str, kind: str) -> None:
        self.bulk_create([UnwantedKind(user_id=user_id, kind=kind)], ignore_conflicts=True)

    @transaction.atomic
    def choose(self, user: User, wanted: Iterable[str], among: Iterable[str]) -> None:
        """Of the kinds `among`, the user wants these and no others."""
        unwanted = set(among) - set(wanted)
        self.filter(user=user, kind__in=wanted).delete()
        self.bulk_create([UnwantedKind(user=user, kind=kind) for kind in sorted(unwanted)], ignore_conflicts=True)

    def of(self, user: User) -> set[str]:
        return set(self.filter(user=user).values_list("kind", flat=True))


class UnwantedKind(models.Model):
    """A kind of notices that a person doesn't want by mail."""

    user = _person()
    kind = models.CharField(max_length=40)

    objects = UnwantedKindQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_row_per_unwanted_kind")]

    def __str__(self) -> str:
        return f"No {self.kind} for {self.user_id}"
