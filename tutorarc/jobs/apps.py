from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "tutorarc.jobs"
    verbose_name = "Background work"

    def ready(self) -> None:
        autodiscover_modules("jobs")  # the module `jobs` of each app registers its kinds of work
