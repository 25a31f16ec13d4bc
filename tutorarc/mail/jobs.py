"""Registers the jobs and the event consumer of this package: the worker looks for this module."""

from tutorarc.mail import data_export_mail, erasing, event_notices, notices, outgoing, password_mail

__all__ = ["data_export_mail", "erasing", "event_notices", "notices", "outgoing", "password_mail"]
