from django.apps import AppConfig


class LiveSessionsConfig(AppConfig):
    name = "sessions"
    label = "live_sessions"  # "sessions" is taken by django.contrib.sessions
    verbose_name = "Live sessions"
