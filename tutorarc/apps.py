from django.apps import AppConfig


class TutorArcConfig(AppConfig):
    name = "tutorarc"
    verbose_name = "TutorArc"
