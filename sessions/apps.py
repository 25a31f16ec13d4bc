from importlib import import_module

from django.apps import AppConfig


class LiveSessionsConfig(AppConfig):
    name = "sessions"
    label = "live_sessions"  # "sessions" is taken by django.contrib.sessions
    verbose_name = "Live sessions"

    def ready(self) -> None:
        import_module("sessions.calendars.parts")
        import_module("sessions.cards")
        import_module("sessions.class_parts")
        import_module("sessions.home_parts")
        import_module("sessions.feed")
        import_module("sessions.metrics")
        import_module("sessions.notices")
        import_module("sessions.personal_data")
        import_module("sessions.receivers")
        import_module("sessions.reminders")
        import_module("sessions.erasure")
