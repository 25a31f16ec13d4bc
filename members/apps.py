from importlib import import_module

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "Members"

    def ready(self) -> None:
        import_module("members.cards")
        import_module("members.home_parts")
        import_module("members.feed")
        import_module("members.metrics")
        import_module("members.personal_data")
        import_module("members.receivers")
        import_module("members.erasure")
        import_module("members.notices")
