from importlib import import_module

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "tutorarc.webhooks"
    label = "webhooks"
    verbose_name = "Webhooks"

    def ready(self) -> None:
        import_module("tutorarc.webhooks.metrics")
        import_module("tutorarc.webhooks.personal_data")
        import_module("tutorarc.webhooks.receivers")
        import_module("tutorarc.webhooks.erasure")
