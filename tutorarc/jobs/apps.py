from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "tutorarc.jobs"
    verbose_name = "Background work"

    def ready(self) -> None:
        consumers = import_module("tutorarc.jobs.consumers")
        import_module("tutorarc.jobs.personal_data")
        autodiscover_modules("jobs")  # the module `jobs` of each app registers its kinds of work
        post_migrate.connect(consumers.add_consumers, sender=self)
