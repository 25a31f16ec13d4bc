"""What people choose for themselves, without an event."""

from django.db import models

REMINDER_HOURS = (48, 24, 3, 1)  # how long before a lesson somebody can be reminded


class Preferences(models.Model):
    """Part of the user model."""

    reminder_hours = models.PositiveSmallIntegerField(default=24, db_default=24, editable=False)

    class Meta:
        abstract = True

    def choose_reminder(self, hours: int) -> None:
        """How long before a lesson this person is reminded: one of REMINDER_HOURS."""
        type(self)._base_manager.filter(pk=self.pk).update(reminder_hours=hours)
        self.reminder_hours = hours
